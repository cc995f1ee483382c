"""How commands print tables and quantities for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracklab.cli.options import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["bytes_text", "print_table", "ratio_text", "seconds_text", "time_text"]

_PIPE_WIDTH = 200
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their heads; a head that begins with `>` is set to the right."""
    from rich import box  # noqa: PLC0415 - programs that ask for JSON need none of it
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(
            Text(name.removeprefix(">")), justify="right" if name[:1] == ">" else "left"
        )
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
    click.echo()


def seconds_text(seconds: float | None) -> str:
    """Return a duration: `1.2ms`, `4.56s`, `7m05s`, `3h20m`, `2d04h`; `-` for None."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    if seconds < _MINUTE_S:
        return f"{seconds:.3g}s"
    for unit_s, part_s, form in (
        (_DAY_S, _HOUR_S, "{}d{:02}h"),
        (_HOUR_S, _MINUTE_S, "{}h{:02}m"),
        (_MINUTE_S, 1, "{}m{:02}s"),
    ):
        if seconds >= unit_s:
            whole, rest = divmod(round(seconds / part_s), unit_s // part_s)
            return form.format(whole, rest)
    raise AssertionError(seconds)


def bytes_text(count: float | None) -> str:
    """Return bytes in units of 1,000: `512B`, `1.25GB`; `-` for None."""
    if count is None:
        return "-"
    power = 0
    while count >= 999.5 and power < len(_UNITS) - 1:  # noqa: PLR2004 - 999.5 is told as 1,000
        count /= 1000
        power += 1
    return f"{count:.3g}{_UNITS[power]}"


def ratio_text(ratio: float | None) -> str:
    """Return a share of 1 in per cent; `-` for None."""
    return "-" if ratio is None else f"{100 * ratio:.3g}%"


def time_text(timestamp: str | None) -> str:
    """Return date and time without parts of seconds, in UTC."""
    return (timestamp or "")[:19].replace("T", " ")
