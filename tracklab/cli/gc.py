"""`tracklab gc`: what is old or too much goes to the trash, and the trash is emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable
from tracklab.cli.quantities import AGE, SIZE

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.storage.retention import Policy, Removal
    from tracklab.storage.trash import Discarded

__all__ = ["command", "emptied"]

_KINDS = {
    "system": "system_metrics", "console": "console", "history": "history", "events": "events",
    "llm": "llm",
}  # fmt: skip
_DAY_S = 86_400


@click.command("gc")
@data_dir
@click.option("--older-than", "older_than_s", type=AGE, help="Remove what was written longer ago.")
@click.option("--max-size", "max_bytes", type=SIZE, help="Keep at most so much, the newest.")
@click.option("--max-count", type=click.IntRange(min=0), help="Keep at most so many, the newest.")
@click.option("--policy", is_flag=True, help="Remove what is older than DATA_RETENTION_DAYS.")
@click.option("--runs", "whole_runs", is_flag=True, help="Judge and remove whole runs.")
@click.option(
    "--stream", "-s", "kinds", multiple=True, type=click.Choice(list(_KINDS)),
    help="Judge and remove this. Default: system and console.",
)  # fmt: skip
@click.option("--project", "-p", help="Only this project and those below it.")
@click.option("--empty-trash", is_flag=True, help="Delete what lies in the trash, for good.")
@click.option(
    "--grace", "grace_s", type=AGE, default="7d", show_default=True,
    help="Only what has lain in the trash for longer.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List what would be removed, and do nothing.")
@json_flag
def command(  # noqa: PLR0913 - one argument for each option
    root: Path | None,
    *,
    older_than_s: float | None,
    max_bytes: float | None,
    max_count: int | None,
    policy: bool,
    whole_runs: bool,
    kinds: tuple[str, ...],
    project: str | None,
    empty_trash: bool,
    grace_s: float,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove what is old or too much, to the trash; nothing goes by itself.

    By default that is the system rows and console logs of ended runs; history, events and LLM
    calls go only if named. A run that is being written is not touched, and every removal stands
    in the run's events. tracklab restore brings back what is in the trash.
    """
    place = engine_for(root).root
    if policy and older_than_s is None:
        older_than_s = _retention_days() * _DAY_S
    limits = (older_than_s, max_bytes, max_count)
    limited = any(limit is not None for limit in limits)
    if not limited and not empty_trash:
        raise click.UsageError(
            "Nothing was asked for. Give --older-than, --max-size, --max-count, --policy or "
            "--empty-trash."
        )
    from tracklab.storage.retention import EXPENDABLE, Policy  # noqa: PLC0415 - not for --help

    chosen = frozenset(_KINDS[kind] for kind in kinds) or EXPENDABLE
    size = None if max_bytes is None else int(max_bytes)
    asked = Policy(older_than_s, size, max_count, chosen, whole_runs)
    removals = _collect(place, asked, project, dry_run=dry_run) if limited else []
    purged = emptied(place, grace_s, dry_run=dry_run) if empty_trash else []
    if as_json:
        print_json({"removed": _plain(removals), "deleted": purged, "dry_run": dry_run})
    else:
        _print(removals, purged, dry_run=dry_run)


def _retention_days() -> float:
    from tracklab.settings import retention_days  # noqa: PLC0415 - not for --help

    return retention_days()


def _collect(root: Path, policy: Policy, project: str | None, *, dry_run: bool) -> list[Removal]:
    from tracklab import clock  # noqa: PLC0415 - not for --help
    from tracklab.storage.identity import this_process  # noqa: PLC0415 - as above
    from tracklab.storage.retention import apply, plan  # noqa: PLC0415 - as above

    here, now_s = this_process(), clock.now()
    planned = plan(root, policy, here=here, now_s=now_s, project=project)
    if dry_run:
        return planned
    done: list[Removal] = []
    apply(root, planned, here=here, now_s=now_s, done=done.append)
    return [removal for removal in planned if removal in done]


def emptied(root: Path, grace_s: float, *, dry_run: bool = False) -> list[Discarded]:
    """Delete for good what has lain in the trash for longer than `grace_s`, and return it."""
    from tracklab import clock  # noqa: PLC0415 - not for --help
    from tracklab.storage.trash import discarded, purge  # noqa: PLC0415 - as above

    due = [entry for entry in discarded(root) if clock.now() - entry.since_s >= grace_s]
    for entry in () if dry_run else due:
        purge(root, entry)
    return due


def _plain(removals: list[Removal]) -> list[dict[str, Any]]:
    from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy

    return [{"run": removal.address, **plain(removal)} for removal in removals]


def _print(removals: list[Removal], purged: list[Discarded], *, dry_run: bool) -> None:
    from tracklab.cli.tables import bytes_text, print_table, time_text  # noqa: PLC0415 - for people
    from tracklab.clock import rfc3339  # noqa: PLC0415 - as above

    if removals:
        print_table(
            ("run", "file", ">size", "written", "reason"),
            (
                (
                    removal.address, removal.file or "the whole run",
                    bytes_text(removal.size_bytes), time_text(rfc3339(removal.changed_s)),
                    removal.reason,
                )
                for removal in removals
            ),
        )  # fmt: skip
    for entry in purged:
        what = "the run" if entry.whole else "files of"
        click.echo(f"trash: {what} {printable(entry.address)}")
    size = bytes_text(sum(removal.size_bytes for removal in removals))
    would = "would go" if dry_run else "went"
    click.echo(f"{len(removals)} {would} to the trash, {size}; {len(purged)} {would} for good.")
