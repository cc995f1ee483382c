"""What comes after a rev: every line once, however the file grows between two calls."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.files import event, row, rows, segment
from tracklab.errors import QueryError
from tracklab.query.answers.events import Event
from tracklab.query.engines.local import LocalEngine
from tracklab.query.revs import rev_of

if TYPE_CHECKING:
    from tracklab.query.engine import Engine


def steps(lines: Any) -> list[Any]:
    """Return the steps of rows."""
    return [line.record["_step"] for line in lines]


@given(st.lists(st.integers(1, 150), max_size=12), st.integers(1, 4), st.booleans())
@settings(PATIENT, max_examples=50)
def test_no_line_is_lost_or_doubled(cuts: list[int], limit: int, by_stat: Any) -> None:
    """The file grows byte by byte; revs come from the tail, or from `stat` in mid-line."""
    lines = [orjson.dumps(one) + b"\n" for one in rows(*((n, {"a": n}) for n in range(9)))]
    content = b"".join(lines)
    with TemporaryDirectory() as place:
        path = segment(Path(place, "demo", "r"), [])
        engine = LocalEngine(Path(place))
        found: list[Any] = []
        rev = engine.rev("r") if by_stat else None
        for cut in [*cuts, len(content)]:
            piece, content = content[:cut], content[cut:]
            with path.open("ab") as file:
                file.write(piece)
            more = True
            while more:
                tail = engine.tail("r", rev=rev, limit=limit)
                found, rev, more = found + steps(tail.lines), tail.rev, tail.more
    assert found == list(range(9))


def test_a_tail_tells_stream_and_writer(engine: Engine, run_dir: Path) -> None:
    """Rows are flat, events are events, headers are neither, bad lines are counted."""
    segment(run_dir, [row(0, 1, {"n": {"x": 1}}), b"{"], writer="n-2-1")
    segment(run_dir, [event("app", "hi")], stream="events")
    tail = engine.tail("r")
    first, second = tail.lines
    assert (first.stream, first.writer) == ("history", "n-2-1")
    assert isinstance(first.record, dict)
    assert first.record["n.x"] == 1
    assert isinstance(second.record, Event)
    assert second.record.message == "hi"
    assert (tail.bad_lines, tail.more) == (1, False)


def test_a_tail_of_long_lines_ends_at_a_page(engine: Engine, run_dir: Path) -> None:
    """Ten thousand of them would not fit into memory; the next call goes on."""
    segment(run_dir, rows(*((n, {"text": "x" * 30_000}) for n in range(200))))
    first = engine.tail("r")
    assert (len(first.lines), first.more) == (140, True)
    rest = engine.tail("r", rev=first.rev)
    assert (steps(first.lines + rest.lines), rest.more) == (list(range(200)), False)


def test_other_streams_wait_where_they_were(engine: Engine, run_dir: Path) -> None:
    """Asking for one stream does not skip the lines of another."""
    segment(run_dir, rows((0, {"a": 1})))
    segment(run_dir, [event("app", "hi")], stream="events")
    rev = engine.tail("r", streams=["history"]).rev
    assert [line.stream for line in engine.tail("r", rev=rev).lines] == ["events"]


def test_revs_are_equal_while_nothing_is_written(engine: Engine, run_dir: Path) -> None:
    """And differ after a byte."""
    path = segment(run_dir, [])
    before = engine.revs(["r", "demo/r"])
    assert before["r"] == before["demo/r"] == engine.rev("r")
    with path.open("ab") as file:
        file.write(b"{")
    assert engine.rev("r") != before["r"]


@pytest.mark.parametrize(
    "rev",
    ["?", "AAAA", "", rev_of({"../../etc/passwd": 0}), rev_of({"history.jsonl": -1}), "ä"],
)
def test_what_is_no_rev_is_refused(engine: Engine, run_dir: Path, rev: str) -> None:
    """It names no file but a segment, and no offset that is none."""
    segment(run_dir, [])
    with pytest.raises(QueryError, match="no rev"):
        engine.tail("r", rev=rev)


def test_a_rev_that_would_fill_the_memory_is_refused(engine: Engine, run_dir: Path) -> None:
    """A small text can unpack to a very long one."""
    segment(run_dir, [])
    rev = rev_of({"x" * (20 << 20): 0})
    assert len(rev) < 200_000
    with pytest.raises(QueryError, match="no rev"):
        engine.tail("r", rev=rev)


def test_a_rev_of_a_run_that_was_there_before_is_refused(engine: Engine, run_dir: Path) -> None:
    """Lines of the new run at the same places would be taken for those of the old one."""
    segment(run_dir, rows((0, {"a": 1})), facts={"pid": 1})
    rev, of_tail = engine.rev("r"), engine.tail("r").rev
    segment(run_dir, rows((0, {"a": 2}), (1, {"a": 3})), facts={"pid": 2})
    for old in (rev, of_tail):
        with pytest.raises(QueryError, match="made anew"):
            engine.tail("r", rev=old)
        with pytest.raises(QueryError, match="made anew"):
            engine.series(["r"], ["a"], since={"r": old})


@pytest.mark.parametrize("form", ["plain", "gz"])
def test_a_rev_stays_good_while_the_run_grows(engine: Engine, run_dir: Path, form: str) -> None:
    """Also one from before revs said of which run they are, and where a segment is compressed."""
    path = segment(run_dir, rows((0, {"a": 1})))
    revs = [engine.rev("r"), rev_of({path.name: path.stat().st_size})]
    segment(run_dir, [row(1, 2, {"a": 2})], number=1)
    segment(run_dir, [event("app", "hi")], stream="events")
    if form == "gz":
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    for rev in revs:
        assert steps(engine.tail("r", rev=rev, streams=["history"]).lines) == [1]


def test_a_rev_from_before_the_first_line_continues_with_it(engine: Engine, run_dir: Path) -> None:
    """A header that is half written tells nothing yet."""
    path = segment(run_dir, rows((0, {"a": 1})))
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    rev = engine.rev("r")
    path.write_bytes(whole)
    assert steps(engine.tail("r", rev=rev).lines) == [0]
