"""Sacred: an observer that makes a run of an experiment.

from tracklab.integrations.sacred import WandbObserver

experiment.observers.append(WandbObserver(project="demo"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.artifacts.artifact import Artifact
from tracklab.integrations.hooks import loaded
from tracklab.sdk.starting import init
from tracklab.sdk.terminal import termwarn

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["WandbObserver"]

_RunObserver: Any = loaded(
    "sacred.observers", package="sacred", wanted_by="tracklab.integrations.sacred"
).RunObserver


class WandbObserver(_RunObserver):  # type: ignore[misc] # the package may not be there to check
    """Logs an experiment: its configuration, its metrics, its result and its artifacts.

    Arguments are those of `tracklab.init()`, which it calls.
    """

    def __init__(self, **kwargs: Any) -> None:
        self.run = init(**kwargs)
        self.resources: list[str] = []
        self._defined: set[str] = set()

    def started_event(  # noqa: PLR0917 - Sacred's signature
        self,
        ex_info: Any,  # noqa: ARG002 - as above
        command: Any,  # noqa: ARG002 - as above
        host_info: Any,  # noqa: ARG002 - as above
        start_time: Any,  # noqa: ARG002 - as above
        config: Mapping[str, Any],
        meta_info: Any,  # noqa: ARG002 - as above
        _id: Any,
    ) -> None:
        """Take the experiment's configuration."""
        self.run.config.update({**config, "resources": []}, allow_val_change=True)

    def log_metrics(
        self,
        metrics_by_name: Mapping[str, Mapping[str, Any]],
        info: Any,  # noqa: ARG002 - as above
    ) -> None:
        """Make a row of each value since the last time; the x axis is `<metric>_step`."""
        for name, told in metrics_by_name.items():
            if name not in self._defined:
                self._defined.add(name)
                self.run.define_metric(name, step_metric=f"{name}_step", step_sync=False)
            for step, value in zip(told["steps"], told["values"], strict=True):
                self.run.log({name: value, f"{name}_step": step})

    def completed_event(self, stop_time: Any, result: Any) -> None:  # noqa: ARG002 - as above
        """Log what the experiment returned: numbers and dicts in rows, paths as artifacts."""
        for number, one in enumerate(result if isinstance(result, tuple) else (result,)):
            if isinstance(one, dict):
                self.run.log(one)
            elif isinstance(one, str):
                self.artifact_event(f"result_{number}", one, content_type="result")
            elif hasattr(one, "__float__"):
                self.run.log({f"result_{number}": float(one)})
            elif one is not None:
                termwarn(f"a result of the type {type(one).__name__} is not logged")

    def artifact_event(
        self,
        name: str,
        filename: str | os.PathLike[str],
        metadata: Any = None,  # noqa: ARG002 - as above
        content_type: str | None = None,
    ) -> None:
        """Keep a file as an artifact."""
        artifact = Artifact(name, type=content_type or "file")
        artifact.add_file(str(filename))
        self.run.log_artifact(artifact)

    def resource_event(self, filename: str) -> None:
        """Note a file that the experiment reads."""
        self.resources.append(str(filename))
        self.run.config.update({"resources": self.resources}, allow_val_change=True)
