"""What a run writes: rows and events, each with the operating system when the call returns.

Promise: `log()` never raises because of what a value is or how the disk feels. It does raise when
it is called wrongly.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.errors import UsageError
from tracklab.handlers.events import WRITTEN
from tracklab.handlers.segment import SegmentHandler
from tracklab.records.encode import encode_object
from tracklab.records.flat import flatten
from tracklab.records.lines import LINE_MAX_BYTES
from tracklab.sdk.definitions import Definitions, Metric
from tracklab.sdk.extras import Extras
from tracklab.sdk.placing import place_in
from tracklab.sdk.rows import STEP_END, add_missing, checked_row, checked_step, summary_values
from tracklab.sdk.summary import Summary
from tracklab.sdk.terminal import without_effect
from tracklab.sdk.unheld import MARKER, tell_unheld
from tracklab.sdk.values import PLAIN, row_values
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tracklab.media.value import Place
    from tracklab.records.summing import Summing
    from tracklab.sdk.facts import Identity
    from tracklab.sdk.options import Settings
    from tracklab.storage.writer import Writer

__all__ = ["Recording"]

_ROOT_LOGGER: Final = logging.getLogger("tracklab.run")
_QUICK_KEYS: Final = 1_000  # more hardly fit on a line
# Names of our own: one lookup less per row, each.
_dumps: Final = orjson.dumps
_isfinite: Final = math.isfinite
_now_ns: Final = time.time_ns
_APPEND_NEWLINE: Final = orjson.OPT_APPEND_NEWLINE


class _NotQuickError(Exception):
    """A row that looked plain needs the careful way after all."""


class _Position:
    """Where a run stands. On its own, because it changes with each row: see `Run.__setattr__`."""

    __slots__ = ("row_open", "step")

    def __init__(self, step: int) -> None:
        self.step = step
        self.row_open = False  # the last row's step may still get more values


class Recording(Extras):
    """The part of a run that records: its rows, its events, its summary; `Run` adds its life.

    Attributes:
        summary: last values and aggregates; see `Summary`.
    """

    def __init__(
        self, identity: Identity, writer: Writer, *, settings: Settings, first_step: int
    ) -> None:
        self._identity = identity
        self._writer = writer
        self._append = writer.append
        self._run_id = identity.run_id
        self._settings = settings
        self._began_s = identity.started_s
        self._began_us = round(identity.started_s * 1e6)
        self._at = _Position(first_step)
        self._starting_step = first_step
        self._finished = False
        self._plain = True  # no definition to follow, and not finished
        self._late_step_told = False
        self._definitions = Definitions()
        self.summary = Summary(self._definitions, self._summary_set, self._summary_removed)
        self._row_values = self.summary.values
        self._logger = _ROOT_LOGGER.getChild(identity.run_id)
        self._handler = SegmentHandler(writer)
        self._logger.addHandler(self._handler)
        self._handlers = self._logger.handlers
        self._telling: set[int] = set()
        self._logger.setLevel(logging.DEBUG)
        # Lines must not spill onto a root handler that was never asked for them.
        _ROOT_LOGGER.propagate = False

    # --- where it stands

    @property
    def writer(self) -> str | None:
        """The name its lines carry, None in the process that created the run."""
        return self._writer.writer

    @property
    def writer_of_rows(self) -> Writer:
        """What writes its lines, for copying rows of another run."""
        return self._writer

    @property
    def step(self) -> int:
        """The step that the next `log()` without `step` writes to."""
        return self._at.step

    @property
    def starting_step(self) -> int:
        """The step that this process began with: 0, or where it went on."""
        return self._starting_step

    @property
    def disabled(self) -> bool:
        """Whether it writes nothing; see `DisabledRun`."""
        return False

    @property
    def backlog(self) -> int:
        """How many lines wait for the disk: always 0 unless `write_mode` is `thread`."""
        waiting = self._writer.backlog
        return waiting.lines if waiting else 0

    @property
    def finished(self) -> bool:
        """Whether `finish()` was called."""
        return self._finished

    # --- rows

    def log(
        self,
        data: Mapping[str, Any],
        step: int | None = None,
        commit: bool | None = None,
        sync: bool | None = None,
    ) -> None:
        """Write a row: one line, with the operating system when this returns.

        Args:
            data: values by name. Numbers, texts, lists and nested dicts stay as they are;
                arrays of more than 32 elements become histograms. Media, such as `Image` and
                `Table`, lists of them, and figures become files that the row names.
            step: the row's step; None for the current one. An earlier step is kept as its own.
            commit: whether the next row is a new step. None means: yes, unless `step` is given.
            sync: no effect; older programs pass it.

        Raises:
            ArgumentTypeError: `data` is no dict, a key is no text, `step` is no integer, a list
                mixes media with other values.
            UsageError: the run is finished.
        """
        if (
            commit is None
            and sync is None
            and (step is None or type(step) is int)
            and self._plain
            and type(data) is dict
            and len(data) <= _QUICK_KEYS
            and PLAIN.issuperset(map(type, data.values()))
        ):
            now_us = _now_ns() // 1_000
            try:
                self._append("history", now_us / 1e6, self._quick, (data, step, now_us))
            except (_NotQuickError, TypeError, OverflowError):
                pass  # the careful way knows what is wrong, and says so
            else:
                if len(self._handlers) > 1 or _ROOT_LOGGER.handlers:
                    self._tell_listeners(data)
                return
        if sync is not None:
            without_effect("log(sync=)")
        self._log_carefully(data, step, commit)

    async def alog(
        self,
        data: Mapping[str, Any],
        step: int | None = None,
        commit: bool | None = None,
    ) -> None:
        """Write a row without keeping the event loop from its other tasks; see `log`.

        The line is with the operating system once this is awaited, in each write mode. It is
        written even if the task is cancelled meanwhile.

        Cost: a hop to a thread, about 0.1 ms; `log` itself is quicker on a disk that answers.
        """
        import asyncio  # noqa: PLC0415 - only programs that have loaded it already come here

        await asyncio.to_thread(self._log_and_wait, data, step, commit)

    def _log_and_wait(self, data: Mapping[str, Any], step: int | None, commit: bool | None) -> None:
        self.log(data, step, commit)
        self._writer.settle()

    def _quick(
        self, seq: int, now_s: float, given: tuple[dict[str, Any], int | None, int]
    ) -> bytes:
        """Return the line of a row of plain numbers; runs under the writer's lock."""
        data, step, now_us = given
        at = self._at
        row_step = at.step if step is None else step
        row = {
            "_timestamp": now_s,
            "_step": row_step,
            "_runtime": (now_us - self._began_us) / 1e6,  # a third of what rounding costs
            "_run_id": self._run_id,
            "_seq": seq,
        }
        if self._writer.writer is not None:
            row["_writer"] = self._writer.writer
        ours = len(row)
        row.update(data)
        line = _dumps(row, None, _APPEND_NEWLINE)
        if (
            not _isfinite(sum(data.values()))  # finite only if every value is
            or len(row) != ours + len(data)  # a key of ours among the user's
            or "_writer" in data
            or "" in data  # no name: it is left out
            or len(line) > LINE_MAX_BYTES
            or not at.step <= row_step < STEP_END
        ):
            raise _NotQuickError
        at.step = row_step + (step is None)
        at.row_open = step is not None
        self._row_values.update(data)
        return line

    def _log_carefully(
        self,
        data: Mapping[str, Any],
        step: int | None,
        commit: bool | None,
    ) -> None:
        if self._finished and _outlives_the_program():
            return
        self._refuse_if_finished("log()")
        given = checked_row(data)
        wanted = checked_step(step)
        at_step = self._at.step if wanted is None else wanted
        values = row_values(given, self._place(at_step))
        now_s = values.pop("_timestamp", None) if "_timestamp" in values else None
        now_s = now_s if isinstance(now_s, int | float) else clock.now()
        for name in ("_step", "_runtime", "_run_id", "_seq", "_writer"):
            values.pop(name, None)
        if self._definitions:
            self._add_step_metrics(values)
        body = encode_object(values)
        if MARKER in body:
            tell_unheld(body, self._say)
        advance = wanted is None if commit is None else commit
        self._writer.wait_for_room()
        with self._writer.lock:
            row_step = self._step_of(wanted)
            parts = self._writer.row(
                "history", body, timestamp_s=now_s, runtime_s=clock.now() - self._began_s,
                step=row_step,
            )  # fmt: skip
            if row_step >= self._at.step:  # an earlier step leaves the run where it stands
                self._at.step = row_step + advance
                self._at.row_open = not advance
            self.summary.add_row(summary_values(parts))
        if len(self._handlers) > 1 or _ROOT_LOGGER.handlers:
            self._tell_listeners(values)

    def _place(self, step: int | str) -> Callable[[], Place] | None:
        """Return what says where media of a row go; None keeps none."""
        return partial(place_in, self, step)  # type: ignore[arg-type] # every Recording is a Run

    def _step_of(self, wanted: int | None) -> int:
        """Return the row's step; a later one moves the run there, an earlier one does not."""
        if wanted is None:
            return self._at.step
        if wanted >= self._at.step:
            self._at.step = wanted
        elif not self._late_step_told:
            self._late_step_told = True
            self._say(
                f"log() got step {wanted} after step {self._at.step}: the row is kept with its own "
                "step, and charts sort by step."
            )
        return wanted

    def _add_step_metrics(self, values: dict[str, Any]) -> None:
        for key in flatten(values):
            metric = self._definitions.of(key)
            if metric and metric.step_metric and metric.step_sync:
                last = self.summary.last(metric.step_metric)
                literal = metric.step_metric in self._row_values
                add_missing(values, metric.step_metric, last or 0, nested=not literal)

    def _tell_listeners(self, values: Mapping[str, Any]) -> None:
        """Hand the row to the handlers that others attached to the run's logger."""
        self._tell(f"{self._logger.name}.history", "row", values, logging.INFO)

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Say what a metric's x axis is and what the summary keeps of it.

        Args:
            name: a metric, or a prefix followed by `*`.
            step_metric: the metric that is its x axis.
            step_sync: put the step metric's last value into rows that lack it; None means yes
                when `step_metric` is given.
            hidden: no chart of its own.
            summary: comma list of `min max mean last first best none copy`.
            goal: `minimize` or `maximize`, for `best`.
            overwrite: replace an earlier definition instead of widening it.

        Raises:
            UsageError: a name, summary or goal cannot be used, or the run is finished.
        """
        self._refuse_if_finished("define_metric()")
        metric = self._definitions.define(
            name,
            step_metric=str(getattr(step_metric, "name", step_metric)) if step_metric else None,
            step_sync=step_sync,
            hidden=hidden,
            summary=summary,
            goal=goal,
            overwrite=overwrite,
        )
        self._plain = False
        self.summary.redefined()
        self.event("tracklab.define_metric", "define_metric", metric.to_data())
        return metric

    def go_on_from(self, definitions: Iterable[Metric], summing: Summing) -> None:
        """Take over what an earlier process of the run defined and summed; `init()` calls it."""
        for metric in definitions:
            self._definitions.take_over(metric)
            self._plain = False
        self.summary.go_on_from(summing)

    def _summary_removed(self, keys: Sequence[str]) -> None:
        self._refuse_if_finished("deleting from the summary")
        self.event("tracklab.summary", "summary", {"values": {}, "removed": keys})

    def _summary_set(self, values: dict[str, Any]) -> dict[str, Any]:
        self._refuse_if_finished("setting the summary")
        values = row_values(values, self._place("summary"))
        self.event("tracklab.summary", "summary", {"values": values})
        return values

    # --- events

    def event(
        self,
        logger: str,
        message: str,
        data: Mapping[str, Any] | None = None,
        *,
        stream: str = "events",
        level: str = "INFO",
        durable: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an event.

        Args:
            logger: its kind, as a logger's name.
            message: its name or text.
            data: its fields.
            stream: `events` or `llm`.
            level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
            durable: also wait until the disk holds it.
            context: optional `rank`, `trace_id`, `span_id`.
        """
        self._writer.event(
            stream, logger=logger, message=message, data=encode_object(data or {}), level=level,
            context=context,
        )  # fmt: skip
        if durable:
            self._writer.sync_soon()
        self._tell_event(logger, message, data or {}, level)

    def _tell_event(self, logger: str, message: str, data: Mapping[str, Any], level: str) -> None:
        """Let other handlers of the run's logger have an event that is written."""
        if len(self._handlers) > 1 or _ROOT_LOGGER.handlers:
            self._tell(logger, message, data, logging.getLevelName(level))

    def _tell(self, logger: str, message: str, data: Mapping[str, Any], level: int) -> None:
        record = self._logger.makeRecord(
            logger, level, "", 0, message, (), None, extra={WRITTEN: True, "data": dict(data)}
        )
        here = threading.get_ident()
        if here in self._telling:  # a listener that logs itself
            self._logger.handle(record)
            return
        self._telling.add(here)
        try:
            self._logger.handle(record)
        finally:
            self._telling.discard(here)

    def is_telling(self, thread: int | None) -> bool:
        """Return whether a thread is inside another handler of the run's logger."""
        return thread in self._telling

    def _is_held_up(self) -> bool:
        """Return whether another thread is inside another handler of the run's logger."""
        return bool(self._telling - {threading.get_ident()})

    # --- rows by time, and the disk

    def system_row(self, values: Mapping[str, Any]) -> None:
        """Write a row by time, as the sampler does."""
        now_s = clock.now()
        mark = {} if self.rank is None else {"_rank": self.rank}
        self._writer.row(
            "system_metrics", encode_object({**mark, **values}), timestamp_s=now_s,
            runtime_s=now_s - self._began_s,
        )  # fmt: skip

    def watch_disk(self) -> None:
        """Tell the user if the disk has kept a line waiting for a second; the sampler asks."""
        self._writer.watch_disk()

    @property
    def lines_written(self) -> int:
        """How many lines this process has written to the run."""
        return self._writer.lines

    def sync(self) -> None:
        """Wait until the disk holds every line written so far."""
        self._writer.sync()

    def _refuse_if_finished(self, what: str) -> None:
        if self._finished:
            raise UsageError(
                f"Run ({self.id}) is finished. {what} needs a running run; call tracklab.init() "
                "for a new one."
            )

    def _say(self, text: str) -> None:
        if not self._settings.silent and not self.rank:
            say(text)


def _outlives_the_program() -> bool:
    """Return whether this is a daemon thread that the ending interpreter has not stopped yet."""
    return threading.current_thread().daemon and not threading.main_thread().is_alive()
