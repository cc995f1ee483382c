"""Checkpoints, timed and weighed: `with tracklab.checkpoint(path, step=step): save(path)`.

A save that goes on in the background costs training only the time until it returns. Such a save
is told apart: `blocked` is how long training waited, `duration` how long until it was durable.
"""

from __future__ import annotations

import inspect
import os
import threading
from contextlib import suppress
from contextvars import ContextVar
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar
from weakref import WeakKeyDictionary

from tracklab import clock
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.sdk import current
from tracklab.sdk.rows import checked_step
from tracklab.sdk.weighing import format_on_disk, is_missing, size_on_disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from tracklab.sdk.run import Run

    AnyPath = str | os.PathLike[str]

__all__ = ["checkpoint", "is_measured", "record_checkpoint", "record_retention"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Future(Protocol):
    """What `until()` needs: futures of threads and of asyncio have it, and so have torch's."""

    def add_done_callback(self, callback: Callable[[Any], object], /) -> object: ...

    def done(self) -> bool: ...


_F = TypeVar("_F", bound=_Future)
_OPERATIONS = ("save", "load", "list")
_PATIENCE_S = 5.0

_measured: ContextVar[bool] = ContextVar("tracklab_checkpoint", default=False)
#: Saves that go on in the background, by run; the run's end settles them.
_unsettled: WeakKeyDictionary[Run, set[checkpoint]] = WeakKeyDictionary()


class checkpoint:  # noqa: N801 - used as a function: with checkpoint(...), @checkpoint(...)
    """Times one save, load or listing, weighs what lies on disk, and writes one event.

        with tracklab.checkpoint("step-100.pt", step=100) as saved:
            torch.save(model.state_dict(), saved.path)

    Works with `with`, `async with`, and as a decorator of functions and coroutines. The event is
    durable when the block is left; an exception is recorded and goes on up. A save that leaves
    nothing at its path is recorded as failed, and nothing is raised for it; of an address such as
    `s3://...`, and of a rank other than the first, which may leave it to that one, this is not
    asked.

    Args:
        path: the file or directory that is saved, loaded or listed. For a decorator it may also
            be a function that gets the call's arguments and returns the path.
        step: the training step it belongs to; None for the run's.
        operation: `save`, `load` or `list`.
        run: None for the current run; without one, nothing is recorded.

    Attributes:
        duration: seconds the block took; for `until()`, until the save was durable.
        blocked: seconds that training waited, once the block is left.
        size: bytes on disk, once it is over; None if nothing is there.
        count: how many checkpoints a listing found; set it inside the block.

    Raises:
        ArgumentTypeError: `path` is no path, or `step` no integer.
        UsageError: the operation is another, or `path` holds a zero byte.
    """

    def __init__(
        self,
        path: AnyPath | Callable[..., AnyPath],
        step: int | None = None,
        *,
        operation: str = "save",
        run: Run | None = None,
    ) -> None:
        if operation not in _OPERATIONS:
            raise UsageError(
                f"checkpoint() got the operation {operation!r}. It takes {', '.join(_OPERATIONS)}."
            )
        self._path_of = path if callable(path) else None
        self.path = "" if callable(path) else _checked_path(path)
        self.step = checked_step(step, given_to="checkpoint()")
        self.operation = operation
        self.duration = 0.0
        self.blocked = 0.0
        self.size: int | None = None
        self.count: int | None = None
        self._run = run
        self._details: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._in_background = self._left = self._written = False
        self._ended: tuple[float, BaseException | None] | None = None
        self._future: Any = None
        self._settled = threading.Event()

    # --- inside the block, or after it

    def keep(self, reason: str) -> None:
        """Note that this checkpoint stays when others are removed, such as `best so far`."""
        if self._left:
            self._note_retention("keep", self.path, reason)
        else:
            self._details["kept"] = str(reason)

    def removed(self, *paths: AnyPath, reason: str | None = None) -> None:
        """Note that older checkpoints are gone from disk.

        Args:
            paths: of those that were removed.
            reason: why, such as `only the last 3 are kept`.
        """
        for path in paths:
            self._note_retention("remove", _checked_path(path), reason)

    def until(self, future: _F) -> _F:
        """Leave the save open until `future` is done; return the future.

            with tracklab.checkpoint(path, step=step) as saved:
                saved.until(torch.distributed.checkpoint.async_save(state, checkpoint_id=path))

        Leaving the block ends the time that training waited; the event is written when the
        future is done, with its exception as the failure. A run that ends before is told that
        the save was not durable by then.

        Args:
            future: anything with `add_done_callback()`.

        Raises:
            ArgumentTypeError: `future` has no such method.
        """
        if not callable(getattr(future, "add_done_callback", None)):
            raise ArgumentTypeError(
                f"until() takes a future; got {type(future).__name__}. Pass what the asynchronous "
                "save returned, or call background() now and done() later."
            )
        self.background()
        self._future = future
        future.add_done_callback(self._future_done)
        return future

    def background(self) -> None:
        """Leave the save open until `done()` is called: it goes on when the block is left."""
        self._in_background = True

    def done(self, error: BaseException | None = None) -> None:
        """End a save that went on in the background; `error` is why it failed, if it did.

        May be called from any thread. The first call counts.
        """
        with self._lock:
            if self._ended is None:
                self._ended = (clock.monotonic(), error)
        self._settle()

    # --- the block

    def __enter__(self) -> Self:
        if self._path_of is not None:
            raise UsageError(
                "checkpoint() got a function as path in a with statement. It takes a path there; "
                "a function names the path of a decorated call."
            )
        self._run = run = self._run or current.run()
        if self.operation == "save" and run is not None and not run.finished:
            # A process that is killed while it saves leaves half a checkpoint: this tells of it.
            data = {"operation": "begin", "module": "checkpoint", "path": self.path}
            run.event("tracklab.checkpoint", "checkpoint_begin", {**data, "step": self._step(run)})
        self._token = _measured.set(True)
        self._began_s = clock.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        now_s = clock.monotonic()
        with suppress(ValueError):  # a generator may be closed from another context
            _measured.reset(self._token)
        self.blocked = round(now_s - self._began_s, 9)
        goes_on = self._in_background and error is None
        if goes_on and self._run is not None and not self._run.finished:
            _hold(self._run, self)  # before another thread may settle it
        with self._lock:
            self._left = True
            if not goes_on:
                self._ended = (now_s, error)
        self._settle()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return `function`, plain or asynchronous, with each call timed and recorded."""

        def fresh(*args: Any, **kwargs: Any) -> checkpoint:
            path = self.path if self._path_of is None else self._path_of(*args, **kwargs)
            return checkpoint(path, self.step, operation=self.operation, run=self._run)

        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def measured(*args: Any, **kwargs: Any) -> Any:
                with fresh(*args, **kwargs):
                    return await function(*args, **kwargs)

        else:

            @wraps(function)
            def measured(*args: Any, **kwargs: Any) -> Any:
                with fresh(*args, **kwargs):
                    return function(*args, **kwargs)

        return measured  # type: ignore[return-value] # the wrapper takes and returns the same

    def give_up(self) -> None:
        """End a save that outlives its run: nobody would hear of it later."""
        if self._future is not None and self._future.done():
            self._future_done(self._future)  # who waits for a future wakes before its callbacks run
        else:
            self.done(TimeoutError("the run ended before this save was durable"))
        self._settled.wait(_PATIENCE_S)  # another thread may be writing it: the run waits for that

    def _future_done(self, future: Any) -> None:
        try:
            error = future.exception()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as cancelled:  # noqa: BLE001 - asyncio's is no Exception; it ended so
            error = cancelled
        self.done(error)

    def _settle(self) -> None:
        """Write the event, once, when the block is left and the save is over."""
        with self._lock:
            if not self._left or self._ended is None or self._written:
                return
            self._written = True
            ended_s, error = self._ended
        self.duration = max(round(ended_s - self._began_s, 9), self.blocked)
        if self.operation != "list":
            self.size = size_on_disk(self.path)
        if self._run is not None:
            if not self._run.finished:
                self._record(self._run, error)
            _unsettled.get(self._run, set()).discard(self)
        self._settled.set()

    def _record(self, run: Run, error: BaseException | None) -> None:
        details: dict[str, Any] = {"path": self.path, "step": self._step(run)}
        if self._in_background:
            details["blocked"] = self.blocked
        if self.count is not None:
            details["count"] = self.count
        found = None if self.operation == "list" else format_on_disk(self.path)
        if found is not None:
            details["format"] = found
        details |= self._details
        if error is not None:
            details |= {"error_type": type(error).__qualname__, "error": str(error)}
        elif self._left_nothing(run):
            details |= {"error_type": "NothingWritten", "error": "nothing is there after the save"}
        record_checkpoint(
            run, self.duration, self.size, success="error_type" not in details,
            operation=self.operation, details=details,
        )  # fmt: skip

    def _step(self, run: Run) -> int:
        return run.step if self.step is None else self.step

    def _left_nothing(self, run: Run) -> bool:
        judged = self.operation == "save" and not run.rank and "://" not in self.path
        return judged and is_missing(self.path)

    def _note_retention(self, action: str, path: str, reason: str | None) -> None:
        run = self._run or current.run()
        if run is not None and not run.finished:
            record_retention(run, action, path, reason=reason)


def is_measured() -> bool:
    """Return whether a `checkpoint` block is open here: what saves inside it is its own."""
    return _measured.get()


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


def record_retention(run: Run, action: str, path: AnyPath, *, reason: str | None = None) -> None:
    """Write that a checkpoint was removed, or is kept on purpose.

    Args:
        run: the run that it belongs to.
        action: `remove` or `keep`.
        path: of the checkpoint, as it was saved.
        reason: why; None leaves it out.
    """
    data = {"operation": action, "module": "checkpoint", "path": os.fspath(path)}
    if reason is not None:
        data["reason"] = str(reason)
    run.event("tracklab.checkpoint", f"checkpoint_{action}", data)


def _hold(run: Run, saving: checkpoint) -> None:
    held = _unsettled.get(run)
    if held is None:
        held = _unsettled[run] = set()
        run.at_finish(partial(_give_up, held))
    held.add(saving)


def _give_up(held: set[checkpoint]) -> None:
    for saving in list(held):
        saving.give_up()


def _checked_path(path: AnyPath) -> str:
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise ArgumentTypeError(
            f"checkpoint() takes a path, as text or pathlib.Path; got {type(path).__name__}. "
            'Write checkpoint("model.pt").'
        ) from None
    if "\0" in name:
        raise UsageError(
            f"checkpoint() got {name!r}. A path holds no zero byte; write checkpoint('model.pt')."
        )
    return name
