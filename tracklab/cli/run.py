"""`tracklab run`: start a program so that its runs are kept here, whatever it was written for.

A Python program takes the place of this one, with the interpreter, `sys.argv`, `sys.path` and
`__main__` it would have had without us; only `import wandb` finds tracklab. Any other command
becomes a run itself: what it prints, where it ran, and how it ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.run import Run

__all__ = ["command"]

_NOT_FOUND: Final = 127  # as shells have it
_SIGNALLED: Final = 128  # as above: and the signal's number


class _Program(click.Command):
    """Knows whether the program stood behind `--`, which click does not tell."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        behind = args[args.index("--") + 1 :] if "--" in args else []
        rest = super().parse_args(ctx, args)
        ctx.params["plain"] = bool(behind) and ctx.params["program"] == tuple(behind)
        return rest


@click.command(
    "run",
    cls=_Program,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--project", "-p", help="Project of the program's runs, unless it names one.")
@click.option("--name", "-n", help="Name of the run; of a Python program's, unless it names one.")
@click.option("--dir", "root", type=click.Path(path_type=Path), help="Data directory.")
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a Python module.")
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    project: str | None,
    name: str | None,
    root: Path | None,
    *,
    is_module: bool,
    program: tuple[str, ...],
    plain: bool,
) -> None:
    """Run a program, and keep what it logs through wandb here.

    \b
      tracklab run train.py --epochs 3      a Python program
      tracklab run -m package.train         a Python module
      tracklab run -- ./train.sh            any command: it becomes a run itself
    """  # noqa: D301 - click's mark for lines that stay as they are
    environment = {**os.environ, "TRACKLAB_AS_WANDB": "1"}
    if project is not None:
        environment["TRACKLAB_PROJECT"] = project
    if root is not None:
        environment["TRACKLAB_DATA_DIR"] = str(root.absolute())
    if is_module or (program[0].endswith(".py") and not plain):
        if name is not None:
            environment["TRACKLAB_NAME"] = name
        _become(["-m", *program] if is_module else [*program], environment)
    sys.exit(_watch(program, environment, project=project, name=name, root=root))


def _become(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Replace this process by a Python program; returns only to raise.

    Raises:
        UsageError: there is no such file.
    """
    if arguments[0] != "-m" and not Path(arguments[0]).is_file():
        raise UsageError(f"tracklab run found no program. Check the path: {arguments[0]}")
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *arguments], dict(environment))  # noqa: S606 - no shell is wanted


def _watch(
    program: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    project: str | None,
    name: str | None,
    root: Path | None,
) -> int:
    """Run a command as a run of its own, and return what it exits with."""
    import tracklab  # noqa: PLC0415 - only here a run is begun
    from tracklab.records.secrets import masked_arguments  # noqa: PLC0415 - as above

    found = shutil.which(program[0])
    if found is None:
        click.echo(f"tracklab run found no command {program[0]!r}. Check its name.", err=True)
        return _NOT_FOUND
    run = tracklab.init(
        project=project,
        name=name or Path(program[0]).name,
        dir=root,
        config={"command": masked_arguments(list(program))},
        job_type="command",
        reinit="create_new",
        settings={"console": "redirect", "auto_ui": "0"},
    )
    return _ended(run, [found, *program[1:]], environment)


def _ended(run: Run, arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end, end its run as it ended, and return what it exits with."""
    child: subprocess.Popen[bytes] | None = None
    terminated = interrupted = False

    def terminate(*_: Any) -> None:
        nonlocal terminated
        terminated = True
        if child is not None:
            child.terminate()

    earlier = signal.signal(signal.SIGTERM, terminate)
    child = subprocess.Popen(arguments, env=dict(environment))  # noqa: S603 - what the user asked for
    if terminated:  # while it was started
        child.terminate()
    while True:
        try:
            code = child.wait()
            break
        except KeyboardInterrupt:  # the command got it too, and decides what it does
            interrupted = True
    signal.signal(signal.SIGTERM, earlier)
    status = code if code >= 0 else _SIGNALLED - code
    if interrupted and status:
        run.fail(KeyboardInterrupt, None, None)
    else:
        run.finish(exit_code=status)
    return status
