"""Lines to draw: the points of the brute-force reader, at any zoom, without a lie."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.brute_force import history
from tests.patience import PATIENT
from tests.query.files import START_S, row, rows, segment
from tracklab.errors import NotFoundError, QueryError
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from tracklab.query.answers.series import Series
    from tracklab.query.engine import Engine

KEYS = ("a", "b", "n.x")
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from(["text", None, [1], float("nan"), float("inf"), -float("inf")]),
)
LINES = st.lists(
    st.tuples(st.integers(-3, 12), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3)),
    max_size=14,
)
PARTS = st.lists(
    st.tuples(st.sampled_from(["", "w-1", "w-2"]), st.integers(0, 2), LINES), max_size=5
)


def logged(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as a row holds them: nested, and without numbers that JSON cannot say."""
    record: dict[str, Any] = {}
    for key, value in values.items():
        holder = record.setdefault("n", {}) if key.startswith("n.") else record
        odd = isinstance(value, float) and not math.isfinite(value)
        holder[key.removeprefix("n.")] = None if odd else value
        if odd:
            name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            record.setdefault("_nonfinite", {})[key] = name
    return record


def write_run(run_dir: Path, parts: list[tuple[str, int, Any]]) -> None:
    """Write a run of several writers; each keeps to its first attempt."""
    attempts: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for seq, (writer, drawn, lines) in enumerate(parts):
        attempt = attempts.setdefault(writer, drawn)
        number = numbers[writer] = numbers.get(writer, -1) + 1
        records = [
            row(step, 100 * seq + i, logged(values)) for i, (step, values) in enumerate(lines)
        ]
        segment(run_dir, records, writer=writer or None, number=number, attempt=attempt)


def numbers_of(run_dir: Path, key: str) -> dict[int, float]:
    """Return step and number of `key`, as the judge sees them."""
    found = {step: merged.get(key) for step, merged in sorted(history(run_dir).items())}
    return {step: float(v) for step, v in found.items() if isinstance(v, (int, float))}


def series(engine: Engine, key: str = "a", **view: Any) -> Series:
    """Return one series of run `r`."""
    return engine.series(["r"], [key], **view).series[0]


@given(PARTS)
@settings(PATIENT, max_examples=60)
def test_exact_series_are_those_of_the_judge(parts: list[tuple[str, int, Any]]) -> None:
    """Repeated and late steps, writers, attempts, missing keys: the same points."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        run_dir.mkdir(parents=True)
        write_run(run_dir, [("", 0, []), *parts])
        for one in LocalEngine(Path(place)).series(["r"], KEYS, px=1000).series:
            expected = numbers_of(run_dir, one.key)
            finite = {step: value for step, value in expected.items() if math.isfinite(value)}
            assert dict(zip(one.x.tolist(), one.last.tolist(), strict=True)) == finite
            assert one.x.tolist() == sorted(finite)
            assert {odd.x for odd in one.nonfinite} == set(expected) - set(finite)


@given(PARTS, st.integers(1, 6), st.floats(-4, 4), st.floats(0, 10))
@settings(PATIENT, max_examples=40)
def test_buckets_keep_every_extreme_and_count(
    parts: list[tuple[str, int, Any]], px: int, x0: float, length: float
) -> None:
    """Whatever the range: smallest, largest and number of points are those of the judge."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        run_dir.mkdir(parents=True)
        write_run(run_dir, [("", 0, []), *parts])
        x1 = x0 + length
        one = LocalEngine(Path(place)).series(["r"], ["a"], px=px, x0=x0, x1=x1).series[0]
        expected = numbers_of(run_dir, "a")
        inside = [v for step, v in expected.items() if x0 <= step <= x1 and math.isfinite(v)]
        low, high = (one.last, one.last) if one.lo is None or one.hi is None else (one.lo, one.hi)
        assert one.n == len(inside)
        assert len(one.x) <= max(px, 2)
        assert (low.min(initial=math.inf), high.max(initial=-math.inf)) == (
            min(inside, default=math.inf),
            max(inside, default=-math.inf),
        )
        assert (one.x.size if one.cnt is None else one.cnt.sum()) == len(inside)


def test_a_spike_survives_every_zoom(engine: Engine, run_dir: Path) -> None:
    """One point of 5,000 that stands out is drawn at any number of pixels."""
    records = rows(*((step, {"a": 100.0 if step == 1234 else 0.0}) for step in range(5000)))
    segment(run_dir, records)
    for px in (2, 10, 999, 6000):
        one = series(engine, px=px)
        highest = one.last if one.hi is None else one.hi
        assert highest.max() == 100.0


def test_a_new_row_changes_only_its_own_bucket(engine: Engine, run_dir: Path) -> None:
    """A late row arrives: every other bucket stays as it was."""
    records = rows(*((step, {"a": float(step)}) for step in range(1000)))
    segment(run_dir, records)
    before = series(engine, px=50, x0=0, x1=1023)
    segment(run_dir, [row(500, 2000, {"a": -1.0})], number=1)
    after = series(engine, px=50, x0=0, x1=1023)
    assert before.lo is not None
    assert after.lo is not None
    changed = np.flatnonzero(before.lo != after.lo)
    assert len(changed) == 1
    assert after.lo[changed[0]] == -1.0


def test_panning_keeps_the_buckets_that_stay(engine: Engine, run_dir: Path) -> None:
    """A range moved by a bit shows the same inner buckets."""
    segment(run_dir, rows(*((step, {"a": float(step)}) for step in range(2000))))
    first, second = series(engine, px=64, x0=100, x1=1100), series(engine, px=64, x0=117, x1=1117)
    assert len(set(first.x.tolist()) & set(second.x.tolist())) >= len(first.x) - 3


def test_smoothing_does_not_depend_on_the_zoom(engine: Engine, run_dir: Path) -> None:
    """A smoothed point has one value, whatever part of the line is asked for."""
    segment(run_dir, rows(*((step, {"a": float(step % 7)}) for step in range(300))))
    whole = series(engine, px=1000, smooth="ema:0.9")
    part = series(engine, px=1000, smooth="ema:0.9", x0=200, x1=220)
    assert part.last.tolist() == whole.last[200:221].tolist()


def test_a_late_attempt_hides_what_it_replaces(engine: Engine, run_dir: Path) -> None:
    """Taken up again from step 2: steps 0 and 1 stay, the rest is the new attempt's."""
    segment(run_dir, rows(*((step, {"a": 0.0}) for step in range(5))))
    segment(run_dir, [row(2, 1, {"a": 1.0}), row(3, 2, {"a": 1.0})], writer="n-1-1", attempt=1)
    one = series(engine)
    assert one.attempt == 1
    assert (one.x.tolist(), one.last.tolist()) == ([0, 1, 2, 3], [0, 0, 1, 1])


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (None, [0, 1, 2]),
        ("time", [START_S + 1, START_S + 2, START_S + 3]),
        ("relative", [1, 2, 3]),
        ("b", [20, 30]),
    ],
)
def test_any_axis(engine: Engine, run_dir: Path, x: str | None, expected: list[float]) -> None:
    """Step, wall time, run time, or another key; a point without that key is left out."""
    records = rows((0, {"a": 1}), (1, {"a": 2, "b": 30}), (2, {"a": 3, "b": 20}))
    segment(run_dir, records)
    assert series(engine, x=x).x.tolist() == expected


def test_a_key_as_axis_meets_the_value_of_another_line(engine: Engine, run_dir: Path) -> None:
    """Both were logged at one step, in two lines."""
    segment(run_dir, rows((0, {"epoch": 3}), (0, {"a": 1.5})))
    one = series(engine, x="epoch")
    assert (one.x.tolist(), one.last.tolist()) == ([3], [1.5])


def test_an_axis_that_was_never_logged_has_no_points(engine: Engine, run_dir: Path) -> None:
    """No point has a place on it."""
    segment(run_dir, rows((0, {"a": 1})))
    assert series(engine, x="missing").n == 0


def test_system_rows_go_by_time(engine: Engine, run_dir: Path) -> None:
    """Samples of several writers make one line by time; equal values stay two points."""
    for writer, second in ((None, 1), ("n-2-1", 0)):
        sample = {"_timestamp": START_S + second, "_runtime": 1.0, "cpu_percent": 5}
        segment(run_dir, [sample], stream="system_metrics", writer=writer)
    one = series(engine, "cpu_percent", stream="system")
    assert one.x.tolist() == [START_S, START_S + 1]
    with pytest.raises(QueryError, match="no step"):
        series(engine, "cpu_percent", stream="system", x="step")


def test_since_gives_only_what_came_later(engine: Engine, run_dir: Path) -> None:
    """The points of lines after a rev, never bucketed."""
    path = segment(run_dir, rows((0, {"a": 1.0})))
    rev = engine.rev("r")
    with path.open("ab") as file:
        file.write(b'{"_timestamp":1.5,"_step":1,"_runtime":1.0,"_seq":9,"a":2.0}\n')
    reply = engine.series(["r"], ["a"], since={"r": rev}, px=1)
    assert reply.series[0].last.tolist() == [2.0]
    assert reply.revs == {"r": engine.rev("r")}


def test_many_nonfinite_values_are_told_once_per_bucket(engine: Engine, run_dir: Path) -> None:
    """Ten thousand NaN do not make ten thousand marks."""
    records = [row(step, step, {"a": None, "_nonfinite": {"a": "NaN"}}) for step in range(10_000)]
    segment(run_dir, [*records, row(0, 1, {"a": 1}), row(9_999, 2, {"a": 2})])
    one = series(engine, px=20)
    assert one.n == 2
    assert len(one.nonfinite) <= 20


@pytest.mark.parametrize("finite", [0, 1, 100])
def test_a_run_that_has_diverged_is_told_once_per_bucket(
    engine: Engine, run_dir: Path, finite: int
) -> None:
    """Also far behind its last finite point, or where there is none; each kind is told."""
    odd = [{"a": None, "_nonfinite": {"a": name}} for name in ("NaN", "Infinity")]
    records = [row(step, step, odd[step % 2]) for step in range(finite, 10_000)]
    segment(run_dir, [*rows(*((step, {"a": step}) for step in range(finite))), *records])
    one = series(engine, px=20)
    assert one.n == finite
    assert 20 <= len(one.nonfinite) <= 40
    assert {value.value for value in one.nonfinite} == {"NaN", "Infinity"}
    assert [value.x for value in one.nonfinite] == sorted(value.x for value in one.nonfinite)


def test_a_key_that_was_never_logged_has_no_points(engine: Engine, run_dir: Path) -> None:
    """It is no error: one of several runs may lack it."""
    segment(run_dir, rows((0, {"a": 1.0})))
    one = series(engine, "missing")
    assert (one.n, one.exact, one.x.size, one.run) == (0, True, 0, "r")


def test_keys_that_json_escapes_are_found(engine: Engine, run_dir: Path) -> None:
    """Quotes, slashes and letters beyond ASCII, escaped by another encoder or not."""
    keys = ["größe", 'say "x"', "a/b", "tab\there"]
    segment(run_dir, [row(0, 1, dict.fromkeys(keys, 1.0))])
    found = engine.series(["r"], keys).series
    assert [one.n for one in found] == [1, 1, 1, 1]


def test_a_segment_that_cannot_be_read_lowers_the_coverage(engine: Engine, run_dir: Path) -> None:
    """A directory stands where a segment should: half of the segments was read."""
    segment(run_dir, rows((0, {"a": 1.0})))
    (run_dir / "history.000001.jsonl").mkdir()
    reply = engine.series(["r"], ["a"])
    assert reply.coverage == 0.5
    assert reply.series[0].n == 1


@pytest.mark.parametrize(
    "view",
    [
        {"px": 0},
        {"smooth": "ema:1"},
        {"smooth": "box:3"},
        {"smooth": "average:0"},
        {"since": {"r": "?"}},
    ],
)
def test_a_view_that_makes_no_sense_is_refused(
    engine: Engine, run_dir: Path, view: dict[str, Any]
) -> None:
    """Each wrong argument is named."""
    segment(run_dir, rows((0, {"a": 1.0})))
    with pytest.raises(QueryError):
        series(engine, **view)


def test_a_run_that_is_not_there_is_named(engine: Engine) -> None:
    """The message says what was asked for."""
    with pytest.raises(NotFoundError, match="'nope'"):
        engine.series(["nope"], ["a"])
