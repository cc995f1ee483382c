"""A copy of the source that a run runs, in `files/code/`, when it is asked for.

A file keeps its path. One that has changed since the run's last copy lies beside the first one,
with the beginning of its digest in its name, so that nothing is written over and equal files are
kept once. An event lists what was taken. Contents are kept as they are: this is asked for.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.monitors import host
from tracklab.sdk.notebooks import shell
from tracklab.storage.documents import replace
from tracklab.storage.permissions import make_directory
from tracklab.storage.reading import open_regular
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tracklab.artifacts.artifact import Artifact
    from tracklab.sdk.run import Run

__all__ = ["keep_program", "log_code"]

PLACE: Final = PurePath("files", "code")
_MOST_FILES: Final = 5_000
_MOST_BYTES: Final = 100 << 20
_MOST_FILE_BYTES: Final = 10 << 20
_MOST_TOLD: Final = 100
_SKIPPED: Final = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "wandb", "tracklab_logs"}
)
#: Files that hold secrets as a rule, however they came to match.
_SECRET_FILES: Final = (
    ".env", ".env.*", "*.env", ".netrc", ".pypirc", ".htpasswd", "*.pem", "*.key", "*.p12",
    "*.pfx", "*.keystore", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "credentials*",
    "secrets.*", "secret.*", "kubeconfig*",
)  # fmt: skip


def log_code(
    run: Run, root: str | os.PathLike[str], *, name: str | None, include: Sequence[str],
    exclude: Sequence[str], chosen: Callable[..., Any] | None, refused: Callable[..., Any] | None,
) -> Artifact | None:  # fmt: skip
    """Keep a tree of source files; see `Run.log_code`."""
    top = Path(root).absolute()
    if not top.is_dir():
        raise UsageError(
            f"log_code() found no directory {os.fspath(root)!r}. Give the one that holds the "
            f"source, such as log_code('src'). {top}"
        )
    for argument, patterns in (("include", include), ("exclude", exclude)):
        if isinstance(patterns, str):
            raise ArgumentTypeError(
                f"log_code() takes {argument} as a list of patterns; got {patterns!r}. Write "
                f"{argument}=[{patterns!r}]."
            )
    snapshot = _Snapshot(run)
    for path in _files(top, run.run_dir):
        inside = path.relative_to(top).as_posix()
        wanted = _asked(chosen, path, top) if chosen else _matches(inside, include)
        if not wanted or _matches(inside, (*exclude, *_SECRET_FILES)):
            continue
        if refused is None or not _asked(refused, path, top):
            snapshot.take(path, inside)
    snapshot.take_cells()
    snapshot.tell(name=name, root=os.fspath(root))
    return snapshot.version(name or f"source-{run.project}-{_program_name()}")


def _program_name() -> str:
    """Return the script below the working directory, a module, or `none`."""
    told = host.program() or "none"
    with suppress(OSError, ValueError):  # elsewhere, or the directory is gone
        return Path(told).relative_to(Path.cwd()).as_posix()
    return PurePath(told.removeprefix("-m ")).name


def keep_program(run: Run) -> None:
    """Keep the script that runs, now, and a notebook's cells as they are at the run's end."""
    if _cells():
        run.at_finish(lambda: _tell_cells(run))
        return
    program = Path(getattr(sys.modules.get("__main__"), "__file__", None) or "")
    if program.is_file():
        snapshot = _Snapshot(run)
        snapshot.take(program, program.name)
        snapshot.tell(name=None, root=os.fspath(program.parent))


def _tell_cells(run: Run) -> None:
    snapshot = _Snapshot(run)
    snapshot.take_cells()
    snapshot.tell(name=None, root=".")


class _Snapshot:
    """Files on their way into a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._mode = run.settings.file_mode
        self._taken: list[dict[str, Any]] = []
        self._left_out: list[dict[str, Any]] = []
        self._bytes = 0

    def take(self, path: Path, inside: str) -> None:
        """Keep one file, unless it is too large, one too many, or cannot be read."""
        try:
            with open(open_regular(path), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                reason = self._refusal(size)
                content = b"" if reason else file.read(_MOST_FILE_BYTES)
            if not reason:
                self._keep(inside, content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if reason:
            self._left_out.append({"path": inside, "reason": reason})

    def take_cells(self) -> None:
        """Keep what was run in a notebook so far, as a notebook; nothing elsewhere."""
        cells = _cells()
        if cells:
            with suppress(OSError):
                self._keep("session.ipynb", _notebook(cells))

    def tell(self, *, name: str | None, root: str) -> None:
        """Write the event: what was taken, and where it lies in the run."""
        told: dict[str, Any] = {"root": root, "program": host.program(), "files": self._taken}
        if name:
            told["name"] = name
        if self._left_out:
            told["left_out"] = self._left_out[:_MOST_TOLD]
            told["left_out_count"] = len(self._left_out)
        self._run.event("tracklab.code", "code", told)

    def version(self, name: str) -> Artifact | None:
        """Make a version of what was kept, so that runs with the same source show it.

        Returns:
            None if nothing was kept, or could be copied.
        """
        from tracklab.artifacts.artifact import Artifact  # noqa: PLC0415 - few programs come here
        from tracklab.artifacts.names import safe_name  # noqa: PLC0415 - as above

        if not self._taken:
            return None
        made = Artifact(safe_name(name), "code")
        try:
            for file in self._taken:
                made.add_file(self._run.run_dir / str(file["stored"]), name=str(file["path"]))
            return self._run.log_artifact(made)
        except OSError as error:  # the copies in the run are there
            say(f"the source is kept in the run, and not as an artifact ({error}).")
            return None

    def _refusal(self, size: int) -> str | None:
        if size > _MOST_FILE_BYTES:
            return "too large"
        if len(self._taken) >= _MOST_FILES or self._bytes + size > _MOST_BYTES:
            return "too many"
        return None

    def _keep(self, inside: str, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        place = PLACE / inside
        target = self._run.run_dir / place
        if target.exists() and target.read_bytes() != content:
            place = place.with_name(f"{place.stem}.{digest[:12]}{place.suffix}")
            target = self._run.run_dir / place
        if not target.exists():
            make_directory(target.parent, file_mode=self._mode)
            replace(target, content, file_mode=self._mode)
        self._bytes += len(content)
        self._taken.append(
            {"path": inside, "stored": place.as_posix(), "sha256": digest, "bytes": len(content)}
        )


def _files(top: Path, run_dir: Path) -> Iterator[Path]:
    """Yield regular files below `top` by path; environments, caches and our runs are passed by."""
    for directory, names, files in os.walk(top):
        place = Path(directory)
        names[:] = sorted(
            name
            for name in names
            if name[0] != "." and name not in _SKIPPED and not _is_other(place / name, run_dir)
        )
        yield from (place / name for name in sorted(files) if not (place / name).is_symlink())


def _is_other(place: Path, run_dir: Path) -> bool:
    """Return whether a directory is an environment of Python's, or holds our runs."""
    return (place / "pyvenv.cfg").exists() or (place / ".tracklab").exists() or (
        place == run_dir or place in run_dir.parents[:2]
    )  # fmt: skip


def _matches(inside: str, patterns: Sequence[str]) -> bool:
    """Return whether a path, or its last part, is what one of the patterns means."""
    name = inside.rpartition("/")[2]
    return any(fnmatch(name, pattern) or fnmatch(inside, pattern) for pattern in patterns)


def _asked(function: Callable[..., Any], path: Path, top: Path) -> bool:
    """Return what a function of the user says of a file: of its path, or of that and the root."""
    takes_root = len(inspect.signature(function).parameters) > 1
    return bool(function(str(path), str(top)) if takes_root else function(str(path)))


def _cells() -> list[str]:
    """Return what was run in this notebook, cell by cell; nothing elsewhere."""
    found = shell()
    return [] if found is None else [str(cell) for cell in found.user_ns.get("In", ()) if cell]


def _notebook(cells: list[str]) -> bytes:
    """Return cells as a notebook. Source: nbformat 4.5, without what only runs need."""
    found = [
        {"cell_type": "code", "execution_count": number, "id": f"cell-{number}", "metadata": {},
         "outputs": [], "source": cell}
        for number, cell in enumerate(cells, 1)
    ]  # fmt: skip
    document = {"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
