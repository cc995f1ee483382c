"""The structlog door: bound context and event straight into a segment, without LogRecords.

import structlog
from tracklab.handlers.structlog import SegmentLoggerFactory, render_event

structlog.configure(
    processors=[structlog.contextvars.merge_contextvars, render_event],
    logger_factory=SegmentLoggerFactory(handler),
    cache_logger_on_first_use=True,
)
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from tracklab.handlers.events import CONTEXT, exception_data, safe_text
from tracklab.records.encode import encode_object
from tracklab.records.lines import LEVELS

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tracklab.handlers.segment import SegmentHandler

__all__ = ["SegmentLogger", "SegmentLoggerFactory", "render_event"]

_NUMBERS = {name: getattr(logging, name) for name in LEVELS}
_LEVELS = {"warn": "WARNING", "exception": "ERROR", "msg": "INFO", "fatal": "CRITICAL"}


def render_event(
    logger: Any, name: str, event_dict: MutableMapping[str, Any]
) -> tuple[tuple[()], dict[str, Any]]:
    """Turn structlog's event dict into the arguments of `SegmentLogger.write`: the last processor.

    `event` is the message, `logger` names the kind, `rank`, `trace_id` and `span_id` stand
    beside the data, `exc_info` becomes a structured exception, `stack_info` the text `stack`, all
    else is data.
    """
    data = dict(event_dict)
    level = str(data.pop("level", name)).lower()
    context = {key: data.pop(key) for key in CONTEXT if key in data} or None
    message = safe_text(data.pop("event", ""))
    kind = safe_text(data.pop("logger", getattr(logger, "name", "structlog")))
    data.pop("timestamp", None)
    error = data.pop("exc_info", None)
    triple = _triple(error) if error else (None, None, None)
    if triple[0] is not None:  # outside of an exception there is none to tell of
        data["exception"] = exception_data(*triple)
    if data.get("stack_info"):
        from structlog.processors import StackInfoRenderer  # noqa: PLC0415 - who calls has it

        data = dict(StackInfoRenderer(["tracklab.handlers"])(logger, name, data))
    return (), {
        "logger": kind,
        "message": message,
        "level": _LEVELS.get(level, level.upper()),
        "data": encode_object(data),
        "context": context,
    }


class SegmentLoggerFactory:
    """Makes the loggers that structlog wraps; all write through one handler."""

    def __init__(self, handler: SegmentHandler, *, name: str = "structlog") -> None:
        self._handler = handler
        self._name = name

    def __call__(self, *args: Any) -> SegmentLogger:
        """Return a logger; `structlog.get_logger("name")` gives it its name."""
        return SegmentLogger(self._handler, str(args[0]) if args else self._name)


class SegmentLogger:
    """What structlog calls with the result of its processors."""

    __slots__ = ("_event", "_handler", "name")

    def __init__(self, handler: SegmentHandler, name: str) -> None:
        self._event = handler.writer.event
        self._handler = handler
        self.name = name

    def write(self, *, level: str, **fields: Any) -> None:
        """Append one event, if the handler wants its level."""
        if _NUMBERS.get(level, logging.CRITICAL) >= self._handler.level:
            self._event(self._handler.stream, level=level, **fields)

    def __getattr__(self, name: str) -> Any:
        """Give structlog the same method under whatever level's name it asks for."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.write


def _triple(error: Any) -> Any:
    if isinstance(error, BaseException):
        return type(error), error, error.__traceback__
    return error if isinstance(error, tuple) else sys.exc_info()
