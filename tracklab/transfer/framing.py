"""Logs of binary records: wandb's (LevelDB's form) and TensorBoard's (TFRecord), block by block.

The promise to importers: every record that is whole comes, in order, whatever a crash left of
the others; and what did not come is counted. Memory is one block and the record that is read.

Sources: LevelDB's log format (blocks of 32 KiB; checksum, length and kind before each piece);
TensorFlow's record format (length, checksum of it, content, checksum of that).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Damage", "level_records", "tf_records"]

_BLOCK_BYTES: Final = 32 * 1024
_PIECE: Final = struct.Struct("<IHB")
_PADDING, _FULL, _FIRST, _MIDDLE, _LAST = range(5)
_LENGTH: Final = struct.Struct("<QI")
_SUM_BYTES: Final = 4
#: So much of a file of records is read and checked at once.
_CHUNK_BYTES: Final = 1 << 18
#: A longer record is none: its length was damaged in a way that its checksum does not show.
_MOST_BYTES: Final = 1 << 30


@dataclass(slots=True)
class Damage:
    """What of a log is not whole.

    Attributes:
        records: that are there and damaged.
        lost_bytes: that belong to no whole record, the end not counted.
        torn_bytes: at the end, of a record that was not finished.
    """

    records: int = 0
    lost_bytes: int = 0
    torn_bytes: int = 0

    def __str__(self) -> str:
        parts = [
            f"{self.records:,} damaged records" if self.records else "",
            f"{self.lost_bytes:,} bytes that belong to no whole record" if self.lost_bytes else "",
            f"the last {self.torn_bytes:,} bytes, a record that was not finished"
            if self.torn_bytes else "",
        ]  # fmt: skip
        return " and ".join(filter(None, parts))


def level_records(
    file: BinaryIO, damage: Damage, *, header_bytes: int = 0
) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a log in LevelDB's form, each with the offset at which it ends.

    Args:
        file: open at its beginning.
        damage: counts what is not whole.
        header_bytes: what stands before the first record, in the first block.
    """
    parts: list[bytes] = []  # of a record that goes over several pieces
    start = 0
    while block := file.read(_BLOCK_BYTES):
        at = header_bytes if start == 0 else 0
        last = len(block) < _BLOCK_BYTES
        while at + _PIECE.size <= len(block):
            checksum, size, kind = _PIECE.unpack_from(block, at)
            stop = at + _PIECE.size + size
            if kind == _PADDING and size == 0:
                break  # a block is filled with zeros where no piece fits
            if stop > len(block) and last:
                break  # not finished
            sound = stop <= len(block) and kind <= _LAST
            # The checksum covers the kind and the content, which stand one behind the other.
            if not sound or zlib.crc32(memoryview(block)[at + 6 : stop]) != checksum:
                # The length may be what is damaged: only the next block begins where it must.
                damage.records += 1
                damage.lost_bytes += len(block) - at + _total(parts)
                parts, at = [], len(block)
                break
            content = block[at + _PIECE.size : stop]
            at = stop
            if kind in {_FULL, _FIRST}:
                damage.lost_bytes += _total(parts)
                parts = [content]
            elif parts:
                parts.append(content)
            else:
                damage.lost_bytes += size  # of a record whose beginning is damaged
            if kind in {_FULL, _LAST} and parts:
                yield start + at, b"".join(parts)
                parts = []
        if last and block[at:].strip(b"\0"):
            damage.torn_bytes += len(block) - at
        start += len(block)
    damage.torn_bytes += _total(parts)


def _total(parts: list[bytes]) -> int:
    return sum(map(len, parts))


def tf_records(file: BinaryIO, damage: Damage) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a TFRecord file, each with the offset at which it ends.

    A record with a damaged content costs that record; behind a damaged length nothing says where
    the next one begins, and the rest of the file is lost.
    """
    rest, start = b"", 0
    while chunk := file.read(max(_CHUNK_BYTES, _missing(rest))):
        rest += chunk
        found, used, sound = _cut(rest)
        for stop, content, is_whole in found:
            if is_whole:
                yield start + stop, content
            else:
                damage.records += 1
        rest, start = rest[used:], start + used
        if not sound:
            damage.lost_bytes += len(rest)
            while more := file.read(_CHUNK_BYTES):
                damage.lost_bytes += len(more)
            return
    damage.torn_bytes += len(rest)


def _missing(rest: bytes) -> int:
    """Return how many bytes the record that begins `rest` lacks, as far as it says."""
    if len(rest) < _LENGTH.size:
        return 0
    size, _ = _LENGTH.unpack_from(rest)
    return int(size) + _LENGTH.size + _SUM_BYTES - len(rest)


def _cut(data: bytes) -> tuple[list[tuple[int, bytes, bool]], int, bool]:
    """Return the finished records of `data`, the bytes they take, and whether more may follow.

    A record is where it ends, its content, and whether the content fits its checksum.
    """
    from tracklab.transfer.checksums import masked_crc32c_of_all  # noqa: PLC0415 - loads numpy

    at, spans = 0, []
    sizes: list[tuple[bytes, int]] = []
    while at + _LENGTH.size <= len(data):
        size, size_sum = _LENGTH.unpack_from(data, at)
        sizes.append((data[at : at + 8], size_sum))
        stop = at + _LENGTH.size + size + _SUM_BYTES
        if size > _MOST_BYTES or stop > len(data):
            break
        spans.append((at + _LENGTH.size, stop))
        at = stop
    sums = masked_crc32c_of_all([text for text, _ in sizes])
    good = next(
        (i for i, (_, told) in enumerate(sizes) if sums[i] != told), len(sizes)
    )  # lengths up to here are true
    sound = good == len(sizes) and not (
        len(sizes) > len(spans) and _missing(data[at:]) > _MOST_BYTES
    )
    spans = spans[:good]
    contents = [data[begin : stop - _SUM_BYTES] for begin, stop in spans]
    checks = [int.from_bytes(data[stop - _SUM_BYTES : stop], "little") for _, stop in spans]
    found = [
        (stop, content, told == computed)
        for (_, stop), content, told, computed in zip(
            spans, contents, checks, masked_crc32c_of_all(contents), strict=True
        )
    ]
    return found, spans[-1][1] if spans else 0, sound
