"""Charts: a table under the chart's name, what to draw in its record, and specs for presets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab
from tracklab import plot
from tracklab.errors import TrackLabError, UsageError
from tracklab.media.table import Table
from tracklab.plot.specs import PRESETS, vega_lite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(dir=root, system_monitor=False, settings={"console": "off"}) as made:
        yield made


def last_row(run: Run) -> dict[str, Any]:
    """Return what was logged last, with the user's keys only."""
    row = orjson.loads((run.run_dir / "history.jsonl").read_bytes().splitlines()[-1])
    return {key: value for key, value in row.items() if not key.startswith("_")}


def table() -> Table:
    """Return a small table."""
    return Table(columns=["a.b", "y", "name"], data=[[1, 2, "x"], [3, 4, "z"]])


CHARTS = {
    "line": lambda: plot.line(table(), "a.b", "y", stroke="name", title="T"),
    "scatter": lambda: plot.scatter(table(), "a.b", "y"),
    "bar": lambda: plot.bar(table(), "name", "y"),
    "histogram": lambda: plot.histogram(table(), "y"),
    "line_series": lambda: plot.line_series(
        [1, 2], [[3, 4], [5, 6]], keys=["p", "q"], xname="epoch"
    ),
    "pr_curve": lambda: plot.pr_curve([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]),
    "roc_curve": lambda: plot.roc_curve([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]),
    "confusion_matrix": lambda: plot.confusion_matrix(preds=[0, 1], y_true=[0, 0]),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_table_that_says_what_to_draw(name: str, run: Run) -> None:
    """And each column that its preset draws is in the table."""
    run.log({"chart": CHARTS[name]()})
    row = last_row(run)
    record = row["chart_table"]
    chart = record["chart"]
    columns = json.loads((run.run_dir / record["path"]).read_bytes())["columns"]
    assert list(row) == ["chart_table"]
    assert (record["_type"], chart["name"]) == ("table-file", "chart")
    assert set(chart["fields"].values()) - {None} <= set(columns)
    spec = vega_lite(chart["preset"], chart["fields"], chart["strings"])
    assert spec is not None
    assert spec["data"] == {"name": "table"}


def test_every_preset_is_drawn_by_a_chart() -> None:
    """None is there for nothing."""
    assert {CHARTS[name]().spec.spec_name for name in CHARTS} == set(PRESETS)


def test_a_nested_chart_is_named_by_its_key(run: Run) -> None:
    """Its table stands where it stood."""
    run.log({"val": {"pr": CHARTS["pr_curve"](), "loss": 0.5}})
    assert set(last_row(run)["val"]) == {"pr_table", "loss"}


def test_the_table_may_stand_in_a_section_of_its_own(run: Run) -> None:
    """Where programs ask for that."""
    run.log({"c": plot.bar(table(), "name", "y", split_table=True)})
    assert list(last_row(run)) == ["Custom Chart Tables/c_table"]


def test_a_table_may_be_shown_by_a_preset_of_another_name(run: Run) -> None:
    """It stays under its own key, and we do not draw it."""
    run.log({"t": tracklab.visualize("team/preset", table())})
    chart = last_row(run)["t"]["chart"]
    assert chart["preset"] == "team/preset"
    assert vega_lite(chart["preset"], chart["fields"], chart["strings"]) is None


def test_a_preset_without_its_columns_is_not_drawn() -> None:
    """Its table still is."""
    assert vega_lite("wandb/line/v0", {"x": "a"}, {}) is None


def test_names_mean_nothing_to_the_drawing_program() -> None:
    """A dot or a bracket in a column's name is part of it."""
    spec: Any = vega_lite("wandb/scatter/v0", {"x": "a.b", "y": "c[0]\\"}, {"title": "T"})
    assert spec["encoding"]["x"]["field"] == "a\\.b"
    assert spec["encoding"]["y"]["field"] == "c\\[0\\]\\\\"
    assert (spec["encoding"]["x"]["title"], spec["title"]) == ("a.b", "T")


def test_what_is_no_table_is_refused() -> None:
    """At the call."""
    for made in (lambda: tracklab.plot_table("x", 3, {}), lambda: plot.visualize("x", 3)):  # type: ignore[arg-type] # that is the point
        with pytest.raises(TrackLabError, match="Expected `"):
            made()


def test_a_chart_without_a_name_has_no_table_key() -> None:
    """It gets one when it is logged, or by hand."""
    chart = CHARTS["bar"]()
    with pytest.raises(UsageError):
        _ = chart.spec.table_key
    chart.set_key("c")
    assert chart.spec.table_key == "c_table"


def test_several_lines_need_a_series_and_a_name_each() -> None:
    """Or one series for all."""
    rows = plot.line_series([[1], [2, 3]], [[4], [5, 6]]).table.data
    assert rows == [[1, "line_0", 4], [2, "line_1", 5], [3, "line_1", 6]]
    for arguments in (
        {"xs": [[1]], "ys": [[1], [2]]},
        {"xs": [1], "ys": [[1]], "keys": ["a", "b"]},
    ):
        with pytest.raises(UsageError, match="must match"):
            plot.line_series(**arguments)
