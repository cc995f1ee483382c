"""A line from outside: what somebody else than the run's own process has to say in its events.

An edit in the browser, a removal by retention. It goes into a small segment of its own writer, so
nothing that the run wrote is touched, and a running job is not disturbed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tracklab import clock
from tracklab.records.lines import LINE_MAX_BYTES, event_line, header_line
from tracklab.storage.documents import sync_directory
from tracklab.storage.identity import this_process
from tracklab.storage.layout import parse_segment_name, segment_name, segments
from tracklab.storage.permissions import create_file
from tracklab.storage.succession import succession_in

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NOTE_MAX_BYTES", "add_note"]

#: Longest data of one note, beside what stands before it on the line.
NOTE_MAX_BYTES: Final = LINE_MAX_BYTES - 1_000


def add_note(run_dir: Path, *, project: str, logger: str, message: str, data: bytes) -> Path:
    """Append one event to a run, wait until it is on disk, and return its segment.

    The segment's number is this writer's alone, because the file is created exclusively, so line
    numbers counted from it are, too; nothing has to be remembered between notes.

    Args:
        run_dir: the run's directory.
        project: the project it belongs to.
        logger: the kind of event.
        message: its name.
        data: its fields as one JSON object of at most `NOTE_MAX_BYTES`.

    Raises:
        OSError: it cannot be written.
    """
    process = this_process()
    writer = f"{process.label}-{process.start_ticks or 0}"
    # Whoever may read the run may read the note.
    mode = run_dir.stat().st_mode & 0o666
    place = succession_in(run_dir)
    number, descriptor = _create(run_dir, writer, mode)
    now_s = clock.now()
    facts = {"project": project, "host": process.host, "pid": process.pid, **place}
    header = header_line(
        run_dir.name, writer=writer, seq=2 * number, stream="events", number=number,
        started_s=now_s, facts=facts,
    )  # fmt: skip
    fields = {
        "timestamp": clock.rfc3339(now_s), "level": "INFO", "logger": logger, "message": message,
        "run_id": run_dir.name, "seq": 2 * number + 1, "writer": writer,
    }  # fmt: skip
    with open(descriptor, "wb") as file:
        file.write(header + event_line(fields, data))
        file.flush()
        os.fdatasync(descriptor)
    sync_directory(run_dir)
    return run_dir / segment_name("events", number, writer=writer)


def _create(run_dir: Path, writer: str, mode: int) -> tuple[int, int]:
    """Return the next free number of this writer and a descriptor of its new segment.

    One that was compressed meanwhile has taken its number too.
    """
    names = (parse_segment_name(path.name) for path in segments(run_dir, "events"))
    number = max((name.number + 1 for name in names if name and name.writer == writer), default=0)
    while True:
        path = run_dir / segment_name("events", number, writer=writer)
        try:
            return number, create_file(path, os.O_APPEND | os.O_EXCL, file_mode=mode)
        except FileExistsError:
            number += 1
