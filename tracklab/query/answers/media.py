"""Answers about what was logged as media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "MediaItem",
    "MediaPage",
]


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One value that was logged as media.

    `type` is the record's `_type`, `record` what stands in the row: its files lie in the run under
    the paths it names. `vega_lite` is what to draw of a table, None without that; its data are
    called `table`.
    """

    key: str
    step: int
    timestamp: str | None
    type: str
    record: dict[str, Any]
    vega_lite: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MediaPage:
    """One page of media; `total` counts all that match, before the cursor too."""

    media: list[MediaItem]
    total: int
    cursor: str | None
