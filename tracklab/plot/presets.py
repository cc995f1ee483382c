"""Charts of a table's columns, or of several series of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.media.table import Table
from tracklab.plot.chart import CustomChart, plot_table

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["bar", "histogram", "line", "line_series", "scatter"]


def line(
    table: Table,
    x: str,
    y: str,
    stroke: str | None = None,
    title: str = "",
    split_table: bool = False,
) -> CustomChart:
    """Return a line through the columns `x` and `y`, one for each value of `stroke` if given."""
    return plot_table(
        "wandb/line/v0", table, {"x": x, "y": y, "stroke": stroke}, {"title": title}, split_table
    )


def scatter(
    table: Table, x: str, y: str, title: str = "", split_table: bool = False
) -> CustomChart:
    """Return points at the columns `x` and `y`."""
    return plot_table("wandb/scatter/v0", table, {"x": x, "y": y}, {"title": title}, split_table)


def bar(
    table: Table, label: str, value: str, title: str = "", split_table: bool = False
) -> CustomChart:
    """Return a bar as long as the column `value` for each row, named by the column `label`."""
    fields = {"label": label, "value": value}
    return plot_table("wandb/bar/v0", table, fields, {"title": title}, split_table)


def histogram(table: Table, value: str, title: str = "", split_table: bool = False) -> CustomChart:
    """Return how often values of the column `value` occur."""
    return plot_table("wandb/histogram/v0", table, {"value": value}, {"title": title}, split_table)


def line_series(
    xs: Iterable[Any],
    ys: Iterable[Iterable[Any]],
    keys: Iterable[str] | None = None,
    title: str = "",
    xname: str = "x",
    split_table: bool = False,
) -> CustomChart:
    """Return several lines in one chart.

    Args:
        xs: where each line's points lie, or one series for all lines.
        ys: the values of each line.
        keys: names of the lines; None for `line_0`, `line_1`, ...
        title: over the chart.
        xname: at the x axis.
        split_table: see `plot_table`.

    Raises:
        UsageError: there are not as many series or names as lines.
    """
    lines = [list(one) for one in ys]
    places = [list(one) if _is_series(one) else one for one in xs]
    if places and not isinstance(places[0], list):
        places = [places] * len(lines)
    names = [f"line_{number}" for number in range(len(lines))] if keys is None else list(keys)
    for what, count in (("x-series", len(places)), ("keys", len(names))):
        if count != len(lines):
            raise UsageError(
                f"Number of {what} ({count}) must match y-series ({len(lines)}). Give one for each."
            )
    rows = [
        [x, name, y]
        for name, x_of_line, y_of_line in zip(names, places, lines, strict=True)
        for x, y in zip(x_of_line, y_of_line, strict=False)
    ]
    columns = ["step", "lineKey", "lineVal"]
    return plot_table(
        "wandb/lineseries/v0", Table(columns=list(columns), data=rows),
        {name: name for name in columns}, {"title": title, "xname": xname}, split_table,
    )  # fmt: skip


def _is_series(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes)
