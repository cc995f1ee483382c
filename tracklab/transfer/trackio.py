"""Trackio's projects: an SQLite file each, with its media in a directory beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.clock import parse_time
from tracklab.errors import UsageError
from tracklab.records.flat import OWN_FIELDS
from tracklab.transfer.databases import asked, columns
from tracklab.transfer.pictures import media_file
from tracklab.transfer.things import (
    Begin,
    Config,
    End,
    Event,
    File,
    Found,
    Lost,
    Row,
    usable_id,
    usable_project,
)
from tracklab.transfer.trees import within

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tracklab.transfer.things import Thing

__all__ = ["find"]

_NONFINITE: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_KINDS: Final = {
    "trackio.image": ("images", "image-file"), "trackio.video": ("videos", "video-file"),
    "trackio.audio": ("audio", "audio-file"),
}  # fmt: skip
_LEVELS: Final = {"warn": "WARNING", "error": "ERROR"}
_TABLE: Final = "trackio.table"


def find(source: Path) -> list[Found]:
    """Return the runs of a project's database, or of all in a directory.

    Raises:
        UsageError: there is no database with runs.
        StorageError: a file is no database.
        OSError: `source` cannot be read.
    """
    paths = [source] if source.is_file() else sorted(source.glob("*.db"))
    found: list[Found] = []
    for path in paths:
        names = columns(path, "metrics", tool="trackio")
        if {"run_name", "step", "metrics"} <= names:
            found += _runs(path, key="run_id" if "run_id" in names else "run_name")
    if not found:
        raise UsageError(
            f"import trackio found no runs ({len(paths)} databases). Name a project's .db file, or "
            f"the directory of them: {source}"
        )
    return found


def _runs(path: Path, *, key: str) -> Iterator[Found]:
    query = f"SELECT {key}, max(run_name) FROM metrics GROUP BY {key} ORDER BY min(id)"  # noqa: S608 - one of two
    for run, name in list(asked(path, query, tool="trackio")):
        database = _Database(path, key, str(run), str(name))
        yield Found(
            "trackio", path, usable_project(path.stem), usable_id(str(run)), 0, database.things
        )


class _Database:
    """A project's database, asked about one run; older ones know runs by their name only."""

    def __init__(self, path: Path, key: str, run: str, name: str) -> None:
        self._path = path
        self._key = key
        self._run = run
        self._name = name

    def things(self) -> Iterator[Thing]:
        """Say what the database has of the run."""
        config = self._config()
        first = next(self._rows("metrics", "timestamp"), ("0",))[0]
        started_s = _time(config.get("_Created") or first)
        user = {"entity": config["_Username"]} if config.get("_Username") else {}
        yield Begin(started_s, self._name, group=config.get("_Group"), facts=user)
        values = {key: value for key, value in config.items() if not key.startswith("_")}
        if values:
            yield Config(values, started_s)
        last_s, bad = started_s, 0
        for time, step, encoded in self._rows("metrics", "timestamp, step, metrics"):
            logged = _decoded(encoded)
            bad += logged is None
            last_s = _time(time)
            row: dict[str, Any] = {}
            for name, value in (logged or {}).items():
                key = f"trackio/{name}" if name in OWN_FIELDS else name
                row[key] = yield from self._value(key, value, step)
            if logged is not None:
                yield Row(row, last_s, step)
        if bad:
            yield Lost(f"{bad:,} rows that cannot be read")
        for time, encoded in self._rows("system_metrics", "timestamp, metrics"):
            yield Row(_finite(_decoded(encoded) or {}), _time(time))
        for time, title, text, level in self._rows("alerts", "timestamp, title, text, level"):
            told = {"title": title, "text": text or "", "wait_duration": 0}
            yield Event("tracklab.alert", title, told, _time(time), _LEVELS.get(level, "INFO"))
        traces = sum(1 for _ in self._rows("traces", "step"))
        if traces:
            yield Lost(f"traces of calls, {traces:,} of them")
        yield End(last_s)

    def _config(self) -> dict[str, Any]:
        encoded = next(self._rows("configs", "config"), None)
        return (_decoded(encoded[0]) if encoded else None) or {}

    def _rows(self, table: str, names: str) -> Iterator[tuple[Any, ...]]:
        """Yield columns of the run's rows in the order they were written."""
        known = columns(self._path, table, tool="trackio")
        if not {self._key, *names.split(", ")} <= known:
            return iter(())  # an older version's
        query = f"SELECT {names} FROM {table} WHERE {self._key} = ? ORDER BY rowid"  # noqa: S608 - names of ours
        return asked(self._path, query, self._run, tool="trackio")

    def _value(self, key: str, value: Any, step: int) -> Generator[Thing, None, Any]:
        """Yield the files that a value brings, and return what stands in the row for it."""
        kind = value.get("_type") if isinstance(value, dict) else None
        if kind == _TABLE:
            file, record = _table(key, value.get("_value") or [], step)
            yield file
            return record
        if kind not in _KINDS:
            return _finite(value)
        folder, ours = _KINDS[kind]
        media = self._path.parent.resolve() / "media"
        path = media / str(value.get("file_path"))
        if not (within(path, media) and within(path, media.parent)):
            yield Lost(f"a file of the key {key!r} that is not in media/: {value.get('file_path')}")
            return None
        file, record = media_file(folder, key, step, path.read_bytes())
        target = str(Path(file.target).with_suffix(path.suffix or ".bin"))
        yield File(target, path)
        caption = {"caption": value["caption"]} if value.get("caption") else {}
        return {"_type": ours, **record, "path": target, **caption}


def _table(key: str, rows: list[dict[str, Any]], step: int) -> tuple[File, dict[str, Any]]:
    """Return a table as a file, as tables are kept here, and its record."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    data = [[row.get(name) for name in names] for row in rows]
    file, record = media_file("table", key, step, orjson.dumps({"columns": names, "data": data}))
    target = f"{file.target.removesuffix('.bin')}.table.json"
    size = {"ncols": len(names), "nrows": len(data)}
    return File(target, file.content), {"_type": "table-file", **record, "path": target, **size}


def _decoded(encoded: Any) -> dict[str, Any] | None:
    """Return an object that stands in a column, None if there is none."""
    try:
        found = json.loads(encoded)  # knows a bare NaN, which older versions wrote
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _time(told: Any) -> float:
    """Return a column's time in epoch seconds, 0 if it is none."""
    try:
        return parse_time(told)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _finite(value: Any) -> Any:
    """Return a value with the floats for which Trackio writes names."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return _NONFINITE.get(value, value) if isinstance(value, str) else value
