"""Events of TensorBoard become rows of one run."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from tracklab.sdk.terminal import termwarn
from tracklab.storage.blobs import store_blob
from tracklab.transfer.tensorboard import Reader
from tracklab.transfer.things import Config, File, Row
from tracklab.transfer.wire import Message, WireError

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracklab.sdk.run import Run

__all__ = ["Follower"]

_GLOBAL_STEP: Final = "global_step"
#: Directories that have their name before their keys even where they are the only one.
_PARTS: Final = ("train", "validation")


@dataclass
class _Source:
    """Where events come from: what stands before their keys, and what reads them."""

    namespace: str
    reader: Reader = field(default_factory=lambda: Reader(0.0))


class Follower:
    """Makes rows of one run out of events. State is a reader for each writer."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._writers: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # and their directories
        self._known: WeakKeyDictionary[Any, _Source] = WeakKeyDictionary()
        self._named: dict[str, _Source] = {}
        self._directories: set[str] = set()
        self._kept: dict[str, str] = {}  # directories of files to keep, and what lies above them
        self._defined: set[str] = set()
        self._global_step: int | None = None
        self._row_step = -1

    def add(self, writer: Any) -> None:
        """Let a writer be flushed before the run ends.

        Args:
            writer: what has `get_logdir()` and `flush()`.
        """
        if writer not in self._writers:
            directory = os.path.abspath(writer.get_logdir())  # noqa: PTH100 - leaves links as they are
            self._writers[writer] = directory
            self._directories.add(directory)

    def take_named(self, event: bytes, namespace: str) -> None:
        """Take an event, as bytes, that no writer was given; its keys begin with `namespace`."""
        self._take(event, self._named.setdefault(namespace, _Source(namespace)))

    def take(self, event: bytes, writer: Any, *, root: str = "", save: bool = False) -> None:
        """Take an event.

        Args:
            event: its bytes.
            writer: what it was given to.
            root: above the directories of all writers, if it is known.
            save: keep the writer's files with the run.
        """
        source = self._known.get(writer)
        if source is None:
            self.add(writer)
            directory = self._writers[writer]
            source = _Source(_namespace(directory, self._directories, root))
            self._known[writer] = source
            if save:
                above = os.path.abspath(root) if root else ""  # noqa: PTH100 - as above
                inside = above and Path(directory).is_relative_to(above)
                self._kept[directory] = above if inside else str(Path(directory).parent)
        self._take(event, source)

    def end(self) -> None:
        """Keep the files of events with the run, as far as they are written."""
        for writer in list(self._writers):
            with suppress(OSError, ValueError, AttributeError):  # it may be closed
                writer.flush()
        for directory, above in self._kept.items():
            self.run.save(Path(directory, "*tfevents*"), base_path=above, policy="now")

    def _take(self, event: bytes, source: _Source) -> None:
        reader = source.reader
        try:
            for thing in (*reader.event(Message(event)), *reader.row.rest()):
                self._land(thing, source.namespace)
        except WireError as error:
            termwarn(f"cannot read what was written for TensorBoard: {error}", repeat=False)
        for what in reader.lost:
            termwarn(f"not logged from TensorBoard: {what}", repeat=False)

    def _land(self, thing: object, prefix: str) -> None:
        if isinstance(thing, File) and isinstance(thing.content, bytes):
            self._write(thing.target, thing.content)
        elif isinstance(thing, Config):
            self.run.config.update(thing.values, allow_val_change=True)
        elif isinstance(thing, Row):
            self._log(thing, prefix)

    def _log(self, row: Row, prefix: str) -> None:
        start = f"{prefix}/" if prefix else ""
        axis = f"{start}{_GLOBAL_STEP}"
        values = {f"{start}{key}": value for key, value in row.values.items()}
        for key in values.keys() - self._defined:
            self._defined.add(key)
            if "*" not in key:
                self.run.define_metric(key, step_metric=axis, step_sync=False)
        step = row.step or 0
        if step != self._global_step:
            # Behind the row before; behind what the program itself has logged since, too.
            self._row_step = max(self._row_step + 1, self.run.step)
            self._global_step = step
        self._row_step = max(self._row_step, self.run.step)
        self.run.log(
            {_GLOBAL_STEP: step, axis: step, **values, "_timestamp": row.timestamp_s},
            step=self._row_step, commit=False,
        )  # fmt: skip

    def _write(self, target: str, content: bytes) -> None:
        """Write a file that a row names."""
        path = self.run.run_dir / target
        try:
            store_blob(
                path.parent, content, name=lambda _: path.name,
                file_mode=self.run.settings.file_mode,
            )  # fmt: skip
        except OSError as error:  # the disk's failure ends no training; the row still says more
            termwarn(f"cannot store an image of TensorBoard's ({error}): {path}", repeat=False)


def _namespace(directory: str, known: Collection[str], root: str) -> str:
    """Return what stands before the keys of a directory that is one of `known`."""
    above = os.path.abspath(root) if root else None  # noqa: PTH100 - leaves links as they are
    if above and Path(directory).is_relative_to(above):
        start = above
    elif len(known) > 1:
        start = os.path.commonpath(known)
    else:
        name = Path(directory).name
        return name if name in _PARTS else ""
    inside = Path(directory).relative_to(start).as_posix()
    return "" if inside == "." else inside
