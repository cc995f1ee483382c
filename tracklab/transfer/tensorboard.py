"""TensorBoard's logs: each directory with files named `*tfevents*` is a run, as TensorBoard has it.

A file holds events, each a step, a time and mostly one value. Values of one step that were logged
within a second become one row.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError
from tracklab.transfer.framing import Damage, tf_records
from tracklab.transfer.gathering import Gathering
from tracklab.transfer.pictures import images_record, media_file
from tracklab.transfer.tensors import (
    first_text,
    hyperparameters,
    old_histogram,
    tensor_histogram,
    tensor_texts,
    tensor_values,
)
from tracklab.transfer.things import (
    At,
    Begin,
    Config,
    End,
    File,
    Found,
    Lost,
    stable_id,
    usable_project,
)
from tracklab.transfer.wire import Message, WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.transfer.things import Thing

__all__ = ["Reader", "find"]

_TELL_EVERY_BYTES: Final = 1 << 18
_PEEKED_EVENTS: Final = 10
_LIST_MAX: Final = 512
_HPARAMS: Final = "hparams"
# Fields of an event, and of a value in its summary.
_GRAPH, _SUMMARY, _META_GRAPH = 4, 5, 9
_SIMPLE, _IMAGE, _HISTOGRAM, _AUDIO, _TENSOR = 2, 4, 5, 6, 8


def find(source: Path) -> list[Found]:
    """Return a run for each directory in `source` that holds events, or for one file.

    What they are called follows from the names of directories alone, however `source` is written:
    from within, with `..`, or through a link.

    Raises:
        UsageError: there is no file of events that can be read.
        OSError: `source` cannot be read.
    """
    source = source.resolve()
    runs: dict[Path, dict[Path, list[bytes]]] = {}
    for path in [source] if source.is_file() else sorted(_files_below(source)):
        events = _first_events(path)
        if events:
            runs.setdefault(path.parent, {})[path] = events
    if not runs:
        raise UsageError(
            "import tensorboard found no events. Name a file *tfevents*, a log directory, or one "
            f"above several: {source}"
        )
    top = source.parent if source.is_file() else source
    return [_found(top, directory, paths) for directory, paths in runs.items()]


def _files_below(directory: Path) -> Iterator[Path]:
    for above, _, names in os.walk(directory):
        yield from (Path(above, name) for name in names if "tfevents" in name)


def _first_events(path: Path) -> list[bytes]:
    """Return the first events of a file that can be read."""
    with open(path, "rb") as file:
        records = (record for _, record in tf_records(file, Damage()))
        return [record for record in islice(records, _PEEKED_EVENTS) if _time_s(record)]


def _time_s(event: bytes) -> float:
    """Return an event's time; 0 for what is none."""
    try:
        return Message(event).double(1)
    except WireError:
        return 0.0


def _found(top: Path, directory: Path, paths: dict[Path, list[bytes]]) -> Found:
    inside = directory.relative_to(top).as_posix()
    name = top.name if inside == "." else inside
    first, events = next(iter(paths.items()))
    # The first event's time is that of no other file; the same wherever the directory lies.
    run_id = stable_id(b"\0".join([events[0], first.name.encode(), directory.name.encode()]))
    # The first one only says the version, and may be a little later than the second.
    begin = Begin(min(map(_time_s, (event for some in paths.values() for event in some))), name)
    size = sum(path.stat().st_size for path in paths)
    return Found(
        "tensorboard", directory, usable_project(top.name), run_id, size,
        lambda: _things(begin, list(paths)),
    )  # fmt: skip


def _things(begin: Begin, paths: list[Path]) -> Iterator[Thing]:
    yield begin
    reader = Reader(begin.started_s)
    before = 0
    for path in paths:
        damage, told = Damage(), 0
        with open(path, "rb") as file:
            for at, record in tf_records(file, damage):
                try:
                    yield from reader.event(Message(record))
                except WireError:
                    damage.records += 1
                if at - told > _TELL_EVERY_BYTES:
                    told = at
                    yield At(before + at)
        if str(damage):
            yield Lost(f"{damage} in {path.name}")
        before += path.stat().st_size
    yield from reader.row.rest()
    yield from (Lost(f"{what}, {count:,} times") for what, count in sorted(reader.lost.items()))
    yield End(reader.now_s)


@dataclass
class Reader:
    """Reads the events of one run; keeps one row and, for each tag, its plugin."""

    now_s: float
    row: Gathering = field(default_factory=lambda: Gathering("tensorboard"))
    plugins: dict[str, str] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)

    def event(self, event: Message) -> Iterator[Thing]:
        """Yield what an event completes."""
        at_s, step = event.double(1), event.whole(2)
        self.now_s = max(self.now_s, at_s)
        if _GRAPH in event or _META_GRAPH in event:
            self.lost["a graph"] += 1
        for value in map(Message, event.message(_SUMMARY).each(1)):
            plugin = self._plugin(value)
            if plugin == _HPARAMS:
                config = hyperparameters(value.message(9).message(1).data(2))
                if config:
                    yield Config(config, at_s)
                continue
            try:
                taken, files = _taken(value, plugin, step)
            except _NotTakenError as error:
                self.lost[str(error)] += 1
                continue
            yield from files
            yield from self.row.add(value.text(1), taken, step=step, at_s=at_s)

    def _plugin(self, value: Message) -> str:
        """Return the plugin that a value is for: only the first one of a tag says it."""
        tag, told = value.text(1), value.message(9).message(1).text(1)
        if told:
            self.plugins[tag] = told
        return told or self.plugins.get(tag, "")


class _NotTakenError(Exception):
    """A value that no row can hold; says what kind."""


def _taken(value: Message, plugin: str, step: int) -> tuple[Any, list[File]]:
    """Return what stands in a row for a value, and the files that it names.

    Raises:
        _NotTakenError: nothing can.
        WireError: the value is damaged.
    """
    key = value.text(1)
    if _SIMPLE in value:
        return value.single(_SIMPLE), []
    if _HISTOGRAM in value:
        return old_histogram(value.message(_HISTOGRAM)), []
    if _IMAGE in value:
        image = value.message(_IMAGE)
        return _images(key, [image.data(4)], step, size=(image.whole(2), image.whole(1)))
    if _AUDIO in value:
        return _sound(key, value.message(_AUDIO).data(4), step)
    if _TENSOR not in value:
        raise _NotTakenError("a value of no known kind")
    if plugin not in _OF_TENSORS:
        raise _NotTakenError(f"a value of the plugin {plugin!r}")
    try:
        return _OF_TENSORS[plugin](key, value.message(_TENSOR), step)
    except (WireError, ValueError, IndexError):
        raise _NotTakenError(
            f"a tensor of the plugin {plugin!r} that cannot stand in a row"
        ) from None


def _numbers(_key: str, tensor: Message, _step: int) -> tuple[Any, list[File]]:
    numbers = tensor_values(tensor)
    if len(numbers) > _LIST_MAX:
        raise WireError("too many numbers for a row")
    return numbers[0] if len(numbers) == 1 else numbers, []


def _image_tensor(key: str, tensor: Message, step: int) -> tuple[Any, list[File]]:
    width, height, *images = tensor_texts(tensor)
    return _images(key, images, step, size=(int(width), int(height)))


def _images(
    key: str, images: list[bytes], step: int, *, size: tuple[int, int]
) -> tuple[Any, list[File]]:
    kept = [media_file("images", key, step, image) for image in images]
    record = images_record([told for _, told in kept], width=size[0], height=size[1])
    return record, [file for file, _ in kept]


def _sound(key: str, sound: bytes, step: int) -> tuple[Any, list[File]]:
    file, told = media_file("audio", key, step, sound)
    return {"_type": "audio-file", **told}, [file]


_OF_TENSORS: Final[dict[str, Callable[[str, Message, int], tuple[Any, list[File]]]]] = {
    "": _numbers,
    "scalars": _numbers,
    "histograms": lambda _, tensor, __: (tensor_histogram(tensor), []),
    "images": _image_tensor,
    "audio": lambda key, tensor, step: _sound(key, tensor_texts(tensor)[0], step),
    "text": lambda _, tensor, __: (first_text(tensor_texts(tensor)), []),
}
