"""Artifacts as a reader sees them: names, versions, files, and who made and used what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.artifacts.layout import collection_dir, collections, version_dirs
from tracklab.artifacts.lineage import graph, users_of
from tracklab.artifacts.names import version_number
from tracklab.artifacts.versions import Version, aliases_of, collection
from tracklab.errors import CommError, NotFoundError
from tracklab.storage.layout import find_runs
from tracklab.storage.reading import segment_size
from tracklab.storage.streams import run_segments

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.artifacts.manifest import ArtifactManifest

__all__ = [
    "ArtifactEdge",
    "ArtifactEntry",
    "ArtifactName",
    "ArtifactVersion",
    "ArtifactVersionDetail",
    "Lineage",
    "artifacts_state",
    "files_dir",
    "lineage",
    "lineage_state",
    "list_artifacts",
    "list_versions",
    "show_version",
]


@dataclass(frozen=True, slots=True)
class ArtifactName:
    """One artifact: `size` is the bytes of all versions, `stored` those that they take on disk."""

    type: str
    name: str
    projects: list[str]
    versions: int
    latest: str
    size: int
    stored: int
    created_at: str | None
    updated_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactVersion:
    """One version: `run` is the address of the run that logged it first, null without one."""

    type: str
    name: str
    version: str
    project: str
    aliases: list[str]
    tags: list[str]
    digest: str
    size: int
    file_count: int
    created_at: str | None
    run: str | None


@dataclass(frozen=True, slots=True)
class ArtifactEntry:
    """One file, or a reference: `digest` is base64 of MD5, `size` null where nobody knows it."""

    path: str
    size: int | None
    digest: str
    sha256: str | None
    ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactVersionDetail(ArtifactVersion):
    """One version with what is said of it, its files by path, and the runs that used it."""

    description: str | None
    metadata: dict[str, Any]
    ttl_s: float | None
    source: str | None
    files: list[ArtifactEntry]
    used_by: list[str]


@dataclass(frozen=True, slots=True)
class ArtifactEdge:
    """One run that made (`log`) or used (`use`) a version: `artifact` is `type/name:v3`."""

    run: str
    op: str
    artifact: str
    timestamp: str | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The edges around one version; `truncated` says that there are more beyond the depth."""

    start: str
    edges: list[ArtifactEdge]
    truncated: bool


def artifacts_state(root: Path, kind: str | None = None, name: str | None = None) -> str:
    """Return what changes when anything is said of artifacts, or of the one `kind` and `name`.

    Cost: two `stat` for each version, and reads none of them.
    """
    if kind is not None and name is not None:
        directories = [collection_dir(root, kind, name)]
    else:
        directories = [directory for _, _, directory in collections(root)]
    said = hashlib.blake2b(digest_size=16)
    for directory in directories:
        for _, path in version_dirs(directory):
            for document in ("metadata.json", "manifest.json"):
                said.update(f"{path.name} {_state_of(path / document)}\n".encode())
        said.update(f"{directory}\n".encode(errors="surrogateescape"))
    return said.hexdigest()


def lineage_state(root: Path) -> str:
    """Return what changes when a run says that it made or used a version.

    Cost: a directory scan of each run, and a `stat` for each segment of its events.
    """
    said = hashlib.blake2b(digest_size=16)
    for project, run_id, path in find_runs(root):
        ends = [f"{one.path.name} {_end_of(one.path)}" for one in run_segments(path, "events")]
        said.update("\n".join([project, run_id, *ends, ""]).encode(errors="surrogateescape"))
    return said.hexdigest()


def _end_of(segment: Path) -> int | None:
    try:
        return segment_size(segment)
    except OSError:
        return None  # it was removed meanwhile


def _state_of(document: Path) -> str:
    try:
        found = document.stat()
    except OSError:
        return "none"
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def list_artifacts(
    root: Path, *, kind: str | None = None, project: str | None = None
) -> list[ArtifactName]:
    """Return every artifact by type and name.

    Args:
        root: the data directory.
        kind: only of this type.
        project: only those with a version of this project, and only its versions.

    Cost: reads metadata and manifests of all versions.
    """
    found = []
    for its_kind, name, _ in collections(root):
        if kind not in {None, its_kind}:
            continue
        versions = [one for one in _living(root, its_kind, name) if project in {None, one.project}]
        if versions:
            found.append(_name_of(its_kind, name, versions))
    return found


def list_versions(root: Path, kind: str, name: str) -> list[ArtifactVersion]:
    """Return the versions of an artifact, the newest first.

    Raises:
        NotFoundError: there is no such artifact.
    """
    every = collection(root, kind, name)
    held = aliases_of(every)
    found = [ArtifactVersion(**_facts(one, held[one.number])) for one in every if not one.deleted]
    if not found:
        raise NotFoundError(_missing(kind, name))
    return found[::-1]


def show_version(root: Path, kind: str, name: str, version: str) -> ArtifactVersionDetail:
    """Return one version with its files and users.

    Raises:
        NotFoundError: there is no such version, or its manifest cannot be read.
    """
    one, aliases = _version(root, kind, name, version)
    told, source = one.told, one.told.get("source")
    entries = [
        ArtifactEntry(path, entry.size, entry.digest, entry.sha256, entry.ref)
        for path, entry in sorted(_manifest(one).entries.items())
    ]
    return ArtifactVersionDetail(
        **_facts(one, aliases),
        description=told.get("description"),
        metadata=dict(told.get("metadata") or {}),
        ttl_s=told.get("ttl_s"),
        source=f"{source['project']}/{source['name']}:{source['version']}" if source else None,
        files=entries,
        used_by=[run.address for run in users_of(root, one)],
    )


def files_dir(root: Path, kind: str, name: str, version: str) -> Path:
    """Return the directory that holds the files of a version.

    Raises:
        NotFoundError: there is no such version.
    """
    return _version(root, kind, name, version)[0].path / "files"


def lineage(root: Path, kind: str, name: str, version: str, *, depth: int) -> Lineage:
    """Return which runs made and used a version, what else they made and used, and so on.

    Args:
        root: the data directory.
        kind: the artifact's type.
        name: its name.
        version: `v3`, or an alias.
        depth: how many steps from it; a step leads from a version to a run, or back.

    Raises:
        NotFoundError: there is no such version.

    Cost: reads what all runs say of artifacts.
    """
    one, _ = _version(root, kind, name, version)
    edges, whole = graph(root, (kind, name, one.number), depth=depth)
    found = [
        ArtifactEdge(edge.run, edge.op, f"{edge.kind}/{edge.name}:v{edge.number}", edge.time)
        for edge in edges
    ]
    found.sort(key=lambda edge: (edge.timestamp or "", edge.run, edge.op, edge.artifact))
    return Lineage(f"{kind}/{name}:{one.label}", found, truncated=not whole)


def _version(root: Path, kind: str, name: str, version: str) -> tuple[Version, list[str]]:
    every = collection(root, kind, name)
    held = aliases_of(every)
    number = version_number(version)
    for one in reversed(every):
        named = one.number == number or (number is None and version in held[one.number])
        if named and not one.deleted:
            return one, held[one.number]
    raise NotFoundError(_missing(kind, f"{name}:{version}"))


def _living(root: Path, kind: str, name: str) -> list[Version]:
    return [one for one in collection(root, kind, name) if not one.deleted]


def _name_of(kind: str, name: str, versions: list[Version]) -> ArtifactName:
    """Return an artifact in short; of a damaged manifest nothing is counted as stored."""
    contents: dict[str, int] = {}
    for one in versions:
        try:
            entries = one.manifest().entries.values()
        except CommError:
            continue
        contents |= {e.sha256: e.size or 0 for e in entries if e.sha256}
    return ArtifactName(
        type=kind,
        name=name,
        projects=sorted({one.project for one in versions}),
        versions=len(versions),
        latest=versions[-1].label,
        size=sum(int(one.told.get("size") or 0) for one in versions),
        stored=sum(contents.values()),
        created_at=versions[0].told.get("created_at"),
        updated_at=versions[-1].told.get("updated_at"),
    )


def _facts(one: Version, aliases: list[str]) -> dict[str, Any]:
    run = one.told.get("run")
    return {
        "type": one.kind, "name": one.name, "version": one.label, "project": one.project,
        "aliases": aliases, "tags": list(one.told.get("tags") or ()), "digest": one.digest,
        "size": int(one.told.get("size") or 0), "file_count": int(one.told.get("file_count") or 0),
        "created_at": one.told.get("created_at"),
        "run": f"{run['project']}/{run['id']}" if isinstance(run, dict) else None,
    }  # fmt: skip


def _manifest(one: Version) -> ArtifactManifest:
    try:
        return one.manifest()
    except CommError as error:
        raise NotFoundError(str(error)) from None


def _missing(kind: str, name: str) -> str:
    return (
        f"There is no artifact {name!r} of type {kind!r}. `tracklab artifact ls`, or GET "
        "/api/artifacts, lists those of this directory."
    )
