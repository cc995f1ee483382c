"""Starting the server as a user does: where it listens, what it says, why it does not start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tracklab.server.listen import own_names, reaches_others
from tracklab.server.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.functional

STARTED = re.compile(r"at (\S+)")


@contextmanager
def started(*arguments: str, **env: str) -> Iterator[tuple[str, list[str]]]:
    """Start the server; yield what it said it is reached at, and all lines up to there."""
    command = [sys.executable, "-m", "tracklab.ui.backend.app", *arguments]
    with subprocess.Popen(
        command, env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            while not (said and STARTED.fullmatch(said[-1])):
                line = process.stdout.readline()
                assert line, said
                said.append(line.strip())
            yield said[-1].removeprefix("at "), said
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def fails(*arguments: str, **env: str) -> str:
    """Start the server, which refuses; return what it says."""
    command = [sys.executable, "-m", "tracklab.ui.backend.app", *arguments]
    ended = subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_the_old_module_starts_the_server(root: Path) -> None:
    """It listens on loopback, lets its own account in, and ends with Ctrl-C as asked."""
    with started("--data-dir", str(root), "--port", "0") as (url, _):
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}api/self").json()["root"] == str(root)
        assert "server" not in httpx.get(url).headers


def test_environment_names_directory_port_and_second_listener(root: Path) -> None:
    """A port that is taken leads to the next; the second listener serves the same."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = {"TRACKLAB_API_PORT": str(port), "TRACKLAB_WS_PORT": str(port)}
        with started(TRACKLAB_DATA_DIR=str(root), **env) as (url, said):
            first = int(url.rsplit(":", 1)[1].strip("/"))
            assert first > port
            assert said[0] == f"Port {port} is taken; using {first}."
            second = int(said[1].rpartition(" ")[2].rstrip("."))
            assert httpx.get(f"http://127.0.0.1:{second}/api/self").status_code == 200


def test_a_missing_directory_is_made_where_its_parent_is(tmp_path: Path) -> None:
    """The first start shows an empty UI instead of an error."""
    with started("--data-dir", str(tmp_path / "new"), "--port", "0") as (url, _):
        assert httpx.get(f"{url}api/runs").json()["runs"] == []
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A typing error in the path is not answered by making folders."""
    (tmp_path / "file").touch()
    assert "do not exist" in fails("--data-dir", str(tmp_path / "a" / "b"))
    assert "is a file" in fails("--data-dir", str(tmp_path / "file"))


def test_other_settings_that_cannot_be_are_told_too(root: Path) -> None:
    """Port and log level are checked before anything is opened."""
    data = ("--data-dir", str(root))
    assert "TRACKLAB_API_PORT" in fails(*data, TRACKLAB_API_PORT="http")
    assert "log level" in fails(*data, TRACKLAB_LOG_LEVEL="loud")


def test_other_machines_need_the_token_or_a_clear_word(root: Path) -> None:
    """Nobody opens their runs to a network by accident."""
    data = ("--data-dir", str(root), "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - refused
    assert "--token" in fails(*data)
    with started(*data, "--token") as (url, _):
        assert httpx.get(f"{url}api/self").status_code == 200
        port = url.rsplit(":", 1)[1].strip("/")
        address = f"http://{socket.gethostbyname(socket.gethostname())}:{port}/api/self"
        token = {"Authorization": f"Bearer {TokenFile(root).read()}"}
        assert httpx.get(address, headers={"Via": "proxy"}).status_code == 401
        assert httpx.get(address, headers={"Via": "proxy"} | token).status_code == 200


def test_the_factory_serves_without_a_flag(root: Path) -> None:
    """The factory is found by itself; requests show up in the log without their query."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tracklab.ui.backend.app:create_app",
        "--port",
        str(port),
    ]
    with subprocess.Popen(
        command, env=os.environ | {"TRACKLAB_DATA_DIR": str(root)}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        try:
            transport = httpx.HTTPTransport(retries=10)
            with httpx.Client(transport=transport) as client:
                url = f"http://127.0.0.1:{port}"
                assert client.get(f"{url}/api/runs?project=secret").status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=10)
    assert '"GET /api/runs HTTP/1.1" 200' in said
    assert "secret" not in said


@pytest.mark.parametrize("order", [signal.SIGINT, signal.SIGTERM])
def test_a_socket_file_is_for_this_account_only(root: Path, tmp_path: Path, order: int) -> None:
    """It has mode 0600, needs no token, replaces a dead server's file, and is removed."""
    path = tmp_path / "tracklab.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    call = f"serve({str(root)!r}, uds={str(path)!r})"
    code = f"from tracklab.server.run import serve; raise SystemExit({call})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != f"at {path}":
            pass
        assert path.stat().st_mode & 0o777 == 0o600
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://localhost/api/self").status_code == 200
            assert client.get("http://evil.example/api/self").status_code == 421
        process.send_signal(order)
    assert process.returncode == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("host", "others"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("127.9.9.9", False),
     ("0.0.0.0", True), ("::", True), ("192.0.2.1", True), ("gpu-04", True)],  # noqa: S104
)  # fmt: skip
def test_which_addresses_other_machines_reach(host: str, *, others: bool) -> None:
    """Only loopback is for this machine alone; only a wider door needs more names."""
    assert reaches_others(host) is others
    assert bool(own_names(host)) is others
