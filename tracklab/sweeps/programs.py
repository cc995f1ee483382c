"""Programs that run trials: their command lines, and how they are started and ended."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import UsageError
from tracklab.sdk.terminal import termerror
from tracklab.sweeps.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from tracklab.storage.sweeps import Sweep

__all__ = ["Programs", "command_line"]

_DEFAULT: Final = ("${env}", "${interpreter}", "${program}", "${args}")
_MACRO: Final = re.compile(r"\$\{(\w+)\}")
_VARIABLE: Final = re.compile(r"\$\{envvar:(\w+)\}")
#: What asks a program to end, or says that its terminal has gone.
_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_NOT_FOUND: Final = 127  # as shells have it
_SIGNALLED: Final = 128  # as above: and the signal's number


class Programs:
    """Starts the program of a sweep for one trial after the other.

    Args:
        sweep: whose configuration names it.
        term_timeout_s: seconds until a program that was sent a signal is killed; None waits.

    Raises:
        UsageError: the configuration names neither a program nor a command that can be used.
    """

    def __init__(self, sweep: Sweep, *, term_timeout_s: float | None = None) -> None:
        self._config = sweep.config
        self._term_timeout_s = term_timeout_s
        self._signal: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        if not (self._config.get("program") or self._config.get("command")):
            raise UsageError(
                f"The sweep {sweep.address} names no program, and agent() got no function. Put "
                "program: train.py into the configuration, or write agent(sweep_id, function=...)."
            )
        command_line(self._config, {}, environment={})  # which refuses what will never start

    def run(self, parameters: Mapping[str, Any], environment: Mapping[str, str]) -> Outcome:
        """Run the program of a trial to its end; a signal is passed on to it, and ends the agent.

        Args:
            parameters: the trial's.
            environment: the program's; it says which trial this is.
        """
        arguments = command_line(self._config, parameters, environment=environment)
        with self._signals_passed_on():
            try:
                # In a session of its own: a Ctrl-C at the terminal reaches it once, from here.
                self._child = subprocess.Popen(  # noqa: S603 - what the user asked for
                    arguments, env=dict(environment), stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                termerror(f"The command {arguments[0]!r} cannot be started ({error.strerror}).")
                return Outcome(_NOT_FOUND)
            if self._signal is not None:  # it came while the program was started
                self._pass_on(self._signal, None)
            code = self._child.wait()
        return Outcome(code if code >= 0 else _SIGNALLED - code, signal=self._signal)

    @contextmanager
    def _signals_passed_on(self) -> Iterator[None]:
        in_main = threading.current_thread() is threading.main_thread()  # others get no signals
        heard = [number for number in _PASSED_ON if signal.getsignal(number) != signal.SIG_IGN]
        earlier = {n: signal.signal(n, self._pass_on) for n in heard} if in_main else {}
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._signal = number
        child = self._child
        if child is None or child.returncode is not None:
            return
        _send(child, number)
        if self._term_timeout_s is not None:
            killing = threading.Timer(self._term_timeout_s, _send, (child, signal.SIGKILL))
            killing.daemon = True
            killing.start()


def command_line(
    config: Mapping[str, Any], parameters: Mapping[str, Any], *, environment: Mapping[str, str]
) -> list[str]:
    """Return what starts a trial: the configuration's command with its macros filled in.

    Args:
        config: `command`, else `${env} ${interpreter} ${program} ${args}`; and `program`.
        parameters: by name.
        environment: what `${envvar:NAME}` is looked up in.

    Raises:
        UsageError: a macro is unknown, or the program that it stands for is missing.
    """
    filled: list[str] = []
    macros = _macros(config, parameters)
    for part in map(str, config.get("command") or _DEFAULT):
        whole = _MACRO.fullmatch(part)
        if whole is None:
            filled.append(_VARIABLE.sub(lambda m: environment.get(m[1], m[1]), part))
        elif whole[1] in macros:
            filled += macros[whole[1]]
        else:
            raise UsageError(
                f"The sweep's command has the macro {part!r}; there are "
                f"{', '.join(f'${{{name}}}' for name in macros)}. Correct it in the configuration."
            )
    return filled


def _macros(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, list[str]]:
    plain = {key: str(value) for key, value in parameters.items()}
    switches = {key: value for key, value in parameters.items() if isinstance(value, bool)}
    pairs = [f"{key}={value}" for key, value in plain.items()]
    return {
        "env": [shutil.which("env") or "/usr/bin/env"],
        "interpreter": [sys.executable],
        **({"program": [config["program"]]} if config.get("program") else {}),
        "args": [f"--{pair}" for pair in pairs],
        "args_no_equals": [part for key, value in plain.items() for part in (f"--{key}", value)],
        "args_no_hyphens": pairs,
        "args_no_boolean_flags": [
            f"--{key}" if key in switches else f"--{key}={value}"
            for key, value in plain.items()
            if switches.get(key, True)
        ],
        "args_append_hydra": [f"+{pair}" for pair in pairs],
        "args_override_hydra": [f"++{pair}" for pair in pairs],
        "args_json": [orjson.dumps(dict(parameters)).decode()],
    }


def _send(child: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a program and what it has started; one that has ended gets none."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
