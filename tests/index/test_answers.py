"""An index changes how long an answer takes and nothing else: with it, half built, or broken."""

from __future__ import annotations

import itertools
import json
import math
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.files import START_S, event, row, segment
from tracklab.index.building import build_run
from tracklab.index.calls import GatheredCalls
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.records.calls import is_call
from tracklab.records.decode import decode_event
from tracklab.records.fields import epoch_s
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ("a", "b", "n.x", "n")
ODD = ["text", None, [1], {"_type": "histogram", "bins": [1]}, math.nan, math.inf, -math.inf]


def written_rows(random_: random.Random, count: int, *, orderly: bool) -> list[dict[str, Any]]:
    """Return rows as a training logs them, or with everything that can go wrong."""
    found, step = [], random_.randint(-5, 5)
    for seq in range(count):
        step += 1 if orderly else random_.choice([1, 1, 1, 0, 2, -3])
        values: dict[str, Any] = {"a": random_.gauss(0, 1e3)}
        if random_.random() < 0.5:
            values["b"] = random_.choice([random_.random(), 7, True])
        if random_.random() < 0.3:
            values["n"] = {"x": random_.random(), "deep": {"y": seq}}
        if random_.random() < (0.05 if orderly else 0.3):
            values[random_.choice(KEYS)] = random_.choice(ODD)
        record = row(step, seq, spelled(values))
        if not orderly and random_.random() < 0.05:
            del record[random_.choice(["_step", "_timestamp", "_runtime"])]
        found.append(record)
    return found


def made_up(seed: int) -> list[dict[str, Any]]:
    """Return 1,000 orderly rows."""
    return written_rows(random.Random(seed), 1_000, orderly=True)  # noqa: S311 - made-up data


def spelled(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with null where JSON has no word, and the word beside it."""
    odd = {
        key: "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        for key, value in values.items()
        if isinstance(value, float) and not math.isfinite(value)
    }
    plain_values = {key: None if key in odd else value for key, value in values.items()}
    return plain_values | ({"_nonfinite": odd} if odd else {})


def indexed(root: Path, **options: Any) -> Path:
    """Bring the index of run `demo/r` up to date, however short the run is."""
    place = run_place(index_root(root), "demo", "r")
    build_run(root / "demo" / "r", place, min_bytes=1, **options)
    return place


def answers(root: Path) -> Any:
    """Return everything that a chart may ask of run `demo/r`."""
    engine = LocalEngine(root, now=lambda: START_S)
    asked: list[dict[str, Any]] = [
        {"x": "step", "px": 7},
        {"x": "step", "px": 100, "x0": 3, "x1": 60.5},
        {"x": "time", "px": 1, "x0": START_S + 10},
        {"x": "time", "px": 50},
        {"x": "relative", "px": 9, "x1": 200},
        {"x": "b", "px": 20},
        {"smooth": "ema:0.6", "px": 10},
        {"stream": "system", "px": 20},
    ]
    keys = [*KEYS, "n.deep.y", "missing"]
    return plain(
        [
            *(engine.series(["demo/r"], keys, **view).series for view in asked),
            engine.series(["demo/r"], ["a", "_runtime"], px=5).series,
            *(engine.keys(["demo/r"], stream=stream) for stream in ("history", "system")),
        ]
    )


def alike(one: Any, other: Any) -> bool:
    """Return whether two answers are equal, but for the last digits of means."""
    if isinstance(one, dict) and isinstance(other, dict) and one.get("mean") is not None:
        size = np.maximum(np.abs(one["lo"]), np.abs(one["hi"]))
        if (np.abs(np.subtract(one["mean"], other["mean"])) > 1e-12 * size).any():
            return False
        one, other = one | {"mean": None}, other | {"mean": None}
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return bool(one == other)


@given(seed=st.integers(0, 10**6), orderly=st.booleans())
@settings(PATIENT, max_examples=15)
def test_answers_are_the_same_with_and_without_an_index(seed: int, *, orderly: bool) -> None:
    """Several writers, attempts and segments: whole, half built and taken further."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data
    with TemporaryDirectory() as place:
        root = Path(place)
        run_dir = root / "demo" / "r"
        rows = written_rows(random_, 700, orderly=orderly)
        first = segment(run_dir, rows[:400])
        segment(run_dir, rows[:300], stream="system_metrics")
        indexed(root)
        with first.open("ab") as file:
            file.write(segment(root / "other" / "r", rows[400:]).read_bytes().split(b"\n", 1)[1])
        if random_.random() < 0.6:
            segment(run_dir, written_rows(random_, 50, orderly=orderly), number=1)
        if random_.random() < 0.4:
            attempt = random_.choice([0, 1])
            more = written_rows(random_, 50, orderly=orderly)
            segment(run_dir, more, writer="w-1", attempt=attempt)

        half = answers(root)
        indexed(root)
        whole = answers(root)
        for path in index_root(root).rglob("*.tlx"):
            path.unlink()

        without = answers(root)
        assert alike(half, without)
        assert alike(whole, without)


@pytest.fixture
def long_run(root: Path) -> Path:
    """Return a root with a run of 1,000 orderly rows, indexed."""
    segment(root / "demo" / "r", made_up(4))
    indexed(root)
    return root


def flipped(path: Path, random_: random.Random) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)
    path.write_bytes(content)


def cut_short(path: Path, random_: random.Random) -> None:
    """Cut a file at any byte."""
    path.write_bytes(path.read_bytes()[: random_.randrange(path.stat().st_size)])


def zeroed(path: Path, random_: random.Random) -> None:
    """Put a page of zeros into a file, as some file systems do after a crash."""
    content = bytearray(path.read_bytes())
    at = random_.randrange(max(len(content) - 4096, 1))
    content[at : at + 4096] = bytes(min(4096, len(content) - at))
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [flipped, cut_short, zeroed])
def test_a_damaged_index_changes_no_answer(
    long_run: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    """A flipped bit, a short file, a page of zeros: the lines are read instead."""
    (part,) = index_root(long_run).rglob("*.tlx")
    sound = part.read_bytes()
    expected = answers(long_run)
    for seed in range(6):
        part.write_bytes(sound)
        damage(part, random.Random(seed))  # noqa: S311 - any place will do
        assert alike(answers(long_run), expected)


def test_an_index_of_another_file_is_not_believed(long_run: Path) -> None:
    """A run that was replaced by one of the same size and time is read anew."""
    run = long_run / "demo" / "r"
    before = (run / "history.jsonl").stat()
    other = made_up(5)
    segment(run, other).rename(run / "kept")
    text = (run / "kept").read_bytes().ljust(before.st_size, b"\n")[: before.st_size]
    (run / "history.jsonl").write_bytes(text)

    with_index = answers(long_run)
    for path in index_root(long_run).rglob("*.tlx"):
        path.unlink()

    assert alike(with_index, answers(long_run))


def test_a_long_run_reads_only_blocks_at_the_edges(long_run: Path) -> None:
    """Buckets from digests are those of all the points, on the same grid."""
    engine = LocalEngine(long_run)
    (zoomed,) = engine.series(["demo/r"], ["a"], px=4).series
    (points,) = engine.series(["demo/r"], ["a"], px=10_000).series

    assert not zoomed.exact
    assert zoomed.hi is not None
    assert zoomed.hi.max() == points.last.max()
    assert zoomed.cnt is not None
    assert int(zoomed.cnt.sum()) == points.n
    assert np.isin(zoomed.last, points.last).all()


def test_times_closer_than_buckets_can_be_numbered_are_drawn(root: Path) -> None:
    """Zoomed in as far as a clock goes: no bucket is empty."""
    rows = [row(n, n, {"a": n}) | {"_timestamp": START_S + n // 50 * 2**-22} for n in range(1_000)]
    segment(root / "demo" / "r", rows)
    without = LocalEngine(root).series(["demo/r"], ["a"], x="time", px=500).series
    indexed(root)
    (found,) = LocalEngine(root).series(["demo/r"], ["a"], x="time", px=500).series

    assert found.cnt is not None
    assert found.cnt.tolist() == [50] * 20
    assert alike(plain([found]), plain(without))


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_any_length_are_drawn_as_one_line(root: Path, seed: int) -> None:
    """Segments that end within a block, or with one, and a last one that is not indexed."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data
    rows = written_rows(random_, 1_500, orderly=True)
    ends = sorted({256, 512, *(random_.randrange(1_400) for _ in range(4)), 1_450})
    for number, (start, end) in enumerate(itertools.pairwise([0, *ends])):
        segment(root / "demo" / "r", rows[start:end], number=number)
    indexed(root)
    segment(root / "demo" / "r", rows[ends[-1] :], number=len(ends))
    engine = LocalEngine(root)
    views: list[dict[str, Any]] = [
        {"px": random_.randrange(1, 400), "x": axis, "x0": x0, "x1": x1}
        for axis in ("step", "relative")
        for x0, x1 in ((None, None), (250, 1_200), (ends[2], None), (None, ends[3] + 0.5))
    ]
    found = [plain(engine.series(["demo/r"], ["a", "b"], **view).series) for view in views]
    for path in index_root(root).rglob("*.tlx"):
        path.unlink()
    assert alike(found, [plain(engine.series(["demo/r"], ["a", "b"], **v).series) for v in views])


def calls(random_: random.Random, count: int) -> list[dict[str, Any]]:
    """Return LLM calls with everything that may be missing."""
    found = []
    for seq in range(count):
        data: dict[str, Any] = {"model": random_.choice(["gpt-4o-mini", "m", None, 7])}
        data["provider"] = random_.choice(["openai", "", "p"])
        if random_.random() < 0.9:
            data["response_time"] = random_.choice([random_.lognormvariate(0, 1), 0, -1.0])
        if random_.random() < 0.5:
            data["ttft"] = random_.random()
        if random_.random() < 0.8:
            data["tokens"] = {"prompt": random_.randrange(900), "completion": random_.randrange(9)}
        if random_.random() < 0.3:
            data |= {"success": random_.random() < 0.5, "cost_usd": random_.choice([0.5, None])}
        if random_.random() < 0.8:
            data["conversation_id"] = f"c-{random_.randrange(5)}"
        if random_.random() < 0.8:
            data["metadata"] = {"x": random_.choice([1, "1", 1.0, True, None, [2], "\u00e9"])}
        message = random_.choice(["llm_call"] * 9 + ["other"])
        level = random_.choice(["INFO", "INFO", "ERROR"])
        found.append(event("tracklab.llm", message, data, seq=seq, at_s=seq % 60, level=level))
    return found


def call_answers(root: Path) -> Any:
    """Return what sums up the calls of run `demo/r`."""
    engine = LocalEngine(root)
    x0 = START_S + 20
    found = [
        engine.llm_stats(run="demo/r", group="model"),
        engine.llm_stats(run="demo/r", group="provider", model="m"),
        engine.llm_stats(project="demo", x0=x0, x1=x0 + 15),
        engine.llm_stats(group="metadata.x", provider="p", x0=x0),
        engine.llm_stats(labels={"conversation_id": "c-1"}, x1=x0, width=7.0),
    ]
    return plain(found)


def rounded(value: Any) -> Any:
    """Return an answer without the last digits of sums, which depend on their order."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_calls_read_together_are_those_read_one_by_one() -> None:
    """As we write them, and with everything else that a line may say."""
    random_ = random.Random(5)  # noqa: S311 - made-up data
    plain_ones = [one for one in calls(random_, 300) if one["data"]["model"] != 7]
    times = ["2026-02-30T00:00:00.000000Z", "2026-11-21T09:30:00Z", None, 1_795_196_400, 7]
    odd = [{**one, "timestamp": at} for one, at in zip(calls(random_, 5), times, strict=True)]
    odd += [{**one, "rank": 1, "model": "outside"} for one in calls(random_, 3)]
    for lines in (plain_ones, *([*plain_ones[:5], one] for one in odd)):
        block = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        together, alone = GatheredCalls(), GatheredCalls()
        together.add_lines(block, Tally())
        records = [decode_event(line) for line in block.splitlines()]
        alone.add([one for one in records if isinstance(one, dict) and is_call(one)])
        assert together.row_count == alone.row_count > 0
        assert [together.kinds[n] for n in together.codes()] == [
            alone.kinds[n] for n in alone.codes()
        ]
        for name, column in alone.columns().items():
            np.testing.assert_array_equal(together.columns()[name], column)


def label(data: dict[str, Any], name: str) -> str:
    """Return a field of a call as text."""
    head, _, rest = name.partition(".")
    value = data.get(head)
    if rest:
        value = value.get(rest) if isinstance(value, dict) else None
    elif not isinstance(value, str):
        value = None
    return value if isinstance(value, str) else json.dumps(value) if value is not None else ""


def brute_numbers(called: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what calls come to, from what each tells."""
    found: dict[str, Any] = {"count": len(called), "errors": sum(not c["success"] for c in called)}
    for before, name in (("", "response_time"), ("ttft_", "ttft")):
        told = [call[name] for call in called if call[name] is not None]
        for rank in (50, 90, 95, 99):
            found[f"{before}p{rank}"] = np.percentile(told, rank) if told else None
    for name in ("prompt", "completion"):
        found[f"{name}_tokens"] = sum(call[f"{name}_tokens"] or 0 for call in called)
    costs = [call["cost"] for call in called if call["cost"] is not None]
    found["cost"] = math.fsum(costs) if costs else None
    return found


def agree(told: dict[str, Any], called: list[dict[str, Any]]) -> bool:
    """Return whether an engine tells of calls what they come to."""
    brute = brute_numbers(called)
    return all(
        value == told[name] or math.isclose(value, told[name], rel_tol=1e-9)
        for name, value in brute.items()
    )


@given(seed=st.integers(0, 10**6), group=st.sampled_from([
    "model", "provider", "conversation_id", "metadata.x", "nobody",
]), width=st.sampled_from([None, 0.9, 7.0, 60.0]))  # fmt: skip
@settings(PATIENT, max_examples=10)
def test_calls_by_any_field_and_by_time_come_to_what_they_tell(
    seed: int, group: str, width: float | None
) -> None:
    """Each group and each bucket of time, filtered or not, against call after call."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data
    with TemporaryDirectory() as place:
        root = Path(place)
        path = segment(root / "demo" / "r", calls(random_, 80), stream="llm")
        indexed(root)
        with path.open("ab") as file:
            file.writelines(orjson.dumps(one) + b"\n" for one in calls(random_, 20))
        engine = LocalEngine(root)
        every = plain(engine.llm_calls(limit=1_000).calls)
        wanted = {"metadata.x": "1"} if random_.random() < 0.5 else {}
        meant = [c for c in every if all(label(c["data"], n) == v for n, v in wanted.items())]
        stats = plain(engine.llm_stats(group=group, labels=wanted, width=width))

    assert agree(stats["total"], meant)
    assert sum(one["count"] for one in stats["groups"]) == len(meant)
    assert stats["group_count"] == len({one["group"] for one in stats["groups"]})
    for one in stats["groups"]:
        assert agree(one, [c for c in meant if label(c["data"], group) == one["group"]])
    assert sum(one["count"] for one in stats["timeline"]) == len(meant)
    for one in stats["timeline"]:
        assert width is None or one["t1"] - one["t0"] == pytest.approx(width, abs=1e-5)
        own = [c for c in meant if one["t0"] <= epoch_s(c["timestamp"]) < one["t1"]]
        assert agree(one, own)


@pytest.mark.parametrize("seed", range(3))
def test_calls_are_summed_up_alike_with_and_without_an_index(root: Path, seed: int) -> None:
    """Half built, merged from many parts, and damaged."""
    random_ = random.Random(seed)  # noqa: S311 - made-up data
    path = segment(root / "demo" / "r", calls(random_, 40), stream="llm")
    for _ in range(10):
        indexed(root)
        more = segment(root / "rest" / "r", calls(random_, 20), stream="llm").read_bytes()
        with path.open("ab") as file:
            file.write(more.split(b"\n", 1)[1])
    (root / "rest" / "r" / "llm.jsonl").unlink()

    half = call_answers(root)
    indexed(root)
    whole = call_answers(root)
    for part in index_root(root).rglob("*.tlx"):
        flipped(part, random_)
    damaged = call_answers(root)
    for part in index_root(root).rglob("*.tlx"):
        part.unlink()
    without = call_answers(root)

    assert without[0]["total"]["count"] > 150
    assert rounded(half) == rounded(whole) == rounded(damaged) == rounded(without)
