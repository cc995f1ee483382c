"""Which writer of a run came after which: told in the headers, because no clock can be believed.

A writer says two numbers. Its `generation` is one more than the highest that it found in the run.
Writers of generations below what it `follows` had ended by then; those from there on may have
written beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracklab import clock
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from tracklab.storage.streams import Segment

__all__ = ["FIRST", "TOLD_BY", "succession", "succession_in"]

#: What the first writer of a run says.
FIRST: Final = {"generation": 0, "follows": 0}

#: The streams in which order among writers matters.
TOLD_BY: Final = ("history", "events")


def succession(found: Iterable[Segment], *, living: Collection[str | None]) -> dict[str, int]:
    """Return `generation` and `follows` of a writer that begins now.

    Args:
        found: the segments that are there.
        living: the writers that live, the creator being None.
    """
    generations: dict[str | None, int] = {}
    for segment in found:
        generation = segment.place.generation
        generations[segment.writer] = max(generation, generations.get(segment.writer, generation))
    own = 1 + max(generations.values(), default=-1)
    beside = (generations[writer] for writer in living if writer in generations)
    return {"generation": own, "follows": min(beside, default=own)}


def succession_in(run_dir: Path, *, but: str | None = "-") -> dict[str, int]:
    """Return the same of what lies in `run_dir`.

    Args:
        run_dir: the run's directory.
        but: a writer to leave out: the one that asks, where it has a lock already.

    Cost: a header of each segment, and a probe of each lock.
    """
    from tracklab.storage.liveness import living_writers  # noqa: PLC0415 - most runs are new
    from tracklab.storage.streams import run_segments  # noqa: PLC0415 - as above

    # In this order: who lives and is found had no end before.
    found = [segment for stream in TOLD_BY for segment in run_segments(run_dir, stream)]
    living = living_writers(run_dir, here=this_process(), now_s=clock.now(), but=but)
    return succession(found, living=living)
