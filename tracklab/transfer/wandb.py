"""Runs in wandb's logs: `wandb/offline-run-<time>-<id>/run-<id>.wandb`, with `files/` beside it.

A log begins with seven bytes, then come records in LevelDB's form, each a protobuf message. A run
that was resumed has a log for each time; they are read one after the other, as one run.

Source: the message descriptors of wandb 0.31.0 (`wandb_internal_pb2`), and logs that it wrote.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError
from tracklab.records.flat import OWN_FIELDS
from tracklab.records.secrets import masked_arguments
from tracklab.transfer import wandb_artifacts
from tracklab.transfer.framing import Damage, level_records
from tracklab.transfer.things import (
    At,
    Begin,
    Config,
    Definition,
    End,
    Event,
    File,
    Found,
    Lost,
    Renamed,
    Row,
    SummarySet,
    Text,
    usable_id,
    usable_project,
)
from tracklab.transfer.trees import files_of, within
from tracklab.transfer.wandb_fields import config_values, json_value, row_values, timestamp_s
from tracklab.transfer.wandb_system import system_values
from tracklab.transfer.wire import Message, WireError, fields, run_of_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.transfer.things import Thing

__all__ = ["find"]

_HEADER: Final = b":W&B\xe1\xbe\x00"  # a mark, a number, version 0
_TELL_EVERY_BYTES: Final = 1 << 18
_PEEKED_RECORDS: Final = 100
# Numbers of the fields of a Record that hold what we take.
_HISTORY, _SUMMARY, _OUTPUT, _CONFIG, _STATS, _ARTIFACT = 2, 3, 4, 5, 7, 8
_ALERT, _METRIC, _OUTPUT_RAW, _RUN, _EXIT = 10, 12, 13, 17, 18
_PREEMPTING, _USE_ARTIFACT, _ENVIRONMENT = 23, 25, 26
_LEVELS: Final = {"WARN": "WARNING", "ERROR": "ERROR"}
_SUMMARIES: Final = ("min", "max", "mean", "best", "last", "none", "copy", "first")
_GOALS: Final = {1: "minimize", 2: "maximize"}


def find(source: Path, *, files_from: Path | None = None) -> list[Found]:
    """Return the runs whose logs lie in `source`: a log, a run's directory, or one above.

    Args:
        source: where they lie.
        files_from: follow links of saved files to below this directory too; None: only to below
            the source.

    Raises:
        UsageError: there is no log that can be read.
        OSError: `source` cannot be read.
    """
    paths = [source] if source.is_file() else sorted(_logs_below(source))
    runs: dict[tuple[str, str], list[_Log]] = {}
    for path in paths:
        log = _peeked(path)
        if log is not None:
            runs.setdefault((log.project, log.run_id), []).append(log)
    if not runs:
        raise UsageError(
            f"import wandb found no log of a run ({len(paths)} files named *.wandb). Name a log, "
            f"a run's directory, or the directory `wandb` above them: {source}"
        )
    tops = (source if source.is_dir() else source.parent, *([files_from] if files_from else []))
    return [
        _found(project, run_id, tops, sorted(logs, key=lambda log: (log.begin.started_s, log.path)))
        for (project, run_id), logs in runs.items()
    ]


def _logs_below(directory: Path) -> Iterator[Path]:
    for above, _, names in os.walk(directory):  # follows no links, and `latest-run` is one
        yield from (Path(above, name) for name in names if name.endswith(".wandb"))


@dataclass(frozen=True)
class _Log:
    """One log, and what its first records say."""

    path: Path
    project: str
    run_id: str
    begin: Begin


def _found(project: str, run_id: str, tops: tuple[Path, ...], logs: list[_Log]) -> Found:
    size = sum(log.path.stat().st_size for log in logs)
    return Found(
        "wandb", logs[0].path.parent, usable_project(project), usable_id(run_id), size,
        lambda: _things(logs, tops),
    )  # fmt: skip


def _records(path: Path, damage: Damage) -> Iterator[tuple[int, int, Message]]:
    """Yield the records of a log: where each ends, what it is, and its message."""
    with open(path, "rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            damage.lost_bytes += path.stat().st_size
            return
        file.seek(0)
        for at, record in level_records(file, damage, header_bytes=len(_HEADER)):
            try:
                found = [(number, Message(run_of_bytes(content)))
                         for number, content in fields(record) if number in _TAKEN]  # fmt: skip
            except WireError:
                damage.records += 1
                continue
            yield from ((at, number, message) for number, message in found)


def _peeked(path: Path) -> _Log | None:
    """Return what the first records say of a run; None where no record names one."""
    run: Message | None = None
    machine: list[Message] = []
    for count, (_, number, message) in enumerate(_records(path, Damage())):
        if number == _RUN and run is None:
            run = message
        elif number == _ENVIRONMENT:
            machine.append(message)
        elif number == _HISTORY or count > _PEEKED_RECORDS:
            break
    if run is None:
        return None
    run_id = run.text(1)
    begin = Begin(
        timestamp_s(run.message(17)), run.text(8) or run_id, facts=_facts(run, machine),
        **_names(run),
    )  # fmt: skip
    return _Log(path, run.text(3) or "uncategorized", run_id, begin)


def _names(run: Message) -> dict[str, Any]:
    return {
        "tags": tuple(run.texts(10)),
        "notes": run.text(9),
        "group": run.text(6) or None,
        "job_type": run.text(7) or None,
    }


def _facts(run: Message, machine: list[Message]) -> dict[str, Any]:
    """Return what is known of where the run ran, under the names our metadata have for it."""
    git = run.message(21)
    facts = {"entity": run.text(2), "sweep_id": run.text(12), "host": run.text(13),
             "git_commit": git.text(2)}  # fmt: skip
    environment: dict[str, Any] = {}
    for part in machine:  # each record says some of it
        facts["python_version"] = part.text(2).removeprefix("CPython ") or facts.get(
            "python_version", ""
        )
        facts["program"] = part.text(6) or facts.get("program", "")
        environment |= _without_nothing(
            {
                "platform": part.text(1), "gpu_type": part.text(18), "cpu_count": part.whole(17),
                "memory_gb": round(part.message(21).whole(1) / 1e9, 1),
                "cpu_model": part.message(22).text(3), "arguments": part.texts(5),
            }
        )  # fmt: skip
    arguments = environment.pop("arguments", [])
    argv = [facts.get("program", ""), *masked_arguments(arguments)] if arguments else []
    remote = {"remote": git.text(1), "branch": None} if git.text(1) else {}
    return _without_nothing({**facts, "argv": argv, "git": remote, "environment": environment})


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


@dataclass
class _Reader:
    """Reads the records of one run; keeps its newest time, names and summary."""

    begin: Begin
    now_s: float
    tops: tuple[Path, ...]
    summary: dict[str, Any] = field(default_factory=dict)
    end: End | None = None

    def history(self, record: Message) -> Iterator[Thing]:
        values = row_values(record.each(1))
        own = {name: values.pop(name) for name in OWN_FIELDS & values.keys()}
        step = own.get("_step")
        self.now_s = float(own.get("_timestamp") or self.now_s)
        runtime = own.get("_runtime")
        yield Row(
            values, self.now_s, record.message(2).whole(1) if step is None else int(step),
            None if runtime is None else float(runtime),
        )  # fmt: skip

    def summarised(self, record: Message) -> Iterator[Thing]:
        config_values(record, into=self.summary)
        return iter(())

    def config(self, record: Message) -> Iterator[Thing]:
        values = {key: value for key, value in config_values(record).items() if key != "_wandb"}
        if values:
            yield Config(values, self.now_s)

    def stats(self, record: Message) -> Iterator[Thing]:
        items = [Message(item) for item in record.each(3)]
        values = {item.text(1): json_value(item.data(16)) for item in items}
        self.now_s = timestamp_s(record.message(2)) or self.now_s
        cpu_count = self.begin.facts.get("environment", {}).get("cpu_count")
        if values:
            yield Row(system_values(values, cpu_count=cpu_count), self.now_s)

    def output(self, record: Message) -> Iterator[Thing]:
        stream = "stdout" if record.flag(1) else "stderr"
        yield Text(stream, record.data(3), timestamp_s(record.message(2)) or self.now_s)

    def alert(self, record: Message) -> Iterator[Thing]:
        title, level = record.text(1), _LEVELS.get(record.text(3), "INFO")
        wait_s = record.whole(4) / 1e3
        data = {"title": title, "text": record.text(2), "wait_duration": wait_s}
        yield Event("tracklab.alert", title, data, self.now_s, level)

    def metric(self, record: Message) -> Iterator[Thing]:
        if record.flag(10):
            return  # made from a pattern, which a reader applies itself
        options, kept = record.message(6), record.message(7)
        yield Definition(
            record.text(1) or record.text(2),
            step_metric=record.text(4) or None,
            step_sync=options.flag(1),
            hidden=options.flag(2),
            summary=tuple(kind for n, kind in enumerate(_SUMMARIES, 1) if kept.flag(n)),
            goal=_GOALS.get(record.whole(8)),
            overwrite=record.message(9).flag(1),
            timestamp_s=self.now_s,
        )

    def run(self, record: Message) -> Iterator[Thing]:
        """Say what a later record of the run changes; the first is what it began with."""
        yield from self.config(record.message(4))
        config_values(record.message(5), into=self.summary)
        names = {**_names(record), "name": record.text(8) or self.begin.name}
        changes = {
            name: value for name, value in names.items() if value != getattr(self.begin, name)
        }
        self.begin = replace(self.begin, **changes)
        if changes:
            yield Renamed(changes, self.now_s)

    def exit(self, record: Message) -> Iterator[Thing]:
        ended_s = max(self.now_s, self.begin.started_s + record.whole(2))
        self.end = None if record.flag(3) else End(ended_s, record.whole(1))
        return iter(())

    def preempting(self, _record: Message) -> Iterator[Thing]:
        yield Event("tracklab.lifecycle", "preempting", {}, self.now_s, "WARNING")

    def artifact(self, record: Message) -> Iterator[Thing]:
        yield from wandb_artifacts.logged(record, tops=self.tops, at_s=self.now_s)

    def use_artifact(self, record: Message) -> Iterator[Thing]:
        yield from wandb_artifacts.used(record)


_TAKEN: Final[dict[int, Callable[[_Reader, Message], Iterator[Thing]]]] = {
    _HISTORY: _Reader.history,
    _SUMMARY: _Reader.summarised,
    _OUTPUT: _Reader.output,
    _CONFIG: _Reader.config,
    _STATS: _Reader.stats,
    _ARTIFACT: _Reader.artifact,
    _USE_ARTIFACT: _Reader.use_artifact,
    _ALERT: _Reader.alert,
    _METRIC: _Reader.metric,
    _OUTPUT_RAW: _Reader.output,
    _RUN: _Reader.run,
    _EXIT: _Reader.exit,
    _PREEMPTING: _Reader.preempting,
    _ENVIRONMENT: lambda _, __: iter(()),  # the beginning has said it
}


def _things(logs: list[_Log], tops: tuple[Path, ...]) -> Iterator[Thing]:
    begin = logs[0].begin
    yield begin
    reader = _Reader(begin, begin.started_s, tops)
    before = 0
    for log in logs:
        reader.now_s, reader.end = max(reader.now_s, log.begin.started_s), None
        damage = Damage()
        told = 0
        for at, number, message in _records(log.path, damage):
            try:
                yield from _TAKEN[number](reader, message)
            except (TypeError, ValueError, OverflowError):  # what it holds is of another kind
                damage.records += 1
            if at - told > _TELL_EVERY_BYTES:
                told = at
                yield At(before + at)
        if str(damage):
            yield Lost(f"{damage} in {log.path.name}")
        yield from _files(log.path.parent / "files", tops)
        before += log.path.stat().st_size
    yield SummarySet(_summary(reader.summary), reader.now_s)
    if reader.end is not None:
        yield reader.end


def _summary(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in values.items() if key != "_wandb" and key not in OWN_FIELDS
    }


def _files(directory: Path, tops: tuple[Path, ...]) -> Iterator[Thing]:
    """Yield what lies in a run's `files/`: media under their own path, the rest under `files/`.

    wandb puts links there for what a program saved. Who wrote the log decides where they lead, so
    only those to files below `tops` are followed.
    """
    for name, _ in files_of(directory):
        path, inner = directory / name, PurePosixPath(name)
        is_media = inner.parts[0] == "media" and len(inner.parts) > 1
        if within(path, *tops):
            yield File((inner if is_media else "files" / inner).as_posix(), path)
        elif within(path, Path(path.anchor)):
            yield Lost(
                f"a saved file that is a link out of the source: {inner} comes with --files-from "
                f"{path.resolve().parent}"
            )
        else:
            yield Lost(f"a saved file that is no longer there, or no file: {inner}")
