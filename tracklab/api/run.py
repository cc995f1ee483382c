"""A run that has been written, or is: what it says, and what is changed in it from outside."""

from __future__ import annotations

import time
from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.api import artifacts
from tracklab.api.console import ConsoleLogs
from tracklab.api.editing import edit, unmarked
from tracklab.api.files import File, Files, find_file, list_files, upload
from tracklab.api.history import HistoryScan, as_frame, sampled_history
from tracklab.api.identity import Identity
from tracklab.api.metadata import metadata_of
from tracklab.api.paths import RunNotFoundError, check_there
from tracklab.api.stopping import interrupt
from tracklab.api.summary import HTTPSummary
from tracklab.api.system import Translation, cpu_count, first_row
from tracklab.errors import UnsupportedError, UsageError
from tracklab.query.documents import read_summary
from tracklab.query.samples import newest_sample
from tracklab.records.encode import encode_object
from tracklab.records.fields import whole
from tracklab.storage import trash
from tracklab.storage.streams import Tally, run_segments
from tracklab.storage.summaries import derive

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tracklab.api.client import Api
    from tracklab.artifacts.artifact import Artifact
    from tracklab.query.addresses import Place
    from tracklab.query.runs import Dossier

__all__ = ["Run"]

_LIVE: Final = frozenset({"running"})
_LONGEST_WAIT_S: Final = 2.0


class Run(Identity):
    """One run. Each part is read when it is first asked for, and again after `load(force=True)`.

    Args:
        root: the data directory.
        place: where the run lies in it.
    """

    def __init__(self, root: Path, place: Place) -> None:
        self._root = root
        self._place = place

    @classmethod
    def create(
        cls,
        api: Api,
        run_id: str | None = None,
        project: str | None = None,
        entity: str | None = None,
        state: str = "running",  # noqa: ARG003 - as wandb's
    ) -> Run:
        """Return what `api.create_run()` makes; `state` has no effect."""
        return api.create_run(run_id=run_id, project=project, entity=entity)

    def load(self, force: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as wandb's
        """Return what the run says of itself.

        Args:
            force: forget what was read, and what was changed without `update()`.

        Raises:
            RunNotFoundError: it has been deleted.
        """
        if force:
            self.__dict__ = {"_root": self._root, "_place": self._place}
        check_there(self._place)
        return {
            "id": self.id, "project": self.project, "entity": self.entity, "state": self.state,
            "name": self.name, "tags": list(self.tags), "notes": self.notes, "group": self.group,
            "jobType": self.job_type, "createdAt": self.created_at,
            "heartbeatAt": self.heartbeat_at, "config": self.config,
        }  # fmt: skip

    load_full_data = load

    # --- what it was given and what came out

    @cached_property
    def config(self) -> dict[str, Any]:
        """The configuration, nested; change it and call `update()`."""
        return unmarked(deepcopy(self._dossier.config))

    @property
    def rawconfig(self) -> dict[str, Any]:
        """The configuration as wandb keeps it: `{"lr": {"value": 0.1}}`."""
        return {key: {"value": value} for key, value in self.config.items()}

    @property
    def json_config(self) -> str:
        """The same as JSON, with null for what is not finite."""
        return orjson.dumps(unmarked(orjson.loads(encode_object(self.rawconfig)))).decode()

    @cached_property
    def summary(self) -> HTTPSummary:
        """The summary, nested; change it and call `update()` on it or on the run."""
        return HTTPSummary(_summary_of(self._dossier), self._store_summary)

    @property
    def summary_metrics(self) -> dict[str, Any]:
        """The summary as a plain dict, a copy."""
        return deepcopy(self.summary._values)  # noqa: SLF001 - its own part

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Where and how it ran: `metadata.json`, and the same under wandb's names."""
        return metadata_of(self._dossier)

    @property
    def system_metrics(self) -> dict[str, Any]:
        """The newest row of its machine under wandb's names; empty without one."""
        newest = newest_sample(self._place.path)
        translation = Translation(cpu_count(self._dossier.metadata))
        translation.row(first_row(self._place.path))
        found = translation.row(newest)
        return {key: value for key, value in found.items() if not key.startswith("_")}

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802 - wandb's name
        """The furthest step, -1 before the first row."""
        step = whole(_summary_of(self._dossier).get("_step"))
        return -1 if step is None else step

    # --- changes

    def update(self) -> None:
        """Store what was changed: name, notes, tags, group, job type, configuration, summary.

        Each becomes a line of the run, of a writer of its own, and is on disk when this returns.

        Raises:
            RunNotFoundError: it has been deleted.
            UsageError: a key was taken out of the configuration, or a value does not fit a line.
            OSError: the data directory cannot be written.
        """
        facts = {
            name: "" if value is None else value  # lines hold texts
            for name, value in self._edited.items()
            if value != self._stored[name]
        }
        self._store(
            facts=facts,
            config=self._changed_config(),
            summary=self.summary.changed(),
            deleted=self.summary.deleted(),
        )

    save = update

    def _changed_config(self) -> dict[str, Any]:
        stored, config = unmarked(deepcopy(self._dossier.config)), self.config
        gone = stored.keys() - config.keys()
        if gone:
            raise UsageError(
                f"update() cannot take {', '.join(map(repr, sorted(gone)))} out of the config: its "
                "lines are only added to. Set it to None."
            )
        return {
            key: value
            for key, value in config.items()
            if key not in stored or not _is_same(value, stored[key])
        }

    def _store_summary(self, values: dict[str, Any], deleted: list[str]) -> None:
        edit(self._place, summary=values, deleted=deleted)
        self.__dict__.pop("_dossier", None)  # what it knows is older

    def _store(self, **changes: Any) -> None:
        if any(changes.values()):
            edit(self._place, **changes)
            self.load(force=True)

    def delete(self, delete_artifacts: bool = False) -> None:  # noqa: FBT001, FBT002 - as wandb's
        """Move the run into the trash; `tracklab restore` brings it back.

        Args:
            delete_artifacts: must be False: versions may be in use elsewhere.

        Raises:
            RunNotFoundError: it has been deleted already.
            StorageError: it is still being written.
        """
        if delete_artifacts:
            raise UnsupportedError(
                "delete() does not delete artifacts with a run, since other runs may use them. "
                "Call delete() on the artifact."
            )
        check_there(self._place)
        trash.discard(self._root, self.project, self.id)

    def stop(self) -> None:
        """Interrupt the processes that write it, as Ctrl-C does; without any, do nothing.

        Raises:
            UnsupportedError: one of them is on another machine.
            PermissionError: one of them belongs to another user.
        """
        interrupt(self._dossier)

    def update_state(self, state: str) -> bool:
        """Refuse: the state of a run follows from its processes and is stored nowhere.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            f"update_state({state!r}) needs a queue of runs, and tracklab has none. Go on with a "
            f'run by tracklab.init(id="{self.id}", resume="must"), end one by stop().'
        )

    def wait_until_finished(self) -> None:
        """Return once no process writes the run any more."""
        wait_s = 0.05
        while self.state in _LIVE:
            time.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            self.load(force=True)

    # --- rows

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,  # noqa: FBT001, FBT002 - as wandb's
        stream: str = "default",
    ) -> Any:
        """Return a few rows that stand for all, those with the extremes of each key among them.

        Args:
            samples: most rows.
            keys: only these beside the axis, and only rows that have all of them.
            x_axis: the key that rows must have.
            pandas: whether to return a DataFrame, where pandas is installed.
            stream: `default` for what was logged, `system` for the machine, under wandb's names.

        Returns:
            A DataFrame or a list of dicts, with dotted names.

        Cost: reads all rows twice; memory for some 3 * `samples` of them.
        """
        rows = sampled_history(
            self._dossier, samples=samples, keys=keys, x_axis=x_axis, stream=stream
        )
        return as_frame(rows) if pandas else rows

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1000,
        min_step: int = 0,
        max_step: int | None = None,
        use_cache: bool = True,  # noqa: ARG002, FBT001, FBT002 - as wandb's
    ) -> HistoryScan:
        """Return all rows, one after the other; memory does not grow with the run.

        Args:
            keys: only these, and only rows that have all of them.
            page_size: without effect.
            min_step: the first step.
            max_step: the step after the last one; None for all.
            use_cache: without effect.
        """
        return HistoryScan(
            self._place.path, keys=keys, min_step=min_step, max_step=max_step, page_size=page_size
        )

    beta_scan_history = scan_history

    def download_history_exports(
        self,
        download_dir: Any,  # noqa: ARG002 - as wandb's
        require_complete_history: bool = True,  # noqa: ARG002, FBT001, FBT002 - as wandb's
    ) -> Any:
        """Refuse: the files are here.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "download_history_exports() needs wandb's cloud, and tracklab has none. Write "
            f"`tracklab export {self.address} -o rows.parquet`."
        )

    # --- files

    def files(
        self, names: Sequence[str] | None = None, pattern: str | None = None, per_page: int = 50
    ) -> Files:
        """Return its files: what it saved, its media, its console text and its documents.

        Args:
            names: only these.
            pattern: only those that match it, `%` for any text and `_` for any character.
            per_page: objects that are made at once.
        """
        return list_files(self._place, names=names, pattern=pattern, per_page=per_page)

    def file(self, name: str) -> File:
        """Return one file by its name; one that is not there has size 0.

        What was saved goes by its path below `files/`; the console is `output.log`.
        """
        return find_file(self._place, name)

    def upload_file(self, path: str, root: str = ".") -> File:
        """Copy a file into the run, under its path below `root`, and return it."""
        return upload(self._place, path, root)

    def logged_artifacts(self, per_page: int = 100) -> artifacts.RunArtifacts:
        """Return the versions that it logged."""
        return artifacts.of_run(self._root, self._place, "log", per_page=per_page)

    def used_artifacts(self, per_page: int = 100) -> artifacts.RunArtifacts:
        """Return the versions that it used."""
        return artifacts.of_run(self._root, self._place, "use", per_page=per_page)

    def log_artifact(
        self, artifact: Artifact, aliases: Collection[str] | None = None,
        tags: Collection[str] | None = None,
    ) -> Artifact:  # fmt: skip
        """Say that the run made a version.

        Args:
            artifact: a version; a draft is logged by the run that `init()` returns.
            aliases: names that it gets beside those it has.
            tags: labels that it gets beside those it has.
        """
        artifacts.declare(self._place, "log", artifact)
        if aliases:
            artifact.aliases = [*artifact.aliases, *aliases]
        if tags:
            artifact.tags = [*artifact.tags, *tags]
        return artifact

    def use_artifact(self, artifact: Artifact, use_as: str | None = None) -> Artifact:  # noqa: ARG002 - as wandb's
        """Say that the run used a version, and return it."""
        return artifacts.declare(self._place, "use", artifact)

    def console_logs(self, *, per_page: int = 1000, last: int | None = None) -> ConsoleLogs:
        """Return what it printed: standard output, then standard error.

        Args:
            per_page: lines that are read at once.
            last: only that many lines at the end of each of the two.
        """
        return ConsoleLogs(self._place.path, per_page=per_page, last=last)

    def __repr__(self) -> str:
        try:
            return f"<Run {'/'.join(self.path)} ({self.state})>"
        except RunNotFoundError:
            return f"<Run {self._place.address} (deleted)>"


def _is_same(value: Any, stored: Any) -> bool:
    """Return whether both are written alike: 1 is not 1.0, and NaN is NaN."""
    return encode_object({"value": value}) == encode_object({"value": stored})


def _summary_of(dossier: Dossier) -> dict[str, Any]:
    """Return the summary with nested values still nested.

    Cost: one document of a run that has ended and had one writer; else all of its history.
    """
    path = dossier.place.path
    document = read_summary(path)
    if dossier.settled and document is not None and len(dossier.survey.grown_ns) == 1:
        return unmarked(document)
    return derive(run_segments(path, "history"), dossier.journal.notes, Tally())
