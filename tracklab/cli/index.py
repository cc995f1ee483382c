"""`tracklab index`: the index that makes reading quick, and that nothing depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.query.addresses import Place

__all__ = ["command"]

_MB = 1_000_000


@click.group("index")
def command() -> None:
    """Make reading quicker: build, check or remove the index.

    The index can be deleted at any time: answers stay the same, only slower. A server builds
    it by itself for the runs that people look at.
    """


@command.command("status")
@data_dir
@json_flag
def status(root: Path | None, *, as_json: bool) -> None:
    """Show how much of the rows is indexed."""
    from tracklab.index.places import index_root, run_place  # noqa: PLC0415 - needs numpy
    from tracklab.index.upkeep import Extent, extent  # noqa: PLC0415 - as above

    engine = engine_for(root)
    index = index_root(engine.root)
    runs, total = 0, Extent()
    for place in _places(engine.root, ()):
        runs += 1
        total += extent(place.path, run_place(index, place.project, place.run_id))
    if as_json:
        print_json({"place": str(index), "runs": runs, "extent": total})
        return
    share = total.indexed_bytes / total.total_bytes if total.total_bytes else 1.0
    click.echo(
        f"{share:.0%} of {total.total_bytes / _MB:.1f} MB of rows and LLM calls in {runs} runs is "
        f"indexed: {total.parts} files, {total.size_bytes / _MB:.1f} MB"
    )
    if total.indexed_bytes < total.total_bytes:
        click.echo("Short streams and the newest lines of longer ones are read from their files.")
    click.echo(str(index))


@command.command("build")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@data_dir
@json_flag
def build(runs: tuple[str, ...], root: Path | None, *, as_json: bool) -> None:
    """Index runs, or all of them: what is there already is not read again."""
    from rich.progress import Progress  # noqa: PLC0415 - other commands need none of it

    from tracklab.errors import StorageError  # noqa: PLC0415 - as above
    from tracklab.index.building import (  # noqa: PLC0415 - needs numpy
        BuilderBusyError,
        build_run,
        the_builder,
    )
    from tracklab.index.places import index_root, run_place  # noqa: PLC0415 - as above
    from tracklab.index.upkeep import Extent, extent  # noqa: PLC0415 - as above
    from tracklab.query.cataloguing import update_catalog  # noqa: PLC0415 - as above

    engine = engine_for(root)
    index = index_root(engine.root)
    found = [
        (place, run_place(index, place.project, place.run_id))
        for place in _places(engine.root, runs)
    ]
    total = sum((extent(place.path, shelf) for place, shelf in found), Extent())
    read_bytes = listed = 0
    faults = []
    try:
        with the_builder(index), Progress(disable=as_json) as bar:
            task = bar.add_task("Indexing", total=total.total_bytes - total.indexed_bytes)
            for place, shelf in found:
                built = build_run(place.path, shelf, on_read=lambda count: bar.advance(task, count))
                read_bytes += built.read_bytes
                faults += [f"{place.address}: {fault}" for fault in built.faults]
            bar.update(task, completed=total.total_bytes - total.indexed_bytes)
            if not runs:
                task = bar.add_task("Listing", total=None)
                listed = update_catalog(engine.root, index, on_run=lambda: bar.advance(task))
    except BuilderBusyError:
        raise StorageError(
            f"Another process is building this index. Wait for it, then try again. {index}"
        ) from None
    except OSError as error:
        raise StorageError(
            f"The index cannot be written ({error.strerror}). Make room, or name another place "
            f"with TRACKLAB_INDEX_DIR. {index}"
        ) from None
    if as_json:
        told = {"runs": len(found), "read_bytes": read_bytes, "listed": listed, "faults": faults}
        print_json(told)
    else:
        click.echo(f"Read {read_bytes / _MB:.1f} MB of {len(found)} runs.")
    for fault in faults:
        click.echo(printable(fault), err=True)
    click.get_current_context().exit(1 if faults else 0)


@command.command("verify")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@data_dir
@json_flag
def verify(runs: tuple[str, ...], root: Path | None, *, as_json: bool) -> None:
    """Read every file of the index; exit with 1 if one is not what was written."""
    from tracklab.index.places import index_root, run_place  # noqa: PLC0415 - needs numpy
    from tracklab.index.upkeep import unsound  # noqa: PLC0415 - as above

    engine = engine_for(root)
    index = index_root(engine.root)
    count, found = 0, {}
    for place in _places(engine.root, runs):
        count += 1
        faults = unsound(place.path, run_place(index, place.project, place.run_id))
        found.update({f"{place.address}/{name}": fault for name, fault in faults.items()})
    if as_json:
        print_json({"runs": count, "unsound": found})
    else:
        for name, fault in found.items():
            click.echo(f"{printable(name)}: {fault}")
        click.echo(f"{count} runs checked, {len(found)} files not used.")
        if found:
            click.echo("Answers are right without them; `tracklab index drop` removes the index.")
    click.get_current_context().exit(1 if found else 0)


@command.command("drop")
@data_dir
def drop_all(root: Path | None) -> None:
    """Remove the index; the next reader builds it anew."""
    from tracklab.errors import StorageError  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.index.building import BuilderBusyError, the_builder  # noqa: PLC0415 - as above
    from tracklab.index.places import index_root  # noqa: PLC0415 - as above
    from tracklab.index.upkeep import drop  # noqa: PLC0415 - as above

    index = index_root(engine_for(root).root)
    try:
        with the_builder(index):
            drop(index)
    except BuilderBusyError:
        raise StorageError(
            f"Another process is building this index. Wait for it, then try again. {index}"
        ) from None
    except OSError as error:
        raise StorageError(f"The index cannot be removed ({error.strerror}). {index}") from None
    click.echo(f"Removed {index}")


def _places(root: Path, addresses: tuple[str, ...]) -> Iterator[Place]:
    from tracklab.query.addresses import places, resolve  # noqa: PLC0415 - `--help` needs none

    if not addresses:
        yield from places(root)
    for address in addresses:
        yield resolve(root, address)
