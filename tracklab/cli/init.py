"""`tracklab init`: what runs of this directory have in common, written down once."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]

_MODES = ("online", "offline", "disabled")


@click.command("init")
@click.option("--project", "-p", help="Project of runs that name none. Default: this directory's.")
@click.option("--entity", "-e", help="Whose runs they are, a label.")
@click.option("--dir", "--data-dir", "root", help="Data directory. Default: tracklab_logs.")
@click.option("--mode", "-m", type=click.Choice(_MODES), help="disabled writes nothing.")
@click.option("--reset", is_flag=True, help="Take all four out of the file again.")
def command(
    project: str | None, entity: str | None, root: str | None, mode: str | None, *, reset: bool
) -> None:
    """Write ./tracklab.yaml: project, data directory and mode of what is run from here.

    Nothing is asked. Other lines of the file stay, and so does what was said there before, unless
    it is given again. Arguments of init() and the environment win over the file.
    """
    from tracklab.cli.settings_file import change  # noqa: PLC0415 - `tracklab --help` needs none
    from tracklab.records.names import check_project  # noqa: PLC0415 - as above
    from tracklab.settings import of_directory  # noqa: PLC0415 - as above

    if reset:
        click.echo(f"Reset: {change(dict.fromkeys(('project', 'entity', 'dir', 'mode')))}")
        return
    given = {"project": project, "entity": entity, "dir": root, "mode": mode}
    chosen = {name: value for name, value in given.items() if value is not None}
    usual = {"project": Path.cwd().name or "uncategorized", "dir": "tracklab_logs"}
    for name, value in usual.items():
        if name not in chosen and of_directory(name) is None:
            chosen[name] = value
    if "project" in chosen:
        check_project(chosen["project"])
    path = change(chosen)
    for name in ("project", "entity", "dir"):
        if of_directory(name) is not None:
            click.echo(f"{name:<8} {of_directory(name)}")
    if mode is not None:
        click.echo(f"mode     {mode}")
    click.echo(f"Written to {path}")
