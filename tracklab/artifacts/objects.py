"""Tables, images and other media in artifacts: their files, and a small JSON file that names them.

A table is one file, `<name>.table.json`; any other object is `<name>.<type>.json`, which says what
its record in a row would, and its files below `media/`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from tracklab.artifacts.staging import Staging
from tracklab.errors import ArgumentTypeError
from tracklab.media.value import Place, WBValue
from tracklab.records.decode import restore
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.artifacts.artifact import Artifact
    from tracklab.artifacts.draft import Draft
    from tracklab.artifacts.manifest import ArtifactManifestEntry

__all__ = ["add_object", "read_object"]

_TABLE: Final = "table-file"
#: What a record's type is made of again: the module and class that take a path.
_CLASSES: Final = {
    "audio-file": ("audio", "Audio"),
    "html-file": ("html", "Html"),
    "image-file": ("image", "Image"),
    "molecule-file": ("molecule", "Molecule"),
    "object3D-file": ("object3d", "Object3D"),
    "video-file": ("video", "Video"),
}


def add_object(draft: Draft, obj: Any, name: str, *, overwrite: bool) -> ArtifactManifestEntry:
    """Add an object and its files; see `Artifact.add`."""
    if not isinstance(obj, WBValue) or not hasattr(obj, "_type"):
        raise ArgumentTypeError(
            f"Found object of type {type(obj)}, expected a table, an image or another media "
            "object with a file. Add a file with add_file()."
        )
    staging = Staging()
    top = staging.fresh().with_name("object")
    place = Place(top, 0, _raise, 0o600, key=name.rpartition("/")[2])
    record = obj.to_record(place)
    obj._artifact_files = staging  # type: ignore[attr-defined] # noqa: SLF001 - they live with it
    own = record.get("path") if record.get("_type") == _TABLE else None
    for path in sorted(top.rglob("*")):
        inner = path.relative_to(top).as_posix()
        if path.is_file() and inner != own:
            draft.add_file(path, name=inner, overwrite=True)
    kind = "table" if own else str(record.get("_type"))
    place_of_it = name if name.endswith(f".{kind}.json") else f"{name}.{kind}.json"
    if own:
        return draft.add_file(top / own, name=place_of_it, overwrite=overwrite)
    told = staging.fresh()
    told.write_bytes(encode_object(record))
    return draft.add_file(told, name=place_of_it, overwrite=overwrite)


def read_object(artifact: Artifact, name: str) -> Any:
    """Return an object that was added under `name`, or None; see `Artifact.get`."""
    entries = artifact.manifest.entries
    for path in sorted(entries):
        kind = path.removeprefix(f"{name}.").removesuffix(".json")
        if path == name and path.endswith(".json"):
            kind = path.rpartition(".json")[0].rpartition(".")[2]
        elif path != f"{name}.{kind}.json" or "/" in kind or "." in kind:
            continue
        told = _read(artifact.stored(entries[path]))
        if kind == "table":
            return _table(artifact, told)
        return _made(artifact, told)
    return None


def _table(artifact: Artifact, told: dict[str, Any]) -> Any:
    table = import_module("tracklab.media.table").Table
    rows = [[_made(artifact, cell) for cell in row] for row in told["data"]]
    return table(columns=told["columns"], data=rows, allow_mixed_types=True)


def _made(artifact: Artifact, told: Any) -> Any:
    """Return the object of a record; what is none, or of a kind without a class, as it is."""
    if not isinstance(told, dict) or told.get("_type") not in _CLASSES:
        return told
    entry = artifact.manifest.entries.get(str(told.get("path")))
    if entry is None:
        return told
    module, name = _CLASSES[told["_type"]]
    path = str(artifact.stored(entry))
    made = getattr(import_module(f"tracklab.media.{module}"), name)
    facts = {"caption": told["caption"]} if told.get("caption") is not None else {}
    return made(path, **facts, **(_drawn(artifact, told) if name == "Image" else {}))


def _drawn(artifact: Artifact, told: dict[str, Any]) -> dict[str, Any]:
    """Return what belongs to an image beside its pixels, as `Image` takes it."""
    masks = {
        name: {"path": str(path), "class_labels": _labels(one)}
        for name, one, path in _parts(artifact, told.get("masks"))
    }
    boxes = {
        name: {**_read(path), "class_labels": _labels(one)}
        for name, one, path in _parts(artifact, told.get("boxes"))
    }
    facts = {"grouping": told.get("grouping"), "classes": told.get("classes")}
    return {**facts, "masks": masks, "boxes": boxes}


def _parts(artifact: Artifact, told: Any) -> Iterator[tuple[str, dict[str, Any], Path]]:
    """Yield name, record and file of each mask or set of boxes."""
    for name, one in (told or {}).items():
        entry = artifact.manifest.entries.get(str(one.get("path")))
        if entry is not None:
            yield name, one, artifact.stored(entry)


def _labels(told: dict[str, Any]) -> dict[int, str]:
    """Return names by class number, which JSON keeps as texts."""
    return {int(float(number)): name for number, name in (told.get("class_labels") or {}).items()}


def _read(path: Path) -> dict[str, Any]:
    """Return a document of `encode_object`, with the numbers that JSON cannot say."""
    told: dict[str, Any] = orjson.loads(path.read_bytes())
    restore(told)
    return told


def _raise(_key: str, _folder: str, error: OSError) -> NoReturn:
    raise error
