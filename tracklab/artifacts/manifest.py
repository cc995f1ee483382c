"""What an artifact holds: one entry for each file, and one digest over all of them.

Digests are wandb's, so that a tree has the same digest here and there: MD5 as base64 for a file,
MD5 as hex over `path:digest` lines for the whole. MD5 tells trees apart, it proves nothing; what
the pool stores and `verify` compares is the SHA-256 beside it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracklab.artifacts.artifact import Artifact

__all__ = ["ArtifactManifest", "ArtifactManifestEntry", "inner_path"]

_HEAD: Final = b"wandb-artifact-manifest-v1\n"
#: What a file system takes. Source: NAME_MAX and PATH_MAX of limits.h(0p).
_NAME_MOST_BYTES: Final = 255
_PATH_MOST_BYTES: Final = 4_096


def inner_path(path: str | os.PathLike[str]) -> str:
    """Return a path inside an artifact in its one spelling: names with `/` between them.

    Raises:
        UsageError: it is absolute, leads out, names nothing, or no file system takes it.
    """
    text = os.fspath(path)
    parts = PurePosixPath(text).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in text:
        raise UsageError(
            f"Invalid artifact path: {text!r}. It is relative and stays inside, such as "
            "'data/train.csv'."
        )
    if not _fits(parts):
        raise UsageError(
            f"Invalid artifact path: {text[:_NAME_MOST_BYTES]!r}. A file system takes names of "
            f"{_NAME_MOST_BYTES} bytes and paths of {_PATH_MOST_BYTES}, and no half characters. "
            "Choose a shorter one with name=."
        )
    return "/".join(parts)


def _fits(parts: Sequence[str]) -> bool:
    """Return whether a file system takes these names, and the path of them."""
    try:
        sizes = [len(os.fsencode(part)) for part in parts]
    except UnicodeEncodeError:
        return False
    return max(sizes) <= _NAME_MOST_BYTES and sum(sizes) + len(sizes) <= _PATH_MOST_BYTES


@dataclass(eq=False)
class ArtifactManifestEntry:
    """One file of an artifact, or a reference to something elsewhere.

    Attributes:
        path: where it lies in the artifact.
        digest: MD5 of the content as base64; of a reference its etag or address.
        size: bytes; None for a reference whose size nobody asked for.
        ref: the address of a reference; None for a file.
        sha256: of the content in hex: its name in the pool; None for a reference.
        extra: what else a reference's keeper said.
        local_path: where the content lies now, before the artifact is logged.
        skip_cache: no effect: there is no cache beside the pool.
        birth_artifact_id: no effect.
    """

    path: str
    digest: str = ""
    size: int | None = None
    ref: str | None = None
    sha256: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    local_path: str | None = None
    skip_cache: bool = False
    birth_artifact_id: str | None = None
    _of: Artifact | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return what the manifest's file says of it."""
        told = {
            "digest": self.digest, "size": self.size, "sha256": self.sha256, "ref": self.ref,
            "extra": self.extra or None,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_json(cls, path: str, told: Mapping[str, Any]) -> ArtifactManifestEntry:
        """Return an entry as a manifest's file tells it.

        Raises:
            UsageError: the path leads out of the artifact.
        """
        return cls(
            path=inner_path(path), digest=str(told.get("digest", "")), size=told.get("size"),
            ref=told.get("ref"), sha256=told.get("sha256"), extra=told.get("extra") or {},
        )  # fmt: skip

    def download(
        self,
        root: str | None = None,
        skip_cache: bool | None = None,  # noqa: ARG002, FBT001 - the same call
        executor: Any = None,  # noqa: ARG002 - as above
    ) -> str:
        """Copy the file out of its version and return where it lies.

        Args:
            root: the directory to put it into; None for the artifact's usual one.
            skip_cache: no effect.
            executor: no effect.

        Raises:
            UsageError: the entry belongs to no version.
        """
        artifact = self._parent()
        place = Path(root) if root is not None else artifact.usual_place()
        return str(artifact.copy_out(self, place))

    def ref_target(self) -> str:
        """Return the address of a reference.

        Raises:
            UsageError: it is a file.
        """
        if self.ref is None:
            raise UsageError(
                f"Only reference entries support ref_target(); {self.path!r} is a file. "
                "Call download()."
            )
        return self.ref

    def ref_url(self) -> str:
        """Return an address of this entry that other artifacts can refer to.

        Raises:
            UsageError: it belongs to no version.
        """
        return f"tracklab-artifact://{self._parent().qualified_name}/{self.path}"

    def parent_artifact(self) -> Artifact:
        """Return the artifact that this is an entry of.

        Raises:
            UsageError: it belongs to no version.
        """
        return self._parent()

    def _parent(self) -> Artifact:
        if self._of is None:
            raise UsageError(
                f"The entry {self.path!r} belongs to no logged artifact. Log it first, then take "
                "it from artifact.get_entry()."
            )
        return self._of


class ArtifactManifest:
    """The entries of an artifact by path.

    Attributes:
        entries: each entry under its path.
    """

    def __init__(self, entries: Mapping[str, ArtifactManifestEntry] | None = None) -> None:
        self.entries: dict[str, ArtifactManifestEntry] = dict(entries or {})
        self._folders: Counter[str] | None = None  # how many entries lie below each; None: unknown

    @classmethod
    def from_manifest_json(cls, told: Mapping[str, Any]) -> ArtifactManifest:
        """Return the manifest that `to_manifest_json` told."""
        found = (
            ArtifactManifestEntry.from_json(path, one) for path, one in told["contents"].items()
        )
        return cls({entry.path: entry for entry in found})

    def to_manifest_json(self) -> dict[str, Any]:
        """Return it as JSON: entries in the order of their paths."""
        contents = {path: self.entries[path].to_json() for path in sorted(self.entries)}
        return {"version": 1, "contents": contents}

    def digest(self) -> str:
        """Return the digest over all entries.

        Source: wandb's `wandb-artifact-manifest-v1`.
        """
        found = hashlib.md5(_HEAD, usedforsecurity=False)
        for path in sorted(self.entries):
            line = f"{path}:{self.entries[path].digest}\n"
            found.update(line.encode(errors="surrogateescape"))
        return found.hexdigest()

    def size(self) -> int:
        """Return the bytes of all entries; a reference of unknown size counts nothing."""
        return sum(entry.size or 0 for entry in self.entries.values())

    def add_entry(self, entry: ArtifactManifestEntry, overwrite: bool = False) -> None:  # noqa: FBT001, FBT002 - as wandb's
        """Take an entry in.

        Raises:
            UsageError: there is one of this path with another content, or the path is that of a
                file and of a directory.
        """
        self.refuse_clash(entry.path)
        old = self.entries.get(entry.path)
        if old is not None and old.digest != entry.digest and not overwrite:
            raise UsageError(
                f"Cannot add the same path twice: {entry.path!r}. Give another name, or "
                "overwrite=True."
            )
        if old is None:
            self._below.update(_folders_of(entry.path))
        self.entries[entry.path] = entry

    def remove_entry(self, entry: ArtifactManifestEntry) -> None:
        """Take an entry out."""
        del self.entries[entry.path]
        self._below.subtract(_folders_of(entry.path))

    def refuse_clash(self, path: str) -> None:
        """Refuse a path that would be a file and a directory.

        Raises:
            UsageError: it is a directory of other entries, or lies below one that is a file.
        """
        files = [above for above in _folders_of(path) if above in self.entries]
        if files or self._below[path] > 0:
            raise UsageError(
                f"Cannot add the path {path!r}: {(files or [path])[0]!r} would be a file and a "
                "directory. Give another name, or remove() the other one first."
            )

    @property
    def _below(self) -> Counter[str]:
        if self._folders is None:
            self._folders = Counter(above for path in self.entries for above in _folders_of(path))
        return self._folders

    def get_entry_by_path(self, path: str) -> ArtifactManifestEntry | None:
        """Return the entry of this path, or None."""
        return self.entries.get(path)

    def get_entries_in_directory(self, directory: str) -> Sequence[ArtifactManifestEntry]:
        """Return the entries below a directory."""
        return [e for p, e in self.entries.items() if p.startswith(f"{directory.rstrip('/')}/")]

    def __len__(self) -> int:
        return len(self.entries)


def _folders_of(path: str) -> list[str]:
    """Return every directory above a path: `a` and `a/b` of `a/b/c`."""
    return [path[:at] for at, sign in enumerate(path) if sign == "/"]
