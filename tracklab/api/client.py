"""`Api`: what programs for wandb ask about runs that are not their own, asked of local files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.api.artifacts import (
    ArtifactCollections,
    Artifacts,
    ArtifactType,
    ArtifactTypes,
    find_artifact,
    find_collections,
    find_type,
    list_types,
    list_versions,
)
from tracklab.api.conditions import parse_conditions
from tracklab.api.listing import list_places, order_of
from tracklab.api.paths import existing_project, find_run, split_project
from tracklab.api.people import User
from tracklab.api.projects import Project, Projects
from tracklab.api.refusals import Cloud
from tracklab.api.run import Run
from tracklab.api.runs import Runs
from tracklab.api.sweeps import Sweep, open_sweep
from tracklab.errors import ArgumentTypeError, CommError, NotFoundError, UsageError
from tracklab.query.engines.local import LocalEngine
from tracklab.records.names import check_project
from tracklab.sdk.current import default_entity, of_environment
from tracklab.settings import data_root
from tracklab.storage.creation import latest_root
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    from tracklab.artifacts.artifact import Artifact, ArtifactCollection

__all__ = ["Api"]

_OVERRIDES: Final = ("base_url", "dir", "entity", "project", "run", "username")


class Api(Cloud):
    """Answers from the files of one data directory; nothing is sent, and nothing kept.

    Args:
        overrides: `project` (where an id alone is looked for first, and the project that is meant
            without one), `entity` (a label), `dir` (the data directory; without it that of the
            run this process began last, else TRACKLAB_DATA_DIR, else `./tracklab_logs`).
        timeout: without effect.
        api_key: without effect, and not kept.

    Raises:
        UsageError: there is no such override.
        ArgumentTypeError: `overrides` is no mapping.
    """

    #: What stands where programs look for a key.
    api_key = "local"

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        timeout: int | None = None,  # noqa: ARG002 - nothing is waited for
        api_key: str | None = None,  # noqa: ARG002 - there is nothing to open
    ) -> None:
        if not isinstance(overrides, Mapping | None):
            raise ArgumentTypeError(
                f"Api() takes overrides as a dict; got {overrides!r}, a "
                f'{type(overrides).__name__}. Write Api({{"project": "demo"}}).'
            )
        given = dict(overrides or {})
        unknown = given.keys() - set(_OVERRIDES)
        if unknown:
            raise UsageError(
                f"Api() knows no override {min(unknown)!r}; it takes {', '.join(_OVERRIDES)}."
                ' Write Api({"project": "demo"}).'
            )
        chosen = given.get("dir") or latest_root() or data_root()
        self._root = Path(chosen).expanduser().absolute()
        self._project: str | None = given.get("project") or of_environment("PROJECT")
        self._entity: str = given.get("entity") or of_environment("ENTITY") or default_entity()

    # --- runs

    def run(self, path: str = "") -> Run:
        """Return one run.

        Args:
            path: `project/run_id`, `entity/project/run_id`, or an id that is unique.

        Raises:
            RunNotFoundError: a CommError, and a ValueError as well: there is no such run.
        """
        return Run(self._root, find_run(self._root, path, project=self._project))

    def runs(  # noqa: PLR0917 - as wandb's
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        per_page: int = 50,
        include_sweeps: bool = False,  # noqa: ARG002, FBT001, FBT002 - as wandb's
        lazy: bool = True,  # noqa: ARG002, FBT001, FBT002 - as wandb's
    ) -> Runs:
        """Return the runs that a filter wants, looked for when they are first asked for.

        Args:
            path: a project, with those below it; None for the project of `overrides` or the
                environment, else every project.
            filters: as MongoDB writes them; see `tracklab.api.conditions`.
            order: a field of filters with `+` (smallest first) or `-`; runs without it come last.
            per_page: objects that are made at once.
            include_sweeps: without effect.
            lazy: without effect: parts of a run are read when they are asked for.

        Raises:
            QueryError: the filter or the order cannot be read.
            NotFoundError: there is no such project; raised at the first question.
        """
        meant = split_project(path or self._project)
        conditions, wanted = parse_conditions(filters), order_of(order)

        def find() -> list[Any]:
            project = existing_project(self._root, meant)
            return list_places(self._root, project=project, conditions=conditions, order=wanted)

        return Runs(find, lambda place: Run(self._root, place), per_page=per_page)

    def create_run(
        self, *, run_id: str | None = None, project: str | None = None, entity: str | None = None
    ) -> Run:
        """Begin a run and end it at once; `tracklab.init(id=..., resume="must")` goes on with it.

        Args:
            run_id: None for a new id.
            project: None for the one of `overrides`, else `uncategorized`.
            entity: whose run it is, a label.

        Raises:
            UsageError: there is a run of this id, or a name cannot be used.
        """
        from tracklab.sdk.starting import open_run  # noqa: PLC0415 - few ask

        name = project or self._project or "uncategorized"
        begun = open_run(name, run_id=run_id, root=self._root, resume="never", entity=entity)
        begun.finish()
        return self.run(f"{name}/{begun.id}")

    def sweep(self, path: str = "") -> Sweep:
        """Return one sweep.

        Args:
            path: `project/id`, `entity/project/id`, or an id that is unique.

        Raises:
            SweepNotFoundError: a CommError: there is no such sweep.
        """
        return open_sweep(self._root, path, project=self._project)

    # --- projects

    def projects(self, entity: str | None = None, per_page: int = 200) -> Projects:
        """Return every project that has a run, last active first.

        Args:
            entity: a label for them.
            per_page: objects that are made at once.
        """
        return Projects(
            lambda: [told.project for told in LocalEngine(self._root).projects()],
            lambda name: Project(self._root, name, entity or self._entity),
            per_page=per_page,
        )

    def project(self, name: str, entity: str | None = None) -> Project:
        """Return a project; it need not have a run yet."""
        return Project(self._root, check_project(name), entity or self._entity)

    def create_project(self, name: str, entity: str | None = None) -> None:  # noqa: ARG002 - as wandb's
        """Make the directory of a project. Nothing needs it: `init()` does so, too."""
        make_directory(self._root / check_project(name), file_mode=0o600)

    def from_path(self, path: str) -> Run | Project:
        """Return the run or the project that a path means.

        Raises:
            CommError: there is neither, or it is the path of a report.
        """
        try:
            return self.run(path)
        except CommError as error:
            reason = error
        try:
            found = existing_project(self._root, split_project(path))
        except (NotFoundError, UsageError):
            raise CommError(f"There is neither a run nor a project {path!r}. {reason}") from None
        if found is None:
            raise CommError("from_path() takes the path of a run or project; got ''.")
        return self.project(found)

    # --- artifacts

    def artifact(self, name: str, type: str | None = None) -> Artifact:  # noqa: A002 - as wandb's
        """Return a version.

        Args:
            name: `project/name:v3` or `project/name:alias`, also with an entity before it, or
                without a project where the name is unique.
            type: its type, None for any.

        Raises:
            CommError: there is none, or several are meant.
        """
        return find_artifact(self._root, name, kind=type, project=self._project)

    def artifact_exists(self, name: str, type: str | None = None) -> bool:  # noqa: A002 - as wandb's
        """Return whether there is such a version; arguments as for `artifact`."""
        try:
            self.artifact(name, type)
        except CommError:
            return False
        return True

    def artifact_collection_exists(self, name: str, type: str) -> bool:  # noqa: A002 - as wandb's
        """Return whether an artifact has any version."""
        return bool(self._versions(type, name))

    def artifact_type(self, type_name: str, project: str | None = None) -> ArtifactType:
        """Return a type of artifacts.

        Raises:
            CommError: no artifact has it.
        """
        return find_type(self._root, type_name, self._project_of(project))

    def artifact_types(
        self,
        project: str | None = None,
        start: str | None = None,  # noqa: ARG002 - as wandb's
    ) -> ArtifactTypes:
        """Return the types of a project's artifacts, or of all."""
        return list_types(self._root, self._project_of(project))

    def artifact_collection(self, type_name: str, name: str) -> ArtifactCollection:
        """Return all versions of one artifact, by `name`, `project/name` or with an entity.

        Raises:
            CommError: there is none.
        """
        found = self._versions(type_name, name)
        if not found:
            raise CommError(
                f"There is no artifact {name!r} of type {type_name!r}. `tracklab artifact ls` "
                "lists all."
            )
        return found[0].collection

    def artifact_collections(
        self,
        project_name: str,
        type_name: str,
        order: str | None = None,  # noqa: ARG002 - as wandb's
        per_page: int = 50,
        start: str | None = None,  # noqa: ARG002 - as wandb's
    ) -> ArtifactCollections:
        """Return the artifacts of one type in a project, by name."""
        project = self._project_of(project_name)
        return find_collections(self._root, type_name, project, per_page=per_page)

    def artifacts(  # noqa: PLR0917 - as wandb's
        self,
        type_name: str,
        name: str,
        order: str | None = None,  # noqa: ARG002 - as wandb's
        per_page: int = 50,
        tags: list[str] | None = None,
        start: str | None = None,  # noqa: ARG002 - as wandb's
    ) -> Artifacts:
        """Return the versions of an artifact, the newest first.

        Args:
            type_name: its type.
            name: `name`, `project/name`, or with an entity.
            order: without effect.
            per_page: objects that are made at once.
            tags: only versions that have all of these.
            start: without effect.
        """
        return list_versions(
            self._root, type_name, name, project=self._project, tags=tags or (), per_page=per_page
        )

    def artifact_versions(self, type_name: str, name: str, per_page: int = 50) -> Any:
        """Return the same as `artifacts`, under its older name."""
        return self.artifacts(type_name, name, per_page=per_page)

    def _versions(self, kind: str, name: str) -> Artifacts:
        return self.artifacts(kind, name)

    def _project_of(self, path: str | None) -> str | None:
        """Return the project that a path of artifacts means: they may lie where no run does."""
        meant = split_project(path or self._project)
        try:
            return existing_project(self._root, meant)
        except NotFoundError:
            return meant[-1]

    # --- who and where

    @property
    def default_entity(self) -> str:
        """The label of `overrides` or the environment, else the user of this machine."""
        return self._entity

    @property
    def viewer(self) -> User:
        """The user of this machine."""
        return User(default_entity())

    @property
    def settings(self) -> dict[str, Any]:
        """What questions without a path ask of, and where the data lie."""
        return {
            "entity": self._entity, "project": self._project, "run": None,
            "base_url": self._root.as_uri(),
        }  # fmt: skip

    @property
    def client(self) -> Api:
        """This object: there is no connection."""
        return self

    @property
    def user_agent(self) -> str:
        """The name and version that a request would carry; none is made."""
        from tracklab import __version__  # noqa: PLC0415 - the package is loaded by now

        return f"tracklab/{__version__}"

    def flush(self) -> None:
        """Do nothing: every question is asked anew."""

    def __repr__(self) -> str:
        return f"<Api of {self._root}>"
