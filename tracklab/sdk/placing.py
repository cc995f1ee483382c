"""Where the files of a run's media go, and what is told of one that could not be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.media.needs import say_once
from tracklab.media.value import Place
from tracklab.storage.gaps import reason_of

if TYPE_CHECKING:
    from tracklab.sdk.run import Run

__all__ = ["place_in"]


def place_in(run: Run, step: int | str) -> Place:
    """Return where media of a row go.

    Args:
        run: the run.
        step: the row's step, or `summary`.
    """

    def lost(key: str, kind: str, error: OSError) -> None:
        reason = reason_of(error)
        run.event(
            "tracklab.media_lost", "media_lost",
            {"key": key, "type": kind, "step": step, "reason": reason}, level="ERROR",
        )  # fmt: skip
        if not run.settings.silent and not run.rank:
            say_once(
                f"cannot store files of run {run.id} ({error.strerror or reason}); your program "
                f"goes on without them. Make room or restore access: {run.run_dir}"
            )

    def versioned(key: str, record: dict[str, Any], media: list[dict[str, Any]]) -> dict[str, str]:
        from tracklab.sdk.tables import keep_version  # noqa: PLC0415 - only programs with tables

        return keep_version(run, key, record, media, step=step)

    settings = run.settings
    return Place(
        run.run_dir,
        step,
        lost,
        settings.file_mode,
        rows_limited=bool(settings.table_raise_on_max_row_limit_exceeded),
        versioned=versioned,
    )
