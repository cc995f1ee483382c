"""Saved views: what somebody made of the UI, one document each in `<root>/.tracklab/views/`.

A view is whatever the UI puts into it; here it is a JSON object with a name. Each is replaced
atomically, and none depends on the index.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.errors import NotFoundError
from tracklab.server.problems import RefusedError
from tracklab.storage.documents import replace
from tracklab.storage.permissions import make_directory
from tracklab.storage.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SavedView", "add", "change", "every", "read", "remove"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SUFFIX: Final = ".json"
_VERSION: Final = 1
_MOST_BYTES: Final = 256 << 10
_MOST_VIEWS: Final = 1_000
_MOST_ALL_BYTES: Final = 8 << 20
_MOST_DEEP: Final = 64


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view: `data` is the UI's own; a view without a name stands for a link only.

    `project` is where it is offered, null for everywhere; `version` is that of the document.
    """

    id: str
    version: int
    name: str | None
    project: str | None
    created_at: str
    updated_at: str
    data: dict[str, Any]


def every(root: Path) -> list[SavedView]:
    """Return all views, by name, those without one last; what is no view is left out."""
    directory = _directory(root)
    sizes = _sizes(directory)
    # What lies there beyond what may be saved was not saved by us.
    told = accumulate(sizes.values())
    names = [name for name, size in zip(sizes, told, strict=True) if size <= _MOST_ALL_BYTES]
    found = (_load(directory / name, name.removesuffix(_SUFFIX)) for name in names[:_MOST_VIEWS])
    views = [view for view in found if view is not None]
    return sorted(views, key=lambda view: (view.name is None, view.name or "", view.id))


def read(root: Path, view_id: str) -> SavedView:
    """Return one view.

    Raises:
        NotFoundError: there is none of this id.
    """
    directory = _directory(root)
    view = _load(directory / f"{view_id}{_SUFFIX}", view_id) if _ID.fullmatch(view_id) else None
    if view is None:
        raise NotFoundError(f"There is no view {view_id[:64]!r}. /api/views lists them.")
    return view


def add(root: Path, *, name: str | None, project: str | None, data: dict[str, Any]) -> SavedView:
    """Save a new view.

    Raises:
        RefusedError: 409 where nothing can be written, there are 1,000, or they are too large
            together, 413 if it is too large, 422 for data that JSON can say and no file can keep.
    """
    if len(_sizes(_directory(root))) >= _MOST_VIEWS:
        raise RefusedError(409, f"There are {_MOST_VIEWS:,} saved views. Delete one first.")
    now = clock.rfc3339(clock.now())
    view = SavedView(secrets.token_urlsafe(9), _VERSION, name, project, now, now, data)
    return _save(root, view)


def change(root: Path, view_id: str, values: Mapping[str, Any]) -> SavedView:
    """Give a view another name, project or content.

    Raises:
        NotFoundError: there is none of this id.
        RefusedError: as in `add`.
    """
    told = asdict(read(root, view_id)) | dict(values)
    return _save(root, SavedView(**told | {"updated_at": clock.rfc3339(clock.now())}))


def remove(root: Path, view_id: str) -> None:
    """Delete a view.

    Raises:
        NotFoundError: there is none of this id.
        RefusedError: 409 where nothing can be changed.
    """
    read(root, view_id)
    try:
        (_directory(root) / f"{view_id}{_SUFFIX}").unlink()
    except OSError as error:
        raise _refused(error) from None


def _save(root: Path, view: SavedView) -> SavedView:
    if not _is_flat_enough(view.data):
        raise RefusedError(422, f"body data: A view is nested {_MOST_DEEP} deep at most.")
    try:
        content = orjson.dumps(view, option=orjson.OPT_INDENT_2)
    except TypeError as error:  # an integer of more than 64 bits, half a character
        raise RefusedError(422, f"body: It cannot be kept: {error}.") from None
    if len(content) > _MOST_BYTES:
        raise RefusedError(413, f"A view has at most {_MOST_BYTES >> 10} KiB.")
    directory = _directory(root)
    sizes = _sizes(directory) | {f"{view.id}{_SUFFIX}": len(content)}
    if sum(sizes.values()) > _MOST_ALL_BYTES:
        most = f"{_MOST_ALL_BYTES >> 20} MiB"
        raise RefusedError(409, f"All saved views have {most} at most. Delete one first.")
    try:
        make_directory(directory)
        replace(directory / f"{view.id}{_SUFFIX}", content, durable=True)
    except OSError as error:
        raise _refused(error) from None
    return view


def _load(path: Path, view_id: str) -> SavedView | None:
    """Return the view in a file, None if it holds none; fields of a later version are dropped."""
    try:
        with open(open_regular(path), "rb") as file:
            told = orjson.loads(file.read(_MOST_BYTES))
        texts = {name: told[name] for name in ("created_at", "updated_at")}
        maybe = {name: told.get(name) for name in ("name", "project")}
        version, data = told["version"], told["data"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    strings = (*texts.values(), *(value for value in maybe.values() if value is not None))
    sound = all(isinstance(value, str) for value in strings) and isinstance(version, int)
    if not (sound and isinstance(data, dict) and _is_flat_enough(data) and _ID.fullmatch(view_id)):
        return None
    return SavedView(id=view_id, version=version, data=data, **texts, **maybe)


def _is_flat_enough(data: dict[str, Any]) -> bool:
    """Return whether a view can be sent, also inside a list of views."""
    level: list[Any] = [data]
    for _ in range(_MOST_DEEP + 1):
        inner = [one for one in level if isinstance(one, dict | list)]
        if not inner:
            return True
        level = [
            child for one in inner for child in (one.values() if isinstance(one, dict) else one)
        ]
    return False


def _sizes(directory: Path) -> dict[str, int]:
    """Return the bytes of each file of a view by its name, the smallest first."""
    sizes = {}
    with suppress(OSError):
        for name in os.listdir(directory):
            if name.endswith(_SUFFIX):
                with suppress(OSError):
                    sizes[name] = os.lstat(directory / name).st_size
    return dict(sorted(sizes.items(), key=itemgetter(1)))


def _directory(root: Path) -> Path:
    return root / ".tracklab" / "views"


def _refused(error: OSError) -> RefusedError:
    reason = error.strerror or type(error).__name__
    return RefusedError(409, f"The data directory cannot be changed: {reason}.")
