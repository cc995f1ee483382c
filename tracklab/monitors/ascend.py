"""Huawei's Ascend NPUs right now, through the management library of their driver.

Source: Huawei's reference of DCMI: sizes in MB (2^20 bytes), power in tenths of a watt. An index
counts the chips of all cards in the order of the library.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["sample"]

_LIBRARY = "libdcmi.so"
_MOST_CARDS = 64
_AI_CORE = 2  # of the kinds of load that the library tells
_MEBI = 2**20


class _Hbm(ctypes.Structure):
    """`struct dcmi_hbm_info`."""

    _fields_ = (
        ("memory_size", ctypes.c_ulonglong),
        ("freq", ctypes.c_uint),
        ("memory_usage", ctypes.c_ulonglong),
        ("temp", ctypes.c_int),
        ("bandwidth_util_rate", ctypes.c_uint),
    )


def sample() -> dict[str, object]:
    """Return the `npu.<index>.*` part of a system row; empty without such a card.

    What a chip does not tell is missing.
    """
    dcmi = _driver()
    if dcmi is None:
        return {}
    return {
        f"npu.{index}.{name}": value
        for index, (card, chip) in enumerate(_chips(dcmi))
        for name, value in _reading(dcmi, card, chip).items()
        if value is not None
    }


@lru_cache(maxsize=1)
def _driver() -> Any | None:
    try:
        dcmi = ctypes.CDLL(_LIBRARY)
        return dcmi if dcmi.dcmi_init() == 0 else None
    except (OSError, AttributeError):
        return None


def _chips(dcmi: Any) -> Iterator[tuple[int, int]]:
    count, cards, chips = ctypes.c_int(), (ctypes.c_int * _MOST_CARDS)(), ctypes.c_int()
    if dcmi.dcmi_get_card_list(ctypes.byref(count), cards, _MOST_CARDS) != 0:
        return
    for card in cards[: count.value]:
        if dcmi.dcmi_get_device_num_in_card(card, ctypes.byref(chips)) == 0:
            yield from ((card, chip) for chip in range(chips.value))


def _reading(dcmi: Any, card: int, chip: int) -> dict[str, float | None]:
    load, celsius, power = ctypes.c_uint(), ctypes.c_int(), ctypes.c_int()

    def told(name: str, *arguments: Any) -> bool:
        """Return whether the library answers; the last argument then holds the answer."""
        *asked, answer = arguments
        ask = getattr(dcmi, name, None)
        return ask is not None and ask(card, chip, *asked, ctypes.byref(answer)) == 0

    return {
        "utilization_percent": load.value
        if told("dcmi_get_device_utilization_rate", _AI_CORE, load)
        else None,
        "temperature_celsius": celsius.value
        if told("dcmi_get_device_temperature", celsius)
        else None,
        "power_watts": power.value / 10 if told("dcmi_get_device_power_info", power) else None,
        **_memory(hbm if told("dcmi_get_device_hbm_info", hbm := _Hbm()) else None),
    }


def _memory(hbm: _Hbm | None) -> dict[str, float | None]:
    if hbm is None or not hbm.memory_size:
        return {}
    return {
        "memory_used_bytes": hbm.memory_usage * _MEBI,
        "memory_total_bytes": hbm.memory_size * _MEBI,
        "memory_percent": round(100 * hbm.memory_usage / hbm.memory_size, 2),
        "memory_busy_percent": hbm.bandwidth_util_rate,
        "memory_temperature_celsius": hbm.temp,
        "memory_clock_mhz": hbm.freq,
    }
