"""`tracklab verify RUN...`: is every line of a run there, once, under its own header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.verdicts import Fault, Verdict

__all__ = ["command"]

_COLUMNS = (
    "run", "writer", ">rank", "alive", ">segments", ">lines", "numbers", ">explained", ">missing",
    ">doubled", ">bad", ">torn", ">values",
)  # fmt: skip
_SHOWN_FAULTS = 50


@click.command("verify")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@data_dir
@json_flag
def command(runs: tuple[str, ...], root: Path | None, *, as_json: bool) -> None:
    """Check that RUN is whole; exit with 1 if there is a fault.

    RUN is project/run_id, or a run id that is unique. A run that is being written may be checked:
    what its writers have not finished yet is no fault, and neither are lines that a gap event or
    a removal names.
    """
    from tracklab import clock  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.query.addresses import resolve  # noqa: PLC0415 - as above
    from tracklab.query.verification import verify  # noqa: PLC0415 - as above
    from tracklab.storage.identity import this_process  # noqa: PLC0415 - as above

    place = engine_for(root).root
    here = this_process()
    verdicts = [verify(resolve(place, run), here=here, now_s=clock.now()) for run in runs]
    if as_json:
        from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy

        print_json({"runs": [{"sound": one.sound, **plain(one)} for one in verdicts]})
    else:
        _print(verdicts)
    click.get_current_context().exit(0 if all(one.sound for one in verdicts) else 1)


def _print(verdicts: list[Verdict]) -> None:
    from tracklab.cli.tables import print_table  # noqa: PLC0415 - only for people

    print_table(_COLUMNS, (row for verdict in verdicts for row in _rows(verdict)))
    for verdict in verdicts:
        for fault in verdict.faults[:_SHOWN_FAULTS]:
            click.secho(f"FAULT  {printable(_sentence(verdict, fault))}", fg="red")
        more = verdict.fault_count - _SHOWN_FAULTS
        if more > 0:
            click.echo(f"       and {more} more in {printable(verdict.run)}; all with --json.")
        if verdict.sound:
            click.secho(f"ok     {printable(verdict.run)}", fg="green")


def _rows(verdict: Verdict) -> list[list[str]]:
    return [
        [
            verdict.run,
            one.name or one.writer or "?",
            "" if one.rank is None else str(one.rank),
            "yes" if one.living else "no",
            str(one.segments),
            str(one.lines),
            "" if one.first_seq is None else f"{one.first_seq} to {one.last_seq}",
            *map(str, (one.explained, one.missing, one.duplicates, one.bad_lines)),
            *map(str, (one.torn_lines, one.values)),
        ]
        for one in verdict.writers
    ]


def _sentence(verdict: Verdict, fault: Fault) -> str:
    where = f" in {fault.segment}" if fault.segment else ""
    at = "" if fault.offset is None else f" at byte {fault.offset}"
    writer = fault.writer or "the creator"
    return f"{fault.kind}: {fault.detail}{where}{at} (writer {writer}, run {verdict.run})"
