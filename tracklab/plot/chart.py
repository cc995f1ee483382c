"""A chart is a table and what to draw of it: both stand in one record, under `<key>_table`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracklab.errors import Error, UsageError
from tracklab.media.table import Table
from tracklab.media.value import WBValue

if TYPE_CHECKING:
    from tracklab.media.value import Place

__all__ = ["CustomChart", "CustomChartSpec", "Visualize", "plot_table", "visualize"]


@dataclass
class CustomChartSpec:
    """What to draw: a preset by name, and which columns and texts go where in it."""

    spec_name: str
    fields: dict[str, Any]
    string_fields: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    split_table: bool = False

    @property
    def table_key(self) -> str:
        """The name of the table in the row.

        Raises:
            UsageError: the chart has no name yet.
        """
        if not self.key:
            raise UsageError(
                "Key for the custom chart spec is not set. Log the chart, or call set_key('pr')."
            )
        folder = "Custom Chart Tables/" if self.split_table else ""
        return f"{folder}{self.key}_table"


@dataclass
class CustomChart(WBValue):
    """A chart to log."""

    table: Table
    spec: CustomChartSpec

    def set_key(self, key: str) -> None:
        """Name the chart; logging it does so."""
        self.spec.key = key

    def row_key(self, key: str) -> str:
        """Return the name of the chart's table."""
        self.set_key(key)
        return self.spec.table_key

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record of the table, and in it what to draw."""
        name = place.key if place else self.spec.key
        inside = place.under(self.row_key(name)) if place else None
        chart = {
            "name": name,
            "preset": self.spec.spec_name,
            "fields": self.spec.fields,
            "strings": self.spec.string_fields,
        }
        return {**self.table.to_record(inside), "chart": chart}


@dataclass
class Visualize(WBValue):
    """A table to log that is shown as a chart of some preset."""

    table: Table
    preset: str

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record of the table, and in it what to draw."""
        chart = {
            "name": place.key if place else "", "preset": self.preset, "fields": {}, "strings": {},
        }  # fmt: skip
        return {**self.table.to_record(place), "chart": chart}


def plot_table(
    vega_spec_name: str,
    data_table: Table,
    fields: dict[str, Any],
    string_fields: dict[str, Any] | None = None,
    split_table: bool = False,
) -> CustomChart:
    """Return a chart of a table.

    Args:
        vega_spec_name: a preset, such as `wandb/line/v0`; of another only the table is shown.
        data_table: the table.
        fields: the preset's names of columns, and what they are called in the table.
        string_fields: the preset's texts, such as `title`.
        split_table: put the table into the section `Custom Chart Tables`.

    Raises:
        TrackLabError: `data_table` is no table.
    """
    _check_table(data_table, "data_table")
    spec = CustomChartSpec(vega_spec_name, fields, string_fields or {}, split_table=split_table)
    return CustomChart(data_table, spec)


def visualize(id: str, value: Table) -> Visualize:  # noqa: A002 - wandb's signature
    """Return a table that is shown as a chart of the preset `id`.

    Raises:
        TrackLabError: `value` is no table.
    """
    _check_table(value, "value")
    return Visualize(value, id)


def _check_table(value: Any, name: str) -> None:
    if not isinstance(value, Table):
        raise Error(
            f"Expected `{name}` to be `Table` type, instead got {type(value).__name__}. Write "
            "Table(columns=[...], data=[...])."
        )
