"""Charts of classifiers and of regressors."""

from __future__ import annotations

from typing import Any

from tracklab.integrations.hooks import loaded
from tracklab.integrations.sklearn.charts import can_plot, log_chart

__all__ = ["plot_learning_curve", "plot_summary_metrics"]


def plot_summary_metrics(
    model: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
    X_test: Any = None,  # noqa: N803 - as above
    y_test: Any = None,
) -> None:
    """Log `summary_metrics` of a fitted model, to two digits.

    Of a classifier they are accuracy, and precision, recall and F1 weighted by class; of a
    regressor mean absolute error, mean squared error and R².
    """
    if not can_plot(model, kind="model", X=X, y=y, X_test=X_test, y_test=y_test):
        return
    metrics = loaded("sklearn.metrics", package="scikit-learn", wanted_by="plot_*()")
    said = model.predict(X_test)
    if loaded("sklearn.base", package="scikit-learn", wanted_by="plot_*()").is_classifier(model):
        weighted = {"average": "weighted", "zero_division": 0}
        found = {
            "accuracy_score": metrics.accuracy_score(y_test, said),
            "precision": metrics.precision_score(y_test, said, **weighted),
            "recall": metrics.recall_score(y_test, said, **weighted),
            "f1_score": metrics.f1_score(y_test, said, **weighted),
        }
    else:
        found = {
            "mae": metrics.mean_absolute_error(y_test, said),
            "mse": metrics.mean_squared_error(y_test, said),
            "r2_score": metrics.r2_score(y_test, said),
        }
    log_chart(
        "summary_metrics", "wandb/bar/v0", {"label": "metric_name", "value": "metric_value"},
        columns=["metric_name", "metric_value", "model_name"],
        rows=[
            [name, round(float(value), 2), type(model).__name__] for name, value in found.items()
        ],
    )  # fmt: skip


def plot_learning_curve(  # noqa: PLR0913, PLR0917 - wandb's signature
    model: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
    cv: Any = None,
    shuffle: bool = False,  # noqa: FBT001, FBT002 - as above
    random_state: int | None = None,
    train_sizes: Any = None,
    n_jobs: int = 1,
    scoring: Any = None,
) -> None:
    """Log `learning_curve`: scores of copies of a model that are fitted to parts of the data.

    Arguments are those of `sklearn.model_selection.learning_curve`.
    """
    import numpy as np  # noqa: PLC0415 - scikit-learn loads it anyway

    if not can_plot(model, kind="model", X=X, y=y):
        return
    selection = loaded("sklearn.model_selection", package="scikit-learn", wanted_by="plot_*()")
    sizes, *scores = selection.learning_curve(
        model, X, np.asarray(y), cv=cv, shuffle=shuffle, random_state=random_state,
        train_sizes=np.linspace(0.1, 1.0, 5) if train_sizes is None else train_sizes,
        n_jobs=n_jobs, scoring=scoring,
    )  # fmt: skip
    means = [of.mean(axis=1).tolist() for of in scores[:2]]
    log_chart(
        "learning_curve", "wandb/line/v0", {"x": "train_size", "y": "score", "stroke": "dataset"},
        columns=["dataset", "score", "train_size"],
        rows=[
            [of, round(mean, 2), size]
            for size, *both in zip(sizes.tolist(), *means, strict=True)
            for of, mean in zip(("train", "test"), both, strict=True)
        ],
    )  # fmt: skip
