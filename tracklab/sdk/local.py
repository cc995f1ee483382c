"""Two small writers for code that wants neither a current run nor a configuration.

`LocalLogger` writes metric by metric, `LocalSender` row by row. Both make ordinary runs.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.sdk.starting import open_run
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["LocalLogger", "LocalSender"]

_PROJECT = "uncategorized"


class LocalLogger:
    """Writes one run under a directory.

    Args:
        log_dir: the root; the run lies in `<log_dir>/uncategorized/<run_id>/`.
        run_id: the run; one that exists is continued.
    """

    def __init__(self, log_dir: str | os.PathLike[str], run_id: str) -> None:
        self._run = open_run(_PROJECT, run_id=run_id, root=log_dir, resume="allow")

    @property
    def run_dir(self) -> Path:
        """The run's directory."""
        return self._run.run_dir

    def log_metric(self, key: str, value: Any, step: int | None = None) -> None:
        """Write one value; values of one step make one row for readers."""
        self._run.log({key: value}, step=step)

    def log_config(self, config: Mapping[str, Any]) -> None:
        """Set configuration values."""
        self._run.config.update(config, allow_val_change=True)

    def log_summary(self, summary: Mapping[str, Any]) -> None:
        """Set summary values."""
        self._run.summary.update(summary)
        self._run.save_summary()

    def save_artifact(
        self, local_path: str | os.PathLike[str], artifact_path: str | None = None
    ) -> Path:
        """Copy a file or directory into the run's `artifacts/` and return where it lies.

        Args:
            local_path: what to keep.
            artifact_path: its place below `artifacts/`, such as `plots/loss.png`; None for its
                own name.

        Raises:
            UsageError: there is no such file, or the place lies outside `artifacts/`.
        """
        source = Path(local_path)
        base = self.run_dir / "artifacts"
        target = base / (artifact_path or source.name)
        if not source.exists():
            raise UsageError(f"save_artifact() found nothing to keep. Check the path: {source}")
        if (
            not target.resolve().is_relative_to(base.resolve())
            or target.resolve() == base.resolve()
        ):
            raise UsageError(
                f"save_artifact() cannot place {artifact_path!r}: it lies outside the run's "
                "artifacts. Give a relative path such as 'plots/loss.png'."
            )
        make_directory(target.parent, file_mode=self._run.settings.file_mode)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        data = {"op": "log", "name": target.relative_to(base).as_posix(), "type": "file"}
        self._run.event("tracklab.artifact", "artifact", data)
        return target

    def finalize(self, exit_code: int = 0) -> None:
        """End the run."""
        self._run.finish(exit_code)


class LocalSender:
    """Writes one new run under a directory: one dict, one line.

    Args:
        log_dir: the root; the run lies in `<log_dir>/uncategorized/<new id>/`.
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        self._run = open_run(_PROJECT, root=log_dir)

    @property
    def run_dir(self) -> Path:
        """The run's directory."""
        return self._run.run_dir

    def log_metric(self, key: str, value: Any, step: int | None = None) -> None:
        """Write one value as one row."""
        self._run.log({key: value}, step=step)

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Write several values as one row."""
        self._run.log(metrics, step=step)

    def log_config(self, config: Mapping[str, Any]) -> None:
        """Set configuration values."""
        self._run.config.update(config, allow_val_change=True)

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        """End the run, with summary values if there are any."""
        if summary:
            self._run.summary.update(summary)
        self._run.finish()
