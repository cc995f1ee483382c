"""What a run does with artifacts: log them, use them, and say so in its events.

The events are what lineage is made of; a version's own metadata name the run that logged it first.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.artifact import Artifact
from tracklab.artifacts.lineage import EVENT
from tracklab.artifacts.names import check_aliases, check_tags, parse_address, safe_name
from tracklab.artifacts.parts import add_part, take_parts
from tracklab.artifacts.versions import find_version
from tracklab.errors import StorageError, UsageError
from tracklab.sdk.current import default_entity
from tracklab.storage.creation import MISTAKES
from tracklab.storage.gaps import reason_of
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracklab.sdk.run import Run

__all__ = [
    "add_part_of",
    "finish_parts",
    "link",
    "link_model",
    "log",
    "log_model",
    "use",
    "use_model",
]

_MODEL: Final = "model"
_UNSPECIFIED: Final = "unspecified"


def log(
    run: Run,
    artifact_or_path: Artifact | str | os.PathLike[str],
    *,
    name: str | None,
    kind: str | None,
    aliases: Sequence[str] | str | None,
    tags: Sequence[str] | str | None = None,
) -> Artifact:
    """Make a version of an artifact or path, and say so; see `Run.log_artifact`."""
    called, labels = check_aliases(aliases), check_tags(tags)
    artifact = _artifact(run, artifact_or_path, name, kind)
    if artifact.is_draft():
        facts = {
            "entity": run.entity, "run": {"project": run.project, "id": run.id},
            "history_step": run.step, "source": None,
        }  # fmt: skip
        try:
            artifact.commit(
                run.root, project=run.project, facts=facts, aliases=called, tags=labels,
                file_mode=run.settings.file_mode,
            )  # fmt: skip
        except OSError as error:
            _not_kept(run, artifact, error)
            return artifact
    else:
        _call(run, artifact, called)
    _say(run, "log", artifact)
    return artifact


def use(
    run: Run,
    artifact_or_name: Artifact | str,
    *,
    kind: str | None,
    aliases: Sequence[str] | str | None,
) -> Artifact:
    """Find a version, and say that the run uses it; see `Run.use_artifact`."""
    called = check_aliases(aliases)
    if isinstance(artifact_or_name, Artifact):
        found = artifact_or_name
        if found.is_draft() and log(run, found, name=None, kind=None, aliases=None).is_draft():
            return found  # the disk has not taken it, which has been told
    else:
        run.chores.do()  # it may be a table that was logged a moment ago
        address = parse_address(str(artifact_or_name), entities=[run.entity, default_entity()])
        version = find_version(run.root, address, kind=kind, project=run.project)
        found = Artifact.of_version(run.root, version)
    if kind is not None and found.type != kind:
        raise UsageError(
            f"Supplied type {kind!r} does not match type {found.type!r} of artifact "
            f"{found.name!r}. Leave the type out, or give that one."
        )
    _call(run, found, called)
    _say(run, "use", found)
    return found


def log_model(
    run: Run, path: str | os.PathLike[str], name: str | None, aliases: Sequence[str] | str | None
) -> Artifact:
    """Log a path as a model; see `Run.log_model`."""
    return log(run, path, name=name, kind=_MODEL, aliases=aliases)


def use_model(run: Run, name: str) -> str:
    """Return where a copy of a model's files lies; see `Run.use_model`."""
    found = use(run, name, kind=None, aliases=None)
    if _MODEL not in found.type.lower():
        raise AssertionError(
            "You can only use this method for 'model' artifacts. For an artifact to be a 'model' "
            f"artifact, its type property must contain the substring 'model'; got {found.type!r}."
        )
    place = found.download()
    entries = list(found.manifest.entries)
    return str(Path(place, entries[0])) if len(entries) == 1 else place


def link_model(
    run: Run,
    path: str | os.PathLike[str],
    registered: str,
    *,
    name: str | None,
    aliases: Sequence[str] | str | None,
) -> Artifact:
    """Log a path as a model and link it; see `Run.link_model`."""
    if "/" in registered:
        raise UsageError(
            f"link_model() takes the name of a registered model; got {registered!r}. Write it "
            "without a slash."
        )
    called = check_aliases(aliases)
    made = log_model(run, path, name, None)
    return made if made.is_draft() else link(run, made, registered, called)


def link(
    run: Run, artifact: Artifact, target: str, aliases: Sequence[str] | str | None
) -> Artifact:
    """Let another collection hold a version, too; see `Run.link_artifact`."""
    called = check_aliases(aliases)
    address = parse_address(target, entities=[run.entity])
    if artifact.is_draft() and log(run, artifact, name=None, kind=None, aliases=None).is_draft():
        return artifact  # the disk has not taken it, which has been told
    try:
        return artifact.link(target, called)
    except OSError as error:
        failure = StorageError(
            f"link_artifact() cannot link {artifact.name!r} to {target!r} "
            f"({error.strerror or error}). Make room, or allow writing there, then link it again. "
            f"{run.root}"
        )
        made = artifact.new_draft()
        _tell(run, made, error, failure, name=address.name)
        return made


def add_part_of(
    run: Run, given: Artifact | str | os.PathLike[str], name: str | None, kind: str | None,
    distributed_id: str | None,
) -> Artifact:  # fmt: skip
    """Keep a part of an artifact that several runs make; see `Run.upsert_artifact`."""
    artifact = _artifact(run, given, name, kind)
    joined = _joined(run, distributed_id)
    try:
        add_part(run.root, artifact, project=run.project, joined=joined)
    except OSError as error:
        _not_kept(run, artifact, error)
    return artifact


def finish_parts(
    run: Run, given: Artifact | str | os.PathLike[str], name: str | None, kind: str | None,
    aliases: Sequence[str] | str | None, distributed_id: str | None,
) -> Artifact:  # fmt: skip
    """Make a version of all parts; see `Run.finish_artifact`."""
    artifact = _artifact(run, given, name, kind)
    joined = _joined(run, distributed_id)
    with take_parts(run.root, artifact, project=run.project, joined=joined):
        return log(run, artifact, name=None, kind=None, aliases=aliases)


def _joined(run: Run, distributed_id: str | None) -> str:
    joined = distributed_id or run.group
    if not joined:
        raise UsageError(
            "Cannot upsert artifact unless run is in a group or distributed_id is provided. "
            "Write upsert_artifact(artifact, distributed_id='shards')."
        )
    return joined


def _artifact(
    run: Run, given: Artifact | str | os.PathLike[str], name: str | None, kind: str | None
) -> Artifact:
    """Return what was given as an artifact; of a path, one with what lies there."""
    if isinstance(given, Artifact):
        if kind is not None and kind != given.type:
            raise UsageError(
                f"log_artifact() got type {kind!r} for an artifact of type {given.type!r}. Leave "
                "it out: an artifact has a type."
            )
        return given
    if not isinstance(given, str | os.PathLike):
        raise UsageError(
            "You must pass an instance of wandb.Artifact or a valid file path to log_artifact. "
            f"It got a {type(given).__name__}; write tracklab.Artifact(name, type)."
        )
    path = Path(given)
    own, _, _ = (name or f"run-{run.id}-{path.name}").partition(":")
    artifact = Artifact(own if name else safe_name(own), kind or _UNSPECIFIED)
    if path.is_file():
        artifact.add_file(path)
    elif path.is_dir():
        artifact.add_dir(path)
    elif "://" in str(given):
        artifact.add_reference(str(given))
    else:
        raise UsageError(
            "path must be a file, directory or external reference like s3://bucket/path. "
            f"log_artifact() got {os.fspath(given)!r}."
        )
    return artifact


def _not_kept(run: Run, artifact: Artifact, error: OSError) -> None:
    """Tell of a version that the disk has not taken: training goes on, and `wait()` raises.

    Raises:
        StorageError: the store can never be written, which is the user's to change.
    """
    failure = StorageError(
        f"log_artifact() cannot keep {artifact.name!r} ({error.strerror or error}). It is still a "
        f"draft: make room, or allow writing there, then log it again. {run.root}"
    )
    _tell(run, artifact, error, failure, name=artifact.name)


def _call(run: Run, artifact: Artifact, aliases: list[str]) -> None:
    """Give a version more aliases; tell if the disk does not take them.

    Raises:
        StorageError: the store can never be written.
    """
    try:
        if aliases:
            artifact.aliases = [*artifact.aliases, *aliases]
    except OSError as error:
        failure = StorageError(
            f"{artifact.name!r} cannot be called {', '.join(aliases)} ({error.strerror or error}). "
            f"Make room, or allow writing there, then set its aliases again. {run.root}"
        )
        _tell(run, artifact, error, failure, name=artifact.name)


def _tell(
    run: Run, artifact: Artifact, error: OSError, failure: StorageError, *, name: str
) -> None:
    """Say that the disk has not taken something: in an event, on stderr, and by `wait()`.

    Raises:
        StorageError: the store can never be written, which is the user's to change.
    """
    if isinstance(error, MISTAKES) or error.errno == errno.EROFS:
        raise failure from error
    artifact.fail(failure)
    data = {"op": "fail", "name": name, "type": artifact.type, "reason": reason_of(error)}
    run.event(EVENT, "artifact", data, level="ERROR")
    say(str(failure))


def _say(run: Run, op: str, artifact: Artifact) -> None:
    data: dict[str, Any] = {
        "op": op, "name": artifact.collection.name, "type": artifact.type,
        "version": artifact.version, "project": artifact.project, "digest": artifact.digest,
        "aliases": artifact.aliases, "size": artifact.size, "file_count": artifact.file_count,
    }  # fmt: skip
    run.event(EVENT, "artifact", data, durable=True)
