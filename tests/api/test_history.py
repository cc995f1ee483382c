"""Rows for scripts: all of them, or a few that stand for all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.query.files import row, rows, segment
from tracklab.api.samples import sampled
from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.api.client import Api
    from tracklab.sdk.run import Run

ROWS = st.lists(
    st.dictionaries(st.sampled_from("ab"), st.floats(-9, 9) | st.just(math.nan) | st.just("x"))
)


@given(ROWS, st.integers(4, 20))
def test_a_sample_keeps_extremes_and_ends(rows: Any, most: int) -> None:
    """Of every number; in order, and never more than were asked for."""
    told = [{"_step": step, **one} for step, one in enumerate(rows)]
    found = sampled(told, most=most)
    steps = [one["_step"] for one in found]
    assert steps == sorted(set(steps))
    assert len(found) == min(len(told), most)
    assert steps[:1] + steps[-1:] == [one["_step"] for one in told[:1] + told[-1:]]
    if most >= 6:  # room for both ends, and two extremes of two keys
        for key in "ab":
            numbers = [v for one in rows if isinstance(v := one.get(key), float) and v == v]  # noqa: PLR0124
            kept = [one[key] for one in found if one.get(key) in numbers]
            assert not numbers or (min(kept), max(kept)) == (min(numbers), max(numbers))


def test_every_bucket_keeps_its_extremes() -> None:
    """A spike and a dip in each stretch of a long run are there."""
    told: list[dict[str, Any]] = [{"_step": step, "loss": 0.0} for step in range(10_000)]
    for spike in range(50, 10_000, 500):
        told[spike]["loss"], told[spike + 7]["loss"] = 1.0, -1.0
    found = sampled(told, most=200)
    assert len(found) == 200
    assert sum(one["loss"] > 0 for one in found) == sum(one["loss"] < 0 for one in found) == 20


@pytest.fixture
def logged(begun: Callable[..., Run]) -> None:
    """Write a run with keys at different steps."""
    with begun("r") as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1), "n": {"q": step}, "text": "t"})
            if step % 5 == 0:
                run.log({"val": step, "epoch": step // 5}, step=step)
        run.log({"odd": math.nan, "none": None}, step=30)


def test_a_scan_has_all_rows(logged: None, api: Api) -> None:
    """With dotted names, floats that JSON cannot say, and none of our own fields but three."""
    found = list(api.run("r").scan_history())
    assert [one["_step"] for one in found] == [*range(20), 30]
    assert found[3].keys() == {"_step", "_runtime", "_timestamp", "loss", "n.q", "text"}
    assert math.isnan(found[-1]["odd"])


def test_a_scan_of_keys_has_rows_with_all_of_them(logged: None, api: Api) -> None:
    """From a step on and up to another, which is left out."""
    scan = api.run("r").scan_history(keys=["loss", "val"], min_step=1, max_step=15)
    assert list(scan) == list(scan) == [{"loss": 1 / 6, "val": 5}, {"loss": 1 / 11, "val": 10}]
    assert [scan.next()["val"], next(scan)["val"], next(scan, None)] == [5, 10, None]


def test_a_history_is_sampled(logged: None, api: Api) -> None:
    """The axis stands before the keys."""
    run = api.run("r")
    assert len(run.history(pandas=False)) == 21
    few = run.history(samples=4, keys=["loss"], pandas=False)
    assert [one.keys() for one in few] == [{"_step", "loss"}] * 4
    assert (few[0]["loss"], few[-1]["loss"]) == (1.0, 1 / 20)
    across = run.history(keys=["val"], x_axis="epoch", pandas=False)
    assert across == [{"epoch": number, "val": 5 * number} for number in range(4)]
    assert [one["val"] for one in run.history(x_axis="epoch", pandas=False)] == [0, 5, 10, 15]


def test_an_axis_is_there_where_steps_went_back(begun: Callable[..., Run], api: Api) -> None:
    """One late row, and the rows are read by pages, which hold what is asked for alone."""
    with begun("r") as run:
        for number in range(30):
            run.log({"loss": 1.0, "epoch": number // 10})
        run.log({"late": 1}, step=3)
    for axis in ("epoch", "_runtime", "_step"):
        found = api.run("r").history(keys=["loss"], x_axis=axis, pandas=False)
        assert [one.keys() for one in found] == [{axis, "loss"}] * 30


def test_the_histories_of_runs_stand_together(logged: None, api: Api) -> None:
    """Each row says whose it is."""
    found = api.runs("demo").histories(keys=["val"], samples=2)
    assert found == [
        {"run_id": "r", "_step": 0, "val": 0}, {"run_id": "r", "_step": 15, "val": 15},
    ]  # fmt: skip


def test_rows_of_the_machine_have_the_names_of_wandb(root: Path, api: Api) -> None:
    """And its units: megabytes, what was sent since the first row, a share of all CPUs."""
    path = root / "demo" / "r"
    machine = [
        {"cpu_percent_per_core": [5.0, 7.0], "net_sent_bytes": 100 + seq, "load_1m": 1.5,
         "process_cpu_percent": 50.0, "process_rss_bytes": 3 << 20, "gpu.0.utilization_percent": 9,
         "swap_percent": None}
        for seq in (0, 11, 23)
    ]  # fmt: skip
    told = [row(0, seq, one) for seq, one in enumerate(machine)]
    segment(path, told, stream="system_metrics")
    segment(path, rows((0, {"a": 1})))
    (path / "metadata.json").write_text('{"environment": {"cpu_count": 4}}')
    run = api.run("r")
    assert run.system_metrics == {
        "system.cpu.0.cpu_percent": 5.0, "system.cpu.1.cpu_percent": 7.0, "load_1m": 1.5,
        "system.network.sent": 23, "system.cpu": 12.5, "system.proc.memory.rssMB": 3.0,
        "system.gpu.0.gpu": 9,
    }  # fmt: skip
    found = run.history(stream="system", keys=["system.network.sent"], pandas=False)
    assert [one["system.network.sent"] for one in found] == [0, 11, 23]


@pytest.mark.parametrize(
    "asked", [{"samples": 0}, {"samples": 1.5}, {"stream": "gpu"}],
)  # fmt: skip
def test_wrong_histories_are_refused(logged: None, api: Api, asked: Any) -> None:
    """With what is accepted."""
    with pytest.raises(QueryError, match=r"\. ?"):
        api.run("r").history(**asked)


def test_keys_are_a_list(logged: None, api: Api) -> None:
    """A text would be taken for its letters."""
    with pytest.raises(QueryError, match="'loss'"):
        api.run("r").scan_history(keys="loss")
    with pytest.raises(QueryError, match="'loss'"):
        api.run("r").history(keys="loss")
