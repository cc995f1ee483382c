"""Answers about machines: where runs are being written, and what these machines measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracklab.query.answers.series import GroupSeries

__all__ = ["Machine", "MachineReply"]


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine on which runs are being written, as its own writers tell.

    `host` is its name, empty where no line tells it. `status` is up, or silent where nobody has
    written for a while and nothing proves why. `runs` counts the runs; `last_seen` is when one
    of its files last grew. `sample` is its newest system row with dotted names, empty without.
    """

    host: str
    status: str
    runs: int
    last_seen: str | None
    sample: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MachineReply:
    """What machines measured, by machine (`group`) and key; `coverage` below 1: not all of it."""

    groups: list[GroupSeries]
    coverage: float
