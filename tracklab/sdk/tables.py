"""A table that a run logs is also a version of an artifact, which other runs can use.

Its files are those of the run, by hard links: nothing is written a second time. What the disk does
not take costs the artifact, never the row and never the training.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.artifacts.lineage import EVENT
from tracklab.artifacts.manifest import ArtifactManifest, ArtifactManifestEntry
from tracklab.artifacts.names import RUN_TABLE, marked_name
from tracklab.artifacts.store import commit, write_index
from tracklab.errors import TrackLabError
from tracklab.media.needs import say_once
from tracklab.media.value import safe_parts
from tracklab.storage.gaps import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run

__all__ = ["keep_version"]

#: What a file's name ends in behind its digest, `.table.json` or `.joined-table.json`.
_ENDING: Final = re.compile(r"\.[a-z-]+\.json\Z")


def keep_version(
    run: Run, key: str, record: dict[str, Any], media: list[dict[str, Any]], *, step: int | str
) -> dict[str, str]:
    """Let a table's file, and those of media in its cells, become a version.

    Args:
        run: the run that has the files.
        key: the table's name in the row.
        record: what the row says of the table.
        media: what its cells say.
        step: the row's step, or `summary`.

    Returns:
        What the record says of it beside that: the version by its digest, and the newest one.

    Cost: a pass over the files. The helper thread makes the version, and waits for the disk.
    """
    name = marked_name(f"run-{run.id}-{key}")
    inner = "/".join(safe_parts(key)) + _ENDING.findall(record["path"])[0]
    try:
        manifest = ArtifactManifest({inner: _entry(run.run_dir, record, inner)})
        for one in _files(media):
            manifest.add_entry(_entry(run.run_dir, one, one["path"]))
    except (OSError, TrackLabError) as error:
        _not_kept(run, name, error)
        return {}
    run.chores.add(partial(_keep, run, name, manifest, step))
    run.chores.add_last(name, partial(_list, run, name))
    address = "tracklab-artifact://" + "/".join(filter(None, (run.entity, run.project, name)))
    return {
        "artifact_path": f"{address}:{manifest.digest()}/{inner}",
        "_latest_artifact_path": f"{address}:latest/{inner}",
    }


def _keep(run: Run, name: str, manifest: ArtifactManifest, step: int | str) -> None:
    told: dict[str, Any] = {
        "id": os.urandom(8).hex(), "type": RUN_TABLE, "name": name, "project": run.project,
        "description": None, "metadata": {}, "tags": [], "use_as": None, "ttl_s": None,
        "entity": run.entity, "run": {"project": run.project, "id": run.id},
        "history_step": step if isinstance(step, int) else None, "source": None,
    }  # fmt: skip
    try:
        version, _ = commit(
            run.root, RUN_TABLE, name, manifest=manifest, told=told, now=clock.rfc3339(clock.now()),
            file_mode=run.settings.file_mode, indexed=False,
        )  # fmt: skip
    except (OSError, TrackLabError) as error:
        _not_kept(run, name, error)
        return
    data = {
        "op": "log", "name": name, "type": RUN_TABLE, "version": version.label,
        "project": run.project, "digest": version.digest, "aliases": ["latest"],
        "size": manifest.size(), "file_count": len(manifest),
    }  # fmt: skip
    run.event(EVENT, "artifact", data)


def _list(run: Run, name: str) -> None:
    with suppress(OSError):  # `tracklab fsck --repair` writes the list, too
        write_index(run.root, RUN_TABLE, name, file_mode=run.settings.file_mode)


def _entry(run_dir: Path, record: dict[str, Any], inner: str) -> ArtifactManifestEntry:
    path = run_dir / record["path"]
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).digest()
    return ArtifactManifestEntry(
        inner, base64.b64encode(digest).decode(), size=record["size"], sha256=record["sha256"],
        local_path=str(path),
    )  # fmt: skip


def _files(told: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of records that names a file of the run."""
    if isinstance(told, dict):
        if {"path", "sha256", "size"} <= told.keys():
            yield told
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from _files(one)


def _not_kept(run: Run, name: str, error: Exception) -> None:
    reason = reason_of(error) if isinstance(error, OSError) else str(error)
    data = {"op": "fail", "name": name, "type": RUN_TABLE, "reason": reason}
    run.event(EVENT, "artifact", data, level="ERROR")
    if not run.settings.silent and not run.rank:
        say_once(
            f"tables of run {run.id} are logged, and not kept as artifacts ({reason}). Make room "
            f"or restore access: {run.root}"
        )
