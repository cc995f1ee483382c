"""Changes to a run from outside: new name, notes or tags, into the trash and back.

An edit is a line like any other, and the small documents are brought up to date only where no
writer lives that would do so itself. What cannot be done becomes a refusal with its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import StorageError
from tracklab.query.addresses import Place, resolve
from tracklab.records.encode import encode_object
from tracklab.server.problems import RefusedError
from tracklab.storage import trash
from tracklab.storage.documents import read_json, write_json
from tracklab.storage.notes import NOTE_MAX_BYTES, add_note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["change", "discard", "restore"]


def change(place: Place, values: Mapping[str, Any]) -> None:
    """Append `values` (name, notes, tags) to the run's events and wait until they are on disk.

    Raises:
        RefusedError: 413 when they do not fit a line, 409 when the data directory cannot be
            written.
    """
    data = encode_object(values)
    if len(data) > NOTE_MAX_BYTES:
        raise RefusedError(413, f"This edit has {len(data):,} bytes; a line takes 31,000.")
    try:
        add_note(place.path, project=place.project, logger="tracklab.run", message="run", data=data)
        if not trash.is_written(place.path):
            _refresh_metadata(place.path, values)
    except OSError as error:
        raise _refused(error) from None


def discard(root: Path, place: Place) -> None:
    """Move the run into the trash; one step, whatever its size.

    Raises:
        RefusedError: 409 when a writer of the run lives, or nothing can be moved.
    """
    try:
        trash.discard(root, place.project, place.run_id)
    except OSError as error:
        raise _refused(error) from None


def restore(root: Path, address: str) -> Place:
    """Bring back what was last deleted under `address` (project/run_id).

    Raises:
        NotFoundError: the trash holds no such run.
        RefusedError: 409 when another run has that address by now, or nothing can be moved.
    """
    try:
        trash.restore(root, address)
    except OSError as error:
        raise _refused(error) from None
    return resolve(root, address)


def _refresh_metadata(path: Path, values: Mapping[str, Any]) -> None:
    document = path / "metadata.json"
    metadata = read_json(document)
    if metadata is not None:
        mode = document.stat().st_mode & 0o777  # who may read it stays as it was
        write_json(document, metadata | dict(values), file_mode=mode)


def _refused(error: OSError) -> RefusedError:
    if isinstance(error, StorageError):
        return RefusedError(409, str(error))
    reason = error.strerror or type(error).__name__
    return RefusedError(409, f"The data directory cannot be changed: {reason}.")
