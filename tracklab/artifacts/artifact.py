"""`Artifact`: a set of files with a name, first a draft, then a version that never changes.

It is put together from the parts of its life: `draft` is what goes in, `known` what it is, `saying`
what is said of it, `committing` how it becomes a version, `taking` how its files come out; here
are its links and its lineage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.committing import Committing
from tracklab.artifacts.exceptions import logged
from tracklab.artifacts.layout import collections
from tracklab.artifacts.lineage import producer_of, users_of
from tracklab.artifacts.names import check_aliases, check_name, parse_address
from tracklab.artifacts.taking import ArtifactFile, Taking
from tracklab.artifacts.versions import aliases_of, collection, living
from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.artifacts.lineage import ArtifactRun
    from tracklab.artifacts.versions import Version

__all__ = ["Artifact", "ArtifactCollection"]

_REGISTRY: Final = "model-registry"


class ArtifactCollection:
    """All versions of one name in one project.

    Attributes:
        name: the artifact's name.
        type: its type.
        project: the project.
    """

    def __init__(self, root: Path, version: Version) -> None:
        self._root = root
        self.name, self.type, self.project = version.name, version.kind, version.project

    @property
    def aliases(self) -> list[str]:
        """Every alias that a version has."""
        held = aliases_of(collection(self._root, self.type, self.name))
        return sorted({alias for one in self._versions() for alias in held[one.number]})

    def artifacts(self) -> list[Artifact]:
        """Return its versions, the newest first."""
        return [Artifact.of_version(self._root, one) for one in reversed(self._versions())]

    def _versions(self) -> list[Version]:
        found = living(self._root, self.type, self.name)
        return [version for version in found if version.project == self.project]


class Artifact(Taking, Committing):
    """A dataset, a model, any set of files that belongs together.

    Args:
        name: letters, digits, `.`, `_` and `-`, at most 128.
        type: what it is, such as `dataset` or `model`.
        description: a text about it.
        metadata: a dict about it.
        incremental: begin with what the newest version holds when it is logged.
        use_as: no effect.
        storage_region: no effect.
        digest_algorithm: `MD5`.

    Raises:
        UsageError: the name or type cannot be used.
        ArgumentTypeError: the metadata are no dict, or not for JSON.
    """

    @property
    @logged
    def collection(self) -> ArtifactCollection:
        """All versions of its name in its project."""
        return ArtifactCollection(self._place, self._known)

    # --- links and lineage

    @logged
    def link(self, target_path: str, aliases: Iterable[str] | None = None) -> Artifact:
        """Let another collection hold this version, under a number of its own there.

        Args:
            target_path: `collection`, `project/collection` or `entity/project/collection`; without
                a project it is the collection of `model-registry`.
            aliases: what it is called there.

        Raises:
            UsageError: the path cannot be used.
            OSError: it cannot be written.
        """
        address = parse_address(target_path, entities=[self.entity])
        made = self.new_draft()
        made._name = check_name(address.name)  # noqa: SLF001 - its own
        source = {"project": self.project, "name": self._name, "version": self.version}
        made.commit(
            self._place, project=address.project or _REGISTRY, aliases=check_aliases(aliases),
            facts={"entity": self.entity, "source": source}, file_mode=self._mode,
        )  # fmt: skip
        return made

    @logged
    def unlink(self) -> None:
        """Take this version out of the collection that it was linked to.

        Raises:
            UsageError: it is no link.
        """
        if not self.is_link:
            raise UsageError(
                f"Artifact.unlink() needs a linked version; {self.name} is a source. Take what "
                "link() returned."
            )
        self.delete(delete_aliases=True)

    @property
    def is_link(self) -> bool:
        """Whether it was linked from another collection."""
        return self._version is not None and bool(self._version.told.get("source"))

    @property
    @logged
    def linked_at(self) -> str | None:
        """When it was linked, RFC 3339; None if it is no link."""
        return self.created_at if self.is_link else None

    @property
    @logged
    def linked_artifacts(self) -> list[Artifact]:
        """The versions of other collections that were linked from this one."""
        here = {"project": self.project, "name": self._name, "version": self.version}
        found = (
            one
            for kind, name, _ in collections(self._place)
            for one in living(self._place, kind, name)
        )
        return [self.of_version(self._place, v) for v in found if v.told.get("source") == here]

    @property
    @logged
    def source_artifact(self) -> Artifact:
        """What it was linked from; itself if it is no link."""
        told = self._known.told.get("source") or {}
        number = int(str(told.get("version", "v-1"))[1:])
        found = [v for v in self._all(str(told.get("name"))) if v.number == number]
        return self.of_version(self._place, found[0]) if found else self

    def _all(self, name: str) -> list[Version]:
        return collection(self._place, self._type, name)

    @property
    def source_name(self) -> str:
        """The name of what it was linked from."""
        return self.source_artifact.name if self._version else self._name

    @property
    @logged
    def source_project(self) -> str:
        """The project of what it was linked from."""
        return self.source_artifact.project

    @property
    @logged
    def source_entity(self) -> str:
        """The entity of what it was linked from."""
        return self.source_artifact.entity

    @property
    @logged
    def source_version(self) -> str:
        """The version of what it was linked from."""
        return self.source_artifact.version

    @property
    @logged
    def source_collection(self) -> ArtifactCollection:
        """The collection of what it was linked from."""
        return self.source_artifact.collection

    @property
    @logged
    def source_qualified_name(self) -> str:
        """The whole name of what it was linked from."""
        return self.source_artifact.qualified_name

    @logged
    def logged_by(self) -> ArtifactRun | None:
        """Return the run that logged it first; None if no run did."""
        return producer_of(self._known)

    @logged
    def used_by(self) -> list[ArtifactRun]:
        """Return the runs that used it. Cost: reads what runs say of artifacts."""
        return users_of(self._place, self._known)

    @logged
    def json_encode(self) -> dict[str, Any]:
        """Return what stands for it in a configuration."""
        return {
            "_type": "artifactVersion", "_version": "v0", "id": self.id, "version": self.version,
            "sequenceName": self._name, "usedAs": self._use_as,
        }  # fmt: skip

    @logged
    def files(
        self, names: list[str] | None = None, per_page: int = 50, start: str | None = None
    ) -> list[ArtifactFile]:  # fmt: skip
        """Return its files by path.

        Args:
            names: only these.
            per_page: no effect: all are returned.
            start: only files below this path.
        """
        del per_page
        return [
            ArtifactFile(self, entry)
            for path, entry in sorted(self._entries.entries.items())
            if (names is None or path in names) and path.startswith(start or "")
        ]

    def __repr__(self) -> str:
        return f"<Artifact {self.qualified_name if self._version else self._name}>"

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, obj: Any) -> None:
        self.add(obj, name)
