"""`tracklab llm RUN`: what LLM calls took and cost, by model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json
from tracklab.cli.tables import print_table, ratio_text, seconds_text

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.answers.llm import LlmNumbers

__all__ = ["command"]

_COLUMNS = (
    ">calls", ">errors", ">p50", ">p95", ">p99", ">first p50", ">p95", ">p99", ">in", ">out",
    ">tokens/s", ">cost", "priced by",
)  # fmt: skip


@click.command("llm")
@click.argument("run", required=False)
@data_dir
@click.option("--project", "-p", help="All runs of this project and those below it.")
@click.option(
    "--by",
    "group",
    default="model",
    show_default=True,
    help="What to group by: model, provider, operation, or any field of the calls.",
)
@json_flag
def command(
    run: str | None, root: Path | None, *, project: str | None, group: str, as_json: bool
) -> None:
    """Show what LLM calls took and cost.

    RUN is project/run_id, or a run id that is unique; without it, all runs of --project or all
    there are. `first` is the time to the first token; times are percentiles. Costs are in US
    dollars, by what the lines say, by your own file of prices, or by the package genai-prices;
    of calls whose price nobody knows they say nothing.
    """
    stats = engine_for(root).llm_stats(run=run, project=project, group=group)
    if as_json:
        print_json(stats)
        return
    if not stats.total.count:
        click.echo("No LLM calls.")
        return
    rows = [[one.group or "-", *_cells(one)] for one in stats.groups]
    if len(rows) > 1:
        rows.append(["all", *_cells(stats.total)])
    print_table((group, *_COLUMNS), rows)
    if stats.group_count > len(stats.groups):
        click.echo(f"The {len(stats.groups)} of {stats.group_count} groups with the most calls.")
    if stats.total.cost is not None and stats.total.unpriced:
        click.echo(f"Costs leave out {stats.total.unpriced} calls whose price is not known.")
    if stats.cost_note is not None:
        click.echo(stats.cost_note, err=True)


def _cells(one: LlmNumbers) -> list[str]:
    times = (one.p50, one.p95, one.p99, one.ttft_p50, one.ttft_p95, one.ttft_p99)
    speed = one.tokens_per_second
    return [
        str(one.count),
        ratio_text(one.error_rate),
        *map(seconds_text, times),
        str(one.prompt_tokens),
        str(one.completion_tokens),
        "-" if speed is None else f"{speed:.3g}",
        "-" if one.cost is None else f"${one.cost:.4g}",
        one.cost_basis or "",
    ]
