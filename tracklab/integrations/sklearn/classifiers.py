"""Charts of classifiers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tracklab import plot
from tracklab.integrations.hooks import loaded
from tracklab.integrations.sklearn.charts import can_plot, log_chart, plain
from tracklab.integrations.sklearn.scores import plot_learning_curve, plot_summary_metrics
from tracklab.sdk.current import need_run
from tracklab.sdk.terminal import termlog, termwarn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "plot_calibration_curve",
    "plot_class_proportions",
    "plot_classifier",
    "plot_confusion_matrix",
    "plot_feature_importances",
    "plot_precision_recall",
    "plot_roc",
]

_SCORES_BINS = 10


def plot_classifier(  # noqa: PLR0913, PLR0917 - wandb's signature
    model: Any,
    X_train: Any,  # noqa: N803 - as scikit-learn calls it
    X_test: Any,  # noqa: N803 - as above
    y_train: Any,
    y_test: Any,
    y_pred: Any,
    y_probas: Any,
    labels: Sequence[Any] | None,
    is_binary: bool = False,  # noqa: ARG001, FBT001, FBT002 - as above
    model_name: str = "Classifier",
    feature_names: Sequence[str] | None = None,
    log_learning_curve: bool = False,  # noqa: FBT001, FBT002 - as above
) -> None:
    """Log all charts of a fitted classifier.

    They are those of `plot_feature_importances`, `plot_learning_curve` (if asked for),
    `plot_confusion_matrix`, `plot_summary_metrics`, `plot_class_proportions`,
    `plot_calibration_curve`, `plot_roc` and `plot_precision_recall`.

    Args:
        model: the classifier.
        X_train: the features it was fitted to.
        X_test: features it has not seen.
        y_train: the true classes of the first.
        y_test: the true classes of the others.
        y_pred: what the model says of `X_test`.
        y_probas: its probabilities, one column for each class.
        labels: names of the classes 0, 1, ...
        is_binary: no effect.
        model_name: what to call it.
        feature_names: names of the columns of `X_train`.
        log_learning_curve: fit copies to parts of the data as well.
    """
    termlog(f"Plotting {model_name}.")
    counts_words = type(model).__name__ == "MultinomialNB"
    if not counts_words:
        plot_feature_importances(model, feature_names)
    if log_learning_curve:
        plot_learning_curve(model, X_train, y_train)
    plot_confusion_matrix(y_test, y_pred, labels)
    plot_summary_metrics(model, X_train, y_train, X_test, y_test)
    plot_class_proportions(y_train, y_test, labels)
    if not counts_words:
        plot_calibration_curve(model, X_train, y_train, model_name)
    plot_roc(y_test, y_probas, labels)
    plot_precision_recall(y_test, y_probas, labels)


def plot_roc(  # noqa: PLR0917 - wandb's signature
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    plot_micro: bool = True,  # noqa: ARG001, FBT001, FBT002 - wandb's signature
    plot_macro: bool = True,  # noqa: ARG001, FBT001, FBT002 - as above
    classes_to_plot: Sequence[Any] | None = None,
) -> None:
    """Log `roc`: the true positive rate over the false one, a line for each class.

    `plot_micro` and `plot_macro` have no effect.
    """
    if can_plot(y_true=y_true, y_probas=y_probas):
        chart = plot.roc_curve(y_true, y_probas, labels, classes_to_plot)
        need_run("log()").log({"roc": chart})


def plot_precision_recall(
    y_true: Any = None,
    y_probas: Any = None,
    labels: Sequence[Any] | None = None,
    plot_micro: bool = True,  # noqa: ARG001, FBT001, FBT002 - wandb's signature
    classes_to_plot: Sequence[Any] | None = None,
) -> None:
    """Log `precision_recall`: precision over recall, a line for each class.

    `plot_micro` has no effect.
    """
    if can_plot(y_true=y_true, y_probas=y_probas):
        chart = plot.pr_curve(y_true, y_probas, labels, classes_to_plot)
        need_run("log()").log({"precision_recall": chart})


def plot_confusion_matrix(  # noqa: PLR0917 - wandb's signature
    y_true: Any = None,
    y_pred: Any = None,
    labels: Sequence[Any] | None = None,
    true_labels: Sequence[Any] | None = None,
    pred_labels: Sequence[Any] | None = None,
    normalize: bool = False,  # noqa: FBT001, FBT002 - wandb's signature
) -> None:
    """Log `confusion_matrix`: how often each class was taken for which.

    Args:
        y_true: the true classes.
        y_pred: what a model says.
        labels: names of the classes, in the order that they sort.
        true_labels: the only true classes to show.
        pred_labels: the only predicted classes to show.
        normalize: show the share of a true class, to two digits, instead of counts.
    """
    if not can_plot(y_true=y_true, y_pred=y_pred):
        return
    multiclass = loaded("sklearn.utils.multiclass", package="scikit-learn", wanted_by="plot_*()")
    metrics = loaded("sklearn.metrics", package="scikit-learn", wanted_by="plot_*()")
    found = multiclass.unique_labels(y_true, y_pred)
    counts = metrics.confusion_matrix(y_true, y_pred, normalize="true" if normalize else None)
    names = [plain(one) for one in found] if labels is None else _names(labels, found)
    cells = [
        [names[predicted], names[actual], round(plain(counts[actual, predicted]), 2)]
        for predicted, actual in product(range(len(names)), repeat=2)
        if (true_labels is None or names[actual] in true_labels)
        and (pred_labels is None or names[predicted] in pred_labels)
    ]
    log_chart(
        "confusion_matrix", "wandb/confusion_matrix/v1",
        {"Predicted": "Predicted", "Actual": "Actual", "nPredictions": "Count"},
        columns=["Predicted", "Actual", "Count"], rows=cells,
    )  # fmt: skip


def plot_feature_importances(
    model: Any = None,
    feature_names: Sequence[str] | None = None,
    title: str = "Feature Importance",  # noqa: ARG001 - wandb's signature
    max_num_features: int = 50,  # noqa: ARG001 - as above
) -> None:
    """Log `feature_importances`, the most important one first.

    They are the model's `feature_importances_`, `feature_log_prob_` or `coef_`. `title` and
    `max_num_features` have no effect.
    """
    import numpy as np  # noqa: PLC0415 - scikit-learn loads it anyway

    if not can_plot(model, kind="model"):
        return
    attributes = ("feature_importances_", "feature_log_prob_", "coef_")
    values = next((getattr(model, name) for name in attributes if hasattr(model, name)), None)
    if values is None:
        termwarn(
            f"could not find any of attributes {', '.join(attributes)} on classifier. Cannot plot "
            "feature importances."
        )
        return
    importances = np.squeeze(values.toarray() if hasattr(values, "toarray") else values)
    if importances.ndim > 1:
        termwarn(
            f"{importances.ndim}-dimensional feature importances array passed to "
            "plot_feature_importances. These importances will not be plotted."
        )
        return
    importances = np.atleast_1d(importances)
    order = np.argsort(importances)[::-1].tolist()
    names = list(range(len(order))) if feature_names is None else list(feature_names)
    log_chart(
        "feature_importances", "wandb/bar/v0",
        {"label": "feature_names", "value": "importances"},
        columns=["feature_names", "importances"],
        rows=[[names[index], float(importances[index])] for index in order],
    )  # fmt: skip


def plot_class_proportions(
    y_train: Any = None, y_test: Any = None, labels: Sequence[Any] | None = None
) -> None:
    """Log `class_proportions`: how often each class is in which of two sets."""
    import numpy as np  # noqa: PLC0415 - as above

    if not can_plot(y_train=y_train, y_test=y_test):
        return
    sets = {"train": np.asarray(y_train), "test": np.asarray(y_test)}
    found = np.unique(np.concatenate(list(sets.values())))
    names = [plain(one) for one in found] if labels is None else _names(labels, found)
    log_chart(
        "class_proportions", "wandb/class_proportions/v1", {},
        columns=["class", "dataset", "count"],
        rows=[
            [name, of, int((values == one).sum())]
            for name, one in zip(names, found, strict=True)
            for of, values in sets.items()
        ],
    )  # fmt: skip


def plot_calibration_curve(
    clf: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
    clf_name: str = "Classifier",
) -> None:
    """Log `calibration_curve`: how often a class is true, over how likely it was said to be.

    Beside a perfect one there are three lines: a logistic regression, and the classifier
    calibrated by isotonic regression and by a sigmoid. They are fitted to a tenth of the data,
    and asked about the rest.

    Args:
        clf: a classifier.
        X: features.
        y: true classes, 0 and 1; others have no such chart.
        clf_name: what to call it.
    """
    import numpy as np  # noqa: PLC0415 - as above

    if not can_plot(clf, kind="classifier", X=X, y=y):
        return
    truth = np.asarray(y)
    if truth.dtype.kind not in "biuf" or not np.isin(truth, (0, 1)).all():
        termwarn(
            "This function only supports binary classification at the moment and therefore "
            "expects labels to be binary. Skipping calibration curve."
        )
        return
    calibration = loaded("sklearn.calibration", package="scikit-learn", wanted_by="plot_*()")
    linear = loaded("sklearn.linear_model", package="scikit-learn", wanted_by="plot_*()")
    selection = loaded("sklearn.model_selection", package="scikit-learn", wanted_by="plot_*()")
    if type(clf).__name__ == "ComplementNB":  # takes nothing below 0
        X = np.asarray(X) - np.min(X)  # noqa: N806 - as above
    calibrated = calibration.CalibratedClassifierCV
    models = {
        "Logistic": linear.LogisticRegression(),
        f"{clf_name} Isotonic": calibrated(clf, cv=2, method="isotonic"),
        f"{clf_name} Sigmoid": calibrated(clf, cv=2, method="sigmoid"),
    }
    fitted, asked, fitted_truth, truth = selection.train_test_split(
        X, truth, test_size=0.9, random_state=42
    )
    rows: list[list[Any]] = [["Perfectly calibrated", end, end, 0, 0.0] for end in (0.0, 1.0)]
    for name, model in models.items():
        likely = model.fit(fitted, fitted_truth).predict_proba(asked)[:, 1]
        counts, edges = np.histogram(likely, bins=_SCORES_BINS)
        true, said = calibration.calibration_curve(truth, likely, n_bins=_SCORES_BINS)
        rows += [
            [name, round(float(share), 3), round(float(mean), 3), int(count), float(edge)]
            for share, mean, count, edge in zip(true, said, counts, edges, strict=False)
        ]
    log_chart(
        "calibration_curve", "wandb/line/v0",
        {"x": "mean_predicted_value", "y": "fraction_of_positives", "stroke": "model"},
        columns=["model", "fraction_of_positives", "mean_predicted_value", "hist_dict",
                 "edge_dict"],
        rows=rows,
    )  # fmt: skip


def _names(labels: Sequence[Any], found: Any) -> list[Any]:
    """Return the name of each class that was found: numbers count in `labels`."""
    if all(hasattr(one, "dtype") and one.dtype.kind in "iu" for one in found):
        return [labels[int(one)] for one in found]
    return list(labels) if len(labels) == len(found) else [plain(one) for one in found]
