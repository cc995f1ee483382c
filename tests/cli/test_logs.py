"""`tracklab logs` searches what a run printed and logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.query.files import event, segment
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def told(root: Path) -> Path:
    """Return a root with a run that printed and logged."""
    run_dir = root / "demo" / "r"
    lines = [event("app", "began", seq=1), event("app", "broke", {"n": 1}, seq=2, level="ERROR")]
    segment(run_dir, lines, stream="events")
    (run_dir / "logs").mkdir()
    (run_dir / "logs" / "stdout.log").write_text("step 1\nstep 2\tbroke \x1b[31mhere\x07\n")
    return root


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ([], ["step 1", "step 2    broke here\ufffd",
              "2026-11-20T17:40:00.000 INFO     app began",
              '2026-11-20T17:40:00.000 ERROR    app broke {"n":1}']),
        (["--grep", "STEP 1"], ["step 1"]),
        (["--regex", "^step [2-9]"], ["step 2    broke here\ufffd"]),
        (["--level", "error"], ['2026-11-20T17:40:00.000 ERROR    app broke {"n":1}']),
        (["--since", "2026-11-20T17:41:00Z"], []),
        (["--until", "2026-11-21", "-g", "began"], ["2026-11-20T17:40:00.000 INFO     app began"]),
        (["-s", "stdout", "-n", "1"], ["step 2    broke here\ufffd"]),
        (["-n", "2", "-g", "b"], ["2026-11-20T17:40:00.000 INFO     app began",
                                  '2026-11-20T17:40:00.000 ERROR    app broke {"n":1}']),
    ],
)  # fmt: skip
def test_lines_are_printed_as_they_stand(
    told: Path, options: list[str], printed: list[str]
) -> None:
    """By text, expression, level, time and number; logged text does not drive the terminal."""
    answer = CliRunner().invoke(main, ["logs", "demo/r", "--dir", str(told), *options])
    assert (answer.exit_code, answer.output.splitlines()) == (0, printed)


def test_programs_get_json(told: Path) -> None:
    """An object a line, with the place of the line."""
    answer = CliRunner().invoke(main, ["logs", "r", "--dir", str(told), "--json", "-g", "step 2"])
    assert json.loads(answer.output) == {
        "stream": "stdout", "writer": None, "rank": 0, "offset": 7, "timestamp": None,
        "level": None, "logger": None, "text": "step 2\tbroke here\x07",
    }  # fmt: skip


def test_a_line_of_another_rank_says_so(told: Path) -> None:
    """Before its text; those of the first rank are as they were printed."""
    (directory,) = told.rglob("logs")
    (directory / "rank-2").mkdir()
    (directory / "rank-2" / "stdout.log").write_text("step 2 of two\n")
    answer = CliRunner().invoke(main, ["logs", "r", "--dir", str(told), "-g", "step 2"])
    assert answer.output.splitlines()[1] == "[rank 2] step 2 of two"


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (["--since", "yesterday"], 2, "is no time"),
        (["--regex", "("], 1, "no regular expression"),
        (["--level", "error", "-s", "stderr"], 1, "neither level nor time"),
    ],
)
def test_a_mistake_is_one_sentence(told: Path, options: list[str], status: int, why: str) -> None:
    """It says what to write."""
    answer = CliRunner().invoke(main, ["logs", "r", "--dir", str(told), *options])
    assert (answer.exit_code, why in answer.output) == (status, True)
