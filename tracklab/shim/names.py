"""The one table of names: each path under `wandb`, and where tracklab has it.

A module exists under `wandb` if the table has a name below it. The names of `tracklab.__all__`
are under `wandb` too, and stand here only for their deep paths. Of each type there is one object
under all of its paths.

The table follows wandb 0.31.0, with names that it removed and programs still use.
"""

from __future__ import annotations

from typing import Final

from tracklab.shim.frameworks import FRAMEWORKS, NOT_HERE

__all__ = ["NAMES", "REFUSED", "STARRED", "VERSION"]

#: The version of wandb whose calls these are; what programs compare with.
VERSION: Final = "0.31.0"

_ERRORS: Final = {
    "AuthenticationError": "errors:AuthenticationError",
    "CommError": "errors:CommError",
    "Error": "errors:Error",
    "UnsupportedError": "errors:UnsupportedError",
    "UsageError": "errors:UsageError",
    "WaitTimeoutError": "errors:WaitTimeoutError",
    "WandbCoreNotAvailableError": "errors:WandbCoreNotAvailableError",
}
_TERMINAL: Final = {
    "termerror": "sdk.terminal:termerror",
    "termlog": "sdk.terminal:termlog",
    "termsetup": "sdk.terminal:termsetup",
    "termwarn": "sdk.terminal:termwarn",
}
_FORMALITIES: Final = {
    "api": "sdk.formalities:api",
    "ensure_configured": "sdk.formalities:ensure_configured",
    "login": "sdk.formalities:login",
    "require": "sdk.formalities:require",
    "setup": "sdk.formalities:setup",
    "teardown": "sdk.formalities:teardown",
}
_ENV: Final = (
    "API_KEY", "ARTIFACT_DIR", "BASE_URL", "CACHE_DIR", "CONFIG_DIR", "CONFIG_PATHS", "DATA_DIR",
    "DIR", "DISABLE_CODE", "DISABLE_GIT", "ENTITY", "ERROR_REPORTING", "HOST", "IGNORE",
    "JOB_TYPE", "MODE", "NAME", "NOTEBOOK_NAME", "NOTES", "PROGRAM", "PROJECT", "QUIET", "RESUME",
    "RUN_DIR", "RUN_GROUP", "RUN_ID", "SAVE_CODE", "SILENT", "SWEEP_ID", "SWEEP_PARAM_PATH",
    "TAGS", "USERNAME", "USER_EMAIL",
    "disable_git", "get_base_url", "get_cache_dir", "get_dir", "get_entity", "get_project",
    "get_run", "get_tags", "get_username", "is_offline", "is_quiet", "is_silent", "set_entity",
    "set_project", "should_save_code", "strtobool",
)  # fmt: skip


_TABLES: Final = {
    "EvalTable": "media.evaluation:EvalTable",
    "JoinedTable": "media.joined:JoinedTable",
    "PartitionedTable": "media.joined:PartitionedTable",
    "Table": "media.table:Table",
}
_GRAPHS: Final = {"Edge": "media.graph:Edge", "Graph": "media.graph:Graph",
                  "Node": "media.graph:Node"}  # fmt: skip
_TRACES: Final = {
    "Result": "media.traces:Result",
    "Span": "media.traces:Span",
    "SpanKind": "media.traces:SpanKind",
    "StatusCode": "media.traces:StatusCode",
    "Trace": "sdk.tracing:Trace",
    "WBTraceTree": "media.traces:WBTraceTree",
}
#: Media types by the module that wandb has each in, below `sdk.data_types`.
_MEDIA: Final[dict[str, dict[str, str]]] = {
    "audio": {"Audio": "media.audio:Audio"},
    "base_types.media": {
        "BatchableMedia": "media.value:BatchableMedia", "Media": "media.value:Media",
    },
    "base_types.wb_value": {"WBValue": "media.value:WBValue"},
    "bokeh": {"Bokeh": "media.figures:Bokeh"},
    "eval_table": {"EvalTable": "media.evaluation:EvalTable"},
    "graph": _GRAPHS,
    "helper_types.bounding_boxes_2d": {"BoundingBoxes2D": "media.overlays:BoundingBoxes2D"},
    "helper_types.classes": {"Classes": "media.overlays:Classes"},
    "helper_types.image_mask": {"ImageMask": "media.overlays:ImageMask"},
    "histogram": {"Histogram": "media.histogram:Histogram"},
    "html": {"Html": "media.html:Html"},
    "image": {"Image": "media.image:Image"},
    "molecule": {"Molecule": "media.molecule:Molecule"},
    "object_3d": {"Object3D": "media.object3d:Object3D", "box3d": "media.object3d:box3d"},
    "plotly": {"Plotly": "media.figures:Plotly"},
    "table": _TABLES,
    "trace_tree": _TRACES,
    "video": {"Video": "media.video:Video"},
}  # fmt: skip
_ARTIFACTS: Final = {
    "artifact.Artifact": "artifacts.artifact:Artifact",
    "artifact_manifest.ArtifactManifest": "artifacts.manifest:ArtifactManifest",
    "artifact_manifest_entry.ArtifactManifestEntry": "artifacts.manifest:ArtifactManifestEntry",
    "artifact_state.ArtifactState": "artifacts.states:ArtifactState",
    "artifact_ttl.ArtifactTTL": "artifacts.states:ArtifactTTL",
    "exceptions.ArtifactFinalizedError": "artifacts.exceptions:ArtifactFinalizedError",
    "exceptions.ArtifactNotLoggedError": "artifacts.exceptions:ArtifactNotLoggedError",
    "exceptions.ArtifactStatusError": "artifacts.exceptions:ArtifactStatusError",
    "exceptions.WaitTimeoutError": "errors:WaitTimeoutError",
}
#: Each in a module of its own name, too.
_CHARTS: Final = (
    "bar", "confusion_matrix", "histogram", "line", "line_series", "pr_curve", "roc_curve",
    "scatter",
)  # fmt: skip
_PLOTS: Final = {
    name: f"plot:{name}"
    for name in (*_CHARTS, "CustomChart", "Visualize", "plot_table", "visualize")
}
_HASHES: Final = ("b64_to_hex_id", "hex_to_b64_id", "md5_file_b64", "md5_file_hex", "md5_string")
_SHELLS: Final = ("in_ipython", "in_jupyter", "in_notebook", "in_vscode_notebook")


#: Classes of the Api by the module that wandb has each in, below `apis.public`.
_PUBLIC: Final[dict[str, dict[str, str]]] = {
    "api": {"Api": "api.client:Api"},
    "artifacts": {
        "ArtifactCollection": "artifacts.artifact:ArtifactCollection",
        "ArtifactCollections": "api.artifacts:ArtifactCollections",
        "ArtifactType": "api.artifacts:ArtifactType",
        "ArtifactTypes": "api.artifacts:ArtifactTypes",
        "Artifacts": "api.artifacts:Artifacts",
        "RunArtifacts": "api.artifacts:RunArtifacts",
    },
    "console_logs": {
        "ConsoleLogLine": "api.console:ConsoleLogLine", "ConsoleLogs": "api.console:ConsoleLogs",
    },
    "files": {"File": "api.files:File", "Files": "api.files:Files"},
    "history": {"HistoryScan": "api.history:HistoryScan"},
    "projects": {"Project": "api.projects:Project", "Projects": "api.projects:Projects"},
    "sweeps": {"Sweep": "api.sweeps:Sweep", "Sweeps": "api.sweeps:Sweeps"},
    "runs": {
        "Run": "api.run:Run", "RunNotFoundError": "api.paths:RunNotFoundError",
        "Runs": "api.runs:Runs",
    },
    "users": {"User": "api.people:User"},
}  # fmt: skip


def _below(module: str, names: dict[str, str]) -> dict[str, str]:
    return {f"{module}.{name}": place for name, place in names.items()}


NAMES: Final[dict[str, str]] = {
    **_ERRORS,
    **_TERMINAL,
    **_FORMALITIES,
    **FRAMEWORKS,
    "Config": "sdk.config:Config",
    "InternalApi": "sdk.formalities:Api",
    "PublicApi": "api.client:Api",
    "START_TIME": "sdk.formalities:START_TIME",
    "set_trace": "sdk.formalities:set_trace",
    "_attach": "sdk.joining:attach",
    "_teardown": "sdk.formalities:teardown",
    "apis.InternalApi": "sdk.formalities:Api",
    "apis.PublicApi": "api.client:Api",
    "apis.internal.Api": "sdk.formalities:Api",
    **{
        path: place
        for module, names in _PUBLIC.items()
        for name, place in names.items()
        for path in (f"apis.public.{name}", f"apis.public.{module}.{name}")
    },
    "apis.public.summary.HTTPSummary": "api.summary:HTTPSummary",
    "apis.public.summary.SummarySubDict": "api.summary:SummarySubDict",
    **_below("env", {name: f"shim.env:{name}" for name in _ENV}),
    **_below("errors", _ERRORS),
    **_below("errors.errors", _ERRORS),
    **_below("errors.term", _TERMINAL),
    "cli.cli.cli": "cli.main:main",
    "helper.parse_config": "shim.rows:parse_config",
    "load_ipython_extension": "sdk.notebooks:load_ipython_extension",
    "sdk.Config": "sdk.config:Config",
    "sdk.Settings": "sdk.options:Settings",
    "sdk.Summary": "sdk.summary:Summary",
    "sdk.finish": "sdk.current:finish",
    "sdk.init": "sdk.starting:init",
    "sdk.login": "sdk.formalities:login",
    "sdk.require": "sdk.formalities:require",
    "sdk.setup": "sdk.formalities:setup",
    "sdk.teardown": "sdk.formalities:teardown",
    **{
        f"sdk.data_types.{module}.{name}": place
        for module, names in _MEDIA.items()
        for name, place in names.items()
    },
    **_below(
        "sdk.data_types.utils",
        {name: f"shim.rows:{name}" for name in ("history_dict_to_json", "val_to_json")},
    ),
    "sdk.lib.RunDisabled": "sdk.disabled:RunDisabled",
    "sdk.lib.config_util.ConfigError": "sdk.config:ConfigError",
    "sdk.lib.disabled.RunDisabled": "sdk.disabled:RunDisabled",
    **_below("sdk.lib.hashutil", {name: f"shim.hashing:{name}" for name in _HASHES}),
    **_below("sdk.lib.ipython", {name: f"shim.shells:{name}" for name in _SHELLS}),
    "sdk.lib.noop_run.NoopRun": "sdk.disabled:DisabledRun",
    "sdk.lib.paths.FilePathStr": "shim.paths:FilePathStr",
    "sdk.lib.paths.StrPath": "shim.paths:StrPath",
    "sdk.lib.runid.generate_id": "records.names:new_run_id",
    "sdk.lib.telemetry.TelemetryRecord": "shim.telemetry:TelemetryRecord",
    "sdk.lib.telemetry.context": "shim.telemetry:context",
    "sdk.wandb_alerts.AlertLevel": "sdk.alerts:AlertLevel",
    "sdk.wandb_config.Config": "sdk.config:Config",
    "sdk.wandb_helper.parse_config": "shim.rows:parse_config",
    "sdk.wandb_init.init": "sdk.starting:init",
    "sdk.wandb_login.login": "sdk.formalities:login",
    "sdk.wandb_metric.Metric": "sdk.definitions:Metric",
    "sdk.wandb_require.require": "sdk.formalities:require",
    "sdk.wandb_run.Run": "sdk.run:Run",
    "sdk.wandb_run.finish": "sdk.current:finish",
    "sdk.wandb_settings.Settings": "sdk.options:Settings",
    "sdk.wandb_setup.setup": "sdk.formalities:setup",
    "sdk.wandb_setup.teardown": "sdk.formalities:teardown",
    "sdk.wandb_summary.Summary": "sdk.summary:Summary",
    "sdk.sweeps.SweepNotFoundError": "sweeps.places:SweepNotFoundError",
    "sdk.sweeps.errors.SweepNotFoundError": "sweeps.places:SweepNotFoundError",
    "sdk.wandb_sweep.sweep": "sweeps.beginning:sweep",
    "sdk.wandb_watch.unwatch": "sdk.current:unwatch",
    "sdk.wandb_watch.watch": "sdk.current:watch",
    **{
        f"data_types.{name}": place
        for module, names in _MEDIA.items()
        for name, place in names.items()
        if module != "trace_tree" or name == "WBTraceTree"
    },
    "ArtifactTTL": "artifacts.states:ArtifactTTL",
    **_below("sdk.artifacts", _ARTIFACTS),
    "sdk.Artifact": "artifacts.artifact:Artifact",
    **_below("plot", _PLOTS),
    **{f"plot.{name}.{name}": f"plot:{name}" for name in _CHARTS},
    "plot.custom_chart.CustomChart": "plot.chart:CustomChart",
    "plot.custom_chart.CustomChartSpec": "plot.chart:CustomChartSpec",
    "plot.custom_chart.plot_table": "plot.chart:plot_table",
    "plot.viz.Visualize": "plot.chart:Visualize",
    "plot.viz.visualize": "plot.chart:visualize",
    "util.generate_id": "records.names:new_run_id",
    "util.json_dumps_safer": "shim.encoding:json_dumps_safer",
    "util.json_friendly": "shim.encoding:json_friendly",
    "util.make_artifact_name_safe": "shim.encoding:make_artifact_name_safe",
    "util.to_forward_slash_path": "shim.paths:to_forward_slash_path",
    "agents.pyagent.pyagent": "sweeps.agent:agent",
    "wandb_agent.agent": "sweeps.agent:agent",
    "wandb_run.Run": "sdk.run:Run",
}

_AGENTS: Final = "Each agent chooses its next trial itself: call tracklab.agent(sweep_id)."
_CLOUD: Final = "It needs wandb's cloud."

#: What will not be here, mostly because it needs wandb's cloud, and what to use instead.
#: `*` stands for every name of a module.
REFUSED: Final[dict[str, str]] = {
    **NOT_HERE,
    "apis.reports.*": f"{_CLOUD} Compare runs with tracklab ui, or query them with tracklab.Api().",
    "apis.workspaces.*": f"{_CLOUD} Compare runs with tracklab ui.",
    "controller": _AGENTS,
    "automations.*": f"{_CLOUD} Call run.alert() where something happens.",
    "docker.*": "Start the container yourself, with the data directory mounted in it.",
    "sdk.launch.*": f"{_CLOUD} Start programs with your scheduler: tracklab run train.py.",
    "sdk.wandb_sweep.controller": _AGENTS,
    "sagemaker_auth": "A run needs no login: remove the call.",
}

#: What `from wandb import *` gives, as far as it is there.
STARRED: Final = (
    "ArtifactTTL", "Audio", "EvalTable", "Graph", "Histogram", "Html", "Image", "Molecule",
    "Object3D", "Plotly", "Run", "Table", "Video", "__version__", "box3d", "config",
    "define_metric", "finish", "init", "join", "link_model", "log", "log_artifact", "log_model",
    "plot_table", "save", "setup", "summary", "unwatch", "use_artifact", "use_model", "watch",
)  # fmt: skip
