"""Is a run alive: proof from locks, boots and processes, never a guess.

A writer holds a lock on its own file for as long as it lives, and the kernel frees it however
the writer dies. A reader tries the lock without waiting and lets go at once. Where a lock proves
nothing (another machine's file, a file system without locks) the age of the last line is what is
left, and then the answer may be `stale`: not provable.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tracklab.storage.identity import process_start
from tracklab.storage.layout import lock_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.storage.identity import Process

__all__ = ["STALE_AFTER_S", "STATUSES", "Life", "lock_held", "run_status", "writer_status"]

#: A writer writes a heartbeat after 10 s of silence; after this long nothing speaks for it.
STALE_AFTER_S: Final = 60.0
#: Every status, the one that decides for a run of several writers first.
STATUSES: Final = ("running", "failed", "crashed", "stale", "finished")


@dataclass(frozen=True, slots=True)
class Life:
    """What the lines of one writer tell about its process; None where they do not.

    Attributes:
        writer: None for the run's creator.
        host: name of its machine.
        pid: its process id there.
        boot_id: the machine's boot.
        start_ticks: when the process started, in clock ticks since boot.
        exit_code: from its end line; None while it has written none.
    """

    writer: str | None
    host: str | None = None
    pid: int | None = None
    boot_id: str | None = None
    start_ticks: int | None = None
    exit_code: int | None = None


def lock_held(run_dir: Path, writer: str | None) -> bool | None:
    """Return whether a living process holds the writer's lock.

    Returns:
        None where that cannot be seen: no lock file, or no locks on this file system.

    Cost: three system calls; the lock is free again when this returns.
    """
    try:
        descriptor = os.open(
            run_dir / lock_name(writer), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        )
    except OSError:
        return None
    try:
        # Shared, so that two readers never take each other for a writer.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(descriptor)


def writer_status(life: Life, *, held: bool | None, age_s: float, here: Process) -> str:
    """Return one of `STATUSES` for one writer.

    Args:
        life: what its lines tell.
        held: answer of `lock_held`.
        age_s: seconds since one of its files grew.
        here: the process that asks, for its host and boot.
    """
    if held:
        return "running"
    if life.exit_code is not None:
        return "failed" if life.exit_code else "finished"
    if _is_dead(life, held=held, here=here):
        return "crashed"
    return "running" if age_s < STALE_AFTER_S else "stale"


def run_status(statuses: Iterable[str]) -> str:
    """Return the status of a run from those of its writers; without any it is `stale`."""
    return min(statuses, key=STATUSES.index, default="stale")


def _is_dead(life: Life, *, held: bool | None, here: Process) -> bool:
    """Return whether the process is provably gone.

    One boot id is one kernel, whatever its containers call themselves: there a free lock is
    proof. A process id counts only under the same host name, because containers number their
    own processes.
    """
    same_boot = life.boot_id is not None and life.boot_id == here.boot_id
    same_host = life.host is not None and life.host == here.host
    if same_host and life.boot_id and here.boot_id and not same_boot:
        return True
    if (same_boot or same_host) and held is False:
        return True
    if not (same_boot and same_host) or life.pid is None or held is not None:
        return False
    started = process_start(life.pid)
    return started is None or (life.start_ticks is not None and started != life.start_ticks)
