"""Changes to a run that has been written: lines like any other, from a writer of their own.

The small documents are brought up to date where they were the last word on the run; otherwise
readers take what was changed from the lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.api.listing import dossier_of
from tracklab.api.paths import check_there
from tracklab.errors import UsageError
from tracklab.query.documents import read_config, read_summary
from tracklab.records.decode import restore
from tracklab.records.encode import encode_object
from tracklab.records.secrets import masked_values
from tracklab.storage.documents import write_json, write_yaml
from tracklab.storage.notes import NOTE_MAX_BYTES, add_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracklab.query.addresses import Place

__all__ = ["edit", "unmarked"]

# What stands around the values of a note: names of fields, quotes and brackets.
_AROUND_BYTES = 100


def edit(
    place: Place,
    *,
    facts: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
    deleted: Sequence[str] = (),
) -> None:
    """Append what changed to the run's events and wait until the disk has it.

    Args:
        place: the run.
        facts: name, notes, tags, group, job_type.
        config: values by key; those that look like secrets are masked.
        summary: values by key.
        deleted: keys that the summary loses.

    Raises:
        RunNotFoundError: the run has been deleted.
        UsageError: one value is too large for a line.
        OSError: the data directory cannot be written.
    """
    check_there(place)
    values: dict[str, Any] = masked_values(dict(config or {}))
    settled = dossier_of(place).settled
    notes = [("run", part) for part in _fitting(dict(facts or {}), "run")]
    notes += [
        ("config", {"op": "update", "values": part, "source": "api"})
        for part in _fitting(values, "config")
    ]
    notes += [("summary", {"values": part}) for part in _fitting(dict(summary or {}), "summary")]
    gone = _fitting(dict.fromkeys(deleted), "summary")
    notes += [("summary", {"removed": list(part)}) for part in gone]
    for kind, data in notes:  # all of them fit: now they are written
        _note(place, kind, data)
    if settled:
        _refresh(place, facts or {}, values, summary or {}, deleted)


def unmarked(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a document, changed in place: what it says of them is put to use."""
    restore(values)
    values.pop("_lossy", None)
    return values


def _note(place: Place, kind: str, data: dict[str, Any]) -> None:
    add_note(
        place.path, project=place.project, logger=f"tracklab.{kind}", message=kind,
        data=encode_object(data),
    )  # fmt: skip


def _fitting(values: dict[str, Any], what: str) -> Iterator[dict[str, Any]]:
    """Yield the values in parts that each fit a line."""
    part: dict[str, Any] = {}
    size = _AROUND_BYTES
    for key, value in values.items():
        needed = len(encode_object({key: value}))
        if needed + _AROUND_BYTES > NOTE_MAX_BYTES:
            raise UsageError(
                f"update() cannot store {key!r} in the {what}: it has {needed:,} bytes and a line "
                f"takes {NOTE_MAX_BYTES:,}. Put it into a file and use upload_file()."
            )
        if size + needed > NOTE_MAX_BYTES:
            yield part
            part, size = {}, _AROUND_BYTES
        part[key] = value
        size += needed
    if part:
        yield part


def _refresh(
    place: Place,
    facts: Mapping[str, Any],
    config: Mapping[str, Any],
    summary: Mapping[str, Any],
    deleted: Sequence[str],
) -> None:
    """Bring the documents up to date, the metadata last: their age says that all are."""
    path = place.path
    metadata = path / "metadata.json"
    mode = metadata.stat().st_mode & 0o666  # whoever may read them may go on
    if config:
        values = {**unmarked(read_config(path) or {}), **config}
        write_yaml(path / "config.yaml", values, file_mode=mode)
    if summary or deleted:
        values = {**unmarked(read_summary(path) or {}), **summary}
        values = {key: value for key, value in values.items() if key not in deleted}
        write_json(path / "summary.json", values, file_mode=mode)
    write_json(metadata, {**dossier_of(place).document, **facts}, file_mode=mode)
