"""What `init()` was told: its arguments, then its settings, then the environment; checked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.sdk.config import config_values
from tracklab.sdk.current import of_environment
from tracklab.sdk.moments import Moment
from tracklab.sdk.terminal import termwarn
from tracklab.settings import of_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracklab.sdk.options import Settings

__all__ = [
    "checked_tags",
    "chosen_config",
    "default_project",
    "in_notebook",
    "moments",
    "names",
    "reinit_policy",
    "resume_policy",
    "warn_without_effect",
]

_RESUME: Final = {
    None: None, False: None, True: "auto", "allow": "allow", "must": "must", "never": "never",
    "auto": "auto",
}  # fmt: skip
_REINIT: Final = {
    None: "default", False: "return_previous", True: "finish_previous", "default": "default",
    "return_previous": "return_previous", "finish_previous": "finish_previous",
    "create_new": "create_new",
}  # fmt: skip
_MAX_TAG: Final = 64


def names(
    settings: Settings,
    *,
    project: str | None,
    entity: str | None,
    run_id: str | None,
    name: str | None,
    notes: str | None,
    group: str | None,
    job_type: str | None,
) -> dict[str, Any]:
    """Return the names of a run: those given, else the settings', the environment's, the file's."""
    return {
        "project": project or settings.told("project") or default_project(),
        "entity": _told(entity, settings, "entity", "ENTITY") or of_directory("entity"),
        "run_id": _told(run_id, settings, "run_id", "RUN_ID"),
        "name": _told(name, settings, "run_name", "NAME"),
        "notes": _told(notes, settings, "run_notes", "NOTES"),
        "group": _told(group, settings, "run_group", "RUN_GROUP"),
        "job_type": _told(job_type, settings, "run_job_type", "JOB_TYPE"),
    }


def default_project() -> str:
    """Return the project of runs that name none: the environment's, the file's, `uncategorized`."""
    return of_environment("PROJECT") or of_directory("project") or "uncategorized"


def reinit_policy(reinit: Any, settings: Settings) -> str:
    """Return what is to become of a current run."""
    policy: str = _choice("reinit", _told(reinit, settings, "reinit", "REINIT"), _REINIT)
    if policy == "default":
        return "finish_previous" if in_notebook() else "return_previous"
    return policy


def resume_policy(resume: Any, settings: Settings) -> str | None:
    """Return `allow`, `must`, `never`, `auto` or None."""
    told = _told(resume, settings, "resume", "RESUME")
    word = {"true": True, "false": False}.get(told.lower(), told) if isinstance(told, str) else told
    chosen: str | None = _choice("resume", word, _RESUME)
    return chosen


def moments(
    resume_from: Any, fork_from: Any, settings: Settings, *, resume: str | None, run_id: str | None
) -> tuple[Moment | None, Moment | None]:
    """Return the moments of `resume_from` and `fork_from`.

    Raises:
        UsageError: one is not written as a moment, or they contradict each other, `resume` or
            the run's id.
    """
    back = Moment.parsed(
        _told(resume_from, settings, "resume_from", "RESUME_FROM"), argument="resume_from"
    )
    fork = Moment.parsed(_told(fork_from, settings, "fork_from", "FORK_FROM"), argument="fork_from")
    said = {"resume": resume, "resume_from": back, "fork_from": fork}
    given = [name for name, value in said.items() if value]
    if len(given) > 1:
        raise UsageError(f"init() got {' and '.join(given)}. They exclude each other: give one.")
    if fork and run_id == fork.run_id:
        raise UsageError(
            f"init() got fork_from and id={run_id!r}, which is the run to fork from. Give another "
            "id or none; resume_from goes back in the run itself."
        )
    if back and run_id not in {None, back.run_id}:
        raise UsageError(
            f"init() got resume_from={back.run_id!r} and id={run_id!r}. Leave out the id."
        )
    return back, fork


def chosen_config(
    config: Any, exclude: Iterable[str] | str | None, include: Iterable[str] | str | None
) -> Mapping[str, Any]:
    """Return the configuration with only the keys that are wanted.

    Raises:
        UsageError: both lists are given.
    """
    values = config_values(config)
    if exclude and include:
        raise UsageError(
            "init() got config_exclude_keys and config_include_keys. Expected at most only one of "
            "exclude or include."
        )
    if not exclude and not include:
        return values
    listed = exclude or include or ()
    keys = set(listed.split(",") if isinstance(listed, str) else listed)
    return {key: value for key, value in values.items() if (key in keys) == bool(include)}


def checked_tags(tags: Sequence[str] | None, settings: Settings) -> tuple[str, ...] | None:
    """Return the run's labels, None if nothing says any.

    Raises:
        ArgumentTypeError: one is no text.
        UsageError: one is empty or too long.
    """
    if tags is None:
        tags = settings.told("run_tags")
    if tags is None:
        text = of_environment("TAGS")
        return tuple(text.split(",")) if text else None
    for tag in tags:
        if not isinstance(tag, str):
            raise ArgumentTypeError(
                f"init() takes tags as texts; got a {type(tag).__name__}, {tag!r}."
            )
        if not 1 <= len(tag) <= _MAX_TAG:
            raise UsageError(f"init() got the tag {tag!r}. A tag has 1 to {_MAX_TAG} characters.")
    return tuple(tags)


def warn_without_effect(**given: Any) -> None:
    """Tell of arguments that older programs pass and that do nothing."""
    for name, value in given.items():
        if value is not None:
            termwarn(f"init({name}=) has no effect here.", repeat=False)


def in_notebook() -> bool:
    """Return whether this is a notebook, where cells are run again and again."""
    return "ipykernel" in sys.modules


def _told(given: Any, settings: Settings, field: str, variable: str) -> Any:
    if given is not None:
        return given
    value = settings.told(field)
    return value if value is not None else of_environment(variable)


def _choice(argument: str, given: Any, known: Mapping[Any, Any]) -> Any:
    try:
        return known[given]
    except (KeyError, TypeError):
        words = ", ".join(repr(word) for word in known if isinstance(word, str))
        raise UsageError(f"init() got {argument}={given!r}. It takes {words}.") from None
