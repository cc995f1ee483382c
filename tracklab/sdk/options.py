"""`Settings` as programs give them: ours, and every field that wandb's have.

Those of wandb that mean something here are read where they do; the rest is accepted, checked and
kept, so that a program that sets a proxy or a retry count runs as it is.
"""

from __future__ import annotations

import os
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from tracklab import settings as ours
from tracklab.errors import SettingsError
from tracklab.sdk.current import of_environment
from tracklab.sdk.terminal import termwarn

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings"]

_OUR_DEFAULTS: Final = {field.name: field.default for field in fields(ours.Settings)}
_OURS: Final = frozenset(_OUR_DEFAULTS)
_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE: Final = frozenset({"0", "f", "false", "n", "no", "off"})

#: wandb's fields by kind; what has another default than None stands in `_DEFAULTS`.
_KINDS: Final[dict[type, tuple[str, ...]]] = {
    bool: (
        "allow_media_symlink", "allow_offline_artifacts", "allow_val_change", "console_multipart",
        "disable_code", "disable_git", "disable_git_fork_point", "disable_job_creation", "force",
        "finish_timeout_raises", "insecure_disable_ssl", "label_disable", "launch", "quiet",
        "relogin", "resumed", "sagemaker_disable", "save_code", "show_colors", "show_emoji",
        "show_errors", "show_info", "show_warnings", "stop_on_fatal_error", "strict", "symlink",
        "sync_tensorboard", "table_raise_on_max_row_limit_exceeded", "use_dot_wandb",
        "x_cli_only_mode", "x_disable_machine_info", "x_disable_meta", "x_disable_stats",
        "x_disable_viewer", "x_file_stream_no_gzip", "x_flow_control_custom",
        "x_flow_control_disabled", "x_primary", "x_save_requirements",
        "x_server_side_derived_summary", "x_skip_transaction_log", "x_stats_no_cgroup",
        "x_stats_self_usage", "x_stats_track_process_tree", "x_sync", "x_update_finish_state",
    ),
    int: (
        "console_chunk_max_bytes", "console_chunk_max_seconds", "heartbeat_seconds",
        "max_end_of_run_history_metrics", "max_end_of_run_summary_metrics", "summary_timeout",
        "summary_warnings", "x_file_stream_max_bytes", "x_file_stream_max_line_bytes",
        "x_file_stream_retry_max", "x_file_transfer_retry_max", "x_graphql_retry_max",
        "x_live_policy_rate_limit", "x_live_policy_wait_time", "x_log_level", "x_network_buffer",
        "x_stats_buffer_size", "x_stats_cpu_count", "x_stats_cpu_logical_count",
        "x_stats_gpu_count", "x_stats_pid",
    ),
    float: (
        "init_timeout", "login_timeout", "x_file_stream_retry_wait_max_seconds",
        "x_file_stream_retry_wait_min_seconds", "x_file_stream_timeout_seconds",
        "x_file_stream_transmit_interval", "x_file_transfer_retry_wait_max_seconds",
        "x_file_transfer_retry_wait_min_seconds", "x_file_transfer_timeout_seconds",
        "x_graphql_retry_wait_max_seconds", "x_graphql_retry_wait_min_seconds",
        "x_graphql_timeout_seconds", "x_internal_check_process", "x_service_wait", "x_start_time",
        "x_stats_sampling_interval", "x_transaction_log_flush_interval",
    ),
    str: (
        "api_key", "app_url_override", "base_url", "code_dir", "credentials_file", "docker",
        "email", "entity", "fork_from", "git_commit", "git_remote", "git_remote_url", "git_root",
        "host", "http_proxy", "https_proxy", "identity_token_file", "job_name", "job_source",
        "launch_config_path", "notebook_name", "organization", "program", "program_abspath",
        "program_relpath", "project", "resume_from", "root_dir", "run_group", "run_id",
        "run_job_type", "run_name", "run_notes", "settings_system", "start_method", "sweep_id",
        "sweep_param_path", "username", "x_executable", "x_files_dir", "x_history_value_encoding",
        "x_jupyter_name", "x_jupyter_path", "x_jupyter_root", "x_label", "x_runqueue_item_id",
        "x_service_transport", "x_stats_coreweave_metadata_base_url",
        "x_stats_coreweave_metadata_endpoint", "x_stats_dcgm_exporter", "x_stats_gpu_type",
        "x_stats_neuron_monitor_config_path", "x_sync_dir_suffix",
    ),
    tuple: (
        "config_paths", "ignore_globs", "run_tags", "x_stats_disk_paths", "x_stats_gpu_device_ids",
    ),
    dict: (
        "azure_account_url_to_access_key", "capture_loggers", "x_extra_http_headers", "x_proxies",
        "x_stats_open_metrics_endpoints", "x_stats_open_metrics_http_headers",
    ),
    object: ("anonymous", "reinit", "resume", "stop_fn", "x_stats_open_metrics_filters"),
}  # fmt: skip
_KIND: Final = {name: kind for kind, names in _KINDS.items() for name in names}
_ON: Final = (
    "allow_offline_artifacts", "disable_git_fork_point", "disable_job_creation", "show_errors",
    "show_info", "show_warnings", "symlink", "x_file_stream_no_gzip", "x_primary",
    "x_save_requirements", "x_update_finish_state",
)  # fmt: skip
_OPEN: Final = (
    "save_code", "show_colors", "show_emoji", "strict", "sync_tensorboard", "use_dot_wandb",
    "x_flow_control_custom", "x_flow_control_disabled",
)  # fmt: skip
_DEFAULTS: Final[dict[str, Any]] = {
    **{name: name in _ON for name in _KINDS[bool] if name not in _OPEN},
    "console_chunk_max_bytes": 0,
    "console_chunk_max_seconds": 0,
    "git_remote": "origin",
    "heartbeat_seconds": 30,
    "ignore_globs": (),
    "init_timeout": 90.0,
    "max_end_of_run_history_metrics": 10,
    "max_end_of_run_summary_metrics": 10,
    "reinit": "default",
    "summary_timeout": 60,
    "summary_warnings": 5,
    "x_history_value_encoding": "json",
    "x_internal_check_process": 8.0,
    "x_log_level": 20,
    "x_service_wait": 30.0,
    "x_stats_buffer_size": 0,
    "x_stats_disk_paths": ("/",),
    "x_stats_sampling_interval": 15.0,
    "x_sync_dir_suffix": "",
    "x_transaction_log_flush_interval": 15.0,
}
#: wandb's variables whose field has another name. Those of `init()`'s arguments it reads itself.
_VARIABLES: Final = {"dir": "root_dir", "ignore": "ignore_globs"}
#: Variables of ours that say the same as a field of wandb's by another name.
_VARIABLES_OF_OURS: Final = {"root_dir": "TRACKLAB_DATA_DIR"}
_ARGUMENTS: Final = frozenset(
    {"project", "entity", "run_id", "run_group", "resume", "name", "notes", "tags",
     "job_type", "dir", "resume_from", "fork_from", "reinit"}
)  # fmt: skip
#: Words of wandb's, and what they are here.
_WORDS: Final[dict[str, dict[Any, str]]] = {"mode": ours.MODE_NAMES}

#: wandb's switches that turn something of ours off.
_SWITCHES: Final = {"disable_git": "save_git", "x_disable_meta": "save_environment"}


class Settings(ours.Settings):
    """How a run behaves; see `tracklab.settings.Settings` for the fields that do something.

    All fields of wandb's settings are accepted beside ours. A name that neither has is left out
    with a warning: older programs pass some that wandb has removed since. Only what is given
    counts against the environment; see `load`.

    Args:
        given: settings by name.

    Raises:
        SettingsError: a value cannot be used; also when a field is assigned later.
    """

    def __init__(self, **given: Any) -> None:
        known = {name: _checked(name, value) for name, value in given.items() if _is_known(name)}
        super().__init__(**_meant(known))
        object.__setattr__(self, "_given", known)

    @classmethod
    def load(cls, given: ours.Settings | Mapping[str, Any] | None = None) -> Settings:
        """Return what was given, completed by the environment, then the file, then defaults.

        Args:
            given: settings of `init()`: a `Settings`, of which only what it was given counts, or
                a dict.

        Raises:
            SettingsError: a value cannot be used, or the file cannot be read.
        """
        if isinstance(given, Settings):
            told = dict(given._given)  # noqa: SLF001 - of this class
        elif isinstance(given, ours.Settings):
            told = {name: getattr(given, name) for name in _OURS}
        else:
            told = {
                name: _checked(name, value)
                for name, value in (given or {}).items()
                if _is_known(name)
            }
        told = {**_of_environment(), **told}
        if "monitor_interval" not in told and "x_stats_sampling_interval" in told:
            told["monitor_interval"] = told["x_stats_sampling_interval"]
        base = ours.Settings.load(_meant(told))
        made = cls(**{name: getattr(base, name) for name in _OURS})
        object.__setattr__(made, "_given", told)
        return made

    def told(self, name: str) -> Any:
        """Return what was given for a field, None if nothing was."""
        return self._given.get(name)

    def completed(self, **values: Any) -> Settings:
        """Return these settings with some more given; None leaves one as it is."""
        told = {name: _checked(name, value) for name, value in values.items() if value is not None}
        base = {name: getattr(self, name) for name in _OURS} | _meant(told)
        made = Settings(**base)
        object.__setattr__(made, "_given", {**self._given, **told})
        return made

    def model_dump(self) -> dict[str, Any]:
        """Return all fields, ours and wandb's, with their values."""
        return {name: getattr(self, name) for name in sorted({*_OURS, *_KIND})}

    def __getattr__(self, name: str) -> Any:
        if name in _KIND:
            return self._given.get(name, _DEFAULTS.get(name))
        raise AttributeError(f"Settings have no field {name!r}.")

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _OURS and name not in _KIND:
            raise SettingsError(
                f"There is no setting {name!r} to assign. See Settings().model_dump()."
            )
        checked = _checked(name, value)
        if name in _OURS:
            meant = _meant({name: checked})
            replace(ours.Settings(), **meant)  # which refuses what cannot be used
            object.__setattr__(self, name, meant[name])
        self._given[name] = checked

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (dict(self._given),)


def _unpickled(given: dict[str, Any]) -> Settings:
    return Settings(**given)


def _meant(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given for fields of ours, in our words."""
    meant = {name: given[name] for name in given if name in _OURS}
    for name, words in _WORDS.items():
        if name in meant:
            meant[name] = words.get(meant[name], meant[name])
    for name, switched in _SWITCHES.items():
        if given.get(name):
            meant.setdefault(switched, False)
    return meant


def _is_known(name: str) -> bool:
    if name in _OURS or name in _KIND:
        return True
    termwarn(f"There is no setting {name!r}: it is left out.", repeat=False)
    return False


def _of_environment() -> dict[str, Any]:
    """Return wandb's fields that the environment sets; ours, and arguments, are read elsewhere."""
    mode = of_environment("MODE")
    found: dict[str, Any] = {"mode": mode} if mode else {}
    for variable, text in os.environ.items():
        if not variable.startswith("WANDB_"):
            continue
        name = variable[6:].lower()
        name = f"x{name}" if name.startswith("_") else name
        name = _VARIABLES.get(name, name)
        ours_of_it = _VARIABLES_OF_OURS.get(name, f"TRACKLAB_{name.upper()}")
        if name in _ARGUMENTS or os.environ.get(ours_of_it):
            continue
        if name in _KIND or name in {"console", "silent"}:
            found[name] = _checked(name, text)
    return found


def _checked(name: str, value: Any) -> Any:
    """Return a field's value as its kind.

    Raises:
        SettingsError: it cannot be one.
    """
    if name in _OURS:
        return value if name in _WORDS else _of_ours(name, value)
    if value is None:
        return None
    try:
        return _as_kind(_KIND[name], value)
    except (TypeError, ValueError):
        raise SettingsError(
            f"The setting {name} cannot be {value!r}. It is a {_KIND[name].__name__}."
        ) from None


def _of_ours(name: str, value: Any) -> Any:
    if isinstance(value, str) and not isinstance(_OUR_DEFAULTS[name], str):
        return getattr(ours.Settings.load({name: value}), name)
    return value


def _as_kind(kind: type, value: Any) -> Any:
    if kind is object or isinstance(value, kind):
        return value
    if kind is bool:
        word = str(value).strip().lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        raise ValueError(word)
    if kind is tuple and isinstance(value, str):
        return tuple(value.split(","))
    if kind is str:
        return os.fspath(value)
    return kind(value)
