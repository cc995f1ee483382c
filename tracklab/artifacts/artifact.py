"""`Artifact`: a set of files with a name, first a draft, then a version that never changes.

What is said about a version (aliases, tags, metadata, description, time to live) may change; it
is written when it is set, and by `save()` where a list or dict was changed in place.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracklab import clock
from tracklab.artifacts.draft import Draft
from tracklab.artifacts.exceptions import ArtifactNotLoggedError
from tracklab.artifacts.layout import collections
from tracklab.artifacts.lineage import producer_of, users_of
from tracklab.artifacts.manifest import ArtifactManifest
from tracklab.artifacts.names import (
    check_aliases,
    check_metadata,
    check_name,
    check_tags,
    parse_address,
)
from tracklab.artifacts.states import ArtifactState, ArtifactTTL
from tracklab.artifacts.store import change, claims, commit, delete
from tracklab.artifacts.taking import ArtifactFile, Taking
from tracklab.artifacts.versions import Version, aliases_of, collection, living
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.settings import data_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from typing_extensions import Self

    from tracklab.artifacts.lineage import ArtifactRun

__all__ = ["Artifact", "ArtifactCollection"]

_T = TypeVar("_T")
_LATEST: Final = "latest"
#: A thousand years: what is over later than that has no date.
_TTL_MOST: Final = timedelta(days=365_250)
_REGISTRY: Final = "model-registry"


def _logged(function: Callable[..., _T]) -> Callable[..., _T]:
    """Refuse a draft: only a version knows the answer."""
    name = function.__name__

    @wraps(function)
    def asked(self: Artifact, *args: Any, **options: Any) -> _T:
        if self._version is None:
            raise ArtifactNotLoggedError(
                f"'Artifact.{name}' used prior to logging artifact. Log it first, with "
                "run.log_artifact(artifact).",
                name=name, obj=self,
            )  # fmt: skip
        return function(self, *args, **options)

    return asked


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


class Artifact(Taking, Draft):
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

    _root: Path | None = None
    _ttl_s: float | None = None
    _failure: Exception | None = None
    _mode = 0o600

    @classmethod
    def of_version(cls, root: Path, version: Version) -> Artifact:
        """Return the artifact for a version on disk."""
        made = cls(version.name, version.kind)
        made._become(root, version)
        return made

    def _become(self, root: Path, version: Version) -> None:
        told = version.told
        self._root, self._version, self._manifest, self._final = root, version, None, True
        self._name, self._type, self._failure = version.name, version.kind, None
        self._description, self._use_as = told.get("description"), told.get("use_as")
        self._metadata = dict(told.get("metadata") or {})
        self._tags = list(told.get("tags") or ())
        ttl = told.get("ttl_s")
        self._ttl_s = ttl if isinstance(ttl, int | float) else None
        every = collection(root, version.kind, version.name)
        self._aliases = aliases_of(every).get(version.number, [])

    def commit(
        self,
        root: Path,
        *,
        project: str,
        facts: dict[str, Any],
        aliases: Iterable[str] = (),
        tags: Iterable[str] = (),
        file_mode: int = 0o600,
    ) -> bool:
        """Make a version of the draft, in a data directory; return whether it is a new one.

        Args:
            root: the data directory.
            project: the project that it is logged to.
            facts: what else its metadata say: who logged it, and when in the run.
            aliases: beside `latest`.
            tags: labels.
            file_mode: permission bits.

        Raises:
            OSError: it cannot be written; it is still a draft then.
        """
        self.refuse_lost()
        manifest = self._whole(root, project) if self._incremental else self._entries
        told = {
            "id": secrets.token_hex(8), "type": self._type, "name": self._name,
            "project": project, "description": self._description, "metadata": self._metadata,
            "tags": list(tags), "use_as": self._use_as, "ttl_s": self._ttl_s, **facts,
        }  # fmt: skip
        version, new = commit(
            root, self._type, self._name, manifest=manifest, told=told, now=_now(),
            aliases=[alias for alias in aliases if alias != _LATEST], file_mode=file_mode,
        )  # fmt: skip
        self._mode = file_mode
        self._become(root, version)
        return new

    def _whole(self, root: Path, project: str) -> ArtifactManifest:
        own = [v for v in living(root, self._type, self._name) if v.project == project]
        whole = ArtifactManifest(own[-1].manifest().entries if own else {})
        for entry in self._entries.entries.values():
            whole.add_entry(entry, overwrite=True)
        return whole

    # --- what it is

    @property
    def name(self) -> str:
        """Its name; that of a version ends in `:v3`."""
        return f"{self._name}:{self._version.label}" if self._version else self._name

    @property
    def type(self) -> str:
        """What it is: `dataset`, `model`, ..."""
        return self._type

    @property
    def manifest(self) -> ArtifactManifest:
        """Its entries."""
        return self._entries

    @property
    def digest(self) -> str:
        """What tells its content from another; the same as wandb's."""
        return self._version.digest if self._version else self._entries.digest()

    @property
    def digest_algorithm(self) -> str:
        """How the digest is made."""
        return "MANIFEST_MD5"

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return self._entries.size()

    @property
    def state(self) -> str:
        """`PENDING` for a draft, then `COMMITTED`, and `DELETED`."""
        if self._version is None:
            return ArtifactState.PENDING.value
        return str(self._version.told.get("state", ArtifactState.COMMITTED.value))

    def is_draft(self) -> bool:
        """Return whether it has not been logged yet."""
        return self._version is None

    @property
    def id(self) -> str | None:
        """A name for this version that nothing else has; None for a draft."""
        return str(self._version.told.get("id")) if self._version else None

    @property
    def incremental(self) -> bool:
        """Whether it begins with what the newest version holds."""
        return self._incremental

    @property
    def use_as(self) -> str | None:
        """What was given as `use_as`."""
        return self._use_as

    @property
    @_logged
    def version(self) -> str:
        """`v0`, `v1`, ..."""
        return self._known.label

    @property
    @_logged
    def entity(self) -> str:
        """Whose run logged it: a label."""
        return str(self._known.told.get("entity") or "")

    @property
    @_logged
    def project(self) -> str:
        """The project that it was logged to."""
        return self._known.project

    @property
    @_logged
    def qualified_name(self) -> str:
        """`entity/project/name:v3`."""
        return "/".join(filter(None, (self.entity, self.project, self.name)))

    @property
    @_logged
    def collection(self) -> ArtifactCollection:
        """All versions of its name in its project."""
        return ArtifactCollection(self._place, self._known)

    @property
    @_logged
    def created_at(self) -> str:
        """When it was logged, RFC 3339 in UTC."""
        return str(self._known.told.get("created_at"))

    @property
    @_logged
    def updated_at(self) -> str:
        """When something was said of it last, RFC 3339 in UTC."""
        return str(self._known.told.get("updated_at"))

    @property
    @_logged
    def file_count(self) -> int:
        """How many entries it has."""
        return len(self._entries)

    @property
    @_logged
    def commit_hash(self) -> str:
        """The digest, under another name that programs ask for."""
        return self._known.digest

    @property
    @_logged
    def history_step(self) -> int | None:
        """The step that its run had reached; None if it had none."""
        step = self._known.told.get("history_step")
        return step if isinstance(step, int) else None

    @property
    @_logged
    def url(self) -> str:
        """The address of its directory."""
        return self._known.path.as_uri()

    # --- what is said of it

    @property
    def description(self) -> str | None:
        """A text about it; can be set."""
        return self._description

    @description.setter
    def description(self, description: str | None) -> None:
        self._description = description
        self._tell()

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict about it; can be set. Call `save()` after a change in place."""
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: dict[str, Any]) -> None:
        self._metadata = check_metadata(metadata)
        self._tell()

    @property
    @_logged
    def aliases(self) -> list[str]:
        """What it is called beside its version; can be set."""
        return self._aliases

    @aliases.setter
    @_logged
    def aliases(self, aliases: str | Sequence[str]) -> None:
        before, self._aliases = self._aliases, check_aliases(aliases)
        try:
            self._tell()
        except OSError:
            self._aliases = before
            raise

    @property
    @_logged
    def tags(self) -> list[str]:
        """Labels; can be set."""
        return self._tags

    @tags.setter
    @_logged
    def tags(self, tags: str | Sequence[str]) -> None:
        self._tags = check_tags(tags)
        self._tell()

    @property
    @_logged
    def ttl(self) -> timedelta | None:
        """How long it lives from its creation; None for ever. `tracklab artifact gc` ends it."""
        return None if self._ttl_s is None else timedelta(seconds=self._ttl_s)

    @ttl.setter
    def ttl(self, ttl: timedelta | ArtifactTTL | None) -> None:
        if ttl is not None and not isinstance(ttl, timedelta | ArtifactTTL):
            raise ArgumentTypeError(
                f"Artifact.ttl takes a timedelta or None; got {ttl!r}. Write timedelta(days=30)."
            )
        if isinstance(ttl, timedelta) and not timedelta(0) < ttl <= _TTL_MOST:
            raise UsageError(
                f"Artifact.ttl is positive and at most {_TTL_MOST.days} days; got {ttl!r}. Write "
                "timedelta(days=30), or None for ever."
            )
        self._ttl_s = ttl.total_seconds() if isinstance(ttl, timedelta) else None
        self._tell()

    def save(self, project: str | None = None, settings: Any = None) -> None:  # noqa: ARG002 - the same call
        """Write what was changed in place: metadata, aliases, tags.

        Raises:
            ArtifactNotLoggedError: it is a draft; log it with a run.
        """
        if self._version is None:
            raise ArtifactNotLoggedError(
                "Artifact.save() of a draft needs a run. Write run.log_artifact(artifact).",
                name="save", obj=self,
            )  # fmt: skip
        self._tell()

    def _tell(self) -> None:
        if self._version is None:
            return
        metadata, tags = check_metadata(self._metadata), check_tags(self._tags)
        wanted = [alias for alias in check_aliases(self._aliases) if alias != _LATEST]

        def edit(record: dict[str, Any], versions: list[Version]) -> None:
            record.update(
                metadata=metadata, tags=tags, description=self._description, ttl_s=self._ttl_s
            )
            held = set(aliases_of(versions).get(self._known.number, ())) - {_LATEST}
            if held != set(wanted):
                record["aliases"] = {
                    **record["aliases"], **claims(versions, dict.fromkeys(held), wanted)
                }  # fmt: skip

        self._become(
            self._place, change(self._place, self._version, edit, now=_now(), file_mode=self._mode)
        )

    # --- its life

    def wait(self, timeout: int | None = None) -> Self:  # noqa: ARG002 - nothing is waited for
        """Return the artifact: what was logged is complete when logging returns.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            StorageError: it was logged, and the disk did not take it.
        """
        if self._failure is not None:
            raise self._failure
        return self._self()

    @_logged
    def _self(self) -> Self:
        return self

    def fail(self, failure: Exception) -> None:
        """Say why it could not be logged; `wait()` raises that until it was."""
        self._failure = failure

    @_logged
    def delete(self, delete_aliases: bool = False) -> None:  # noqa: FBT001, FBT002 - wandb's call
        """Delete the version; its number is never given again.

        Args:
            delete_aliases: also if it is called something beside `latest`.

        Raises:
            UsageError: it has aliases.
        """
        named = [alias for alias in self._aliases if alias != _LATEST]
        if named and not delete_aliases:
            raise UsageError(
                f"{self.name} is still called {', '.join(named)}. Pass delete_aliases=True to "
                "delete it nevertheless."
            )
        self._version = delete(self._place, self._known, now=_now(), file_mode=self._mode)

    @_logged
    def new_draft(self) -> Artifact:
        """Return a draft with the same files, description and metadata."""
        made = Artifact(self._name, self._type, self._description, dict(self._metadata))
        made._manifest = ArtifactManifest(self._entries.entries)
        return made

    # --- links and lineage

    @_logged
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

    @_logged
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
    @_logged
    def linked_at(self) -> str | None:
        """When it was linked, RFC 3339; None if it is no link."""
        return self.created_at if self.is_link else None

    @property
    @_logged
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
    @_logged
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
    @_logged
    def source_project(self) -> str:
        """The project of what it was linked from."""
        return self.source_artifact.project

    @property
    @_logged
    def source_entity(self) -> str:
        """The entity of what it was linked from."""
        return self.source_artifact.entity

    @property
    @_logged
    def source_version(self) -> str:
        """The version of what it was linked from."""
        return self.source_artifact.version

    @property
    @_logged
    def source_collection(self) -> ArtifactCollection:
        """The collection of what it was linked from."""
        return self.source_artifact.collection

    @property
    @_logged
    def source_qualified_name(self) -> str:
        """The whole name of what it was linked from."""
        return self.source_artifact.qualified_name

    @_logged
    def logged_by(self) -> ArtifactRun | None:
        """Return the run that logged it first; None if no run did."""
        return producer_of(self._known)

    @_logged
    def used_by(self) -> list[ArtifactRun]:
        """Return the runs that used it. Cost: reads what runs say of artifacts."""
        return users_of(self._place, self._known)

    @_logged
    def json_encode(self) -> dict[str, Any]:
        """Return what stands for it in a configuration."""
        return {
            "_type": "artifactVersion", "_version": "v0", "id": self.id, "version": self.version,
            "sequenceName": self._name, "usedAs": self._use_as,
        }  # fmt: skip

    @_logged
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

    @property
    def _known(self) -> Version:
        assert self._version is not None
        return self._version

    @property
    def _place(self) -> Path:
        return self._root or data_root()


def _now() -> str:
    return clock.rfc3339(clock.now())
