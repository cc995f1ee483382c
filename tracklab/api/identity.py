"""What a run is called and where it lies, in the words of programs for wandb."""

from __future__ import annotations

import html
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracklab.api.fields import state_of
from tracklab.api.listing import dossier_of, owner_of
from tracklab.api.paths import check_there
from tracklab.api.people import User
from tracklab.errors import CommError, UsageError
from tracklab.storage.beacons import seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tracklab.api.sweeps import Sweep
    from tracklab.query.addresses import Place
    from tracklab.query.runs import Dossier

__all__ = ["Identity", "page_of"]

_EDITED = ("name", "notes", "tags", "group", "job_type")


class Identity:
    """The names of a run, of which some can be set; what is set is stored by `update()`."""

    _root: Path
    _place: Place

    @cached_property
    def _dossier(self) -> Dossier:
        check_there(self._place)
        return dossier_of(self._place)

    @cached_property
    def _stored(self) -> dict[str, Any]:
        run = self._dossier.run(config=False, summary=False)
        return {name: getattr(run, name) for name in _EDITED}

    @cached_property
    def _edited(self) -> dict[str, Any]:
        return {**self._stored, "tags": list(self._stored["tags"])}

    @property
    def id(self) -> str:
        """The run's id."""
        return self._place.run_id

    @property
    def project(self) -> str:
        """The project it belongs to."""
        return self._place.project

    @property
    def entity(self) -> str:
        """Whose run it is: a label; without one the user of this machine."""
        return owner_of(self._dossier)

    username = entity

    @property
    def user(self) -> User:
        """Whose run it is."""
        return User(self.entity)

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def address(self) -> str:
        """Project and id with a slash between: what `tracklab show` takes."""
        return self._place.address

    @property
    def storage_id(self) -> str:
        """The same, under wandb's name for what never changes."""
        return self._place.address

    @property
    def url(self) -> str:
        """The page that shows it; the address of its directory while no server does."""
        inner = f"p/{quote(self.project, safe='')}/r/{quote(self.id, safe='')}"
        return page_of(self._root, inner) or self._place.path.as_uri()

    # --- what can be changed

    @property
    def name(self) -> str:
        """What people read."""
        return str(self._edited["name"])

    @name.setter
    def name(self, name: str) -> None:
        self._edited["name"] = _checked("name", name)

    display_name = displayName = name  # noqa: N815 - wandb's names

    @property
    def notes(self) -> str | None:
        """Free text, None without any."""
        told: str | None = self._edited["notes"]
        return told

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._edited["notes"] = None if notes is None else _checked("notes", notes)

    description = notes

    @property
    def tags(self) -> list[str]:
        """Labels; the list may be changed in place."""
        told: list[str] = self._edited["tags"]
        return told

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        if isinstance(tags, str):
            raise UsageError(f"A run's tags are a list of texts; got {tags!r}. Write [{tags!r}].")
        self._edited["tags"] = [_checked("tag", tag) for tag in tags]

    @property
    def group(self) -> str | None:
        """The group of runs it is in."""
        told: str | None = self._edited["group"]
        return told

    @group.setter
    def group(self, group: str | None) -> None:
        self._edited["group"] = None if group is None else _checked("group", group)

    @property
    def job_type(self) -> str | None:
        """Its part in the group."""
        told: str | None = self._edited["job_type"]
        return told

    @job_type.setter
    def job_type(self, job_type: str | None) -> None:
        self._edited["job_type"] = None if job_type is None else _checked("job_type", job_type)

    jobType = job_type  # noqa: N815 - wandb's name

    # --- how it goes

    @property
    def state(self) -> str:
        """One of running, finished, failed, killed, crashed, preempted; as it was at `load()`."""
        return str(state_of(self._dossier.status))

    @property
    def created_at(self) -> str | None:
        """When it began, RFC 3339."""
        return self._dossier.created_at

    createdAt = created_at  # noqa: N815 - wandb's name

    @property
    def heartbeat_at(self) -> str | None:
        """When it last wrote a line, RFC 3339."""
        return self._dossier.updated_at

    heartbeatAt = updated_at = updatedAt = heartbeat_at  # noqa: N815 - wandb's names

    @property
    def sweep_name(self) -> str | None:
        """The id of the sweep that it belongs to."""
        told = self._dossier.metadata.get("sweep_id")
        return told if isinstance(told, str) else None

    @property
    def sweep(self) -> Sweep | None:
        """The sweep that it belongs to; None for a run that is no trial, or whose sweep is gone."""
        from tracklab.api.sweeps import open_sweep  # noqa: PLC0415 - its runs are such as this

        name = self.sweep_name
        with suppress(CommError):
            return open_sweep(self._root, f"{self.project}/{name}") if name else None
        return None

    # --- in notebooks

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Return a link to the run's page, for notebooks.

        Args:
            height: without effect: the server lets no other page hold its own.
            hidden: behind a button.
        """
        page, name = html.escape(self.url), html.escape(self.name)
        link = f'<a href="{page}" target="_blank">{name}</a> <code>{self.address}</code>'
        return f"<details><summary>{name}</summary>{link}</details>" if hidden else link

    def display(self, height: int = 420, hidden: bool = False) -> bool:  # noqa: FBT001, FBT002 - as wandb's
        """Show the run in a notebook; return whether this is one. Arguments as for `to_html`."""
        from tracklab.sdk.notebooks import show  # noqa: PLC0415 - few ask

        return show(self.to_html(height, hidden))

    def _repr_html_(self) -> str:
        return self.to_html()


def _checked(what: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise UsageError(f"A run's {what} is text; got {value!r}. Write {str(value)!r}.")


def page_of(root: Path, inner: str) -> str | None:
    """Return the address of a page of the server of this data directory, None without one."""
    found = seen(root)
    return f"{found.url}{inner}" if found else None
