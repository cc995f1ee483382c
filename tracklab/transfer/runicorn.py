"""Runicorn's runs: a directory each, with `meta.json` and `events.jsonl` in it.

Its lines hold bare NaN and Infinity, which JSON does not know; Python's own reader does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError
from tracklab.records.fields import number
from tracklab.records.flat import OWN_FIELDS
from tracklab.transfer.things import (
    At,
    Begin,
    Config,
    End,
    File,
    Found,
    Lost,
    Row,
    SummarySet,
    Text,
    usable_id,
    usable_project,
)
from tracklab.transfer.trees import files_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.transfer.things import Thing

__all__ = ["find"]

_TELL_EVERY_LINES: Final = 1_000
_BLOCK_BYTES: Final = 1 << 20
_ENDS: Final = {"finished": (0, None), "completed": (0, None), "interrupted": (255, "killed")}
_FAILED: Final = (1, None)
_STEPS: Final = ("global_step", "step")
_OWN: Final = frozenset({"global_step", "time"})
_DOCUMENTS: Final = (
    "meta.json", "status.json", "assets.json", "summary.json", "events.jsonl", "logs.txt",
)  # fmt: skip


def find(source: Path) -> list[Found]:
    """Return the runs in a directory: a run's own, or any above several.

    Raises:
        UsageError: there is no run.
        OSError: `source` cannot be read.
    """
    found = []
    for above, folders, names in os.walk(source):
        folders.sort()
        if "meta.json" in names and {"events.jsonl", "status.json"} & set(names):
            folders.clear()
            found.append(_found(Path(above)))
    if not found:
        raise UsageError(
            "import runicorn found no run. Name a directory with meta.json and events.jsonl, or "
            f"one above several: {source}"
        )
    return found


def _found(run_dir: Path) -> Found:
    meta = _document(run_dir / "meta.json")
    run_id = str(meta.get("id") or run_dir.name)
    events = run_dir / "events.jsonl"
    size = events.stat().st_size if events.exists() else 0
    return Found(
        "runicorn",
        run_dir,
        _project(meta),
        usable_id(run_id),
        size,
        lambda: _things(run_dir, run_id),
    )


def _project(meta: dict[str, Any]) -> str:
    """Return the project: of newer versions the path, which is a tree, else project and name."""
    parts = str(meta.get("path") or meta.get("project") or "").split("/")
    return "/".join(usable_project(part) for part in parts if part) or "uncategorized"


def _document(path: Path) -> dict[str, Any]:
    """Return an object in a file; empty if it is missing, damaged, or a link out of the run."""
    if not within(path, path.parent):
        return {}
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _things(run_dir: Path, run_id: str) -> Iterator[Thing]:
    meta, status = _document(run_dir / "meta.json"), _document(run_dir / "status.json")
    started_s = number(status.get("started_at")) or number(meta.get("created_at")) or 0.0
    facts = {"python_version": meta.get("python"), "host": meta.get("hostname"),
             "pid": meta.get("pid")}  # fmt: skip
    yield Begin(
        started_s, str(meta.get("alias") or meta.get("name") or run_id),
        facts={**{name: value for name, value in facts.items() if value},
               "environment": {"platform": meta.get("platform")}},
    )  # fmt: skip
    for name in _DOCUMENTS:
        if (run_dir / name).exists() and not within(run_dir / name, run_dir):
            yield Lost(f"a link out of the run: {name}")
    told = _document(run_dir / "assets.json").get("config")
    config = told.get("args", told) if isinstance(told, dict) else {}
    if config and isinstance(config, dict):
        yield Config(config, started_s)
    last_s = started_s
    for thing in _rows(run_dir / "events.jsonl", started_s):
        last_s = max(last_s, thing.timestamp_s) if isinstance(thing, Row) else last_s
        yield thing
    yield from _texts(run_dir / "logs.txt")
    yield from _files(run_dir)
    yield SummarySet(_document(run_dir / "summary.json"), last_s)
    state = str(status.get("status", "")).lower()
    if state not in {"", "running"}:
        code, ours = _ENDS.get(state, _FAILED)
        yield End(number(status.get("ended_at")) or last_s, code, ours)


def _rows(path: Path, started_s: float) -> Iterator[Thing]:
    """Yield the rows of the lines; one that cannot be read costs itself only."""
    bad = done = step = 0
    if not within(path, path.parent):
        return
    with path.open("rb") as file:
        for count, line in enumerate(file):
            done += len(line)
            if count % _TELL_EVERY_LINES == 0:
                yield At(done)
            try:
                event = json.loads(line)
                row, step = _row(event, started_s, step)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
                bad += 1
                continue
            yield row
    if bad:
        yield Lost(f"{bad:,} lines of {path.name} that cannot be read")


def _row(event: dict[str, Any], started_s: float, step: int) -> tuple[Row, int]:
    """Return the row of an event, and its step; one without goes on with the last."""
    data = event["data"]
    at_s = number(event.get("ts")) or number(data.get("time")) or started_s
    step = next((int(data[name]) for name in _STEPS if number(data.get(name)) is not None), step)
    if event["type"] == "metrics":
        values = {key: value for key, value in data.items() if key not in _OWN}
    else:
        values = _media(str(event["type"]), data)
    kept = {f"runicorn/{key}" if key in OWN_FIELDS else key: v for key, v in values.items()}
    return Row(kept, at_s, step), step


def _media(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the values of an event that names a file: its key and the record."""
    path = str(data["path"])
    told = {name: data[name] for name in ("caption",) if data.get(name)}
    target = path if path.startswith("media/") else f"media/{path}"
    return {str(data["key"]): {"_type": f"{kind}-file", "path": target, **told}}


def _texts(path: Path) -> Iterator[Thing]:
    if within(path, path.parent):
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield Text("stdout", block)


def _files(run_dir: Path) -> Iterator[Thing]:
    for name, _ in files_of(run_dir / "media"):
        path = run_dir / "media" / name
        if within(path, run_dir):
            yield File(f"media/{name}", path)
        else:
            yield Lost(f"a file that is no regular one, or a link out of the run: media/{name}")
