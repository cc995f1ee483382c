"""Protocol buffers without a schema: the fields of a message, as they stand on the wire.

Whoever reads a message knows its numbers and types; here a field is its number and its value: an
int for a varint, bytes for everything else (8 or 4 of them for the fixed kinds, little-endian).

Source: the protobuf encoding guide.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Message", "WireError", "fields", "run_of_bytes", "text"]

_VARINT: Final = 0
_BYTES: Final = 2
_FIXED: Final = {1: 8, 5: 4}
_MORE: Final = 0x80
_LOW: Final = 0x7F
_MOST_BITS: Final = 63
_SIGN: Final = 1 << 63


class WireError(ValueError):
    """Some bytes are no protobuf message, or not the one that was expected."""


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """Return the fields of a message in their order.

    Raises:
        WireError: it ends in the middle of a field, or holds a kind that nobody writes any more.

    Cost: some 0.3 us a field.
    """
    found: list[tuple[int, int | bytes]] = []
    at, end = 0, len(data)
    try:
        while at < end:
            key, at = _varint(data, at)
            kind = key & 7
            if kind == _VARINT:
                value, at = _varint(data, at)
                found.append((key >> 3, value))
                continue
            size, at = _varint(data, at) if kind == _BYTES else (_FIXED[kind], at)
            stop = at + size
            if stop > end:
                raise WireError("a field that is cut off")
            found.append((key >> 3, data[at:stop]))
            at = stop
    except (IndexError, KeyError):
        raise WireError("a field that is cut off, or of an unknown kind") from None
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = data[at]
    at += 1
    if value < _MORE:
        return value, at
    value &= _LOW
    shift = 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & _LOW) << shift
        if byte < _MORE:
            return value, at
        shift += 7
        if shift > _MOST_BITS:
            raise WireError("a number of more than 64 bits")


def run_of_bytes(value: int | bytes) -> bytes:
    """Return the bytes of a field. Raises WireError: it is a number."""
    if isinstance(value, int):
        raise WireError("a number in place of bytes")
    return value


def text(value: int | bytes) -> str:
    """Return a text; what is no UTF-8 becomes U+FFFD."""
    return run_of_bytes(value).decode("utf-8", "replace")


class Message:
    """One message, asked by the numbers of its fields; of several of one number the last counts.

    A field that is not there is empty, 0 or False, as protobuf has it.

    Raises:
        WireError: it is no message; or, when asked, a field is not of the type that is asked for.
    """

    def __init__(self, data: bytes) -> None:
        self.fields = fields(data)

    @cached_property
    def _last(self) -> dict[int, int | bytes]:
        return dict(self.fields)

    def __contains__(self, number: object) -> bool:
        return number in self._last

    def data(self, number: int) -> bytes:
        """Return a field's bytes."""
        return run_of_bytes(self._last.get(number, b""))

    def text(self, number: int) -> str:
        """Return a text."""
        return text(self._last.get(number, b""))

    def message(self, number: int) -> Message:
        """Return a message within this one."""
        return Message(self.data(number))

    def whole(self, number: int) -> int:
        """Return an int32 or int64: a negative one is written as its 64-bit complement."""
        value = self._last.get(number, 0)
        if isinstance(value, bytes):
            raise WireError("bytes in place of a number")
        return value - (_SIGN << 1) if value & _SIGN else value

    def flag(self, number: int) -> bool:
        """Return a bool."""
        return bool(self.whole(number))

    def double(self, number: int) -> float:
        """Return a number of 8 bytes."""
        return self._numbers("d", self._last.get(number, bytes(8)))[-1]

    def single(self, number: int) -> float:
        """Return a number of 4 bytes."""
        return self._numbers("f", self._last.get(number, bytes(4)))[-1]

    def each(self, number: int) -> Iterator[bytes]:
        """Yield the bytes of every field of a number."""
        return (run_of_bytes(value) for found, value in self.fields if found == number)

    def texts(self, number: int) -> list[str]:
        """Return every text of a number."""
        return [text(value) for value in self.each(number)]

    def doubles(self, number: int) -> list[float]:
        """Return repeated numbers of 8 bytes, packed or not."""
        return [number for value in self.each(number) for number in self._numbers("d", value)]

    def singles(self, number: int) -> list[float]:
        """Return repeated numbers of 4 bytes, packed or not."""
        return [number for value in self.each(number) for number in self._numbers("f", value)]

    def wholes(self, number: int) -> list[int]:
        """Return repeated varints, packed or not."""
        found = []
        for one, value in self.fields:
            if one == number:
                found += [value] if isinstance(value, int) else _varints(value)
        return found

    def _numbers(self, form: str, value: int | bytes) -> tuple[float, ...]:
        data = run_of_bytes(value)
        size = struct.calcsize(form)
        if not data or len(data) % size:
            raise WireError("numbers that are cut off")
        return struct.unpack(f"<{len(data) // size}{form}", data)


def _varints(data: bytes) -> list[int]:
    found, at = [], 0
    try:
        while at < len(data):
            value, at = _varint(data, at)
            found.append(value)
    except IndexError:
        raise WireError("a number that is cut off") from None
    return found
