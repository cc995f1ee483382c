"""Ages and sizes as people type them: `15m`, `30d`, `10GB`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AGE", "SIZE"]

_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES: Final = {
    "": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9,
    "t": 10**12, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip


class _Quantity(click.ParamType[float]):
    """A number and a unit."""

    def __init__(self, name: str, units: Mapping[str, int], example: str) -> None:
        self.name = name
        self._units = units
        self._example = example

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, (int, float)):
            return float(value)
        match = _QUANTITY.fullmatch(str(value).strip())
        unit = match[2].lower() if match else ""
        if match is None or unit not in self._units:
            known = ", ".join(filter(None, self._units))
            self.fail(
                f"{value!r} is no {self.name}. Write a number and one of {known}, such as "
                f"{self._example}.",
                param,
                ctx,
            )
        return float(match[1]) * self._units[unit]


#: Seconds.
AGE: Final = _Quantity("age", _SECONDS, "30d")
#: Bytes.
SIZE: Final = _Quantity("size", _BYTES, "10GB")
