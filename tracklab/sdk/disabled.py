"""A run that writes nothing: for tests, and for ranks that should stay silent."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.records.names import new_run_id
from tracklab.sdk.facts import Identity
from tracklab.sdk.rows import checked_row
from tracklab.sdk.run import Run
from tracklab.sdk.values import row_values
from tracklab.storage.creation import begin_disabled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.options import Settings

__all__ = ["DisabledRun", "RunDisabled"]


class RunDisabled:
    """Takes any call and any attribute; what programs import to recognise a run of older times.

    The run of `init(mode="disabled")` is no such object: it is a `DisabledRun`.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> RunDisabled:  # noqa: D102 - magic
        return self

    def __getitem__(self, _: Any) -> RunDisabled:
        return self

    def __setitem__(self, _: Any, __: Any) -> None:
        pass


class _NoWriter:
    """Takes no line. It has what a run asks of its writer at any time."""

    lines_lost = 0
    lines = 0
    backlog = None

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.lock = threading.RLock()
        self.writer = None
        import tempfile  # noqa: PLC0415 - only disabled runs need it

        self.run_dir = Path(tempfile.gettempdir()) / f"tracklab-{run_id}"

    def append(self, *_: Any) -> None:
        pass

    def settle(self) -> None:
        pass


class DisabledRun(Run):
    """Made by `init(mode="disabled")`: config and summary work in memory, nothing is written.

    Every call is allowed at any time, also after `finish()`, and does nothing.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        settings: Settings,
        *,
        project: str = "dummy",
        entity: str = "dummy",
    ) -> None:
        begin_disabled()
        run_id = new_run_id()
        identity = Identity(
            run_id, project, f"dummy-{run_id}", started_s=clock.now(), facts={"entity": entity}
        )
        super().__init__(identity, _NoWriter(run_id), settings=settings, config=config)  # type: ignore[arg-type] # the parts a run needs

    @property
    def disabled(self) -> bool:
        """True."""
        return True

    @property
    def dir(self) -> str:
        """A directory under the system's temporary one, made when asked for."""
        self.run_dir.mkdir(exist_ok=True)
        return str(self.run_dir)

    @property
    def url(self) -> None:
        """None: no page shows it."""
        return None

    @property
    def project_url(self) -> None:
        """None: no page shows it."""
        return None

    @property
    def offline(self) -> bool:
        """False."""
        return False

    def log(self, data: Mapping[str, Any], *_: Any, **__: Any) -> None:
        """Take the values into the summary; nothing is written, and the step stays 0."""
        self.summary.add_row(row_values(checked_row(data)))

    def save(self, *_: Any, **__: Any) -> bool:
        """Return False: nothing is kept."""
        return False

    def restore(self, *_: Any, **__: Any) -> None:
        """Return None: there is no file."""

    def log_code(self, *_: Any, **__: Any) -> None:
        """Return None: nothing is kept."""

    def log_artifact(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call: programs wait for an artifact, or ask its version."""
        return RunDisabled()

    def use_artifact(self, *_: Any, **__: Any) -> Any:
        """Return None: there is no artifact."""

    def link_artifact(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call."""
        return RunDisabled()

    def log_model(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call."""
        return RunDisabled()

    def use_model(self, *_: Any, **__: Any) -> Any:
        """Return None: there is no model."""

    def link_model(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call."""
        return RunDisabled()

    def upsert_artifact(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call."""
        return RunDisabled()

    def finish_artifact(self, *_: Any, **__: Any) -> Any:
        """Return what takes any call."""
        return RunDisabled()

    def watch(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    def write_logs(self, text: str) -> None:
        """Do nothing."""

    def display(self, *_: Any, **__: Any) -> bool:
        """Return False: there is nothing to show."""
        return False

    def event(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    def system_row(self, values: Mapping[str, Any]) -> None:
        """Do nothing."""

    def sync(self) -> None:
        """Do nothing."""

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: ARG002 - the same call
        """Stop being the current run."""
        self._finished = True

    def _place(self, step: int | str) -> None:
        """Return None: media write no files."""

    def _write_documents(self, *which: str, durable: bool = False) -> None:
        pass

    def _refuse_if_finished(self, what: str) -> None:
        pass
