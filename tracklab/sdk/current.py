"""The current run of this process, and what the module's names say before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.sdk.definitions import Metric
    from tracklab.sdk.run import Run

__all__ = [
    "alert",
    "alog",
    "define_metric",
    "finish",
    "log",
    "mark_preempting",
    "need_run",
    "run",
    "set_run",
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
        raise UsageError(f"You must call tracklab.init() before tracklab.{what}")
    return found


def log(
    data: Mapping[str, Any],
    step: int | None = None,
    commit: bool | None = None,
) -> None:
    """Write a row to the current run; see `Run.log`."""
    need_run("log()").log(data, step, commit)


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


def alert(title: str, text: str = "", level: str = "INFO", wait_duration: float = 60) -> None:
    """Write an alert to the current run; see `Run.alert`."""
    need_run("alert()").alert(title, text, level, wait_duration)


def mark_preempting() -> None:
    """Say that the machine is about to be taken away; see `Run.mark_preempting`."""
    need_run("mark_preempting()").mark_preempting()


def finish(exit_code: int | None = None) -> None:
    """End the current run, if there is one; see `Run.finish`."""
    found = run()
    if found is not None:
        found.finish(exit_code)


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
