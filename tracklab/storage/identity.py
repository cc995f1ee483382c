"""Which process is this, provably: host, boot, pid and start time together.

A pid alone proves nothing: it is used again after a reboot and often sooner. With the boot id
and the process's start time it names one process for ever.
"""

from __future__ import annotations

import os
import re
import socket
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Process", "boot_id", "process_start", "this_process"]


class Process(NamedTuple):
    """One process on one boot of one host; None where the system does not tell."""

    host: str
    pid: int
    boot_id: str | None
    start_ticks: int | None

    @property
    def label(self) -> str:
        """`<host>-<pid>` in characters that a file name and a URL both carry."""
        return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', self.host)[:48] or 'host'}-{self.pid}"


def this_process() -> Process:
    """Return the identity of the calling process; a forked child gets its own."""
    pid = os.getpid()
    return Process(socket.gethostname(), pid, boot_id(), process_start(pid))


@lru_cache(maxsize=1)
def boot_id() -> str | None:
    """Return the kernel's random id of this boot, or None outside Linux."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def process_start(pid: int) -> int | None:
    """Return when `pid` started, in clock ticks since boot; None if there is no such process.

    Source: proc(5), field 22 of /proc/[pid]/stat. The command name before it may hold spaces
    and brackets, so fields are counted from the last bracket.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None
