"""The files of a run: what it saved, its media, its console text and its documents.

What a run saved goes by its path below `files/`, everything else by its path in the run.
"""

from __future__ import annotations

import html
import mimetypes
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.api.pages import Pages
from tracklab.api.paths import check_there
from tracklab.artifacts.copying import digests_of
from tracklab.clock import now, rfc3339
from tracklab.errors import CommError, UsageError
from tracklab.storage import trash
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import TextIOWrapper

    from tracklab.query.addresses import Place

__all__ = ["File", "Files", "find_file", "list_files", "upload"]

_DOCUMENTS: Final = ("config.yaml", "metadata.json", "summary.json")
#: Names that programs for wandb ask for, and where the same stands here.
_KNOWN_AS: Final = {
    "output.log": "logs/stdout.log",
    "requirements.txt": "files/environment/requirements.txt",
    "wandb-metadata.json": "metadata.json",
    "wandb-summary.json": "summary.json",
}


class File:
    """One file of a run.

    Args:
        place: the run.
        name: what it is called.
        inner: its path in the run's directory.
    """

    def __init__(self, place: Place, name: str, inner: str) -> None:
        self._place = place
        self._inner = inner
        self.name = name

    @property
    def _path(self) -> Path:
        return self._place.path / self._inner

    @property
    def id(self) -> str:
        """A name for it under this data directory."""
        return f"{self._place.address}/{self._inner}"

    @property
    def size(self) -> int:
        """Its size in bytes, 0 where it has gone."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    sizeBytes = size_bytes = size  # noqa: N815 - wandb's names

    @property
    def md5(self) -> str:
        """The MD5 of its content in base 64. Cost: reads the file.

        Raises:
            RunNotFoundError: the run has been deleted.
            CommError: the file has gone, or never was.
        """
        try:
            return digests_of(self._path).md5
        except FileNotFoundError:
            raise self._gone() from None

    @property
    def mimetype(self) -> str:
        """Its media type, as its name tells."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def updated_at(self) -> str | None:
        """When it was written last, RFC 3339; None where it has gone."""
        try:
            return rfc3339(self._path.stat().st_mtime)
        except OSError:
            return None

    updatedAt = updated_at  # noqa: N815 - wandb's name

    @property
    def url(self) -> str:
        """Where it lies, as a `file:` address."""
        return self._path.as_uri()

    direct_url = directUrl = path_uri = url  # noqa: N815 - wandb's names

    def download(
        self,
        root: str = ".",
        replace: bool = False,  # noqa: FBT001, FBT002 - as wandb's
        exist_ok: bool = False,  # noqa: FBT001, FBT002 - as wandb's
        api: Any = None,  # noqa: ARG002 - as wandb's
    ) -> TextIOWrapper:
        """Copy it to `root`/`name`.

        Args:
            root: the directory to copy to.
            replace: whether a file that is there is overwritten.
            exist_ok: whether a file that is there is left as it is.
            api: without effect.

        Returns:
            The copy, open for reading as text.

        Raises:
            UsageError: a file is there, and neither is allowed.
            RunNotFoundError: the run has been deleted.
            CommError: the file has gone, or never was.
        """
        target = Path(root) / self.name
        if target.exists() and not replace:
            if exist_ok:
                return target.open(encoding="utf-8", errors="surrogateescape")
            raise UsageError(
                "File already exists, pass replace=True to overwrite or exist_ok=True to leave it "
                f"as is. {target}"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            shutil.copyfile(self._path, part)
            part.replace(target)
        except FileNotFoundError:
            raise self._gone() from None
        finally:
            part.unlink(missing_ok=True)
        return target.open(encoding="utf-8", errors="surrogateescape")

    def _gone(self) -> CommError:
        """Return what to raise where there is no such file.

        Raises:
            RunNotFoundError: there is not even the run.
        """
        check_there(self._place)
        return CommError(
            f"The run has no file {self.name!r}. run.files() lists those that it has. "
            f"{self._place.address}"
        )

    def delete(self) -> None:
        """Move it into the trash; `tracklab restore` brings it back.

        Raises:
            RunNotFoundError: the run has been deleted.
            CommError: the file has gone, or never was.
            UsageError: it is not the user's: rows, events, a document or console text.
            OSError: it cannot be moved.
        """
        check_there(self._place)
        if not self._path.is_file() and (self._place.path / self.name).is_file():
            inner = self.name  # a segment, say: not shown, but there
        else:
            inner = self._inner
        if not _is_of_user(inner):
            raise UsageError(
                f"delete() takes files that were saved and media; got {self.name!r}. Delete the "
                "whole run instead."
            )
        try:
            trash.discard_files(
                self._place.path.parents[self._place.project.count("/") + 1],
                self._place.project, self._place.run_id, [inner], now_s=now(),
            )  # fmt: skip
        except (FileNotFoundError, NotADirectoryError):
            raise self._gone() from None

    def to_html(self, *_: Any, **__: Any) -> str:
        """Return a link to it, for notebooks."""
        return f'<a href="{html.escape(self.url)}" target="_blank">{html.escape(self.name)}</a>'

    def display(self, height: int = 420, hidden: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Show a link to it in a notebook; return whether this is one."""
        from tracklab.sdk.notebooks import show  # noqa: PLC0415 - few ask

        return show(self.to_html())

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.mimetype}) {self.size:,} bytes>"


class Files(Pages[File]):
    """The files of a run, by name."""


def list_files(
    place: Place, *, names: Sequence[str] | None, pattern: str | None, per_page: int
) -> Files:
    """Return files of a run.

    Args:
        place: the run.
        names: only these.
        pattern: only those that match it: `%` stands for any text, `_` for any character.
        per_page: objects that are made at once.

    Raises:
        UsageError: both are given.
    """
    if names and pattern:
        raise UsageError("files() takes names or a pattern, not both. Leave one out.")

    def find() -> list[tuple[str, str]]:
        if names:
            found = (find_file(place, name) for name in names)
            return [(file.name, file._inner) for file in found if file._path.is_file()]  # noqa: SLF001 - one class with this module
        wanted = _like(pattern) if pattern else re.compile("")
        return [
            (name, inner)
            for name, inner in sorted(dict(_walk(place.path)).items())
            if wanted.match(name)
        ]

    return Files(find, lambda pair: File(place, *pair), per_page=per_page)


def find_file(place: Place, name: str) -> File:
    """Return a file of a run by its name; whether it is there, its size tells.

    Raises:
        UsageError: the name leads out of the run.
    """
    if not isinstance(name, str) or not name or ".." in name.split("/") or name.startswith("/"):
        raise UsageError(f"file() takes a path below the run's files; got {name!r}.")
    inner = [f"files/{name}", _KNOWN_AS.get(name, name)]
    for path in inner:
        if (place.path / path).is_file() and (path.startswith("files/") or _is_shown(path)):
            return File(place, name, path)
    return File(place, name, inner[0])


def upload(place: Place, path: str, root: str) -> File:
    """Copy a file into a run, under its path below `root`.

    Raises:
        RunNotFoundError: the run has been deleted.
        UsageError: it is no file, or lies outside `root`.
        OSError: it cannot be copied.
    """
    check_there(place)
    source = Path(path)
    name = os.path.relpath(source, root).replace(os.sep, "/")
    if not source.is_file() or name.startswith("../"):
        raise UsageError(
            f"upload_file() takes a file below root; got {path!r} and root={root!r}. Give a root "
            "that holds the file."
        )
    mode = place.path.stat().st_mode & 0o666  # whoever may read the run
    target = place.path / "files" / name
    make_directory(target.parent, file_mode=mode)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, part)
        part.chmod(mode)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return find_file(place, name)


def _walk(run_dir: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the path in the run of each file; a later one of a name is meant."""
    for name in _DOCUMENTS:
        if (run_dir / name).is_file():
            yield name, name
    for top in ("logs", "media", "artifacts", "files"):
        for directory, folders, names in os.walk(run_dir / top):
            inner = os.path.relpath(directory, run_dir)
            folders[:] = [one for one in folders if f"{inner}/{one}" != "media/values"]
            for name in names:
                path = f"{inner}/{name}"
                if not name.startswith(".") and (run_dir / path).is_file():
                    yield path.removeprefix("files/"), path


def _is_of_user(path: str) -> bool:
    """Return whether a run is whole without it: large values of rows are in `media/values`."""
    plain = os.path.normpath(path)
    return plain.startswith(("artifacts/", "files/", "media/")) and not plain.startswith(
        "media/values/"
    )


def _is_shown(path: str) -> bool:
    return path in _DOCUMENTS or path.startswith(("logs/", "media/", "artifacts/", "files/"))


def _like(pattern: str) -> re.Pattern[str]:
    """Return a pattern of SQL's LIKE as a regular expression."""
    parts = (".*" if one == "%" else "." if one == "_" else re.escape(one) for one in pattern)
    return re.compile(f"{''.join(parts)}\\Z", re.DOTALL)
