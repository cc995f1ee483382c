"""Values in TensorBoard's events: numbers, texts, distributions, hyperparameters.

Source: the message descriptors of TensorBoard 2.20 (`summary.proto`, `tensor.proto`,
`plugins/hparams/plugin_data.proto`).
"""

from __future__ import annotations

import math
import struct
from typing import Any, Final

from tracklab.transfer.wire import Message, WireError, text

__all__ = [
    "first_text",
    "hyperparameters",
    "old_histogram",
    "tensor_histogram",
    "tensor_texts",
    "tensor_values",
]

_STRING, _BFLOAT16, _HALF, _BOOL = 7, 14, 19, 10
#: Form of one element in `tensor_content`, by the number of its type.
_FORMS: Final = {
    1: "f", 2: "d", 3: "i", 4: "B", 5: "h", 6: "b", 9: "q", _BOOL: "?", 17: "H", _HALF: "e",
    22: "I", 23: "Q",
}  # fmt: skip
_FLOATS, _DOUBLES = 5, 6
_VARINTS: Final = (7, 10, 11, 16, 17)  # fields of ints, int64s, bools, unsigned ones
_TENSOR_BYTES_MAX: Final = 1 << 20
_BINS_MAX: Final = 512
_SIGN: Final = 1 << 63


def tensor_values(tensor: Message) -> list[Any]:
    """Return the elements of a tensor of numbers, whatever its shape.

    Raises:
        WireError: it holds something else, or more than 1 MiB.
    """
    kind, content = tensor.whole(1), tensor.data(4)
    if len(content) > _TENSOR_BYTES_MAX:
        raise WireError("a tensor that is too large for a row")
    values: list[Any] = []
    if content:
        values = _numbers(kind, content)
    elif kind in {_HALF, _BFLOAT16}:  # their bits, as numbers
        bits = struct.pack(f"<{len(tensor.wholes(13))}H", *tensor.wholes(13))
        values = _numbers(kind, bits)
    else:
        _form(kind)  # refuses what holds no numbers
        values = [*tensor.singles(_FLOATS), *tensor.doubles(_DOUBLES)]
        for field in _VARINTS:
            values += [n - (_SIGN << 1) if n & _SIGN else n for n in tensor.wholes(field)]
    values = _repeated(tensor, values)
    return [bool(value) for value in values] if kind == _BOOL else values


def _numbers(kind: int, content: bytes) -> list[Any]:
    if kind == _BFLOAT16:  # the upper half of a float
        halves = _unpacked("H", content)
        content = struct.pack(f"<{len(halves)}I", *(half << 16 for half in halves))
        return _unpacked("f", content)
    return _unpacked(_form(kind), content)


def _repeated(tensor: Message, values: list[Any]) -> list[Any]:
    """Return all elements: of several equal ones at the end, only the first may be written."""
    size = math.prod(shape(tensor))
    if size > _TENSOR_BYTES_MAX or (size and not values):
        raise WireError("a tensor that is too large, or empty")
    return values + values[-1:] * (size - len(values))


def shape(tensor: Message) -> list[int]:
    """Return a tensor's dimensions, none for a single number."""
    return [Message(dim).whole(1) for dim in tensor.message(2).each(2)]


def tensor_texts(tensor: Message) -> list[bytes]:
    """Return the elements of a tensor of texts, as bytes. Raises WireError: it holds others."""
    if tensor.whole(1) != _STRING:
        raise WireError("a tensor that holds no texts")
    return list(tensor.each(8))


def tensor_histogram(tensor: Message) -> dict[str, Any]:
    """Return the record of a distribution that is written as rows of left, right and count."""
    values = tensor_values(tensor)
    if len(values) % 3 or not values:
        raise WireError("a histogram without bins")
    edges = [*values[0::3], values[-2]]
    return _record(values[2::3], edges)


def old_histogram(histogram: Message) -> dict[str, Any]:
    """Return the record of a distribution that is written as right edges and counts.

    The first and last edge may be the largest number there is; the values' own least and
    greatest are nearer.
    """
    limits, counts = histogram.doubles(6), histogram.doubles(7)
    if not limits or len(limits) != len(counts):
        raise WireError("a histogram without bins")
    least, greatest = histogram.double(1), histogram.double(2)
    filled = [number for number, count in enumerate(counts) if count]
    first, last = (filled[0], filled[-1]) if filled else (0, 0)
    edges = [limits[first - 1] if first else least, *limits[first : last + 1]]
    return _record(counts[first : last + 1], [min(max(edge, least), greatest) for edge in edges])


def _record(counts: list[Any], edges: list[Any]) -> dict[str, Any]:
    """Return the record, with neighbours put together where there are too many bins."""
    every = -(-len(counts) // _BINS_MAX)
    merged = [sum(counts[at : at + every]) for at in range(0, len(counts), every)]
    bins = [*edges[:-1:every], edges[-1]]
    return {"_type": "histogram", "values": merged, "bins": bins}


def hyperparameters(content: bytes) -> dict[str, Any]:
    """Return the values that a session of the hparams plugin began with, if this says them."""
    started = Message(content).message(3)
    found = {}
    for entry in map(Message, started.each(1)):
        value = entry.message(2)
        found[entry.text(1)] = _plain(value)
    return found


def _plain(value: Message) -> Any:
    """Return a google.protobuf.Value that is no object."""
    for number, read in ((2, value.double), (3, value.text), (4, value.flag)):
        if number in value:
            return read(number)
    return [_plain(Message(one)) for one in value.message(6).each(1)] if 6 in value else None  # noqa: PLR2004 - its field


def _form(kind: int) -> str:
    try:
        return _FORMS[kind]
    except KeyError:
        raise WireError(f"a tensor of the type {kind}") from None


def _unpacked(form: str, content: bytes) -> list[Any]:
    try:
        return [value for (value,) in struct.iter_unpack(f"<{form}", content)]
    except struct.error:
        raise WireError("a tensor that is cut off") from None


def first_text(texts: list[bytes]) -> str | list[str]:
    """Return a single text as such, several as a list."""
    found = [text(one) for one in texts]
    return found[0] if len(found) == 1 else found
