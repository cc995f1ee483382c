"""TrackLab: structured logging, experiment tracking and monitoring in plain files.

    import tracklab

    with tracklab.init(project="demo", config={"lr": 3e-4}) as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1)})

Importing this package defines names and nothing else; what they need is loaded when used.
"""

from __future__ import annotations

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tracklab import plot
    from tracklab.api.client import Api
    from tracklab.api.performance import PerformanceMetricsAPI
    from tracklab.artifacts.artifact import Artifact
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
    from tracklab.media.audio import Audio
    from tracklab.media.evaluation import EvalTable
    from tracklab.media.figures import Plotly
    from tracklab.media.graph import Graph
    from tracklab.media.histogram import Histogram
    from tracklab.media.html import Html
    from tracklab.media.image import Image
    from tracklab.media.joined import JoinedTable
    from tracklab.media.molecule import Molecule
    from tracklab.media.object3d import Object3D, box3d
    from tracklab.media.overlays import Classes
    from tracklab.media.table import Table
    from tracklab.media.video import Video
    from tracklab.plot.chart import plot_table, visualize
    from tracklab.sdk.alerts import AlertLevel
    from tracklab.sdk.checkpoints import checkpoint
    from tracklab.sdk.current import (
        alert,
        alog,
        define_metric,
        finish,
        link_model,
        log,
        log_artifact,
        log_model,
        mark_preempting,
        pin_config_keys,
        restore,
        save,
        unwatch,
        use_artifact,
        use_model,
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
    from tracklab.sweeps.agent import agent
    from tracklab.sweeps.beginning import sweep

    run: Run | None
    config: Any
    summary: Any

# Every public name and the module that defines it: loaded at first use.
_NAMES = {
    "AlertLevel": "sdk.alerts",
    "Api": "api.client",
    "Artifact": "artifacts.artifact",
    "Audio": "media.audio",
    "CheckpointPerformanceMonitor": "sdk.performance",
    "Classes": "media.overlays",
    "EvalTable": "media.evaluation",
    "Graph": "media.graph",
    "Histogram": "media.histogram",
    "Html": "media.html",
    "Image": "media.image",
    "JoinedTable": "media.joined",
    "LLMPerformanceMonitor": "sdk.performance",
    "LightweightPerformanceMonitor": "sdk.performance",
    "LocalLogger": "sdk.local",
    "LocalSender": "sdk.local",
    "Molecule": "media.molecule",
    "NotFoundError": "errors",
    "Object3D": "media.object3d",
    "PerformanceMetricsAPI": "api.performance",
    "PerformanceMetricsLogger": "sdk.performance",
    "Plotly": "media.figures",
    "QueryError": "errors",
    "Run": "sdk.run",
    "Settings": "sdk.options",
    "SettingsError": "errors",
    "StorageError": "errors",
    "Table": "media.table",
    "ToolPerformanceMonitor": "sdk.performance",
    "TrackLabError": "errors",
    "UnsupportedError": "errors",
    "UsageError": "errors",
    "Video": "media.video",
    "WorkflowPerformanceMonitor": "sdk.performance",
    "agent": "sweeps.agent",
    "alert": "sdk.current",
    "alog": "sdk.current",
    "attach": "sdk.joining",
    "autolog": "integrations.autologging",
    "box3d": "media.object3d",
    "checkpoint": "sdk.checkpoints",
    "define_metric": "sdk.current",
    "finish": "sdk.current",
    "get_performance_monitor": "sdk.performance",
    "init": "sdk.starting",
    "install_as_wandb": "shim.finder",
    "join": "sdk.current:finish",
    "link_model": "sdk.current",
    "llm_call": "sdk.llm",
    "log": "sdk.current",
    "log_artifact": "sdk.current",
    "log_model": "sdk.current",
    "mark_preempting": "sdk.current",
    "monitor_gpu": "sdk.gpu_monitor",
    "pin_config_keys": "sdk.current",
    "plot_table": "plot.chart",
    "redact_llm_content": "sdk.llm_content",
    "restore": "sdk.current",
    "save": "sdk.current",
    "sweep": "sweeps.beginning",
    "unwatch": "sdk.current",
    "use_artifact": "sdk.current",
    "use_model": "sdk.current",
    "visualize": "plot.chart",
    "watch": "sdk.current",
}
#: The names that change with every `init()` and `finish()`, so that they are never kept.
_CURRENT = ("config", "run", "summary")

#: Packages, for whoever writes `tracklab.plot.line()` or `tracklab.handlers.SegmentHandler()`,
#: and modules that ours import from here: the names of wandb need not be asked for them.
_PACKAGES = ("clock", "handlers", "plot", "settings")

__all__ = [
    "AlertLevel",
    "Api",
    "Artifact",
    "Audio",
    "CheckpointPerformanceMonitor",
    "Classes",
    "EvalTable",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "JoinedTable",
    "LLMPerformanceMonitor",
    "LightweightPerformanceMonitor",
    "LocalLogger",
    "LocalSender",
    "Molecule",
    "NotFoundError",
    "Object3D",
    "PerformanceMetricsAPI",
    "PerformanceMetricsLogger",
    "Plotly",
    "QueryError",
    "Run",
    "Settings",
    "SettingsError",
    "StorageError",
    "Table",
    "ToolPerformanceMonitor",
    "TrackLabError",
    "UnsupportedError",
    "UsageError",
    "Video",
    "WorkflowPerformanceMonitor",
    "agent",
    "alert",
    "alog",
    "attach",
    "autolog",
    "box3d",
    "checkpoint",
    "config",
    "define_metric",
    "finish",
    "get_performance_monitor",
    "init",
    "install_as_wandb",
    "join",
    "link_model",
    "llm_call",
    "log",
    "log_artifact",
    "log_model",
    "mark_preempting",
    "monitor_gpu",
    "pin_config_keys",
    "plot",
    "plot_table",
    "redact_llm_content",
    "restore",
    "run",
    "save",
    "summary",
    "sweep",
    "unwatch",
    "use_artifact",
    "use_model",
    "visualize",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name in _CURRENT:
        current = import_module("tracklab.sdk.current")
        found = current.run()
        if name == "run":
            return found
        return getattr(found, name) if found else getattr(current, name.upper())
    if name in _PACKAGES:
        value = _loaded(name)
    elif name in _NAMES:
        module, _, attribute = _NAMES[name].partition(":")
        value = getattr(_loaded(module), attribute or name)
    elif name.startswith("__"):  # what Python itself looks for
        raise AttributeError(f"module 'tracklab' has no attribute {name!r}")
    else:  # what `import tracklab as wandb` finds beside them
        value = _loaded("shim.facade").find(name, door="tracklab")
    globals()[name] = value
    return value


def _loaded(name: str) -> Any:
    try:
        return import_module(f"tracklab.{name}")
    except OSError:
        reserve = modules.get("tracklab.storage.descriptors")  # loaded with the first run
        if reserve is None:
            raise
        with reserve.lent():
            return import_module(f"tracklab.{name}")


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magic `%tracklab`, also called `%wandb`: `%load_ext tracklab`."""
    import_module("tracklab.sdk.notebooks").load_ipython_extension(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
