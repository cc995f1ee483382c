"""Who a run is: what it is called, where it lies, and where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracklab.sdk.current import default_entity
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracklab.sdk.facts import Identity
    from tracklab.sdk.options import Settings
    from tracklab.storage.writer import Writer

__all__ = ["Named"]


class Named:
    """The names and places of a run; `Run` adds what it does."""

    _identity: Identity
    _writer: Writer
    _settings: Settings

    @property
    def id(self) -> str:
        """The run's id: the name of its directory."""
        return self._identity.run_id

    @property
    def project(self) -> str:
        """The project it belongs to; slashes make a tree."""
        return self._identity.project

    @property
    def entity(self) -> str:
        """Whose run it is: a label, by default the name of this machine's user."""
        told: str | None = self._identity.facts.get("entity")
        return told or default_entity()

    @property
    def path(self) -> str:
        """`entity/project/run_id`, as programs written for wandb expect it."""
        return f"{self.entity}/{self.address}"

    @property
    def address(self) -> str:
        """`project/run_id`: how the server and the command line address it."""
        return f"{self.project}/{self.id}"

    @property
    def name(self) -> str:
        """The name people read; can be set."""
        return self._identity.name

    @name.setter
    def name(self, name: str) -> None:
        self._edit(name=str(name))

    @property
    def notes(self) -> str:
        """Free text about the run; can be set."""
        return self._identity.notes

    @notes.setter
    def notes(self, notes: str) -> None:
        self._edit(notes=str(notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels; can be set."""
        return self._identity.tags

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        self._edit(tags=tuple(tags))

    @property
    def group(self) -> str | None:
        """The group of runs it belongs to."""
        return self._identity.group

    @property
    def job_type(self) -> str | None:
        """Its part in the group: `train`, `eval`, ..."""
        return self._identity.job_type

    @property
    def sweep_id(self) -> str | None:
        """The sweep it belongs to."""
        told: str | None = self._identity.facts.get("sweep_id")
        return told

    @property
    def sweep_url(self) -> str | None:
        """The address of its sweep's directory; None for a run that is no trial."""
        if not self.sweep_id:
            return None
        from tracklab.storage.sweeps import Sweep  # noqa: PLC0415 - few ask

        return Sweep(self.root, self.project, self.sweep_id).path.as_uri()

    @property
    def rank(self) -> int | None:
        """Its process's number in a distributed job, None without one."""
        rank: int | None = self._identity.facts.get("rank")
        return rank

    @property
    def start_time(self) -> float:
        """When it began, epoch seconds."""
        return self._identity.started_s

    @property
    def resumed(self) -> bool:
        """Whether it goes on from an earlier process."""
        return self._identity.resumed

    @property
    def offline(self) -> bool:
        """Whether it was asked to be offline; the files are the same."""
        return self._settings.mode == "offline"

    @property
    def settings(self) -> Settings:
        """How it behaves."""
        return self._settings

    # --- where it lies

    @property
    def run_dir(self) -> Path:
        """The directory that holds all of the run."""
        return self._writer.run_dir

    @property
    def root(self) -> Path:
        """The data directory that it lies in."""
        return self.run_dir.parents[self.project.count("/") + 1]

    @property
    def sync_dir(self) -> str:
        """The directory that holds all of the run, as text."""
        return str(self.run_dir)

    @property
    def dir(self) -> str:
        """A directory for the user's own files, inside the run's."""
        files = self.run_dir / "files"
        make_directory(files, file_mode=self._settings.file_mode)
        return str(files)

    # --- where it is shown

    @property
    def url(self) -> str | None:
        """The page that shows it; the address of its directory while no server does."""
        return self._page(f"r/{quote(self.id, safe='')}") or self.run_dir.as_uri()

    @property
    def project_url(self) -> str | None:
        """The page that shows its project, or the address of the project's directory."""
        return self._page("") or self.run_dir.parent.as_uri()

    def _page(self, inner: str) -> str | None:
        from tracklab.storage.beacons import seen  # noqa: PLC0415 - few ask

        found = seen(self.root)
        return f"{found.url}p/{quote(self.project, safe='')}/{inner}".rstrip("/") if found else None

    def get_url(self) -> str | None:
        """Return `url`."""
        return self.url

    def get_project_url(self) -> str | None:
        """Return `project_url`."""
        return self.project_url

    def get_sweep_url(self) -> str | None:
        """Return `sweep_url`."""
        return self.sweep_url

    def project_name(self) -> str:
        """Return `project`."""
        return self.project

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: ARG002 - wandb's
        """Return a link to the run's page, for notebooks.

        Args:
            height: without effect. A frame of this height would stay empty: the server lets no
                other page hold its own, which could then be clicked unseen.
            hidden: behind a button.
        """
        import html  # noqa: PLC0415 - only notebooks show it

        page, name = html.escape(str(self.url)), html.escape(self.name or self.id)
        link = f'<a href="{page}" target="_blank">{name}</a> <code>{self.address}</code>'
        if not hidden:
            return link
        return f"<details><summary>{name}</summary>{link}</details>"

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run in a notebook; return whether this is one. Arguments as for `to_html`."""
        from tracklab.sdk.notebooks import show  # noqa: PLC0415 - few ask

        return show(self.to_html(height, hidden))

    def _repr_html_(self) -> str:
        return self.to_html()

    if TYPE_CHECKING:  # the run has it

        def _edit(self, **changes: Any) -> None: ...
