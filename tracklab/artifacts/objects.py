"""Tables, images and other media in artifacts: their files, and a small JSON file that names them.

A table is one file, `<name>.table.json`; any other object is `<name>.<type>.json`, which says what
its record in a row would, and its files below `media/`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.artifacts.manifest import inner_path
from tracklab.artifacts.staging import Staging
from tracklab.errors import ArgumentTypeError
from tracklab.media.joined import joined_document
from tracklab.media.value import Place, WBValue
from tracklab.records.decode import restore
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.artifacts.artifact import Artifact
    from tracklab.artifacts.draft import Draft
    from tracklab.artifacts.manifest import ArtifactManifestEntry

__all__ = ["add_object", "read_object"]

_TABLE: Final = "table-file"
_JOINED: Final = "joined-table"
_PARTITIONED: Final = "partitioned-table"
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
    kind = "table" if obj._type == _TABLE else obj._type  # noqa: SLF001 - as wandb calls it
    inner = name if name.endswith(f".{kind}.json") else f"{name}.{kind}.json"
    try:
        top, told = _written(obj, name.rpartition("/")[2])
    except OSError as error:
        return draft.lose(inner, error)
    for path in sorted(top.rglob("*")):
        if path.is_file() and path != told:
            draft.add_file(path, name=path.relative_to(top).as_posix(), overwrite=True)
    return draft.add_file(told, name=inner, overwrite=overwrite)


def _written(obj: Any, key: str) -> tuple[Path, Path]:
    """Write the files of an object; return the directory of them, and the one that names it.

    Raises:
        OSError: there is no room for one of them.
    """
    staging = Staging()
    top = staging.fresh().with_name("object")
    lost: list[OSError] = []
    place = Place(top, 0, lambda _key, _folder, error: lost.append(error), 0o600, key=key)
    kind = obj._type  # noqa: SLF001 - as above
    record = (obj.whole() if kind in {_TABLE, _JOINED} else obj).to_record(place)
    obj._artifact_files = staging  # noqa: SLF001 - they live with it
    if lost:
        raise lost[0]
    if kind == _TABLE:
        return top, top / record["path"]
    if kind == _JOINED:
        record = joined_document(record)
    told = staging.fresh()
    told.write_bytes(encode_object(record))
    return top, told


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
        reader = _READERS.get(kind) or _made
        return reader(artifact, told)
    return None


def _table(artifact: Artifact, told: dict[str, Any]) -> Any:
    table = import_module("tracklab.media.table").Table
    rows = [[_made(artifact, cell) for cell in row] for row in told["data"]]
    return table(columns=told["columns"], data=rows, allow_mixed_types=True)


def _joined(artifact: Artifact, told: dict[str, Any]) -> Any:
    entries = artifact.manifest.entries
    paths = [artifact.stored(entries[told[name]]) for name in ("table1", "table2")]
    tables = [_table(artifact, _read(path)) for path in paths]
    return import_module("tracklab.media.joined").JoinedTable(*tables, told["join_key"])


def _partitioned(artifact: Artifact, told: dict[str, Any]) -> Any:
    """Return a table whose parts are the version's own files."""
    place = artifact.stored_files / inner_path(told["parts_path"])
    return import_module("tracklab.media.joined").PartitionedTable(place)


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


_READERS: Final[dict[str, Callable[[Artifact, dict[str, Any]], Any]]] = {
    "table": _table,
    _JOINED: _joined,
    _PARTITIONED: _partitioned,
}
