"""`init()`: from arguments, settings and environment to a run that can be logged to."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.records.names import check_project, check_run_id, new_run_id
from tracklab.sdk import current
from tracklab.sdk.config import config_values
from tracklab.sdk.disabled import DisabledRun
from tracklab.sdk.facts import Identity, job_rank, process_facts, random_name, rank_facts
from tracklab.sdk.history import last_state
from tracklab.sdk.run import Run
from tracklab.settings import Settings
from tracklab.storage.creation import open_run_dir
from tracklab.storage.layout import is_run_dir
from tracklab.storage.liveness import living_writers
from tracklab.storage.mounts import is_remote
from tracklab.storage.segments import Limits
from tracklab.storage.writer import Writer, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tracklab.sdk.history import LastState
    from tracklab.storage.backlog import BacklogLimits

__all__ = ["init", "open_run"]

_RESUME: Final = {None: None, False: None, True: "allow"} | {
    word: word for word in ("allow", "must", "never")
}
_REINIT: Final = {
    None: "return_previous", False: "return_previous", True: "finish_previous",
    "default": "return_previous", "return_previous": "return_previous",
    "finish_previous": "finish_previous", "create_new": "create_new",
}  # fmt: skip
_MAX_TAG: Final = 64
_MOST_BESIDE: Final = 16


def init(  # noqa: PLR0913 - what a run can be told, all by name
    project: str | None = None,
    *,
    name: str | None = None,
    id: str | None = None,  # noqa: A002 - the name users know
    config: Mapping[str, Any] | str | os.PathLike[str] | Any | None = None,
    tags: Sequence[str] | None = None,
    notes: str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - as above
    mode: str | None = None,
    resume: bool | str | None = None,
    reinit: bool | str | None = None,
    system_monitor: bool | None = None,
    settings: Settings | dict[str, Any] | None = None,
) -> Run:
    """Begin a run and make it the current one.

    Args:
        project: the project; slashes make a tree; None for TRACKLAB_PROJECT, WANDB_PROJECT or
            `uncategorized`.
        name: what people read; None for two words and a number.
        id: the run's id; None for a new one of 8 characters.
        config: hyperparameters: a dict, an `argparse.Namespace` or the path of a YAML file.
        tags: labels of 1 to 64 characters.
        notes: free text.
        group: a group of runs this one belongs to.
        job_type: its part in the group.
        dir: where runs live; None for TRACKLAB_DATA_DIR, WANDB_DIR or `./tracklab_logs`.
        mode: `online` or `offline` (both write the same files), or `disabled`.
        resume: what to do with `id`: `allow` goes on or begins, `must` goes on, `never` begins.
        reinit: what to do with a current run: return it (default), `finish_previous`, or
            `create_new` beside it.
        system_monitor: sample the machine; None means yes.
        settings: how the run behaves; see `Settings`.

    Raises:
        UsageError: a name, tag, `resume` or `reinit` cannot be used, or contradicts what is
            there.
        ArgumentTypeError: an argument has the wrong type.
        SettingsError: a setting is unknown or cannot be used.
        StorageError: the place cannot be written.

    Cost: about 5 ms, one thread (none with `system_monitor=False`), no process.
    """
    policy = _choice("reinit", reinit, _REINIT)
    previous = current.run()
    if previous is not None and policy == "return_previous":
        return previous
    if previous is not None and policy == "finish_previous":
        previous.finish()
    chosen = Settings.load(_with_mode(settings, mode))
    if chosen.mode == "disabled":
        run: Run = DisabledRun(config_values(config))
    else:
        run = open_run(
            _env(project, "PROJECT") or "uncategorized",
            run_id=_env(id, "RUN_ID"),
            root=dir,
            name=_env(name, "NAME"),
            config=config_values(config),
            tags=_checked_tags(tags),
            notes=_env(notes, "NOTES") or "",
            group=_env(group, "RUN_GROUP"),
            job_type=_env(job_type, "JOB_TYPE"),
            resume=_choice("resume", _env(resume, "RESUME"), _RESUME),
            settings=chosen,
        )
        shared = _env(id, "RUN_ID") is not None
        _attach_helpers(run, chosen, sampled=system_monitor is not False, shared=shared)
        if not chosen.silent:
            _point_to_viewer(run, chosen)
    if policy != "create_new" or previous is None:
        current.set_run(run)
    return run


def open_run(
    project: str,
    *,
    run_id: str | None = None,
    root: str | os.PathLike[str] | None = None,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    resume: str | None = None,
    settings: Settings | None = None,
    **names: Any,
) -> Run:
    """Begin a run without making it current, with no helper beside it: files only.

    Args:
        project: the project, checked.
        run_id: None for a new id.
        root: where runs live.
        name: None for an automatic name.
        config: first configuration.
        resume: `allow`, `must`, `never` or None.
        settings: None for the defaults.
        names: `tags`, `notes`, `group`, `job_type`.
    """
    from tracklab.monitors import host  # noqa: PLC0415 - keeps `import tracklab` light

    check_project(project)
    chosen = settings or Settings.load()
    identifier = check_run_id(run_id) if run_id else new_run_id()
    place = open_run_dir(root, project, identifier, file_mode=chosen.file_mode)
    _refuse_contradiction(place, known=is_run_dir(place), resume=resume)
    limits = Limits(chosen.segment_bytes, chosen.segment_age, chosen.file_mode)
    facts = {"project": project, "resource": _resource(project, identifier), **rank_facts()}
    # Claimed first and looked around afterwards: of two that begin at the same instant at least
    # one sees the other. The header, which says the attempt, is written with the first line.
    waiting = _backlog(place, chosen)
    writer = Writer(place, identifier, facts=facts, limits=limits, backlog=waiting)
    beside = () if writer.created_run else _beside(writer, shared=run_id is not None, resume=resume)
    state = last_state(place, living=beside) if is_run_dir(place) else None
    facts["attempt"] = _attempt(state, resume=resume, joins=bool(beside))
    going_on = state if resume or beside else None
    identity = Identity(
        identifier,
        project,
        name or (going_on and going_on.name) or random_name(_count(place.parent)),
        started_s=going_on.started_s if going_on else clock.now(),
        facts={
            **host.facts(),
            **process_facts(writer.process, writer.name),
            "write_mode": "thread" if waiting else "sync",
        },
        resumed=resume is not None and state is not None and state.goes_on,
        beside=beside,
        # The creator keeps them while it lives; without it one of those who are left does.
        keeps_documents=None not in beside and (not beside or job_rank() == 0),
        **names,
    )
    run = Run(
        identity,
        writer,
        settings=chosen,
        config={**(going_on.config if going_on else {}), **(config or {})},
        first_step=going_on.next_step if going_on else 0,
    )
    if going_on:
        run.summary.values.update(going_on.summary)
    run.begin()
    return run


def _backlog(place: Path, settings: Settings) -> BacklogLimits | None:
    """Return the limits of lines that wait; None where each is written at once."""
    mode = settings.write_mode
    if mode == "sync" or (mode == "auto" and not is_remote(place)):
        return None
    from tracklab.storage.backlog import BacklogLimits  # noqa: PLC0415 - only who asks for it

    return BacklogLimits(batch_lines=settings.batch_size)


def _beside(writer: Writer, *, shared: bool, resume: str | None) -> tuple[str | None, ...]:
    """Return writers that a new one joins: enough of them to tell who runs together.

    A process joins if it was told to resume, or is a rank of a job that was given the run's id.
    """
    if resume is None and not (shared and job_rank() is not None):
        return ()
    living = living_writers(
        writer.run_dir, here=writer.process, now_s=clock.now(), but=writer.writer
    )
    return tuple(living[:_MOST_BESIDE])


def _attempt(state: LastState | None, *, resume: str | None, joins: bool) -> int:
    """Return the attempt of a new writer.

    Going on continues an attempt; ranks of one job share one; taking an id anew without `resume`
    begins the next.
    """
    if state is None:
        return 0
    if resume is not None:
        return state.attempt
    return state.joined_attempt if joins else state.attempt + 1


def _point_to_viewer(run: Run, settings: Settings) -> None:
    from tracklab.sdk.viewer import run_url  # noqa: PLC0415 - only real runs need it

    root = run.run_dir.parents[run.project.count("/") + 1]
    url = run_url(root, run.project, run.id, auto=settings.auto_ui, rank=run.rank)
    if url and not run.rank:
        say(f"watch run {run.name} at {url}")


def _attach_helpers(run: Run, settings: Settings, *, sampled: bool, shared: bool) -> None:
    from tracklab.sdk.console import capture_console  # noqa: PLC0415 - only real runs need them
    from tracklab.sdk.exits import trace_sigterm, watch_exit  # noqa: PLC0415 - as above

    if settings.console == "wrap":
        logs = run.run_dir / "logs"
        # What every rank prints would stand there once for each.
        place = logs / f"rank-{run.rank}" if run.rank and shared else logs
        run.at_finish(capture_console(place, file_mode=settings.file_mode))
    watch_exit(run)
    run.at_finish(trace_sigterm(run.run_dir, run.writer, file_mode=settings.file_mode))
    if sampled:
        from tracklab.sdk.sampler import Sampler  # noqa: PLC0415 - as above

        Sampler(run, settings).start()


def _with_mode(
    settings: Settings | dict[str, Any] | None, mode: str | None
) -> Settings | dict[str, Any] | None:
    if isinstance(settings, Settings):
        return settings if mode is None else replace(settings, mode=mode)
    elsewhere = _env(None, "MODE")
    lowest = {} if elsewhere is None else {"mode": elsewhere}
    highest = {} if mode is None else {"mode": mode}
    return {**lowest, **(settings or {}), **highest}


def _env(given: Any, name: str) -> Any:
    if given is not None:
        return given
    return os.environ.get(f"TRACKLAB_{name}") or os.environ.get(f"WANDB_{name}") or None


def _choice(argument: str, given: Any, known: Mapping[Any, Any]) -> Any:
    try:
        return known[given]
    except (KeyError, TypeError):
        words = ", ".join(repr(word) for word in known if isinstance(word, str))
        raise UsageError(f"init() got {argument}={given!r}. It takes {words}.") from None


def _checked_tags(tags: Sequence[str] | None) -> tuple[str, ...]:
    if tags is None:
        text = _env(None, "TAGS")
        return tuple(text.split(",")) if text else ()
    for tag in tags:
        if not isinstance(tag, str):
            raise ArgumentTypeError(
                f"init() takes tags as texts; got a {type(tag).__name__}, {tag!r}."
            )
        if not 1 <= len(tag) <= _MAX_TAG:
            raise UsageError(f"init() got the tag {tag!r}. A tag has 1 to {_MAX_TAG} characters.")
    return tuple(tags)


def _refuse_contradiction(place: Path, *, known: bool, resume: str | None) -> None:
    if resume == "must" and not known:
        with suppress(OSError):  # another rank has begun it meanwhile
            place.rmdir()
        raise UsageError(
            f"init(resume='must') found no run {place.name!r}. Check id and project, or use "
            f"resume='allow'. {place}"
        )
    if resume == "never" and known:
        raise UsageError(
            f"init(resume='never') found the run {place.name!r} already there. Choose another id, "
            f"or use resume='allow'. {place}"
        )


def _resource(project: str, run_id: str) -> dict[str, str]:
    """Return OpenTelemetry's names of the source, so that collectors can map a line's origin."""
    return {"service.name": project, "service.instance.id": run_id}


def _count(project_dir: Path) -> int:
    try:
        with os.scandir(project_dir) as entries:
            return sum(entry.is_dir() for entry in entries)
    except OSError:  # it only numbers a name; whether the run can be written shows elsewhere
        return 0
