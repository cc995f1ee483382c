"""`tracklab query` and `tracklab export`: SQL for people and programs, files for others."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from tests.query.files import rows, segment
from tracklab.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.integration


@pytest.fixture
def two(root: Path) -> Path:
    """Return a root with two runs of three rows."""
    for number, name in enumerate(("a", "b")):
        values = rows(*((step, {"loss": step + number / 2}) for step in range(3)))
        segment(root / "demo" / name, values)
    return root


def tracklab(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_an_answer_is_a_table_csv_or_json(two: Path) -> None:
    """The same rows in each form."""
    sql = "SELECT run, max(loss) AS top FROM history GROUP BY run ORDER BY run"
    shown, as_csv, as_json = (
        tracklab("query", "--dir", two, sql, *form) for form in ((), ("--csv",), ("--json",))
    )
    assert shown.output.split()[:2] == ["run", "top"]
    assert list(csv.reader(io.StringIO(as_csv.output))) == [
        ["run", "top"], ["demo/a", "2.0"], ["demo/b", "2.5"],
    ]  # fmt: skip
    assert orjson.loads(as_json.output)["rows"] == [["demo/a", 2.0], ["demo/b", 2.5]]


def test_a_bad_question_is_one_sentence(two: Path) -> None:
    """Exit status 1, and no traceback."""
    refused = tracklab("query", "--dir", two, "SELECT * FROM nothing")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: There is no table 'nothing'.")


def test_lines_go_to_standard_output(two: Path) -> None:
    """One object for each row, of the asked runs."""
    written = tracklab("export", "--dir", two, "demo/b")
    lines = [orjson.loads(line) for line in written.output.splitlines()]
    assert [(line["run"], line["_step"], line["loss"]) for line in lines] == [
        ("demo/b", 0, 0.5), ("demo/b", 1, 1.5), ("demo/b", 2, 2.5),
    ]  # fmt: skip


def test_a_file_has_the_format_of_its_name(two: Path, tmp_path: Path) -> None:
    """CSV with a head, Parquet by its first bytes; without a file there is neither."""
    for name, begin in (("h.csv", b"run,"), ("h.parquet", b"PAR1"), ("h.jsonl", b'{"run"')):
        told = tracklab("export", "--dir", two, "-o", tmp_path / name)
        assert told.output == f"6 rows in {tmp_path / name}\n"
        assert (tmp_path / name).read_bytes().startswith(begin)
    assert tracklab("export", "--dir", two, "--format", "csv").exit_code == 2


def test_a_file_of_an_unknown_ending_is_refused(two: Path, tmp_path: Path) -> None:
    """Before anything is written, unless the format is given; without an ending it is jsonl."""
    refused = tracklab("export", "--dir", two, "-o", tmp_path / "x.xlsx")
    assert refused.exit_code == 2
    assert "got the ending .xlsx" in refused.output
    assert not (tmp_path / "x.xlsx").exists()
    for name, more in (("x.xlsx", ("--format", "csv")), ("lines", ()), ("H.CSV", ())):
        assert tracklab("export", "--dir", two, "-o", tmp_path / name, *more).exit_code == 0
