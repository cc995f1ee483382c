"""What sweeps and agents tell the person at the terminal, unless they are to be silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.records.secrets import masked_values
from tracklab.sdk.options import Settings
from tracklab.sdk.terminal import termlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["notices", "told_parameters"]

_MOST_CHARACTERS: Final = 200


def notices() -> Callable[[str], None]:
    """Return what tells something; nothing where the environment or the settings' file says so.

    Raises:
        SettingsError: a setting has a value that cannot be used.
    """
    return _say_nothing if Settings.load().silent else termlog


def told_parameters(parameters: Mapping[str, Any]) -> str:
    """Return parameters for people: secrets as `***`, and not too long."""
    text = str(masked_values(dict(parameters)))
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."


def _say_nothing(_: str) -> None:
    pass
