"""Sweeps through the Api: what they were told, and the runs that are their trials."""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

from tracklab.api.conditions import parse_conditions
from tracklab.api.listing import dossier_of, list_places, order_of
from tracklab.api.pages import Pages
from tracklab.api.run import Run
from tracklab.api.runs import Runs
from tracklab.sdk.current import default_entity
from tracklab.storage.progress import standing_of, trial_limit
from tracklab.storage.sweeps import sweeps_in
from tracklab.sweeps.places import find_sweep
from tracklab.sweeps.results import metric_in

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.addresses import Place
    from tracklab.storage import sweeps

__all__ = ["Sweep", "Sweeps", "list_sweeps", "open_sweep"]


class Sweep:
    """One sweep, read from its files at each question.

    Attributes:
        id: its id.
        project: the project of its runs.
    """

    def __init__(self, files: sweeps.Sweep) -> None:
        self._files = files
        self.id = files.sweep_id
        self.project = files.project

    @property
    def entity(self) -> str:
        """Whose runs its trials are: a label; without one the user of this machine."""
        return self._files.first.get("entity") or default_entity()

    @property
    def username(self) -> str:
        """The same as `entity`, under its older name."""
        return self.entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def url(self) -> str:
        """The address of its directory."""
        return self._files.path.as_uri()

    @property
    def config(self) -> dict[str, Any]:
        """What it was told, checked when it was made."""
        return self._files.config

    @property
    def name(self) -> str:
        """The name that its configuration gives it, else its id."""
        return str(self.config.get("name") or self.id)

    @property
    def state(self) -> str:
        """`RUNNING` while a trial runs or may begin, else `FINISHED`."""
        return standing_of(self._files).state

    @property
    def expected_run_count(self) -> int | None:
        """How many runs it has at most; None for no end."""
        return trial_limit(self.config)

    @property
    def order(self) -> str | None:
        """The order that puts its best run first; None where it has no metric."""
        metric = self.config.get("metric")
        if not metric:
            return None
        sign = "-" if metric["goal"] == "maximize" else "+"
        return f"{sign}summary_metrics.{metric['name']}"

    @property
    def runs(self) -> Runs:
        """Its runs, prior ones among them, the oldest first."""
        return self._runs("+created_at")

    def best_run(self, order: str | None = None) -> Run | None:
        """Return its best run; None while it has none.

        Args:
            order: as for `Api.runs`; None for its metric and goal, as `tracklab sweep` judges by
                them, and without these the newest.

        Cost: by its metric the summaries of all of its runs.
        """
        metric = self.config.get("metric")
        if order is not None or not metric:
            found = self._runs(order or "-created_at")
            return found[0] if len(found) else None
        values = ((metric_in(dossier_of(one).summary, metric), one) for one in self._places())
        measured = [(value, place) for value, place in values if value is not None]
        sign = -1 if metric["goal"] == "maximize" else 1
        best = min(measured, key=lambda entry: sign * entry[0], default=None)
        return Run(self._files.root, best[1]) if best else None

    def load(self, force: bool = False) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Return what its first line says. `force` is without effect: it is always read anew."""
        return self._files.first

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Return a link to its directory, for notebooks."""
        return f'<a href="{html.escape(self.url)}">{html.escape(self.name)}</a>'

    def display(self, height: int = 420, hidden: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 - as wandb's
        """Show a link to its directory in a notebook; return whether this is one."""
        from tracklab.sdk.notebooks import show  # noqa: PLC0415 - few ask

        return show(self.to_html())

    def _runs(self, order: str) -> Runs:
        return Runs(partial(self._places, order), partial(Run, self._files.root))

    def _places(self, order: str = "+created_at") -> list[Place]:
        root, prior = self._files.root, self._files.first.get("prior_runs") or []
        conditions = parse_conditions({"$or": [{"sweep": self.id}, {"name": {"$in": prior}}]})
        found = list_places(
            root, project=self.project, conditions=conditions, order=order_of(order)
        )
        return [place for place in found if place.project == self.project]

    def __repr__(self) -> str:
        return f"<Sweep {'/'.join(self.path)} ({self.state})>"


class Sweeps(Pages[Sweep]):
    """Sweeps, the oldest first."""


def open_sweep(root: Path, path: str, *, project: str | None = None) -> Sweep:
    """Return the sweep that a path means.

    Raises:
        SweepNotFoundError: a CommError: there is none, or an id alone is not unique.
    """
    return Sweep(find_sweep(path, project=project, root=root))


def list_sweeps(root: Path, project: str, *, per_page: int = 50) -> Sweeps:
    """Return the sweeps of one project, those of projects below it not counted."""
    return Sweeps(partial(sweeps_in, root, project), Sweep, per_page=per_page)
