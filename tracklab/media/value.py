"""What every media value is: a record in a row, and a file beside the lines that holds the rest.

A file is named by where it was logged and by what it holds,
`media/<folder>/<key>_<step>_<first 20 hex of its SHA-256>.<ending>`, and is complete before the
line that names it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.storage.blobs import store_blob
from tracklab.storage.gaps import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

__all__ = ["BatchableMedia", "Media", "Place", "WBValue", "listed_record", "path_of", "safe_parts"]

_REFERENCE: Final = re.compile(r"(?:gs|s3|https?)://")
_DIGITS: Final = 20
_BLOCK_BYTES: Final = 1 << 20
_PART_MAX_BYTES: Final = 180  # of 255, with room for step, digits and ending
_PARTS_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a run a value is being logged.

    Attributes:
        run_dir: the run's directory.
        step: the row's step, or `summary`.
        lost: told key, type and error of a file that could not be written.
        file_mode: permission bits of files.
        rows_limited: whether a table of too many rows is refused.
        key: the value's name in the row.
        versioned: told a table's name, its record and those of media in its cells, makes a
            version of their files and returns what the record says of it; None makes none.
    """

    run_dir: Path
    step: int | str
    lost: Callable[[str, str, OSError], None]
    file_mode: int
    rows_limited: bool = False
    key: str = ""
    versioned: Callable[[str, dict[str, Any], list[dict[str, Any]]], dict[str, str]] | None = None

    def under(self, key: str) -> Place:
        """Return the place of the value `key`."""
        return replace(self, key=key)

    def keep(self, folder: str, content: bytes | Path, *, ending: str) -> dict[str, Any]:
        """Write a file and return what a record says of it: `path`, `sha256`, `size`.

        Args:
            folder: below `media/`, such as `images`.
            content: the bytes, or a file to copy.
            ending: of the name, with its dot.

        Returns:
            `_error` instead if it could not be written; `lost` is told then.
        """
        *folders, stem = safe_parts(self.key)
        directory = self.run_dir.joinpath("media", folder, *folders)
        try:
            path, digest, size_bytes = store_blob(
                directory,
                content,
                name=lambda digest: f"{stem}_{self.step}_{digest[:_DIGITS]}{ending}",
                file_mode=self.file_mode,
            )
        except OSError as error:
            self.lost(self.key, folder, error)
            return {"_error": f"not stored: {reason_of(error)}"}
        inside = path.relative_to(self.run_dir).as_posix()
        return {"sha256": digest, "size": size_bytes, "path": inside}


class WBValue:
    """A value that stands in a row as a record with a `_type`."""

    __slots__ = ()

    def row_key(self, key: str) -> str:
        """Return the name under which it stands in a row that was given it as `key`."""
        return key

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row; its file is written by then.

        Args:
            place: where it is logged; None needs no file.
        """
        raise NotImplementedError


class Media(WBValue):
    """A value whose content is a file.

    The file is written when the value is logged first; logged again in the same run, it is
    named again. Two are equal if their contents are, byte for byte; none can be hashed.
    """

    _type: ClassVar[str]
    _folder: ClassVar[str]

    def __init__(self, caption: str | None = None) -> None:
        self.caption = caption
        self._content: bytes | Path = b""
        self._ending = ""
        self._kept: tuple[Path, dict[str, Any]] | None = None
        self._address: str | None = None  # of content that lies in a cloud or on the web

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._digest() == other._digest()

    __hash__ = None  # type: ignore[assignment] # equal today, and perhaps not tomorrow

    def _digest(self) -> str:
        """Return the SHA-256 of the content; the address of one that lies elsewhere.

        Raises:
            OSError: a file of the content cannot be read any more.
        """
        if self._address is not None:
            return self._address
        if self._kept is not None:
            return str(self._kept[1]["sha256"])
        return _sha256(self._content)

    def _open(self, path: str | Path) -> None:
        """Take a file as the content.

        Raises:
            FileNotFoundError: there is no such file.
        """
        self._content = Path(path)
        self._ending = self._content.suffix
        if _REFERENCE.match(str(path)):
            self._address = str(path)
        else:
            self._content.stat()

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row; its file is written by then."""
        if place is None:
            raise ArgumentTypeError(
                f"{type(self).__name__}.to_record() needs the place that it is logged to; got "
                'None. Log it: run.log({"key": value}).'
            )
        caption = {} if self.caption is None else {"caption": self.caption}
        return {"_type": self._type, **caption, **self._file(place), **self._facts(place)}

    def _file(self, place: Place) -> dict[str, Any]:
        if self._kept is not None and self._kept[0] == place.run_dir:
            return self._kept[1]
        if self._address is not None:
            raise UsageError(
                f"{type(self).__name__}({self._address!r}) cannot be logged: it lies elsewhere. "
                "Download it and log the file."
            )
        told = place.keep(self._folder, self._content, ending=self._ending)
        if "path" in told:
            self._kept = place.run_dir, told
            self._content = place.run_dir / told["path"]  # and no longer in memory
        return told

    def _facts(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - what others need it for
        """Return what the record says beside the file."""
        return {}


class BatchableMedia(Media):
    """Media of which a list is one record."""

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of them."""
        raise NotImplementedError


def listed_record(values: Sequence[WBValue], place: Place) -> Any:
    """Return what stands in a row for a list of media: one record, or a list if they differ."""
    kind = type(values[0])
    if issubclass(kind, BatchableMedia) and all(type(value) is kind for value in values):
        return kind.batch(values, place)  # type: ignore[arg-type] # just checked
    return [value.to_record(place) for value in values]


def _sha256(content: bytes | Path) -> str:
    import hashlib  # noqa: PLC0415 - OpenSSL takes 3 ms to load, and few programs compare media

    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    found = hashlib.sha256()
    with open(content, "rb", buffering=0) as file:
        while block := file.read(_BLOCK_BYTES):
            found.update(block)
    return found.hexdigest()


def path_of(given: Any) -> str | Path | None:
    """Return a path that was given, or that of an open file; None for anything else."""
    path = given if isinstance(given, str | Path) else getattr(given, "name", None)
    return path if isinstance(path, str | Path) else None


def safe_parts(key: str) -> list[str]:
    """Return folders and file name for a key: a path that leads nowhere else."""
    parts = [_safe_part(part) for part in key.split("/") if part] or ["_"]
    if len(parts) > _PARTS_MAX:
        return [*parts[: _PARTS_MAX - 1], _safe_part("_".join(parts[_PARTS_MAX - 1 :]))]
    return parts


def _safe_part(part: str) -> str:
    plain = "".join(sign if sign.isprintable() and sign != "\\" else "_" for sign in part)
    short = plain.encode(errors="replace")[:_PART_MAX_BYTES].decode(errors="ignore")
    return "_" * len(short) if short in {".", ".."} else short
