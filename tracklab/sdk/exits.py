"""How a program ends decides how its runs end: exit codes and exceptions, never changed by us.

A normal end is 0, an exception 1, Ctrl-C 255, `sys.exit(n)` n. A signal that kills leaves no
line at all: readers see the writer's lock free and prove the crash from that.
"""

from __future__ import annotations

import atexit
import sys
import weakref
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import TracebackType

    from tracklab.sdk.run import Run

__all__ = ["exit_code", "watch_exit"]

_INTERRUPTED = 255
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
        atexit.register(_finish_all)


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


def _chain_excepthook() -> None:
    earlier = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        for run in list(_watched):
            run.fail(kind, error, trace)
        earlier(kind, error, trace)

    sys.excepthook = hook


def _chain_sys_exit() -> None:
    # SystemExit reaches no hook, and atexit is not told the code: only the call shows it.
    earlier = sys.exit

    def exit_(status: object = None, /) -> NoReturn:
        _Ending.code = exit_code(SystemExit, SystemExit(status))
        earlier(status)  # type: ignore[arg-type] # whatever the user gave

    sys.exit = exit_


def _finish_all() -> None:
    for run in list(_watched):
        run.finish(exit_code=_Ending.code)
