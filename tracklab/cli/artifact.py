"""`tracklab artifact`: list, show, copy and keep versions of files, and tidy their store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tracklab.cli.absent import command_for
from tracklab.cli.options import data_dir, json_flag, print_json, printable
from tracklab.cli.quantities import AGE

if TYPE_CHECKING:
    from tracklab.artifacts.artifact import Artifact

__all__ = ["command"]

_NO_CACHE: Final = "Contents lie in one pool and nowhere else: `tracklab artifact gc` tidies it."


class _Commands(click.Group):
    """Knows what wandb has beside ours, and says what to use instead."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "cache":
            return command_for("artifact cache", _NO_CACHE)
        return super().get_command(ctx, cmd_name)


@click.group("artifact", cls=_Commands)
def command() -> None:
    """Versions of datasets, models and other files.

    ADDRESS is name:v3, name:alias or project/name:alias; without an alias it is the latest.
    """


@command.command("ls")
@click.argument("name", required=False)
@data_dir
@click.option("--type", "kind", help="Only artifacts of this type.")
@click.option("--project", "-p", help="Only versions of this project.")
@json_flag
def ls(
    name: str | None, root: Path | None, *, kind: str | None, project: str | None, as_json: bool
) -> None:
    """List artifacts; with NAME, its versions.

    Tables that runs logged are listed where their type is asked for: --type run_table.
    """
    from tracklab.artifacts.names import RUN_TABLE  # noqa: PLC0415 - not for --help
    from tracklab.query.artifacts import list_artifacts, list_versions  # noqa: PLC0415 - not for --help

    place = _root(root)
    if name is None:
        found = list_artifacts(place, kind=kind, project=project)
        if as_json:
            print_json({"artifacts": found})
            return
        shown = [one for one in found if kind or one.type != RUN_TABLE]
        _table(
            ("type", "name", ">versions", "latest", ">size", ">stored", "created"),
            [
                (one.type, one.name, str(one.versions), one.latest, _bytes(one.size),
                 _bytes(one.stored), _time(one.created_at))
                for one in shown
            ],
        )  # fmt: skip
        if len(shown) < len(found):
            click.echo(f"{len(found) - len(shown)} logged tables: --type {RUN_TABLE}")
        return
    versions = [
        version
        for one in list_artifacts(place, kind=kind, project=project)
        if one.name == name
        for version in list_versions(place, one.type, name)
        if project in {None, version.project}
    ]
    if as_json:
        print_json({"versions": versions})
        return
    _table(
        ("version", "type", "aliases", ">files", ">size", "created", "run"),
        [
            (one.version, one.type, ", ".join(one.aliases), str(one.file_count), _bytes(one.size),
             _time(one.created_at), one.run or "")
            for one in versions
        ],
    )  # fmt: skip


@command.command("show")
@click.argument("address")
@data_dir
@click.option("--type", "kind", help="Its type, where several types have the name.")
@json_flag
def show(address: str, root: Path | None, *, kind: str | None, as_json: bool) -> None:
    """Show one version: what is said of it, and its files."""
    from tracklab.query.artifacts import show_version  # noqa: PLC0415 - not for --help

    found = _find(address, root, kind)
    told = show_version(_root(root), found.type, found.collection.name, found.version)
    if as_json:
        print_json(told)
        return
    facts = {
        "artifact": f"{told.project}/{told.name}:{told.version}", "type": told.type,
        "aliases": ", ".join(told.aliases), "digest": told.digest,
        "created": _time(told.created_at),
        "run": told.run or "-", "description": told.description or "-",
        "size": f"{_bytes(told.size)} in {told.file_count} files",
    }  # fmt: skip
    for name, value in facts.items():
        click.echo(f"{name:<12} {printable(value)}")
    for key, value in told.metadata.items():
        click.echo(f"{'metadata':<12} {printable(key)} = {printable(str(value))}")
    _table(
        ("path", ">size", "digest"),
        [(one.path, _bytes(one.size), one.ref or one.digest) for one in told.files],
    )


@command.command("get")
@click.argument("address")
@data_dir
@click.option("--type", "kind", help="Its type, where several types have the name.")
@click.option("--root", "target", type=click.Path(path_type=Path), help="Where to put the files.")
def get(address: str, root: Path | None, *, kind: str | None, target: Path | None) -> None:
    """Copy the files of a version; what is written to the copies changes nothing else."""
    found = _find(address, root, kind)
    place = found.download(target)
    click.echo(f"{found.name}: {found.file_count} files, {_bytes(found.size)} in {place}")


@command.command("put")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@data_dir
@click.option("--name", "-n", help="The artifact's: name or project/name. Default: that of PATH.")
@click.option("--type", "-t", "kind", default="dataset", show_default=True)
@click.option("--alias", "-a", "aliases", multiple=True, help="Beside latest.")
@click.option("--description", "-d")
def put(
    path: Path, root: Path | None, *, name: str | None, kind: str, aliases: tuple[str, ...],
    description: str | None,
) -> None:  # fmt: skip
    """Keep a file or directory as a version, without a run."""
    from tracklab.artifacts.artifact import Artifact  # noqa: PLC0415 - not for --help
    from tracklab.artifacts.names import check_aliases, safe_name  # noqa: PLC0415 - as above
    from tracklab.sdk.arguments import default_project  # noqa: PLC0415 - as above
    from tracklab.settings import data_root  # noqa: PLC0415 - as above

    project, _, own = (name or safe_name(path.absolute().name)).rpartition("/")
    made = Artifact(own, kind, description)
    (made.add_dir if path.is_dir() else made.add_file)(path)
    new = made.commit(
        data_root(root), project=project or default_project(), facts={},
        aliases=check_aliases(aliases),
    )  # fmt: skip
    what = "new" if new else "unchanged"
    click.echo(f"{made.project}/{made.name} ({what}): {made.file_count} files, {_bytes(made.size)}")


@command.command("verify")
@click.argument("address")
@data_dir
@click.option("--type", "kind", help="Its type, where several types have the name.")
@click.option("--root", "target", type=click.Path(path_type=Path), help="Compare this directory.")
def verify(address: str, root: Path | None, *, kind: str | None, target: Path | None) -> None:
    """Compare a version's own files, or those of a directory, with its manifest."""
    found = _find(address, root, kind)
    found.verify(target or found.stored_files)
    click.secho(f"ok     {printable(found.name)}", fg="green")


@command.command("gc")
@data_dir
@click.option(
    "--grace", "grace_s", type=AGE, default="1h", show_default=True,
    help="Let alone what changed less long ago.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List what would be removed, and do nothing.")
@json_flag
def gc(root: Path | None, *, grace_s: float, dry_run: bool, as_json: bool) -> None:
    """Remove versions whose time is over, and what no version refers to.

    Contents go for good. What a version refers to is never touched, and neither is what a running
    program builds at this moment.
    """
    from tracklab import clock  # noqa: PLC0415 - not for --help
    from tracklab.artifacts.upkeep import collect, plan  # noqa: PLC0415 - as above

    place = _root(root)
    planned = plan(place, now_s=clock.now(), grace_s=grace_s)
    gone = planned if dry_run else collect(place, planned, now_s=clock.now())
    if as_json:
        print_json({"removed": gone, "dry_run": dry_run})
        return
    for waste in gone:
        click.echo(f"{waste.kind:<9} {_bytes(waste.size_bytes):>8} {printable(waste.path)}")
    # An expired version is made of contents, which are told on lines of their own.
    size = _bytes(sum(one.size_bytes for one in gone if one.kind not in {"expired", "remains"}))
    click.echo(f"{len(gone)} {'would go' if dry_run else 'went'}, {size}.")


@command.command("graph")
@click.argument("address")
@data_dir
@click.option("--type", "kind", help="Its type, where several types have the name.")
@click.option("--depth", type=click.IntRange(1, 100), default=10, show_default=True)
@json_flag
def graph(
    address: str, root: Path | None, *, kind: str | None, depth: int, as_json: bool
) -> None:  # fmt: skip
    """Show which runs made and used a version, what they made of it, and so on."""
    from tracklab.query.artifacts import lineage  # noqa: PLC0415 - not for --help

    found = _find(address, root, kind)
    told = lineage(_root(root), found.type, found.collection.name, found.version, depth=depth)
    if as_json:
        print_json(told)
        return
    for edge in told.edges:
        arrow = "made" if edge.op == "log" else "used"
        click.echo(printable(f"run {edge.run} {arrow} {edge.artifact}"))
    if told.truncated:
        click.echo(f"There is more beyond {depth} steps; see --depth.")


def _root(root: Path | None) -> Path:
    from tracklab.cli.options import engine_for  # noqa: PLC0415 - not for --help

    return engine_for(root).root


def _find(address: str, root: Path | None, kind: str | None) -> Artifact:
    from tracklab.artifacts.artifact import Artifact  # noqa: PLC0415 - not for --help
    from tracklab.artifacts.names import parse_address  # noqa: PLC0415 - as above
    from tracklab.artifacts.versions import find_version  # noqa: PLC0415 - as above

    place = _root(root)
    return Artifact.of_version(place, find_version(place, parse_address(address), kind=kind))


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from tracklab.cli.tables import print_table  # noqa: PLC0415 - only for people

    print_table(columns, rows)


def _bytes(count: Any) -> str:
    from tracklab.cli.tables import bytes_text  # noqa: PLC0415 - only for people

    return bytes_text(count)


def _time(timestamp: str | None) -> str:
    from tracklab.cli.tables import time_text  # noqa: PLC0415 - only for people

    return time_text(timestamp)
