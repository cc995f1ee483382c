"""Monitors for code that knows no run: they keep nothing and forward each call as one record.

They log to a standard logger, so any handler takes their records: a `SegmentHandler`, a file,
a socket. While a run is current, the record goes to the run as well.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.handlers.events import KIND, STREAM, WRITTEN
from tracklab.sdk import current

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CheckpointPerformanceMonitor",
    "LLMPerformanceMonitor",
    "LightweightPerformanceMonitor",
    "PerformanceMetricsLogger",
    "ToolPerformanceMonitor",
    "WorkflowPerformanceMonitor",
    "get_performance_monitor",
]


class PerformanceMetricsLogger:
    """Logs measurements as structured records.

    Args:
        logger_name: the standard logger that gets them.
    """

    __slots__ = ("_logger",)

    def __init__(self, logger_name: str = "performance_metrics") -> None:
        self._logger = logging.getLogger(logger_name)
        if self._logger.level == logging.NOTSET:
            self._logger.setLevel(logging.INFO)

    def log_metric(
        self,
        metric_type: str,
        name: str,
        value: float,
        labels: Mapping[str, Any] | None = None,
        timestamp: float | None = None,
    ) -> None:
        """Log one measurement.

        Args:
            metric_type: `timer` (seconds), `counter`, `gauge` or `histogram`.
            name: what was measured.
            value: the measurement.
            labels: what it belongs to.
            timestamp: when, in epoch seconds; None for now.
        """
        data = {"metric_type": metric_type, "name": name, "value": value,
                "labels": dict(labels or {})}  # fmt: skip
        if timestamp is not None:
            data["measured_at"] = timestamp
        self._record("tracklab.metric", name, data)

    def log_timer(self, name: str, duration: float, **labels: Any) -> None:
        """Log how long something took, in seconds."""
        self.log_metric("timer", name, duration, labels)

    def log_counter(self, name: str, value: float = 1, **labels: Any) -> None:
        """Log how much a count grew."""
        self.log_metric("counter", name, value, labels)

    def log_gauge(self, name: str, value: float, **labels: Any) -> None:
        """Log a value that goes up and down."""
        self.log_metric("gauge", name, value, labels)

    def log_histogram(self, name: str, value: float, **labels: Any) -> None:
        """Log one observation of a distribution."""
        self.log_metric("histogram", name, value, labels)

    def log_execution(
        self,
        name: str,
        duration: float,
        success: bool = True,
        error_type: str | None = None,
        labels: Mapping[str, Any] | None = None,
    ) -> None:
        """Log that a step of `name` was executed: seconds, whether it worked, and its error."""
        failure = {} if error_type is None else {"error_type": error_type}
        self.log_timer(name, duration, **{**(labels or {}), "success": success, **failure})

    def log_checkpoint_save(
        self,
        duration: float,
        size: int | None,
        success: bool = True,
        **details: Any,
    ) -> None:
        """Log a checkpoint's save: seconds, bytes, and whether it worked."""
        self._checkpoint("save", duration, size, success=success, **details)

    def log_checkpoint_load(
        self,
        duration: float,
        size: int | None,
        success: bool = True,
        **details: Any,
    ) -> None:
        """Log a checkpoint's load: seconds, bytes, and whether it worked."""
        self._checkpoint("load", duration, size, success=success, **details)

    def log_checkpoint_list(
        self,
        duration: float,
        count: int,
        success: bool = True,
        **details: Any,
    ) -> None:
        """Log a listing of checkpoints: seconds, how many it found, and whether it worked."""
        self._checkpoint("list", duration, None, success=success, count=count, **details)

    def log_llm_call(
        self,
        model: str,
        provider: str,
        response_time: float,
        tokens: Mapping[str, int] | None = None,
        success: bool = True,
        **details: Any,
    ) -> None:
        """Log an LLM call: seconds, and tokens as `{"prompt": n, "completion": n}`."""
        data = {"metric_type": "timer", "model": model, "provider": provider,
                "response_time": response_time, "tokens": dict(tokens or {}), "success": success,
                **details}  # fmt: skip
        self._record("tracklab.llm", "llm_call", data, stream="llm", failed=not success)

    def _checkpoint(
        self, operation: str, duration: float, size: int | None, *, success: bool, **details: Any
    ) -> None:
        data = {"metric_type": "timer", "operation": operation, "duration": duration, "size": size,
                "success": success, "module": "checkpoint", **details}  # fmt: skip
        self._record("tracklab.checkpoint", f"checkpoint_{operation}", data, failed=not success)

    def _record(
        self, kind: str, message: str, data: dict[str, Any], *, stream: str = "events",
        failed: bool = False,
    ) -> None:  # fmt: skip
        level = logging.ERROR if failed else logging.INFO
        run = current.run()
        if run is not None:
            run.event(kind, message, data, stream=stream, level=logging.getLevelName(level))
        if self._logger.isEnabledFor(level) and self._logger.hasHandlers():
            extra: dict[str, Any] = {"data": data, KIND: kind, STREAM: stream}
            if run is not None:
                extra[WRITTEN] = True
            self._logger.log(level, message, extra=extra)


class LightweightPerformanceMonitor:
    """Records what callers measured themselves; holds nothing but its logger.

    Args:
        logger: where records go; None for a `PerformanceMetricsLogger` of the default name.
    """

    __slots__ = ("_metrics",)

    def __init__(self, logger: PerformanceMetricsLogger | None = None) -> None:
        self._metrics = logger or PerformanceMetricsLogger()

    def record_metric(
        self, metric_type: str, name: str, value: float, labels: Mapping[str, Any] | None = None
    ) -> None:
        """Record one measurement; see `PerformanceMetricsLogger.log_metric`."""
        self._metrics.log_metric(metric_type, name, value, labels)

    def record_checkpoint_save(
        self,
        duration: float,
        size: int | None,
        success: bool = True,
        **details: Any,
    ) -> None:
        """Record a checkpoint's save: seconds, bytes, and whether it worked."""
        self._metrics.log_checkpoint_save(duration, size, success, **details)

    def record_llm_call(
        self,
        model: str,
        provider: str,
        response_time: float,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        success: bool = True,
    ) -> None:
        """Record an LLM call: seconds and tokens."""
        tokens = {"prompt": prompt_tokens, "completion": completion_tokens}
        self._metrics.log_llm_call(model, provider, response_time, tokens, success)


class CheckpointPerformanceMonitor(LightweightPerformanceMonitor):
    """Records the saves, loads and listings of checkpoints that were measured elsewhere.

    `details` are further fields of the event: `path`, `step`, `blocked` (seconds that training
    waited for a save in the background), `error_type`.
    """

    __slots__ = ()

    def record_save(
        self, duration: float, size: int | None, success: bool = True, **details: Any
    ) -> None:
        """Record a save: seconds, bytes, and whether it worked."""
        self._metrics.log_checkpoint_save(duration, size, success, **details)

    def record_load(
        self, duration: float, size: int | None, success: bool = True, **details: Any
    ) -> None:
        """Record a load: seconds, bytes, and whether it worked."""
        self._metrics.log_checkpoint_load(duration, size, success, **details)

    def record_list(
        self, duration: float, count: int, success: bool = True, **details: Any
    ) -> None:
        """Record a listing: seconds, checkpoints found, and whether it worked."""
        self._metrics.log_checkpoint_list(duration, count, success, **details)


class LLMPerformanceMonitor(LightweightPerformanceMonitor):
    """Records calls to language models."""

    __slots__ = ()

    def record_tokens_per_second(self, model: str, provider: str, rate: float) -> None:
        """Record how fast a model answers, in tokens per second."""
        labels = {"model": model, "provider": provider}
        self._metrics.log_gauge("tokens_per_second", rate, **labels)


class WorkflowPerformanceMonitor(LightweightPerformanceMonitor):
    """Records the nodes of a workflow as they are executed."""

    __slots__ = ()

    def record_node_execution(
        self,
        node: str,
        duration: float,
        success: bool = True,
        error_type: str | None = None,
        **labels: Any,
    ) -> None:
        """Record a node: seconds, whether it worked, and the type of its error."""
        known = {"node": node, **labels}
        self._metrics.log_execution("workflow_node_execution", duration, success, error_type, known)


class ToolPerformanceMonitor(LightweightPerformanceMonitor):
    """Records the tools that an agent executes."""

    __slots__ = ()

    def record_tool_execution(
        self,
        tool: str,
        duration: float,
        success: bool = True,
        error_type: str | None = None,
        **labels: Any,
    ) -> None:
        """Record a tool: seconds, whether it worked, and the type of its error."""
        known = {"tool": tool, **labels}
        self._metrics.log_execution("tool_execution", duration, success, error_type, known)


_MONITORS = {
    "checkpoint": CheckpointPerformanceMonitor,
    "llm": LLMPerformanceMonitor,
    "lightweight": LightweightPerformanceMonitor,
    "tool": ToolPerformanceMonitor,
    "workflow": WorkflowPerformanceMonitor,
}


def get_performance_monitor(kind: str = "lightweight") -> LightweightPerformanceMonitor:
    """Return a monitor by its kind: `checkpoint`, `llm`, `lightweight`, `tool` or `workflow`.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in _MONITORS:
        raise UsageError(
            f"get_performance_monitor() got {kind!r}. It takes {', '.join(_MONITORS)}."
        )
    return _MONITORS[kind]()
