"""Ages, sizes and times as people type them: `15m`, `30d`, `10GB`, `2026-11-20`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AGE", "SIZE", "moment"]

_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
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


def moment(text: str | None) -> float | None:
    """Return epoch seconds of a date, a date and time, or an age."""
    if text is None:
        return None
    from tracklab import clock  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.query.ages import span_s  # noqa: PLC0415 - as above

    age_s = span_s(text.removeprefix("-"))
    if age_s is not None:
        return clock.now() - age_s
    try:
        return clock.parse_time(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no time. Write a date as 2026-11-20 or 2026-11-20T17:40:00Z, or an age "
            "as 30m, 1h or 7d."
        ) from None
