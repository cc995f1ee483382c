"""Who a run is: its names, its machine, its source. Becomes `metadata.json`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import tracklab
from tracklab.clock import rfc3339
from tracklab.records.lines import FORMAT_VERSION
from tracklab.records.secrets import masked_arguments

if TYPE_CHECKING:
    from tracklab.storage.identity import Process

__all__ = ["RANK_VARIABLES", "Identity", "job_rank", "random_name"]

#: Where launchers tell a process its number in a distributed job; the first that does is believed.
RANK_VARIABLES: Final = (
    "TRACKLAB_RANK", "RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK",
)  # fmt: skip
_LOCAL_VARIABLES: Final = (
    "LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
)  # fmt: skip
_MAX_RANK_DIGITS: Final = 9

_FIRST: Final = (
    "amber", "brisk", "calm", "clear", "cobalt", "coral", "crisp", "deep", "early", "fern",
    "gentle", "golden", "hazel", "ivory", "keen", "linen", "lucid", "mellow", "misty", "noble",
    "olive", "pale", "quiet", "rapid", "silver", "still", "swift", "tidal", "velvet", "warm",
)  # fmt: skip
_SECOND: Final = (
    "anchor", "badger", "beacon", "brook", "cedar", "comet", "crane", "delta", "ember", "falcon",
    "finch", "fjord", "grove", "harbor", "heron", "island", "juniper", "lantern", "maple",
    "meadow", "otter", "pebble", "plover", "quartz", "ridge", "river", "sparrow", "summit",
    "thistle", "willow",
)  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """The names of a run and the facts of where it runs.

    Attributes:
        started_s: when the run first began, epoch seconds.
        facts: of the machine and the source; see `tracklab.monitors.host`.
        resumed: whether an earlier process wrote to the run before.
        beside: writers that lived when this one joined them, as file names have them (None is the
            run's creator); empty for one that began or took up the run alone.
        keeps_documents: whether this writer's process replaces the run's documents.
    """

    run_id: str
    project: str
    name: str
    started_s: float
    notes: str = ""
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    resumed: bool = False
    beside: tuple[str | None, ...] = ()
    keeps_documents: bool = True
    status: str = "running"
    ended_s: float | None = None
    exit_code: int | None = None

    def edited(self, **changes: Any) -> Identity:
        """Return this identity with some names changed."""
        return replace(self, **changes)

    def ended(self, ended_s: float, status: str, exit_code: int) -> Identity:
        """Return this identity at its end."""
        return replace(self, ended_s=ended_s, status=status, exit_code=exit_code)

    def to_metadata(self) -> dict[str, Any]:
        """Return the run's metadata: the document, and the data of its start event."""
        return {
            "format": FORMAT_VERSION,
            "run_id": self.run_id,
            "project": self.project,
            "name": self.name,
            "start_time": rfc3339(self.started_s),
            "end_time": None if self.ended_s is None else rfc3339(self.ended_s),
            "status": self.status,
            "exit_code": self.exit_code,
            "tags": list(self.tags),
            "notes": self.notes,
            "group": self.group,
            "job_type": self.job_type,
            "resumed": self.resumed,
            **({"beside": list(self.beside)} if self.beside else {}),
            "tracklab_version": tracklab.__version__,
            **self.facts,
        }


def process_facts(process: Process, writer: str) -> dict[str, Any]:
    """Return which process writes, and with which arguments, secrets masked."""
    return {
        "host": process.host,
        "pid": process.pid,
        "boot_id": process.boot_id,
        "process_start": process.start_ticks,
        "writer": writer,
        **rank_facts(),
        "argv": masked_arguments(sys.argv),
    }


def job_rank() -> int | None:
    """Return this process's number in its distributed job, None where it is not told.

    A text that is no number is passed over: a launcher's leftover must not stop a training.
    """
    return _told_number(RANK_VARIABLES)


def rank_facts() -> dict[str, int]:
    """Return `rank` and `local_rank`, each only where it is told."""
    told = {"rank": job_rank(), "local_rank": _told_number(_LOCAL_VARIABLES)}
    return {name: number for name, number in told.items() if number is not None}


def _told_number(variables: tuple[str, ...]) -> int | None:
    texts = (os.environ.get(name, "").strip() for name in variables)
    sound = (t for t in texts if t.isascii() and t.isdecimal() and len(t) <= _MAX_RANK_DIGITS)
    return next(map(int, sound), None)


def random_name(number: int) -> str:
    """Return a name people can say: two words and a number, `calm-heron-7`."""
    first, second = os.urandom(2)
    return f"{_FIRST[first % len(_FIRST)]}-{_SECOND[second % len(_SECOND)]}-{number}"
