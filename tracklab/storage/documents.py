"""Small documents beside the lines: replaced whole, never seen half written.

They are caches: whatever they say can be derived from the run's lines again.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.records.encode import encode_object
from tracklab.storage.descriptors import spared
from tracklab.storage.permissions import PRIVATE, create_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["read_json", "read_yaml", "replace", "write_json", "write_yaml"]

_READ_BYTES = 1 << 16


def write_json(
    path: Path, data: Mapping[str, Any], *, durable: bool = False, file_mode: int = PRIVATE
) -> None:
    """Replace `path` by `data` as indented JSON; see `replace`."""
    strict = orjson.loads(encode_object(data))
    replace(
        path,
        orjson.dumps(strict, option=orjson.OPT_INDENT_2) + b"\n",
        durable=durable,
        file_mode=file_mode,
    )


def write_yaml(
    path: Path, data: Mapping[str, Any], *, durable: bool = False, file_mode: int = PRIVATE
) -> None:
    """Replace `path` by `data` as YAML with its keys in order; see `replace`."""
    plain = orjson.loads(encode_object(data))
    text = _yaml_of(plain) if plain else "{}\n"
    replace(path, text.encode(), durable=durable, file_mode=file_mode)


def _yaml_of(plain: dict[str, Any]) -> str:
    import yaml  # noqa: PLC0415 - a run without configuration begins without

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True)
    return text


def read_json(path: Path | str) -> dict[str, Any] | None:
    """Return the object in `path`, or None if it is missing, damaged or no object."""
    try:
        data = orjson.loads(_content(path))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def read_yaml(path: Path | str) -> dict[str, Any] | None:
    """Return the mapping in `path`, or None if it is missing, damaged or no mapping."""
    from tracklab.storage.plain_yaml import parse_plain  # noqa: PLC0415 - few runs read any

    try:
        content = _content(path)
    except (OSError, ValueError):
        return None
    plain = parse_plain(content)
    return _any_yaml(content) if plain is None else plain


def _any_yaml(content: bytes) -> dict[str, Any] | None:
    import yaml  # noqa: PLC0415 - few documents need all of YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(content, Loader=loader)  # noqa: S506 - both are safe loaders
    except (ValueError, yaml.YAMLError):
        return None
    return data if isinstance(data, dict) else None


def _content(path: Path | str) -> bytes:
    """Return what is in a file; nothing of a pipe. Cost: half of what a file object takes."""
    descriptor = spared(os.open, path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        pieces = []
        while piece := os.read(descriptor, _READ_BYTES):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes, *, durable: bool = False, file_mode: int = PRIVATE) -> None:
    """Put `content` at `path` in one step: a reader sees the old file or the new one.

    Args:
        path: the file; its directory exists.
        content: all of it.
        durable: also wait until disk and directory hold it (milliseconds). Without, a power
            cut may leave the old file or none, which costs nothing that lines cannot give back.
        file_mode: permission bits.

    Raises:
        OSError: the file could not be written; the old one is untouched.
    """
    # The sampler's thread and the program's may replace one document at the same moment.
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}")
    try:
        descriptor = create_file(part, os.O_TRUNC, file_mode=file_mode)
        with open(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        part.rename(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    if durable:
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make names just created in `directory` survive a power cut."""
    descriptor = spared(os.open, directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
