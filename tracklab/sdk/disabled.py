"""A run that writes nothing: for tests, and for ranks that should stay silent."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.records.names import new_run_id
from tracklab.sdk.facts import Identity
from tracklab.sdk.run import Run
from tracklab.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DisabledRun"]


class _NoWriter:
    """Takes no line. It has what a run asks of its writer at any time."""

    lines_lost = 0
    lines = 0
    backlog = None

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.lock = threading.RLock()
        self.writer = None
        self.run_dir = Path(tempfile.gettempdir()) / f"tracklab-{run_id}"

    def append(self, *_: Any) -> None:
        pass

    def settle(self) -> None:
        pass


class DisabledRun(Run):
    """Made by `init(mode="disabled")`: config and summary work in memory, nothing is written.

    Every call is allowed at any time, also after `finish()`, and does nothing.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        run_id = new_run_id()
        identity = Identity(run_id, "dummy", f"dummy-{run_id}", started_s=clock.now())
        super().__init__(identity, _NoWriter(run_id), settings=Settings(), config=config)  # type: ignore[arg-type] # the parts a run needs

    @property
    def disabled(self) -> bool:
        """True."""
        return True

    @property
    def dir(self) -> str:
        """A directory under the system's temporary one, made when asked for."""
        self.run_dir.mkdir(exist_ok=True)
        return str(self.run_dir)

    def log(self, data: Mapping[str, Any], *_: Any, **__: Any) -> None:
        """Do nothing."""

    def event(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    def system_row(self, values: Mapping[str, Any]) -> None:
        """Do nothing."""

    def sync(self) -> None:
        """Do nothing."""

    def finish(self, exit_code: int | None = None) -> None:  # noqa: ARG002 - the same call
        """Stop being the current run."""
        self._finished = True

    def _write_documents(self, *which: str, durable: bool = False) -> None:
        pass

    def _refuse_if_finished(self, what: str) -> None:
        pass
