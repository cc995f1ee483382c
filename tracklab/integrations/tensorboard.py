"""TensorBoard: what a program writes for it becomes rows of the current run as well.

    tracklab.init(sync_tensorboard=True)
    writer = torch.utils.tensorboard.SummaryWriter()

The writers of TensorBoard (which are torch's) and of tensorboardX are listened to, so a row is
there as soon as a value is written, before TensorBoard's own file has it. Values of one step make
one row with `global_step`, which is the x axis of all of them. Of several directories each has
its path before its keys.

TensorFlow writes by itself, out of Python's sight. If it is imported before, its files are read
while it writes them, some seconds later, and to their end when the run ends.
"""

from __future__ import annotations

import struct
import sys
import threading
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import MissingPackageError, UsageError
from tracklab.integrations.board import Follower
from tracklab.integrations.hooks import loaded, wrap
from tracklab.integrations.tensorflow import Tail
from tracklab.sdk import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["listening", "log", "patch", "unpatch"]

#: The modules with a class `EventFileWriter`, and the package that each belongs to.
_WRITERS: Final = {
    "tensorboard": "tensorboard.summary.writer.event_file_writer",
    "tensorboardX": "tensorboardX.event_file_writer",
}
_MORE: Final = 0x80

_undoes: list[Callable[[], None]] = []
_lock: Final = threading.RLock()
_follower: Follower | None = None


def patch(
    save: bool = True,  # noqa: FBT001, FBT002 - wandb's signature
    tensorboard_x: bool | None = None,  # noqa: FBT001 - as above
    pytorch: bool | None = None,  # noqa: FBT001 - as above
    root_logdir: str = "",
) -> None:
    """Make rows of what is written for TensorBoard from now on.

    Args:
        save: keep the files of events with the run as well.
        tensorboard_x: leave TensorFlow's own writers alone.
        pytorch: the same.
        root_logdir: above all directories of a job; what follows it stands before their keys.
            Empty, it is what they have in common.

    Raises:
        UsageError: it is patched already.
        MissingPackageError: none of TensorBoard, tensorboardX and TensorFlow is there.
    """
    if _undoes:
        raise UsageError(
            "Tensorboard already patched. Call `wandb.tensorboard.unpatch()` first; remove "
            "`sync_tensorboard=True` from `wandb.init`; or only call `wandb.tensorboard.patch` "
            "once."
        )
    there = [module for package, module in _WRITERS.items() if find_spec(package)]
    with_tensorflow = "tensorflow" in sys.modules and not (tensorboard_x or pytorch)
    if not there and not with_tensorflow:
        raise MissingPackageError(
            "tensorboard.patch() found nothing that writes for TensorBoard. Please install "
            "tensorboard package: pip install tensorboard"
        )
    for module in there:
        writers = loaded(module, package="tensorboard", wanted_by="tensorboard.patch()")

        def make(write: Callable[..., Any]) -> Callable[..., Any]:
            def add_event(writer: Any, event: Any, *args: Any, **kwargs: Any) -> Any:
                result = write(writer, event, *args, **kwargs)
                _take(event.SerializeToString(), writer, root=root_logdir, save=save)
                return result

            return add_event

        _undoes.append(wrap(writers.EventFileWriter, "add_event", make))
    if with_tensorflow:
        _undoes.append(_patch_tensorflow(root=root_logdir, save=save))


def _patch_tensorflow(**how: Any) -> Callable[[], None]:
    """Read the files of writers that TensorFlow opens from now on."""
    made = loaded(
        "tensorflow.python.ops.gen_summary_ops", package="tensorflow",
        wanted_by="tensorboard.patch()",
    )  # fmt: skip
    closed = loaded("tensorflow.errors", package="tensorflow", wanted_by="patch()").NotFoundError
    tails: list[Tail] = []

    def make(create: Callable[..., Any]) -> Callable[..., Any]:
        def create_writer(writer: Any, logdir: Any, *args: Any, **kwargs: Any) -> Any:
            def write_out() -> None:
                with suppress(closed):  # what it had is in its file then
                    made.flush_summary_writer(writer)

            directory = logdir.numpy().decode() if hasattr(logdir, "numpy") else str(logdir)
            tail = Tail(directory, lambda event: _take(event, tail, **how), write_out)
            tails.append(tail)
            result = create(writer, logdir, *args, **kwargs)
            with _lock:
                follower = _following()
                if follower is not None:
                    follower.add(tail)
            return result

        return create_writer

    undo = wrap(made, "create_summary_file_writer", make)

    def stop() -> None:
        undo()
        while tails:
            tails.pop().stop()

    return stop


def unpatch() -> None:
    """Stop what `patch` began."""
    while _undoes:
        _undoes.pop()()


@contextmanager
def listening() -> Iterator[None]:
    """Patch for a while; what is patched already stays so."""
    if _undoes:
        yield
        return
    patch()
    try:
        yield
    finally:
        unpatch()


def log(
    tf_summary_str_or_pb: Any,
    history: Any = None,  # noqa: ARG001 - wandb's signature
    step: int = 0,
    namespace: str = "",
    **_: Any,
) -> None:
    """Make a row of a summary that no writer was given.

    Args:
        tf_summary_str_or_pb: a `Summary` or an `Event` of TensorBoard's, the bytes of a summary,
            or a list of such bytes.
        history: no effect.
        step: of the row; an event has its own.
        namespace: goes before the keys.

    Raises:
        UsageError: there is no current run.
    """
    current.need_run("tensorboard.log()")
    given = tf_summary_str_or_pb
    if hasattr(given, "summary"):
        event = given.SerializeToString()
    else:
        parts = given if isinstance(given, list | tuple) else [given]
        # Messages that follow each other are one: their values add up.
        summary = b"".join(
            bytes(one) if isinstance(one, bytes | bytearray) else one.SerializeToString()
            for one in parts
        )
        # An event: its time, its step and its summary.
        event = b"\x09" + struct.pack("<d", clock.now())
        event += b"\x10" + _varint(step) + b"\x2a" + _varint(len(summary)) + summary
    with _lock:
        follower = _following()
        if follower is not None:
            follower.take_named(event, namespace)


def _take(event: bytes, writer: Any, **how: Any) -> None:
    """Give an event of a writer to the current run, if there is one."""
    with _lock:
        follower = _following()
        if follower is not None:
            follower.take(event, writer, **how)


def _following() -> Follower | None:
    """Return what makes rows of the current run, None without one."""
    global _follower  # noqa: PLW0603 - of the current run
    run = current.run()
    if run is None or run.disabled:
        return None
    if _follower is None or _follower.run is not run:  # an ended run's is replaced here
        _follower = Follower(run)
        run.at_finish(_follower.end)
    return _follower


def _varint(number: int) -> bytes:
    """Return a number as protocol buffers write it."""
    number &= (1 << 64) - 1
    found = bytearray()
    while number >= _MORE:
        found.append(number & (_MORE - 1) | _MORE)
        number >>= 7
    return bytes([*found, number])
