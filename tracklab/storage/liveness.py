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

import orjson

from tracklab.records.names import STREAMS
from tracklab.storage.descriptors import close_file
from tracklab.storage.identity import process_start
from tracklab.storage.layout import lock_name, parse_segment_name, segments, writers_with_locks
from tracklab.storage.reading import open_segment, segment_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracklab.storage.identity import Process

__all__ = [
    "STALE_AFTER_S",
    "STATUSES",
    "UNTOUCHED_AFTER_S",
    "Life",
    "living_writers",
    "lock_held",
    "run_status",
    "writer_status",
]

_BIRTH_S: Final = 5.0
_HEADER_BYTES: Final = 64 * 1024

#: A writer writes a heartbeat after 10 s of silence; after this long nothing speaks for it.
STALE_AFTER_S: Final = 60.0
#: A segment is sealed at this age, so after as long a silence nobody appends to it any more.
UNTOUCHED_AFTER_S: Final = 24 * 3600.0
#: Every status, the one that decides for a run of several writers first.
STATUSES: Final = (
    "running", "preempted", "failed", "crashed", "killed", "stale", "finished",
)  # fmt: skip


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
        killed: whether its end line, or what SIGTERM left, says that a signal ended it.
        preempting: whether it said that its machine is about to be taken away.
    """

    writer: str | None
    host: str | None = None
    pid: int | None = None
    boot_id: str | None = None
    start_ticks: int | None = None
    exit_code: int | None = None
    killed: bool = False
    preempting: bool = False


def lock_held(run_dir: Path | str, writer: str | None) -> bool | None:
    """Return whether a living process holds the writer's lock.

    Returns:
        None where that cannot be seen: no lock file, or no locks on this file system.

    Cost: three system calls; the lock is free again when this returns.
    """
    try:
        descriptor = os.open(
            f"{run_dir}/{lock_name(writer)}",
            os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK,
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
        close_file(descriptor)


def living_writers(
    run_dir: Path,
    *,
    here: Process,
    now_s: float,
    but: str | None = "-",
    doubt_s: float = STALE_AFTER_S,
) -> list[str | None]:
    """Return the writers of a run that live or may live, the creator (None) first.

    A writer whose lock cannot be seen counts while its files are young, and one that has written
    nothing yet while its lock file is: it may be about to lock it.

    Args:
        run_dir: the run's directory.
        here: the process that asks, for its host and boot.
        now_s: epoch seconds.
        but: a writer to leave out: the one that asks.
        doubt_s: seconds of silence up to which one counts whose death cannot be proven.

    Cost: one directory scan and a probe per writer; a header of those that hold no lock.
    """
    held = {
        writer: lock_held(run_dir, writer)
        for writer in writers_with_locks(run_dir)
        if writer != but
    }
    own = {} if all(held.values()) else _segments_by_writer(run_dir)

    def may_live(writer: str | None) -> bool:
        paths = own.get(writer)
        if held[writer] or not paths:
            lock = run_dir / lock_name(writer)
            return bool(held[writer]) or now_s - _changed_s(lock) < _BIRTH_S
        if now_s - max(map(_changed_s, paths)) >= doubt_s:
            return False
        life = _life(paths[0], writer)
        return not _is_dead(life, held=held[writer], here=here) and not _said_end(paths)

    return list(filter(may_live, held))


def _segments_by_writer(run_dir: Path) -> dict[str | None, list[Path]]:
    found: dict[str | None, list[Path]] = {}
    for path in (path for stream in STREAMS for path in segments(run_dir, stream)):
        name = parse_segment_name(path.name)
        if name is not None:
            found.setdefault(name.writer, []).append(path)
    return found


def _said_end(own: list[Path]) -> bool:
    """Return whether the last events of a writer tell its end."""
    events = [path for path in own if path.name.startswith("events.")]
    if not events:
        return False
    try:
        with open_segment(events[-1]) as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _HEADER_BYTES, 0))
            tail = file.read(_HEADER_BYTES)
    except OSError:
        return False
    return b'"logger":"tracklab.lifecycle","message":"finish"' in tail


def _changed_s(path: Path) -> float:
    try:
        return segment_file(path).lstat().st_mtime
    except OSError:
        return float("-inf")


def _life(path: Path, writer: str | None) -> Life:
    """Return the life of a writer as the header of one of its segments tells it."""
    try:
        with open_segment(path) as file:
            line = orjson.loads(file.read(_HEADER_BYTES).partition(b"\n")[0])
        facts = line["data"]
        return Life(
            writer, facts["host"], facts["pid"], facts["boot_id"], facts.get("process_start")
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Life(writer)


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
    if life.exit_code == 0:
        return "finished"
    if life.exit_code is None and not _is_dead(life, held=held, here=here):
        return "running" if age_s < STALE_AFTER_S else "stale"
    if life.preempting:
        return "preempted"
    if life.killed:
        return "killed"
    return "crashed" if life.exit_code is None else "failed"


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
