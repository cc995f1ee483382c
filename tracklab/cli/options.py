"""What several commands share: where the data lies, and how a value is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.query.engines.local import LocalEngine

__all__ = ["data_dir", "engine_for", "json_flag", "print_json", "printable", "short"]

_ENGLISH_DIGITS = 4

#: `--dir`: the data directory, passed on as `root`.
data_dir: Callable[[Any], Any] = click.option(
    "--dir",
    "--data-dir",
    "root",
    type=click.Path(path_type=Path),
    help="Data directory. Default: TRACKLAB_DATA_DIR, else ./tracklab_logs.",
)

#: `--json`: the same answer for programs, passed on as `as_json`.
json_flag: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs."
)


def engine_for(root: Path | None) -> LocalEngine:
    """Return the engine that reads `root`, or the default data directory.

    Raises:
        UsageError: there is no such directory.
    """
    from tracklab.errors import UsageError  # noqa: PLC0415 - `tracklab --help` needs none of these
    from tracklab.query.engines.local import LocalEngine  # noqa: PLC0415 - as above
    from tracklab.settings import data_root  # noqa: PLC0415 - as above

    place = data_root(root)
    if not place.is_dir():
        raise UsageError(
            "The data directory does not exist. Log a run first, or name another directory with "
            f"--dir or TRACKLAB_DATA_DIR: {place}"
        )
    return LocalEngine(place)


def print_json(value: Any) -> None:
    """Print a result as indented JSON; numbers that are not finite appear by name."""
    from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy

    click.echo(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2))


def printable(text: str) -> str:
    r"""Return `text` without control characters: logged text must not drive the terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def short(value: Any) -> str:
    """Return a value for people: four significant digits, text without control characters."""
    if isinstance(value, float):
        return f"{value:.{_ENGLISH_DIGITS}g}"
    if isinstance(value, (dict, list)):
        value = orjson.dumps(value).decode()
    return printable(str(value))
