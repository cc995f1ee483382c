"""How a run directory comes to be: made once, private, under a root that can be written."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from tracklab.errors import StorageError
from tracklab.records.names import check_project, check_run_id
from tracklab.settings import Settings, data_root
from tracklab.storage.permissions import PRIVATE, make_directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MISTAKES",
    "begin_disabled",
    "latest_root",
    "open_run_dir",
    "refuse_mistake",
    "writes_nothing",
]

#: A place that can never be written is the user's mistake, told at the call. Anything else (a
#: full or failing disk) is the world's, and the lines that cannot be written are counted.
MISTAKES: Final = (PermissionError, NotADirectoryError, FileNotFoundError)
#: The data directory of the run that began last, once there is one.
_latest: list[Path] = []
#: Whether the run that began last is disabled, once there is one.
_disabled: list[bool] = []


def latest_root() -> Path | None:
    """Return the data directory that this process last began a run in, None before the first."""
    return _latest[0] if _latest else None


def begin_disabled() -> None:
    """Say that the run that began last writes nothing."""
    _disabled[:] = [True]


def writes_nothing() -> bool:
    """Return whether the run that began last is disabled, or the next one will be.

    Raises:
        SettingsError: before the first run, a setting has a value that cannot be used.
    """
    if _disabled:
        return _disabled[0]
    told = os.environ.get("TRACKLAB_MODE") or os.environ.get("WANDB_MODE")
    return (told or Settings.load().mode) == "disabled"


def open_run_dir(
    root: str | os.PathLike[str] | None, project: str, run_id: str, *, file_mode: int = PRIVATE
) -> Path:
    """Return `<root>/<project>/<run_id>/`, made if it is missing and the disk takes it.

    On a full or failing disk the writer tries again with each line.

    Args:
        root: None for TRACKLAB_DATA_DIR, else ./tracklab_logs.
        project: may be a tree, `vision/cifar`.
        run_id: the run.
        file_mode: bits of the run's files; directories get the search bits beside them.

    Raises:
        UsageError: a name cannot be used.
        StorageError: the directory cannot be made or is not ours to write.
    """
    place = data_root(root)
    path = place / check_project(project) / check_run_id(run_id)
    _disabled[:] = [False]
    try:
        make_directory(path, file_mode=file_mode)
        _latest[:] = [place]
    except OSError as error:
        refuse_mistake(error, path)
    return path


def refuse_mistake(error: OSError, path: Path) -> None:
    """Tell the user's mistake apart from the world's failure, which this lets pass.

    Raises:
        StorageError: `path` can never be written.
    """
    if isinstance(error, MISTAKES) or error.errno == errno.EROFS:
        raise StorageError(
            f"init() cannot write the run's directory ({error.strerror}). Choose another place "
            f"with dir= or TRACKLAB_DATA_DIR, or allow writing there: {path}"
        ) from None
