"""`tracklab query` and `tracklab export`: SQL for people and programs, files for others."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from tests.query.files import event, row, rows, segment
from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain

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


def test_csv_has_every_row_unless_it_is_told_otherwise(two: Path) -> None:
    """A file that ends early would be taken for all there is; what is left out is said beside."""
    sql = "SELECT range FROM range(2500)"
    assert len(tracklab("query", "--dir", two, "--csv", sql).stdout.splitlines()) == 2_501
    cut = tracklab("query", "--dir", two, "--csv", "--limit", 2, sql)
    assert cut.stdout.splitlines() == ["range", "0", "1"]
    assert cut.stderr == "The first 2 rows; more with --limit.\n"


def test_csv_has_values_as_json_has_them(two: Path) -> None:
    """And tells NULL from a text without a character."""
    sql = "SELECT true, NULL, '', [1, NULL], {'a': 'b'}, 'x,y', 'say \"so\"', 'nan'::DOUBLE, 0.5"
    written = tracklab("query", "--dir", two, "--csv", sql).stdout.splitlines()[1]
    assert written == 'true,,"","[1,null]","{""a"":""b""}","x,y","say ""so""",NaN,0.5'


def test_a_file_that_cannot_be_written_is_one_sentence(two: Path, tmp_path: Path) -> None:
    """In each format; and what is refused replaces nothing."""
    for name in ("no/x.jsonl", "no/x.csv"):
        refused = tracklab("export", "--dir", two, "-o", tmp_path / name)
        assert refused.output.startswith(f"Error: Cannot write {tmp_path / name}: No such file")
    for name in ("x.jsonl", "x.csv"):
        (tmp_path / name).write_text("kept")
        refused = tracklab("export", "--dir", two, "-p", "nope", "-o", tmp_path / name)
        assert (refused.exit_code, "no project 'nope'" in refused.output) == (1, True)
        assert (tmp_path / name).read_text() == "kept"
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "x.jsonl", "x.csv"}


@pytest.mark.parametrize("table", ["events", "llm", "history", "system"])
def test_lines_are_all_that_pages_show(two: Path, table: str) -> None:
    """Each read once, in the order in which they were written."""
    run_dir = two / "demo" / "c"
    samples = [row(0, seq, {"cpu": seq}) for seq in range(9)]
    segment(run_dir, rows(*((step, {"x": {"y": step}}) for step in range(9))))
    segment(run_dir, samples, stream="system_metrics")
    segment(run_dir, [event("app", "said", {"n": n}, seq=n) for n in range(9)], stream="events")
    calls = [event("tracklab.llm", "llm_call", {"model": "m"}, seq=n) for n in range(9)]
    segment(run_dir, calls, stream="llm")
    engine = LocalEngine(two)
    pages: dict[str, list[Any]] = {
        "events": engine.events("demo/c").events,
        "llm": engine.llm_calls(run="demo/c", order="asc").calls,
        "history": engine.rows("demo/c").rows,
        "system": engine.rows("demo/c", stream="system").rows,
    }
    written = tracklab("export", "--dir", two, "demo/c", "-t", table).stdout.splitlines()
    assert len(written) == 9
    assert [orjson.loads(line) for line in written] == [
        {"run": "demo/c", **plain(one)} for one in pages[table]
    ]
