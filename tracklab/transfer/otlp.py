"""Runs on their way to an OpenTelemetry collector: OTLP over HTTP, as protobuf, compressed.

Rows become metrics, events and console text logs, calls to language models spans. What waits to be
sent is bounded in records and bytes, and what a receiver refuses is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from tracklab.errors import CommError
from tracklab.query.console import read_console
from tracklab.records.calls import is_call
from tracklab.records.decode import Header
from tracklab.transfer.otlp_logs import Logs
from tracklab.transfer.otlp_metrics import Metrics
from tracklab.transfer.otlp_spans import Spans
from tracklab.transfer.otlp_traces import Traces
from tracklab.transfer.otlp_values import resource_of
from tracklab.transfer.outgoing import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

    from tracklab.query.addresses import Place
    from tracklab.query.answers.text import ConsoleLine
    from tracklab.transfer.otlp_batches import Batch
    from tracklab.transfer.outgoing import Line
    from tracklab.transfer.posting import Answer, Poster

__all__ = ["Delivery"]

_KIND: Final = "application/x-protobuf"
_CONSOLE_LINES: Final = 5_000


@dataclass(slots=True)
class Delivery:
    """What is sent to a collector, and what became of it.

    Attributes:
        poster: to the collector.
        taken: records that it took, by signal.
        refused: records that it refused, by signal.
        said: what it said to that, each once.
    """

    poster: Poster
    taken: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    _metrics: Metrics = field(default_factory=Metrics)
    _logs: Logs = field(default_factory=Logs)
    _spans: Spans = field(default_factory=Spans)
    _traces: Traces = field(default_factory=lambda: Traces(""))

    @property
    def left_out(self) -> dict[str, int]:
        """What OTLP has no place for: values that are no numbers, and what has no time."""
        return {
            "not_numbers": self._metrics.not_numbers,
            "without_time": self._metrics.timeless + self._spans.timeless,
        }

    def send(self, outgoing: Outgoing) -> None:
        """Send all of it.

        Raises:
            CommError: the collector is not there or refuses; what it took before is counted.
        """
        for place, table, lines in outgoing.streams():
            self._traces = Traces(place.address)
            if table == "llm":
                self._meet_calls(place)
            self._send_lines(place, table, lines)
            if table == "events":
                self._send_console(place)
        for batch in self._batches():
            if batch.count:
                self._post(batch)

    def _meet_calls(self, place: Place) -> None:
        for _, _, lines in Outgoing([place], ["llm"]).streams():
            for line in lines:
                if not isinstance(line.record, Header) and is_call(line.record):
                    self._traces.meet(line.record)

    def _send_lines(self, place: Place, table: str, lines: Iterator[Line]) -> None:
        segment = None
        for line in lines:
            if line.segment is not segment:
                segment = line.segment
                self._begin(resource_of(place, segment))
            if isinstance(line.record, Header):
                continue
            self._post_full(len(line.raw))
            self._add(place, table, line, line.record)
            self._post_full()

    def _add(self, place: Place, table: str, line: Line, record: dict[str, Any]) -> None:
        if table in {"history", "system"}:
            for _ in self._metrics.add(record, of_machine=table == "system"):
                self._post_full()
        elif table == "llm" and is_call(record):
            name = "/".join(line.name)
            self._spans.add(record, self._traces, run=place.address, name=name)
        else:
            self._logs.add(record)

    def _send_console(self, place: Place) -> None:
        self._begin(resource_of(place, None))
        for stream in ("stdout", "stderr"):
            for line in _console(place, stream):
                self._logs.add_console(line, stream)
                self._post_full()

    def _batches(self) -> tuple[Batch, ...]:
        return self._metrics.batch, self._logs.batch, self._spans.batch

    def _begin(self, resource: Resource) -> None:
        self._metrics.begin(resource)
        for batch in (self._logs.batch, self._spans.batch):
            batch.begin(resource)

    def _post_full(self, more_bytes: int = 0) -> None:
        for batch in self._batches():
            if batch.full or batch.is_full_with(more_bytes):
                self._post(batch)

    def _post(self, batch: Batch) -> None:
        body, count = batch.take()
        noun = batch.signal.noun
        answer = self.poster.post(batch.signal.path, body, {"Content-Type": _KIND})
        refused, said = self._judged(batch, answer)
        refused = min(max(refused, 0), count)
        self.taken[noun] = self.taken.get(noun, 0) + count - refused
        self.refused[noun] = self.refused.get(noun, 0) + refused
        if said and said not in self.said:
            self.said.append(said)

    def _judged(self, batch: Batch, answer: Answer) -> tuple[int, str]:
        """Return how many records were refused, and why.

        Raises:
            CommError: no collector answers so.
        """
        try:
            if answer.kind == _KIND or not answer.body:
                return batch.refused(answer.body)
        except DecodeError:
            pass
        raise CommError(
            f"The server answered {answer.status} with {len(answer.body)} bytes of "
            f"{answer.kind or 'an unknown type'}, where OTLP answers with a message of its own as "
            f"{_KIND}. Give the address that takes OTLP over HTTP, usually port "
            f"4318 without a path: {self.poster.shown}"
        )


def _console(place: Place, stream: str) -> Iterator[ConsoleLine]:
    """Yield the lines of a stream, each once; a last one that may still grow as it is now."""
    at = 0
    while True:
        page = read_console(place.path, stream, offset=at, limit=_CONSOLE_LINES, tail=False)
        ended = page.next_offset in {at, page.size}
        yield from (line for line in page.lines if ended or line.offset < page.next_offset)
        if ended:
            return
        at = page.next_offset
