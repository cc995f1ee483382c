"""What the two packages of Lightning have in common: a trainer whose saves are timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.integrations.hooks import wrap
from tracklab.sdk import current
from tracklab.sdk.checkpoints import checkpoint, record_retention

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TrainerCallback"]


class TrainerCallback:
    """What a callback for such a trainer does; its other base is the package's own `Callback`."""

    def __init__(self) -> None:
        super().__init__()
        self._saves = _TrainerSaves()

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - Lightning's signature
        """Begin with the trainer's first stage."""
        self._saves.begin(trainer)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - as above
        """Leave the trainer as it was."""
        self._saves.stop()


class _TrainerSaves:
    """Times what one trainer saves and loads, and notes what it removes.

    With an asynchronous checkpoint plugin `blocked` ends when the trainer goes on and `duration`
    when the file is written.
    """

    def __init__(self) -> None:
        self._trainer: Any = None
        self._writer: Any = None
        self._open: dict[str, checkpoint] = {}
        self._undoes: list[Callable[[], None]] = []

    def begin(self, trainer: Any) -> None:
        """Begin with a trainer's first stage; further ones change nothing."""
        if self._undoes:
            return
        self._trainer = trainer
        strategy = trainer.strategy
        plugin = strategy.checkpoint_io
        self._writer = plugin.checkpoint_io if _is_asynchronous(plugin) else None
        self._undoes = [
            wrap(trainer, "save_checkpoint", self._saving),
            wrap(strategy, "load_checkpoint", self._loading),
            wrap(strategy, "remove_checkpoint", self._removing),
        ]
        if self._writer is not None:
            self._undoes.append(wrap(self._writer, "save_checkpoint", self._writing))

    def stop(self) -> None:
        """Give the trainer its own functions back."""
        while self._undoes:
            self._undoes.pop()()

    def _saving(self, save: Callable[..., Any]) -> Callable[..., Any]:
        def timed(filepath: Any, *args: Any, **kwargs: Any) -> Any:
            step = int(self._trainer.global_step)
            with checkpoint(filepath, step=step) as saved:
                if self._writer is not None:
                    self._open[str(filepath)] = saved
                    saved.background()
                return save(filepath, *args, **kwargs)

        return timed

    def _writing(self, write: Callable[..., Any]) -> Callable[..., Any]:
        """Time the write on the plugin's own thread, which gets `checkpoint, path, ...`."""

        def timed(state: Any, path: Any, *args: Any, **kwargs: Any) -> Any:
            saved = self._open.pop(str(path), None)
            try:
                result = write(state, path, *args, **kwargs)
            except BaseException as error:
                if saved is not None:
                    saved.done(error)
                raise
            if saved is not None:
                saved.done()
            return result

        return timed

    def _loading(self, load: Callable[..., Any]) -> Callable[..., Any]:
        def timed(checkpoint_path: Any, *args: Any, **kwargs: Any) -> Any:
            with checkpoint(checkpoint_path, operation="load"):
                return load(checkpoint_path, *args, **kwargs)

        return timed

    def _removing(self, remove: Callable[..., Any]) -> Callable[..., Any]:
        def noted(filepath: Any, *args: Any, **kwargs: Any) -> Any:
            result = remove(filepath, *args, **kwargs)
            run = current.run()
            if run is not None:
                record_retention(run, "remove", filepath)
            return result

        return noted


def _is_asynchronous(plugin: Any) -> bool:
    """Return whether it is Lightning's plugin that writes on a thread; both packages have one."""
    return any(kind.__name__ == "AsyncCheckpointIO" for kind in type(plugin).__mro__)
