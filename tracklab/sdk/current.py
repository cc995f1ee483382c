"""The current run of this process, and what the module's names say before there is one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from tracklab.artifacts.artifact import Artifact
    from tracklab.sdk.alerts import AlertLevel
    from tracklab.sdk.definitions import Metric
    from tracklab.sdk.run import Run

__all__ = [
    "CONFIG",
    "SUMMARY",
    "Pending",
    "alert",
    "alog",
    "default_entity",
    "define_metric",
    "finish",
    "link_model",
    "log",
    "log_artifact",
    "log_model",
    "mark_preempting",
    "need_run",
    "of_environment",
    "pin_config_keys",
    "restore",
    "run",
    "save",
    "set_run",
    "unwatch",
    "use_artifact",
    "use_model",
    "watch",
]

_current: Run | None = None


def run() -> Run | None:
    """Return the current run, or None if there is none or it has finished."""
    return None if _current is None or _current.finished else _current


def set_run(new: Run) -> None:
    """Make `new` the current run."""
    global _current  # noqa: PLW0603 - the one current run is what this module is about
    _current = new


def need_run(what: str) -> Run:
    """Return the current run.

    Raises:
        UsageError: there is none; `what` names the call that needed it.
    """
    found = run()
    if found is None:
        # As the program calls us: some compare the text.
        us = "wandb" if "wandb" in sys.modules else "tracklab"
        raise UsageError(f"You must call {us}.init() before {us}.{what}")
    return found


def of_environment(name: str) -> str | None:
    """Return TRACKLAB_<name>, else WANDB_<name>; None if neither says anything."""
    return os.environ.get(f"TRACKLAB_{name}") or os.environ.get(f"WANDB_{name}") or None


def default_entity() -> str:
    """Return the label of whose runs these are where none was given: the user of this machine."""
    import getpass  # noqa: PLC0415 - few ask

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "local"


def log(
    data: Mapping[str, Any],
    step: int | None = None,
    commit: bool | None = None,
    sync: bool | None = None,
) -> None:
    """Write a row to the current run; see `Run.log`."""
    need_run("log()").log(data, step, commit, sync)


async def alog(
    data: Mapping[str, Any],
    step: int | None = None,
    commit: bool | None = None,
) -> None:
    """Write a row to the current run without keeping the event loop waiting; see `Run.alog`."""
    await need_run("alog()").alog(data, step, commit)


def define_metric(name: str, step_metric: str | Metric | None = None, **options: Any) -> Metric:
    """Define a metric of the current run; see `Run.define_metric`."""
    return need_run("define_metric()").define_metric(name, step_metric, **options)


def alert(
    title: str,
    text: str = "",
    level: str | AlertLevel | None = None,
    wait_duration: float | timedelta | None = None,
) -> None:
    """Write an alert to the current run; see `Run.alert`."""
    need_run("alert()").alert(title, text, level, wait_duration)


def mark_preempting() -> None:
    """Say that the machine is about to be taken away; see `Run.mark_preempting`."""
    need_run("mark_preempting()").mark_preempting()


def pin_config_keys(keys: Sequence[str] = ()) -> None:
    """Name what tables show of the current run's configuration; see `Run.pin_config_keys`."""
    need_run("pin_config_keys()").pin_config_keys(keys)


def save(
    glob_str: str | os.PathLike[str],
    base_path: str | os.PathLike[str] | None = None,
    policy: str = "live",
    glob: bool = True,
) -> bool | list[str]:
    """Keep files with the current run; see `Run.save`."""
    return need_run("save()").save(glob_str, base_path, policy, glob)


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,
    root: str | os.PathLike[str] | None = None,
) -> Any:
    """Open a file that a run keeps; see `Run.restore`. With `run_path` it needs no current run."""
    from tracklab.sdk import saving  # noqa: PLC0415 - which few need

    return saving.restore(name, run_path, replace, root, run=run())


def log_artifact(
    artifact_or_path: Artifact | str | os.PathLike[str],
    name: str | None = None,
    type: str | None = None,  # noqa: A002 - the same call as wandb's
    aliases: Sequence[str] | str | None = None,
    tags: Sequence[str] | str | None = None,
) -> Artifact:
    """Keep an artifact as a version that the current run made; see `Run.log_artifact`."""
    return need_run("log_artifact()").log_artifact(artifact_or_path, name, type, aliases, tags)


def use_artifact(
    artifact_or_name: str | Artifact,
    type: str | None = None,  # noqa: A002 - as above
    aliases: Sequence[str] | str | None = None,
    use_as: str | None = None,
) -> Artifact | None:
    """Return a version that the current run uses; see `Run.use_artifact`."""
    return need_run("use_artifact()").use_artifact(artifact_or_name, type, aliases, use_as)


def log_model(
    path: str | os.PathLike[str],
    name: str | None = None,
    aliases: Sequence[str] | str | None = None,
) -> Artifact:
    """Keep a model of the current run; see `Run.log_model`."""
    return need_run("log_model()").log_model(path, name, aliases)


def use_model(name: str) -> str | None:
    """Return where a copy of a model's files lies; see `Run.use_model`."""
    return need_run("use_model()").use_model(name)


def link_model(
    path: str | os.PathLike[str],
    registered_model_name: str,
    name: str | None = None,
    aliases: Sequence[str] | str | None = None,
) -> Artifact:
    """Keep a model of the current run and link it; see `Run.link_model`."""
    return need_run("link_model()").link_model(path, registered_model_name, name, aliases)


def watch(
    models: Any,
    criterion: Any = None,
    log: str | None = "gradients",
    log_freq: int = 1000,
    idx: int | None = None,
    log_graph: bool = False,
) -> None:
    """Log the distributions of a model to the current run; see `Run.watch`."""
    need_run("watch()").watch(models, criterion, log, log_freq, idx, log_graph)


def unwatch(models: Any = None) -> None:
    """Stop what `watch` began; see `Run.unwatch`."""
    need_run("unwatch()").unwatch(models)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run, if there is one; see `Run.finish`."""
    found = run()
    if found is not None:
        found.finish(exit_code, quiet)


class Pending:
    """Stands for `tracklab.config` and `tracklab.summary`: the current run's, once there is one."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _target(self, access: str) -> Any:
        return getattr(need_run(f"{self._name}{access}"), self._name)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # introspection must not need a run
            raise AttributeError(key)
        return getattr(self._target(f".{key}"), key)

    def __setattr__(self, key: str, value: Any) -> None:
        setattr(self._target(f".{key}"), key, value)

    def __getitem__(self, key: str) -> Any:
        return self._target(f"[{key!r}]")[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target(f"[{key!r}]")[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self._target("")

    def __iter__(self) -> Any:
        return iter(self._target(""))

    def __len__(self) -> int:
        return len(self._target(""))

    def __repr__(self) -> str:
        found = run()
        return repr(getattr(found, self._name)) if found else f"<tracklab.{self._name}: no run>"


CONFIG: Final = Pending("config")
SUMMARY: Final = Pending("summary")
