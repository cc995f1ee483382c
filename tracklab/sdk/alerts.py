"""What `alert()` takes: how bad it is, and how long to wait with the next of its kind."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["AlertLevel", "alert_level", "wait_s"]

_DEFAULT_WAIT_S: Final = 60.0


class AlertLevel(Enum):
    """How bad it is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


_LOG_LEVELS: Final = {"INFO": "INFO", "WARN": "WARNING", "ERROR": "ERROR"}


def alert_level(level: str | AlertLevel | None) -> str:
    """Return the level of an alert's event.

    Raises:
        UsageError: it is none of an alert's.
    """
    name = "INFO" if level is None else getattr(level, "value", level)
    if name not in _LOG_LEVELS:
        raise UsageError(f"level must be one of 'INFO', 'WARN', or 'ERROR'; alert() got {level!r}.")
    return _LOG_LEVELS[name]


def wait_s(duration: float | timedelta | None) -> Any:
    """Return the seconds in which the same title is delivered once; None means a minute."""
    if duration is None:
        return _DEFAULT_WAIT_S
    return getattr(duration, "total_seconds", lambda: duration)()
