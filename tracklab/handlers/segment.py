"""`SegmentHandler`: a standard logging handler whose file is a segment of a run.

Attach it to any logger and every record is a line of `events.jsonl` when the call returns. It
never raises into the program that logs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.handlers.events import (
    STREAM,
    WRITTEN,
    event_context,
    event_data,
    event_kind,
    event_level,
    event_message,
)
from tracklab.records.encode import encode_object
from tracklab.records.names import new_run_id
from tracklab.storage.creation import open_run_dir
from tracklab.storage.segments import Limits
from tracklab.storage.succession import FIRST, succession_in
from tracklab.storage.writer import Writer

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["SegmentHandler"]


class SegmentHandler(logging.Handler):
    """Writes log records as events of a run, with rotation into new segments.

    Either give a `writer` that is open already, or say where the run lies.

    Args:
        writer: a run's open writer; the handler then only borrows it.
        directory: the root; None for TRACKLAB_DATA_DIR, else ./tracklab_logs.
        project: the run's project.
        run_id: the run; None for a new id. A run that exists gets another writer.
        stream: `events` or `llm`.
        max_bytes: size at which a segment is sealed.
        max_age_s: age in seconds at which a segment is sealed.
        file_mode: permission bits of the files.
        level: least level that is written.

    Raises:
        UsageError: the project's or the run's name cannot be used.
        StorageError: the directory cannot be created or written.
    """

    def __init__(  # noqa: PLR0913 - dictConfig gives plain keywords
        self,
        writer: Writer | None = None,
        *,
        directory: str | os.PathLike[str] | None = None,
        project: str = "uncategorized",
        run_id: str | None = None,
        stream: str = "events",
        level: int | str = logging.NOTSET,
        max_bytes: int = 64 * 1024 * 1024,
        max_age_s: float = 24 * 3600.0,
        file_mode: int = 0o600,
    ) -> None:
        super().__init__(level)
        self._owned = writer is None
        self.stream = stream
        if writer is None:
            limits = Limits(max_bytes=max_bytes, max_age_s=max_age_s, file_mode=file_mode)
            place = open_run_dir(directory, project, run_id or new_run_id())
            facts: dict[str, Any] = {"project": project, "attempt": 0, **FIRST}
            writer = Writer(place, place.name, facts=facts, limits=limits)
            if not writer.created_run:
                facts |= succession_in(place, but=writer.writer)
        self.writer = writer
        # Whoever made a run says when it begins and ends, or readers would take it for crashed.
        self._began_s = clock.now()
        if self._owned and writer.created_run:
            start = {
                "run_id": writer.run_id,
                "project": project,
                "start_time": clock.rfc3339(self._began_s),
            }
            self._lifecycle("start", start)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one line."""
        if WRITTEN in vars(record):
            return
        try:
            self.writer.event(
                vars(record).get(STREAM, self.stream),
                logger=event_kind(record),
                message=event_message(record),
                data=event_data(record),
                level=event_level(record.levelno),
                timestamp_s=record.created,
                context=event_context(record),
            )
        except Exception:  # noqa: BLE001 - logging's own rule: report, never raise into the caller
            self.handleError(record)

    def flush(self) -> None:
        """Do nothing: a line is with the operating system when `emit` returns."""

    def close(self) -> None:
        """Make the lines durable, and let go of the run if the handler opened it."""
        if self._owned:
            self._owned = False
            if self.writer.created_run:
                duration_s = round(clock.now() - self._began_s, 6)
                end = {"state": "finished", "exit_code": None, "duration_s": duration_s}
                self._lifecycle("finish", {**end, "lines_lost": self.writer.lines_lost})
            self.writer.close()
        super().close()

    def _lifecycle(self, message: str, data: Mapping[str, object]) -> None:
        self.writer.event(
            "events", logger="tracklab.lifecycle", message=message, data=encode_object(data)
        )
