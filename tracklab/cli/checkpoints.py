"""`tracklab checkpoints RUN`: what saving costs, and how often to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json
from tracklab.cli.quantities import AGE
from tracklab.cli.tables import bytes_text, print_table, ratio_text, seconds_text, time_text

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.answers.checkpoints import Checkpoint, CheckpointAdvice, CheckpointStats

__all__ = ["command"]

_COLUMNS = (">step", "time", "what", ">size", ">took", ">blocked", ">rate", "result", "path")
_MOST_ADDED = 9.0


@click.command("checkpoints")
@click.argument("run", required=False)
@data_dir
@click.option("--project", "-p", help="All runs of this project and those below it.")
@click.option("--mtbf", type=AGE, help="Mean time between failures, such as 6h or 2d.")
@click.option("--limit", "-n", type=click.IntRange(min=0), default=20, show_default=True)
@json_flag
def command(
    run: str | None,
    root: Path | None,
    *,
    project: str | None,
    mtbf: float | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show what checkpoints cost and how often to save.

    RUN is project/run_id, or a run id that is unique; without it, all runs of --project or all
    there are. The advised interval follows Young and Daly, from the median time that a save kept
    training waiting and from the mean time between failures: that of --mtbf, else an estimate
    from the project's interrupted runs.
    """
    page = engine_for(root).checkpoints(run=run, project=project, mtbf_s=mtbf)
    if as_json:
        print_json(page)
        return
    if not page.checkpoints:
        click.echo("No checkpoints.")
        return
    if limit:
        print_table(_COLUMNS, map(_cells, page.checkpoints[-limit:]))
    for line in (*_stats(page.stats, shown=limit), *_advice(page.advice)):
        click.echo(line)


def _cells(one: Checkpoint) -> list[str]:
    notes = [
        "ok" if one.success else f"failed: {one.error_type or 'unknown'}",
        *([f"kept: {one.kept}"] if one.kept else []),
        *(["removed"] if one.removed_at else []),
    ]
    return [
        "-" if one.step is None else str(one.step),
        time_text(one.timestamp),
        one.operation,
        bytes_text(one.size),
        seconds_text(one.duration),
        seconds_text(one.blocked),
        _rate_text(None if one.mb_per_s is None else one.mb_per_s * 1e6),
        ", ".join(notes),
        one.path or "",
    ]


def _stats(stats: CheckpointStats, *, shown: int) -> list[str]:
    more = f", the last {shown} of them above" if 0 < shown < stats.count else ""
    rate = "" if stats.gb_per_s is None else f" at {_rate_text(stats.gb_per_s * 1e9)}"
    share = (
        "" if stats.blocked_share is None else f", {ratio_text(stats.blocked_share)} of the time"
    )
    return [
        f"operations     {stats.count} ({stats.failures} failed){more}",
        f"median save    {seconds_text(stats.median_s)}{rate}",
        f"saved          {bytes_text(stats.bytes)} in {stats.saves} saves",
        f"blocked        {seconds_text(stats.blocked_s)}{share}",
    ]


def _advice(advice: CheckpointAdvice | None) -> list[str]:
    if advice is None:
        return []
    if advice.mtbf_s is None or advice.interval_s is None:
        return [
            f"advice         none without a failure rate: give it with --mtbf ({advice.mtbf_basis})"
        ]
    steps = f" ({advice.interval_steps} steps)" if advice.interval_steps else ""
    lines = [f"failures       every {seconds_text(advice.mtbf_s)} ({advice.mtbf_basis})"]
    if advice.interval_s > advice.mtbf_s:  # not advised below what a save takes
        lines.append(
            f"save every     saving cannot pay: a save takes {seconds_text(advice.interval_s)}, "
            "longer than from one failure to the next"
        )
    else:
        lines.append(
            f"save every     {seconds_text(advice.interval_s)}{steps} of training: saves and lost "
            f"work add {_added_text(advice.overhead)}"
        )
    if advice.current_interval_s is not None:
        lines.append(
            f"now            {seconds_text(advice.current_interval_s)}: they add "
            f"{_added_text(advice.current_overhead)}"
        )
    return [*lines, "               by Young (1974) and Daly (2006)"]


def _rate_text(bytes_per_s: float | None) -> str:
    return "-" if bytes_per_s is None else f"{bytes_text(bytes_per_s)}/s"


def _added_text(share: float | None) -> str:
    """Return what saves and lost work add; beyond all measure, which None is too, only that."""
    if share is None or share >= _MOST_ADDED:
        return f"more than {_MOST_ADDED:.0%}"
    return ratio_text(share)
