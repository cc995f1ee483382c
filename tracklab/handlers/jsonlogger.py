"""The python-json-logger door: TrackLab's event line from any logging handler.

Give this formatter to a StreamHandler, a SocketHandler or a file handler, and what comes out
is the line a `SegmentHandler` would have written.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pythonjsonlogger.core import BaseJsonFormatter

from tracklab.clock import rfc3339
from tracklab.handlers.events import (
    event_context,
    event_data,
    event_kind,
    event_level,
    event_message,
)
from tracklab.records.encode import encode_object, whole_text
from tracklab.records.lines import event_line
from tracklab.records.names import new_run_id
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    import logging

__all__ = ["EventFormatter"]


class EventFormatter(BaseJsonFormatter):
    """Formats a LogRecord as one event line, without its line break.

    Args:
        run_id: the run the lines belong to; None for a new id.
        writer: names this source of lines within the run; None for host and pid.
        options: python-json-logger's own arguments; `static_fields` joins the data.
    """

    def __init__(
        self, *args: Any, run_id: str | None = None, writer: str | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._run_id = run_id or new_run_id()
        self._writer = writer or f"{this_process().label}-0"
        self._seq = itertools.count()

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as an event line."""
        fields = {
            "timestamp": rfc3339(record.created),
            "level": event_level(record.levelno),
            "logger": whole_text(event_kind(record)),
            "message": whole_text(event_message(record)),
            "run_id": self._run_id,
            "seq": next(self._seq),
            "writer": self._writer,
            **(event_context(record) or {}),
        }
        data = event_data(record)
        if self.static_fields:
            static = encode_object(self.static_fields)
            data = static if data == b"{}" else static[:-1] + b"," + data[1:]
        return event_line(fields, data)[:-1].decode()
