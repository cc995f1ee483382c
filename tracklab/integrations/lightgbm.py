"""LightGBM: a callback that logs each round, and a summary of the model.

from tracklab.integrations.lightgbm import log_summary, wandb_callback

model = lightgbm.train(..., valid_sets=[valid], callbacks=[wandb_callback()])
log_summary(model)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError
from tracklab.integrations.boosting import define_best, keep_model, log_importances
from tracklab.integrations.hooks import loaded
from tracklab.sdk.current import need_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.sdk.run import Run

__all__ = ["log_summary", "wandb_callback"]

_SMALL: Final = frozenset({
    "binary_logloss", "fair", "gamma", "huber", "l1", "l2", "mape", "poisson", "rmse",
})  # fmt: skip
_LARGE: Final = frozenset({"auc", "average_precision", "map"})
#: A result of cross-validation has the deviation behind the four parts of any result.
_WITH_DEVIATION: Final = 5


class _Callback:
    """Logs a row for each round: `<data>_<metric>` and `iteration`."""

    #: What LightGBM asks of a callback: when to call it, among the others and in a round.
    order = 20
    before_iteration = False

    def __init__(self, *, log_params: bool, define_metric: bool) -> None:
        self.log_params = log_params
        self.define_metric = define_metric

    def __call__(self, env: Any) -> None:
        run = need_run("wandb_callback()")
        results = [result for one in env.evaluation_result_list or () for result in _results(one)]
        if env.iteration == env.begin_iteration:
            self._begin(run, env.params, results)
        row = {f"{data}_{metric}": value for data, metric, value in results}
        run.log({**row, "iteration": env.iteration})

    def _begin(
        self, run: Run, params: dict[str, Any], results: list[tuple[str, str, float]]
    ) -> None:
        if self.log_params:
            run.config.update(params, allow_val_change=True)
        if self.define_metric:
            for data, metric, _ in results:
                define_best(run, f"{data}_{metric}", metric, small=_SMALL, large=_LARGE)


def _results(result: tuple[Any, ...]) -> Iterator[tuple[str, str, float]]:
    """Yield data, metric and value of a result; mean and deviation of one of cross-validation."""
    data, metric, value, *_ = result
    if len(result) < _WITH_DEVIATION:
        yield data, metric, value
        return
    if " " in metric:  # older versions say both in the second part
        data, metric = metric.split(" ", 1)
    yield data, f"{metric}-mean", value
    yield data, f"{metric}-stdv", result[4]


def wandb_callback(
    log_params: bool = True,  # noqa: FBT001, FBT002 - wandb's signature
    define_metric: bool = True,  # noqa: FBT001, FBT002 - as above
) -> Callable[[Any], None]:
    """Return a callback that logs each round to the current run.

    Args:
        log_params: put the training's parameters into the run's configuration.
        define_metric: let the summary keep the least or largest value of known metrics.
    """
    return _Callback(log_params=log_params, define_metric=define_metric)


def log_summary(
    model: Any,
    feature_importance: bool = True,  # noqa: FBT001, FBT002 - wandb's signature
    save_model_checkpoint: bool = False,  # noqa: FBT001, FBT002 - as above
) -> None:
    """Put a model's best round and score into the summary of the current run.

    Args:
        model: a `lightgbm.Booster`.
        feature_importance: log the chart `Feature Importance`.
        save_model_checkpoint: keep the model, as an artifact `model_<run id>`, alias `best`.

    Raises:
        UsageError: there is no current run.
        ArgumentTypeError: `model` is no booster.
        MissingPackageError: LightGBM is not installed.
    """
    run = need_run("log_summary()")
    lightgbm = loaded("lightgbm", package="lightgbm", wanted_by="log_summary()")
    if not isinstance(model, lightgbm.Booster):
        raise ArgumentTypeError(
            f"log_summary() got a {type(model).__name__}. Model should be an instance of "
            "lightgbm.basic.Booster; of a scikit-learn model it is model.booster_."
        )
    run.summary["best_iteration"] = model.best_iteration
    run.summary["best_score"] = {data: dict(told) for data, told in model.best_score.items()}
    if feature_importance:
        log_importances(run, zip(model.feature_name(), model.feature_importance(), strict=True))
    if save_model_checkpoint:
        path = Path(run.dir) / f"model_ckpt_{model.best_iteration}.txt"
        model.save_model(path, num_iteration=model.best_iteration)
        keep_model(run, path, f"model_{run.id}", aliases=["best"])
