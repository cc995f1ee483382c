"""The metadata of the distribution `wandb`, for programs that look whether it is there."""

from __future__ import annotations

from importlib.metadata import Distribution
from typing import TYPE_CHECKING, Any

from tracklab.shim.names import VERSION

if TYPE_CHECKING:
    import os

__all__ = ["Wandb"]

_TEXTS = {
    "METADATA": (
        "Metadata-Version: 2.1\n"
        "Name: wandb\n"
        f"Version: {VERSION}\n"
        "Summary: TrackLab, found under the name wandb\n"
    ),
    # Which modules it has: packages_distributions() reads it.
    "top_level.txt": "wandb\n",
}


class Wandb(Distribution):
    """`importlib.metadata.version("wandb")` and `metadata("wandb")` answer from this."""

    def read_text(self, filename: str) -> str | None:
        """Return one of the texts beside an installed package."""
        return _TEXTS.get(filename)

    def locate_file(self, path: str | os.PathLike[str]) -> Any:
        """Raise: there are no files.

        Raises:
            FileNotFoundError: always.
        """
        raise FileNotFoundError(path)
