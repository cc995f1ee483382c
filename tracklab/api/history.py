"""The rows of a run for scripts: all of them one after the other, or a few that stand for all."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from tracklab.api.samples import sampled
from tracklab.api.system import Translation, cpu_count
from tracklab.errors import QueryError
from tracklab.query.scanning import scan_rows
from tracklab.records.flat import OWN_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.query.runs import Dossier

__all__ = ["HistoryScan", "as_frame", "sampled_history"]

#: Fields of ours that wandb's rows have too.
_SHOWN: Final = frozenset({"_step", "_runtime", "_timestamp"})
_HIDDEN: Final = OWN_FIELDS - _SHOWN


class HistoryScan:
    """All rows of a run by step, as dicts with dotted names; read as they are asked for.

    Each `for` begins anew; `next()` goes on.

    Attributes:
        page_size: as it was given, without effect.
    """

    def __init__(
        self,
        run_dir: Path,
        *,
        keys: Sequence[str] | None = None,
        min_step: int = 0,
        max_step: int | None = None,
        page_size: int = 1000,
    ) -> None:
        self._run_dir = run_dir
        self._keys = _checked(keys)
        self.min_step = min_step
        self._max_step = max_step
        self.page_size = page_size
        self._going: Iterator[dict[str, Any]] | None = None

    @property
    def max_step(self) -> int | None:
        """The step after the last one, None for all."""
        return self._max_step

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows():
            shown = _with_all(row, self._keys)
            if shown:
                yield shown

    def _rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows between the two steps."""
        for row in scan_rows(self._run_dir, "history", keys=self._keys):
            if self._max_step is not None and row["_step"] >= self._max_step:
                return
            if row["_step"] >= self.min_step:
                yield row

    def __next__(self) -> dict[str, Any]:
        """Return the row after the last one that this returned."""
        self._going = self._going or iter(self)
        return next(self._going)

    def next(self) -> dict[str, Any]:
        """Return the same as `next(...)` of this."""
        return self.__next__()


def sampled_history(
    dossier: Dossier, *, samples: int, keys: Sequence[str] | None, x_axis: str, stream: str
) -> list[dict[str, Any]]:
    """Return at most `samples` rows; see `Run.history`.

    Raises:
        QueryError: `samples` is below 1, or there is no such stream.
    """
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise QueryError(f"history() takes a number of samples, 1 or more; got {samples!r}.")
    if stream not in {"default", "system"}:
        raise QueryError(
            f"history() has the streams 'default' and 'system'; got {stream!r}. Write "
            "stream='system' for rows of the machine."
        )
    path = dossier.place.path
    asked = _checked(keys)
    if stream == "system":
        translate = Translation(cpu_count(dossier.metadata)).row
        rows: Iterator[dict[str, Any]] = map(translate, scan_rows(path, "system"))
        asked = ["_timestamp", *asked] if asked else []
    else:
        # A page of rows that are out of order has only what it was asked for.
        rows = scan_rows(path, "history", keys=[*asked, x_axis] if asked else [])
        asked = [x_axis, *asked] if asked or x_axis != "_step" else []
        if not keys and asked:  # an axis alone: whole rows that have it
            return sampled((row for row in map(_shown, rows) if x_axis in row), most=samples)
    wanted = list(dict.fromkeys(asked))
    return sampled(filter(None, (_with_all(row, wanted) for row in rows)), most=samples)


def as_frame(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a DataFrame where pandas is installed, else as they are."""
    if find_spec("pandas") is None:
        return rows
    return import_module("pandas").DataFrame(rows)  # seconds to load


def _checked(keys: Sequence[str] | None) -> list[str]:
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys or ()):
        raise QueryError(f"Keys are a list of texts; got {keys!r}. Write keys=['loss'].")
    return list(keys or ())


def _with_all(row: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return what a row has of `keys`, nothing where one is missing; all of it without keys."""
    if not keys:
        return _shown(row)
    found = {key: row[key] for key in keys if row.get(key) is not None}
    return found if len(found) == len(keys) else {}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _HIDDEN}
