"""Checkpoints: what each save and load took, how much it moved, and what share of the time."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from tracklab.query.engine import Checkpoint, CheckpointStats
from tracklab.query.events import placed_events
from tracklab.query.fields import number, text, whole
from tracklab.query.streams import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracklab.query.addresses import Place

__all__ = ["CHECKPOINT_EVENTS", "read_checkpoints", "stats_of"]

#: Messages of the events that are about checkpoints.
CHECKPOINT_EVENTS = frozenset({"checkpoint_save", "checkpoint_load"})

_BYTES_PER_MB = 1e6


def read_checkpoints(places: Iterable[Place]) -> list[Checkpoint]:
    """Return the checkpoints of runs in the order of time.

    Cost: reads the events of each run; parses only those that are about checkpoints.
    """
    found = [
        (event.place[0], place.address, event)
        for place in places
        for event in placed_events(place.path, "events", Tally(), holding=(b"checkpoint_",))
        if event.record["message"] in CHECKPOINT_EVENTS
    ]
    found.sort(key=lambda entry: (entry[0], entry[1], entry[2].place))
    return [_checkpoint(address, event.record) for _, address, event in found]


def stats_of(checkpoints: list[Checkpoint], runtime_s: float | None) -> CheckpointStats:
    """Return numbers over checkpoints.

    Args:
        checkpoints: saves and loads.
        runtime_s: how long their runs lasted in all, None if unknown.
    """
    durations = [one.duration for one in checkpoints if one.duration is not None]
    total_s = sum(durations)
    return CheckpointStats(
        count=len(checkpoints),
        failures=sum(not one.success for one in checkpoints),
        median_s=median(durations) if durations else None,
        total_s=total_s,
        share_of_runtime=min(total_s / runtime_s, 1.0) if runtime_s else None,
        bytes=sum(one.size or 0 for one in checkpoints if one.success),
    )


def _checkpoint(address: str, record: dict[str, Any]) -> Checkpoint:
    data = record["data"]
    duration, size = number(data.get("duration")), number(data.get("size"))
    return Checkpoint(
        run=address,
        timestamp=record["timestamp"],
        step=whole(data.get("step")),
        operation=str(data.get("operation") or record["message"].removeprefix("checkpoint_")),
        duration=duration,
        size=None if size is None else int(size),
        mb_per_s=size / duration / _BYTES_PER_MB if size is not None and duration else None,
        success=data.get("success") is not False,
        path=text(data.get("path")),
        error_type=text(data.get("error_type")),
    )
