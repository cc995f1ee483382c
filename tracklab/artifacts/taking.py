"""Getting files out of a version: copies of one's own, checked against what was logged."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from tracklab.artifacts.copying import digests_of, hand_out
from tracklab.artifacts.exceptions import logged
from tracklab.artifacts.known import Known
from tracklab.artifacts.manifest import ArtifactManifestEntry, inner_path
from tracklab.artifacts.names import parse_address
from tracklab.artifacts.references import fetch_reference
from tracklab.artifacts.versions import find_version
from tracklab.errors import CommError, TrackLabError, UsageError
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from tracklab.artifacts.artifact import Artifact

__all__ = ["ArtifactFile", "Taking"]

_OURS: Final = "tracklab-artifact://"


class ArtifactFile:
    """One file of a logged artifact.

    Attributes:
        name: its path in the artifact.
        size: bytes; 0 if nobody knows.
        digest: MD5 of its content as base64.
    """

    def __init__(self, artifact: Artifact, entry: ArtifactManifestEntry) -> None:
        self._artifact, self._entry = artifact, entry
        self.name, self.size, self.digest = entry.path, entry.size or 0, entry.digest

    @property
    def md5(self) -> str:
        """The digest."""
        return self.digest

    @cached_property
    def path(self) -> str:
        """Where it lies in the version; not to be written to."""
        return str(self._artifact.stored(self._entry))

    def download(
        self,
        root: str | os.PathLike[str] = ".",
        replace: bool = False,  # noqa: FBT001, FBT002 - wandb's call
        exist_ok: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> Any:
        """Copy it below `root` and return it open for reading as text.

        Raises:
            UsageError: there is a file of that name, and neither `replace` nor `exist_ok`.
        """
        target = Path(root) / self.name
        if target.exists() and not (replace or exist_ok):
            raise UsageError(
                "File already exists, pass replace=True to overwrite or exist_ok=True to leave it "
                f"as is. {target}"
            )
        if replace or not target.exists():
            self._artifact.copy_out(self._entry, Path(root))
        return target.open(encoding="utf-8", errors="surrogateescape")

    def __repr__(self) -> str:
        return f"<ArtifactFile {self.name} ({self.size} bytes)>"


class Taking(Known):
    """The part of an artifact that gives its files back."""

    @logged
    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,  # noqa: FBT001, FBT002 - as above
        skip_cache: bool | None = None,  # noqa: ARG002, FBT001 - as above
        path_prefix: str | os.PathLike[str] | None = None,
        multipart: bool | None = None,  # noqa: ARG002, FBT001 - as above
    ) -> str:
        """Copy its files into a directory and return that.

        What is written to the copies changes no version. Files that lie there already with the
        same content stay; other files of the directory are left alone.

        Args:
            root: the directory; None for `TRACKLAB_ARTIFACT_DIR`, else `./artifacts`, and in it
                `name:v3`.
            allow_missing_references: leave out references that cannot be had.
            skip_cache: no effect.
            path_prefix: only files below this path.
            multipart: no effect.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            UsageError: a reference has changed.
            CommError: a content is missing, or another than was logged.
        """
        place = Path(root) if root is not None else self.usual_place()
        place.mkdir(parents=True, exist_ok=True)
        prefix = os.fspath(path_prefix or "")
        for path, entry in sorted(self._entries.entries.items()):
            if path.startswith(prefix):
                try:
                    self.copy_out(entry, place)
                except (OSError, TrackLabError) as error:
                    if entry.ref is None or not allow_missing_references:
                        raise
                    say(f"the reference {path!r} is left out ({error})")
        return str(place)

    @logged
    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a directory hold its files and nothing else, and return that.

        Args:
            root: the directory; None for `./artifacts/name`. What else is in it is deleted.

        Raises:
            ArtifactNotLoggedError: it is a draft.
        """
        wanted = self._entries.entries
        place = Path(root) if root is not None else _artifacts_dir() / self._name
        for directory, _, names in os.walk(place):
            for name in names:
                path = Path(directory, name)
                if path.relative_to(place).as_posix() not in wanted:
                    path.unlink()
        return self.download(place)

    @logged
    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Compare a directory with what was logged; references are not looked at.

        Args:
            root: the directory; None for where `download()` puts it.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            UsageError: a file is missing, too much, or has another content.
        """
        entries = self._entries.entries
        place = Path(root) if root is not None else self.usual_place()
        found = {
            Path(directory, name).relative_to(place).as_posix()
            for directory, _, names in os.walk(place)
            for name in names
        }
        if found - entries.keys():
            raise UsageError(
                f"Found file {min(found - entries.keys())!r} which is not a member of artifact "
                f"{self._name}. Remove it, or checkout() again. {place}"
            )
        for path, entry in sorted(entries.items()):
            if entry.ref is None and (
                path not in found or digests_of(place / path).sha256 != entry.sha256
            ):
                raise UsageError(
                    f"Digest mismatch for file: {path!r} is missing or has changed. Download it "
                    f"again. {place}"
                )

    @logged
    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Copy the only file into a directory and return where it lies.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            UsageError: it has several files.
        """
        entries = list(self._entries.entries.values())
        if len(entries) != 1:
            raise UsageError(
                f"This artifact contains {len(entries)} files, call `.download()` to get all of "
                'them, or call .get_entry("filename").download()'
            )
        place = Path(root) if root is not None else self.usual_place()
        return str(self.copy_out(entries[0], place))

    @logged
    def get_entry(self, name: str | os.PathLike[str]) -> ArtifactManifestEntry:
        """Return the entry of a path, or of an object that was added under a name.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            KeyError: there is none.
        """
        entries = self._entries.entries
        path = inner_path(name)
        entry = entries.get(path)
        if entry is None:
            raise KeyError(f"Path not contained in artifact: {path}")
        entry._of = self  # type: ignore[assignment] # noqa: SLF001 - every Taking is an Artifact
        return entry

    def get_path(self, name: str | os.PathLike[str]) -> ArtifactManifestEntry:
        """Return `get_entry(name)`."""
        return self.get_entry(name)

    @logged
    def get(self, name: str) -> Any:
        """Return the media object that was added under a name; None if there is none.

        Raises:
            ArtifactNotLoggedError: it is a draft.
        """
        from tracklab.artifacts.objects import read_object  # noqa: PLC0415 - few ask for objects

        return read_object(self, name)  # type: ignore[arg-type] # as above

    def usual_place(self) -> Path:
        """Return where `download()` puts it, unless told otherwise."""
        return _artifacts_dir() / f"{self._name}:{self._known.label}"

    @property
    @logged
    def stored_files(self) -> Path:
        """The version's own directory of files; not to be written to."""
        return self._known.path / "files"

    def stored(self, entry: ArtifactManifestEntry) -> Path:
        """Return where the content of a file lies in the version; not to be written to."""
        return self._known.path / "files" / entry.path

    def copy_out(self, entry: ArtifactManifestEntry, place: Path) -> Path:
        """Copy one file, or what a reference names, below `place`, and return where it lies.

        Raises:
            CommError: the content is missing, or another than was logged.
            UsageError: a reference has changed.
            OSError: it cannot be read or written.

        Cost: a copy of each file, and a pass over it for its digest.
        """
        target = place / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.ref is not None and not entry.ref.startswith(_OURS):
            fetch_reference(entry, target)
            return target
        source = self._referred(entry) if entry.ref else self.stored(entry)
        if not source.is_file():
            raise CommError(
                f"The content of {entry.path!r} is missing from its version. `tracklab fsck` says "
                f"more. {source}"
            )
        digest = entry.sha256 or (entry.digest if entry.digest != entry.ref else None)
        if not _is_same(source, target, digest) and not hand_out(source, target, digest=digest):
            raise CommError(
                f"The content of {entry.path!r} is damaged: it is not what was logged, and is not "
                "given out. Run `tracklab fsck`, which says what can be done. "
                f"{source}"
            )
        return target

    def _referred(self, entry: ArtifactManifestEntry) -> Path:
        """Return where an entry of another artifact lies."""
        address, _, path = entry.ref_target().removeprefix(_OURS).partition(":")
        label, _, inner = path.partition("/")
        parsed = parse_address(unquote(f"{address}:{label}"), entities=[address.partition("/")[0]])
        return find_version(self._place, parsed).path / "files" / inner_path(inner)


def _is_same(source: Path, target: Path, digest: str | None) -> bool:
    """Return whether the target is a file of its own with the content that was logged."""
    if not target.is_file() or target.is_symlink():
        return False
    ours, theirs = source.stat(), target.stat()
    if ours.st_size != theirs.st_size or ours.st_ino == theirs.st_ino:
        return False
    return (digest or digests_of(source).sha256) in digests_of(target)


def _artifacts_dir() -> Path:
    told = os.environ.get("TRACKLAB_ARTIFACT_DIR") or os.environ.get("WANDB_ARTIFACT_DIR")
    return Path(told or "artifacts")
