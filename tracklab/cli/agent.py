"""`tracklab agent`: run trials of a sweep, one after the other, until none is left."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["command"]


@click.command("agent")
@click.argument("sweep")
@click.option("--dir", "root", type=click.Path(path_type=Path), help="Data directory.")
@click.option("--project", "-p", help="Where an id alone is looked for first.")
@click.option("--entity", "-e", help="No effect: a label does not tell where a sweep lies.")
@click.option("--count", type=click.IntRange(min=1), help="Most trials of this agent.")
@click.option("--forward-signals", "-f", is_flag=True, help="No effect: they always are.")
@click.option(
    "--term-timeout",
    type=click.FloatRange(min=0),
    help="Seconds until a program that was sent a signal is killed. Default: none.",
)
@click.option(
    "--max-consecutive-failed-runs",
    type=click.IntRange(min=1),
    help="End after so many failures in a row.",
)
def command(
    sweep: str,
    root: Path | None,
    *,
    project: str | None,
    entity: str | None,  # noqa: ARG001 - as wandb's
    count: int | None,
    forward_signals: bool,  # noqa: ARG001 - as wandb's
    term_timeout: float | None,
    max_consecutive_failed_runs: int | None,
) -> None:
    """Run trials of SWEEP, which is project/id: its program, once for each.

    In the programs `import wandb` finds TrackLab. Any number of agents may run, on every machine
    that has the data directory. Signals go to the program, and end the agent.
    """
    from tracklab.sweeps.agent import work  # noqa: PLC0415 - `tracklab --help` needs none of it
    from tracklab.sweeps.places import find_sweep  # noqa: PLC0415 - as above

    sys.exit(
        work(
            find_sweep(sweep, project=project, root=root), count=count, term_timeout=term_timeout,
            max_consecutive_failed_runs=max_consecutive_failed_runs,
        )
    )  # fmt: skip
