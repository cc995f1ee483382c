"""The filter language of run tables: `status = running and config.lr < 1e-4`.

    filter  := or
    or      := and ("or" and)*
    and     := not ("and" not)*
    not     := "not" not | "(" or ")" | term
    term    := key op value | key ["not"] "in" "(" value ("," value)* ")"
    op      := = : == != < <= > >= ~ !~        (`:` and `==` mean `=`)

A key is a field of a run (`FIELDS`), `config.<key>` or `summary.<key>`; a key or value with
spaces or operators in it stands in quotes. `~` finds a text literally, whatever its case: user
patterns never become regular expressions here, because those can run for minutes. `tag` compares
with any of the tags. `created`, `updated` and `ended` take a date, which is all of that day (month
or year), a date and time, or an age as `-7d` (`s m h d w`). A run without the key matches only
negations and `= null`.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from tracklab.clock import parse_time, rfc3339
from tracklab.errors import QueryError
from tracklab.query.ages import span_s
from tracklab.query.filters import TIMES, All, Compare, Literal, Not, Some, canonical_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.query.filters import Node

__all__ = ["parse_filter"]

_MAX_CHARS = 4096
_MAX_DEPTH = 64

_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|`([^`]*)`')
_KEY = re.compile(r"[^\s()\[\],\"'`=!<>~:]+")
_VALUE = re.compile(r"[^\s()\[\],\"'`]+")
_OPERATOR = re.compile(r"==|!=|!~|<=|>=|[=:<>~]")
_WORD = re.compile(r"(and|or|not|in)(?![^\s()\[\],\"'`])", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_SAME = {":": "=", "==": "="}
#: Integers beyond 64 bits are kept as the nearest number that is not whole.
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


def parse_filter(text: str, *, now_s: float) -> Node:
    """Return the meaning of a filter text; empty text matches every run.

    Args:
        text: at most 4,096 characters.
        now_s: epoch seconds, what ages count from.

    Raises:
        QueryError: the text is no filter; the message names the position, counted from 1.
    """
    if len(text) > _MAX_CHARS:
        raise QueryError(f"A filter has at most {_MAX_CHARS} characters; got {len(text)}.")
    if not text.strip():
        return All(())
    return _Parser(text, now_s).whole()


class _Parser:
    """Reads one filter text from left to right."""

    def __init__(self, text: str, now_s: float) -> None:
        self._text = text
        self._now_s = now_s
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        self._skip()
        if self._at < len(self._text):
            raise self._fault("expected `and`, `or` or the end")
        return node

    def _or(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._fault(f"nested deeper than {_MAX_DEPTH}")
        parts = [self._and()]
        while self._word("or"):
            parts.append(self._and())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while self._word("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self) -> Node:
        negations = 0
        while self._word("not"):
            negations += 1
        if self._sign("("):
            node = self._or()
            if not self._sign(")"):
                raise self._fault("expected `)`")
        else:
            node = self._term()
        return Not(node) if negations % 2 else node

    def _term(self) -> Node:
        key = self._key()
        negated = self._word("not")
        if self._word("in"):
            choice: Node = Some(tuple(Compare(key, "=", value) for value in self._values(key)))
            return Not(choice) if negated else choice
        operator = None if negated else self._match(_OPERATOR)
        if operator is None:
            raise self._fault("expected one of = != < <= > >= ~ !~ or `in (...)`")
        plain = operator[0].removeprefix("!") if operator[0] == "!~" else operator[0]
        if operator[0] == "!=":
            return Not(Compare(key, "=", self._value(key)))
        node = Compare(key, _SAME.get(plain, plain), self._value(key))
        return Not(node) if operator[0] == "!~" else node

    def _key(self) -> str:
        start = self._at
        quoted = self._match(_QUOTED)
        found = quoted or self._match(_KEY)
        if found is None:
            raise self._fault("expected a field, as in `status = running`")
        try:
            return canonical_key(_unquoted(quoted) if quoted else found[0])
        except QueryError as error:
            self._at = start
            self._skip()
            raise self._fault(str(error)) from None

    def _values(self, key: str) -> Iterator[Literal]:
        close = ")" if self._sign("(") else "]" if self._sign("[") else None
        if close is None:
            raise self._fault("expected `(`, as in `status in (failed, crashed)`")
        yield self._value(key)
        while not self._sign(close):
            if not self._sign(","):
                raise self._fault(f"expected `,` or `{close}`")
            yield self._value(key)

    def _value(self, key: str) -> Literal:
        self._skip()
        start = self._at
        quoted = self._match(_QUOTED)
        found = quoted or self._match(_VALUE)
        if found is None:
            raise self._fault("expected a value")
        text = _unquoted(quoted) if quoted else found[0]
        if key in TIMES:
            return Literal(self._moment(text, start))
        return Literal(text) if quoted else Literal(text, _number(text), _constant(text))

    def _moment(self, text: str, start: int) -> str:
        """Return a time as the beginning of a timestamp, so that both compare as texts."""
        age_s = span_s(text.removeprefix("-")) if text.startswith("-") else None
        if _constant(text) == "null":
            return "null"
        with suppress(ValueError, OverflowError):
            if _DATE.fullmatch(text):
                date.fromisoformat(text + "0001-01-01"[len(text) :])
                return text
            return rfc3339(parse_time(text) if age_s is None else self._now_s - age_s)
        self._at = start
        expected = "expected a date as 2026-11-20, or an age as -7d"
        if text[:1].isdigit() and "-" in text:
            raise self._fault(f"there is no such time as {text}; {expected}")
        raise self._fault(expected)

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._skip()
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _word(self, word: str) -> bool:
        self._skip()
        found = _WORD.match(self._text, self._at)
        if found is None or found[1].lower() != word:
            return False
        self._at = found.end()
        return True

    def _sign(self, sign: str) -> bool:
        self._skip()
        found = self._text.startswith(sign, self._at)
        self._at += found
        return found

    def _fault(self, what: str) -> QueryError:
        return QueryError(
            f"The filter cannot be read at position {self._at + 1}: {what.rstrip('.')}. "
            f"It was {self._text[:200]!r}."
        )


def _unquoted(quoted: re.Match[str]) -> str:
    if quoted[3] is not None:
        return quoted[3]
    return re.sub(r"\\(.)", r"\1", quoted[1] if quoted[1] is not None else quoted[2])


def _number(text: str) -> float | None:
    """Return a number as lines keep it; an integer of 64 bits is exact."""
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or "_" in text:
        return None
    with suppress(ValueError):
        whole = int(text)
        return whole if _INT_MIN <= whole <= _INT_MAX else value
    return value


def _constant(text: str) -> str | None:
    word = text.lower()
    return "null" if word == "none" else word if word in {"true", "false", "null"} else None
