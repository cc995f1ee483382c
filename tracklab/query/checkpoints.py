"""Checkpoints: what each save and load took, how much it moved, and what share of the time."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.query.answers.checkpoints import Checkpoint, CheckpointPage, CheckpointStats
from tracklab.records.fields import number, text, whole
from tracklab.storage.identity import this_process
from tracklab.storage.liveness import living_writers
from tracklab.storage.ordering import placed_events
from tracklab.storage.streams import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracklab.query.addresses import Place
    from tracklab.query.answers.checkpoints import CheckpointAdvice
    from tracklab.storage.ordering import Placed

__all__ = ["CHECKPOINT_EVENTS", "page_of", "read_checkpoints", "stats_of"]

#: Messages of the events that are about a checkpoint's content.
CHECKPOINT_EVENTS = frozenset({"checkpoint_save", "checkpoint_load"})

_SHOWN = CHECKPOINT_EVENTS | {"checkpoint_list"}
_BEGIN = "checkpoint_begin"
_RETAINED = frozenset({"checkpoint_keep", "checkpoint_remove"})
_BYTES_PER_MB, _BYTES_PER_GB = 1e6, 1e9


def read_checkpoints(places: Iterable[Place]) -> list[Checkpoint]:
    """Return the checkpoints of runs in the order of time, with what became of them.

    A save that began and whose writer is gone without a word of its end has failed.

    Cost: reads the events of each run; parses only those that are about checkpoints.
    """
    places = list(places)
    told = [
        (event.place[0], place.address, event)
        for place in places
        for event in placed_events(place.path, "events", Tally(), holding=(b"checkpoint_",))
        if event.record["message"] in _SHOWN | _RETAINED | {_BEGIN}
    ]
    told.sort(key=lambda entry: (entry[0], entry[1], entry[2].place))
    found: list[Checkpoint] = []
    saved: dict[tuple[str, str | None], int] = {}
    begun: dict[tuple[str, str | None, str | None], Placed] = {}
    for _, address, event in told:
        record = event.record
        own = (address, event.segment.writer, text(record["data"].get("path")))
        if record["message"] == _BEGIN:
            begun[own] = event
            continue
        if record["message"] == "checkpoint_save":
            begun.pop(own, None)
        if record["message"] in _RETAINED:
            index = saved.get((address, text(record["data"].get("path"))))
            if index is not None:
                found[index] = _retained(found[index], record)
            continue
        one = _checkpoint(address, record)
        if one.operation == "save" and one.success:
            saved[address, one.path] = len(found)
        found.append(one)
    cut_off = _cut_off(begun, {place.address: place for place in places}) if begun else []
    return sorted(found + cut_off, key=lambda one: one.timestamp or "") if cut_off else found


def _cut_off(
    begun: dict[tuple[str, str | None, str | None], Placed], places: dict[str, Place]
) -> list[Checkpoint]:
    """Return the saves that nobody can finish any more, as failed ones."""
    here, now_s = this_process(), clock.now()
    living = {
        address: set(living_writers(places[address].path, here=here, now_s=now_s))
        for address in {address for address, _, _ in begun}
    }
    return [
        replace(
            _checkpoint(address, event.record), operation="save", duration=None, blocked=None,
            success=False, error_type="Interrupted",
        )
        for (address, writer, _), event in begun.items()
        if writer not in living[address]
    ]  # fmt: skip


def page_of(
    checkpoints: list[Checkpoint], runtime_s: float | None, advice: CheckpointAdvice | None
) -> CheckpointPage:
    """Return the checkpoints with numbers over them."""
    return CheckpointPage(checkpoints, stats_of(checkpoints, runtime_s), advice)


def stats_of(checkpoints: list[Checkpoint], runtime_s: float | None) -> CheckpointStats:
    """Return numbers over checkpoints.

    Args:
        checkpoints: saves, loads and listings.
        runtime_s: how long their runs lasted in all, None if unknown.
    """
    saves = [one for one in checkpoints if one.operation == "save"]
    whole_saves = [one for one in saves if one.success and one.duration]
    durations = [one.duration for one in whole_saves if one.duration is not None]
    weighed = [one for one in whole_saves if one.size is not None]
    moving_s = sum(one.duration or 0.0 for one in weighed)
    moved = sum(one.size or 0 for one in weighed)
    blocked_s = sum(one.blocked or 0.0 for one in checkpoints)
    return CheckpointStats(
        count=len(checkpoints),
        saves=len(saves),
        failures=sum(not one.success for one in checkpoints),
        median_s=median(durations) if durations else None,
        gb_per_s=moved / moving_s / _BYTES_PER_GB if moving_s else None,
        total_s=sum(one.duration or 0.0 for one in checkpoints),
        blocked_s=blocked_s,
        blocked_share=min(blocked_s / runtime_s, 1.0) if runtime_s else None,
        bytes=sum(one.size or 0 for one in saves if one.success),
    )


def _checkpoint(address: str, record: dict[str, Any]) -> Checkpoint:
    data = record["data"]
    duration, size = number(data.get("duration")), number(data.get("size"))
    blocked = number(data.get("blocked"))
    return Checkpoint(
        run=address,
        timestamp=record["timestamp"],
        step=whole(data.get("step")),
        operation=str(data.get("operation") or record["message"].removeprefix("checkpoint_")),
        duration=duration,
        blocked=duration if blocked is None else blocked,
        size=None if size is None else int(size),
        mb_per_s=size / duration / _BYTES_PER_MB if size is not None and duration else None,
        success=data.get("success") is not False,
        path=text(data.get("path")),
        format=text(data.get("format")),
        error_type=text(data.get("error_type")),
        kept=text(data.get("kept")),
        removed_at=None,
    )


def _retained(one: Checkpoint, record: dict[str, Any]) -> Checkpoint:
    """Return the checkpoint with what a later event says became of it."""
    if record["message"] == "checkpoint_remove":
        return replace(one, removed_at=record["timestamp"])
    return replace(one, kept=text(record["data"].get("reason")) or "")
