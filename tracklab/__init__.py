"""TrackLab: structured logging, experiment tracking and monitoring in plain files.

    import tracklab

    with tracklab.init(project="demo", config={"lr": 3e-4}) as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1)})

Importing this package defines names and nothing else; what they need is loaded when used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tracklab.api import PerformanceMetricsAPI
    from tracklab.errors import (
        NotFoundError,
        QueryError,
        SettingsError,
        StorageError,
        TrackLabError,
        UsageError,
    )
    from tracklab.integrations.autologging import autolog
    from tracklab.media.histogram import Histogram
    from tracklab.sdk.checkpoints import checkpoint
    from tracklab.sdk.current import alert, alog, define_metric, finish, log, mark_preempting
    from tracklab.sdk.llm import llm_call
    from tracklab.sdk.llm_content import redact_llm_content
    from tracklab.sdk.local import LocalLogger, LocalSender
    from tracklab.sdk.performance import (
        CheckpointPerformanceMonitor,
        LightweightPerformanceMonitor,
        LLMPerformanceMonitor,
        PerformanceMetricsLogger,
        ToolPerformanceMonitor,
        WorkflowPerformanceMonitor,
        get_performance_monitor,
    )
    from tracklab.sdk.run import Run
    from tracklab.sdk.starting import init
    from tracklab.settings import Settings

    run: Run | None
    config: Any
    summary: Any

# Every public name and the module that defines it: loaded at first use.
_NAMES = {
    "CheckpointPerformanceMonitor": "sdk.performance",
    "Histogram": "media.histogram",
    "LLMPerformanceMonitor": "sdk.performance",
    "LightweightPerformanceMonitor": "sdk.performance",
    "LocalLogger": "sdk.local",
    "LocalSender": "sdk.local",
    "NotFoundError": "errors",
    "PerformanceMetricsAPI": "api",
    "PerformanceMetricsLogger": "sdk.performance",
    "QueryError": "errors",
    "Run": "sdk.run",
    "Settings": "settings",
    "SettingsError": "errors",
    "StorageError": "errors",
    "ToolPerformanceMonitor": "sdk.performance",
    "TrackLabError": "errors",
    "UsageError": "errors",
    "WorkflowPerformanceMonitor": "sdk.performance",
    "alert": "sdk.current",
    "alog": "sdk.current",
    "autolog": "integrations.autologging",
    "checkpoint": "sdk.checkpoints",
    "define_metric": "sdk.current",
    "finish": "sdk.current",
    "get_performance_monitor": "sdk.performance",
    "init": "sdk.starting",
    "llm_call": "sdk.llm",
    "log": "sdk.current",
    "mark_preempting": "sdk.current",
    "redact_llm_content": "sdk.llm_content",
}

__all__ = [
    "CheckpointPerformanceMonitor",
    "Histogram",
    "LLMPerformanceMonitor",
    "LightweightPerformanceMonitor",
    "LocalLogger",
    "LocalSender",
    "NotFoundError",
    "PerformanceMetricsAPI",
    "PerformanceMetricsLogger",
    "QueryError",
    "Run",
    "Settings",
    "SettingsError",
    "StorageError",
    "ToolPerformanceMonitor",
    "TrackLabError",
    "UsageError",
    "WorkflowPerformanceMonitor",
    "alert",
    "alog",
    "autolog",
    "checkpoint",
    "config",
    "define_metric",
    "finish",
    "get_performance_monitor",
    "init",
    "llm_call",
    "log",
    "mark_preempting",
    "redact_llm_content",
    "run",
    "summary",
]


def __getattr__(name: str) -> Any:
    if name == "run":  # never kept: it changes with every init() and finish()
        return import_module("tracklab.sdk.current").run()
    if name in {"config", "summary"}:
        value = import_module("tracklab.sdk.current").Pending(name)
    elif name == "handlers":  # a package, for whoever writes tracklab.handlers.SegmentHandler()
        value = import_module("tracklab.handlers")
    elif name in _NAMES:
        value = getattr(import_module(f"tracklab.{_NAMES[name]}"), name)
    else:
        raise AttributeError(f"module 'tracklab' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
