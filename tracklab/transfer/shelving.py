"""Versions of artifacts that an import brings: made in the data directory, or found there again.

A version that an earlier import has made is not made again, also if its files have gone from the
source since. Contents are compared with the digests that the source tells of them.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tracklab.artifacts.copying import digests_of, snapshot
from tracklab.artifacts.layout import blob_path, building_dir
from tracklab.artifacts.manifest import ArtifactManifest, ArtifactManifestEntry, inner_path
from tracklab.artifacts.names import (
    check_aliases,
    check_metadata,
    check_name,
    check_tags,
    check_type,
)
from tracklab.artifacts.store import change, claims, commit
from tracklab.artifacts.versions import LATEST, living
from tracklab.clock import rfc3339
from tracklab.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.artifacts.versions import Version
    from tracklab.transfer.things import Content, Made

__all__ = ["Shelf", "said_of"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The versions of a data directory, as the import of one run sees them."""

    root: Path
    project: str
    run_id: str

    def manifest_of(self, made: Made) -> ArtifactManifest:
        """Return the entries of a version that `keep` can make, or that is there.

        Raises:
            ArgumentTypeError: its metadata cannot be written.
            UsageError: a name, an alias or a tag cannot be used, or a content is neither there nor
                in the source.
            OSError: a content cannot be read.

        Cost: a pass over its files.
        """
        check_name(made.name)
        check_type(made.kind)
        check_aliases(made.aliases)
        check_tags(made.tags)
        check_metadata(made.metadata)
        told = ArtifactManifest({one.path: _entry(one) for one in made.contents})
        if self._known(made, told):
            return told
        found = ArtifactManifest()
        for one in made.contents:
            found.add_entry(_entry(one) if one.ref is not None else _measured(one))
        return found

    def keep(self, made: Made, manifest: ArtifactManifest, *, entity: str | None) -> Version:
        """Make the version, or find it, and return it.

        Raises:
            UsageError: a file has changed since it was measured, or what is said of the version
                cannot be.
            OSError: a file cannot be read, or the data directory not be written.
        """
        aliases = [alias for alias in check_aliases(made.aliases) if alias != LATEST]
        there = self._known(made, manifest)
        if there is not None:
            return self._called(there, aliases, now=rfc3339(made.timestamp_s))
        told = {
            "id": secrets.token_hex(8), "type": made.kind, "name": made.name,
            "project": self.project, "description": made.description,
            "metadata": check_metadata(made.metadata), "tags": check_tags(made.tags),
            "use_as": None, "ttl_s": None, "entity": entity or "",
            "run": {"project": self.project, "id": self.run_id}, "history_step": None,
            "source": None,
        }  # fmt: skip
        place = building_dir(self.root)
        try:
            for number, one in enumerate(made.contents):
                if one.local is not None and one.ref is None:
                    self._take(
                        one.local, manifest.entries[inner_path(one.path)], place / str(number)
                    )
            version, _ = commit(
                self.root, made.kind, made.name, manifest=manifest, told=told, aliases=aliases,
                now=rfc3339(made.timestamp_s),
            )  # fmt: skip
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return version

    def _take(self, source: Path, entry: ArtifactManifestEntry, target: Path) -> None:
        """Put a content where nobody else writes to it."""
        found = snapshot(source, target, known=partial(blob_path, self.root))
        if found.md5 != entry.digest:
            raise UsageError(f"{entry.path!r} changed while it was read. Import again. {source}")
        entry.sha256, entry.size, entry.local_path = found.sha256, found.size, str(target)

    def _known(self, made: Made, manifest: ArtifactManifest) -> Version | None:
        """Return the version of this content: this run's own, or else any of its project."""
        digest, run = manifest.digest(), {"project": self.project, "id": self.run_id}
        found = living(self.root, made.kind, made.name)
        same = [one for one in found if (one.digest, one.project) == (digest, self.project)]
        return max(same, key=lambda one: (one.told.get("run") == run, one.number), default=None)

    def _called(self, version: Version, aliases: list[str], *, now: str) -> Version:
        """Give a version these aliases, if the run comes for the first time.

        When it comes again they may have been given to others since.
        """
        if not aliases or (self.root / self.project / self.run_id).exists():
            return version

        def edit(record: dict[str, Any], versions: list[Version]) -> None:
            record["aliases"] = {**record["aliases"], **claims(versions, {}, aliases)}

        return change(self.root, version, edit, now=now)


def said_of(version: Version) -> dict[str, Any]:
    """Return what a run's event says of a version, whatever it did with it."""
    manifest = version.manifest()
    return {
        "name": version.name, "type": version.kind, "version": version.label,
        "project": version.project, "digest": version.digest, "size": manifest.size(),
        "file_count": len(manifest),
    }  # fmt: skip


def _entry(one: Content) -> ArtifactManifestEntry:
    return ArtifactManifestEntry(
        inner_path(one.path), one.digest, size=one.size_bytes, ref=one.ref, extra=dict(one.extra)
    )


def _measured(one: Content) -> ArtifactManifestEntry:
    if one.local is None:
        raise UsageError(one.missing or f"a log does not hold its file {one.path!r}")
    found = digests_of(one.local)
    if one.digest not in {"", found.md5}:
        raise UsageError(f"its file {one.path!r} has changed since it was logged: {one.local}")
    return ArtifactManifestEntry(inner_path(one.path), found.md5, size=found.size)
