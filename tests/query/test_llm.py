"""LLM calls and what they come to, against numbers counted by hand and by numpy."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tracklab
from tests.query.files import START_S, event, segment
from tracklab.errors import NotFoundError, QueryError
from tracklab.index.shelves import Shelf
from tracklab.query.addresses import Place
from tracklab.query.call_blocks import Blocks
from tracklab.query.cursors import PAGE_BYTES
from tracklab.query.engines.local import LocalEngine
from tracklab.query.llm import CallFilter
from tracklab.query.llm_stats import read_stats
from tracklab.query.plain import plain
from tracklab.query.prices import Prices
from tracklab.query.reach import Reach

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine


#: Bytes of contents: the second brings a call to more than a page holds.
SIZES = {"alone": PAGE_BYTES, "first": PAGE_BYTES // 2, "second": PAGE_BYTES - 99, "third": 9}


def call(number: int, **data: Any) -> dict[str, Any]:
    """Return a call, `number` seconds after the start; every third fails."""
    failed = number % 3 == 0
    fields = {
        "model": "ab"[number % 2],
        "provider": "p",
        "operation": "chat",
        "response_time": 0.1 * (number + 1),
        "ttft": 0.05,
        "success": not failed,
        "tokens": {"prompt": 10, "completion": number},
        **({"error_type": "Timeout", "error": "too slow"} if failed else {}),
        **data,
    }
    level = "ERROR" if failed else "INFO"
    return event("tracklab.llm", "llm_call", fields, seq=number, at_s=number, level=level)


@pytest.fixture
def calls(root: Path) -> None:
    """Write 20 calls of one run, and one of another project."""
    segment(root / "demo" / "r", map(call, range(20)), stream="llm")
    segment(root / "other" / "x", [call(5, model="c")], stream="llm")


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 21),
        ({"run": "r"}, 20),
        ({"project": "demo"}, 20),
        ({"project": "other"}, 1),
        ({"model": "a"}, 10),
        ({"operation": "chat", "provider": "p", "model": "c"}, 1),
        ({"provider": "q"}, 0),
        ({"labels": {"tokens.completion": "7"}}, 1),
        ({"run": "r", "success": False}, 7),
        ({"search": "TOO SLOW", "run": "r"}, 7),
        ({"run": "r", "x0": START_S + 5, "x1": START_S + 7}, 3),
        ({"run": "r", "x0": START_S + 18.5}, 1),
    ],
)
def test_calls_are_chosen(engine: Engine, asked: dict[str, Any], count: int) -> None:
    """The total counts them, the page shows the newest first."""
    page = engine.llm_calls(**asked, limit=2)
    assert page.total == count
    assert len(page.calls) == min(count, 2)
    assert [one.timestamp for one in page.calls] == sorted(
        (one.timestamp for one in page.calls), key=str, reverse=True
    )


@pytest.mark.usefixtures("calls")
def test_pages_of_calls_lose_nothing(engine: Engine) -> None:
    """Over several runs, oldest first."""
    found, after = [], None
    while True:
        page = engine.llm_calls(order="asc", limit=4, after=after)
        found += [(one.run, one.seq) for one in page.calls]
        after = page.cursor
        if after is None:
            break
    assert len(set(found)) == len(found) == 21


@pytest.mark.usefixtures("calls")
def test_a_call_tells_its_fields(engine: Engine) -> None:
    """And keeps its data for the drawer of the UI."""
    (one,) = engine.llm_calls(run="r", x0=START_S + 3, x1=START_S + 3).calls
    assert (one.run, one.model, one.success, one.error_type) == ("demo/r", "b", False, "Timeout")
    assert (one.prompt_tokens, one.completion_tokens, one.ttft) == (10, 3, 0.05)
    assert one.data["operation"] == "chat"


@pytest.mark.usefixtures("calls")
def test_stats_are_those_of_numpy(engine: Engine) -> None:
    """Exact percentiles, counts and tokens, in all and by model."""
    stats = engine.llm_stats(run="r")
    seconds = [0.1 * (number + 1) for number in range(20)]
    total = stats.total
    assert (total.count, total.errors, total.error_rate) == (20, 7, 0.35)
    assert [total.p50, total.p90, total.p95, total.p99] == pytest.approx(
        np.percentile(seconds, [50, 90, 95, 99])
    )
    assert (total.prompt_tokens, total.completion_tokens, total.ttft_p50) == (200, 190, 0.05)
    assert total.tokens_per_second == pytest.approx(190 / sum(seconds))
    assert [(one.group, one.count, one.errors) for one in stats.groups] == [
        ("a", 10, 4),
        ("b", 10, 3),
    ]


@pytest.mark.usefixtures("calls")
def test_the_timeline_and_the_heat_count_every_call(engine: Engine) -> None:
    """Columns follow on each other; each call lies in one."""
    stats = engine.llm_stats(run="r", group="operation")
    assert sum(one.count for one in stats.timeline) == 20
    assert sum(one.errors for one in stats.timeline) == 7
    assert all(a.t1 == b.t0 for a, b in zip(stats.timeline, stats.timeline[1:], strict=False))
    heat = stats.heat
    assert sum(map(sum, heat.counts)) == 20
    assert (len(heat.counts), len(heat.counts[0])) == (len(heat.t) - 1, len(heat.latency) - 1)
    assert heat.latency[0] <= 0.1
    assert heat.latency[-1] >= 2.0


def test_calls_that_tell_nothing_are_counted(engine: Engine, run_dir: Path) -> None:
    """No time, no tokens, fields of the wrong type: no percentile, and no failure of ours."""
    bare = {"logger": "tracklab.llm", "message": "llm_call", "level": "ERROR"}
    odd = {**bare, "data": {"model": 3, "tokens": "many", "response_time": "slow"}}
    segment(run_dir, [bare, odd], stream="llm")
    stats = engine.llm_stats(run="r")
    assert (stats.total.count, stats.total.errors, stats.total.p50) == (2, 2, None)
    assert (stats.timeline, stats.heat.counts) == ([], [])
    assert [one.model for one in engine.llm_calls(run="r").calls] == ["", ""]


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("asked", "groups"),
    [({"model": "c"}, ["c"]), ({"x0": START_S + 1000}, []), ({"x1": START_S}, ["a"])],
)
def test_a_group_has_calls(engine: Engine, asked: dict[str, Any], groups: list[str]) -> None:
    """A model of which no call is meant is none, also where a run called no other."""
    assert [one.group for one in engine.llm_stats(**asked, group="model").groups] == groups


def test_of_very_many_groups_the_largest_are_told(engine: Engine, run_dir: Path) -> None:
    """And how many there are; the total counts all calls."""
    users = [*range(1_005), 7, 1_004, 1_004]
    segment(run_dir, [call(1, user=f"u{user}") for user in users], stream="llm")
    stats = engine.llm_stats(run="r", group="user")
    assert (stats.group_count, len(stats.groups), stats.total.count) == (1_005, 1_000, 1_008)
    assert [(one.group, one.count) for one in stats.groups[:3]] == [
        ("u1004", 3), ("u7", 2), ("u0", 1)
    ]  # fmt: skip


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("width", [0.0, -1.0, float("nan"), float("inf"), 1e-9, 0.01])
def test_a_width_that_makes_no_or_too_many_buckets_is_refused(engine: Engine, width: float) -> None:
    """19 seconds of calls make 1,900 buckets of a hundredth."""
    with pytest.raises(QueryError, match="width"):
        engine.llm_stats(run="r", width=width)


@pytest.mark.usefixtures("calls")
def test_buckets_of_a_given_width_begin_at_multiples_of_it(engine: Engine) -> None:
    """Hours are hours of the clock in UTC."""
    (hour,) = engine.llm_stats(run="r", width=3600.0).timeline
    assert (hour.t0 % 3600, hour.t1 - hour.t0, hour.count) == (0, 3600, 20)
    assert (hour.prompt_tokens, hour.ttft_p90, hour.error_rate) == (200, 0.05, 0.35)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.4, 2.0, 3.0])
def test_labels_are_read_as_far_as_an_answer_that_must_come_soon_allows(
    root: Path, run_dir: Path, share: float
) -> None:
    """The first calls are told, to the middle of a file; what is left out, the coverage tells."""
    sizes = [
        segment(run_dir, [call(number, user="ada")] * 50, stream="llm", number=number)
        .stat()
        .st_size
        for number in range(3)
    ]
    told = Reach()
    blocks = Blocks(
        [Place("demo", "r", run_dir)], lambda _run: Shelf(None), CallFilter(),
        labels=["user"], label_bytes=int(sum(sizes) / 3 * share), reach=lambda _place: told,
    )  # fmt: skip
    stats = read_stats(blocks, "user", Prices(root))
    assert told.coverage == pytest.approx(share / 3, abs=1e-4)
    # The header of a file takes the room of some calls, and one is cut off.
    assert 50 * share - 7 <= stats.total.count <= 50 * share
    assert stats.total.completion_tokens == sum(number // 50 for number in range(stats.total.count))


def test_an_older_call_may_come_while_calls_are_summed_up(root: Path, run_dir: Path) -> None:
    """It is counted, and lies before every column of time."""
    segment(run_dir, [call(30), call(31)], stream="llm")
    looks: list[Place] = []

    def reach(place: Place) -> Reach:
        looks.append(place)
        if len(looks) == 2:  # between the two times that calls are gone through
            segment(run_dir, [call(10)], stream="llm", writer="w-1")
        return Reach()

    run = Place("demo", "r", run_dir)
    blocks = Blocks([run], lambda _run: Shelf(None), CallFilter(), reach=reach)
    stats = read_stats(blocks, "model", Prices(root))
    assert (stats.total.count, sum(one.count for one in stats.timeline)) == (3, 2)


def test_tokens_beyond_64_bits_are_not_counted(engine: Engine, run_dir: Path) -> None:
    """Some such calls would come to more than any number holds."""
    odd = {"prompt": 1e308, "completion": 1e300, "cache_read": 1e30}
    segment(run_dir, [call(0), *(call(number, tokens=odd) for number in (1, 2))], stream="llm")
    total = engine.llm_stats(run="r").total
    assert (total.count, total.prompt_tokens, total.completion_tokens) == (3, 10, 0)
    assert plain(engine.llm_calls(run="r"))


def test_no_calls_are_no_error(engine: Engine, run_dir: Path) -> None:
    """A project without calls; a run that is not there is one."""
    segment(run_dir, [])
    assert engine.llm_stats(project="demo").total.count == 0
    with pytest.raises(NotFoundError):
        engine.llm_stats(run="nope")


def test_contents_too_long_for_a_line_are_found_and_shown(root: Path) -> None:
    """In a search, in a page, in an export, and of one call that its id names."""
    with tracklab.init(
        project="p", id="c", dir=root, system_monitor=False,
        settings={"console": "off", "record_llm_content": True},
    ):  # fmt: skip
        for name in ("long", "short"):
            with tracklab.llm_call("m", "p") as told:
                told.content(request=f"{name} " * (12_000 if name == "long" else 1) + "needle")
    engine = LocalEngine(root)
    found = engine.llm_calls(run="p/c", search="long needle").calls
    assert [one.data["request"][-11:] for one in found] == ["long needle"]
    (alone,) = engine.llm_calls(run="p/c", labels={"call_id": found[0].data["call_id"]}).calls
    assert alone == found[0]
    assert [len(one.data["request"]) > 32_000 for one in engine.every_call("p/c")] == [True, False]


@pytest.mark.parametrize("before", [65_500, 65_525, 65_530, 65_536])
def test_a_long_content_is_searched_in_any_case(engine: Engine, run_dir: Path, before: int) -> None:
    """Also where what is looked for lies across two of the pieces that it is searched in."""
    segment(run_dir, [call(1, said="é" * before + "Straße")], stream="llm")
    assert [engine.llm_calls(search=text).total for text in ("ÉSTRASSE", "Straßen")] == [1, 0]


def test_contents_of_more_than_a_page_are_not_searched(engine: Engine, run_dir: Path) -> None:
    """Neither one alone nor those behind which a call comes to that; shorter ones are."""
    contents = {name: f'"{name} needle' + "x" * size for name, size in SIZES.items()}
    said = {}
    (run_dir / "media" / "values").mkdir(parents=True)
    for name, content in contents.items():
        digest = sha256(name.encode()).hexdigest()
        (run_dir / "media" / "values" / digest).write_text(content + '"')
        said[name] = {"$ref": f"sha256:{digest}", "bytes": len(content) + 1}
    segment(run_dir, [call(1, **said)], stream="llm")
    found = [name for name in SIZES if engine.llm_calls(search=f"{name} needle").total]
    assert found == ["first", "second"]
