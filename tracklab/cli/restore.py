"""`tracklab restore RUN`: a run comes back from the trash; `--code` brings its source."""

from __future__ import annotations

from pathlib import Path

import click

from tracklab.cli.options import data_dir, engine_for, printable

__all__ = ["command"]

_PATCH, _CODE = "environment/diff.patch", "code/"
#: With what names of files begin that a run keeps of its source.
_KEPT = ("config.yaml", "environment/", _CODE)


@click.command("restore")
@click.argument("run")
@data_dir
@click.option(
    "--code", "target", type=click.Path(path_type=Path, file_okay=False), metavar="DIRECTORY",
    help="Copy what RUN kept of its source and configuration, and say its commit.",
)  # fmt: skip
def command(run: str, root: Path | None, *, target: Path | None) -> None:
    """Bring RUN, written as project/run_id, back from the trash.

    If the run itself is there, the files that were removed from it come back. What has the name of
    a file that the run has by now stays in the trash, is named, and gives the status 1.

    With --code the run stays as it is, and what it kept of its source goes into DIRECTORY:
    config.yaml, environment/ with the patch of what was not committed, and code/. It prints how git
    brings the work tree back; nothing is checked out.
    """
    if target is not None:
        _copy_source(engine_for(root).root, run, target)
        return
    from tracklab.storage.trash import restore  # noqa: PLC0415 - `tracklab --help` needs none

    restored = restore(engine_for(root).root, run)
    if restored.whole:
        click.echo(f"{printable(run)} is back.")
        return
    click.echo(f"{len(restored.files)} files are back:")
    for file in restored.files:
        click.echo(f"  {printable(file)}")
    if restored.staying:
        click.echo("These stay in the trash, as the run has files of their names by now:")
        for file in restored.staying:
            click.echo(f"  {printable(file)}")
        click.echo("Move those of the run away, then restore again.")
        raise SystemExit(1)


def _copy_source(root: Path, run: str, target: Path) -> None:
    import tracklab  # noqa: PLC0415 - as above

    found = tracklab.Api({"dir": root}).run(run)
    files = [file for file in found.files() if file.name.startswith(_KEPT)]
    for file in files:
        file.download(str(target), replace=True).close()
    names = [file.name for file in files if not file.name.startswith(_CODE)]
    code = [f"{len(files) - len(names)} files in {_CODE}"] if len(files) > len(names) else []
    click.echo(f"{', '.join([*names, *code]) or 'nothing'}: {printable(str(target))}")
    commit = (found.metadata.get("git") or {}).get("commit")
    if not commit:
        click.echo("It ran in no git work tree.")
        return
    click.echo(f"git switch --detach {printable(str(commit))}")
    if _PATCH in names:
        click.echo(f"git apply {printable(str((target / _PATCH).absolute()))}")
