"""SQL over runs: tables that say what the engine says, and nothing else within reach."""

from __future__ import annotations

import itertools
import math
import os
import random
import resource
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pyarrow.ipc
import pyarrow.parquet
import pytest

from tests.brute_force import history
from tests.query.files import START_S, event, row, segment
from tracklab.errors import NotFoundError, QueryError
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine
from tracklab.query.sql.asking import answered, ask, export
from tracklab.query.sql.outlets import TableOutlet
from tracklab.query.sql.statement import TABLES, read_question
from tracklab.query.sql.tables import Selection, fill
from tracklab.storage.streams import Tally, row_batches, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def two(root: Path) -> Path:
    """Return a root with two runs: repeated steps, missing and odd values, texts, calls."""
    random_ = random.Random(2)  # noqa: S311 - made-up data
    for name in ("a", "b"):
        rows = []
        for seq in range(60):
            values: dict[str, Any] = {"loss": random_.random(), 'it\'s "odd"': seq}
            if seq % 3 == 0:
                values["text"] = f"t{seq}"
            if seq % 5 == 0:
                values["n"] = {"x": random_.random()}
            if seq % 7 == 0:
                values |= {"loss": None, "_nonfinite": {"loss": "NaN"}}
            rows.append(row(seq // 2, seq, values))
        segment(root / "demo" / name, rows)
        call = {"model": "m", "provider": "p", "response_time": 0.5, "success": name == "a"}
        segment(
            root / "demo" / name, [event("tracklab.llm", "llm_call", call, seq=70)], stream="llm"
        )
    return root


def rows_of(root: Path, sql: str, **choice: Any) -> list[list[Any]]:
    """Return the rows of an answer."""
    return ask(root, sql, **choice).rows


@pytest.mark.parametrize("indexed", [False, True])
def test_history_is_what_the_judge_sees(two: Path, *, indexed: bool) -> None:
    """One row per step and run, later values first, NaN told from missing."""
    if indexed:
        for name in ("a", "b"):
            place = run_place(index_root(two), "demo", name)
            build_run(two / "demo" / name, place, min_bytes=1)
    columns = ("loss", "text", "n.x", 'it\'s "odd"')
    wanted = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    found = rows_of(two, f"FROM history SELECT run, _step, {wanted} ORDER BY run, _step")

    expected = []
    for name in ("a", "b"):
        for step, merged in sorted(history(two / "demo" / name).items()):
            values = [merged.get(column) for column in columns]
            shown = ["NaN" if isinstance(v, float) and math.isnan(v) else v for v in values]
            expected.append([f"demo/{name}", step, *shown])
    assert found == expected


def test_each_table_can_be_asked(two: Path) -> None:
    """Every table is there, with the rows that the engine has."""
    counts = {table: rows_of(two, f"FROM {table} SELECT count(*)")[0][0] for table in TABLES}
    assert counts == {
        "runs": 2, "history": 60, "system": 0, "events": 0, "llm": 2, "checkpoints": 0,
    }  # fmt: skip
    assert rows_of(two, "SELECT run FROM llm WHERE NOT success") == [["demo/b"]]
    assert rows_of(two, 'SELECT run, "summary.text" FROM runs ORDER BY 1') == [
        ["demo/a", "t57"], ["demo/b", "t57"],
    ]  # fmt: skip


def test_only_the_asked_runs_are_in_the_tables(two: Path) -> None:
    """By address, by project, or by a filter; a run that is not there is an error."""
    count = "SELECT count(DISTINCT run) FROM history"
    assert rows_of(two, count, runs=["a"]) == [[1]]
    assert rows_of(two, count, f="id = b") == [[1]]
    assert rows_of(two, count, project="demo") == [[2]]
    with pytest.raises(QueryError, match="There is no run 'c'"):
        ask(two, count, runs=["c"])


def test_times_are_those_of_the_lines(two: Path) -> None:
    """In UTC, as the API writes them, also where SQL made them."""
    (told,) = rows_of(two, "SELECT timestamp, timestamp > '2026-01-01' FROM llm LIMIT 1")
    assert told == ["2026-11-20T17:40:00Z", True]
    (made,) = rows_of(two, "SELECT now(), '2026-01-02T03:04:05Z'::TIMESTAMPTZ AS at")
    assert made[1].startswith("2026-01-02 03:04:05")
    assert len(rows_of(two, "SELECT * FROM runs")) == 2


def test_names_that_sql_takes_for_one_are_told_apart(root: Path) -> None:
    """Upper and lower case, names of our own columns, and no name at all."""
    values = {"loss": 1.0, "Loss": 2.0, "run": 3.0, "": 4.0, "project": "x"}
    segment(root / "demo" / "a", [row(0, 1, values)])
    (root / "demo" / "a" / "config.yaml").write_text("lr: 1\nLR: 2\n")
    (root / "demo" / "a" / "metadata.json").write_text('{"status": "finished"}')
    found = ask(root, "SELECT * FROM history")
    told = dict(zip([one["name"] for one in found.columns], found.rows[0], strict=True))
    assert told["run"] == "demo/a"
    numbers = {told[name] for name in told if name.lower().startswith(("loss", "run_2", "_"))}
    assert {1.0, 2.0, 3.0, 4.0} <= numbers
    assert len(rows_of(root, "SELECT * FROM runs")) == 1


def test_a_run_that_is_being_written_can_be_asked(root: Path) -> None:
    """Rows, texts, events and calls that come while the tables are filled are in, or not yet."""
    run_dir = root / "demo" / "a"
    paths = [segment(run_dir, _lines(stream, range(500)), stream=stream) for stream in _STREAMS]
    stop = threading.Event()

    def write() -> None:
        for first in itertools.count(500, 20):
            for path, stream in zip(paths, _STREAMS, strict=True):
                with path.open("ab") as file:
                    lines = _lines(stream, range(first, first + 20))
                    file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
            if stop.wait(0.01):  # a tight loop would take the machine from the one that reads
                return

    writer = threading.Thread(target=write)
    writer.start()
    sql = (
        "SELECT (SELECT count(*) FROM history WHERE text IS NOT NULL AND _runtime > 0), "
        "(SELECT count(*) FROM events), (SELECT count(*) FROM llm)"
    )
    try:
        counts = [rows_of(root, sql, deadline_s=60)[0] for _ in "abc"]
    finally:
        stop.set()
        writer.join()
    for early, later, last in zip(*counts, strict=True):
        assert 500 <= early <= later <= last


_STREAMS = ("history", "events", "llm")


def _lines(stream: str, steps: Iterable[int]) -> list[dict[str, Any]]:
    if stream == "history":
        return [row(step, step + 1, {"x": step, "text": f"t{step}"}) for step in steps]
    if stream == "events":
        return [event("app", "said", {}, seq=step + 1) for step in steps]
    call = {"model": "m", "response_time": 0.5}
    return [event("tracklab.llm", "llm_call", call, seq=step + 1) for step in steps]


def test_what_is_appended_while_a_segment_is_read_is_left_for_the_next_reading(root: Path) -> None:
    """So a reading ends, however fast a writer is."""
    run_dir = root / "demo" / "a"
    path = segment(run_dir, _lines("history", range(5_000)))
    (found,) = run_segments(run_dir, "history")
    seen = 0
    for batch in row_batches(found, Tally()):
        seen += len(batch.rows)
        with path.open("ab") as file:
            lines = _lines("history", range(5_000, 10_000))
            file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    assert seen == 5_000


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELEC 1", "not one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT at a time"),
        ("DROP TABLE runs", "not one SELECT"),
        ("COPY (SELECT 1) TO '/tmp/x'", "not one SELECT"),
        ("SELECT * FROM nothing", "There is no table 'nothing'"),
        ("SELECT * FROM '/etc/passwd'", "There is no table"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
        ("SELECT * FROM read_text('/etc/passwd')", "disabled"),
        ("SELECT * FROM glob('/*')", "disabled"),
        ("SELECT nothing FROM runs", "nothing"),
        ("SELECT getenv('HOME')", "getenv"),
        ("SELECT current_setting('allowed_directories')", "tells of the database"),
        ("SELECT * FROM duckdb_secrets()", "tells of the database"),
    ],
)
def test_anything_but_one_select_over_the_tables_is_refused(two: Path, sql: str, why: str) -> None:
    """No file, no setting, no second statement; the message says what is wrong."""
    with pytest.raises(QueryError, match=why):
        ask(two, sql)


def test_a_costly_question_ends(two: Path) -> None:
    """Time and memory have limits, and the answer says which was met."""
    with pytest.raises(QueryError, match="took too long"):
        ask(two, "SELECT count(*) FROM range(100000000000) a, range(99) b", deadline_s=1.0)
    with pytest.raises(QueryError, match="more memory"):
        ask(two, "SELECT list(x ORDER BY x) FROM (SELECT random() x FROM range(60000000))",
            memory_mb=64)  # fmt: skip


def filled(root: Path, count: int) -> int:
    """Fill the table of a run's rows, and return the most memory that took beside the database."""
    run_dir = root / "demo" / f"r{count}"
    for number, first in enumerate(range(0, count, 5_000)):
        rows = [row(step, step, {"a": step / 7}) for step in range(first, first + 5_000)]
        segment(run_dir, rows, number=number)
    build_run(run_dir, run_place(index_root(root), "demo", run_dir.name), min_bytes=1)
    chosen = Selection(LocalEngine(root), runs=[f"demo/r{count}"])
    with duckdb.connect() as connection:
        tracemalloc.start()
        fill(connection, "history", chosen, into=TableOutlet(connection, "history", memory_mb=64))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        found = connection.execute("SELECT count(*), sum(a * 7) FROM history").fetchall()
    assert found == [(count, pytest.approx(sum(range(count))))]
    return peak


def test_the_memory_of_a_table_does_not_grow_with_its_run(root: Path) -> None:
    """A run whose steps rise comes some segments at a time."""
    assert filled(root, 120_000) < 1.3 * filled(root, 60_000)


def test_a_run_whose_steps_go_back_can_be_asked(root: Path) -> None:
    """With the little memory that every question has."""
    for number, first in enumerate((6_000, 0)):
        rows = [row(step, step, {"a": 1.5, "b": 2}) for step in range(first, first + 5_000)]
        segment(root / "demo" / "back", rows, number=number)
    assert rows_of(root, "SELECT count(*), sum(a) FROM history", memory_mb=64) == [[10_000, 15_000]]


def test_an_answer_is_cut_to_the_asked_bytes(two: Path) -> None:
    """At the end of a row; a row that is too long alone is refused."""
    answer = ask(two, "SELECT repeat('x', 998) FROM range(9)", most_bytes=5_030)
    assert (answer.rows, answer.truncated) == ([["x" * 998]] * 5, True)
    with pytest.raises(QueryError, match="One row of this answer has 6,004 bytes"):
        ask(two, "SELECT repeat('x', 5999) FROM range(9)", most_bytes=5_030)


def test_the_process_of_a_question_stays_small(two: Path) -> None:
    """A text of a gigabyte is refused; many long ones, in all a third of one, are answered."""
    before_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with pytest.raises(QueryError, match="needs more memory"):
        ask(two, "SELECT repeat('x', 1000000000)")
    file, cut = answered(two, "SELECT repeat(chr(120), 3000) FROM range(100000)", limit=None)
    with file:
        assert (os.fstat(file.fileno()).st_size > 300_000_000, cut) == (True, False)
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # a child begins with that of ours
    assert peak_kb <= max(before_kb, own_kb, 350 << 10)


@pytest.mark.parametrize(
    "sql", ["SELECT [INTERVAL 100000000 YEARS]", f"SELECT {'[' * 256}1{']' * 256}"]
)
def test_what_nothing_can_show_is_the_askers_matter(two: Path, sql: str) -> None:
    """It is told what to do, not what our libraries say of themselves."""
    with pytest.raises(QueryError, match=r"cannot be shown: .* CAST"):
        ask(two, sql, memory_mb=1_024)


def test_values_of_the_database_are_texts(two: Path) -> None:
    """Spans of time and bytes as it shows them itself, also inside of lists."""
    sql = r"SELECT INTERVAL 100000000 YEARS, 'a\x00'::BLOB, ['a\xFF'::BLOB]"
    assert rows_of(two, sql) == [["100000000 years", r"a\x00", [r"a\xff"]]]


def test_a_project_that_is_not_there_is_an_error(two: Path) -> None:
    """As a run is; one without matching runs is empty."""
    assert rows_of(two, "SELECT count(*) FROM runs", project="demo", f="id = x") == [[0]]
    with pytest.raises(NotFoundError, match="There is no project 'nope'"):
        ask(two, "SELECT * FROM history", project="nope")


def test_an_answer_is_cut_to_the_asked_rows(two: Path) -> None:
    """It says that there were more."""
    answer = ask(two, "SELECT * FROM range(100) t(n)", limit=10)
    assert (len(answer.rows), answer.truncated) == (10, True)
    assert not ask(two, "SELECT 1").truncated


def test_exports_hold_every_row(two: Path, tmp_path: Path) -> None:
    """Parquet, CSV and Arrow, read back by other programs, at full resolution."""
    steps = sum(len(LocalEngine(two).rows(f"demo/{name}").rows) for name in ("a", "b"))
    for form in ("parquet", "csv", "arrow"):
        assert export(two, "history", tmp_path / f"history.{form}", form=form) == steps
    query = f"SELECT count(*) FROM '{tmp_path / 'history.csv'}'"  # noqa: S608 - a path of ours
    assert duckdb.connect().execute(query).fetchall() == [(steps,)]
    arrow = pyarrow.ipc.open_file(tmp_path / "history.arrow").read_all()
    parquet = pyarrow.parquet.read_table(tmp_path / "history.parquet")
    assert repr(arrow.to_pylist()) == repr(parquet.to_pylist())  # NaN equals no NaN
    assert arrow.num_rows == steps


def test_an_arrow_file_is_written_whole_or_not_at_all(two: Path, tmp_path: Path) -> None:
    """Who cannot write it says so, and leaves nothing beside what was there."""
    (tmp_path / "taken.arrow").mkdir()
    for name, why in (("taken.arrow", "Is a directory"), ("none/x.arrow", "No such file")):
        with pytest.raises(QueryError, match=f"Cannot write .*{why}"):
            export(two, "history", tmp_path / name, form="arrow")
    assert {path.name for path in tmp_path.iterdir()} == {"taken.arrow", "runs"}


def test_an_arrow_file_names_the_package_that_it_needs(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pyarrow cannot be imported, as where it was never installed."""
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(QueryError, match=r'pip install "tracklab-local\[export\]"'):
        export(two, "history", tmp_path / "h.arrow", form="arrow")
    assert not (tmp_path / "h.arrow").exists()


def test_times_are_those_of_the_rows(two: Path) -> None:
    """A step has the time of its newest value."""
    found = rows_of(two, "SELECT _timestamp, _runtime FROM history WHERE run = 'demo/a' LIMIT 1")
    assert found == [[START_S + 1, 1.0]]


def test_steps_without_a_number_have_their_times(root: Path) -> None:
    """Those with texts alone, and those of a key that became a text."""
    rows = [row(0, 1, {"note": "n0"}), row(1, 2, {"x": 1.5}), row(2, 3, {"x": "now"})]
    segment(root / "demo" / "a", [*rows, row(3, 4, {"x": None})])
    found = rows_of(root, "SELECT _step, _timestamp - 0, _runtime, note, x FROM history ORDER BY 1")
    assert found == [
        [0, START_S + 1, 1.0, "n0", None], [1, START_S + 2, 2.0, None, "1.5"],
        [2, START_S + 3, 3.0, None, "now"], [3, START_S + 4, 4.0, None, None],
    ]  # fmt: skip


def test_a_nan_has_its_name_among_texts(root: Path) -> None:
    """Without quotes, as the others."""
    rows = [row(0, 1, {"x": None, "_nonfinite": {"x": "NaN"}}), row(1, 2, {"x": "text"})]
    segment(root / "demo" / "a", rows)
    assert rows_of(root, "SELECT x FROM history ORDER BY _step") == [["NaN"], ["text"]]


def test_a_nan_in_the_summary_of_one_run_makes_no_text_of_the_others(root: Path) -> None:
    """They compare as numbers."""
    for name, value in (("a", 10.5), ("b", 9.5), ("c", None)):
        odd = {} if value else {"_nonfinite": {"loss": "NaN"}}
        segment(root / "demo" / name, [row(0, 1, {"loss": value, **odd})])
    found = rows_of(root, 'SELECT run, "summary.loss" FROM runs ORDER BY 2')
    assert found == [["demo/b", 9.5], ["demo/a", 10.5], ["demo/c", "NaN"]]


def test_lists_of_the_machine_are_json(root: Path) -> None:
    """As those of history are; a sample without a time is none."""
    rows = [row(0, 1, {"cpu": 2.0, "per_core": [1.0, 3.0]}), row(0, 2, {"per_core": [2]})]
    for one in rows:
        del one["_step"]
    segment(root / "demo" / "a", [*rows, {"cpu": 5.0}], stream="system_metrics")
    found = rows_of(root, "SELECT _timestamp, cpu, per_core FROM system ORDER BY 1")
    assert found == [[START_S + 1, 2.0, "[1.0,3.0]"], [START_S + 2, None, "[2]"]]


WIDE = 2_000


@pytest.fixture
def wide(root: Path) -> Path:
    """Return a root with a run of 2,000 names, and one of another, which is called `x`."""
    rows = [row(step, step, {f"m{n}": n + step for n in range(WIDE)}) for step in range(3)]
    segment(root / "demo" / "a", rows)
    segment(root / "demo" / "b", [row(step, step, {"x": 1.0}) for step in range(2)])
    (root / "demo" / "a" / "config.yaml").write_text("".join(f"c{n}: {n}\n" for n in range(WIDE)))
    (root / "demo" / "a" / "metadata.json").write_text('{"status": "finished"}')
    return root


def test_rows_do_not_depend_on_the_columns_of_a_question(wide: Path) -> None:
    """However many names runs have."""
    count = "SELECT count(*), max(_step) FROM history"
    assert rows_of(wide, count) == [[5, 2]]
    assert rows_of(wide, "SELECT run, max(_step) FROM history GROUP BY ALL ORDER BY 1") == [
        ["demo/a", 2], ["demo/b", 1],
    ]  # fmt: skip
    assert rows_of(wide, 'SELECT sum(M7), sum(h."m1999"), max(x) FROM history h') == [
        [24, 6_000, 1.0]
    ]
    assert rows_of(wide, 'SELECT "config.c7" FROM runs ORDER BY 1') == [[7.0], [None]]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT count(*) FROM history", set()),
        ('SELECT h."Loss" AS l FROM history h JOIN runs r USING (run) ORDER BY l',
         {"h", "loss", "run", "l"}),
        ("SELECT max(a) FILTER (WHERE b > 1) OVER (PARTITION BY c ORDER BY d) FROM history",
         {*"abcd"}),
        ("SELECT 1 FROM history WHERE e IN (SELECT f FROM runs WHERE g = history.i)",
         {*"efgi", "history"}),
        ("WITH own AS (SELECT a FROM history) SELECT sum(own.a) FROM own", {"own", "a"}),
        ("SELECT a FROM history UNION ALL SELECT b FROM system", {"a", "b"}),
        ("SELECT * FROM history", None),
        ("SELECT h.* EXCLUDE (a) FROM history h", None),
        ("FROM history NATURAL JOIN runs", None),
        ("SELECT UNNEST(H) FROM history h", None),
        ("SELECT to_json(history) FROM history", None),
        ("SELECT COLUMNS('m.*') FROM history", None),
        ("SELECT a FROM (UNPIVOT history ON m1, m2)", None),
        ("SELECT column_name FROM (DESCRIBE history)", None),
        ("SELECT a FROM history AS h(x, y, a)", None),
        ("WITH own AS (TABLE history) SELECT a FROM own", None),
    ],
)  # fmt: skip
def test_a_question_tells_which_columns_it_takes(sql: str, names: set[str] | None) -> None:
    """Those that it names, whatever their case; all where it names none, or takes whole rows."""
    with duckdb.connect() as connection:
        assert read_question(connection, sql).columns == names


def test_too_many_columns_are_refused(wide: Path) -> None:
    """With what to do; nothing is left out in silence."""
    with pytest.raises(QueryError, match="Name the columns that you want"):
        ask(wide, "SELECT * FROM history", memory_mb=128)


@pytest.mark.parametrize(
    ("table", "form"),
    [("history", "csv"), ("history", "parquet"), ("history", "arrow"), ("runs", "csv")],
)
def test_an_export_has_every_column(wide: Path, tmp_path: Path, table: str, form: str) -> None:
    """Of 2,000 names, in the memory that the command has."""
    path = tmp_path / f"wide.{form}"
    count = export(wide, table, path, form=form, memory_mb=1_024)
    if form == "arrow":
        found: Any = pyarrow.ipc.open_file(path).read_all()
    else:
        found = duckdb.connect().sql(f"FROM '{path}'").to_arrow_table()
    values = found.column("m1999" if table == "history" else "config.c1999").to_pylist()
    assert count == len(values)
    known = sorted(value for value in values if value is not None)
    assert (known, count) == (([1999, 2000, 2001], 5) if table == "history" else ([1999], 2))
