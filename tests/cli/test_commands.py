"""The command line as a user types it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

import tracklab as tracklab_package
from tests.query.files import event, events, rows, segment
from tracklab import __version__
from tracklab.cli import tail
from tracklab.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

START = "from tracklab.cli.main import main; main()"
FACTS = {"name": "swift-7", "start_time": "2026-11-20T17:40:00Z", "tags": ["x"]}


def tracklab(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def runs(root: Path) -> Path:
    """Write one finished and one failed run; return the data directory."""
    for name, code in (("good", 0), ("bad", 3)):
        parts: Any = [
            ("tracklab.lifecycle", "start", FACTS),
            ("tracklab.config", "config", {"values": {"lr": 0.1}}),
            ("tracklab.lifecycle", "finish", {"exit_code": code}),
        ]
        segment(root / "demo" / name, events(*parts), stream="events")
        segment(root / "demo" / name, rows(*((step, {"loss": step / 3}) for step in range(5))))
        (root / "demo" / name / "logs").mkdir()
        (root / "demo" / name / "logs" / "stdout.log").write_text("one\n10%\r100%\nopen")
    return root


def test_the_version_is_said_quickly() -> None:
    """Nothing heavy is loaded for it."""
    check = (
        "import sys; from tracklab.cli.main import main;"
        "main(['--version'], standalone_mode=False);"
        "print(sorted({'numpy', 'fastapi', 'rich', 'orjson'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == f"tracklab {__version__}\n[]\n"


def test_help_names_every_command() -> None:
    """With one line each; every command has a help of its own."""
    told = tracklab("--help").output
    for name in ("demo", "doctor", "ls", "server", "show", "tail", "ui"):
        assert f"\n  {name} " in told
        assert tracklab(name, "--help").exit_code == 0


def test_ls_lists_runs(runs: Path) -> None:
    """A table for people, filtered and with a metric."""
    told = tracklab("ls", "--dir", runs, "-m", "loss", "status = failed").output
    assert "demo/bad" in told
    assert "swift-7" in told
    assert "failed" in told
    assert "1.333" in told
    assert "demo/good" not in told


def test_ls_says_that_there_is_more_or_nothing(runs: Path) -> None:
    """A cut list does not look whole."""
    assert "1 of 2 runs" in tracklab("ls", "--dir", runs, "-n", 1).output
    assert "No runs." in tracklab("ls", "--dir", runs, "host = nowhere").output


def test_ls_and_show_speak_json(runs: Path) -> None:
    """For programs."""
    page = orjson.loads(tracklab("ls", "--dir", runs, "--json", "-p", "demo").output)
    assert [run["status"] for run in page["runs"]] == ["failed", "finished"]
    shown = orjson.loads(tracklab("show", "good", "--dir", runs, "--json").output)
    assert (shown["run"], shown["config"], shown["streams"]["history"]["lines"]) == (
        "demo/good", {"lr": 0.1}, 6,
    )  # fmt: skip


def test_show_tells_one_run(runs: Path) -> None:
    """Facts, config, summary and streams."""
    told = tracklab("show", "demo/bad", "--dir", runs).output
    for part in ("demo/bad  swift-7", "failed", "exit_code", "lr  0.1", "loss  1.333", "6 lines"):
        assert part in told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-n", 2), "step=3 loss=1\nstep=4 loss=1.333\n"),
        (("-n", 0), ""),
        (("-s", "stdout"), "one\n100%\nopen\n"),
        (("-s", "stdout", "-n", 0), "open\n"),
        (("-s", "events", "-n", 1),
         "17:40:03.000 INFO     tracklab.lifecycle finish exit_code=0\n"),
        (("-s", "llm"), ""),
    ],
)  # fmt: skip
def test_tail_prints_the_last_lines_and_ends_with_the_run(
    runs: Path, arguments: tuple[object, ...], expected: str
) -> None:
    """The run is over, so there is nothing to wait for."""
    told = tracklab("tail", "good", "--dir", runs, *arguments)
    assert (told.output, told.exit_code) == (expected, 0)


def test_tail_speaks_json(runs: Path) -> None:
    """One object a line."""
    told = tracklab("tail", "good", "--dir", runs, "-n", 1, "--json", "--no-follow").output
    assert orjson.loads(told)["loss"] == 4 / 3


@pytest.mark.parametrize("stream", ["history", "stdout"])
def test_tail_follows_until_the_run_ends(
    runs: Path, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each new line once, the last ones after the end too."""
    run_dir = runs / "demo" / "live"
    path = segment(run_dir, [])
    console = run_dir / "logs" / "stdout.log"
    console.parent.mkdir()
    console.touch()

    def grow() -> Iterator[None]:
        for step in range(3):
            with path.open("ab") as file, console.open("a") as text:
                file.write(orjson.dumps(rows((step, {"a": step}))[0]) + b"\n")
                text.write(f"step={step} a={step}\n")
            yield
        finish = event("tracklab.lifecycle", "finish", {"exit_code": 0})
        segment(run_dir, [finish], stream="events")
        yield

    grown = grow()
    monkeypatch.setattr(time, "sleep", lambda _: next(grown))
    told = tracklab("tail", "live", "--dir", runs, "-s", stream)
    assert told.output == "".join(f"step={step} a={step}\n" for step in range(3))
    assert tail._PAUSE_S > 0


def test_logged_text_does_not_drive_the_terminal(root: Path) -> None:
    """Escape sequences in names and values are shown, not obeyed; markup is text."""
    start = ("tracklab.lifecycle", "start", {"name": "[red]\x1b]0;hi\x07", "tags": ["\x9b2J"]})
    segment(root / "demo" / "r", events(start), stream="events")
    segment(root / "demo" / "r", rows((0, {"note": "\x1b[2J"})))
    for arguments in (("ls",), ("show", "r"), ("tail", "r", "--no-follow")):
        told = tracklab(*arguments, "--dir", root).output
        assert not {"\x1b", "\x07", "\x9b"} & set(told)
    assert "[red]" in tracklab("ls", "--dir", root).output


@pytest.mark.parametrize(
    ("arguments", "sentence", "code"),
    [
        (("show", "nope"), "no run 'nope'", 1),
        (("ls", "colour = red"), "position 1: There is no field 'colour'", 1),
        (("ls", "--sort", "colour"), "no field 'colour'", 1),
        (("tail", "nope"), "no run 'nope'", 1),
        (("tail", "good", "--stream", "nope"), "'nope' is not one of", 2),
        (("nope",), "No such command 'nope'", 2),
        (("ui", "--port", "70000"), "70000", 2),
    ],
)
def test_a_mistake_is_one_sentence(
    runs: Path, arguments: tuple[str, ...], sentence: str, code: int
) -> None:
    """And no traceback."""
    told = tracklab(*arguments, *(("--dir", runs) if arguments[0] != "nope" else ()))
    assert sentence in told.output
    assert told.exit_code == code
    assert "Traceback" not in told.output


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    told = tracklab("ls", "--dir", tmp_path / "gone")
    assert "does not exist" in told.output
    assert told.exit_code == 1


@pytest.mark.parametrize(("name", "browser"), [("ui", True), ("server", False)])
def test_the_server_gets_its_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, browser: Any
) -> None:
    """`ui` opens a browser, `server` does not; the exit code is the server's."""
    asked: dict[str, Any] = {}

    def serve(root: Path, **more: Any) -> int:
        asked.update(more, root=root)
        return 2

    monkeypatch.setattr("tracklab.server.run.serve", serve)
    options = ("--port", 9000, "--host", "0.0.0.0", "--token", "--allow-host", "a")  # noqa: S104 - nothing listens
    told = tracklab(name, "--dir", tmp_path, *options)
    assert told.exit_code == 2
    assert asked.get("open_browser", False) is browser
    assert (asked["port"], asked["token"], asked["allow_hosts"]) == (9000, True, ("a",))


def test_the_demo_gets_its_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its exit code is the command's."""
    asked: dict[str, Any] = {}

    def run_demo(root: Path, **more: Any) -> int:
        asked.update(more, root=root)
        return 1

    monkeypatch.setattr("tracklab.demo.run_demo", run_demo)
    assert tracklab("demo", "--dir", tmp_path, "--once").exit_code == 1
    assert asked == {"root": tmp_path, "once": True, "port": None}


@pytest.mark.integration
def test_the_ui_is_refused_where_it_is_not_built(tmp_path: Path, runs: Path) -> None:
    """One sentence that says what to do, and a failure that scripts see."""
    package = Path(tracklab_package.__file__).parent
    shutil.copytree(
        package, tmp_path / "tracklab", ignore=shutil.ignore_patterns("static", "__pycache__")
    )
    told = subprocess.run(
        [sys.executable, "-c", START, "ui", "--dir", runs],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.startswith("Error: The web UI is not built. Run `make frontend`")
    assert told.stderr.count("\n") == 1
