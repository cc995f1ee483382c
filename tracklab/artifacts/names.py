"""What artifacts may be called, and what an address such as `project/name:alias` means.

The grammar is wandb's, so that programs written for it keep their names.
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, unquote

import orjson

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "RUN_TABLE",
    "Address", "check_aliases", "check_metadata", "check_name", "check_tags", "check_type",
    "folder_of", "marked_name", "name_of", "parse_address", "safe_name", "version_number",
]  # fmt: skip

#: What the encoder says beside the values.
_MARKS: Final = frozenset({"_lossy", "_nonfinite"})
#: The type of artifacts that logged tables are.
RUN_TABLE: Final = "run_table"
_MOST_CHARS: Final = 128
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_TAG: Final = re.compile(r"[-\w]+( +[-\w]+)*")
_VERSION: Final = re.compile(r"v(0|[1-9][0-9]{0,8})")


class Address(NamedTuple):
    """What an address names; `project` None leaves it open, `alias` may be a version: `v3`."""

    project: str | None
    name: str
    alias: str


def check_name(name: str) -> str:
    """Return `name` if an artifact may have it.

    Raises:
        ArgumentTypeError: it is no text.
        UsageError: it has other characters than letters, digits, `.`, `_` and `-`, or over 128.
    """
    _need_text(name, "name", "'training-data'")
    if len(name) > _MOST_CHARS:
        raise UsageError(
            f"Artifact name is longer than {_MOST_CHARS} characters: {name[:_MOST_CHARS]!r} ... "
            "Choose a shorter one."
        )
    if not _NAME.fullmatch(name) or set(name) == {"."}:
        raise UsageError(
            "Artifact name may only contain alphanumeric characters, dashes, underscores, and "
            f"dots. Invalid name: {name!r}. Choose another name, such as {safe_name(name)!r}."
        )
    return name


def safe_name(name: str) -> str:
    """Return a name like `name` that an artifact may have: other characters become `_`."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:_MOST_CHARS].strip(".") or "artifact"


def marked_name(name: str) -> str:
    """Return `name` without what an artifact's may not have, told apart by a mark if that is less.

    Source: the names that wandb gives the tables of a run; its mark is the CRC-32 of the whole
    name, as URL-safe base64.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]", "", name)
    if plain == name and len(name) <= _MOST_CHARS:
        return name
    crc = zlib.crc32(name.encode(errors="surrogatepass")).to_bytes(4, "big")
    mark = base64.urlsafe_b64encode(crc).rstrip(b"=").decode()
    return f"{plain[: _MOST_CHARS - len(mark) - 1]}-{mark}"


def check_type(kind: str) -> str:
    """Return `kind` if an artifact may be of this type.

    Raises:
        ArgumentTypeError: it is no text.
        UsageError: it is empty, longer than 128 characters, or reserved.
    """
    _need_text(kind, "type", "'dataset'")
    if kind == "job" or kind.startswith("wandb-"):
        raise UsageError(
            f"Artifact type {kind!r} is reserved for internal use. Please use a different type."
        )
    if not kind or len(kind) > _MOST_CHARS or len(folder_of(kind)) > 2 * _MOST_CHARS:
        raise UsageError(
            f"Artifact type cannot be {kind!r}. It is a text of 1 to {_MOST_CHARS} characters, "
            "such as 'model' or 'dataset'."
        )
    return kind


def _need_text(given: Any, what: str, example: str) -> None:
    if not isinstance(given, str):
        raise ArgumentTypeError(
            f"Artifact() takes a text as {what}; got {given!r}, a {type(given).__name__}. Write "
            f"one such as {example}."
        )


def folder_of(text: str) -> str:
    """Return the directory name for a type or name; `name_of` gives the text back."""
    folder = quote(text, safe=" ", errors="surrogatepass")
    return f"%2E{folder[1:]}" if folder.startswith(".") else folder


def name_of(folder: str) -> str:
    """Return the type or name that a directory is for."""
    return unquote(folder, errors="surrogatepass")


def check_aliases(aliases: str | Iterable[str] | None) -> list[str]:
    """Return aliases as a list without doubles; a single text is one alias.

    Raises:
        UsageError: one is empty, holds `/` or `:`, or looks like a version.
    """
    given = [aliases] if isinstance(aliases, str) else list(aliases or ())
    for alias in given:
        if not isinstance(alias, str) or not alias or set(alias) & set("/:"):
            raise UsageError(
                "Aliases must not contain any of the following characters: '/', ':'. Got "
                f"{alias!r}; write a text such as 'best'."
            )
    # Version names are given by us; programs pass those of a version they copy.
    return [alias for alias in dict.fromkeys(given) if not _VERSION.fullmatch(alias)]


def check_tags(tags: str | Iterable[str] | None) -> list[str]:
    """Return tags as a list without doubles; a single text is one tag.

    Raises:
        UsageError: one has other characters than letters, digits, `-`, `_` and inner spaces.
    """
    given = [tags] if isinstance(tags, str) else list(tags or ())
    for tag in given:
        if not isinstance(tag, str) or not _TAG.fullmatch(tag):
            raise UsageError(
                "Invalid tag(s).  Tags must only contain alphanumeric characters separated by "
                f"hyphens, underscores, and/or spaces. Got {tag!r}."
            )
    return list(dict.fromkeys(given))


def check_metadata(metadata: Any) -> dict[str, Any]:
    """Return metadata as what JSON can say; None is empty.

    Raises:
        ArgumentTypeError: it is no dict, or holds a value that JSON cannot say.
    """
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise ArgumentTypeError(
            f"Cannot parse {type(metadata)} as artifact metadata. It is a dict, such as "
            "{'accuracy': 0.9}."
        )
    plain: dict[str, Any] = orjson.loads(encode_object(metadata))
    for mark in _MARKS - metadata.keys():
        plain.pop(mark, None)
    if b'"_error":"unserialisable"' in orjson.dumps(plain):
        raise ArgumentTypeError(
            f"Artifact metadata holds a value that is not JSON serializable: {metadata!r:.200}. "
            "Use numbers, texts, lists and dicts."
        )
    return plain


def version_number(alias: str) -> int | None:
    """Return 3 for `v3`; None for an alias."""
    match = _VERSION.fullmatch(alias)
    return int(match[1]) if match else None


def parse_address(text: str, *, entities: Iterable[str] = ()) -> Address:
    """Return what `name`, `name:alias`, `project/name:alias` or `entity/project/name` names.

    Args:
        text: the address; `latest` is meant where no alias is given.
        entities: what may stand before a project as a mere label.

    Raises:
        UsageError: it is none of these.
    """
    place, _, last = text.strip("/").rpartition("/")
    name, _, alias = last.partition(":")
    if not _NAME.fullmatch(name) or "/" in alias or ":" in alias:
        raise UsageError(
            f"An artifact cannot be named {text!r}. Write 'name:v3', 'name:alias', "
            "'project/name:alias' or 'entity/project/name:alias'."
        )
    first, _, rest = place.partition("/")
    if rest and first in set(entities):
        place = rest
    return Address(place or None, name, alias or "latest")
