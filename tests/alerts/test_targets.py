"""Programs and services take what they are told, or say why not, and no secret gets out."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from tests.alerts.scenes import Receiver
from tracklab.alerts.notices import Notice
from tracklab.alerts.services import Service
from tracklab.alerts.targets import Command
from tracklab.errors import UsageError

pytestmark = pytest.mark.functional

ROOT = Path(__file__).resolve().parents[2]

NOTICE = Notice(
    "alert", "p/r", "n", "WARNING", "loss; $(touch x) `touch x` 'é\n", "it is nan",
    "2026-11-20T17:40:00.000000Z", "host",
)  # fmt: skip
PROGRAM = """
import json, os, sys
given = {name: os.environ.get(name) for name in
         ("TRACKLAB_ALERT_KIND", "TRACKLAB_ALERT_RUN", "TRACKLAB_ALERT_NAME",
          "TRACKLAB_ALERT_LEVEL", "TRACKLAB_ALERT_TITLE", "TRACKLAB_NOTIFY")}
json.dump([json.load(sys.stdin), given, sys.argv[1:]], open("given.json", "w"))
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory of our own, in which addresses of services are set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKLAB_NOTIFY", "json://secret.example")
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def test_a_command_gets_the_alert_and_no_shell_sees_it(here: Path) -> None:
    """As JSON and in variables; arguments stay as they are, and secrets are not inherited."""
    command = Command(f"{sys.executable} program.py 'two words' '$HOME;ls'")
    assert command.send(NOTICE) is None
    notice, variables, arguments = orjson.loads((here / "given.json").read_bytes())
    assert (notice["title"], notice["text"]) == (NOTICE.title, "it is nan")
    assert list(variables.values()) == ["alert", "p/r", "n", "WARNING", NOTICE.title, None]
    assert arguments == ["two words", "$HOME;ls"]
    assert not (here / "x").exists()


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("false", "it ended with 1"),
        ("true", None),
        ("./not-there", "it cannot be started (No such file or directory)"),
    ],
)
def test_a_command_that_does_not_end_well_has_taken_nothing(
    command: str, fault: str | None
) -> None:
    """One that does not read what it is given may end well."""
    assert Command(command).send(NOTICE) == fault


def test_a_command_that_takes_too_long_is_killed_with_its_children(here: Path) -> None:
    """And counts as one that has failed."""
    (here / "slow.sh").write_text("sleep 600 & echo $! > pid; sleep 600")
    assert Command("bash slow.sh", limit_s=0.5).send(NOTICE) == "it took longer than 0.5 s"
    if not (here / "pid").exists():
        return  # so late that it had not even begun
    pid = int((here / "pid").read_text())
    deadline_s = time.monotonic() + 30
    while is_alive(pid) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


@pytest.mark.parametrize("command", ["", "  ", "echo 'open"])
def test_a_command_that_is_none_is_refused(command: str) -> None:
    """Before anything starts."""
    with pytest.raises(UsageError, match="command"):
        Command(command)


def test_a_command_gets_titles_in_utf_8_whatever_the_locale_is(here: Path) -> None:
    """Cron and services have a locale of their own; no letter ends the watcher."""
    program = (
        "from tracklab.alerts.targets import Command; from dataclasses import replace;"
        "from tests.alerts.test_targets import NOTICE;"
        "print(Command('sh -c \\'printenv TRACKLAB_ALERT_TITLE > title\\'').send("
        "replace(NOTICE, title='\\N{FIRE}')))"
    )
    environment = os.environ | {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"None\n", b"")
    assert (here / "title").read_bytes() == "\N{FIRE}\n".encode()


def test_a_service_gets_title_text_and_run() -> None:
    """Its kind says how grave it is."""
    with Receiver() as receiver:
        assert Service(f"json://{receiver.address}", number=1).send(NOTICE) is None
    received = receiver.received[0]
    assert received["title"] == "[WARNING] loss; $(touch x) `touch x` 'é"
    assert (received["message"], received["type"]) == ("it is nan\nn (p/r) on host", "warning")


def test_a_service_that_refuses_says_why_without_secrets(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither its answer nor a log nor a message of ours holds a part of its address."""
    caplog.set_level(logging.DEBUG)
    secrets = ("hunter22", "Path5ecret", "Query5ecret", "us3r")
    with Receiver(503, 302) as receiver:
        url = f"json://us3r:hunter22@{receiver.address}/Path5ecret?-key=Query5ecret"
        service = Service(url, number=2)
        faults = [service.send(NOTICE), service.send(NOTICE)]
    faults.append(service.send(NOTICE))
    assert "error=503" in str(faults[0])
    assert None not in faults
    printed = "".join([*map(str, faults), service.label, caplog.text, *capsys.readouterr()])
    assert [secret for secret in secrets if secret in printed] == []
    assert service.label == "Service 2 (json)"


@pytest.mark.parametrize("url", ["nosuch://tok3n@host", "tok3n", "json://", "slack://tok3n"])
def test_an_address_that_cannot_be_used_is_refused_unseen(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message does not repeat it."""
    with pytest.raises(UsageError, match="cannot be used") as refused:
        Service(url, number=1)
    assert "tok3n" not in "".join([str(refused.value), *capsys.readouterr()])
