"""Writes what the importers read, each format by a few lines of its own: none of theirs is used."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

START_S = 1_700_000_000
BLOCK = 32_768


def varint(value: int) -> bytes:
    """Return a number as protobuf writes it."""
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def message(**numbered: Any) -> bytes:
    """Return a message: `message(_1="text", _2=5, _3=[b"..", b".."], _4=0.5)`."""
    out = b""
    for name, given in numbered.items():
        number = int(name[1:])
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, int):
                out += varint(number << 3) + varint(value)
            elif isinstance(value, float):
                out += varint(number << 3 | 1) + struct.pack("<d", value)
            else:
                content = value.encode() if isinstance(value, str) else value
                out += varint(number << 3 | 2) + varint(len(content)) + content
    return out


def single(number: int, value: float) -> bytes:
    """Return a field of four bytes."""
    return varint(number << 3 | 5) + struct.pack("<f", value)


# --- wandb


def level_log(records: Iterable[bytes], *, header: bytes = b":W&B\xe1\xbe\x00") -> bytes:
    """Return a log in LevelDB's form."""
    out = bytearray(header)
    for record in records:
        rest, first = record, True
        while True:
            left = BLOCK - len(out) % BLOCK
            if left < 7:
                out += bytes(left)
                left = BLOCK
            piece, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if not rest else 2) if first else (4 if not rest else 3)
            checksum = zlib.crc32(bytes([kind]) + piece)
            out += struct.pack("<IHB", checksum, len(piece), kind) + piece
            first = False
            if not rest:
                break
    return bytes(out)


def stamp(seconds: float) -> bytes:
    """Return a Timestamp."""
    return message(_1=int(seconds), _2=round(seconds % 1 * 1e9))


def wandb_run(run_id: str = "r1", **more: Any) -> bytes:
    """Return a record of a run in the project `demo`."""
    config = message(_1=[message(_1="lr", _16="0.1"), message(_1="_wandb", _16="{}")])
    run = {"_1": run_id, "_3": "demo", "_4": config, "_8": "first", "_10": ["a", "b"]}
    return message(_17=message(**{**run, "_17": stamp(START_S), **more}))


def wandb_row(step: int, values: dict[str, Any]) -> bytes:
    """Return a record of a row, logged one second a step; nested keys become paths."""
    own = {"_step": step, "_runtime": float(step), "_timestamp": START_S + float(step)}
    items = [
        message(_2=list(path), _16=json.dumps(value)) for path, value in paths({**values, **own})
    ]
    return message(_2=message(_1=items))


def paths(values: dict[str, Any], above: tuple[str, ...] = ()) -> Iterable[tuple[Any, Any]]:
    """Yield the leaves of nested values."""
    for key, value in values.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from paths(value, (*above, key))
        else:
            yield (*above, key), value


def wandb_exit(code: int = 0) -> bytes:
    """Return the record of a run's end."""
    return message(_18=message(_1=code, _2=60))


def wandb_log(directory: Path, records: Sequence[bytes], *, name: str = "r1") -> Path:
    """Write a log as wandb lays it out, and return it."""
    place = directory / "wandb" / f"offline-run-20231114_221320-{name}"
    (place / "files").mkdir(parents=True, exist_ok=True)
    path = place / f"run-{name}.wandb"
    path.write_bytes(level_log(records))
    return path


# --- TensorBoard


def masked_sum(text: bytes) -> bytes:
    """Return the checksum of a TFRecord, bit by bit from a table made here."""
    crc = 0xFFFFFFFF
    for byte in text:
        crc = _CRC32C[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


_CRC32C = [_entry(byte) for byte in range(256)]


def tf_log(records: Iterable[bytes]) -> bytes:
    """Return a TFRecord file."""
    out = bytearray()
    for record in records:
        length = struct.pack("<Q", len(record))
        out += length + masked_sum(length) + record + masked_sum(record)
    return bytes(out)
