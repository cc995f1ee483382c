"""Where MLflow keeps runs: a tree of small files, or tables; both answer the same questions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracklab.storage.documents import read_yaml
from tracklab.transfer.databases import asked
from tracklab.transfer.trees import files_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileStore", "SqlStore", "StoredModel", "StoredRun"]

_STATUSES: Final = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_TRASH: Final = ".trash"
_BLOCK_BYTES: Final = 8 * 1024
#: How the database says infinity: the largest number that SQL has.
_LARGEST: Final = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run; `place` is its directory, or the database. Times are epoch seconds."""

    run_id: str
    experiment: str
    name: str
    status: str
    started_s: float
    ended_s: float | None
    artifact_uri: str
    deleted: bool
    user: str
    program: str
    place: Path


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that a run logged.

    `place` is where its files are in a store that was moved, None if the store does not say.
    """

    model_id: str
    name: str
    artifact_uri: str
    created_s: float
    place: Path | None


class _Value(NamedTuple):
    """One value of a metric."""

    at_s: float
    step: int
    key: str
    value: float


class FileStore:
    """A directory of experiments, each of runs, each of a file for every metric and parameter.

    Attributes:
        top: the directory.
        damaged: lines of metrics that could not be read, of the run that was asked last.
    """

    def __init__(self, directory: Path) -> None:
        self.top = directory
        self.damaged = 0

    def runs(self) -> list[StoredRun]:
        """Return all runs, those of deleted experiments too."""
        found = []
        for meta in [
            *self.top.glob("*/meta.yaml"),
            *self.top.glob(".trash/*/meta.yaml"),
        ]:
            experiment = read_yaml(meta) or {}
            gone = experiment.get("lifecycle_stage") == "deleted" or meta.parts[-3] == _TRASH
            for path in sorted(meta.parent.glob("*/meta.yaml")):
                run = read_yaml(path)
                if run is not None and (run.get("run_id") or run.get("run_uuid")):
                    name = str(experiment.get("name") or meta.parent.name)
                    found.append(_of_file(run, name, path.parent, deleted=gone))
        return sorted(found, key=attrgetter("started_s", "run_id"))

    def params(self, run: StoredRun) -> dict[str, str]:
        """Return the run's parameters."""
        return _texts(run, "params")

    def tags(self, run: StoredRun) -> dict[str, str]:
        """Return the run's tags."""
        return _texts(run, "tags")

    def metrics(self, run: StoredRun) -> Iterator[_Value]:
        """Yield all values in the order of their times. Memory: 8 KiB for each metric."""
        self.damaged = 0
        files = [self._values(path, key) for key, path in _files(run, "metrics")]
        yield from merge(*files, key=lambda value: (value.at_s, value.step))

    def models(self, run: StoredRun) -> list[StoredModel]:
        """Return the models that the run logged, by time."""
        found = []
        for path in sorted(run.place.parent.glob("models/*/meta.yaml")):
            told = read_yaml(path) or {} if within(path, self.top) else {}
            if told.get("source_run_id") == run.run_id:
                found.append(
                    _model({"model_id": path.parent.name, **told}, path.parent / "artifacts")
                )
        return sorted(found, key=attrgetter("created_s", "model_id"))

    def links_out(self, run: StoredRun) -> Iterator[str]:
        """Yield what was not read since it is no file of the run's own."""
        for kind in ("params", "tags", "metrics"):
            known = dict(_files(run, kind))
            names = (key for key, _ in files_of(run.place / kind) if key not in known)
            yield from (f"{kind}/{key}" for key in names)

    def _values(self, path: Path, key: str) -> Iterator[_Value]:
        for line in _lines(path):
            try:
                time_ms, value, step = line.split()[:3]
                yield _Value(int(time_ms) / 1e3, int(step), key, float(value))
            except (ValueError, OverflowError):  # noqa: PERF203 - that line only
                self.damaged += 1


def _of_file(run: dict[str, Any], experiment: str, place: Path, *, deleted: bool) -> StoredRun:
    return StoredRun(
        str(run.get("run_id") or run.get("run_uuid")), experiment,
        str(run.get("run_name") or run.get("name") or ""),
        _STATUSES.get(run.get("status") or 0, str(run.get("status"))),
        _seconds(run.get("start_time")) or 0.0,
        _seconds(run.get("end_time")), str(run.get("artifact_uri") or ""),
        deleted or run.get("lifecycle_stage") == "deleted", str(run.get("user_id") or ""),
        str(run.get("source_name") or ""), place,
    )  # fmt: skip


def _model(told: dict[str, Any], place: Path | None) -> StoredModel:
    model_id = str(told["model_id"])
    return StoredModel(
        model_id, str(told.get("name") or model_id), str(told.get("artifact_location") or ""),
        _seconds(told.get("creation_timestamp")) or 0.0, place,
    )  # fmt: skip


def _seconds(time_ms: Any) -> float | None:
    return time_ms / 1e3 if isinstance(time_ms, int) else None


def _files(run: StoredRun, kind: str) -> Iterator[tuple[str, Path]]:
    """Yield the run's own files of a kind under their path: slashes of a key make folders."""
    for key, _ in files_of(run.place / kind):
        path = run.place / kind / key
        if within(path, run.place):
            yield key, path


def _texts(run: StoredRun, kind: str) -> dict[str, str]:
    return {key: path.read_text("utf-8", "replace") for key, path in _files(run, kind)}


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file that is open only while a block of it is read.

    There may be more metrics than a process may have files.
    """
    at, rest = 0, b""
    while True:
        with path.open("rb") as file:
            file.seek(at)
            block = file.read(_BLOCK_BYTES)
        at += len(block)
        *lines, rest = (rest + block).split(b"\n")
        yield from filter(None, lines)
        if not block:
            break
    if rest:
        yield rest


class SqlStore:
    """An SQLite database of MLflow's, opened for reading only.

    Attributes:
        top: the directory that the database is in.
        damaged: always 0: a database is whole or cannot be read.
    """

    damaged = 0

    def __init__(self, path: Path) -> None:
        self.top = path.parent
        self._path = path

    def runs(self) -> list[StoredRun]:
        """Return all runs."""
        names = (
            "r.run_uuid, e.name, r.name, r.status, r.start_time, r.end_time, r.artifact_uri, "
            "r.lifecycle_stage, e.lifecycle_stage, r.user_id, r.source_name"
        )
        query = (
            f"SELECT {names} FROM runs r JOIN experiments e USING (experiment_id) "  # noqa: S608 - ours
            "ORDER BY r.start_time, r.run_uuid"
        )
        return [self._run(row) for row in self._ask(query)]

    def _run(self, row: tuple[Any, ...]) -> StoredRun:
        run_id, experiment, name, status, start, end, uri, stage, above, user, program = row
        deleted = "deleted" in {stage, above}
        return StoredRun(
            str(run_id), str(experiment), name or "", status or "", _seconds(start) or 0.0,
            _seconds(end), uri or "", deleted, user or "", program or "", self._path,
        )  # fmt: skip

    def params(self, run: StoredRun) -> dict[str, str]:
        """Return the run's parameters."""
        return dict(self._ask("SELECT key, value FROM params WHERE run_uuid = ?", run.run_id))

    def tags(self, run: StoredRun) -> dict[str, str]:
        """Return the run's tags."""
        rows = self._ask("SELECT key, value FROM tags WHERE run_uuid = ?", run.run_id)
        return {key: value or "" for key, value in rows}

    def metrics(self, run: StoredRun) -> Iterator[_Value]:
        """Yield all values in the order of their times; they are read as they are needed."""
        query = (
            "SELECT timestamp, step, key, value, is_nan FROM metrics WHERE run_uuid = ? "
            "ORDER BY timestamp, step, key"
        )
        for time_ms, step, key, value, is_nan in self._ask(query, run.run_id):
            number = math.nan if is_nan or not isinstance(value, int | float) else value
            if abs(number) >= _LARGEST:
                number = math.copysign(math.inf, number)
            yield _Value(time_ms / 1e3, step, key, number)

    def models(self, run: StoredRun) -> list[StoredModel]:
        """Return the models that the run logged, by time; MLflow before 3 knows none."""
        if not list(self._ask("SELECT 1 FROM sqlite_master WHERE name = 'logged_models'")):
            return []
        names = ("model_id", "name", "artifact_location", "creation_timestamp")
        query = (
            "SELECT model_id, name, artifact_location, creation_timestamp_ms FROM logged_models "
            "WHERE source_run_id = ? AND lifecycle_stage = 'active' "
            "ORDER BY creation_timestamp_ms, model_id"
        )
        rows = self._ask(query, run.run_id)
        return [_model(dict(zip(names, row, strict=True)), None) for row in rows]

    def links_out(self, _run: StoredRun) -> Iterator[str]:
        """Yield nothing: a database has no links."""
        return iter(())

    def _ask(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        return asked(self._path, query, *values, tool="mlflow")
