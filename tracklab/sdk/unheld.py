"""What a row could not hold: told once for each type, with what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MARKER", "tell_unheld"]

#: In each line that has a value which could not be converted, and in few others.
MARKER: Final = b'"unserialisable"'
_PLAIN: Final = "Log numbers, texts, lists, dicts or media, such as tracklab.Image(pixels)"
#: What to write for a value of a library that makes media.
_INSTEAD: Final = {
    "PIL": "Write tracklab.Image(picture)",
    "bokeh": "Write tracklab.Bokeh(plot)",
    "moviepy": "Write the clip to a file and log tracklab.Video(path)",
    "rdkit": "Write tracklab.Molecule.from_rdkit(molecule)",
}
_told: Final[set[str]] = set()


def tell_unheld(body: bytes, say: Callable[[str], None]) -> None:
    """Tell of values of a row that stand in it as their type only.

    Args:
        body: the encoded row.
        say: told a text for each type that was not told before.
    """
    for key, value in orjson.loads(body).items():
        kind = _type_in(value)
        if kind is not None and kind not in _told:
            _told.add(kind)
            instead = _INSTEAD.get(kind.partition(".")[0], _PLAIN)
            say(
                f"log() got a {kind} in {key!r}, which no row can hold: the row names its type "
                f"only. {instead}."
            )


def _type_in(value: Any) -> str | None:
    """Return the type that the first marker in a value names."""
    if isinstance(value, dict):
        if value.get("_error") == "unserialisable":
            return str(value.get("type"))
        value = list(value.values())
    if not isinstance(value, list):
        return None
    return next((kind for kind in map(_type_in, value) if kind is not None), None)
