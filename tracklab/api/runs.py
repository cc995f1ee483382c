"""Many runs: a lazy sequence that tells their histories together, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracklab.api.pages import Pages
from tracklab.api.run import Run
from tracklab.errors import UsageError
from tracklab.media.needs import needed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Runs"]

_FORMATS: Final = ("default", "pandas", "polars")


class Runs(Pages[Run]):
    """Runs in the order that was asked for."""

    def histories(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        format: str = "default",  # noqa: A002 - as wandb's
        stream: str = "default",
    ) -> Any:
        """Return the sampled rows of every run, one behind the other, each with its `run_id`.

        Args:
            samples: most rows of each run.
            keys: only these, and only rows that have all of them.
            x_axis: the key that rows must have.
            format: `default` for a list of dicts, `pandas` or `polars` for a DataFrame.
            stream: as for `Run.history`.

        Raises:
            MissingPackageError: the package of the format is not installed.
        """
        if format not in _FORMATS:
            raise UsageError(
                f"histories() has the formats {', '.join(_FORMATS)}; got {format!r}. Leave it out "
                "for a list."
            )
        if format != "default":
            frames = needed(format, by=f"histories(format={format!r})", install=format)
        rows = [
            {"run_id": run.id, **row}
            for run in self
            for row in run.history(
                samples=samples, keys=keys, x_axis=x_axis, pandas=False, stream=stream
            )
        ]
        return rows if format == "default" else frames.DataFrame(rows)

    def upgrade_to_full(self) -> None:
        """Do nothing: parts of a run are read when they are asked for."""
