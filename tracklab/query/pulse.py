"""How a run fares right now: who of its writers lives, how fast rows come, what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracklab.clock import parse_time
from tracklab.storage.liveness import living_writers

if TYPE_CHECKING:
    from tracklab.query.runs import Dossier
    from tracklab.storage.identity import Process

__all__ = ["Pulse", "feel"]


@dataclass(frozen=True, slots=True)
class Pulse:
    """One run, as `tracklab status` shows it.

    Attributes:
        run: its address.
        name: what people read.
        status: one of `liveness.STATUSES`.
        stalled: whether it lives and is silent for longer than its rhythm explains.
        last_line_s: seconds since any of its files grew; None without segments.
        silent_s: seconds since its last row, of a running run.
        rows_per_s: rows per second lately, of a running run.
        step: the furthest step.
        writers: all that ever wrote to it.
        living: those that live or may live.
        ranks: numbers of the living ones in their job, where they are told.
        lines_lost: lines that its gap events name.
    """

    run: str
    name: str
    status: str
    stalled: bool
    last_line_s: float | None
    silent_s: float | None
    rows_per_s: float | None
    step: int | None
    writers: int
    living: int
    ranks: list[int]
    lines_lost: int


def feel(dossier: Dossier, *, here: Process, now_s: float) -> Pulse:
    """Return how a run fares. Cost: reads its events and the tail of its history."""
    run = dossier.run(config=False)
    living = living_writers(dossier.place.path, here=here, now_s=now_s)
    living = living if run.status in {"running", "stale"} else []
    ranks = dossier.journal.ranks
    return Pulse(
        run=run.run,
        name=run.name,
        status=run.status,
        stalled=run.stalled,
        last_line_s=None if run.updated_at is None else now_s - parse_time(run.updated_at),
        silent_s=run.silent_s,
        rows_per_s=dossier.rhythm.rows_per_s,
        step=run.step,
        writers=run.writers,
        living=len(living),
        ranks=sorted(ranks[writer] for writer in living if writer in ranks),
        lines_lost=dossier.journal.lost,
    )
