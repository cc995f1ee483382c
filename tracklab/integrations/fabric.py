"""Lightning Fabric: its logger, which is also one for Lightning's trainer.

from tracklab.integrations.fabric import WandbLogger

fabric = lightning.fabric.Fabric(loggers=[WandbLogger(project="demo")])
"""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.artifacts.artifact import Artifact
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.integrations.hooks import loaded
from tracklab.media.audio import Audio
from tracklab.media.html import Html
from tracklab.media.image import Image
from tracklab.media.table import Table
from tracklab.media.video import Video
from tracklab.sdk import current
from tracklab.sdk.joining import attach
from tracklab.sdk.starting import init

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.run import Run

__all__ = ["WandbLogger"]

_WANTED_BY = "tracklab.integrations.fabric"
_Logger: Any = loaded(
    "lightning.fabric.loggers.logger", package="lightning", wanted_by=_WANTED_BY
).Logger
_rank_zero: Any = loaded(
    "lightning.fabric.utilities.rank_zero", package="lightning", wanted_by=_WANTED_BY
)
_rank_zero_experiment: Any = loaded(
    "lightning.fabric.loggers.logger", package="lightning", wanted_by=_WANTED_BY
).rank_zero_experiment


class WandbLogger(_Logger):  # type: ignore[misc] # the package may not be there to check
    """Logs to a run: the current one, or one that it begins at the first row.

    Args:
        name: the run's name.
        save_dir: where runs live; None as `init()` has it.
        version: the run's id.
        offline: no effect: every run is on this disk.
        dir: the same as `save_dir`.
        id: the same as `version`.
        anonymous: no effect.
        project: the run's project; None for `WANDB_PROJECT`, else `lightning_fabric_logs`.
        log_model: keep checkpoints as artifacts: `all` each as it is saved, True the last ones at
            the end.
        experiment: a run to log to.
        prefix: goes before keys, with a hyphen.
        checkpoint_name: the artifact's name; None for `model-<run id>`.
        log_checkpoint_on: at which end checkpoints are kept: `success` or `all`.
        kwargs: further arguments of `init()`.
    """

    LOGGER_JOIN_CHAR = "-"

    def __init__(  # noqa: PLR0913, PLR0917 - wandb's signature
        self,
        name: str | None = None,
        save_dir: str | os.PathLike[str] | None = None,
        version: str | None = None,
        offline: bool = False,  # noqa: ARG002, FBT001, FBT002 - as above
        dir: str | os.PathLike[str] | None = None,  # noqa: A002 - as above
        id: str | None = None,  # noqa: A002 - as above
        anonymous: bool | None = None,  # noqa: ARG002, FBT001 - as above
        project: str | None = None,
        log_model: str | bool = False,  # noqa: FBT001, FBT002 - as above
        experiment: Run | None = None,
        prefix: str = "",
        checkpoint_name: str | None = None,
        log_checkpoint_on: str = "success",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self._project = project or current.of_environment("PROJECT") or "lightning_fabric_logs"
        self._options = {
            "name": name, "project": self._project, "dir": save_dir or dir, "id": version or id,
            "resume": "allow", **kwargs,
        }  # fmt: skip
        self._experiment = experiment
        self._attach_id: str | None = None
        self._log_model = log_model
        self._prefix = prefix
        self._checkpoint_name = checkpoint_name
        self._log_checkpoint_on = log_checkpoint_on
        self._checkpoints: Any = None
        self._kept: dict[str, float] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to log to the same run."""
        return {**self.__dict__, "_experiment": None, "_attach_id": self.experiment._attach_id}  # noqa: SLF001 - of ours

    @property
    @_rank_zero_experiment  # type: ignore[untyped-decorator] # as above
    def experiment(self) -> Run:
        """The run; it begins here."""
        if self._experiment is None:
            run = current.run()
            if run is None and self._attach_id is not None:
                run = attach(self._attach_id)
            elif run is None:
                run = init(**self._options)
                run.define_metric("*", step_metric=run.define_metric("trainer/global_step"))
            self._experiment = run
            run._label(repo="lightning_fabric_logger")  # noqa: SLF001 - of ours
        return self._experiment

    @property
    def name(self) -> str:
        """The project's name."""
        return self._project

    @property
    def version(self) -> str | None:
        """The run's id, as far as it is known."""
        return self._experiment.id if self._experiment else self._options["id"]

    @property
    def save_dir(self) -> str | None:
        """Where runs live, if it was given."""
        place = self._options["dir"]
        return None if place is None else os.fspath(place)

    @property
    def log_dir(self) -> str | None:
        """The same as `save_dir`."""
        return self.save_dir

    @property
    def group_separator(self) -> str:
        """What stands between a prefix and a key."""
        return self.LOGGER_JOIN_CHAR

    def watch(
        self,
        model: Any,
        log: str = "gradients",
        log_freq: int = 100,
        log_graph: bool = True,  # noqa: FBT001, FBT002 - wandb's signature
    ) -> None:
        """Log a model's distributions; see `Run.watch`."""
        self.experiment.watch(model, log=log, log_freq=log_freq, log_graph=log_graph)

    @_rank_zero.rank_zero_only  # type: ignore[untyped-decorator] # as above
    def log_hyperparams(self, params: Mapping[str, Any] | Namespace) -> None:
        """Put values into the run's configuration; functions become what they are called."""
        values = vars(params) if isinstance(params, Namespace) else params
        named = {
            key: getattr(value, "__name__", repr(value)) if callable(value) else value
            for key, value in values.items()
        }
        self.experiment.config.update(named, allow_val_change=True)

    @_rank_zero.rank_zero_only  # type: ignore[untyped-decorator] # as above
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Make a row; the step becomes `trainer/global_step`."""
        start = f"{self._prefix}{self.LOGGER_JOIN_CHAR}" if self._prefix else ""
        row = {f"{start}{key}": value for key, value in metrics.items()}
        self.experiment.log(row if step is None else {**row, "trainer/global_step": step})

    def log_graph(self, model: Any, input_array: Any = None) -> None:
        """Do nothing; `watch(log_graph=True)` says what a model is made of."""

    def log_table(
        self,
        key: str,
        columns: list[str] | None = None,
        data: list[list[Any]] | None = None,
        dataframe: Any = None,
        step: int | None = None,
    ) -> None:
        """Log a table, of `columns` and `data` or of a `dataframe`."""
        self.log_metrics({key: Table(columns=columns, data=data, dataframe=dataframe)}, step)

    log_text = log_table

    def log_image(self, key: str, images: list[Any], step: int | None = None, **of: Any) -> None:
        """Log images; further arguments are lists with a value for each."""
        self._log_media(Image, key, images, step, of)

    def log_audio(self, key: str, audios: list[Any], step: int | None = None, **of: Any) -> None:
        """Log sounds; see `log_image`."""
        self._log_media(Audio, key, audios, step, of)

    def log_video(self, key: str, videos: list[Any], step: int | None = None, **of: Any) -> None:
        """Log videos; see `log_image`."""
        self._log_media(Video, key, videos, step, of)

    def log_html(self, key: str, htmls: list[Any], step: int | None = None, **of: Any) -> None:
        """Log pages; see `log_image`."""
        self._log_media(Html, key, htmls, step, of)

    def _log_media(
        self, kind: Any, key: str, items: list[Any], step: int | None, of: Mapping[str, list[Any]]
    ) -> None:
        if not isinstance(items, list):
            raise ArgumentTypeError(
                f'Expected a list, found {type(items)}. Write [item] for "{key}".'
            )
        for name, values in of.items():
            if len(values) != len(items):
                raise UsageError(
                    f"Expected {len(items)} items but only found {len(values)} for {name}."
                )
        made = [
            kind(item, **{name: values[number] for name, values in of.items()})
            for number, item in enumerate(items)
        ]
        self.log_metrics({key: made}, step)

    def use_artifact(self, artifact: str, artifact_type: str | None = None) -> Artifact:
        """Return a version that the run uses; see `Run.use_artifact`."""
        run: Run = self.experiment
        return run.use_artifact(artifact, type=artifact_type)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Keep a checkpoint that was saved, now or at the end."""
        if self._log_model == "all" or (self._log_model and checkpoint_callback.save_top_k == -1):
            self._keep_checkpoints(checkpoint_callback)
        elif self._log_model:
            self._checkpoints = checkpoint_callback

    @_rank_zero.rank_zero_only  # type: ignore[untyped-decorator] # as above
    def save(self) -> None:
        """Do nothing: a row is written when it is logged."""

    @_rank_zero.rank_zero_only  # type: ignore[untyped-decorator] # as above
    def finalize(self, status: str) -> None:
        """Keep the checkpoints that are to be kept at the end."""
        wanted = status == "success" or self._log_checkpoint_on == "all"
        if wanted and self._checkpoints is not None and self._experiment is not None:
            self._keep_checkpoints(self._checkpoints)

    def _keep_checkpoints(self, callback: Any) -> None:
        scores = {callback.last_model_path: callback.current_score}
        scores |= {callback.best_model_path: callback.best_model_score, **callback.best_k_models}
        for path, score in scores.items():
            if not path or not Path(path).is_file():
                continue
            changed_s = Path(path).stat().st_mtime
            if self._kept.get(path) == changed_s:
                continue
            self._kept[path] = changed_s
            metadata = {
                "score": None if score is None else float(score),
                "original_filename": Path(path).name,
                callback.__class__.__name__: {  # Lightning passes a proxy of it
                    key: getattr(callback, key, None)
                    for key in ("monitor", "mode", "save_last", "save_top_k", "save_weights_only")
                },
            }
            name = self._checkpoint_name or f"model-{self.experiment.id}"
            artifact = Artifact(name, type="model", metadata=metadata)
            artifact.add_file(path, name="model.ckpt")
            best = ["best"] if path == callback.best_model_path else []
            self.experiment.log_artifact(artifact, aliases=["latest", *best])
