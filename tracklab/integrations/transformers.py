"""Transformers: a callback that times the checkpoints of a `Trainer`.

    from tracklab.integrations.transformers import CheckpointCallback

    trainer = Trainer(..., callbacks=[CheckpointCallback()])

The trainer saves right after its callbacks heard of the step, the log and the evaluation, and
then calls `on_save`: what lies between is the save, with all of its files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracklab import clock
from tracklab.integrations.hooks import loaded
from tracklab.sdk import current
from tracklab.sdk.checkpoints import record_checkpoint, record_retention
from tracklab.sdk.weighing import format_on_disk, size_on_disk

__all__ = ["CheckpointCallback"]

_TrainerCallback: Any = loaded(
    "transformers", package="transformers", wanted_by="tracklab.integrations.transformers"
).TrainerCallback


class CheckpointCallback(_TrainerCallback):  # type: ignore[misc] # the package may not be there to check
    """Makes an event of each checkpoint that a `Trainer` saves, and of each that it removes."""

    def __init__(self) -> None:
        super().__init__()
        self._ready_s = 0.0
        self._known: set[Path] = set()

    def on_train_begin(self, args: Any, *_: Any, **__: Any) -> None:
        """Look at what is there already: what vanishes later was removed."""
        self._known = _checkpoints(args.output_dir)

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note the time: a save may come next."""
        self._ready_s = clock.monotonic()

    on_epoch_end = on_step_end
    on_log = on_step_end
    on_evaluate = on_step_end

    def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
        """Record the checkpoint that was just saved, and those that made room for it."""
        took_s = round(clock.monotonic() - self._ready_s, 9)
        there = _checkpoints(args.output_dir)
        gone, self._known = self._known - there, there
        run = current.run()
        if run is None:
            return
        path = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        details: dict[str, Any] = {"path": str(path), "step": int(state.global_step)}
        found = format_on_disk(path)
        if found is not None:
            details["format"] = found
        record_checkpoint(run, took_s, size_on_disk(path), details=details)
        for old in sorted(gone):
            record_retention(run, "remove", old, reason="save_total_limit")


def _checkpoints(output_dir: str) -> set[Path]:
    return {path for path in Path(output_dir).glob("checkpoint-*") if path.is_dir()}
