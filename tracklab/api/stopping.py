"""Asking the processes of a run to end, as Ctrl-C would: each by its descriptor, never by number.

A pid may belong to another process by now; the lock, the boot and the start time together prove
that it is still the writer.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tracklab.errors import UnsupportedError
from tracklab.storage.identity import process_start, this_process

if TYPE_CHECKING:
    from tracklab.query.runs import Dossier
    from tracklab.storage.liveness import Life

__all__ = ["interrupt"]


def interrupt(dossier: Dossier) -> int:
    """Interrupt every living writer of a run and return how many there were.

    Raises:
        UnsupportedError: one of them is on another machine.
        PermissionError: one of them belongs to another user.
    """
    lives = [
        dossier.journal.lives[writer]
        for writer, held in dossier.held.items()
        if held and writer in dossier.journal.lives
    ]
    here = this_process()
    for life in lives:
        if life.host != here.host or life.boot_id != here.boot_id:
            raise UnsupportedError(
                f"stop() reaches processes of this machine; the run is written by process "
                f"{life.pid} on {life.host!r}. Interrupt it there: kill -INT {life.pid}"
            )
    return sum(map(_interrupted, lives))


def _interrupted(life: Life) -> bool:
    if life.pid is None:
        return False
    try:
        descriptor = os.pidfd_open(life.pid)
    except ProcessLookupError:
        return False
    try:
        # Asked after the descriptor was opened: what it names cannot change any more.
        if process_start(life.pid) != life.start_ticks:
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGINT)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True
