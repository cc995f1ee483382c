"""Artifacts through the Api: which there are, and which a run made or used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.api.pages import Pages
from tracklab.api.paths import check_there
from tracklab.artifacts.artifact import Artifact, ArtifactCollection
from tracklab.artifacts.layout import collections
from tracklab.artifacts.lineage import EVENT
from tracklab.artifacts.names import parse_address, version_number
from tracklab.artifacts.versions import collection, find_version, living
from tracklab.errors import CommError, UsageError
from tracklab.records.encode import encode_object
from tracklab.sdk.current import default_entity
from tracklab.storage.notes import add_note
from tracklab.storage.streams import Tally, events, run_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracklab.artifacts.versions import Version
    from tracklab.query.addresses import Place

__all__ = [
    "ArtifactCollections",
    "ArtifactType",
    "ArtifactTypes",
    "Artifacts",
    "RunArtifacts",
    "declare",
    "find_artifact",
    "find_collections",
    "find_type",
    "list_types",
    "list_versions",
    "of_run",
]


class Artifacts(Pages[Artifact]):
    """Versions of one artifact, the newest first."""


class RunArtifacts(Pages[Artifact]):
    """Versions that a run made or used, in the order in which it said so."""


class ArtifactCollections(Pages[ArtifactCollection]):
    """Artifacts of one type, by name."""


class ArtifactType:
    """A type of artifacts.

    Args:
        root: the data directory.
        name: of the type.
        project: the project whose artifacts are meant, None for all.
    """

    def __init__(self, root: Path, name: str, project: str | None) -> None:
        self._root = root
        self.name = self.type = self.id = name
        self.project = project

    def collections(
        self,
        filters: Any = None,  # noqa: ARG002 - as wandb's
        order: str | None = None,  # noqa: ARG002 - as wandb's
        per_page: int = 50,
        start: str | None = None,  # noqa: ARG002 - as wandb's
    ) -> ArtifactCollections:
        """Return the artifacts of this type; all but `per_page` has no effect."""
        return find_collections(self._root, self.name, self.project, per_page=per_page)

    def collection(self, name: str) -> ArtifactCollection:
        """Return one of them.

        Raises:
            CommError: there is none of that name.
        """
        for found in self.collections():
            if found.name == name:
                return found
        raise CommError(
            f"There is no artifact {name!r} of type {self.name!r}. `tracklab artifact ls` lists "
            "all."
        )

    def __repr__(self) -> str:
        return f"<ArtifactType {self.name}>"


class ArtifactTypes(Pages[ArtifactType]):
    """Types of artifacts, by name."""


def find_artifact(root: Path, name: str, *, kind: str | None, project: str | None) -> Artifact:
    """Return the version that `name:alias`, with or without its project, means.

    Raises:
        CommError: there is none, or several are meant.
        UsageError: it is no name of an artifact.
    """
    address = parse_address(name, entities=[default_entity()])
    projects = {
        version.project for known, own, _ in collections(root) if own == address.name
        for version in living(root, known, own)
    }  # fmt: skip
    if address.project and address.project not in projects and "/" in address.project:
        shorter = address.project.partition("/")[2]  # what stands before it is a label
        address = address._replace(project=shorter if shorter in projects else address.project)
    return Artifact.of_version(root, find_version(root, address, kind=kind, project=project))


def list_types(root: Path, project: str | None, *, per_page: int = 50) -> ArtifactTypes:
    """Return the types of a project's artifacts, or of all."""

    def find() -> list[str]:
        return sorted({kind for kind, name, _ in collections(root)
                       if _living_in(root, kind, name, project)})  # fmt: skip

    return ArtifactTypes(find, lambda kind: ArtifactType(root, kind, project), per_page=per_page)


def find_type(root: Path, name: str, project: str | None) -> ArtifactType:
    """Return a type.

    Raises:
        CommError: no artifact has it.
    """
    if any(kind.name == name for kind in list_types(root, project)):
        return ArtifactType(root, name, project)
    raise CommError(f"No artifact has the type {name!r}. `tracklab artifact ls` lists all.")


def find_collections(
    root: Path, kind: str, project: str | None, *, per_page: int = 50
) -> ArtifactCollections:
    """Return the artifacts of a type."""

    def find() -> list[Version]:
        found = {}
        for known, name, _ in collections(root):
            for version in _living_in(root, known, name, project) if known == kind else ():
                found[version.name, version.project] = version
        return [found[key] for key in sorted(found)]

    return ArtifactCollections(
        find, lambda version: ArtifactCollection(root, version), per_page=per_page
    )


def list_versions(
    root: Path, kind: str, name: str, *, project: str | None, tags: Sequence[str], per_page: int
) -> Artifacts:
    """Return the versions of an artifact that have all of these tags, the newest first."""

    def find() -> list[Version]:
        place, _, own = name.rpartition("/")
        above = [part for part in (place, place.partition("/")[2]) if part]
        wanted: set[str | None] = {*above} or {project}
        own = own.partition(":")[0]
        found = [one for where in wanted for one in _living_in(root, kind, own, where)]
        return [one for one in reversed(found) if set(tags) <= set(one.told.get("tags") or ())]

    return Artifacts(find, lambda version: Artifact.of_version(root, version), per_page=per_page)


def of_run(root: Path, place: Place, op: str, *, per_page: int) -> RunArtifacts:
    """Return what a run logged (`log`) or used (`use`), each version once; deleted ones not."""

    def find() -> list[Version]:
        found = {}
        for told in _said(place):
            if told.get("op") == op:
                version = _version(root, told)
                if version is not None and not version.deleted:
                    found[version.path] = version
        return list(found.values())

    return RunArtifacts(find, lambda one: Artifact.of_version(root, one), per_page=per_page)


def declare(place: Place, op: str, artifact: Artifact) -> Artifact:
    """Say in a run's events that it made (`log`) or used (`use`) a version.

    Raises:
        RunNotFoundError: the run has been deleted.
        UsageError: it is no artifact, or a draft.
        OSError: the data directory cannot be written.
    """
    check_there(place)
    if not isinstance(artifact, Artifact) or artifact.is_draft():
        raise UsageError(
            f"Only a version can be declared; got {artifact!r}. Log it first: "
            "run.log_artifact(artifact) of the run that init() returns."
        )
    data = {
        "op": op, "name": artifact.collection.name, "type": artifact.type,
        "version": artifact.version, "project": artifact.project, "digest": artifact.digest,
        "aliases": artifact.aliases, "size": artifact.size, "file_count": artifact.file_count,
    }  # fmt: skip
    add_note(
        place.path, project=place.project, logger=EVENT, message="artifact",
        data=encode_object(data),
    )  # fmt: skip
    return artifact


def _living_in(root: Path, kind: str, name: str, project: str | None) -> list[Version]:
    return [one for one in living(root, kind, name) if project in {None, one.project}]


def _said(place: Place) -> Iterator[dict[str, Any]]:
    told = [
        record
        for segment in run_segments(place.path, "events")
        for _, record in events(segment, Tally(), holding=(EVENT.encode(),))
        if record["logger"] == EVENT
    ]
    told.sort(key=lambda record: record["timestamp"] or "")
    for record in told:
        yield record["data"]


def _version(root: Path, told: dict[str, Any]) -> Version | None:
    number = version_number(str(told.get("version")))
    kind, name = str(told.get("type")), str(told.get("name"))
    known = {one.number: one for one in collection(root, kind, name)}
    return known.get(number) if number is not None else None
