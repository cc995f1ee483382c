r"""Words that a text must contain to fit a regular expression of RE2, as far as that is plain.

Looking for a word in raw lines is fifty times as quick as parsing them. What is returned here is
never too much: wherever an expression might be read in more than one way, there is no word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

__all__ = ["ANY", "Words", "words_in", "words_of"]

_TOKEN: Final = re.compile(
    r"(?P<flags>\(\?[a-zA-Z-]+\))"
    r"|(?P<open>\((?:\?(?:P?<\w+>|[a-zA-Z-]*:)|(?!\?)))"
    r"|(?P<close>\))"
    r"|(?P<either>\|)"
    r"|(?P<some>\+\??|\{[1-9][0-9]*(?:,[0-9]*)?\}\??)"
    r"|(?P<any>[*?]\??|\{0+(?:,[0-9]*)?\}\??)"
    r"|(?P<set>\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\])"
    r"|(?P<break>\\(?:[AabBdDfnrsStvwWz]|[^a-zA-Z0-9])|[^\\(\[a-zA-Z_])"
    r"|(?P<letter>[a-zA-Z_])",
    re.DOTALL,
)
_IN_ANY_CASE: Final = re.compile(r"\(\?[a-zA-Z-]*i")
#: Letters that another one, which is not ASCII, equals when case does not count.
_DOUBLE: Final = frozenset("ksKS")
_LETTERS: Final = re.compile(r"[a-z_]+")
#: What a line may be shown with without containing it: JSON has no word for some values.
_MADE_UP: Final = ("null", "none")

_MOST_WORDS: Final = 4

_Words = frozenset[str]
_NONE: Final[_Words] = frozenset()


@dataclass(frozen=True, slots=True)
class Words:
    """Words in lower case: a line that fits contains one of each set, in some case.

    Letters only: JSON spells numbers and other characters in more than one way.
    """

    needed: tuple[frozenset[bytes], ...] = ()

    def may_stand_in(self, lines: bytes) -> bool:
        """Return whether a JSON line among some may fit; a character may be told by its number."""
        if not self.needed or b"\\u" in lines:
            return True
        lowered = lines.lower()
        return all(any(word in lowered for word in words) for words in self.needed)


#: Nothing is known: any line may fit.
ANY: Final = Words()


def words_in(text: str) -> Words:
    """Return the words of a text in ASCII."""
    return _useful([frozenset({run}) for run in filter(_is_useful, _LETTERS.findall(text.lower()))])


def words_of(expression: str) -> Words:
    """Return the words of an expression which RE2 has read without complaint."""
    double = _DOUBLE if _IN_ANY_CASE.search(expression) else _NONE
    groups = [_Group()]
    end = 0
    for token in _TOKEN.finditer(expression):
        if token.start() != end:
            return ANY  # an escape with a meaning of its own, such as \Q or \x
        end = token.end()
        kind = str(token.lastgroup)
        if kind == "flags" and token.start():
            return ANY  # what follows may count for what stands before them
        if kind == "open":
            groups[-1].finish_run()
            groups.append(_Group())
        elif kind == "close":
            inner = groups.pop().finish()
            groups[-1].needed += inner
            groups[-1].last_group = len(inner)
        elif kind == "letter" and token[0] not in double:
            groups[-1].add(token[0].lower())
        else:
            groups[-1].end(kind)
    return _useful(groups[0].finish()) if end == len(expression) else ANY


@dataclass(slots=True)
class _Group:
    """A group that is being read: what each of its ways needs, and the letters just read."""

    ways: list[list[_Words]] = field(default_factory=list)
    needed: list[_Words] = field(default_factory=list)
    run: str = ""
    #: How much of `needed` a group needs that has just been closed.
    last_group: int = 0

    def add(self, letter: str) -> None:
        self.run += letter
        self.last_group = 0

    def end(self, kind: str) -> None:
        """Take note of anything but a letter or a group."""
        if kind == "any" and self.run:
            self.run = self.run[:-1]
        elif kind == "any":
            del self.needed[len(self.needed) - self.last_group :]
        self.finish_run()
        if kind == "either":
            self.ways.append(self.needed)
            self.needed = []

    def finish_run(self) -> None:
        if _is_useful(self.run):
            self.needed.append(frozenset({self.run}))
        self.run, self.last_group = "", 0

    def finish(self) -> list[_Words]:
        """Return what is needed whichever way is taken."""
        self.end("either")
        if len(self.ways) == 1:
            return self.ways[0]
        best = [
            max(way, key=lambda words: min(map(len, words)), default=_NONE) for way in self.ways
        ]
        return [frozenset().union(*best)] if all(best) else []


def _is_useful(word: str) -> bool:
    return len(word) > 1 and not any(word in made_up for made_up in _MADE_UP)


def _useful(needed: list[_Words]) -> Words:
    """Return the longest words: the others are seldom missing where these stand."""
    longest = sorted(dict.fromkeys(needed), key=lambda words: min(map(len, words)), reverse=True)
    return Words(tuple(frozenset(map(str.encode, words)) for words in longest[:_MOST_WORDS]))
