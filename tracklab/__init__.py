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
        UnsupportedError,
        UsageError,
    )
    from tracklab.integrations.autologging import autolog
    from tracklab.media.histogram import Histogram
    from tracklab.sdk.alerts import AlertLevel
    from tracklab.sdk.checkpoints import checkpoint
    from tracklab.sdk.current import (
        alert,
        alog,
        define_metric,
        finish,
        log,
        mark_preempting,
        pin_config_keys,
        restore,
        save,
        unwatch,
        watch,
    )
    from tracklab.sdk.current import finish as join
    from tracklab.sdk.gpu_monitor import monitor_gpu
    from tracklab.sdk.joining import attach
    from tracklab.sdk.llm import llm_call
    from tracklab.sdk.llm_content import redact_llm_content
    from tracklab.sdk.local import LocalLogger, LocalSender
    from tracklab.sdk.options import Settings
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
    from tracklab.shim.finder import install_as_wandb

    run: Run | None
    config: Any
    summary: Any

# Every public name and the module that defines it: loaded at first use.
_NAMES = {
    "AlertLevel": "sdk.alerts",
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
    "Settings": "sdk.options",
    "SettingsError": "errors",
    "StorageError": "errors",
    "ToolPerformanceMonitor": "sdk.performance",
    "TrackLabError": "errors",
    "UnsupportedError": "errors",
    "UsageError": "errors",
    "WorkflowPerformanceMonitor": "sdk.performance",
    "alert": "sdk.current",
    "alog": "sdk.current",
    "attach": "sdk.joining",
    "autolog": "integrations.autologging",
    "checkpoint": "sdk.checkpoints",
    "define_metric": "sdk.current",
    "finish": "sdk.current",
    "get_performance_monitor": "sdk.performance",
    "init": "sdk.starting",
    "install_as_wandb": "shim.finder",
    "join": "sdk.current:finish",
    "llm_call": "sdk.llm",
    "log": "sdk.current",
    "mark_preempting": "sdk.current",
    "monitor_gpu": "sdk.gpu_monitor",
    "pin_config_keys": "sdk.current",
    "redact_llm_content": "sdk.llm_content",
    "restore": "sdk.current",
    "save": "sdk.current",
    "unwatch": "sdk.current",
    "watch": "sdk.current",
}
#: The names that change with every `init()` and `finish()`, so that they are never kept.
_CURRENT = ("config", "run", "summary")

__all__ = [
    "AlertLevel",
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
    "UnsupportedError",
    "UsageError",
    "WorkflowPerformanceMonitor",
    "alert",
    "alog",
    "attach",
    "autolog",
    "checkpoint",
    "config",
    "define_metric",
    "finish",
    "get_performance_monitor",
    "init",
    "install_as_wandb",
    "join",
    "llm_call",
    "log",
    "mark_preempting",
    "monitor_gpu",
    "pin_config_keys",
    "redact_llm_content",
    "restore",
    "run",
    "save",
    "summary",
    "unwatch",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name in _CURRENT:
        current = import_module("tracklab.sdk.current")
        found = current.run()
        if name == "run":
            return found
        return getattr(found, name) if found else getattr(current, name.upper())
    if name == "handlers":  # a package, for whoever writes tracklab.handlers.SegmentHandler()
        value = import_module("tracklab.handlers")
    elif name in _NAMES:
        module, _, attribute = _NAMES[name].partition(":")
        value = getattr(import_module(f"tracklab.{module}"), attribute or name)
    elif name.startswith("__"):  # what Python itself looks for
        raise AttributeError(f"module 'tracklab' has no attribute {name!r}")
    else:  # what `import tracklab as wandb` finds beside them
        value = import_module("tracklab.shim.facade").find(name, door="tracklab")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
