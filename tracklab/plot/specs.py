"""What a preset draws: Vega-Lite specs of our own, with a table's columns put in.

A spec's data are called `table`; whoever draws it gives them the rows as objects by column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PRESETS", "vega_lite"]

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"


def vega_lite(
    preset: str, fields: Mapping[str, Any], strings: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the Vega-Lite spec of a chart.

    Args:
        preset: its name, such as `wandb/line/v0`.
        fields: the preset's names of columns, and what they are called in the table.
        strings: its texts.

    Returns:
        None for a preset that is not ours, or that lacks a column it needs.
    """
    known = PRESETS.get(preset)
    if known is None:
        return None
    named = {name: _escaped(value) for name, value in fields.items() if isinstance(value, str)}
    texts = {name: str(value) for name, value in strings.items()}
    # Vega would take a name in its own way; a title shows it as it is.
    titles = {name: str(fields[name]) for name in named}
    try:
        drawn = known(named, titles, texts)
    except KeyError:
        return None
    title = {"title": texts["title"]} if texts.get("title") else {}
    return {
        "$schema": _SCHEMA, "data": {"name": "table"}, "width": "container", **title, **drawn,
    }  # fmt: skip


def _line(fields: Mapping[str, str], titles: Mapping[str, str], _: object) -> dict[str, Any]:
    encoding = {
        "x": _axis(fields["x"], titles["x"]),
        "y": _axis(fields["y"], titles["y"]),
    }
    if "stroke" in fields:
        encoding["color"] = _colour(fields["stroke"], titles["stroke"])
    return {"mark": {"type": "line", "tooltip": True}, "encoding": encoding}


def _lines(
    fields: Mapping[str, str], titles: Mapping[str, str], texts: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "mark": {"type": "line", "tooltip": True},
        "encoding": {
            "x": _axis(fields["step"], texts.get("xname") or titles["step"]),
            "y": _axis(fields["lineVal"], "value"),
            "color": _colour(fields["lineKey"], "line"),
        },
    }


def _points(fields: Mapping[str, str], titles: Mapping[str, str], _: object) -> dict[str, Any]:
    return {
        "mark": {"type": "point", "filled": True, "opacity": 0.7, "tooltip": True},
        "encoding": {
            "x": _axis(fields["x"], titles["x"]),
            "y": _axis(fields["y"], titles["y"]),
        },
    }


def _bars(fields: Mapping[str, str], titles: Mapping[str, str], _: object) -> dict[str, Any]:
    return {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {"field": fields["value"], "type": "quantitative", "title": titles["value"]},
            "y": {
                "field": fields["label"], "type": "nominal", "title": titles["label"], "sort": None,
            },
        },
    }  # fmt: skip


def _distribution(
    fields: Mapping[str, str], titles: Mapping[str, str], _: object
) -> dict[str, Any]:
    return {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": fields["value"], "type": "quantitative", "bin": {"maxbins": 50},
                "title": titles["value"],
            },
            "y": {"aggregate": "count", "type": "quantitative", "title": "count"},
        },
    }  # fmt: skip


def _area(
    fields: Mapping[str, str], titles: Mapping[str, str], texts: Mapping[str, str]
) -> dict[str, Any]:
    whole = {"domain": [0, 1]}
    return {
        "mark": {"type": "line", "tooltip": True},
        "encoding": {
            "x": {**_axis(fields["x"], texts.get("x-axis-title") or titles["x"]), "scale": whole},
            "y": {**_axis(fields["y"], texts.get("y-axis-title") or titles["y"]), "scale": whole},
            "color": _colour(fields["class"], titles["class"]),
        },
    }


def _confusion(fields: Mapping[str, str], titles: Mapping[str, str], _: object) -> dict[str, Any]:
    count = {"field": fields["nPredictions"], "type": "quantitative"}
    return {
        "encoding": {
            "x": {"field": fields["Predicted"], "type": "nominal", "title": titles["Predicted"],
                  "sort": None},
            "y": {"field": fields["Actual"], "type": "nominal", "title": titles["Actual"],
                  "sort": None},
        },
        "layer": [
            {
                "mark": {"type": "rect", "tooltip": True},
                "encoding": {"color": {**count, "title": titles["nPredictions"]}},
            },
            {"mark": {"type": "text"}, "encoding": {"text": count}},
        ],
    }  # fmt: skip


#: The presets by the names that programs use; what each needs is what its function reads.
PRESETS: Final[dict[str, Callable[[Any, Any, Any], dict[str, Any]]]] = {
    "wandb/area-under-curve/v0": _area,
    "wandb/bar/v0": _bars,
    "wandb/confusion_matrix/v1": _confusion,
    "wandb/histogram/v0": _distribution,
    "wandb/line/v0": _line,
    "wandb/lineseries/v0": _lines,
    "wandb/scatter/v0": _points,
}


def _axis(field: str, title: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False}}


def _colour(field: str, title: str) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "title": title}


def _escaped(name: str) -> str:
    r"""Return a column's name as Vega takes it: a dot or bracket would mean something inside."""
    for sign in ("\\", ".", "[", "]"):
        name = name.replace(sign, f"\\{sign}")
    return name
