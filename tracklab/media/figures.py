"""Figures of other libraries, and which values of theirs are media without being told so."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.image import Image
from tracklab.media.needs import needed
from tracklab.media.table import Table
from tracklab.media.value import Media
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from tracklab.media.value import WBValue

__all__ = ["Bokeh", "Plotly", "as_media"]

_PYPLOT: Final = "matplotlib.pyplot"


class Plotly(Media):
    """A plotly figure to log; `run.log({"chart": figure})` makes one of a figure by itself.

    Args:
        val: the figure.

    Raises:
        UsageError: it is no figure of plotly.
    """

    _type = "plotly-file"
    _folder = "plotly"

    def __init__(self, val: Any) -> None:
        super().__init__()
        if not hasattr(val, "to_plotly_json"):
            raise UsageError(
                f"Logged plots must be plotly figures; Plotly() got a {type(val).__name__}. Write "
                "Image(figure) for one of matplotlib."
            )
        self._content = encode_object(val.to_plotly_json())
        self._ending = ".plotly.json"


class Bokeh(Media):
    """A plot of Bokeh to log: `run.log({"chart": Bokeh(plot)})`.

    Args:
        data_or_path: a document, something in one such as a plot, or the path of a document's
            JSON.

    Raises:
        ArgumentTypeError: it is none of them.
        MissingPackageError: Bokeh is not installed.
    """

    _type = "bokeh-file"
    _folder = "bokeh"

    def __init__(self, data_or_path: Any) -> None:
        super().__init__()
        self._ending = ".bokeh.json"
        documents = needed("bokeh.document", by="Bokeh()", install="bokeh")
        if isinstance(data_or_path, str | Path):
            self._content = Path(data_or_path)
            described = json.loads(self._content.read_bytes())
            self.b_obj = documents.Document.from_json(described)
            return
        if isinstance(data_or_path, documents.Document):
            self.b_obj = data_or_path
        elif isinstance(data_or_path, needed("bokeh.model", by="Bokeh()", install="bokeh").Model):
            self.b_obj = documents.Document()
            self.b_obj.add_root(data_or_path)
        else:
            raise ArgumentTypeError(
                "Bokeh constructor accepts Bokeh document/model or path to Bokeh json file; got a "
                f"{type(data_or_path).__name__}."
            )
        try:
            described = self.b_obj.to_json(deferred=False)
        except TypeError:  # before Bokeh 3.9
            described = self.b_obj.to_json()
        self._content = orjson.dumps(described)


def as_media(value: Any) -> WBValue | None:
    """Return what `value`, of another library, is logged as; None if it is no such thing.

    A plotly figure is a `Plotly`, a matplotlib figure or what is in one an `Image`, so is the
    current figure for the module `matplotlib.pyplot`, and a pandas data frame is a `Table`.
    """
    library = type(value).__module__.partition(".")[0]
    if isinstance(value, ModuleType):
        return Image(value) if value.__name__ == _PYPLOT else None
    if library == "matplotlib":
        return Image(value) if hasattr(value, "savefig") or _in_figure(value) else None
    if library == "plotly":
        return Plotly(value) if hasattr(value, "to_plotly_json") else None
    return Table(dataframe=value) if type(value).__name__ == "DataFrame" else None


def _in_figure(value: Any) -> bool:
    return hasattr(getattr(value, "figure", None), "savefig")
