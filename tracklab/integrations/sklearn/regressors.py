"""Charts of regressors."""

from __future__ import annotations

from typing import Any, Final

from tracklab.integrations.hooks import loaded
from tracklab.integrations.sklearn.charts import can_plot, log_chart, part
from tracklab.integrations.sklearn.scores import plot_learning_curve, plot_summary_metrics
from tracklab.sdk.terminal import termlog

__all__ = ["plot_outlier_candidates", "plot_regressor", "plot_residuals"]

_POINTS_MAX: Final = 100


def plot_regressor(  # noqa: PLR0917 - wandb's signature
    model: Any,
    X_train: Any,  # noqa: N803 - as scikit-learn calls it
    X_test: Any,  # noqa: N803 - as above
    y_train: Any,
    y_test: Any,
    model_name: str = "Regressor",
) -> None:
    """Log all charts of a fitted regressor.

    They are those of `plot_summary_metrics`, `plot_learning_curve`, `plot_outlier_candidates`
    and `plot_residuals`.
    """
    termlog(f"Plotting {model_name}.")
    plot_summary_metrics(model, X_train, y_train, X_test, y_test)
    plot_learning_curve(model, X_train, y_train)
    plot_outlier_candidates(model, X_train, y_train)
    plot_residuals(model, X_train, y_train)


def plot_outlier_candidates(
    regressor: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
) -> None:
    """Log `outlier_candidates`: how much each row of the data moves the model (Cook's distance).

    A copy of the model is fitted. Source: R. D. Cook, Detection of Influential Observation in
    Linear Regression (1977); the threshold is the usual 4/n.
    """
    import numpy as np  # noqa: PLC0415 - scikit-learn loads it anyway

    if not can_plot(regressor, kind="regressor", X=X, y=y):
        return
    base = loaded("sklearn.base", package="scikit-learn", wanted_by="plot_*()")
    features, truth = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    count = len(features)
    leverage = (features * np.linalg.pinv(features).T).sum(1)
    residuals = truth - base.clone(regressor).fit(features, truth).predict(features)
    freedom = count - np.linalg.matrix_rank(features)
    studentized_squares = residuals**2 / (residuals @ residuals / freedom) / (1 - leverage)
    distances = studentized_squares / features.shape[1] * leverage / (1 - leverage)
    threshold = 4 / count
    percentage = round(float((distances >= threshold).mean() * 100), 3)
    log_chart(
        "outlier_candidates", "wandb/scatter/v0", {"x": "instance_indicies", "y": "distance"},
        columns=["distance", "instance_indicies", "outlier_percentage", "influence_threshold"],
        rows=[
            [distance, index, percentage, threshold]
            for index, distance in enumerate(distances.tolist())
        ],
    )  # fmt: skip


def plot_residuals(
    regressor: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    y: Any = None,
) -> None:
    """Log `residuals`: how far a copy of the model, fitted to four fifths of the data, is off.

    At most 100 points of each part are shown.
    """
    import numpy as np  # noqa: PLC0415 - as above

    if not can_plot(regressor, kind="regressor", X=X, y=y):
        return
    base = loaded("sklearn.base", package="scikit-learn", wanted_by="plot_*()")
    selection = loaded("sklearn.model_selection", package="scikit-learn", wanted_by="plot_*()")
    fitted, asked, fitted_truth, asked_truth = selection.train_test_split(
        X, np.asarray(y), test_size=0.2, random_state=0
    )
    model = base.clone(regressor).fit(fitted, fitted_truth)
    scores = [model.score(fitted, fitted_truth), model.score(asked, asked_truth)]
    rows = []
    for of, features, truth in (("train", fitted, fitted_truth), ("test", asked, asked_truth)):
        said = model.predict(features)
        pairs = list(zip(said.tolist(), (said - truth).tolist(), strict=True))
        rows += [[of, *pair, *scores] for pair in part(pairs, "residuals", most=_POINTS_MAX)]
    log_chart(
        "residuals", "wandb/scatter/v0", {"x": "y_pred", "y": "residuals"},
        columns=["dataset", "y_pred", "residuals", "train_score", "test_score"], rows=rows,
    )  # fmt: skip
