"""An artifact that is being built: files go in until it is logged.

What is added is copied at once, so that a program may overwrite its file and go on.
"""

from __future__ import annotations

import base64
import errno
import io
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from tracklab.artifacts.exceptions import ArtifactFinalizedError
from tracklab.artifacts.manifest import ArtifactManifest, ArtifactManifestEntry, inner_path
from tracklab.artifacts.names import check_metadata, check_name, check_type
from tracklab.artifacts.references import referred
from tracklab.artifacts.staging import Staging
from tracklab.errors import UsageError
from tracklab.storage.creation import MISTAKES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracklab.artifacts.versions import Version

__all__ = ["Draft"]

_MARK_CHARS: Final = 20
#: What a program's writing fails with where the disk does.
_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})
_BLOCK_BYTES: Final = 4096


class Draft:
    """The part of an artifact that can be changed before it is logged."""

    def __init__(  # noqa: PLR0917 - the same call as wandb's
        self,
        name: str,
        type: str,  # noqa: A002 - as above
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        incremental: bool = False,  # noqa: FBT001, FBT002 - as above
        use_as: str | None = None,
        storage_region: str | None = None,  # noqa: ARG002 - as above
        digest_algorithm: str = "MD5",
    ) -> None:
        if digest_algorithm != "MD5":
            raise UsageError(
                f"Artifact() cannot make digests by {digest_algorithm!r}. It takes 'MD5'; every "
                "content has its SHA-256 beside it."
            )
        self._name = check_name(name)
        self._type = check_type(type)
        self._description = description
        self._metadata = check_metadata(metadata)
        self._incremental = incremental
        self._use_as = use_as
        self._manifest: ArtifactManifest | None = ArtifactManifest()
        self._staging = Staging()
        self._added: dict[str, str] = {}  # entry by the path that was added
        self._lost: dict[str, OSError] = {}  # why the disk has not taken the file of a path
        self._final = False
        self._version: Version | None = None
        self.distributed_id: str | None = None

    def add_file(  # noqa: PLR0917 - the same call as wandb's
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool | None = False,  # noqa: FBT001, FBT002 - as above
        skip_cache: bool | None = False,  # noqa: FBT001, FBT002 - as above
        policy: str | None = "mutable",
        overwrite: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> ArtifactManifestEntry:
        """Add a file as it is now.

        A full or failing disk raises nothing: the draft lacks the file then, and logging it tells.

        Args:
            local_path: the file.
            name: where it lies in the artifact; None for its own name at the top.
            is_tmp: call it by its digest, with its own ending.
            skip_cache: no effect.
            policy: `mutable` or `immutable`; both copy, where blocks cannot be shared.
            overwrite: replace another content of that name.

        Raises:
            UsageError: it is no file, or the name is taken or leads out of the artifact.
            ArtifactFinalizedError: the artifact is closed.
        """
        self._refuse_if_final("add_file")
        _check_policy(policy)
        place = inner_path(name if name is not None else Path(local_path).name)
        entry = self._take(Path(local_path), place, skip_cache=bool(skip_cache))
        if place in self._lost:
            return entry
        if is_tmp:
            above, slash, last = entry.path.rpartition("/")
            _, dot, ending = last.partition(".")
            mark = base64.b64decode(entry.digest).hex()[:_MARK_CHARS]
            entry.path = f"{above}{slash}{mark}{dot}{ending}"
        self._entries.add_entry(entry, overwrite=overwrite)
        self._added[os.fspath(local_path)] = entry.path
        return entry

    def add_dir(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        skip_cache: bool | None = False,  # noqa: FBT001, FBT002 - as above
        policy: str | None = "mutable",
        merge: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        """Add all files below a directory as they are now; links to files are followed.

        Args:
            local_path: the directory.
            name: the directory in the artifact that they go to; None for its top.
            skip_cache: no effect.
            policy: as for `add_file`.
            merge: replace entries of the same name with another content.

        Raises:
            UsageError: it is no directory, or a name is taken.
            ArtifactFinalizedError: the artifact is closed.
        """
        self._refuse_if_final("add_dir")
        _check_policy(policy)
        top = Path(local_path)
        if not top.is_dir():
            raise UsageError(
                f"Path is not a directory: {os.fspath(local_path)!r}. Give a directory, or call "
                "add_file()."
            )
        for directory, folders, names in os.walk(top, followlinks=False):
            folders.sort()
            for file in sorted(names):
                source = Path(directory, file)
                if source.is_file():
                    inner = source.relative_to(top).as_posix()
                    place = inner_path(f"{name}/{inner}" if name else inner)
                    entry = self._take(source, place, skip_cache=bool(skip_cache))
                    if place not in self._lost:
                        self._entries.add_entry(entry, overwrite=merge)
                        self._added[str(source)] = entry.path

    def add_reference(
        self,
        uri: ArtifactManifestEntry | str,
        name: str | os.PathLike[str] | None = None,
        checksum: bool = True,  # noqa: FBT001, FBT002 - the same call as wandb's
        max_objects: int | None = None,
    ) -> Sequence[ArtifactManifestEntry]:
        """Add the address of something that stays where it is.

        Args:
            uri: `file://`, `http(s)://`, `s3://`, `gs://` or another, or an entry of a logged
                artifact.
            name: where it lies in the artifact; None for its own name.
            checksum: read the file, or ask its keeper, for what tells it from another content.
            max_objects: most files of a directory; None for ten million.

        Raises:
            UsageError: it is no URI, names nothing, or the name is taken.
            MissingPackageError: asking its keeper needs a package that is not installed.
            CommError: its keeper does not answer.
            ArtifactFinalizedError: the artifact is closed.
        """
        self._refuse_if_final("add_reference")
        if isinstance(uri, ArtifactManifestEntry):
            path = inner_path(name if name is not None else uri.path)
            found = [
                ArtifactManifestEntry(path, uri.digest, size=uri.size, ref=uri.ref or uri.ref_url())
            ]
        else:
            inner = None if name is None else os.fspath(name)
            found = referred(uri, name=inner, checksum=checksum, most=max_objects)
        for entry in found:
            self._entries.add_entry(entry)
        return found

    def add(
        self,
        obj: Any,
        name: str | os.PathLike[str],
        overwrite: bool = False,  # noqa: FBT001, FBT002 - the same call as wandb's
    ) -> ArtifactManifestEntry:
        """Add a table, image or other media object; `get(name)` gives it back.

        A full or failing disk raises nothing: the draft lacks the object then, and logging it
        tells.

        Args:
            obj: what could be logged with `run.log()` and has a file.
            name: where it lies in the artifact, without its ending.
            overwrite: replace another content of that name.

        Raises:
            ArgumentTypeError: it is no such object.
            UsageError: the name is taken.
            ArtifactFinalizedError: the artifact is closed.
        """
        from tracklab.artifacts.objects import add_object  # noqa: PLC0415 - few add objects

        self._refuse_if_final("add")
        return add_object(self, obj, inner_path(name), overwrite=overwrite)

    @contextmanager
    def new_file(
        self,
        name: str,
        mode: str = "x",
        encoding: str | None = None,
        policy: str | None = "mutable",
    ) -> Iterator[IO[Any]]:
        """Open a new file of the artifact for writing; it is added when it is closed.

        A full or failing disk raises nothing behind the block: the draft lacks the file then, and
        logging it tells.

        Args:
            name: where it lies in the artifact.
            mode: `w` or `x`, with `b` for bytes; `x` refuses a name that is taken.
            encoding: of a text; None for UTF-8.
            policy: as for `add_file`.

        Raises:
            UsageError: the name is taken.
            ArtifactFinalizedError: the artifact is closed.
        """
        self._refuse_if_final("new_file")
        _check_policy(policy)
        place = inner_path(name)
        if place in self._entries.entries and "x" in mode:
            raise UsageError(
                f"File with name {name!r} already exists in the artifact. Choose another name, or "
                "mode='w'."
            )
        self._entries.refuse_clash(place)
        kind = None if "b" in mode else encoding or "utf-8"
        try:
            path = self._staging.fresh()
            file = open(path, mode.replace("x", "w"), encoding=kind)  # noqa: SIM115 - closed below
        except OSError as error:
            self.lose(place, error)
            yield io.BytesIO() if kind is None else io.StringIO()  # whose content nobody keeps
            return
        try:
            with file:
                yield file
            entry = self._take(path, place)
            if place not in self._lost:
                self._entries.add_entry(entry, overwrite=True)
        except OSError as error:
            failure = _of_the_disk(error, path)
            if failure is None:
                raise  # the program's own
            self.lose(place, failure)
        finally:
            path.unlink(missing_ok=True)

    def remove(self, item: str | os.PathLike[str] | ArtifactManifestEntry) -> None:
        """Take a file out, or all files below a directory.

        Raises:
            FileNotFoundError: there is none.
            ArtifactFinalizedError: the artifact is closed.
        """
        self._refuse_if_final("remove")
        path = item.path if isinstance(item, ArtifactManifestEntry) else inner_path(item)
        one = self._entries.get_entry_by_path(path)
        found = [one] if one else self._entries.get_entries_in_directory(path)
        lost = [place for place in self._lost if f"{place}/".startswith(f"{path}/")]
        for place in lost:
            del self._lost[place]
        if not found and not lost:
            raise FileNotFoundError(f"No such file or directory: {path}")
        for entry in found:
            self._entries.remove_entry(entry)

    def get_added_local_path_name(self, local_path: str) -> str | None:
        """Return where a file that was added lies in the artifact, or None."""
        return self._added.get(local_path)

    def finalize(self) -> None:
        """Close the artifact: nothing is added from now on. Logging does it, too."""
        self._final = True

    @property
    def _entries(self) -> ArtifactManifest:
        if self._manifest is None:
            assert self._version is not None
            self._manifest = self._version.manifest()
        return self._manifest

    def refuse_lost(self) -> None:
        """Refuse to go on with a draft that lacks files.

        Raises:
            OSError: the disk has not taken a file that was added.
        """
        for place, error in self._lost.items():
            what = f"{error.strerror or error} when {place!r} was added, so add it again"
            raise OSError(error.errno or errno.EIO, what)

    def _take(self, source: Path, place: str, *, skip_cache: bool = False) -> ArtifactManifestEntry:
        """Return the entry of a file that is kept; without digest if the disk has not taken it."""
        try:
            kept, found = self._staging.take(source)
        except OSError as error:
            return self.lose(place, error)
        self._lost.pop(place, None)
        return ArtifactManifestEntry(
            place, digest=found.md5, size=found.size, sha256=found.sha256, local_path=str(kept),
            skip_cache=skip_cache,
        )  # fmt: skip

    def lose(self, place: str, error: OSError) -> ArtifactManifestEntry:
        """Remember what the disk has not taken, and return an entry without digest for it.

        Raises:
            OSError: the user's mistake, not the disk's failure.
        """
        if isinstance(error, MISTAKES) or error.errno in {errno.EROFS, errno.ENAMETOOLONG}:
            raise error
        self._lost[place] = error
        return ArtifactManifestEntry(place)

    def _refuse_if_final(self, what: str) -> None:
        if self._final:
            raise ArtifactFinalizedError(
                f"'Artifact.{what}' used on logged artifact. Can't modify finalized artifact. "
                "Make another with artifact.new_draft().",
                name=what, obj=self,
            )  # fmt: skip


def _of_the_disk(error: OSError, path: Path) -> OSError | None:
    """Return what the disk failed with while `path` was written; None for a program's own error.

    Libraries raise errors of their own without a number, so then the disk is asked itself.
    """
    if error.errno is not None:
        return error if error.errno in _DISK else None
    try:
        with open(path, "ab") as file:  # which tries again after a short write
            file.write(bytes(_BLOCK_BYTES))
    except OSError as failure:
        return failure
    return None


def _check_policy(policy: str | None) -> None:
    if policy not in {"mutable", "immutable", None}:
        raise UsageError(f"Invalid policy {policy!r}. Policy may only be `mutable` or `immutable`.")
