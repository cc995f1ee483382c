"""What an artifact is, as a draft and as a version: names, numbers, times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracklab.artifacts.draft import Draft
from tracklab.artifacts.exceptions import logged
from tracklab.artifacts.states import ArtifactState
from tracklab.artifacts.versions import Version, aliases_of, collection
from tracklab.settings import data_root

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from tracklab.artifacts.manifest import ArtifactManifest

__all__ = ["Known"]


class Known(Draft):
    """The part of an artifact that says what it is."""

    _root: Path | None = None
    _ttl_s: float | None = None
    _failure: Exception | None = None
    _mode = 0o600

    @classmethod
    def of_version(cls, root: Path, version: Version) -> Self:
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
    @logged
    def version(self) -> str:
        """`v0`, `v1`, ..."""
        return self._known.label

    @property
    @logged
    def entity(self) -> str:
        """Whose run logged it: a label."""
        return str(self._known.told.get("entity") or "")

    @property
    @logged
    def project(self) -> str:
        """The project that it was logged to."""
        return self._known.project

    @property
    @logged
    def qualified_name(self) -> str:
        """`entity/project/name:v3`."""
        return "/".join(filter(None, (self.entity, self.project, self.name)))

    @property
    @logged
    def created_at(self) -> str:
        """When it was logged, RFC 3339 in UTC."""
        return str(self._known.told.get("created_at"))

    @property
    @logged
    def updated_at(self) -> str:
        """When something was said of it last, RFC 3339 in UTC."""
        return str(self._known.told.get("updated_at"))

    @property
    @logged
    def file_count(self) -> int:
        """How many entries it has."""
        return len(self._entries)

    @property
    @logged
    def commit_hash(self) -> str:
        """The digest, under another name that programs ask for."""
        return self._known.digest

    @property
    @logged
    def history_step(self) -> int | None:
        """The step that its run had reached; None if it had none."""
        step = self._known.told.get("history_step")
        return step if isinstance(step, int) else None

    @property
    @logged
    def url(self) -> str:
        """The address of its directory."""
        return self._known.path.as_uri()

    @property
    def _known(self) -> Version:
        assert self._version is not None
        return self._version

    @property
    def _place(self) -> Path:
        return self._root or data_root()
