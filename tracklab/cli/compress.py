"""`tracklab compress`: closed segments take less room, and read as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable
from tracklab.cli.quantities import AGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.query.addresses import Place

__all__ = ["command"]


@click.command("compress")
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@data_dir
@click.option("--project", "-p", help="The runs of this project and those below it.")
@click.option("--all", "everything", is_flag=True, help="All runs.")
@click.option(
    "--older-than", "older_than_s", type=AGE, default="15m", show_default=True,
    help="Only segments that were last written longer ago.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["gz", "zst"]), default="gz", show_default=True,
    help="zst is quicker to read and needs pip install 'tracklab-local[zstd]'.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be compressed, and do nothing.")
@json_flag
def command(
    runs: tuple[str, ...],
    root: Path | None,
    *,
    project: str | None,
    everything: bool,
    older_than_s: float,
    form: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Compress the closed segments of RUN, of a project, or of all runs.

    The segment that a living process appends to stays as it is. Log shippers read plain files
    only: compress what they have shipped already. Exit with 1 if a segment could not be.
    """
    if not (runs or project or everything):
        raise click.UsageError("Name runs, a project with --project, or say --all.")
    if form == "zst":
        from tracklab.storage.zstd import zstandard  # noqa: PLC0415 - `--help` needs none of it

        zstandard()  # better now than at each segment
    places = _places(engine_for(root).root, runs, project)
    done = list(_compressed(places, form, older_than_s=older_than_s, dry_run=dry_run))
    if as_json:
        print_json({"segments": done, "dry_run": dry_run})
    else:
        _print(done, dry_run=dry_run)
    click.get_current_context().exit(1 if any(entry["error"] for entry in done) else 0)


def _places(root: Path, runs: tuple[str, ...], project: str | None) -> list[Place]:
    from tracklab.query.addresses import places, resolve  # noqa: PLC0415 - as above

    if runs:
        return [resolve(root, run) for run in runs]
    return list(places(root, project=project))


def _compressed(
    places: list[Place], form: str, *, older_than_s: float, dry_run: bool
) -> Iterator[dict[str, Any]]:
    from tracklab import clock  # noqa: PLC0415 - as above
    from tracklab.storage.compression import pack  # noqa: PLC0415 - as above
    from tracklab.storage.identity import this_process  # noqa: PLC0415 - as above
    from tracklab.storage.packing import closed_segments  # noqa: PLC0415 - as above

    here, now_s = this_process(), clock.now()
    for place in places:
        for closed in closed_segments(
            place.path, here=here, now_s=now_s, older_than_s=older_than_s
        ):
            entry: dict[str, Any] = {
                "run": place.address, "segment": closed.path.name, "bytes": closed.size_bytes,
                "packed_bytes": None, "error": None,
            }  # fmt: skip
            try:
                if not dry_run:
                    entry["packed_bytes"] = pack(closed.path, form).stat().st_size
            except OSError as error:
                entry["error"] = error.strerror or str(error)
            yield entry


def _print(done: list[dict[str, Any]], *, dry_run: bool) -> None:
    from tracklab.cli.tables import bytes_text, print_table  # noqa: PLC0415 - only for people

    if done:
        print_table(
            ("run", "segment", ">bytes", ">compressed", ""),
            (
                (
                    entry["run"], entry["segment"], bytes_text(entry["bytes"]),
                    bytes_text(entry["packed_bytes"]), printable(entry["error"] or ""),
                )
                for entry in done
            ),
        )  # fmt: skip
    before = sum(entry["bytes"] for entry in done)
    after = sum(entry["packed_bytes"] or 0 for entry in done)
    said = f"{len(done)} closed segments, {bytes_text(before)}"
    click.echo(f"{said}; nothing was changed." if dry_run else f"{said}, now {bytes_text(after)}.")
