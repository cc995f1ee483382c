"""`wandb.env`: names of environment variables, and functions that read and set them.

They are what other programs import; what they say is what `init()` reads.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tracklab.settings import data_root

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Environment = MutableMapping[str, str]

_VARIABLES = (
    "API_KEY", "ARTIFACT_DIR", "BASE_URL", "CACHE_DIR", "CONFIG_DIR", "CONFIG_PATHS", "DATA_DIR",
    "DIR", "DISABLE_CODE", "DISABLE_GIT", "ENTITY", "ERROR_REPORTING", "HOST", "JOB_TYPE", "MODE",
    "NAME", "NOTEBOOK_NAME", "NOTES", "PROGRAM", "PROJECT", "QUIET", "RESUME", "RUN_DIR",
    "RUN_GROUP", "RUN_ID", "SAVE_CODE", "SILENT", "SWEEP_ID", "SWEEP_PARAM_PATH", "TAGS",
    "USERNAME", "USER_EMAIL",
)  # fmt: skip
_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})


def __getattr__(name: str) -> str:
    if name == "IGNORE":
        return _variable("IGNORE_GLOBS")
    if name in _VARIABLES:
        return _variable(name)
    raise AttributeError(f"module 'wandb.env' has no attribute {name!r}")


def get_project(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the project that the environment names."""
    return _read("PROJECT", default, env)


def set_project(value: str, env: Environment | None = None) -> None:
    """Name the project in the environment; None names none."""
    _write("PROJECT", value or "uncategorized", env)


def get_entity(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the entity that the environment names."""
    return _read("ENTITY", default, env)


def set_entity(value: str, env: Environment | None = None) -> None:
    """Name the entity in the environment."""
    _write("ENTITY", value, env)


def get_run(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the run's id that the environment names."""
    return _read("RUN_ID", default, env)


def get_username(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the user that the environment names."""
    return _read("USERNAME", default, env)


def get_base_url(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the server that the environment names; nothing here uses it."""
    return _read("BASE_URL", default, env)


def get_tags(default: str = "", env: Environment | None = None) -> list[str]:
    """Return the tags that the environment names."""
    return [tag for tag in (_read("TAGS", default, env) or "").split(",") if tag]


def get_dir(default: str | None = None, env: Environment | None = None) -> str | None:
    """Return the directory that the environment names."""
    return _read("DIR", default, env)


def get_cache_dir(env: Environment | None = None) -> Path:
    """Return a directory for what may be deleted at any time."""
    return Path(_read("CACHE_DIR", None, env) or data_root() / ".tracklab" / "cache")


def is_offline(env: Environment | None = None) -> bool:
    """Return whether the environment asks for `offline`."""
    return _read("MODE", "", env) in {"offline", "dryrun"}


def is_quiet() -> bool:
    """Return whether the environment asks for few messages."""
    return _switched("QUIET")


def is_silent() -> bool:
    """Return whether the environment asks for no messages."""
    return _switched("SILENT")


def should_save_code() -> bool:
    """Return whether the environment asks for the program's source to be kept."""
    return _switched("SAVE_CODE") and not _switched("DISABLE_CODE")


def disable_git(env: Environment | None = None) -> bool:
    """Return whether the environment asks not to look at git."""
    return _switched("DISABLE_GIT", env)


def strtobool(val: str) -> bool:
    """Return what a text says of a switch.

    Raises:
        ValueError: neither yes nor no.
    """
    word = val.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"A switch cannot be {val!r}. It is 1, true, yes or on, or 0, false, no, off.")


def _variable(name: str) -> str:
    return f"WANDB_{name}"


def _read(name: str, default: str | None, env: Environment | None) -> str | None:
    return (os.environ if env is None else env).get(_variable(name), default)


def _write(name: str, value: str, env: Environment | None) -> None:
    (os.environ if env is None else env)[_variable(name)] = value


def _switched(name: str, env: Environment | None = None) -> bool:
    return (_read(name, "", env) or "").lower() in _TRUE
