"""A standard library LogRecord becomes an event: the same fields by every door."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.encode import encode_object, whole_text

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "CONTEXT",
    "KIND",
    "STREAM",
    "WRITTEN",
    "event_context",
    "event_data",
    "event_kind",
    "event_level",
    "event_message",
    "exception_data",
    "safe_text",
]

#: Attributes by which our own monitors mark a LogRecord: what kind of event it is, which stream
#: it belongs to, and whether the run has its line already.
KIND: Final = "tracklab_kind"
STREAM: Final = "tracklab_stream"
WRITTEN: Final = "tracklab_written"

#: Fields of an event that stand beside its data, when a record carries them.
CONTEXT: Final = ("rank", "trace_id", "span_id")
# What every LogRecord has; any other attribute was given by the user as `extra`.
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NO_DATA: Final = _STANDARD.union(CONTEXT, (KIND, STREAM, WRITTEN, "data"))
_LEVELS: Final = ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO"))
_MAX_FRAMES: Final = 50
_MAX_MEMBERS: Final = 5


def event_kind(record: logging.LogRecord) -> str:
    """Return the kind of event: the logger's name unless one of our monitors set another."""
    return str(vars(record).get(KIND, record.name))


def event_level(number: int) -> str:
    """Return the name of the level at or below `number`; custom levels fall to a known one."""
    return next((name for least, name in _LEVELS if number >= least), "DEBUG")


def event_message(record: logging.LogRecord) -> str:
    """Return the record's text; arguments that do not fit it are shown, never raised."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a user's format string may not match, his __str__ may raise
        return f"{safe_text(record.msg)} (arguments could not be formatted)"


def safe_text(value: object) -> str:
    """Return `value` as text, or its type if it cannot print itself."""
    try:
        return whole_text(str(value))
    except Exception:  # noqa: BLE001 - a user's __str__ may raise anything
        return f"<{type(value).__qualname__}>"


def event_data(record: logging.LogRecord) -> bytes:
    """Return the record's `extra`, exception and stack as one JSON object.

    A dict given as `extra={"data": {...}}` is data itself, so its keys may be any.
    """
    given = vars(record)
    data = {k: v for k, v in given.items() if k not in _NO_DATA}
    inner = given.get("data")
    if isinstance(inner, dict):
        data.update(inner)
    elif inner is not None:
        data["data"] = inner
    if record.exc_info and record.exc_info[0] is not None:
        data["exception"] = exception_data(*record.exc_info)
    if record.stack_info:
        data["stack"] = record.stack_info
    return encode_object(data) if data else b"{}"


def event_context(record: logging.LogRecord) -> dict[str, Any] | None:
    """Return the record's rank, trace and span ids, or None."""
    given = vars(record)
    return {name: given[name] for name in CONTEXT if name in given} or None


def exception_data(
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
    *,
    causes: int = 5,
    groups: int = 3,
) -> dict[str, Any]:
    """Return an exception as data: type, text and the last 50 frames, without local values.

    What it was raised from, or while handling what, is its `cause`, and so on for `causes` steps.
    The first 5 members of a group are its `exceptions`, and those of groups in it, to `groups`
    levels.
    """
    frames = traceback.extract_tb(trace)[-_MAX_FRAMES:]
    data: dict[str, Any] = {
        "type": kind.__qualname__ if kind else "",
        "message": safe_text(error),
        "frames": [{"file": f.filename, "line": f.lineno, "name": f.name} for f in frames],
    }
    if error is None or not causes:
        return data
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        data["cause"] = _linked(cause, causes=causes - 1, groups=groups)
    members = _members(error) if groups else []
    if members:
        data["exceptions"] = [_linked(one, causes=causes - 1, groups=groups - 1) for one in members]
    return data


def _linked(error: BaseException, *, causes: int, groups: int) -> dict[str, Any]:
    return exception_data(type(error), error, error.__traceback__, causes=causes, groups=groups)


def _members(error: BaseException) -> list[BaseException]:
    """Return the first exceptions of a group; by shape, as Python 3.10 has groups by a package."""
    try:
        found = getattr(error, "exceptions", ())
    except Exception:  # noqa: BLE001 - a user's property may raise anything
        return []
    inner = found if isinstance(found, tuple) else ()
    return [one for one in inner[:_MAX_MEMBERS] if isinstance(one, BaseException)]
