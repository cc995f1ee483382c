"""Each thing that can be wrong is named, with its cure."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from tracklab.cli import checks
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.cli.checks import Finding

GB = 10**9


def judged(finding: Finding) -> str:
    """Return the verdict; whatever is not well has a cure, whatever is well has none."""
    assert (finding.cure is None) == (finding.verdict == "ok")
    return finding.verdict


@pytest.mark.parametrize(
    ("version", "expected"), [((3, 10), "ok"), ((3, 14), "ok"), ((3, 9), "fault")]
)
def test_python_must_not_be_old(version: tuple[int, int], expected: str) -> None:
    """The oldest we support is fine."""
    assert judged(checks.check_python(version)) == expected


def test_the_data_directory_must_be_writable(tmp_path: Path) -> None:
    """A directory that is still to be made is fine; a file in its place is not."""
    (tmp_path / "file").touch()
    assert judged(checks.check_root(tmp_path)) == "ok"
    assert judged(checks.check_root(tmp_path / "later" / "on")) == "ok"
    assert judged(checks.check_root(tmp_path / "file")) == "fault"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_a_fault(tmp_path: Path) -> None:
    """It says so before a run is lost."""
    tmp_path.chmod(0o500)
    assert judged(checks.check_root(tmp_path)) == "fault"


@pytest.mark.parametrize(
    ("free", "expected"), [(50 * GB, "ok"), (GB, "note"), (GB // 100, "fault")]
)
def test_the_disk_needs_room(tmp_path: Path, free: int, expected: str) -> None:
    """Little room is worth a word, none is a fault."""
    assert judged(checks.check_disk(tmp_path, lambda _: (100 * GB, 0, free))) == expected


@pytest.mark.parametrize(("offset", "expected"), [(0, "ok"), (90, "fault"), (-2e9, "fault")])
def test_the_clock_agrees_with_the_disk(tmp_path: Path, offset: float, expected: str) -> None:
    """Minutes apart, or decades behind."""
    assert judged(checks.check_clock(tmp_path, lambda: time.time() + offset)) == expected


def test_locks_are_kept(tmp_path: Path) -> None:
    """By an ordinary file system; where nothing can be written, nothing is known."""
    assert judged(checks.check_locks(tmp_path)) == "ok"
    (tmp_path / "file").touch()
    assert judged(checks.check_locks(tmp_path / "file")) == "note"


def test_a_taken_port_is_named() -> None:
    """The server takes the next one, so it is no fault; a word for a number is."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        assert judged(checks.check_port("127.0.0.1", taken)) == "note"
    assert judged(checks.check_port("127.0.0.1", taken)) == "ok"
    assert judged(checks.check_port("127.0.0.1", "eighty")) == "fault"


def test_the_ui_must_be_built(tmp_path: Path) -> None:
    """A copy without it is not what was promised."""
    assert judged(checks.check_ui(tmp_path)) == "fault"
    (tmp_path / "index.html").touch()
    assert judged(checks.check_ui(tmp_path)) == "ok"


@pytest.mark.parametrize(("limit", "expected"), [("65536", "ok"), ("100", "note"), (None, "ok")])
def test_file_watches_may_run_out(tmp_path: Path, limit: str | None, expected: str) -> None:
    """Elsewhere than on Linux there is no such limit."""
    if limit is not None:
        (tmp_path / "max_user_watches").write_text(limit + "\n")
    assert judged(checks.check_watches(tmp_path)) == expected


@pytest.mark.parametrize(
    ("present", "names", "expected"),
    [(True, ["H100"], "ok"), (False, [], "ok"), (True, [], "fault")],
)
def test_a_gpu_needs_its_driver(present: Any, names: list[str], expected: str) -> None:
    """A machine without one is in order."""
    assert judged(checks.check_gpu(present, lambda: names)) == expected


def test_doctor_runs_every_check(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit code says whether there is a fault; JSON says the same as the text."""
    monkeypatch.setenv("TRACKLAB_API_PORT", "eighty")
    told = CliRunner().invoke(main, ["doctor", "--dir", str(root)])
    assert told.exit_code == 1
    assert "FAULT  port: 'eighty' is no port" in told.output
    found = orjson.loads(CliRunner().invoke(main, ["doctor", "--dir", str(root), "--json"]).output)
    assert [one["check"] for one in found["checks"]] == [
        "python", "data directory", "disk", "locks", "clock", "port", "web UI", "file watches",
        "GPU",
    ]  # fmt: skip


def test_a_machine_in_order_exits_with_zero(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes do not count."""
    monkeypatch.setattr(checks, "findings", lambda *_, **__: [checks.check_python((3, 12))])
    assert CliRunner().invoke(main, ["doctor", "--dir", str(root)]).exit_code == 0
