r"""What a line is searched for: a text in any case, or a regular expression that RE2 runs.

Python's own `re` would let one pattern keep the interpreter busy for minutes; RE2's time grows
with the text and with nothing else, and its memory is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import QueryError
from tracklab.query.words import ANY, Words, words_in, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pattern", "pattern_of"]

_MOST_CHARS: Final = 1_000
_MEMORY_BYTES: Final = 8 << 20
#: What looks at a whole text instead of a line: such a pattern cannot be tried on many at once.
_WHOLE_TEXT: Final = re.compile(r"\\[AzZ]|\(\?[a-zA-Z]*-")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for.

    Attributes:
        fits: returns whether a text, as it is shown, holds it.
        may_hold: returns whether any line of some text may; None where that cannot be known.
        words: what a JSON line which holds it contains, as far as that is known.
    """

    fits: Callable[[str], bool]
    may_hold: Callable[[bytes], bool] | None = None
    words: Words = ANY


def pattern_of(text: str | None, expression: str | None) -> Pattern:
    """Return what finds a text, or a regular expression; anything, where neither is given.

    Raises:
        QueryError: both are given, one is too long, or RE2 cannot read the expression.
    """
    if text and expression:
        raise QueryError("Search for a text or for a regular expression, not for both.")
    if len(text or expression or "") > _MOST_CHARS:
        raise QueryError(f"What is searched for has at most {_MOST_CHARS:,} characters.")
    if text:
        return _literal(text)
    return _regular(expression) if expression else Pattern(lambda _text: True)


def _literal(text: str) -> Pattern:
    if not text.isascii():
        folded = text.casefold()
        return Pattern(lambda line: folded in line.casefold())
    plain = text.lower().encode()

    def fits(line: str) -> bool:
        return plain in line.encode(errors="replace").lower()

    return Pattern(fits, lambda block: plain in block.lower(), words_in(text))


def _regular(expression: str) -> Pattern:
    re2: Any = import_module("re2")  # ships no types; only here is it needed
    options = re2.Options()
    options.never_nl, options.log_errors, options.max_mem = True, False, _MEMORY_BYTES
    try:
        # As bytes: RE2 reads UTF-8 either way, and tells offsets that nobody needs for texts.
        of_a_line = re2.compile(expression.encode(), options)
        of_many = re2.compile(b"(?m)" + expression.encode(), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else "not understood"
        shown = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise QueryError(
            f"This is no regular expression of RE2: {shown}. It has no backreferences and no "
            "looking around; a text is searched for with q."
        ) from None

    def fits(line: str) -> bool:
        return of_a_line.search(line.encode(errors="replace")) is not None

    if _WHOLE_TEXT.search(expression):
        return Pattern(fits, words=words_of(expression))
    return Pattern(fits, lambda block: of_many.search(block) is not None, words_of(expression))
