"""The one table of names: each path under `wandb`, and where tracklab has it.

A module exists under `wandb` if the table has a name below it. The names of `tracklab.__all__`
are under `wandb` too, and stand here only for their deep paths. Of each type there is one object
under all of its paths.

The table follows wandb 0.31.0, with names that it removed and programs still use.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LATER", "NAMES", "REFUSED", "STARRED", "VERSION"]

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


def _below(module: str, names: dict[str, str]) -> dict[str, str]:
    return {f"{module}.{name}": place for name, place in names.items()}


NAMES: Final[dict[str, str]] = {
    **_ERRORS,
    **_TERMINAL,
    **_FORMALITIES,
    "Config": "sdk.config:Config",
    "START_TIME": "sdk.formalities:START_TIME",
    "set_trace": "sdk.formalities:set_trace",
    "_attach": "sdk.joining:attach",
    "_teardown": "sdk.formalities:teardown",
    **_below("env", {name: f"shim.env:{name}" for name in _ENV}),
    **_below("errors", _ERRORS),
    **_below("errors.errors", _ERRORS),
    **_below("errors.term", _TERMINAL),
    "sdk.Config": "sdk.config:Config",
    "sdk.Settings": "sdk.options:Settings",
    "sdk.Summary": "sdk.summary:Summary",
    "sdk.finish": "sdk.current:finish",
    "sdk.init": "sdk.starting:init",
    "sdk.login": "sdk.formalities:login",
    "sdk.require": "sdk.formalities:require",
    "sdk.setup": "sdk.formalities:setup",
    "sdk.teardown": "sdk.formalities:teardown",
    "sdk.data_types.histogram.Histogram": "media.histogram:Histogram",
    "sdk.lib.RunDisabled": "sdk.disabled:RunDisabled",
    "sdk.lib.config_util.ConfigError": "sdk.config:ConfigError",
    "sdk.lib.disabled.RunDisabled": "sdk.disabled:RunDisabled",
    "sdk.lib.noop_run.NoopRun": "sdk.disabled:DisabledRun",
    "sdk.lib.paths.FilePathStr": "shim.paths:FilePathStr",
    "sdk.lib.paths.StrPath": "shim.paths:StrPath",
    "sdk.lib.runid.generate_id": "records.names:new_run_id",
    "sdk.wandb_alerts.AlertLevel": "sdk.alerts:AlertLevel",
    "sdk.wandb_config.Config": "sdk.config:Config",
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
    "data_types.Histogram": "media.histogram:Histogram",
    "util.generate_id": "records.names:new_run_id",
    "util.json_dumps_safer": "shim.encoding:json_dumps_safer",
    "util.json_friendly": "shim.encoding:json_friendly",
    "util.make_artifact_name_safe": "shim.encoding:make_artifact_name_safe",
    "util.to_forward_slash_path": "shim.paths:to_forward_slash_path",
    "wandb_run.Run": "sdk.run:Run",
}

_IMAGES: Final = "images, videos, audio and other media"
_ARTIFACTS: Final = "artifacts"
_SWEEPS: Final = "sweeps"
_INTEGRATIONS: Final = "integrations that wandb ships"

#: What programs may ask for and this version does not have yet, and what it belongs to.
LATER: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("Audio", "Classes", "EvalTable", "Graph", "Html", "Image", "JoinedTable", "Molecule",
         "Object3D", "Plotly", "Table", "Video", "box3d"),
        _IMAGES,
    ),
    **dict.fromkeys(("plot", "plot_table", "visualize"), "plots"),
    **dict.fromkeys(
        ("Artifact", "ArtifactTTL", "link_model", "log_artifact", "log_model", "use_artifact",
         "use_model"),
        _ARTIFACTS,
    ),
    **dict.fromkeys(("Api", "InternalApi", "PublicApi", "apis"), "questions through Api()"),
    **dict.fromkeys(("agent", "agents", "controller", "sweep", "wandb_agent"), _SWEEPS),
    **dict.fromkeys(
        ("catboost", "gym", "integration", "keras", "lightgbm", "sacred", "sklearn",
         "tensorboard", "tensorflow", "xgboost"),
        _INTEGRATIONS,
    ),
}  # fmt: skip

#: What works only in wandb's cloud, and what to use instead.
REFUSED: Final[dict[str, str]] = {
    "sagemaker_auth": "A run needs no login: remove the call.",
}

#: What `from wandb import *` gives, as far as it is there.
STARRED: Final = (
    "Histogram", "Run", "__version__", "config", "define_metric", "finish", "init", "join", "log",
    "save", "setup", "summary", "unwatch", "watch",
)  # fmt: skip
