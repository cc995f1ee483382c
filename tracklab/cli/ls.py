"""`tracklab ls`: the runs of a data directory as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable, short

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.answers.runs import Run, RunPage

__all__ = ["command"]

#: Colours of statuses; the word is always there too.
_STYLES = {
    "running": "green", "failed": "red", "crashed": "red", "killed": "red",
    "preempted": "yellow", "stale": "yellow",
}  # fmt: skip
_FIELDS = ("name", "status", "created", "updated", "ended", "duration", "step", "tags")
_PIPE_WIDTH = 200


@click.command("ls")
@click.argument("text", metavar="[FILTER]", default="")
@data_dir
@click.option("--project", "-p", help="Only this project and those below it.")
@click.option("--sort", default="-created", show_default=True, help="Field; - for descending.")
@click.option("--limit", "-n", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--metric", "-m", "metrics", multiple=True, help="Also show this summary value.")
@json_flag
def command(
    text: str,
    root: Path | None,
    *,
    project: str | None,
    sort: str,
    limit: int,
    metrics: tuple[str, ...],
    as_json: bool,
) -> None:
    """List runs, the newest first.

    FILTER is as in the UI: tracklab ls "status = running and config.lr < 1e-4"
    """
    cols = () if as_json else (*_FIELDS, *(f"summary.{metric}" for metric in metrics))
    engine = engine_for(root)
    page = engine.runs(project=project, f=text, sort=sort, limit=limit, cols=cols)
    if as_json:
        print_json(page)
    else:
        _print_table(page, metrics)


def _print_table(page: RunPage, metrics: tuple[str, ...]) -> None:
    from rich import box  # noqa: PLC0415 - programs that ask for JSON need none of it
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("run", overflow="fold")
    for name in ("name", "status"):
        table.add_column(name)
    for name in ("step", "duration", *metrics):
        table.add_column(Text(printable(name)), justify="right")
    table.add_column("started")
    table.add_column("tags")
    for run in page.runs:
        table.add_row(*(Text(cell, style) for cell, style in _cells(run, metrics)))
    console.print(table)
    if page.total > len(page.runs):
        console.print(f"{len(page.runs)} of {page.total} runs; more with --limit.")
    elif not page.total:
        console.print("No runs.")


def _cells(run: Run, metrics: tuple[str, ...]) -> list[tuple[str, str]]:
    values = (run.summary.get(metric) for metric in metrics)
    return [
        (printable(run.run), ""),
        (printable(run.name), ""),
        (run.status, _STYLES.get(run.status, "")),
        ("" if run.step is None else str(run.step), ""),
        (_duration(run.duration_s), ""),
        *(("" if value is None else short(value), "") for value in values),
        ((run.created_at or "")[:16].replace("T", " "), ""),
        (printable(", ".join(run.tags)), ""),
    ]


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}"
    return f"{minutes}m{rest:02}" if minutes else f"{seconds:.1f}s"
