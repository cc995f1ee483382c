"""Projects through the Api."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracklab.api.artifacts import ArtifactTypes, find_collections, list_types
from tracklab.api.identity import page_of
from tracklab.api.pages import Pages
from tracklab.api.people import User
from tracklab.api.sweeps import Sweeps, list_sweeps
from tracklab.errors import NotFoundError
from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.current import default_entity

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.artifacts.artifact import ArtifactCollection
    from tracklab.query.answers import runs

__all__ = ["Project", "Projects"]


class Project:
    """One project; it need not have a run yet.

    Args:
        root: the data directory.
        name: its name; slashes make a tree.
        entity: the label that it was asked for with; None for the user of this machine.
    """

    def __init__(self, root: Path, name: str, entity: str | None = None) -> None:
        self._root = root
        self.name = name
        self.entity = entity or default_entity()

    def _told(self) -> runs.Project | None:
        try:
            return LocalEngine(self._root).project(self.name)
        except NotFoundError:
            return None

    @property
    def id(self) -> str:
        """Its name."""
        return self.name

    @property
    def path(self) -> list[str]:
        """Entity and name."""
        return [self.entity, self.name]

    @property
    def owner(self) -> User:
        """The user of this machine."""
        return User(self.entity)

    @property
    def url(self) -> str:
        """The page that shows it; the address of its directory while no server does."""
        page = page_of(self._root, f"p/{quote(self.name, safe='')}")
        return page or self._root.joinpath(self.name).as_uri()

    @property
    def runs_count(self) -> int:
        """How many runs it has, those of projects below it not counted."""
        told = self._told()
        return told.runs if told else 0

    @property
    def last_activity(self) -> str | None:
        """When one of its runs last wrote a line, RFC 3339; None without runs."""
        told = self._told()
        return told.last_activity if told else None

    def artifacts_types(self, per_page: int = 50) -> ArtifactTypes:
        """Return the types of its artifacts."""
        return list_types(self._root, self.name, per_page=per_page)

    def collections(
        self,
        filters: Any = None,  # noqa: ARG002 - as wandb's
        order: str | None = None,  # noqa: ARG002 - as wandb's
        per_page: int = 50,
    ) -> list[ArtifactCollection]:
        """Return its artifacts, by type and name.

        Args:
            filters: without effect.
            order: without effect.
            per_page: without effect.
        """
        return [
            found
            for kind in self.artifacts_types(per_page)
            for found in find_collections(self._root, kind.name, self.name)
        ]

    def sweeps(
        self,
        per_page: int = 50,
        filters: Any = None,  # noqa: ARG002 - as wandb's
        order: str | None = None,  # noqa: ARG002 - as wandb's
    ) -> Sweeps:
        """Return its sweeps, the oldest first.

        Args:
            per_page: objects that are made at once.
            filters: without effect.
            order: without effect.
        """
        return list_sweeps(self._root, self.name, per_page=per_page)

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Return a link to its page, for notebooks."""
        return f'<a href="{html.escape(self.url)}" target="_blank">{html.escape(self.name)}</a>'

    def display(self, height: int = 420, hidden: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Show a link to its page in a notebook; return whether this is one."""
        from tracklab.sdk.notebooks import show  # noqa: PLC0415 - few ask

        return show(self.to_html())

    def __repr__(self) -> str:
        return f"<Project {'/'.join(self.path)}>"


class Projects(Pages[Project]):
    """Projects, last active first."""
