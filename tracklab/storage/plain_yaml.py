"""The plainest YAML, read quickly: block mappings and lists of ASCII scalars, as we write them.

A parser of all of YAML takes as long as all else that listing a run needs. What this one
returns is what that one returns; whatever it does not know for certain it leaves to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parse_plain"]

_LINE = re.compile(r"( *)(?:(-)|([A-Za-z_][A-Za-z0-9_.-]{0,99}):)(?: (.+))?")
_SCALAR = re.compile(
    r"(?P<number>-?[0-9]{1,20}\.[0-9]{1,25}(?:e[-+][0-9]{1,2})?)"
    r"|(?P<whole>-?(?:0|[1-9][0-9]{0,17}))"
    r"|(?P<text>[A-Za-z_/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./][A-Za-z0-9_./-]*)*)"
    r"|(?P<quoted>'[ -&(-~]*'|\"[ !#-\[\]-~]*\")"
    r"|(?P<empty>\[\]|\{\})"
)
# What YAML 1.1 takes for something else than a text, when it is not quoted.
_NO_TEXTS = frozenset(
    word
    for lower in ("yes", "no", "true", "false", "on", "off", "null")
    for word in (lower, lower.capitalize(), lower.upper())
)
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 20


class _NotPlainError(Exception):
    """Another parser has to read it."""


def parse_plain(content: bytes) -> dict[str, Any] | None:
    """Return the mapping that `content` holds, or None if it is not plain enough to tell.

    Cost: 1.3 us a line, an eighth of what a parser of all of YAML takes, even in C.
    """
    if content == b"{}\n":
        return {}
    if not content.isascii() or not content.endswith(b"\n"):
        return None
    document = _Document()
    try:
        for line in content[:-1].decode().split("\n"):
            document.add(line)
    except _NotPlainError:
        return None
    return document.mapping


class _Document:
    """A mapping while its lines come in."""

    def __init__(self) -> None:
        self.mapping: dict[str, Any] = {}
        #: Mappings and lists that the next line may continue, each with its indentation.
        self._open: list[tuple[int, dict[str, Any] | list[Any]]] = [(0, self.mapping)]
        #: The key of a line without a value: what follows may be its value.
        self._waiting: str | None = None

    def add(self, line: str) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            raise _NotPlainError
        spaces, dash, key, scalar = found.groups()
        if dash:
            if scalar is None:
                raise _NotPlainError
            self._list_at(len(spaces)).append(_value_of(scalar))
        elif key in _NO_TEXTS:
            raise _NotPlainError
        else:
            self._mapping_at(len(spaces))[key] = None if scalar is None else _value_of(scalar)
            self._waiting = key if scalar is None else None

    def _mapping_at(self, indent: int) -> dict[str, Any]:
        at, held = self._open[-1]
        if self._waiting is not None and indent > at:
            new: dict[str, Any] = {}
            self._begin(indent, new)
            return new
        while at > indent or isinstance(held, list):
            self._open.pop()
            at, held = self._open[-1]
        if at != indent:
            raise _NotPlainError
        return held

    def _list_at(self, indent: int) -> list[Any]:
        at, held = self._open[-1]
        if self._waiting is not None and indent >= at:
            new: list[Any] = []
            self._begin(indent, new)
            return new
        while at > indent:
            self._open.pop()
            at, held = self._open[-1]
        if at != indent or not isinstance(held, list):
            raise _NotPlainError
        return held

    def _begin(self, indent: int, new: dict[str, Any] | list[Any]) -> None:
        """Let a mapping or a list be the value of the key that waits for one."""
        _, holder = self._open[-1]
        assert isinstance(holder, dict)
        assert self._waiting is not None
        if len(self._open) >= _MAX_DEPTH:
            raise _NotPlainError
        holder[self._waiting] = new
        self._waiting = None
        self._open.append((indent, new))


def _value_of(scalar: str) -> Any:
    found = _SCALAR.fullmatch(scalar)
    if found is None:
        raise _NotPlainError
    return _READERS[found.lastgroup or ""](scalar)


def _text(scalar: str) -> Any:
    if scalar not in _NO_TEXTS:
        return scalar
    if scalar not in _WORDS:
        raise _NotPlainError
    return _WORDS[scalar]


def _empty(scalar: str) -> Any:
    return [] if scalar == "[]" else {}


def _unquoted(scalar: str) -> str:
    return scalar[1:-1]


_READERS: dict[str, Callable[[str], Any]] = {
    "number": float, "whole": int, "text": _text, "quoted": _unquoted, "empty": _empty,
}  # fmt: skip
