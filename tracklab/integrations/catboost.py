"""CatBoost: a callback that logs each evaluation, and a summary of the model.

from tracklab.integrations.catboost import WandbCallback, log_summary

model.fit(train, eval_set=valid, callbacks=[WandbCallback()])
log_summary(model)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracklab.errors import ArgumentTypeError
from tracklab.integrations.boosting import keep_model, log_importances
from tracklab.integrations.hooks import loaded
from tracklab.sdk.current import need_run

__all__ = ["WandbCallback", "log_summary"]


class WandbCallback:
    """Logs a row for each evaluation: `<data>-<metric>` and `iteration@metric-period-<n>`.

    Args:
        metric_period: the same as CatBoost's own.

    Raises:
        UsageError: there is no current run.
    """

    def __init__(self, metric_period: int = 1) -> None:
        need_run("WandbCallback()")
        self.metric_period = metric_period
        self._evaluations = 0

    def after_iteration(self, info: Any) -> bool:
        """Log the round if it was evaluated, and let the training go on."""
        metrics = {
            f"{data}-{name}": values
            for data, by_name in (info.metrics or {}).items()
            for name, values in by_name.items()
        }
        evaluations = sum(map(len, metrics.values()))
        if evaluations > self._evaluations:
            self._evaluations = evaluations
            row = {key: values[-1] for key, values in metrics.items()}
            row[f"iteration@metric-period-{self.metric_period}"] = info.iteration
            need_run("WandbCallback()").log(row)
        return True


def log_summary(
    model: Any,
    log_all_params: bool = True,  # noqa: FBT001, FBT002 - wandb's signature
    save_model_checkpoint: bool = False,  # noqa: FBT001, FBT002 - as above
    log_feature_importance: bool = True,  # noqa: FBT001, FBT002 - as above
) -> None:
    """Put a model's best round and score into the summary of the current run.

    Args:
        model: a `CatBoostClassifier` or `CatBoostRegressor`.
        log_all_params: put all of its parameters into the run's configuration.
        save_model_checkpoint: keep the model, as an artifact `model_<run id>`, alias `best` or
            `last`.
        log_feature_importance: log the chart `Feature Importance`.

    Raises:
        UsageError: there is no current run.
        ArgumentTypeError: `model` is another.
        MissingPackageError: CatBoost is not installed.
    """
    run = need_run("log_summary()")
    catboost = loaded("catboost", package="catboost", wanted_by="log_summary()")
    if not isinstance(model, catboost.CatBoostClassifier | catboost.CatBoostRegressor):
        raise ArgumentTypeError(
            f"log_summary() got a {type(model).__name__}. Model should be an instance of "
            "CatBoostClassifier or CatBoostRegressor."
        )
    params = model.get_all_params()
    if log_all_params:
        run.config.update(params, allow_val_change=True)
    run.summary["best_iteration"] = model.get_best_iteration()
    run.summary["best_score"] = model.get_best_score()
    if save_model_checkpoint:
        path = Path(run.dir) / "model"
        model.save_model(str(path))
        best = "best" if params.get("use_best_model") else "last"
        keep_model(run, path, f"model_{run.id}", aliases=[best])
    if log_feature_importance:
        found = model.get_feature_importance(prettified=True)
        log_importances(run, zip(found["Feature Id"], found["Importances"], strict=True))
