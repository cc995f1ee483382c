"""Checkpoints, timed and weighed: `with tracklab.checkpoint(path, step=step): save(path)`."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tracklab import clock
from tracklab.sdk import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from tracklab.sdk.run import Run

__all__ = ["checkpoint", "record_checkpoint", "size_on_disk"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class checkpoint:  # noqa: N801 - used as a function: with checkpoint(...), @checkpoint(...)
    """Times one save or load, weighs what it left on disk, and writes one event.

    Use it as a context manager or as a decorator. Time runs while training is blocked. The
    event is durable when the block is left; an exception is recorded and goes on up.

    Args:
        path: the file or directory that is saved or loaded.
        step: the training step it belongs to; None for the run's.
        operation: `save` or `load`.
        run: None for the current run; without one, nothing is recorded.

    Attributes:
        duration: seconds the block took, once it is left.
        size: bytes on disk, once it is left; None if nothing is there.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        step: int | None = None,
        *,
        operation: str = "save",
        run: Run | None = None,
    ) -> None:
        self.path = os.fspath(path)
        self.step = step
        self.operation = operation
        self.duration = 0.0
        self.size: int | None = None
        self._run = run

    def __enter__(self) -> Self:
        self._began_s = clock.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.duration = round(clock.monotonic() - self._began_s, 9)
        self.size = size_on_disk(self.path)
        run = self._run or current.run()
        if run is None:
            return
        details: dict[str, Any] = {"path": self.path}
        details["step"] = run.step if self.step is None else self.step
        if kind is not None:
            details |= {"error_type": kind.__qualname__, "error": str(error)}
        record_checkpoint(
            run, self.duration, self.size, success=kind is None, operation=self.operation,
            details=details,
        )  # fmt: skip

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return `function` with each call timed and recorded."""

        @wraps(function)
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with checkpoint(self.path, self.step, operation=self.operation, run=self._run):
                return function(*args, **kwargs)

        return timed


def record_checkpoint(
    run: Run,
    duration_s: float,
    size_bytes: int | None,
    *,
    success: bool = True,
    operation: str = "save",
    details: dict[str, Any] | None = None,
) -> None:
    """Write the event of one checkpoint operation that was measured elsewhere."""
    data = {
        "metric_type": "timer",
        "operation": operation,
        "duration": duration_s,
        "size": size_bytes,
        "success": success,
        "module": "checkpoint",
        **(details or {}),
    }
    run.event(
        "tracklab.checkpoint", f"checkpoint_{operation}", data,
        level="INFO" if success else "ERROR", durable=True,
    )  # fmt: skip
    if operation == "save":
        run.save_summary()


def size_on_disk(path: str | os.PathLike[str]) -> int | None:
    """Return the bytes of a file, or of all files below a directory; None if there is none.

    Links are not followed; a file that vanishes meanwhile counts nothing.
    """
    if not os.path.lexists(path):
        return None
    if not Path(path).is_dir():
        return os.lstat(path).st_size
    total = 0
    for directory, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += (Path(directory) / name).lstat().st_size
    return total
