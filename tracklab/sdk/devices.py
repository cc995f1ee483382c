"""The accelerators of a run: their part of its system rows, and events of those that fail.

What a monitor cannot know, because it keeps nothing, is known here: which cards were there, which
of them have failed, and whose turn a slow reading is. O(cards), for as long as the run lasts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tracklab.monitors import gpu, nvml
from tracklab.monitors.faults import open_faults, read_faults
from tracklab.monitors.visible import own_card, visible_cards
from tracklab.sdk.facts import rank_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tracklab.sdk.run import Run

__all__ = ["Devices", "described"]

_KIND = "tracklab.gpu"
#: By OpenTelemetry's attributes and metrics of hardware, as the event `gpu` has them.
_FACTS = {
    "hw.id": "uuid",
    "index": "index",
    "hw.name": "name",
    "hw.driver_version": "driver",
    "hw.gpu.memory.limit": "memory_total_bytes",
    "bus_id": "bus_id",
    "mig": "mig",
}
_NUMBERS = {
    "hw.gpu.utilization": ("utilization_percent", 0.01),
    "hw.gpu.memory.usage": ("memory_used_bytes", 1),
    "hw.temperature": ("temperature_celsius", 1),
    "hw.power": ("power_watts", 1),
    "hw.errors": ("ecc_uncorrected_errors", 1),
}


class Devices:
    """Reads the cards for one run, and tells once of each thing that goes wrong with one.

    Of several processes of a job on one machine the first one tells of all cards, every other
    one of those that it uses: eight rows of eight cards each would say the same eight times.

    Args:
        run: whose rows and events they are.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._mine: int | None = None
        self._names: dict[int, object] | None = None
        self._ailing: dict[int, str] = {}
        self._told: set[tuple[int | None, int]] = set()
        self._turn = 0

    def sample(self, pids: Collection[int] = ()) -> dict[str, object]:
        """Return the cards' part of a row; write events of what has happened to them.

        Args:
            pids: processes whose memory counts as the run's own.
        """
        if self._names is None:
            self._names = {}
            self._faults = open_faults()
            self._mine = _card_of_later_rank()
        row = gpu.sample(pcie_turn=self._turn, pids=pids, mine=self._mine)
        self._turn += 1
        present = {int(name.split(".")[1]) for name in row}
        if not present <= self._names.keys():
            self._introduce(row)
        if self._names:
            self._tell_ailing()
            self._tell_faults()
        return row

    def _introduce(self, row: Mapping[str, object]) -> None:
        """Say which card each index is: at the start, and when one has come that is new."""
        cards = [card for card in gpu.accelerators() if self._concerns(card["index"], row)]
        self._names = {**(self._names or {}), **{int(str(c["index"])): c["uuid"] for c in cards}}
        self._run.event(_KIND, "gpu", described(cards, row))

    def _concerns(self, index: object, row: Mapping[str, object] | None = None) -> bool:
        """Return whether this process tells of a card: of all, of its own, of those in a row."""
        known = self._names or {}
        return (
            self._mine in {None, index}
            or index in known
            or f"gpu.{index}.process_memory_used_bytes" in (row or {})
        )

    def _tell_ailing(self) -> None:
        all_ailing = nvml.ailing(nvml.driver())
        now = {index: text for index, text in all_ailing.items() if self._concerns(index)}
        for index, complaint in now.items():
            if index not in self._ailing:
                self._tell_error(index, {"error": complaint})
        for index in self._ailing.keys() - now.keys():
            self._run.event(_KIND, "gpu_back", self._which(index))
        self._ailing = now

    def _tell_faults(self) -> None:
        for index, xid in read_faults(self._faults):
            if (index, xid) not in self._told and (index is None or self._concerns(index)):
                self._told.add((index, xid))
                self._tell_error(index, {"error": f"Xid {xid}", "xid": xid})

    def _tell_error(self, index: int | None, data: dict[str, object]) -> None:
        self._run.event(_KIND, "gpu_error", {**self._which(index), **data}, level="ERROR")

    def _which(self, index: int | None) -> dict[str, object]:
        known = self._names or {}
        return {"hw.id": known.get(index) if index is not None else None, "index": index}


def _card_of_later_rank() -> int | None:
    """Return the card of a process that is not the first of its job on this machine."""
    local_rank = rank_facts().get("local_rank")
    if not local_rank:
        return None
    return own_card(visible_cards(gpu.accelerators(), os.environ), local_rank)


def described(cards: list[dict[str, object]], row: Mapping[str, object]) -> dict[str, Any]:
    """Return the data of the event `gpu`: what each card is, what it does, and who may use it.

    Args:
        cards: of `gpu.accelerators()`.
        row: from `gpu.sample()`.
    """
    visible = visible_cards(gpu.accelerators(), os.environ)
    own = own_card(visible, rank_facts().get("local_rank"))
    return {
        "gpus": [_described(card, row) for card in cards],
        **({} if visible is None else {"visible": visible}),
        **({} if own is None else {"own": own}),
    }


def _described(card: Mapping[str, object], row: Mapping[str, object]) -> dict[str, object]:
    facts = {name: card[ours] for name, ours in _FACTS.items()}
    for name, (ours, scale) in _NUMBERS.items():
        value = row.get(f"gpu.{card['index']}.{ours}")
        if isinstance(value, int | float):
            facts[name] = round(value * scale, 6)
    return {name: value for name, value in facts.items() if value not in (None, [])}
