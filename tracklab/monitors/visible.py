"""Which NVIDIA cards a process may use, by what its environment says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["own_card", "visible_cards"]


def visible_cards(
    cards: Sequence[Mapping[str, Any]], environment: Mapping[str, str]
) -> list[int] | None:
    """Return the indices of the cards that CUDA shows to a program, in CUDA's order.

    Args:
        cards: as `gpu.accelerators()` describes them.
        environment: its `CUDA_VISIBLE_DEVICES` and `CUDA_DEVICE_ORDER` count.

    Returns:
        None where numbers cannot be told apart: CUDA counts the fastest card first unless
        CUDA_DEVICE_ORDER is PCI_BUS_ID, which matters among different cards.

    Source: NVIDIA's CUDA programming guide, environment variables: the first entry that names
    no card ends the list; a UUID may be shortened as long as it is unique.
    """
    same = len({card["name"] for card in cards}) <= 1
    in_order = same or environment.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"
    chosen = environment.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        return [card["index"] for card in cards] if in_order else None
    visible: list[int] = []
    for entry in chosen.split(","):
        if entry.strip().isdecimal() and not in_order:
            return None
        index = _named(cards, entry.strip())
        if index is None:
            break
        visible.append(index)
    return visible


def own_card(visible: Sequence[int] | None, local_rank: int | None) -> int | None:
    """Return the card of one process of a job: by its number among those on this machine.

    Launchers either show each process its card alone, or all cards to all, where the process
    takes the one of its number. None where neither tells.
    """
    if not visible:
        return None
    if len(visible) == 1:
        return visible[0]
    if local_rank is None or local_rank >= len(visible):
        return None
    return visible[local_rank]


def _named(cards: Sequence[Mapping[str, Any]], entry: str) -> int | None:
    if entry.isdecimal():
        at = int(entry)
        return cards[at]["index"] if at < len(cards) else None
    if not entry.startswith(("GPU-", "MIG-")):
        return None
    found = {card["index"] for card in cards if any(u.startswith(entry) for u in _uuids(card))}
    return found.pop() if len(found) == 1 else None


def _uuids(card: Mapping[str, Any]) -> list[str]:
    return [str(one["uuid"]) for one in (card, *card.get("mig", ()))]
