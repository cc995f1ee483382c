"""How often to save: what a save costs against what a failure loses.

Saving too often wastes the time of the saves, too rarely the work since the last one. The
optimum is known. Sources: J. W. Young, "A first order approximation to the optimum checkpoint
interval", CACM 17 (1974); J. T. Daly, "A higher order estimate of the optimum checkpoint interval
for restart dumps", Future Generation Computer Systems 22 (2006), equations 20 and 37.
"""

from __future__ import annotations

import math
from heapq import nlargest
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from tracklab.errors import QueryError
from tracklab.query.answers.checkpoints import CheckpointAdvice, Interruptions
from tracklab.records.fields import epoch_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tracklab.query.addresses import Place
    from tracklab.query.answers.checkpoints import Checkpoint
    from tracklab.query.runs import Dossier

__all__ = [
    "advise",
    "best_interval_s",
    "checked_mtbf_s",
    "interruptions_of",
    "newest",
    "overhead",
]

#: Ends that came from outside. A script's own error is a fault to mend, and no saving helps.
_INTERRUPTED = frozenset({"crashed", "killed", "preempted"})
#: Exit codes of SIGKILL and SIGTERM, as a shell and as Python's subprocess tell them.
_SIGNALLED = frozenset({137, 143, -9, -15})
#: Runs that an estimate looks at: in half a second, and more would hardly change it.
_RUNS_MAX = 5_000


def newest(places: Iterable[Place], *, limit: int = _RUNS_MAX) -> list[Place]:
    """Return the places of the runs that changed last, at most `limit`.

    Machines change, and so does how often they fail. Cost: one `stat` per run.
    """
    return nlargest(limit, places, key=lambda place: _changed_ns(place.path))


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it is being moved away
        return 0


def interruptions_of(dossiers: Iterable[Dossier]) -> Interruptions:
    """Return how often the runs were interrupted. Cost: that of listing them."""
    count, lasted_s, runs = 0, 0.0, 0
    for dossier in dossiers:
        run = dossier.run(config=False, summary=False)
        count += _interruptions(dossier, run.exit_code)
        lasted_s += run.duration_s or 0.0
        runs += 1
    return Interruptions(count, lasted_s, runs)


def _interruptions(dossier: Dossier, exit_code: int | None) -> int:
    last = dossier.status in _INTERRUPTED or exit_code in _SIGNALLED
    if len(dossier.survey.grown_ns) == 1:
        return int(last)
    attempts: list[list[str | None]] = []
    journal = dossier.journal
    number = None
    for writer, resumed in journal.started.items():
        if resumed or number != journal.attempts.get(writer):
            attempts.append([])
        number = journal.attempts.get(writer)
        attempts[-1].append(writer)
    earlier = (
        any(journal.lives[writer].exit_code is None for writer in attempt)
        for attempt in attempts[:-1]
    )
    return sum(earlier) + last


def best_interval_s(save_cost_s: float, mtbf_s: float) -> float:
    """Return the best time of work between two saves, in seconds.

    Args:
        save_cost_s: seconds that one save keeps training waiting, above 0.
        mtbf_s: mean seconds between failures, above 0.

    Source: Daly (2006), equation 37; its first term is Young's.
    """
    if save_cost_s >= 2 * mtbf_s:
        return mtbf_s
    ratio = save_cost_s / (2 * mtbf_s)
    return (
        math.sqrt(2 * save_cost_s * mtbf_s) * (1 + math.sqrt(ratio) / 3 + ratio / 9) - save_cost_s
    )


def overhead(interval_s: float, save_cost_s: float, mtbf_s: float) -> float:
    """Return the share of time that saves and lost work add to the work, 0 or more.

    It leaves out how long a restart takes, which no interval changes.

    Source: Daly (2006), equation 20, without restart.
    """
    exponent = (interval_s + save_cost_s) / mtbf_s
    if exponent > math.log(1e12):
        return math.inf
    return mtbf_s * math.expm1(exponent) / interval_s - 1


def advise(
    checkpoints: Sequence[Checkpoint], failing: float | Interruptions
) -> CheckpointAdvice | None:
    """Return how often to save; None without a save that tells what saving costs.

    Args:
        checkpoints: in the order of time.
        failing: mean seconds between failures as somebody gave them, or what tells of them.
    """
    saves = [one for one in checkpoints if one.operation == "save" and one.success]
    costs = [one.blocked for one in saves if one.blocked]
    if not costs:
        return None
    cost_s = median(costs)
    current_s, step_s = _rhythm(saves)
    seen = failing if isinstance(failing, Interruptions) else None
    mtbf_s = failing.mtbf_s if isinstance(failing, Interruptions) else failing
    best_s = None if mtbf_s is None else best_interval_s(cost_s, mtbf_s)
    if best_s is not None:
        # The next save cannot begin before the last one is durable.
        best_s = max(best_s, median(one.duration or 0.0 for one in saves))
    return CheckpointAdvice(
        interval_s=best_s,
        interval_steps=round(best_s / step_s) or 1 if best_s and step_s else None,
        overhead=_overhead(best_s, cost_s, mtbf_s),
        save_cost_s=cost_s,
        mtbf_s=mtbf_s,
        mtbf_basis="given" if seen is None else seen.basis,
        interruptions=seen,
        current_interval_s=current_s,
        current_overhead=_overhead(current_s, cost_s, mtbf_s),
    )


def _overhead(interval_s: float | None, cost_s: float, mtbf_s: float | None) -> float | None:
    if not interval_s or mtbf_s is None:
        return None
    found = overhead(interval_s, cost_s, mtbf_s)
    return found if math.isfinite(found) else None


def _rhythm(saves: Sequence[Checkpoint]) -> tuple[float | None, float | None]:
    """Return the median seconds of work between two saves of a run, and those of one step."""
    by_run: dict[str, list[Checkpoint]] = {}
    for one in saves:
        if one.timestamp is not None:
            by_run.setdefault(one.run, []).append(one)
    gaps, steps = [], []
    for own in by_run.values():
        for earlier, later in pairwise(own):
            between_s = _between_s(earlier, later)
            if between_s > 0:
                gaps.append(between_s)
                if (
                    earlier.step is not None
                    and later.step is not None
                    and later.step > earlier.step
                ):
                    steps.append(between_s / (later.step - earlier.step))
    return (median(gaps) if gaps else None), (median(steps) if steps else None)


def _between_s(earlier: Checkpoint, later: Checkpoint) -> float:
    """Return the seconds that training went on between two saves, which are told at their end."""
    apart_s = epoch_s(later.timestamp or "") - epoch_s(earlier.timestamp or "")
    late_s = (earlier.duration or 0.0) - (earlier.blocked or 0.0)
    return apart_s + late_s - (later.duration or 0.0)


def checked_mtbf_s(mtbf_s: float) -> float:
    """Return `mtbf_s`.

    Raises:
        QueryError: it is no positive number.
    """
    if not (mtbf_s > 0 and math.isfinite(mtbf_s)):
        raise QueryError(
            f"mtbf is the mean time between failures in seconds, above 0; got {mtbf_s!r}."
        )
    return mtbf_s
