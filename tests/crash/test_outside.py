"""Nothing leaves the machine, and nothing that was not logged enters the files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.needs import needs_network_namespace, needs_strace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

PROGRAM = """
import os, sys, tracklab
with tracklab.init(project="p", id="r", dir=sys.argv[1], config={"lr": 0.1}) as run:
    run.log({"loss": 0.5})
    with tracklab.checkpoint(run.dir, step=0):
        pass
    with tracklab.llm_call(model="m", provider="p"):
        pass
    tracklab.alert("done")
"""
SERVING = (
    PROGRAM
    + """
import fcntl, http.client, socket, struct, subprocess, time
with socket.socket() as link:  # a new network has its loopback switched off
    name = struct.pack("16sh", b"lo", 1)
    fcntl.ioctl(link, 0x8914, name)  # SIOCSIFFLAGS, IFF_UP
command = [sys.executable, "-m", "tracklab.ui.backend.app", "--data-dir", sys.argv[1]]
server = subprocess.Popen([*command, "--port", "8123"], stdout=subprocess.DEVNULL)
deadline = time.monotonic() + 20
while True:
    try:
        asked = http.client.HTTPConnection("127.0.0.1", 8123, timeout=5)
        asked.request("GET", "/api/projects")
        print(asked.getresponse().status)
        break
    except OSError:
        assert time.monotonic() < deadline and server.poll() is None
        time.sleep(0.05)
server.terminate()
server.wait(10)
"""
)
_ADDRESS = re.compile(r"sin6?_addr=inet_(?:addr|pton)\((?:AF_INET6, )?\"([^\"]+)\"")


@needs_network_namespace
@needs_strace
def test_no_call_reaches_for_another_machine(tmp_path: Path) -> None:
    """A training and a server, where there is nothing but loopback: no other address is tried."""
    trace = tmp_path / "trace"
    done = subprocess.run(
        ["unshare", "--net", "strace", "-f", "-qq", "-o", trace, "-e", "trace=%network",
         sys.executable, "-c", SERVING, tmp_path / "runs"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr
    addresses = set(_ADDRESS.findall(trace.read_text(errors="replace")))
    assert addresses == {"127.0.0.1"}


def test_planted_secrets_are_in_no_file(tmp_path: Path) -> None:
    """Neither the environment nor an argument that is named like a secret is recorded."""
    secrets = [f"pl4nted{n}" for n in range(5)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path, f"--api-key={secrets[0]}", "--token", secrets[1],
         f"PASSWORD={secrets[2]}"],
        env={**os.environ, "OPENAI_API_KEY": secrets[3], "DATABASE_URL": f"pg://u:{secrets[4]}@h/d"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        content = path.read_bytes()
        assert [secret for secret in secrets if secret.encode() in content] == [], path
