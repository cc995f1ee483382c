"""Messages to the person at the terminal: on stderr, marked as ours."""

from __future__ import annotations

import sys
from typing import Any, Final

__all__ = ["termerror", "termlog", "termsetup", "termwarn", "without_effect"]

_PREFIX: Final = "tracklab: "


class _Said:
    """What was said with `repeat=False`, so that it is said once; and whether to say anything."""

    once: Final[set[str]] = set()
    silent = False


def termsetup(settings: Any, _logger: Any = None) -> None:
    """Be silent from now on if `settings.silent` says so."""
    _Said.silent = bool(getattr(settings, "silent", False))


def termlog(
    string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True
) -> None:
    """Tell something.

    Args:
        string: what; may have several lines.
        newline: end the line.
        repeat: tell it again if it was told already.
        prefix: begin each line with who tells it.
    """
    _tell(string, newline=newline, repeat=repeat, prefix=prefix)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Warn; see `termlog`."""
    _tell(f"WARNING {string}", newline=newline, repeat=repeat, prefix=prefix)


def termerror(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Tell an error; see `termlog`."""
    _tell(f"ERROR {string}", newline=newline, repeat=repeat, prefix=prefix)


def without_effect(what: str) -> None:
    """Warn once that an argument of older programs does nothing."""
    termwarn(f"{what} has no effect any more: remove it.", repeat=False)


def _tell(text: str, *, newline: bool, repeat: bool, prefix: bool) -> None:
    if _Said.silent or (not repeat and text in _Said.once):
        return
    if not repeat:
        _Said.once.add(text)
    if prefix:
        text = "\n".join(f"{_PREFIX}{line}" for line in text.split("\n"))
    sys.stderr.write(f"{text}\n" if newline else text)
    sys.stderr.flush()
