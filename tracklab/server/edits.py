"""Changes to a run from outside: new name, notes or tags, into the trash and back.

An edit is a line like any other. It is appended to a segment of this process's own, so a running
job is never disturbed and nothing is rewritten. The small documents are brought up to date only
where no writer lives that would do so itself. Deleting is a rename inside the data directory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.errors import NotFoundError, UsageError
from tracklab.query.addresses import Place, resolve
from tracklab.records.encode import encode_object
from tracklab.records.lines import LINE_MAX_BYTES, event_line, header_line
from tracklab.records.names import check_project, check_run_id
from tracklab.server.problems import RefusedError
from tracklab.storage.documents import read_json, sync_directory, write_json
from tracklab.storage.identity import this_process
from tracklab.storage.liveness import lock_held
from tracklab.storage.segments import Limits, Segments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["change", "discard", "restore"]

_TRASH = (".tracklab", "trash")
# Beside what stands before an event's data.
_MAX_BYTES = LINE_MAX_BYTES - 1_000


def change(place: Place, values: Mapping[str, Any]) -> None:
    """Append `values` (name, notes, tags) to the run's events and wait until they are on disk.

    Raises:
        RefusedError: 413 when they do not fit a line, 409 when the data directory cannot be
            written.
    """
    data = encode_object(values)
    if len(data) > _MAX_BYTES:
        raise RefusedError(413, f"This edit has {len(data):,} bytes; a line takes 31,000.")
    try:
        _append(place, data)
        if not _is_written(place.path):
            _refresh_metadata(place.path, values)
    except OSError as error:
        raise _unwritable(error) from None


def discard(root: Path, place: Place) -> None:
    """Move the run into the trash; one step, whatever its size.

    Raises:
        RefusedError: 409 when a writer of the run lives, or nothing can be moved.
    """
    if _is_written(place.path):
        raise RefusedError(409, "This run is still being written. Stop it, then delete it.")
    try:
        _move(place.path, _free_name(root.joinpath(*_TRASH, place.project), place.run_id))
    except OSError as error:
        raise _unwritable(error) from None


def restore(root: Path, address: str) -> Place:
    """Move the run that was last deleted under `address` (project/run_id) back to its place.

    Raises:
        NotFoundError: the trash holds no such run.
        RefusedError: 409 when another run has that address by now, or nothing can be moved.
    """
    project, _, run_id = address.strip("/").rpartition("/")
    kept = _newest(root.joinpath(*_TRASH, project), run_id) if _sound(project, run_id) else None
    if kept is None:
        raise NotFoundError(
            f"The trash holds no run {address!r}. Write the whole address: project/run_id."
        )
    target = root / project / run_id
    if target.exists():
        raise RefusedError(409, "Another run has this address by now. Delete or rename it first.")
    try:
        _move(kept, target)
    except OSError as error:
        raise _unwritable(error) from None
    return resolve(root, address)


def _append(place: Place, data: bytes) -> None:
    """Write one edit as a segment: header and line.

    The segment's number is this writer's alone, because its file was created exclusively, so
    line numbers counted from it are, too; nothing has to be remembered between edits.
    """
    process = this_process()
    writer = f"{process.label}-{process.start_ticks or 0}"
    number = 0

    def header(stream: str, new_number: int, now_s: float) -> bytes:
        nonlocal number
        number = new_number
        facts = {"project": place.project, "host": process.host, "pid": process.pid}
        return header_line(
            place.run_id, writer=writer, seq=2 * number, stream=stream, number=number,
            started_s=now_s, facts=facts,
        )  # fmt: skip

    now_s = clock.now()
    # Whoever may read the run may read the edit.
    limits = Limits(file_mode=place.path.stat().st_mode & 0o666)
    segments = Segments(place.path, "events", writer=writer, limits=limits, header=header)
    try:
        segments.begin(now_s)
        fields = {
            "timestamp": clock.rfc3339(now_s), "level": "INFO", "logger": "tracklab.run",
            "message": "run", "run_id": place.run_id, "seq": 2 * number + 1, "writer": writer,
        }  # fmt: skip
        segments.append(event_line(fields, data))
        _sync(segments)
    finally:
        segments.drop()


def _sync(segments: Segments) -> None:
    descriptor = segments.duplicate()
    if descriptor is not None:
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
    segments.sync_name()


def _refresh_metadata(path: Path, values: Mapping[str, Any]) -> None:
    metadata = read_json(path / "metadata.json")
    if metadata is not None:
        write_json(path / "metadata.json", metadata | dict(values))


def _is_written(path: Path) -> bool:
    """Return whether a living writer holds one of the run's locks."""
    locks = (lock.name for lock in path.glob("run.*"))
    return any(lock_held(path, name[4:-5] or None) for name in locks if name.endswith(".lock"))


def _free_name(directory: Path, run_id: str) -> Path:
    """Return a name that the trash does not hold yet; `~` is in no run id."""
    count = 1
    while (directory / _trash_name(run_id, count)).exists():
        count += 1
    return directory / _trash_name(run_id, count)


def _sound(project: str, run_id: str) -> bool:
    try:
        return bool(check_project(project) and check_run_id(run_id))
    except UsageError:
        return False


def _newest(directory: Path, run_id: str) -> Path | None:
    free = _free_name(directory, run_id)
    _, _, count = free.name.partition("~")
    if not count:
        return None
    return directory / _trash_name(run_id, int(count) - 1)


def _trash_name(run_id: str, count: int) -> str:
    return run_id if count == 1 else f"{run_id}~{count}"


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.rename(target)
    sync_directory(target.parent)
    sync_directory(source.parent)


def _unwritable(error: OSError) -> RefusedError:
    reason = error.strerror or type(error).__name__
    return RefusedError(409, f"The data directory cannot be changed: {reason}.")
