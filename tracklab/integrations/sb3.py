"""Stable-Baselines3: a callback that keeps models and hyperparameters.

from tracklab.integrations.sb3 import WandbCallback

tracklab.init(sync_tensorboard=True)
PPO("MlpPolicy", env, tensorboard_log="runs").learn(10_000, callback=WandbCallback())

What is logged are the agent's own summaries for TensorBoard.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tracklab.errors import UsageError
from tracklab.integrations.hooks import loaded
from tracklab.sdk.current import need_run
from tracklab.sdk.terminal import termlog, termwarn

__all__ = ["WandbCallback"]

_LOGS: Final = ("gradients", "parameters", "all", None)
_BaseCallback: Any = loaded(
    "stable_baselines3.common.callbacks", package="stable-baselines3",
    wanted_by="tracklab.integrations.sb3",
).BaseCallback  # fmt: skip


class WandbCallback(_BaseCallback):  # type: ignore[misc] # the package may not be there to check
    """Puts an agent's attributes into the run's configuration, and keeps its model.

    Args:
        verbose: 2 says each save.
        model_save_path: a directory for `model.zip`, which the run keeps; None saves none.
        model_save_freq: save every so many steps as well as at the end; 0 only then.
        gradient_save_freq: log the policy's distributions every so many passes; 0 never.
        log: which: `gradients`, `parameters` or `all`.

    Raises:
        UsageError: there is no current run, or a frequency but no path to save at.
    """

    def __init__(
        self,
        verbose: int = 0,
        model_save_path: str | None = None,
        model_save_freq: int = 0,
        gradient_save_freq: int = 0,
        log: str | None = "all",
    ) -> None:
        super().__init__(verbose)
        need_run("WandbCallback()")
        if model_save_freq and model_save_path is None:
            raise UsageError(
                f"WandbCallback() got model_save_freq={model_save_freq} and no model_save_path. "
                "Name the directory to save in."
            )
        if log not in _LOGS:
            termwarn(f"WandbCallback() got log={log!r}: one of {_LOGS}, falling back to 'all'")
            log = "all"
        self.model_save_path = model_save_path
        self.model_save_freq = model_save_freq
        self.gradient_save_freq = gradient_save_freq
        self.log = log

    def _init_callback(self) -> None:
        run = need_run("WandbCallback()")
        values = {
            name: value if type(value) in {float, int, str} else str(value)
            for name, value in vars(self.model).items()
        }
        if self.gradient_save_freq > 0:
            run.watch(self.model.policy, log=self.log, log_freq=self.gradient_save_freq)
        run.config.setdefaults({"algo": type(self.model).__name__, **values})

    def _on_step(self) -> bool:
        if self.model_save_freq > 0 and self.n_calls % self.model_save_freq == 0:
            self.save_model()
        return True

    def _on_training_end(self) -> None:
        if self.model_save_path is not None:
            self.save_model()

    def save_model(self) -> None:
        """Save the model at `model_save_path`, and let the run keep it.

        Raises:
            UsageError: there is no path.
        """
        if self.model_save_path is None:
            raise UsageError("save_model() needs WandbCallback(model_save_path=...).")
        path = Path(self.model_save_path) / "model.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.model.save(path)
        need_run("WandbCallback()").save(path, base_path=self.model_save_path)
        if self.verbose > 1:
            termlog(f"Saving model checkpoint to {path}")
