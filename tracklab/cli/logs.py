"""`tracklab logs RUN`: lines that a run printed or logged, searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, printable
from tracklab.cli.quantities import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.query.answers.text import FoundLine, SearchPage

__all__ = ["command"]

_PAGE = 1_000
_LEVELS = ("debug", "info", "warning", "error", "critical")


@click.command("logs")
@click.argument("run")
@data_dir
@click.option("--grep", "-g", "q", default="", metavar="TEXT", help="Lines that hold this text.")
@click.option("--regex", "-e", "expression", default="", help="Lines that this RE2 pattern finds.")
@click.option(
    "--stream",
    "-s",
    "streams",
    multiple=True,
    type=click.Choice(["stdout", "stderr", "app", "alerts", "events"]),
    help="Where; several times for several. Default: all but events.",
)
@click.option(
    "--level", type=click.Choice(_LEVELS, case_sensitive=False), help="This level, or graver."
)
@click.option("--since", help="From this time on: 2026-11-20, or an age as 1h.")
@click.option("--until", help="Up to this time.")
@click.option("--lines", "-n", "count", type=click.IntRange(min=1), help="Only the last so many.")
@json_flag
def command(  # noqa: PLR0913 - one argument for each option
    run: str,
    root: Path | None,
    *,
    q: str,
    expression: str,
    streams: tuple[str, ...],
    level: str | None,
    since: str | None,
    until: str | None,
    count: int | None,
    as_json: bool,
) -> None:
    """Print lines of console text, of the program's log, and alerts of RUN.

    Console text has neither level nor time: with --level, --since or --until only the log and
    alerts are searched. Lines come as they stand in the files, writer by writer.
    """
    engine = engine_for(root)

    def page(after: str | None) -> SearchPage:
        return engine.search(
            run, q=q, re=expression, streams=streams, level=level, x0=moment(since),
            x1=moment(until), after=after, limit=min(count or _PAGE, _PAGE),
            order="desc" if count else "asc",
        )  # fmt: skip

    found = _last(page, count) if count else _every(page)
    for line in found:
        click.echo(_json(line) if as_json else _text(line))


def _every(page: Callable[[str | None], SearchPage]) -> Iterator[FoundLine]:
    cursor = None
    while True:
        found = page(cursor)
        yield from found.lines
        cursor = found.cursor
        if cursor is None:
            return


def _last(page: Callable[[str | None], SearchPage], count: int) -> list[FoundLine]:
    lines: list[FoundLine] = []
    for line in _every(page):
        lines.append(line)
        if len(lines) == count:
            break
    return lines[::-1]


def _json(line: FoundLine) -> bytes:
    import orjson  # noqa: PLC0415 - only for --json

    return orjson.dumps(line)


def _text(line: FoundLine) -> str:
    shown = printable(line.text.replace("\t", "    "))
    if line.timestamp is None and line.level is None:
        return f"[rank {line.rank}] {shown}" if line.rank else shown
    at, level, logger = (line.timestamp or "")[:23], line.level or "", line.logger or ""
    return f"{at} {level:<8} {printable(logger)} {shown}"
