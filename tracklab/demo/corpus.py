"""The text that the demo learns from, as numbers.

`text.txt` holds chapters 1 to 17 of Jane Austen's novel *Persuasion* (1818). It is in the public
domain everywhere that we know of: the author died in 1817.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALPHABET", "Corpus", "decode", "encode", "load"]

#: Every character a model can read or write: printable ASCII, and the end of a paragraph.
ALPHABET = "\n" + "".join(map(chr, range(32, 127)))

_HELD_OUT = 0.1  # of the text, its end: a model is judged on pages it never saw
_UNKNOWN = ALPHABET.index(" ")


@dataclass(frozen=True)
class Corpus:
    """Codes of the text, one per character: indices into `ALPHABET`."""

    training: NDArray[np.intp]
    held_out: NDArray[np.intp]


def load() -> Corpus:
    """Return the text in two parts, with one line per paragraph."""
    text = Path(__file__).with_name("text.txt").read_text("ascii")
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
    codes = encode("\n".join(paragraphs))
    end = round(len(codes) * (1 - _HELD_OUT))
    return Corpus(training=codes[:end], held_out=codes[end:])


def encode(text: str) -> NDArray[np.intp]:
    """Return the code of each character; one outside the alphabet becomes a space."""
    lookup = {character: code for code, character in enumerate(ALPHABET)}
    return np.array([lookup.get(character, _UNKNOWN) for character in text], dtype=np.intp)


def decode(codes: NDArray[np.intp]) -> str:
    """Return the text of an array of codes."""
    return "".join(ALPHABET[code] for code in codes)
