"""The runs that a filter wants, in the order that is asked for; none is opened without need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.api.fields import OPENED, keys_of, state_of
from tracklab.errors import QueryError
from tracklab.index.places import index_root
from tracklab.query.addresses import Place
from tracklab.query.roll import Roll
from tracklab.query.runs import Dossier
from tracklab.sdk.current import default_entity
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.api.conditions import Conditions
    from tracklab.query.roll import Listed

__all__ = ["dossier_of", "list_places", "order_of", "owner_of"]


def list_places(
    root: Path, *, project: str | None, conditions: Conditions, order: tuple[str, bool]
) -> list[Place]:
    """Return where the runs lie that meet the conditions, in order.

    Args:
        root: the data directory.
        project: this project and those below it; None for all.
        conditions: what a run must meet.
        order: a path, and whether it descends; runs without it come last either way.

    Cost: of a run that the index has listed one `stat`; of another one its documents.
    """
    path, descending = order
    asked = {key for one in (*conditions.paths, path) for key in keys_of(one)} - OPENED
    roll = Roll(root, index_root(root), asked, now_s=clock.now(), here=this_process())
    found = [_Candidate(root, entry) for entry in roll.runs(project)]
    chosen = [(_rank(one.value(path)), one) for one in found if conditions.holds(one.value)]
    chosen.sort(key=lambda entry: entry[1].place.address)
    chosen.sort(key=lambda entry: entry[0][1:], reverse=descending)
    chosen.sort(key=lambda entry: entry[0][0])
    return [one.place for _, one in chosen]


def order_of(order: str) -> tuple[str, bool]:
    """Return the path of an order and whether it descends.

    Raises:
        QueryError: it is no text, or a run has no such field.
    """
    if not isinstance(order, str) or not order.strip("+-"):
        raise QueryError(
            f"An order is a field with + or - before it; got {order!r}. Write '-created_at' or "
            "'+summary_metrics.loss'."
        )
    path = order.lstrip("+-")
    keys_of(path)
    return path, order.startswith("-")


def dossier_of(place: Place) -> Dossier:
    """Return all that is known of a run; each part is read when it is first asked for."""
    return Dossier(place, now_s=clock.now(), here=this_process())


def owner_of(dossier: Dossier) -> str:
    """Return the label of whose run it is: what the run said, else the user of this machine."""
    told = dossier.metadata.get("entity")
    return told if isinstance(told, str) and told else default_entity()


class _Candidate:
    """A run that may be wanted, and its values by the paths of filters."""

    def __init__(self, root: Path, entry: Dossier | Listed) -> None:
        run_id = entry.address.rpartition("/")[2]
        self.place = Place(entry.project, run_id, root / entry.project / run_id)
        self._entry = entry

    def value(self, path: str) -> Any:
        for key in keys_of(path):
            found = self._field(key)
            if found is not None:
                return state_of(found) if key == "status" else found
        return None

    def _field(self, key: str) -> Any:
        if key not in OPENED:
            return self._entry.field(key)
        dossier = dossier_of(self.place)
        return dossier.metadata.get("sweep_id") if key == "sweep_id" else owner_of(dossier)


def _rank(value: Any) -> tuple[bool, int, Any]:
    """Return where a value stands: numbers, then texts, then what has no order."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, (bool, int, float)) and math.isfinite(value):
        return False, 0, float(value)
    if isinstance(value, str):
        return False, 1, value
    return True, 0, 0
