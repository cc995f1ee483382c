"""Lightning, package `lightning`: a callback that times what a trainer saves and loads.

from tracklab.integrations.lightning import CheckpointCallback

trainer = Trainer(callbacks=[CheckpointCallback()])
"""

from __future__ import annotations

from typing import Any

from tracklab.integrations.hooks import loaded
from tracklab.integrations.saving import TrainerCallback

__all__ = ["CheckpointCallback"]

_Callback: Any = loaded(
    "lightning.pytorch", package="lightning", wanted_by="tracklab.integrations.lightning"
).Callback


class CheckpointCallback(TrainerCallback, _Callback):  # type: ignore[misc] # the package may not be there to check
    """Makes an event of each checkpoint that the trainer saves, loads or removes."""
