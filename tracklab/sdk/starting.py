"""`init()`: from arguments, settings and environment to a run that can be logged to."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import UsageError
from tracklab.handlers.segment import SegmentHandler
from tracklab.records.names import check_project, check_run_id, new_run_id
from tracklab.sdk import arguments, current
from tracklab.sdk.disabled import DisabledRun
from tracklab.sdk.facts import Identity, job_rank, process_facts, random_name, rank_facts
from tracklab.sdk.listening import listening
from tracklab.sdk.options import Settings
from tracklab.sdk.run import Run
from tracklab.settings import data_root
from tracklab.storage.creation import open_run_dir
from tracklab.storage.descriptors import keep
from tracklab.storage.layout import is_run_dir
from tracklab.storage.mounts import is_remote
from tracklab.storage.segments import Limits
from tracklab.storage.succession import FIRST
from tracklab.storage.writer import Writer, say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from tracklab.sdk.history import LastState
    from tracklab.sdk.moments import Moment
    from tracklab.sdk.trials import TrialToRun
    from tracklab.storage.backlog import BacklogLimits

__all__ = ["init", "open_run"]

_MOST_BESIDE: Final = 16
#: What a running program may use first when it has no descriptor left to load it with.
_NEEDED_LATER: Final = ("tracklab.sdk.checkpoints", "tracklab.sdk.llm")


def init(  # noqa: PLR0913 - what a run can be told; the order is that of programs for wandb
    entity: str | None = None,
    project: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - the name users know
    id: str | None = None,  # noqa: A002 - as above
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    config: Mapping[str, Any] | str | os.PathLike[str] | Any | None = None,
    config_exclude_keys: Sequence[str] | None = None,
    config_include_keys: Sequence[str] | None = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,  # noqa: ARG001 - a login cannot be forced where there is none
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Settings | dict[str, Any] | None = None,
    anonymous: Any = None,
    *,
    magic: Any = None,
    system_monitor: bool | None = None,
) -> Run:
    """Begin a run and make it the current one.

    What is given here wins over `settings`, these over the environment, that over the settings'
    file.

    Args:
        entity: whose run it is, a label; None for the user of this machine.
        project: the project; slashes make a tree; None for `uncategorized`.
        dir: where runs live; None for TRACKLAB_DATA_DIR, WANDB_DIR or `./tracklab_logs`.
        id: the run's id; None for a new one of 8 characters.
        name: what people read; None for two words and a number.
        notes: free text.
        tags: labels of 1 to 64 characters; of a resumed run they replace the earlier ones.
        config: hyperparameters: a dict, an `argparse.Namespace`, another object with attributes,
            or the path of a YAML file.
        config_exclude_keys: keys of `config` to leave out.
        config_include_keys: the only keys of `config` to take.
        allow_val_change: let values of the configuration change at any time.
        group: a group of runs this one belongs to.
        job_type: its part in the group.
        mode: `online` or `offline` (both write the same files), `shared` for several processes
            that write one run, or `disabled`.
        force: no effect: there is no login.
        reinit: what to do with a current run: `return_previous` (default; False), or
            `finish_previous` (default in notebooks; True), or `create_new` beside it.
        resume: what to do with `id`: `allow` goes on or begins, `must` goes on, `never` begins;
            `auto` (True) without an id goes on with this program's last run, unless that ended
            well.
        resume_from: `"<run id>?_step=<n>"`: go on with that run after step n; what it has behind
            that step is hidden.
        fork_from: the same form: begin a run with the rows of that one up to step n.
        save_code: keep the program's source with the run.
        tensorboard: the older name of `sync_tensorboard`.
        sync_tensorboard: make rows of what the program writes for TensorBoard, until the run ends.
        monitor_gym: log the videos that wrappers of Gymnasium record, until the run ends.
        settings: how the run behaves; see `Settings`.
        anonymous: no effect: there is no account.
        magic: no effect; older programs pass it.
        system_monitor: sample the machine; None means yes, unless `x_disable_stats` is set.

    Raises:
        UsageError: a name, tag or policy cannot be used, or contradicts another or what is there.
        ArgumentTypeError: an argument has the wrong type.
        SettingsError: a setting has a value that cannot be used.
        StorageError: the place cannot be written.

    Cost: about 5 ms, one thread (none with `system_monitor=False`), no process.
    """
    chosen = Settings.load(settings).completed(mode=mode, save_code=save_code)
    policy = arguments.reinit_policy(reinit, chosen)
    previous = current.run()
    if previous is not None and policy == "return_previous":
        return previous
    if previous is not None and policy == "finish_previous":
        previous.finish()
    arguments.warn_without_effect(anonymous=anonymous, magic=magic)
    values = arguments.chosen_config(config, config_exclude_keys, config_include_keys)
    trial = _trial()
    if trial:
        project, id, dir = trial.place(project=project, id=id, dir=dir)  # noqa: A001 - as above
        chosen = chosen.completed(sweep_id=trial.sweep_id)
        values = trial.put_into(values)
    if chosen.mode == "disabled":
        run: Run = DisabledRun(values, chosen, project=project or "dummy", entity=entity or "dummy")
    else:
        names = arguments.names(
            chosen, project=project, entity=entity, run_id=id, name=name, notes=notes,
            group=group, job_type=job_type,
        )  # fmt: skip
        told = arguments.resume_policy(resume, chosen)
        back, fork = arguments.moments(
            resume_from, fork_from, chosen, resume=told, run_id=names["run_id"]
        )
        shared = names["run_id"] is not None
        synced = tensorboard if sync_tensorboard is None else sync_tensorboard
        with listening(
            tensorboard=bool(chosen.sync_tensorboard if synced is None else synced),
            gym=bool(monitor_gym),
        ) as heard:
            run = open_run(
                **names,
                root=dir or chosen.told("root_dir"),
                config=values,
                tags=arguments.checked_tags(tags, chosen),
                resume=told or ("allow" if chosen.told("mode") == "shared" and shared else None),
                back=back,
                fork=fork,
                settings=chosen,
            )
            run.at_finish(heard.pop_all().close)
        keep()
        sampled = not chosen.x_disable_stats if system_monitor is None else system_monitor
        _attach_helpers(run, chosen, sampled=sampled, shared=shared)
        if not (chosen.silent or chosen.quiet):
            _point_to_viewer(run, chosen)
    if trial:
        trial.lock(run)
    if allow_val_change or chosen.allow_val_change or arguments.in_notebook():
        run.config.allow_changes()
    if policy != "create_new" or previous is None:
        current.set_run(run)
    if "IPython" in sys.modules:
        from tracklab.sdk.notebooks import offer_magic  # noqa: PLC0415 - programs need none

        offer_magic()
    return run


def open_run(  # noqa: PLR0913 - as init()
    project: str,
    *,
    run_id: str | None = None,
    root: str | os.PathLike[str] | None = None,
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    resume: str | None = None,
    back: Moment | None = None,
    fork: Moment | None = None,
    settings: Settings | None = None,
    entity: str | None = None,
    **names: Any,
) -> Run:
    """Begin a run without making it current, with no helper beside it: files only.

    Args:
        project: the project, checked.
        run_id: None for a new id.
        root: where runs live.
        name: None for an automatic name.
        config: first configuration.
        resume: `allow`, `must`, `never`, `auto` or None.
        back: go on after this moment of the run.
        fork: begin with the rows up to this moment of another run.
        settings: None for the defaults.
        entity: whose run it is; None for nobody's in particular.
        names: `tags`, `notes`, `group`, `job_type`; None for what an earlier process said.
    """
    from tracklab.monitors import host  # noqa: PLC0415 - keeps `import tracklab` light

    check_project(project)
    chosen = settings or Settings.load()
    if resume == "auto":
        from tracklab.sdk.history import unfinished_run  # noqa: PLC0415 - few runs have one

        run_id = run_id if run_id is not None else unfinished_run(data_root(root) / project)
        resume = "allow"
    if back is not None:
        run_id, resume = back.run_id, "must"
    identifier = new_run_id() if run_id is None else check_run_id(run_id)
    place = open_run_dir(root, project, identifier, file_mode=chosen.file_mode)
    _refuse_contradiction(place, known=is_run_dir(place), resume=resume)
    source = _source(place, fork)
    limits = Limits(chosen.segment_bytes, chosen.segment_age, chosen.file_mode)
    facts = {"project": project, "resource": _resource(project, identifier), **rank_facts()}
    # Claimed first and looked around afterwards: of two that begin at the same instant at least
    # one sees the other. The header, which says the attempt, is written with the first line.
    waiting = _backlog(place, chosen)
    shared = run_id is not None
    leads = not (shared and job_rank())
    writer = Writer(place, identifier, facts=facts, limits=limits, creates=leads, backlog=waiting)
    joins = resume is not None or (shared and job_rank() is not None)
    look = partial(_living, writer) if joins else tuple
    state = _left_in(place, living=look)
    beside = tuple(state.beside if state else look())[:_MOST_BESIDE]
    facts["attempt"] = _attempt(state, resume=None if back else resume, joins=bool(beside))
    facts |= state.succession if state else FIRST
    going_on = state if resume else state.joined() if state and beside else None
    # The one that began them, if it is another rank than 0: a job of which only that one logs.
    leads = leads or bool(state and state.metadata.get("rank") == job_rank())
    before = going_on or (_left_in(source) if source else None)
    identity = Identity(
        identifier,
        project,
        name or (going_on and going_on.name) or random_name(_count(place.parent)),
        started_s=going_on.started_s if going_on else clock.now(),
        facts={
            **({} if chosen.x_disable_meta else host.facts(git=chosen.save_git)),
            **process_facts(writer.process, writer.name),
            "write_mode": "thread" if waiting else "sync",
            **_labels(chosen, entity, had=going_on.metadata if going_on else {}),
        },
        resumed=resume is not None and state is not None and state.goes_on,
        beside=beside,
        # The creator keeps them while it lives; without it one of those who are left does. A rank
        # other than 0 begins none: on another machine they are rank 0's, and copies are merged.
        keeps_documents=chosen.x_primary
        and None not in beside
        and (job_rank() == 0 or (leads and not beside)),
        **_remembered(names, going_on),
    )
    moment = back or fork
    run = Run(
        identity,
        writer,
        settings=chosen.completed(
            project=project, entity=entity, run_id=identifier, run_name=identity.name,
            run_group=identity.group, run_job_type=identity.job_type, run_notes=identity.notes,
            run_tags=identity.tags, resumed=identity.resumed,
        ),
        config=config or {},
        first_step=moment.step + 1 if moment else going_on.next_step if going_on else 0,
    )  # fmt: skip
    if before:
        run.config.go_on_from(before.config)
    if going_on and identity.resumed and not back:
        from tracklab.sdk.replaying import go_on  # noqa: PLC0415 - few runs go on

        go_on(run, place, metadata=going_on.metadata)
    if back:
        from tracklab.sdk.replaying import go_back  # noqa: PLC0415 - few runs go back

        go_back(run, place, until=back.step)
    run.begin()
    if fork and source:
        from tracklab.sdk.replaying import copy_history  # noqa: PLC0415 - few runs are forks

        copy_history(run, source, until=fork.step)
    if back:
        run.log({}, step=back.step + 1)  # readers hide the earlier attempt from here on
    return run


def _trial() -> TrialToRun | None:
    """Return the trial of a sweep that the next run is, None for any other run."""
    if not current.of_environment("SWEEP_PARAM_PATH"):
        return None
    from tracklab.sdk.trials import trial_to_run  # noqa: PLC0415 - only under an agent

    return trial_to_run()


def _left_in(
    place: Path, *, living: Callable[[], Collection[str | None]] = tuple
) -> LastState | None:
    """Return what earlier processes left in a run, None if it is new."""
    if not is_run_dir(place):
        return None
    from tracklab.sdk.history import last_state  # noqa: PLC0415 - most runs are new

    return last_state(place, living=living)


def _source(place: Path, fork: Moment | None) -> Path | None:
    """Return the directory of the run to fork from, None without one.

    Raises:
        UsageError: there is no such run in the project.
    """
    if fork is None:
        return None
    source = place.parent / check_run_id(fork.run_id)
    if not is_run_dir(source):
        with suppress(OSError):
            place.rmdir()
        raise UsageError(
            f"init(fork_from=) found no run {fork.run_id!r} in the project. Check run id and "
            f"project. {source}"
        )
    return source


def _labels(settings: Settings, entity: str | None, *, had: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the run is labelled with, as far as it is told now or was before."""
    told = {
        "entity": entity or had.get("entity"),
        "sweep_id": settings.sweep_id or had.get("sweep_id"),
        "label": settings.x_label,
    }
    return {name: value for name, value in told.items() if value}


def _remembered(names: Mapping[str, Any], going_on: LastState | None) -> dict[str, Any]:
    """Return names that were given, else those that the run had before."""
    had = going_on.metadata if going_on else {}
    told = {name: value for name, value in names.items() if value is not None}
    found = {name: had.get(name) for name in ("tags", "notes", "group", "job_type")} | told
    found["tags"] = tuple(found["tags"] or ())
    found["notes"] = found["notes"] or ""
    return found


def _backlog(place: Path, settings: Settings) -> BacklogLimits | None:
    """Return the limits of lines that wait; None where each is written at once."""
    mode = settings.write_mode
    if mode == "sync" or (mode == "auto" and not is_remote(place)):
        return None
    from tracklab.storage.backlog import BacklogLimits  # noqa: PLC0415 - only who asks for it

    return BacklogLimits(batch_lines=settings.batch_size)


def _living(writer: Writer) -> list[str | None]:
    """Return every other writer of the run that lives.

    A new process joins them if it was told to resume, or is a rank of a job that was given the
    run's id.
    """
    from tracklab.storage.liveness import living_writers  # noqa: PLC0415 - most runs have one

    return living_writers(writer.run_dir, here=writer.process, now_s=clock.now(), but=writer.writer)


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

    url = run_url(run.root, run.project, run.id, auto=settings.auto_ui, rank=run.rank)
    if url and not run.rank:
        say(f"watch run {run.name} at {url}")


def _attach_helpers(run: Run, settings: Settings, *, sampled: bool, shared: bool) -> None:
    from tracklab.sdk.console import (  # noqa: PLC0415 - only real runs need them
        ConsolePlace,
        capture_console,
    )
    from tracklab.sdk.exits import trace_sigterm, watch_exit  # noqa: PLC0415 - as above
    from tracklab.storage.console import place_of  # noqa: PLC0415 - as above

    if settings.console != "off":
        # What every rank prints would stand in one text once for each.
        rank = run.rank if shared and run.rank else 0
        directory = place_of(run.run_dir, rank)
        alone = run.writer is None or run.resumed or rank > 0
        place = ConsolePlace(directory, settings.console_bytes, settings.file_mode, turns=alone)
        run.at_finish(capture_console(place, how=settings.console))
    for name, level in (settings.capture_loggers or {}).items():
        handler = SegmentHandler(run.writer_of_rows)
        handler.setLevel(level)
        logger = logging.getLogger(name or None)
        logger.addHandler(handler)
        run.at_finish(partial(logger.removeHandler, handler))
    for module in _NEEDED_LATER:
        import_module(module)
    watch_exit(run)
    run.at_finish(trace_sigterm(run.run_dir, run.writer, file_mode=settings.file_mode))
    if settings.save_code:
        from tracklab.sdk.code import keep_program  # noqa: PLC0415 - as above

        keep_program(run)
    if sampled:
        from tracklab.sdk.sampler import Sampler  # noqa: PLC0415 - as above

        Sampler(run, settings).start()


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
            return sum(entry.is_dir() for entry in entries if entry.name[:1] != ".")
    except OSError:  # it only numbers a name; whether the run can be written shows elsewhere
        return 0
