"""Results as JSON can say them: the one place where a dataclass or column becomes plain values.

A non-finite number, which JSON has no word for, becomes "NaN", "Infinity" or "-Infinity".
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

__all__ = ["number_name", "plain"]


def plain(value: Any) -> Any:
    """Return `value` as dicts, lists, strings, finite numbers, booleans and None.

    Args:
        value: any result of an engine, or what one holds: dataclasses, columns, JSON values.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else number_name(value)
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    return [plain(inner) for inner in value]


def number_name(value: float) -> str:
    """Return the name of a non-finite number, as lines and replies spell it."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
