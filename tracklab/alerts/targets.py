"""Who is told: a terminal, a program of the user's, or (in `services`) a service."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, Protocol

import orjson

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracklab.alerts.notices import Notice

__all__ = ["SECRETS", "Command", "Target", "Terminal"]

#: The variable with the addresses of services, which programs of the user's do not inherit.
SECRETS: Final = "TRACKLAB_NOTIFY"
_LIMIT_S: Final = 30.0


class Target(Protocol):
    """Somebody who is told.

    Attributes:
        label: what a message calls it; no secret is in it.
    """

    label: str

    def send(self, notice: Notice) -> str | None:
        """Tell one notice, in bounded time.

        Returns:
            None if it has arrived, else why not, without any secret.
        """


class Terminal:
    """Prints what is to be told.

    Args:
        show: takes each notice, and prints it.
    """

    label = "The terminal"

    def __init__(self, show: Callable[[Notice], None]) -> None:
        self._show = show

    def send(self, notice: Notice) -> str | None:
        """Print a notice."""
        self._show(notice)
        return None


class Command:
    """Runs a program with the notice as JSON on its standard input.

    Args:
        command: program and arguments as a shell would split them; no shell sees them.
        limit_s: seconds after which it, and what it has started, is killed.

    Raises:
        UsageError: the command is empty or its quotes do not end.
    """

    def __init__(self, command: str, *, limit_s: float = _LIMIT_S) -> None:
        try:
            self._argv = shlex.split(command)
        except ValueError as error:
            raise UsageError(
                f"The command cannot be split into words ({error}): {command!r}. Close its "
                "quotes, as a shell would want it."
            ) from None
        if not self._argv:
            raise UsageError("The command is empty. Name a program, such as --command 'logger'.")
        self._limit_s = limit_s
        self.label = f"The command {os.path.basename(self._argv[0])!r}"  # noqa: PTH119 - a word

    def send(self, notice: Notice) -> str | None:
        """Run the program; it has taken the notice if it ends with 0."""
        try:
            program = subprocess.Popen(  # noqa: S603 - it is the user's own
                self._argv,
                stdin=subprocess.PIPE,
                stdout=2,  # what it prints is no answer of ours
                env=_environment(notice),
                start_new_session=True,  # with what it starts, it can be killed at once
            )
        except OSError as error:
            return f"it cannot be started ({error.strerror})"
        try:
            with suppress(BrokenPipeError):  # one that does not read decides by its exit status
                program.communicate(orjson.dumps(asdict(notice)) + b"\n", timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            return f"it took longer than {self._limit_s:g} s"
        finally:
            _end(program)
        return None if program.returncode == 0 else f"it ended with {program.returncode}"


def _environment(notice: Notice) -> Mapping[bytes, bytes]:
    """Return what the program finds in its environment, in UTF-8 whatever the locale is.

    No variable holds a NUL.
    """
    told = {
        "TRACKLAB_ALERT_KIND": notice.kind,
        "TRACKLAB_ALERT_RUN": notice.run,
        "TRACKLAB_ALERT_NAME": notice.name,
        "TRACKLAB_ALERT_LEVEL": notice.level,
        "TRACKLAB_ALERT_TITLE": notice.title,
    }
    kept = {name: value for name, value in os.environb.items() if name != SECRETS.encode()}
    return kept | {
        name.encode(): value.replace("\0", "").encode(errors="replace")
        for name, value in told.items()
    }


def _end(program: subprocess.Popen[bytes]) -> None:
    """Kill what still runs of a program, and take its exit status."""
    if program.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
    program.wait()
