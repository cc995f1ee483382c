"""XGBoost: a callback that logs each round, the best score and what the features count.

from tracklab.integrations.xgboost import WandbCallback

xgboost.train(..., evals=[(valid, "valid")], callbacks=[WandbCallback()])
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.integrations.boosting import define_best, keep_model, log_importances
from tracklab.integrations.hooks import loaded
from tracklab.sdk.current import need_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["WandbCallback", "wandb_callback"]

_SMALL: Final = frozenset({
    "error", "error@t", "logloss", "mae", "mape", "merror", "mphe", "rmse", "rmsle",
})  # fmt: skip
_LARGE: Final = frozenset({"auc", "aucpr", "map", "map@n", "ndcg", "ndcg@n"})

_TrainingCallback: Any = loaded(
    "xgboost.callback", package="xgboost", wanted_by="tracklab.integrations.xgboost"
).TrainingCallback


class WandbCallback(_TrainingCallback):  # type: ignore[misc] # the package may not be there to check
    """Logs a row for each round of a training: `<data>-<metric>` and `epoch`.

    The booster's configuration goes into the run's; the best score and its round are logged at
    the end.

    Args:
        log_model: keep the model, as an artifact `<run id>_model.json` of type `model`.
        log_feature_importance: log the chart `Feature Importance`.
        importance_type: `weight`, `gain`, `cover`, `total_gain` or `total_cover`.
        define_metric: let the summary keep the least or largest value of known metrics.

    Raises:
        UsageError: there is no current run.
    """

    def __init__(
        self,
        log_model: bool = False,  # noqa: FBT001, FBT002 - wandb's signature
        log_feature_importance: bool = True,  # noqa: FBT001, FBT002 - as above
        importance_type: str = "gain",
        define_metric: bool = True,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        super().__init__()
        need_run("WandbCallback()")
        self.log_model = log_model
        self.log_feature_importance = log_feature_importance
        self.importance_type = importance_type
        self.define_metric = define_metric

    def before_training(self, model: Any) -> Any:
        """Note how the booster is set up; cross-validation has several, and says nothing."""
        if hasattr(model, "save_config"):
            config = json.loads(model.save_config())
            # A second training of the same run may be set up in another way.
            need_run("WandbCallback()").config.update(config, allow_val_change=True)
        return model

    def after_iteration(
        self,
        model: Any,  # noqa: ARG002 - XGBoost's signature
        epoch: int,
        evals_log: Mapping[str, Mapping[str, Sequence[Any]]],
    ) -> bool:
        """Log the round, and let the training go on."""
        run = need_run("WandbCallback()")
        row: dict[str, Any] = {}
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                key = f"{data}-{metric}"
                row[key] = values[-1]
                if self.define_metric:
                    define_best(run, key, metric, small=_SMALL, large=_LARGE)
        self.define_metric = False  # once is enough
        run.log({**row, "epoch": epoch})
        return False

    def after_training(self, model: Any) -> Any:
        """Log what the training came to."""
        run = need_run("WandbCallback()")
        if not hasattr(model, "get_score"):
            return model
        if self.log_model:
            name = f"{run.id}_model.json"
            path = Path(run.dir) / name
            model.save_model(str(path))
            keep_model(run, path, name)
        if self.log_feature_importance:
            scores = model.get_score(importance_type=self.importance_type)
            log_importances(run, scores.items(), commit=True)
        score, best = model.attr("best_score"), model.attr("best_iteration")
        if score is not None:
            run.log({"best_score": float(score), "best_iteration": int(best)})
        return model


def wandb_callback() -> Callable[[Any], None]:
    """Return what logs the results of each round to the current run, for XGBoost before 1.3."""

    def callback(env: Any) -> None:
        need_run("log()").log(dict(env.evaluation_result_list))

    return callback
