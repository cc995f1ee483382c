"""`wandb.sdk.lib.telemetry`: what integrations mark as used is taken, and reported nowhere."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["TelemetryRecord", "context"]


class TelemetryRecord:
    """Takes a mark under any name: `record.feature.watch = True`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        pass


def context(
    run: Any = None,  # noqa: ARG001 - wandb's signature
    obj: Any = None,
) -> AbstractContextManager[Any]:
    """Return a block whose value takes the marks: `with telemetry.context() as record:`."""
    return nullcontext(TelemetryRecord() if obj is None else obj)
