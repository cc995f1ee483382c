"""Artifacts that several runs make together: each adds a part, one makes the version of all."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from tracklab.artifacts.copying import link_or_clone
from tracklab.artifacts.layout import joined_dir
from tracklab.artifacts.manifest import ArtifactManifest
from tracklab.storage.documents import read_json, write_json
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.artifacts.artifact import Artifact

__all__ = ["add_part", "take_parts"]

_MANIFEST: Final = "manifest.json"


def add_part(root: Path, artifact: Artifact, *, project: str, joined: str) -> None:
    """Keep the files of a draft until `take_parts` joins them with those of other runs.

    Args:
        root: the data directory.
        artifact: a draft; it can be added again with more.
        project: the project that it will be logged to.
        joined: what all who make it together call it.

    Raises:
        OSError: it cannot be written.
    """
    artifact.refuse_lost()
    place = _place(root, artifact, project, joined)
    building = place / f".{secrets.token_hex(8)}"
    make_directory(building)
    entries = artifact.manifest.entries
    for number, path in enumerate(sorted(entries)):
        local = entries[path].local_path
        if local is not None:
            link_or_clone(Path(local), building / str(number))
    write_json(building / _MANIFEST, artifact.manifest.to_manifest_json(), durable=True)
    building.rename(building.with_name(building.name[1:]))


@contextmanager
def take_parts(root: Path, artifact: Artifact, *, project: str, joined: str) -> Iterator[None]:
    """Give a draft the files of all parts; they go when the block has made a version of it.

    Raises:
        UsageError: two parts have the same path with another content.
    """
    place = _place(root, artifact, project, joined)
    parts = sorted(path for path in place.glob("[!.]*") if path.is_dir())
    for part in parts:
        manifest = ArtifactManifest.from_manifest_json(
            read_json(part / _MANIFEST) or {"contents": {}}
        )
        for number, path in enumerate(sorted(manifest.entries)):
            entry = manifest.entries[path]
            entry.local_path = str(part / str(number)) if entry.sha256 else None
            artifact.manifest.add_entry(entry)
    yield
    for part in () if artifact.is_draft() else parts:
        shutil.rmtree(part, ignore_errors=True)


def _place(root: Path, artifact: Artifact, project: str, joined: str) -> Path:
    who = orjson.dumps((project, artifact.type, artifact.name, joined))
    return joined_dir(root) / hashlib.sha256(who).hexdigest()
