"""Runs that go on, go back, fork or begin anew: the program and a reader of the lines agree."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tracklab
from tracklab.clock import parse_time, rfc3339
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.sdk.run import Run

pytestmark = pytest.mark.integration

_TIME = re.compile(rb"(?<=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def begin(root: Path, **options: Any) -> Run:
    """Begin a run without helpers."""
    return tracklab.init(
        project="p", dir=root, reinit="create_new", system_monitor=False,
        settings={"console": "off"}, **options,
    )  # fmt: skip


def kill(run: Run) -> None:
    """Let the run end as SIGKILL would: no end is told, and its lock is free."""
    run.writer_of_rows.close()


def told_by_lines(run: Run) -> dict[str, Any]:
    """Return the summary that a reader makes of the lines alone."""
    for name in ("summary.json", "metadata.json"):
        with suppress(FileNotFoundError):
            (run.run_dir / name).unlink()
    found = LocalEngine(run.root).run(run.address).run.summary
    return {key: value for key, value in found.items() if key not in {"_runtime", "_timestamp"}}


def known(run: Run) -> dict[str, Any]:
    """Return the summary that the program has, with dotted names."""
    values = run.summary.as_dict()
    flat = {key: value for key, value in values.items() if not isinstance(value, dict)}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
    return flat | {"_step": run.step - 1}


def set_back(segments: Iterable[Path], *, hours: int) -> None:
    """Let segments be what a process with another clock would have written."""
    for segment in segments:
        with segment.open("r+b") as file:
            lines = _TIME.sub(lambda found: later(found[0], hours), file.read())
            file.seek(0)
            file.write(lines)  # as long as before: whoever has it open goes on behind them
        was = segment.stat()
        os.utime(segment, (was.st_atime, was.st_mtime + 3600 * hours))


def later(text: bytes, hours: int) -> bytes:
    """Return a time some hours later."""
    return rfc3339(parse_time(text.decode()) + 3600 * hours).encode()


KEYS = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-5, 5)
OPS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.dictionaries(KEYS, NUMBERS, min_size=1)),
        st.tuples(st.just("set"), KEYS, NUMBERS),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("define"), KEYS, st.sampled_from(["max", "min,mean", "last", "none"])),
    ),
    max_size=8,
)
WAYS = st.sampled_from(["resume", "back", "fork", "anew"])
HOURS = st.integers(-2, 2)
LIVES = st.lists(st.tuples(WAYS, st.integers(0, 6), OPS, st.booleans(), HOURS), max_size=3)


def live(run: Run, ops: list[Any]) -> None:
    """Do what a program does, and log a row at the end."""
    for op, *said in [*ops, ("log", {"end": 1})]:
        if op == "log":
            run.log(said[0])
        elif op == "set":
            run.summary[said[0]] = said[1]
        elif op == "delete":
            del run.summary[said[0]]
        else:
            run.define_metric(said[0], summary=said[1])


@settings(max_examples=60)
@given(first=OPS, lives=LIVES)
@example(first=[("set", "a", 1)], lives=[("anew", 0, [], True, 0), ("resume", 0, [], True, 0)])
@example(first=[("log", {"a": 1})], lives=[("resume", 0, [("log", {"a": 2})], False, -1)])
@example(first=[("set", "a", 1)], lives=[("resume", 0, [("set", "a", 2)], False, -1)])
def test_the_program_and_the_lines_agree(
    tmp_path_factory: pytest.TempPathFactory, first: list[Any], lives: list[Any]
) -> None:
    """Whatever was logged, set, deleted and defined before and after each way to go on.

    However the clock was set before each.
    """
    root = tmp_path_factory.mktemp("runs")
    run = begin(root, id="r")
    live(run, first)
    for way, at, ops, clean, hours in lives:
        run.finish() if clean else kill(run)
        step = min(at, run.step - 1)
        there = set(run.run_dir.iterdir())
        run = begin(root, **{
            "resume": {"id": run.id, "resume": "allow"},
            "back": {"resume_from": f"{run.id}?_step={step}"},
            "fork": {"fork_from": f"{run.id}?_step={step}"},
            "anew": {"id": run.id},
        }[way])  # fmt: skip
        live(run, ops)
        set_back(set(run.run_dir.glob("*.jsonl")) - there, hours=hours)
    assert told_by_lines(run) == known(run)
    run.finish()


def going_back(run: Run) -> None:
    """Set, log and define before and behind step 1, and end."""
    run.define_metric("x", summary="max")
    run.log({"x": 1, "early": 1})
    run.summary["best"] = 1
    run.log({"x": 2})
    run.log({"x": 9, "late": 1})
    run.summary["best"] = 9
    run.define_metric("late", summary="mean")
    run.finish()


@pytest.mark.parametrize("how", ["resume_from", "fork_from"])
def test_what_was_set_and_defined_by_then_comes_with_it(root: Path, how: str) -> None:
    """And nothing that came later."""
    going_back(begin(root, id="r"))
    run = begin(root, **{how: "r?_step=1"})
    assert run.summary.as_dict() == {"x": {"max": 2}, "early": 1, "best": 1}
    run.log({"x": 3, "late": 2})
    run.finish()
    expected = {"x.max": 3, "early": 1, "best": 1, "late": 2, "_step": 2}
    assert told_by_lines(run) == expected


def test_an_index_tells_nothing_of_rows_that_are_hidden(root: Path) -> None:
    """A key that only hidden rows hold is not in the summary, indexed or not."""
    run = begin(root, id="r")
    for step in range(2_000):
        run.log({"x": step, **({"late": 1} if step > 1_000 else {})})
    run.finish()
    place = run_place(index_root(root), "p", "r")
    build_run(run.run_dir, place, min_bytes=1)
    assert told_by_lines(run)["late"] == 1
    again = begin(root, resume_from="r?_step=500")
    again.finish()
    assert list(place.iterdir())
    assert told_by_lines(again) == {"x": 500, "_step": 501}


def test_values_that_fit_no_line_are_known_again(root: Path) -> None:
    """Of the summary and the configuration, after a kill, by readers and by a fork."""
    run = begin(root, id="r", config={"prompt": "p" * 40_000, "lr": 1})
    run.summary.update({"report": "x" * 40_000, "acc": 0.9})
    run.log({"a": 1})
    kill(run)
    (run.run_dir / "config.yaml").unlink()
    shown = LocalEngine(root).run("p/r").run
    assert (shown.summary["report"], shown.summary["acc"]) == ("x" * 40_000, 0.9)
    assert shown.config == {"prompt": "p" * 40_000, "lr": 1}
    for way in ({"id": "r", "resume": "must"}, {"fork_from": "r?_step=0"}):
        again = begin(root, **way)
        assert again.summary.as_dict() == {"report": "x" * 40_000, "acc": 0.9, "a": 1}
        assert again.config.as_dict() == {"prompt": "p" * 40_000, "lr": 1}
        again.finish()


def test_a_fork_shares_the_media_that_are_whole(root: Path) -> None:
    """What is being written has no name yet; files that the new run has already stay."""
    for name in ("r", "other"):
        with begin(root, id=name) as run:
            run.log({"page": tracklab.Html(f"<p>{name}</p>")})
    (root / "p/r/media/html/.123-0.part").write_bytes(b"half")
    with begin(root, id="other", fork_from="r?_step=0") as fork:
        fork.log({"a": 1})
    found = LocalEngine(root).media("p/other").media
    texts = {(fork.run_dir / item.record["path"]).read_text() for item in found}
    assert any("<p>r</p>" in text for text in texts)
    assert not list(fork.run_dir.rglob("*.part"))
    assert len(list((fork.run_dir / "media/html").iterdir())) == 2


def test_notes_of_a_script_without_rows_go_with_its_attempt(root: Path) -> None:
    """An id that is taken anew begins with nothing."""
    with begin(root, id="r") as run:
        run.summary["best"] = 3
    with begin(root, id="r") as run:
        run.log({"a": 1})
    assert told_by_lines(run) == known(run) == {"a": 1, "_step": 0}


def test_the_last_process_to_log_a_step_has_the_last_word(root: Path) -> None:
    """In charts, tables and summary, however many there were, indexed or not."""
    for value in range(12):
        with begin(root, id="r", resume="allow") as run:
            run.log({"x": value}, step=0)
    for _ in range(2):
        engine = LocalEngine(root)
        assert engine.series(["p/r"], ["x"]).series[0].last.tolist() == [11]
        assert [row["x"] for row in engine.rows("p/r").rows] == [11]
        assert told_by_lines(run)["x"] == 11
        build_run(run.run_dir, run_place(index_root(root), "p", "r"), min_bytes=1)


def test_what_was_said_side_by_side_is_told_in_its_time(root: Path) -> None:
    """And what came after an end behind it, wherever the clock stood."""
    first, second = begin(root, id="r"), begin(root, id="r", resume="allow")
    for turn in range(3):
        first.event("turn", f"first {turn}")
        second.event("turn", f"second {turn}")
    first.finish()
    second.finish()
    there = set(root.glob("p/r/*"))
    with begin(root, id="r", resume="allow") as third:
        third.event("turn", "third")
    set_back(set(root.glob("p/r/*.jsonl")) - there, hours=-2)
    told = LocalEngine(root).events("p/r", kind="turn,log").events
    assert [event.message for event in told if event.logger == "turn"] == [
        "first 0", "second 0", "first 1", "second 1", "first 2", "second 2", "third",
    ]  # fmt: skip
