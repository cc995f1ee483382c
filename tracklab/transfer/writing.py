"""One run on its way in: written into a directory of its own, with the times it had."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.lineage import EVENT
from tracklab.errors import UsageError
from tracklab.records.encode import encode_object
from tracklab.records.secrets import masked_values
from tracklab.sdk.definitions import Definitions
from tracklab.sdk.facts import Identity
from tracklab.sdk.folding import KeptText
from tracklab.sdk.rows import summary_values
from tracklab.sdk.summary import Summary
from tracklab.settings import Settings
from tracklab.storage.console import ConsoleFile
from tracklab.storage.documents import write_json, write_yaml
from tracklab.storage.permissions import create_file, make_directory
from tracklab.storage.segments import Limits
from tracklab.storage.succession import FIRST
from tracklab.storage.writer import Writer
from tracklab.transfer.counting import Counting, is_time
from tracklab.transfer.shelving import said_of
from tracklab.transfer.things import (
    Begin,
    Config,
    Definition,
    End,
    Event,
    Renamed,
    SummarySet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tracklab.artifacts.manifest import ArtifactManifest
    from tracklab.transfer.shelving import Shelf
    from tracklab.transfer.things import Made, Row, Text, Thing

__all__ = ["Writing"]

_NO_AGE: Final = float("inf")


class Writing(Counting):
    """Writes a run directory from what is said of the run.

    Args:
        run_dir: an empty directory.
        shelf: where versions of artifacts go; says project and id of the run, too.
        origin: what its metadata says of where it came from.
    """

    def __init__(self, run_dir: Path, *, shelf: Shelf, origin: Mapping[str, Any]) -> None:
        super().__init__(shelf)
        project, run_id = shelf.project, shelf.run_id
        self._run_dir = run_dir
        self._origin = dict(origin)
        resource = {"service.name": project, "service.instance.id": run_id}
        facts = {"project": project, "attempt": 0, **FIRST, "resource": resource}
        # The times are those of the past: only the size of a segment ends it.
        self._writer = Writer(run_dir, run_id, facts=facts, limits=Limits(max_age_s=_NO_AGE))
        self._identity = Identity(run_id, project, run_id, started_s=0.0)
        self._definitions = Definitions()
        self._summary = Summary(self._definitions, dict)
        self._config: dict[str, Any] = {}
        self._console: dict[str, KeptText] = {}
        self._last_s = 0.0
        self._last_step = 0
        self._told_summary: SummarySet | None = None
        self._end: End | None = None

    @property
    def lines_lost(self) -> int:
        """How many lines the disk did not take."""
        return self._lines_lost

    def row(self, row: Row, body: bytes) -> None:
        """Write a row, with its own time."""
        runtime_s = row.runtime_s
        if runtime_s is None:
            runtime_s = row.timestamp_s - self._identity.started_s
        stream = "system_metrics" if row.step is None else "history"
        parts = self._writer.row(
            stream, body, timestamp_s=row.timestamp_s, runtime_s=runtime_s, step=row.step
        )
        self._last_s = max(self._last_s, row.timestamp_s)
        if row.step is not None:
            self._last_step = max(self._last_step, row.step)
            as_given = len(parts) == 1 and parts[0] is body
            self._summary.add_row(row.values if as_given else summary_values(parts))

    def text(self, text: Text) -> None:
        """Append console text as a run would have."""
        kept = self._console.get(text.stream)
        if kept is None:
            most = Settings().console_bytes
            file = ConsoleFile(self._run_dir / "logs", text.stream, most_bytes=most)
            kept = self._console[text.stream] = KeptText(file)
        kept.add(text.content, text.timestamp_s)

    def file(self, parts: tuple[str, ...], blocks: Any) -> None:
        """Write a file of the run."""
        path = self._run_dir.joinpath(*parts)
        make_directory(path.parent)
        with open(create_file(path, 0), "wb") as file:
            file.writelines(blocks)

    def version(self, made: Made, manifest: ArtifactManifest) -> None:
        """Make the version, and say that the run logged it."""
        entity = self._identity.facts.get("entity")
        if not is_time(made.timestamp_s):
            made = replace(made, timestamp_s=self._last_s)
        kept = self._shelf.keep(made, manifest, entity=entity)
        for op in ("log", "use") if made.used else ("log",):
            told = {"op": op, **said_of(kept), "aliases": list(made.aliases)}
            self._event(EVENT, "artifact", told, made.timestamp_s)

    def other(self, thing: Thing) -> None:
        """Write what is an event of ours."""
        match thing:
            case Begin():
                self._begin(thing)
            case Config():
                self._config.update(thing.values)
                self._event_config("update", thing.values, thing.timestamp_s)
            case Definition():
                self._define(thing)
            case Renamed():
                self._identity = self._identity.edited(**thing.changes)
                self._event("tracklab.run", "run", thing.changes, thing.timestamp_s)
            case Event():
                self._event(
                    thing.logger, thing.message, thing.data, thing.timestamp_s, level=thing.level
                )
            case SummarySet():
                self._told_summary = thing
            case End():
                self._end = thing

    def _begin(self, begin: Begin) -> None:
        values = masked_values(begin.facts)
        self._identity = Identity(
            self._identity.run_id, self._identity.project, begin.name,
            started_s=begin.started_s if is_time(begin.started_s) else 0.0, notes=begin.notes,
            tags=begin.tags, group=begin.group, job_type=begin.job_type,
            facts={**values, "imported": self._origin},
        )  # fmt: skip
        self._last_s = self._identity.started_s
        self._event("tracklab.lifecycle", "start", self._identity.to_metadata(), self._last_s)

    def _define(self, given: Definition) -> None:
        try:
            metric = self._definitions.define(
                given.name, step_metric=given.step_metric, step_sync=given.step_sync,
                hidden=given.hidden, summary=",".join(given.summary), goal=given.goal,
                overwrite=given.overwrite,
            )  # fmt: skip
        except UsageError:
            self.lose(f"a definition of the metric {given.name!r}")
            return
        self._summary.redefined()
        data = metric.to_data()
        self._event("tracklab.define_metric", "define_metric", data, given.timestamp_s)

    def _event_config(self, op: str, values: dict[str, Any], at_s: float) -> None:
        data = {"op": op, "values": masked_values(values), "source": "import"}
        self._event("tracklab.config", "config", data, at_s)

    def _event(
        self, logger: str, message: str, data: Mapping[str, Any], at_s: float, level: str = "INFO"
    ) -> None:
        at_s = at_s if is_time(at_s) else self._last_s
        self._last_s = max(self._last_s, at_s)
        self._writer.event(
            "events", logger=logger, message=message, data=encode_object(data), level=level,
            timestamp_s=at_s,
        )  # fmt: skip

    def finish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write the origin, the end, and the documents."""
        self._set_summary()
        told = {**data, "rows": self.counts["rows"], "lost": self.lost[:100]}
        self._event(kind, "import", told, self._last_s)
        if self._end is not None:
            self._finish(self._end)
        for kept in self._console.values():
            kept.end()
        self._console = {}
        self._write_documents()

    def _set_summary(self) -> None:
        """Write what the summary says beyond the rows."""
        if self._told_summary is None:
            return
        known = self._summary.as_dict()
        beyond = {
            key: value
            for key, value in self._told_summary.values.items()
            if known.get(key) != value and value == value  # noqa: PLR0124 - NaN is in the rows
        }
        if beyond:
            self._summary.update(beyond)
            at_s = self._told_summary.timestamp_s
            self._event("tracklab.summary", "summary", {"values": beyond}, at_s)

    def _finish(self, end: End) -> None:
        state = end.state or ("failed" if end.exit_code else "finished")
        ended_s = max(end.ended_s if is_time(end.ended_s) else 0.0, self._last_s)
        self._identity = self._identity.ended(ended_s, state, end.exit_code)
        duration_s = round(ended_s - self._identity.started_s, 6)
        data = {
            "state": state, "exit_code": end.exit_code, "duration_s": duration_s, "lines_lost": 0,
        }  # fmt: skip
        self._event("tracklab.lifecycle", "finish", data, ended_s)

    def _write_documents(self) -> None:
        summary = {
            **self._summary.as_dict(),
            "_step": self._last_step,
            "_runtime": round(self._last_s - self._identity.started_s, 6),
            "_timestamp": self._last_s,
        }
        write_json(self._run_dir / "summary.json", summary, durable=True)
        write_yaml(self._run_dir / "config.yaml", masked_values(self._config), durable=True)
        write_json(self._run_dir / "metadata.json", self._identity.to_metadata(), durable=True)

    def close(self) -> None:
        """Make the lines durable and let go of the run."""
        for kept in self._console.values():
            with suppress(OSError):
                kept.end()
        self._lines_lost = self._writer.lines_lost
        self._writer.close()
