"""How a program ends decides how its runs end: exit codes and exceptions, never changed by us.

A normal end is 0, an exception 1, Ctrl-C 255, `sys.exit(n)` n. A signal that kills leaves no
line at all: readers see the writer's lock free and prove the crash from that.

SIGTERM leaves a trace all the same. A handler in Python could not write an end line safely: it
runs only when the interpreter next does, so a process that hangs in C would no longer die of the
signal. The standard library's faulthandler reacts in C, at once: it writes where the program was
into `run.sigterm` and hands the signal on, so the process dies as it would have without us.
"""

from __future__ import annotations

import atexit
import builtins
import faulthandler
import os
import signal
import sys
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tracklab.storage.descriptors import close_file
from tracklab.storage.layout import sigterm_name
from tracklab.storage.permissions import create_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from tracklab.sdk.run import Run

__all__ = [
    "exit_code",
    "finish_all",
    "trace_sigterm",
    "watch_exit",
]

_INTERRUPTED = 255
_CLOSED: Final = -1
_watched: weakref.WeakSet[Run] = weakref.WeakSet()


class _Ending:
    """What the program said about its end so far."""

    installed = False
    code = 0


def watch_exit(run: Run) -> None:
    """End `run` when the program ends, with the code the program ends with."""
    _watched.add(run)
    if not _Ending.installed:
        _Ending.installed = True
        _chain_excepthook()
        _chain_sys_exit()
        _chain_builtin_exit()
        atexit.register(_finish_at_exit)
    _watch_worker(run)


def _watch_worker(run: Run) -> None:
    """End a run that a worker of multiprocessing began: such processes run no `atexit`."""
    process, util = (sys.modules.get(f"multiprocessing.{name}") for name in ("process", "util"))
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, _finish_worker, args=(weakref.ref(run),), exitpriority=0)


def _finish_worker(reference: weakref.ref[Run]) -> None:
    run = reference()
    if run is None:
        return
    kind, error, trace = sys.exc_info()  # multiprocessing calls this while it passes on
    if kind is None:
        run.finish()
    else:
        run.fail(kind, error, trace)


def exit_code(kind: type[BaseException], error: BaseException | None) -> int:
    """Return the exit code of a program that ends with this exception."""
    if issubclass(kind, KeyboardInterrupt):
        return _INTERRUPTED
    if not issubclass(kind, SystemExit):
        return 1
    code = getattr(error, "code", None)
    if code is None:
        return 0
    return code if isinstance(code, int) else 1


class _Trace:
    """The descriptor that the one handler of SIGTERM writes to: some run's file, or nowhere."""

    descriptor = _CLOSED


def trace_sigterm(run_dir: Path, writer: str | None, *, file_mode: int) -> Callable[[], None]:
    """Leave word of a SIGTERM in the run's directory from now on; return what ends that.

    A program that handles or ignores the signal itself is let alone. Of several runs in one
    process the newest gets the word. A forked child leaves none.
    """
    path = run_dir / sigterm_name(writer)
    try:
        _point_at(path, file_mode)
    except OSError:
        return lambda: None  # without the file a killed run counts as crashed

    def end() -> None:
        _point_nowhere()
        with suppress(OSError):
            if path.stat().st_size == 0:
                path.unlink()

    return end


def _point_at(path: Path, file_mode: int) -> None:
    if _Trace.descriptor == _CLOSED and _is_handled(signal.SIGTERM):
        return
    descriptor = create_file(path, os.O_APPEND, file_mode=file_mode)
    if _Trace.descriptor != _CLOSED:
        os.dup2(descriptor, _Trace.descriptor, inheritable=False)
        close_file(descriptor)
        return
    _Trace.descriptor = descriptor
    faulthandler.register(signal.SIGTERM, file=descriptor, all_threads=False, chain=True)
    os.register_at_fork(after_in_child=_point_nowhere)


def _point_nowhere() -> None:
    """Let the handler write to nowhere.

    It is never unregistered: that would also undo a handler which the program set after ours.
    """
    if _Trace.descriptor == _CLOSED:
        return
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, _Trace.descriptor, inheritable=False)
        os.close(nowhere)


def _is_handled(number: int) -> bool:
    """Return whether anybody, be it in C, catches or ignores a signal; yes where unknown.

    Source: proc(5), SigCgt and SigIgn of /proc/[pid]/status.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            masks = [int(line.split()[1], 16) for line in file if line[:6] in {"SigCgt", "SigIgn"}]
    except (OSError, IndexError, ValueError):
        return True
    return not masks or any(mask >> (number - 1) & 1 for mask in masks)


def _chain_excepthook() -> None:
    earlier = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        try:
            earlier(kind, error, trace)  # first, while what is printed is kept with the run
        finally:
            for run in list(_watched):
                run.fail(kind, error, trace)

    sys.excepthook = hook


def _chain_sys_exit() -> None:
    # SystemExit reaches no hook, and atexit is not told the code: only the call shows it.
    earlier = sys.exit

    def exit_(status: object = None, /) -> NoReturn:
        _note_exit(status)
        earlier(status)  # type: ignore[arg-type] # whatever the user gave

    sys.exit = exit_


def _chain_builtin_exit() -> None:
    # `exit(3)` and `quit(3)`, which `python -S` and IPython do without, do not call sys.exit.
    quitter: Any = type(getattr(builtins, "exit", None))
    if quitter.__module__ != "_sitebuiltins":
        return
    earlier = quitter.__call__

    def call(self: object, code: object = None) -> NoReturn:
        _note_exit(code)
        earlier(self, code)
        raise SystemExit(code)  # for the type checker: it has raised

    quitter.__call__ = call


def _note_exit(status: object) -> None:
    if threading.current_thread() is threading.main_thread():  # of another one only that ends
        _Ending.code = exit_code(SystemExit, SystemExit(status))


def finish_all(exit_code: int) -> None:
    """End every run of this process."""
    for run in list(_watched):
        run.finish(exit_code=exit_code)


def _finish_at_exit() -> None:
    finish_all(_Ending.code)
