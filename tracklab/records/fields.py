"""Single fields of a record that lines may hold in any type: the one that is meant, or None."""

from __future__ import annotations

import math
from datetime import datetime

__all__ = ["epoch_s", "number", "text", "texts", "whole"]


def number(value: object) -> float | None:
    """Return a finite number; None for anything else, booleans too."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def whole(value: object) -> int | None:
    """Return a whole number of 64 bits, also when it is written as a float."""
    found = number(value)
    if found is None or not found.is_integer():
        return None
    return int(found) if -(2.0**63) <= found < 2.0**64 else None


def text(value: object) -> str | None:
    """Return a text."""
    return value if isinstance(value, str) else None


def texts(value: object) -> list[str]:
    """Return the texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def epoch_s(timestamp: str) -> float:
    """Return epoch seconds of a timestamp as `records.decode.moment` returns it."""
    return datetime.fromisoformat(timestamp[:-1] + "+00:00").timestamp()
