"""How well a classifier does: precision and recall, true and false positives, confusion.

Definitions: Fawcett, "An introduction to ROC analysis", 2006. A curve has a point for each score
that occurs, from the highest down: what scores at least as much counts as positive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError
from tracklab.media.table import Table
from tracklab.plot.chart import CustomChart, plot_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

__all__ = ["confusion_matrix", "pr_curve", "roc_curve"]

_DECIMALS: Final = 3
_AREA: Final = "wandb/area-under-curve/v0"


def pr_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,
) -> CustomChart:
    """Return the precision at each recall, a curve for each class.

    Args:
        y_true: the class of each sample, shape `(n,)`.
        y_probas: how probable each class is, shape `(n, classes)`, classes in sorted order.
        labels: names of classes that are integers.
        classes_to_plot: only these; None for all in `y_true`.
        interp_size: points of a curve, at equal distances of recall.
        title: over the chart.
        split_table: see `plot_table`.

    Raises:
        UsageError: there are no samples, the shapes do not fit, or `interp_size` is below 1.
    """
    import numpy as np  # noqa: PLC0415 - only someone who plots curves pays for numpy

    if isinstance(interp_size, bool) or not hasattr(interp_size, "__index__") or interp_size < 1:
        raise UsageError(
            f"pr_curve() takes an integer interp_size of 1 or more; got {interp_size!r}. Leave it "
            "out for 21 points."
        )
    recalls = np.linspace(0, 1, interp_size)[::-1]
    rows = [
        [label, precision, recall]
        for label, positive, scores in _classes(y_true, y_probas, labels, classes_to_plot)
        for precision, recall in zip(
            _precision(positive, scores, recalls), _rounded(recalls), strict=True
        )
    ]
    return _area(
        ["class", "precision", "recall"], rows, title=title, split_table=split_table,
        x=("recall", "Recall"), y=("precision", "Precision"),
    )  # fmt: skip


def roc_curve(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[str] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str = "ROC Curve",
    split_table: bool = False,
) -> CustomChart:
    """Return the share of true positives at each share of false ones, a curve for each class.

    Points on a straight line between others are left out. See `pr_curve` for the arguments.

    Raises:
        UsageError: there are no samples, or the shapes do not fit.
    """
    rows = [
        [label, false, true]
        for label, positive, scores in _classes(y_true, y_probas, labels, classes_to_plot)
        for false, true in zip(*_rates(positive, scores), strict=True)
    ]
    return _area(
        ["class", "fpr", "tpr"], rows, title=title, split_table=split_table,
        x=("fpr", "False positive rate"), y=("tpr", "True positive rate"),
    )  # fmt: skip


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,
) -> CustomChart:
    """Return how often each class was taken for each.

    Args:
        probs: how probable each class is, shape `(n, classes)`: the most probable is predicted.
        y_true: the class of each sample.
        preds: the predicted class of each sample, instead of `probs`.
        class_names: names of the classes 0, 1, ...; None for those that occur, as `Class_1`, ...
        title: over the chart.
        split_table: see `plot_table`.

    Raises:
        UsageError: both or none of `probs` and `preds` are given, they do not fit to `y_true`, or
            there are more classes than names.
    """
    import numpy as np  # noqa: PLC0415 - as above

    if (probs is None) == (preds is None):
        raise UsageError(
            "Only one of `probs` or `preds` should be provided, not both; confusion_matrix() got "
            f"{'neither' if probs is None else 'both'}."
        )
    guessed = np.argmax(probs, axis=1) if preds is None else preds
    true, found = (np.asarray([] if one is None else one).tolist() for one in (y_true, guessed))
    if len(true) != len(found):
        raise UsageError(
            "The number of predictions and true labels must be equal; confusion_matrix() got "
            f"{len(found)} and {len(true)}."
        )
    classes = sorted({*true, *found}) if class_names is None else list(range(len(class_names)))
    unknown = {*true, *found}.difference(classes)
    if unknown:
        raise UsageError(
            f"The number of classes exceeds the number of class names: {sorted(unknown)} have "
            f"none of {list(class_names or ())}. Classes are numbers from 0."
        )
    names = class_names or [f"Class_{number + 1}" for number in range(len(classes))]
    place = {one: number for number, one in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), int)
    for one, other in zip(true, found, strict=True):
        counts[place[one], place[other]] += 1
    rows = [
        [actual, predicted, int(counts[i, j])]
        for i, actual in enumerate(names)
        for j, predicted in enumerate(names)
    ]
    columns = ["Actual", "Predicted", "nPredictions"]
    return plot_table(
        "wandb/confusion_matrix/v1", Table(columns=list(columns), data=rows),
        {name: name for name in columns}, {"title": title}, split_table,
    )  # fmt: skip


def _area(
    columns: list[str],
    rows: list[list[Any]],
    *,
    title: str,
    split_table: bool,
    x: tuple[str, str],
    y: tuple[str, str],
) -> CustomChart:
    return plot_table(
        _AREA, Table(columns=columns, data=rows), {"x": x[0], "y": y[0], "class": "class"},
        {"title": title, "x-axis-title": x[1], "y-axis-title": y[1]}, split_table,
    )  # fmt: skip


def _classes(
    y_true: Any, y_probas: Any, labels: Any, classes_to_plot: Any
) -> Iterator[tuple[Any, NDArray[np.bool_], Numbers]]:
    """Yield the label of each class, which samples are of it, and its scores."""
    import numpy as np  # noqa: PLC0415 - as above

    true = np.asarray([] if y_true is None else y_true)
    scores = np.asarray([] if y_probas is None else y_probas)
    classes = np.unique(true)
    if scores.ndim != 2 or len(scores) != len(true) or scores.shape[1] < len(classes):  # noqa: PLR2004 - samples, classes
        raise UsageError(
            f"A curve needs the class of each sample and a score for each class; got {true.shape} "
            f"classes, {len(classes)} of them different, and scores of shape {scores.shape}. Give "
            "y_true of shape (n,) and y_probas of shape (n, classes)."
        )
    for number, one in enumerate(classes.tolist()):
        if classes_to_plot is None or one in list(classes_to_plot):
            named = labels is not None and isinstance(one, int)
            yield labels[one] if named else one, true == one, scores[:, number]


def _counts(positive: NDArray[np.bool_], scores: Numbers) -> tuple[Numbers, Numbers]:
    """Return how many false and true positives there are from each score up, highest first."""
    import numpy as np  # noqa: PLC0415 - as above

    order = np.argsort(-scores, kind="stable")
    last_of_score = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    true = np.cumsum(positive[order])[last_of_score]
    return (last_of_score + 1 - true).astype(float), true.astype(float)


def _rates(positive: NDArray[np.bool_], scores: Numbers) -> tuple[list[float], list[float]]:
    import numpy as np  # noqa: PLC0415 - as above

    false, true = _counts(positive, scores)
    turns = np.ones(len(false), bool)
    # A point between two equal steps lies on the line through its neighbours.
    turns[1:-1] = (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0)
    false, true = np.r_[0, false[turns]], np.r_[0, true[turns]]
    return _rounded(false / max(false[-1], 1)), _rounded(true / max(true[-1], 1))


def _precision(positive: NDArray[np.bool_], scores: Numbers, recalls: Numbers) -> list[float]:
    """Return the best precision that is reached with at least each recall."""
    import numpy as np  # noqa: PLC0415 - as above

    false, true = _counts(positive, scores)
    recall = np.r_[0, true / max(true[-1], 1)]
    precision = np.r_[1, true / (true + false)]
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return _rounded(best[np.searchsorted(recall, recalls, side="left")])


def _rounded(values: Numbers) -> list[float]:
    rounded: list[float] = values.round(_DECIMALS).tolist()
    return rounded
