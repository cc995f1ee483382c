"""Spans of time as people write them: `30s`, `15m`, `1h`, `7d`, `2w`."""

from __future__ import annotations

import re

__all__ = ["span_s"]

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def span_s(text: str) -> float | None:
    """Return the seconds of a span, None if `text` is none."""
    match = _SPAN.fullmatch(text.strip())
    return float(match[1]) * _UNITS_S[match[2]] if match else None
