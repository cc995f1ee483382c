"""Many runs as a table: filtered, sorted, a page at a time, and counted by project.

What the filter and the sort do not ask for is read of the shown page only.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracklab.query.cursors import pack, unpack
from tracklab.query.engine import Project, RunPage
from tracklab.query.filter_syntax import parse_filter
from tracklab.query.filters import canonical_key, chosen, keys_of, matches
from tracklab.query.roll import Leaf
from tracklab.storage.liveness import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from tracklab.query.engine import Run
    from tracklab.query.filters import Node
    from tracklab.query.roll import Listed
    from tracklab.query.runs import Dossier

    Entry: TypeAlias = Dossier | Listed
    #: Returns the runs, given the fields that will be asked of each.
    Look = Callable[[Iterable[str]], Iterable[Dossier | Leaf]]

__all__ = ["list_projects", "list_runs"]

# Whether it is missing, and what it is.
_NUMBER, _TEXT, _MISSING = (False, 0), (False, 1), (True, 0)
_CURSOR_SHAPE = (bool, int, (str, int, float), str)


def list_runs(
    look: Look,
    *,
    status: Iterable[str],
    f: str,
    sort: str,
    limit: int,
    cursor: str | None,
    cols: Iterable[str],
    now_s: float,
) -> RunPage:
    """Return one page of runs; see `Engine.runs`.

    Args:
        look: returns the runs, given the fields that will be asked of each.
        status: as in `Engine.runs`, and so are the others.
        f: the filter.
        sort: the field to sort by.
        limit: runs per page.
        cursor: of the page before.
        cols: fields wanted.
        now_s: epoch seconds, what ages in the filter count from.

    Raises:
        QueryError: the filter, the sort or the cursor cannot be read.

    Cost: per run what its field costs (see `Roll`); documents of the shown page only.
    """
    node = parse_filter(f, now_s=now_s)
    wanted = frozenset(status)
    order = _Order(sort)
    asked_of_each = {*keys_of(node), order.key, *(("status",) if wanted else ())}
    table = _Table(order)
    for found in look(asked_of_each):
        if isinstance(found, Leaf):
            table.add_rows(found, _chosen_rows(found, node, wanted))
        elif (not wanted or found.status in wanted) and matches(node, found.field):
            table.add(found)
    behind = None if cursor is None else unpack(cursor, _CURSOR_SHAPE)
    entries = table.first(limit + 1, behind)
    shown = entries[:limit]
    following = pack(shown[-1][0]) if shown and len(entries) > limit else None
    asked = tuple(cols)
    return RunPage([_asked(entry, asked) for _, entry in shown], table.count, following)


def _chosen_rows(leaf: Leaf, node: Node, wanted: frozenset[str]) -> Sequence[int]:
    rows: Sequence[int] = leaf.rows
    if wanted:
        status = leaf.column("status")
        rows = [row for row in rows if status[row] in wanted]
    return chosen(node, leaf.column, rows)


def list_projects(look: Look) -> list[Project]:
    """Return the projects that the runs belong to, last active first."""
    statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    active: dict[str, str] = {}
    for found in look(("status", "updated_at")):
        if isinstance(found, Leaf):
            told, updated = (found.values(key) for key in ("status", "updated_at"))
        else:
            told, updated = [found.status], [found.updated_at]
        statuses[found.project].update(told)
        last = max(filter(None, updated), default="")
        active[found.project] = max(last, active.get(found.project, ""))
    projects = [_project(name, statuses[name], active[name] or None) for name in sorted(statuses)]
    return sorted(projects, key=lambda project: project.last_activity or "", reverse=True)


def _project(name: str, counts: Counter[str], last_activity: str | None) -> Project:
    return Project(
        project=name,
        runs=counts.total(),
        running=counts["running"],
        last_activity=last_activity,
        statuses={status: counts[status] for status in STATUSES if counts[status]},
    )


class _Table:
    """The runs that were chosen, and what they are sorted by.

    Each stands under its kind: numbers, texts, and what cannot be sorted; with its value, and
    where it comes from: a leaf and a row in it, or the run itself.
    """

    def __init__(self, order: _Order) -> None:
        self._order = order
        self._found: dict[tuple[bool, int], list[tuple[Any, Any, int]]] = {}
        self.count = 0

    def add(self, run: Dossier) -> None:
        """Add a run."""
        self.count += 1
        kind, value = _sorted_by(run.field(self._order.key))
        self._found.setdefault(kind, []).append((value, run, -1))

    def add_rows(self, leaf: Leaf, rows: Sequence[int]) -> None:
        """Add some runs of a leaf."""
        self.count += len(rows)
        values = leaf.column(self._order.key)
        if all(type(values[row]) is str for row in rows):
            found = self._found.setdefault(_TEXT, [])
            found += [(values[row], leaf, row) for row in rows]
            return
        for row in rows:
            kind, value = _sorted_by(values[row])
            self._found.setdefault(kind, []).append((value, leaf, row))

    def first(
        self, count: int, behind: tuple[Any, ...] | None
    ) -> list[tuple[tuple[Any, ...], Entry]]:
        """Return the first runs in order behind a place, each with its own.

        A place is: whether the value is missing, its kind, the value, the address.
        """
        shown: list[tuple[tuple[Any, ...], Entry]] = []
        for kind in self._order.kinds():
            found = self._found.get(kind, [])
            if behind is not None:
                found = [one for one in found if self._order.may_follow((*kind, one[0]), behind)]
            if len(shown) < count:
                best = self._order.best(found, count - len(shown), behind)
                placed = [((*kind, value, _address(held, row)), held, row)
                          for value, held, row in best]  # fmt: skip
                if behind is not None:
                    placed = [one for one in placed if self._order.follows(one[0], behind)]
                self._order.arrange(placed)
                shown += [(place, held.listed(row) if isinstance(held, Leaf) else held)
                          for place, held, row in placed[: count - len(shown)]]  # fmt: skip
        return shown


def _address(held: Leaf | Dossier, row: int) -> str:
    return held.address(row) if isinstance(held, Leaf) else held.address


def _sorted_by(value: Any) -> tuple[tuple[bool, int], Any]:
    """Return whether a value is missing and its kind, and what is compared of it."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, (int, float)) and math.isfinite(value):
        return _NUMBER, value
    return (_TEXT, value) if isinstance(value, str) else (_MISSING, 0)


class _Order:
    """The order of a table: by one field, runs without it last, equal ones by address."""

    def __init__(self, sort: str) -> None:
        self._descending = sort.startswith("-")
        self.key = canonical_key(sort.lstrip("+-"))

    def kinds(self) -> list[tuple[bool, int]]:
        """Return the kinds of values in their order."""
        return [_TEXT, _NUMBER, _MISSING] if self._descending else [_NUMBER, _TEXT, _MISSING]

    def best(
        self, found: list[tuple[Any, Any, int]], count: int, behind: tuple[Any, ...] | None
    ) -> list[tuple[Any, Any, int]]:
        """Return the runs of one kind among which the first `count` are, and those alike."""
        if behind is not None:
            # How many of those with just that value are behind it, only their addresses tell.
            count += sum(one[0] == behind[2] for one in found)
        if len(found) <= count:
            return found
        values = (value for value, _, _ in found)
        if self._descending:
            least = heapq.nlargest(count, values)[-1]
            return [one for one in found if one[0] >= least]
        most = heapq.nsmallest(count, values)[-1]
        return [one for one in found if one[0] <= most]

    def arrange(self, placed: list[tuple[tuple[Any, ...], Any, int]]) -> None:
        """Put runs of one kind, each with its place, in order."""
        placed.sort(key=lambda one: one[0][3])
        placed.sort(key=lambda one: one[0][2], reverse=self._descending)

    def may_follow(self, place: tuple[Any, ...], behind: tuple[Any, ...]) -> bool:
        """Return whether a place without its address may come after `behind`."""
        return place == behind[:3] or self.follows((*place, ""), behind)

    def follows(self, place: tuple[Any, ...], behind: tuple[Any, ...]) -> bool:
        """Return whether `place` comes after `behind`."""
        if place[0] != behind[0]:
            return bool(place[0])
        if place[1:3] == behind[1:3]:
            return bool(place[3] > behind[3])
        return bool(place[1:3] < behind[1:3]) if self._descending else place[1:3] > behind[1:3]


def _asked(entry: Entry, cols: Sequence[str]) -> Run:
    """Return the run with the config and summary values that `cols` names; all without `cols`."""
    if not cols:
        return entry.run()
    config = {col for col in cols if col.partition(".")[0] == "config"}
    summary = {col for col in cols if col.partition(".")[0] == "summary"}
    run = entry.run(config=bool(config), summary=bool(summary) or "step" in cols)
    if "config" not in config:
        names = {col.partition(".")[2] for col in config}
        tops = names | {name.partition(".")[0] for name in names}
        run = replace(run, config={key: run.config[key] for key in run.config if key in tops})
    if "summary" not in summary:
        names = {col.partition(".")[2] for col in summary}
        run = replace(run, summary={key: run.summary[key] for key in run.summary if key in names})
    return run
