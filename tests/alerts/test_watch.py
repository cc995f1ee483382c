"""`tracklab watch`, as a user runs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.alerts.scenes import Receiver
from tests.query.files import event, row, segment
from tracklab.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.functional

#: A run that raises an alert for each line it is given.
TRAINING = """
import sys, tracklab
run = tracklab.init(project="p", id="r", name="n", dir=sys.argv[1],
                    settings={"console": "off", "save_environment": False})
for line in sys.stdin:
    run.alert(line.strip(), "more", wait_duration=0)
    print("raised", flush=True)
"""
WITHOUT_APPRISE = """
import sys
sys.modules["apprise"] = None
from tracklab.cli.main import main
main(["watch", "--dir", sys.argv[1], "--notify", "json://localhost"])
"""


class Training:
    """A training that raises alerts when it is told to."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", TRAINING, root],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def alert(self, *titles: str) -> None:
        """Raise some alerts, and return when they are written."""
        assert self.process.stdin
        assert self.process.stdout
        for title in titles:
            self.process.stdin.write(f"{title}\n")
            self.process.stdin.flush()
            assert self.process.stdout.readline() == "raised\n"

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.communicate()


def start_watch(root: Path, url: str) -> subprocess.Popen[str]:
    """Start watching, and return when it has looked for the first time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tracklab", "watch", "--dir", root],
        env={**os.environ, "TRACKLAB_NOTIFY": url}, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    line = process.stderr.readline()
    assert line.startswith("Watching all runs"), line
    return process


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds."""
    deadline_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def watch(root: Path, *options: str) -> tuple[int, str]:
    """Look once, and return the exit status and what is printed."""
    answer = CliRunner().invoke(main, ["watch", "--once", "--dir", str(root), *options])
    return answer.exit_code, answer.output


@pytest.fixture
def told(root: Path) -> Path:
    """Return a root with a run that raised two alerts and has ended."""
    alerts = [
        event("tracklab.alert", "slow\x1b[31m", {"title": "slow\x1b[31m", "text": "9 s"}, seq=1),
        event("tracklab.alert", "nan", {"title": "nan"}, seq=2, level="ERROR"),
        event("tracklab.lifecycle", "finish", {"exit_code": 0}, seq=3),
    ]
    segment(root / "demo/r", alerts, stream="events")
    return root


def test_nothing_is_lost_when_everything_fails_once(root: Path) -> None:
    """The service, the watcher and the run: each alert comes, and the crash once.

    Meanwhile no second watcher tells the same service of the same runs.
    """
    with Receiver(503) as receiver:
        training = Training(root)
        training.alert("before")
        url = f"json://user:hunter22@{receiver.address}/"
        first = start_watch(root, url)
        training.alert("one", "two")
        wait_until(lambda: len(receiver.received) >= 2)
        first.kill()
        training.alert("three")
        training.kill()
        second = start_watch(root, url)
        wait_until(lambda: any("crashed" in title for title in receiver.titles))
        status, refusal = watch(root, "--notify", url)
        other_scope = watch(root, "q", "--notify", url)
        second.terminate()
        said = "".join(process.communicate(timeout=60)[1] for process in (first, second))

    titles = list(dict.fromkeys(receiver.titles))
    assert titles == [f"[INFO] {one}" for one in ("one", "two", "three")] + [
        "[ERROR] n has crashed"
    ]
    assert len(receiver.received) <= 5  # the one in flight when it was killed may come again
    assert (status, "another `tracklab watch`" in refusal) == (1, True)
    assert (other_scope, second.returncode) == ((0, ""), 0)
    assert "Service 1 (json) could not be told" in said
    assert "hunter22" not in said


def test_a_signal_ends_it_although_a_service_never_answers(told: Path) -> None:
    """With status 0, and how far it had come is written."""
    with socket.create_server(("127.0.0.1", 0)) as service:
        service.settimeout(60)
        url = f"json://127.0.0.1:{service.getsockname()[1]}?rto=600"
        command = [sys.executable, "-m", "tracklab", "watch", "--dir", str(told), "--from-start"]
        with subprocess.Popen(
            command, env={**os.environ, "TRACKLAB_NOTIFY": url}, stderr=subprocess.PIPE
        ) as process:
            connection = service.accept()[0]
            process.terminate()
            try:
                assert process.wait(timeout=60) == 0
            finally:
                process.kill()
                connection.close()
    assert list((told / ".tracklab/alerts").glob("service-*.json"))


def test_without_a_target_it_prints(told: Path) -> None:
    """For people, without control characters, or for programs; nothing is kept."""
    status, shown = watch(told, "--from-start")
    assert (status, shown.splitlines()) == (0, [
        "2026-11-20 17:40:00 INFO     demo/r slow\ufffd[31m: 9 s",
        "2026-11-20 17:40:00 ERROR    demo/r nan",
    ])  # fmt: skip
    lines = watch(told, "--since", "2026-11-20", "--level", "error", "--json")[1].splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["nan"]
    assert watch(told, "other", "--from-start")[1] == ""
    assert watch(told)[1] == ""
    assert not (told / ".tracklab").exists()


def test_rules_are_told_of_as_alerts_are(told: Path, tmp_path: Path) -> None:
    """The rows of runs are looked at only for them."""
    (tmp_path / "rules.yaml").write_text("rules: [{name: high, key: loss, when: '> 3'}]")
    segment(told / "demo/r", [row(n, n, {"loss": n}) for n in range(1, 6)])
    options = ("--from-start", "--rules", str(tmp_path / "rules.yaml"), "--level", "warning")
    assert watch(told, *options)[1].splitlines() == [
        "2026-11-20 17:40:00 ERROR    demo/r nan",
        "2026-11-20 17:40:04 WARNING  demo/r high: loss is 4 at step 4",
    ]


def test_a_command_is_told_once(told: Path, tmp_path: Path) -> None:
    """Also where runs cannot be written; what it does not take is tried again the next time."""
    (tmp_path / "tell.sh").write_text('echo "$TRACKLAB_ALERT_TITLE" >> told; test -e well')
    told.chmod(0o555)
    elsewhere = {"TRACKLAB_INDEX_DIR": str(tmp_path / "index")}
    options = [
        "--from-start",
        "--command",
        f"sh -c 'cd {tmp_path}; . ./tell.sh'",
        "--level",
        "error",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(*elsewhere.popitem())
        first = watch(told, *options)
        (tmp_path / "well").touch()
        others = [watch(told, *options), watch(told, *options)]
    assert (first[0], "it ended with 1" in first[1]) == (1, True)
    assert others == [(0, ""), (0, "")]
    assert (tmp_path / "told").read_text() == "nan\nnan\n"
    assert list(told.iterdir()) == [told / "demo"]


def test_a_missing_package_is_named_before_anything_starts(root: Path) -> None:
    """With what to install."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_APPRISE, root], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'tracklab-local[notify]'" in done.stderr


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (["--on", "failed,exploded"], 2, "'exploded' is none"),
        (["--since", "yesterday"], 2, "is no time"),
        (["--notify", "nosuch://tok3n"], 1, "service 1 (nosuch)"),
        (["--command", "echo '"], 1, "cannot be split"),
        (["--rules", "not-there.yaml"], 1, "The file of rules cannot be used"),
    ],
)
def test_a_mistake_is_one_sentence(told: Path, options: list[str], status: int, why: str) -> None:
    """It says what to write."""
    code, said = watch(told, *options)
    assert (code, why in said, "tok3n" in said) == (status, True, False)


def test_addresses_come_from_the_settings_file(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several, one below the other; the environment wins."""
    monkeypatch.chdir(tmp_path)
    with Receiver() as one, Receiver() as other:
        (tmp_path / "tracklab.yaml").write_text(
            f"notify: |\n  json://{one.address}/a\n  json://{other.address}/b\n"
        )
        assert watch(told, "--from-start") == (0, "")
        monkeypatch.setenv("TRACKLAB_NOTIFY", f"json://{other.address}/c")
        assert watch(told, "--from-start") == (0, "")
    assert (len(one.received), len(other.received)) == (2, 4)
