"""The demo's text: all of it readable by a model, in two parts that share nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tracklab.demo import corpus


@pytest.mark.parametrize("text", ["", "Anne Elliot", corpus.ALPHABET])
def test_text_survives_being_numbers(text: str) -> None:
    """What is encoded decodes."""
    assert corpus.decode(corpus.encode(text)) == text


def test_a_character_outside_the_alphabet_becomes_a_space() -> None:
    """A caller of the service may send anything."""
    assert corpus.decode(corpus.encode("naïve — \t")) == "na ve    "


def test_the_text_is_real_and_in_two_parts() -> None:
    """A tenth is held out, and it is the end of the text."""
    text = corpus.load()
    everything = corpus.decode(np.concatenate([text.training, text.held_out]))

    assert len(everything) > 250_000
    assert len(text.held_out) == pytest.approx(len(everything) / 10, abs=1)
    assert everything.startswith(
        "Persuasion\nby\nJane Austen\n(1818)\nChapter 1\nSir Walter Elliot"
    )
    assert "  " not in everything
