"""What the plots share: a table with what to draw of it, and what can be plotted at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tracklab.integrations.hooks import loaded
from tracklab.media.table import Table
from tracklab.plot import Visualize
from tracklab.sdk.current import need_run
from tracklab.sdk.terminal import termerror, termwarn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracklab.media.value import Place

__all__ = ["ROWS_MAX", "can_plot", "log_chart", "part", "plain"]

#: So many rows a chart has at most.
ROWS_MAX: Final = 1_000


@dataclass
class _Drawn(Visualize):
    """A table, a preset, and which column goes where in it."""

    fields: dict[str, str] = field(default_factory=dict)

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        record = super().to_record(place)
        return {**record, "chart": {**record["chart"], "fields": self.fields}}


def log_chart(
    key: str, preset: str, fields: dict[str, str], *, columns: list[str], rows: Sequence[Any]
) -> None:
    """Log a table to the current run, and what to draw of it.

    Args:
        key: of the row.
        preset: what draws it, such as `wandb/line/v0`.
        fields: the preset's names of columns, and what they are in the table.
        columns: of the table.
        rows: of the table; behind the first 1,000 they are left out, which is said.

    Raises:
        UsageError: there is no current run.
    """
    table = Table(columns=columns, data=[list(row) for row in part(rows, key)])
    need_run("log()").log({key: _Drawn(table, preset, fields)})


def part(rows: Sequence[Any], chart: str, *, most: int = ROWS_MAX) -> Sequence[Any]:
    """Return the first rows, and say so if there are more."""
    if len(rows) > most:
        termwarn(f"using only the first {most} datapoints to create chart {chart}")
    return rows[:most]


def can_plot(model: Any = None, *, kind: str | None = None, **data: Any) -> bool:
    """Return whether a model and its data can be plotted; if not, say why on the terminal.

    Args:
        model: a fitted estimator.
        kind: what it must be: `classifier`, `regressor`, `clusterer` or `model`, which is one of
            the first two; None if there is no model.
        data: arrays by the name of their argument. `X` and `X_test` must hold finite numbers.

    Raises:
        MissingPackageError: scikit-learn is not installed.
    """
    sklearn = loaded("sklearn.base", package="scikit-learn", wanted_by="plot_*()")
    if kind is not None and not _is_fitted(model, kind, sklearn):
        return False
    for name, values in data.items():
        if values is None:
            termerror(f"{name} is None. Please try again.")
        elif not hasattr(values, "__iter__"):
            termerror(f"{name} is not an array. Please try again.")
        elif name not in {"X", "X_test"} or _are_numbers(name, values):
            continue
        return False
    return True


def _is_fitted(model: Any, kind: str, sklearn: Any) -> bool:
    kinds = ["classifier", "regressor"] if kind == "model" else [kind]
    if model is None:
        termerror(f"{kind} is None. Please try again.")
        return False
    if not any(getattr(sklearn, f"is_{one}")(model) for one in kinds):
        termerror(f"{kind} is not a {' or '.join(kinds)}. Please try again.")
        return False
    validation = loaded("sklearn.utils.validation", package="scikit-learn", wanted_by="plot_*()")
    errors = loaded("sklearn.exceptions", package="scikit-learn", wanted_by="plot_*()")
    try:
        validation.check_is_fitted(model)
    except errors.NotFittedError:
        termerror("Please fit the model before passing it in.")
        return False
    except TypeError:  # no estimator of scikit-learn's own: it cannot be asked
        pass
    return True


def _are_numbers(name: str, values: Any) -> bool:
    import numpy as np  # noqa: PLC0415 - scikit-learn has loaded it

    dense = values.toarray() if hasattr(values, "toarray") else values
    try:
        array = np.asarray(dense, dtype=float)
    except (TypeError, ValueError):
        termerror(
            f"{name} contains values that are not numbers. Please vectorize, label encode or one "
            f"hot encode {name} and call the plotting function again."
        )
        return False
    missing = int(np.isnan(array).sum())
    if missing:
        termwarn(f"{name} contains {missing} missing values.")
    return not missing


def plain(value: Any) -> Any:
    """Return a number or text of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else value
