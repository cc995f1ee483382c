"""Accelerators of other makers than NVIDIA: where each is read.

A probe is a function without arguments that returns a flat dict of `<kind>.<index>.<quantity>`,
in the quantities and units of `tracklab.records.system.GPU_FIELDS`, and an empty one where there
is no such device. Without the device it costs a look for a file or a library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tracklab.monitors.drm import describe_amd, describe_intel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAKERS", "described_others", "sample_others"]

#: Each maker's probe, as an entry point names a function.
MAKERS = {
    "amd": "tracklab.monitors.drm:sample_amd",
    "apple": "tracklab.monitors.apple:sample",
    "ascend": "tracklab.monitors.ascend:sample",
    "intel": "tracklab.monitors.drm:sample_intel",
    "tpu": "tracklab.monitors.tpu:sample",
}


def sample_others() -> dict[str, object]:
    """Return what all of them measure now; one that fails costs its own names."""
    row: dict[str, object] = {}
    for place in MAKERS.values():
        module, _, name = place.partition(":")
        try:
            row |= getattr(import_module(module), name)()
        except Exception:  # noqa: BLE001, S112 - somebody's library: the others are read
            continue
    return row


def described_others(row: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return what each device in a row is: `kind`, `index`, and more where its files tell it."""
    known = {(card["kind"], card["index"]): card for card in (*describe_amd(), *describe_intel())}
    names = (name.split(".") for name in row)
    found = {(parts[0], int(parts[1])): None for parts in names if parts[0] != "gpu"}
    return [known.get(device) or {"kind": device[0], "index": device[1]} for device in found]
