"""Files that a run keeps, under `files/` in its directory, and getting such a file back."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from functools import partial
from glob import glob as matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.copying import part_of
from tracklab.artifacts.lineage import EVENT
from tracklab.errors import ArgumentTypeError, CommError, UsageError
from tracklab.settings import data_root
from tracklab.storage.creation import MISTAKES
from tracklab.storage.gaps import reason_of
from tracklab.storage.layout import find_runs, is_run_dir
from tracklab.storage.permissions import make_directory
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from tracklab.sdk.run import Run

__all__ = ["restore", "save"]

_POLICIES: Final = ("live", "now", "end")
_REMOTE: Final = ("gs://", "s3://", "http://", "https://")


def save(
    run: Run,
    glob_str: str | os.PathLike[str],
    base_path: str | os.PathLike[str] | None,
    policy: str,
    *,
    glob: bool,
) -> list[str]:
    """Place files in a run; see `Run.save`."""
    if policy not in _POLICIES:
        raise UsageError(
            'Only "live", "end" and "now" policies are currently supported. save() got '
            f"policy={policy!r}."
        )
    if not isinstance(glob_str, str | os.PathLike):
        raise ArgumentTypeError(
            f"save() takes a path or a pattern of paths; got a {type(glob_str).__name__}. Write "
            "run.save('model.pt')."
        )
    pattern = os.fspath(glob_str)
    if pattern.startswith(_REMOTE):
        say(f"save() leaves {pattern} where it is: it is no local file.")
        return []
    target = Path(run.dir)
    base, inner = _split(pattern, base_path, target)
    found = matches(inner, root_dir=base, recursive=True) if glob else [inner]  # noqa: PTH207 - the
    # user's patterns are those of glob.glob
    sources = [path for one in sorted(found) for path in _files(base / one)]
    ignored = run.settings.ignore_globs
    sources = [path for path in sources if not any(map(path.match, ignored))]
    placed = (
        _placed(run, path, target / path.relative_to(base), policy=policy) for path in sources
    )
    return [str(path) for path in placed if path is not None]


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,
    root: str | os.PathLike[str] | None = None,
    *,
    run: Run | None = None,
) -> Any:
    """Open a file that a run keeps.

    Args:
        name: its path below the run's `files/`.
        run_path: the run: `run_id`, `project/run_id` or `entity/project/run_id`; None for `run`.
        replace: fetch it again although it is here.
        root: where to put it; None for the directory of `run`, or the working directory.
        run: the run that asks.

    Returns:
        The file, open for reading as text.

    Raises:
        CommError: there is no such run.
        UsageError: no run is named, or it keeps no such file.
    """
    place = Path(root) if root is not None else Path(run.dir if run else ".")
    target = _inside(place, name)
    if replace or not target.is_file():
        source = _inside(_found(run_path, run) / "files", name)
        if not source.is_file():
            raise UsageError(f"restore() found no file {name!r} in the run. {source}")
        if source != target:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return target.open(encoding="utf-8", errors="surrogateescape")


def _split(pattern: str, base: str | os.PathLike[str] | None, target: Path) -> tuple[Path, str]:
    """Return the directory whose inside is kept, and the pattern below it."""
    absolute = Path(os.path.abspath(pattern))  # noqa: PTH100 - leaves links as they are
    if base is not None:
        start = Path(os.path.abspath(base))  # noqa: PTH100 - as above
    elif absolute.is_relative_to(target):
        start = target  # it lies where it would be placed
    elif Path(pattern).is_absolute():
        start = absolute.parent.parent
    else:
        start = Path.cwd()
        absolute = start / pattern
    try:
        inner = absolute.relative_to(start)
    except ValueError:
        inner = Path("..")
    if ".." in inner.parts:
        raise UsageError(
            f"Glob may not walk above the base path. save() got {pattern!r} below {str(start)!r}; "
            "give a base_path that holds the files."
        )
    return start, str(inner)


def _files(path: Path) -> list[Path]:
    """Return a file, or all files below a directory."""
    if path.is_dir():
        return sorted(inner for inner in path.rglob("*") if inner.is_file())
    return [path] if path.is_file() else []


def _placed(run: Run, source: Path, target: Path, *, policy: str) -> Path | None:
    """Link or copy one file to its place, unless it lies there; None if the disk fails.

    Raises:
        OSError: the user's mistake, such as a file that may not be read.
    """
    if source == target:
        return target
    try:
        make_directory(target.parent, file_mode=run.settings.file_mode)
        if policy == "now" or not run.settings.symlink:
            _copy(source, target, run.settings.file_mode)
        else:
            with suppress(FileNotFoundError):
                target.unlink()
            target.symlink_to(source)
            run.at_finish(partial(_snapshot, target, run.settings.file_mode))
    except OSError as error:
        if isinstance(error, MISTAKES) or error.errno == errno.EROFS:
            raise
        _not_kept(run, target, error)
        return None
    return target


def _not_kept(run: Run, target: Path, error: OSError) -> None:
    name = target.relative_to(run.dir).as_posix()
    data = {"op": "fail", "name": name, "type": "file", "reason": reason_of(error)}
    run.event(EVENT, "artifact", data, level="ERROR")
    say(
        f"save() cannot keep {name!r} ({error.strerror or error}). Make room, then save it again. "
        f"{target}"
    )


def _snapshot(link: Path, file_mode: int) -> None:
    """Replace a link by what it points to: a run must not change when a file does."""
    if not link.is_symlink():
        return
    try:
        _copy(link.resolve(), link, file_mode)
    except OSError as error:
        say(f"the file that save() was given is not in the run as a copy ({error}). {link}")


def _copy(source: Path, target: Path, file_mode: int) -> None:
    """Put a copy at `target` when it is whole: what lies there stays until then."""
    part = part_of(target)
    try:
        shutil.copyfile(source, part)
        part.chmod(file_mode)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _inside(place: Path, name: str) -> Path:
    target = place / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise UsageError(f"restore() takes a path below the run's files; got {name!r}.")
    return target


def _found(run_path: str | None, run: Run | None) -> Path:
    """Return the directory of the run that is meant."""
    if run_path is None:
        if run is None:
            raise UsageError("restore() needs run_path, such as 'project/run_id', without a run.")
        return run.run_dir
    here = run.root if run else data_root()
    *above, run_id = run_path.strip("/").split("/")
    for project in dict.fromkeys(["/".join(above), "/".join(above[1:])]):
        if project and ".." not in above and is_run_dir(here / project / run_id):
            return here / project / run_id
    if not above:
        known = [path for _, found, path in find_runs(here) if found == run_id]
        if len(known) == 1:
            return known[0]
    raise CommError(f"restore() found no run {run_path!r}. Check run_path, or use dir=. {here}")
