"""Checkpoints: what each save and load took, how much it moved, and what share of the time."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

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
        _Told(
            event.place[0], place.address, event.place, event.segment.writer, *_said(place, event)
        )
        for place in places
        for event in placed_events(place.path, "events", Tally(), holding=(b"checkpoint_",))
        if event.record["message"] in _SHOWN | _RETAINED | {_BEGIN}
    ]
    told.sort(key=lambda one: one[:3])
    found: list[Checkpoint] = []
    saved: dict[tuple[str, str | None], int] = {}
    begun: dict[tuple[str, str | None, str | None], Checkpoint] = {}
    for _, address, _, writer, message, one, reason in told:
        own = (address, writer, one.path)
        if message == _BEGIN:
            begun[own] = one
            continue
        if message == "checkpoint_save":
            begun.pop(own, None)
        if message in _RETAINED:
            index = saved.get((address, one.path))
            if index is not None:
                found[index] = _retained(found[index], message, one.timestamp, reason)
            continue
        if one.operation == "save" and one.success:
            saved[address, one.path] = len(found)
        found.append(one)
    cut_off = _cut_off(begun, {place.address: place for place in places}) if begun else []
    return sorted(found + cut_off, key=lambda one: one.timestamp or "") if cut_off else found


class _Told(NamedTuple):
    """What an event says of a checkpoint, and its place among all events; `reason` of keeping."""

    time: Any
    address: str
    place: tuple[Any, ...]
    writer: str | None
    message: str
    checkpoint: Checkpoint
    reason: str


def _said(place: Place, event: Placed) -> tuple[str, Checkpoint, str]:
    record = event.record
    reason = text(record["data"].get("reason")) or ""
    return record["message"], _checkpoint(place.address, record), reason


def _cut_off(
    begun: dict[tuple[str, str | None, str | None], Checkpoint], places: dict[str, Place]
) -> list[Checkpoint]:
    """Return the saves that nobody can finish any more, as failed ones."""
    here, now_s = this_process(), clock.now()
    living = {
        address: set(living_writers(places[address].path, here=here, now_s=now_s))
        for address in {address for address, _, _ in begun}
    }
    return [
        replace(
            one, operation="save", duration=None, blocked=None, success=False,
            error_type="Interrupted",
        )
        for (address, writer, _), one in begun.items()
        if writer not in living[address]
    ]  # fmt: skip


def page_of(
    checkpoints: list[Checkpoint],
    runtime_s: float | None,
    advice: CheckpointAdvice | None,
    *,
    limit: int,
) -> CheckpointPage:
    """Return the last `limit` checkpoints, with numbers over all of them."""
    return CheckpointPage(checkpoints[-limit:], stats_of(checkpoints, runtime_s), advice)


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


def _retained(one: Checkpoint, message: str, timestamp: str | None, reason: str) -> Checkpoint:
    """Return the checkpoint with what a later event says became of it."""
    if message == "checkpoint_remove":
        return replace(one, removed_at=timestamp)
    return replace(one, kept=reason)
