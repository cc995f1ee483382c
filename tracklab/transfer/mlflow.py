"""MLflow's runs: a directory of files (`mlruns`), or an SQLite database (`sqlite:///FILE`).

An experiment becomes a project, parameters the configuration, metrics rows with their steps and
times. MLflow keeps every parameter as text; a text that is exactly how Python writes a number, a
truth value or None becomes that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from tracklab.artifacts.lineage import EVENT
from tracklab.artifacts.names import safe_name
from tracklab.errors import UsageError
from tracklab.transfer.gathering import Gathering
from tracklab.transfer.mlflow_stores import FileStore, SqlStore
from tracklab.transfer.things import (
    Begin,
    Config,
    Content,
    End,
    Event,
    File,
    Found,
    Lost,
    Made,
    usable_id,
    usable_project,
)
from tracklab.transfer.trees import files_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.transfer.mlflow_stores import StoredModel, StoredRun
    from tracklab.transfer.things import Thing

__all__ = ["find"]

_SQLITE: Final = "sqlite:///"
#: Exit codes and states; MLflow's files say the number, its database the name.
_ENDS: Final = {"FINISHED": (0, "finished"), "FAILED": (1, "failed"), "KILLED": (255, "killed")}
_PLAIN: Final = {"True": True, "False": False, "None": None}
_OWN_TAGS: Final = "mlflow."


def find(
    source: Path | str, *, deleted: bool = False, files_from: Path | None = None
) -> list[Found]:
    """Return the runs of a store: a directory, a database, or `sqlite:///` and its path.

    Args:
        source: where it lies.
        deleted: also return runs that were deleted in MLflow.
        files_from: take artifacts from below this directory too; None: only from the store's.

    Raises:
        UsageError: there is no store, or no run in it.
        OSError: it cannot be read.
    """
    store = _store(source)
    runs = [run for run in store.runs() if deleted or not run.deleted]
    if not runs:
        raise UsageError(f"import mlflow found no run in this store: {source}")
    tops = (store.top, *([files_from] if files_from else []))
    return [_found(store, run, tops) for run in runs]


def _store(source: Path | str) -> FileStore | SqlStore:
    text = str(source)
    path = Path(text.removeprefix(_SQLITE) if text.startswith(_SQLITE) else text)
    if path.is_dir():
        for place in (path, path / "mlruns"):
            if any(place.glob("*/meta.yaml")):
                return FileStore(place)
        path /= "mlflow.db"
    if path.is_file():
        return SqlStore(path)
    raise UsageError(
        "import mlflow found no store. Name a directory `mlruns`, a database, or "
        f"sqlite:///FILE: {source}"
    )


def _found(store: FileStore | SqlStore, run: StoredRun, tops: tuple[Path, ...]) -> Found:
    return Found(
        "mlflow", run.place, usable_project(run.experiment), usable_id(run.run_id), 0,
        lambda: _things(store, run, tops),
    )  # fmt: skip


def _things(store: FileStore | SqlStore, run: StoredRun, tops: tuple[Path, ...]) -> Iterator[Thing]:
    tags = store.tags(run)
    facts = {
        "entity": run.user or tags.get("mlflow.user"),
        "program": tags.get("mlflow.source.name") or run.program,
        "git_commit": tags.get("mlflow.source.git.commit"),
        "parent_run_id": tags.get("mlflow.parentRunId"),
    }
    yield Begin(
        run.started_s,
        run.name or tags.get("mlflow.runName") or run.run_id,
        tags=tuple(sorted(_label(k, v) for k, v in tags.items() if not k.startswith(_OWN_TAGS))),
        notes=tags.get("mlflow.note.content", ""),
        group=tags.get("mlflow.parentRunId"),
        facts={name: value for name, value in facts.items() if value},
    )
    params = {key: _plain(value) for key, value in sorted(store.params(run).items())}
    if params:
        yield Config(params, run.started_s)
    row = Gathering("mlflow")
    last_s = run.started_s
    for metric in store.metrics(run):
        last_s = max(last_s, metric.at_s)
        yield from row.add(metric.key, metric.value, step=metric.step, at_s=metric.at_s)
    yield from row.rest()
    if store.damaged:
        yield Lost(f"{store.damaged:,} values of metrics that cannot be read")
    yield from (Lost(f"a link out of the run: {inner}") for inner in store.links_out(run))
    yield from _artifacts(run, tops)
    for model in store.models(run):
        yield from _model(model, tops)
    code, state = _ENDS.get(run.status, (None, None))
    if code is not None:
        yield End(run.ended_s or last_s, code, state)


def _label(key: str, value: str) -> str:
    """Return a tag as a label: MLflow's have a name and a value."""
    return f"{key}={value}" if value else key


def _plain(text: str) -> Any:
    """Return what Python wrote as `text`, where that is certain."""
    if text in _PLAIN:
        return _PLAIN[text]
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if repr(value) == text:
            return value
    return text


def _artifacts(run: StoredRun, tops: tuple[Path, ...]) -> Iterator[Thing]:
    """Yield the files of a run; those that lie nowhere below `tops` are only named.

    A store names any directory it likes, and may have been written by anybody.
    """
    directory, why = _directory(run.artifact_uri, run.place / "artifacts", tops)
    if why:
        yield Lost(f"the artifacts, which {why}")
    if directory is None:
        return
    for inner, _ in files_of(directory):
        path = directory / inner
        if within(path, *tops):
            yield File(f"artifacts/{inner}", path)
            told = {"op": "log", "name": inner, "type": "file"}
            yield Event(EVENT, "artifact", told, run.ended_s or run.started_s)
        else:
            yield Lost(f"an artifact that is no regular file, or a link out of the store: {inner}")


def _model(model: StoredModel, tops: tuple[Path, ...]) -> Iterator[Thing]:
    """Yield a model that the run logged, as a version of an artifact."""
    directory, why = _directory(model.artifact_uri, model.place, tops)
    name = safe_name(model.name)
    if why or directory is None:
        yield Lost(f"the model {model.name!r}, whose files {why or 'are not there'}")
        return
    inner = [path for path, _ in files_of(directory)]
    contents = tuple(
        Content(path, local=directory / path) for path in inner if within(directory / path, *tops)
    )
    if len(contents) < len(inner):
        yield Lost(f"the model {model.name!r}: a file is a link out of the store")
    elif contents:  # a model may have none, of what failed before its files were written
        yield Made("model", name, contents, model.created_s, metadata={"model_id": model.model_id})


def _directory(uri: str, beside: Path | None, tops: tuple[Path, ...]) -> tuple[Path | None, str]:
    """Return the directory that an address names, or `beside`, and why it cannot be had.

    `beside` is where it is in a store that was moved here; an empty address names none.
    """
    told = _local(uri)
    there = [path for path in (told, beside) if path is not None and path.is_dir()]
    allowed = [path for path in there if _below(path, tops)]
    if allowed:
        return allowed[0], ""
    if there:
        resolved = there[0].resolve()
        return None, f"lie outside of the store and come with --files-from {resolved}"
    return None, "" if told or not uri else f"are not on this machine: {uri}"


def _below(directory: Path, tops: tuple[Path, ...]) -> bool:
    return any(directory.resolve().is_relative_to(top.resolve()) for top in tops)


def _local(uri: str) -> Path | None:
    """Return the directory that an address names, None for one on another machine, or none."""
    if "://" not in uri and not uri.startswith(("file:", "mlflow-artifacts:")):
        return Path(uri) if uri else None  # an empty path would be the current directory
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path:
        return Path(unquote(parts.path))
    return None
