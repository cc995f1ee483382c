"""`tracklab tail RUN`: the last lines of a stream, and then each new one until the run ends."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

import click
import orjson

from tracklab.cli.options import data_dir, engine_for, json_flag, printable, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.query.answers.events import Event
    from tracklab.query.engine import Engine

    Lines = Iterator[dict[str, Any] | Event | str]

__all__ = ["command"]

_STREAMS = {"history": "history", "system": "system_metrics", "events": "events", "llm": "llm"}
_CONSOLE = ("stdout", "stderr")
_PAUSE_S = 0.5
_OVER = frozenset({"finished", "failed", "killed", "crashed", "preempted"})


@click.command("tail")
@click.argument("run")
@data_dir
@click.option("--lines", "-n", "count", type=click.IntRange(min=0), default=10, show_default=True)
@click.option(
    "--stream",
    "-s",
    type=click.Choice([*_STREAMS, *_CONSOLE]),
    default="history",
    show_default=True,
)
@click.option("--follow/--no-follow", "go_on", default=True, help="Go on until the run ends.")
@json_flag
def command(
    run: str, root: Path | None, *, count: int, stream: str, go_on: bool, as_json: bool
) -> None:
    """Print the last lines of RUN, and then each new one until it ends."""
    engine = engine_for(root)
    pause: Callable[[float], None] | None = time.sleep if go_on else None
    read = _console if stream in _CONSOLE else _records
    try:
        for line in read(engine, run, stream, count, pause):
            click.echo(_json(line) if as_json else _text(line))
    except KeyboardInterrupt:
        return


def _records(
    engine: Engine, run: str, stream: str, count: int, pause: Callable[[float], None] | None
) -> Lines:
    """Yield the last `count` records, then new ones; without `pause` it ends with the lines."""
    streams = (_STREAMS[stream],)
    last: deque[Any] = deque(maxlen=count)
    tail = engine.tail(run, streams=streams)
    last.extend(line.record for line in tail.lines)
    while tail.more:
        tail = engine.tail(run, rev=tail.rev, streams=streams)
        last.extend(line.record for line in tail.lines)
    yield from last
    rev = tail.rev

    def new() -> Lines:
        nonlocal rev
        tail = engine.tail(run, rev=rev, streams=streams)
        rev = tail.rev
        yield from (line.record for line in tail.lines)

    yield from _follow(engine, run, new, pause)


def _console(
    engine: Engine, run: str, stream: Any, count: int, pause: Callable[[float], None] | None
) -> Lines:
    page = engine.logs(run, stream=stream, limit=max(count, 1), tail=True)
    yield from (line.text for line in page.lines if line.offset < page.next_offset and count)
    offset = page.next_offset

    def new() -> Lines:
        nonlocal offset
        page = engine.logs(run, stream=stream, offset=offset)
        offset = page.next_offset
        yield from (line.text for line in page.lines if line.offset < offset)

    yield from _follow(engine, run, new, pause)
    # What was never ended with a line break is still the last thing the run said.
    yield from (line.text for line in engine.logs(run, stream=stream, offset=offset).lines)


def _follow(
    engine: Engine, run: str, new: Callable[[], Lines], pause: Callable[[float], None] | None
) -> Lines:
    """Yield what `new` finds, again and again, until the run is over and nothing more comes."""
    while pause is not None:
        over = engine.glance(run).status in _OVER
        lines = list(new())
        yield from lines
        if over and not lines:
            return
        pause(_PAUSE_S)


def _json(line: dict[str, Any] | Event | str) -> bytes:
    from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy

    return orjson.dumps(plain(line))


def _text(line: dict[str, Any] | Event | str) -> str:
    if isinstance(line, str):
        return line
    if isinstance(line, dict):
        step = [f"step={line['_step']}"] if "_step" in line else []
        shown = (f"{key}={short(line[key])}" for key in line if not key.startswith("_"))
        return printable(" ".join([*step, *shown]))
    details = " ".join(f"{key}={short(value)}" for key, value in line.data.items())
    at = (line.timestamp or "")[11:23]
    return printable(f"{at} {line.level:<8} {line.logger} {line.message} {details}".rstrip())
