"""Keras, with any backend: callbacks that log metrics, keep models and evaluate them.

from tracklab.integrations.keras import WandbMetricsLogger, WandbModelCheckpoint

model.fit(..., callbacks=[WandbMetricsLogger(), WandbModelCheckpoint("models/{epoch}.keras")])

With `TF_USE_LEGACY_KERAS=1`, as TensorFlow has it, the Keras meant is `tf_keras`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.artifact import Artifact
from tracklab.errors import UsageError
from tracklab.integrations.hooks import loaded
from tracklab.media.table import Table
from tracklab.sdk.current import need_run
from tracklab.sdk.terminal import termerror

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]

_KERAS: Final = "tf_keras" if os.environ.get("TF_USE_LEGACY_KERAS") in {"1", "True"} else "keras"
_callbacks: Any = loaded(
    f"{_KERAS}.callbacks", package=_KERAS, wanted_by="tracklab.integrations.keras"
)


class WandbMetricsLogger(_callbacks.Callback):  # type: ignore[misc] # the package may not be there to check
    """Logs what Keras tells its callbacks, and the learning rate.

    Of epochs it is `epoch/<metric>` over `epoch/epoch`, and of batches, if they are asked for,
    `batch/<metric>` over `batch/batch_step`.

    Args:
        log_freq: `epoch`, `batch`, or every so many batches.
        initial_global_step: the batches before, for a schedule of the learning rate in a training
            that goes on.

    Raises:
        UsageError: there is no current run, or `log_freq` is another.
    """

    def __init__(
        self,
        log_freq: str | int = "epoch",
        initial_global_step: int = 0,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        run = need_run("WandbMetricsLogger()")
        every = 1 if log_freq == "batch" else log_freq
        if every != "epoch" and (not isinstance(every, int) or every < 1):
            raise UsageError(
                f"WandbMetricsLogger() got log_freq={log_freq!r}. It takes 'epoch', 'batch' or a "
                "number of batches of 1 or more."
            )
        self.log_freq = every if isinstance(every, int) else None
        self.global_batch = 0
        self.global_step = initial_global_step
        run.define_metric("epoch/*", step_metric=run.define_metric("epoch/epoch"))
        if self.log_freq:
            run.define_metric("batch/*", step_metric=run.define_metric("batch/batch_step"))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch."""
        self._log("epoch", logs, epoch=epoch)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log a batch, if it is its turn."""
        self.global_step += 1
        if self.log_freq and batch % self.log_freq == 0:
            self._log("batch", logs, batch_step=self.global_batch)
            self.global_batch += self.log_freq

    def _log(self, prefix: str, logs: Mapping[str, Any] | None, **axis: int) -> None:
        values = {**(logs or {}), **axis}
        rate = self._learning_rate()
        if rate is not None:
            values["learning_rate"] = rate
        need_run("WandbMetricsLogger()").log(
            {f"{prefix}/{name}": value for name, value in values.items()}
        )

    def _learning_rate(self) -> float | None:
        """Return the optimizer's learning rate now, None if it does not say."""
        try:
            rate = self.model.optimizer.learning_rate
            if not hasattr(rate, "shape") and callable(rate):  # a schedule
                rate = rate(self.global_step)
            return float(rate)
        except Exception as error:  # noqa: BLE001 - optimizers of others; it must not end training
            termerror(f"Unable to log learning rate: {error}", repeat=False)
            return None


class WandbModelCheckpoint(_callbacks.ModelCheckpoint):  # type: ignore[misc] # as above
    """Keras' `ModelCheckpoint`, whose files become versions of the artifact `run_<run id>_model`.

    Arguments are those of Keras. A version of epoch 3 has the alias `epoch_3`, one of a batch in
    it `epoch_3_batch_100`.

    Raises:
        UsageError: there is no current run.
    """

    def __init__(self, filepath: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(os.fspath(filepath), *args, **kwargs)
        need_run("WandbModelCheckpoint()")

    def _save_model(
        self, epoch: int, batch: int | None = None, logs: Mapping[str, Any] | None = None
    ) -> None:
        super()._save_model(epoch=epoch, batch=batch, logs=logs)
        path = Path(self._get_file_path(epoch=epoch, batch=batch, logs=logs))
        if path.exists():  # with save_best_only it may not
            of_batch = "" if batch is None else f"_batch_{batch}"
            _keep(f"run_{need_run('WandbModelCheckpoint()').id}_model", path,
                  aliases=[f"epoch_{epoch}{of_batch}"])  # fmt: skip


class WandbEvalCallback(_callbacks.Callback):  # type: ignore[misc] # as above
    """Makes a table of a model's answers after each epoch; inherit from it.

    Say what the data are in `add_ground_truth()`, which fills `self.data_table`, and what the
    model makes of them in `add_model_predictions()`, which fills `self.pred_table`. The first
    becomes the artifact `val`, and is then `self.data_table_ref`; the other, after each epoch,
    a version of `run_<run id>_pred`.

    Args:
        data_table_columns: of the data's table.
        pred_table_columns: of the answers' table.

    Raises:
        UsageError: there is no current run.
    """

    def __init__(
        self,
        data_table_columns: Sequence[str],
        pred_table_columns: Sequence[str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        need_run("WandbEvalCallback()")
        self.data_table_columns = list(data_table_columns)
        self.pred_table_columns = list(pred_table_columns)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Make the table of the data."""
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)
        self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Make the table of the answers."""
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)
        self.log_pred_table()

    def add_ground_truth(self, logs: Mapping[str, Any] | None = None) -> None:
        """Fill `self.data_table`; yours to write."""
        raise NotImplementedError(f"{type(self).__name__}.add_ground_truth")

    def add_model_predictions(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Fill `self.pred_table`; yours to write."""
        raise NotImplementedError(f"{type(self).__name__}.add_model_predictions")

    def init_data_table(self, column_names: list[str]) -> None:
        """Begin the data's table."""
        self.data_table = Table(columns=column_names, allow_mixed_types=True)

    def init_pred_table(self, column_names: list[str]) -> None:
        """Begin a table of answers."""
        self.pred_table = Table(columns=column_names)

    def log_data_table(
        self,
        name: str = "val",
        type: str = "dataset",  # noqa: A002 - wandb's signature
        table_name: str = "val_data",
    ) -> None:
        """Keep the data's table as an artifact that the run uses."""
        artifact = Artifact(name, type=type)
        artifact.add(self.data_table, table_name)
        self.data_table_ref = need_run("WandbEvalCallback()").use_artifact(artifact).get(table_name)

    def log_pred_table(
        self,
        type: str = "evaluation",  # noqa: A002 - as above
        table_name: str = "eval_data",
        aliases: Sequence[str] | None = None,
    ) -> None:
        """Keep a table of answers as a version of an artifact."""
        run = need_run("WandbEvalCallback()")
        artifact = Artifact(f"run_{run.id}_pred", type=type)
        artifact.add(self.pred_table, table_name)
        run.log_artifact(artifact, aliases=list(aliases or ["latest"]))


class WandbCallback(_callbacks.Callback):  # type: ignore[misc] # as above
    """What programs of before 2023 use: one row for each epoch, and the best model.

    `<metric>` and `epoch` are logged, and `best_<monitor>` and `best_epoch` in the summary. New
    programs write `WandbMetricsLogger` and `WandbModelCheckpoint`.

    Args:
        monitor: which metric says what is best.
        mode: `min`, `max`, or `auto`, which goes by the metric's name.
        save_model: keep the best model, as `model-best.keras` with the run's files.
        save_weights_only: keep its weights only, as `model-best.weights.h5`.
        log_batch_frequency: log the metrics of every so many batches as well.
        log_best_prefix: goes before names in the summary; None says nothing there.
        without_effect: further arguments of wandb's, which have no effect.

    Raises:
        UsageError: there is no current run, or `mode` is another.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        *,
        save_model: bool = True,
        save_weights_only: bool = False,
        log_batch_frequency: int | None = None,
        log_best_prefix: str | None = "best_",
        **without_effect: Any,
    ) -> None:
        super().__init__()
        need_run("WandbCallback()")
        if mode not in {"auto", "min", "max"}:
            raise UsageError(f"WandbCallback() got mode={mode!r}. It takes 'auto', 'min', 'max'.")
        if without_effect:
            termerror(f"WandbCallback({'=, '.join(without_effect)}=) has no effect here.",
                      repeat=False)  # fmt: skip
        self.monitor = monitor
        grows = monitor.startswith("fmeasure") or "acc" in monitor or "auc" in monitor
        self.sign = -1 if mode == "max" or (mode == "auto" and grows) else 1
        self.best: float | None = None
        self.save_model = save_model
        self.save_weights_only = save_weights_only
        self.log_batch_frequency = log_batch_frequency
        self.log_best_prefix = log_best_prefix

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch, and keep the model if it is the best so far."""
        run = need_run("WandbCallback()")
        run.log({"epoch": epoch, **(logs or {})})
        value = (logs or {}).get(self.monitor)
        if value is None or (self.best is not None and self.sign * (value - self.best) >= 0):
            return
        self.best = value
        if self.log_best_prefix is not None:
            run.summary[f"{self.log_best_prefix}{self.monitor}"] = float(value)
            run.summary[f"{self.log_best_prefix}epoch"] = epoch
        if self.save_weights_only:
            self.model.save_weights(str(Path(run.dir) / "model-best.weights.h5"))
        elif self.save_model:
            self.model.save(str(Path(run.dir) / "model-best.keras"))

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log a batch, if it is its turn."""
        if self.log_batch_frequency and batch % self.log_batch_frequency == 0:
            need_run("WandbCallback()").log(dict(logs or {}))


def _keep(name: str, path: Path, *, aliases: Sequence[str]) -> None:
    """Keep a model, which is a file or a directory."""
    artifact = Artifact(name, type="model")
    if path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path))
    need_run("WandbModelCheckpoint()").log_artifact(artifact, aliases=list(aliases))
