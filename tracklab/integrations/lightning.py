"""Lightning, package `lightning`: a callback that times what a trainer saves and loads.

from tracklab.integrations.lightning import CheckpointCallback

trainer = Trainer(callbacks=[CheckpointCallback()])
"""

from __future__ import annotations

from typing import Any

from tracklab.integrations.hooks import loaded
from tracklab.integrations.saving import TrainerSaves

__all__ = ["CheckpointCallback"]

_Callback: Any = loaded(
    "lightning.pytorch", package="lightning", wanted_by="tracklab.integrations.lightning"
).Callback


class CheckpointCallback(_Callback):  # type: ignore[misc] # the package may not be there to check
    """Makes an event of each checkpoint that the trainer saves, loads or removes."""

    def __init__(self) -> None:
        super().__init__()
        self._saves = TrainerSaves()

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - Lightning's signature
        """Begin with the trainer's first stage."""
        self._saves.begin(trainer)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - as above
        """Leave the trainer as it was."""
        self._saves.stop()
