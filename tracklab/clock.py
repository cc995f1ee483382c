"""What time is it, and how is it written: epoch seconds for rows, RFC 3339 for events.

Readers accept every spelling that log pipelines produce; writers use exactly one.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from functools import lru_cache

__all__ = ["monotonic", "now", "parse_time", "rfc3339"]

now = time.time
monotonic = time.monotonic

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - without a zone it prints none
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|z|[+-]\d\d:?\d\d)?"
)
# Numbers above these are not seconds: 1e11 s is the year 5138, while 1e11 ms is 1973.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def rfc3339(epoch_s: float) -> str:
    """Return `epoch_s` as RFC 3339 in UTC with microseconds and `Z`: always 27 characters.

    Args:
        epoch_s: seconds since 1970-01-01 UTC, at microsecond precision.
    """
    second, microsecond = divmod(round(epoch_s * 1e6), 1_000_000)
    return f"{_date_and_time(second)}.{microsecond:06d}Z"


@lru_cache(maxsize=16)  # whoever logs asks for the same second again and again
def _date_and_time(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).isoformat()


def parse_time(value: str | float) -> float:
    """Return epoch seconds for a timestamp as any common logger writes it.

    Args:
        value: ISO 8601 text of any precision (no zone means UTC), or a number of seconds,
            milliseconds, microseconds or nanoseconds; the size of the number tells which.

    Raises:
        ValueError: the text is no date.
    """
    if isinstance(value, str):
        match = _ISO.fullmatch(value.strip())
        if match is None:
            return parse_time(float(value))
        return _from_iso(match)
    for limit, divisor in _UNITS:
        if abs(value) >= limit:
            return value / divisor
    return float(value)


def _from_iso(match: re.Match[str]) -> float:
    year, month, day, hour, minute = (int(part) for part in match.group(1, 2, 3, 4, 5))
    second, fraction, zone = match.group(6) or "0", match.group(7) or "0", match.group(8)
    # A leap second (:60) is a legal RFC 3339 second that datetime refuses.
    whole = datetime(year, month, day, hour, minute, tzinfo=timezone.utc)
    total = whole.timestamp() + int(second) + int(fraction) * 10.0 ** -len(fraction)
    if zone and zone not in "Zz":
        digits = zone[1:].replace(":", "")
        offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        total -= offset if zone[0] == "+" else -offset
    return total
