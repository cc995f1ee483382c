"""Many runs as a table: filtered, sorted, a page at a time, and counted by project.

What the filter and the sort do not ask for is read of the shown page only.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tracklab.query.cursors import pack, unpack
from tracklab.query.engine import Project, RunPage
from tracklab.query.filter_syntax import parse_filter
from tracklab.query.filters import canonical_key, keys_of, matches
from tracklab.storage.liveness import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from tracklab.query.engine import Run
    from tracklab.query.roll import Listed
    from tracklab.query.runs import Dossier

    Entry: TypeAlias = Dossier | Listed
    #: Returns the runs, given the fields that will be asked of each.
    Look = Callable[[Iterable[str]], Iterable[Entry]]

__all__ = ["list_projects", "list_runs"]

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
    chosen = [
        run
        for run in look(asked_of_each)
        if (not wanted or run.status in wanted) and matches(node, run.field)
    ]
    entries = order.arrange(chosen)
    if cursor is not None:
        behind = unpack(cursor, _CURSOR_SHAPE)
        entries = [entry for entry in entries if order.follows(entry[0], behind)]
    shown = entries[:limit]
    following = pack(shown[-1][0]) if shown and len(entries) > limit else None
    asked = tuple(cols)
    return RunPage([_asked(entry, asked) for _, entry in shown], len(chosen), following)


def list_projects(look: Look) -> list[Project]:
    """Return the projects that the runs belong to, last active first."""
    projects: dict[str, list[Entry]] = {}
    for run in look(("status", "updated_at")):
        projects.setdefault(run.project, []).append(run)
    found = [_project(name, projects[name]) for name in sorted(projects)]
    return sorted(found, key=lambda project: project.last_activity or "", reverse=True)


def _project(name: str, runs: list[Entry]) -> Project:
    counts = Counter(run.status for run in runs)
    updated = (run.updated_at for run in runs)
    return Project(
        project=name,
        runs=len(runs),
        running=counts["running"],
        last_activity=max(filter(None, updated), default=None),
        statuses={status: counts[status] for status in STATUSES if counts[status]},
    )


class _Order:
    """The order of a table: by one field, runs without it last, equal ones by address."""

    def __init__(self, sort: str) -> None:
        self._descending = sort.startswith("-")
        self.key = canonical_key(sort.lstrip("+-"))

    def arrange(self, runs: Sequence[Entry]) -> list[tuple[tuple[Any, ...], Entry]]:
        """Return runs in order, each with its place: missing, kind, value, address."""
        placed = [(self._place(run), run) for run in runs]
        placed.sort(key=lambda entry: entry[0][3])
        placed.sort(key=lambda entry: entry[0][1:3], reverse=self._descending)
        placed.sort(key=lambda entry: entry[0][0])
        return placed

    def follows(self, place: tuple[Any, ...], behind: tuple[Any, ...]) -> bool:
        """Return whether `place` comes after `behind`."""
        if place[0] != behind[0]:
            return bool(place[0])
        if place[1:3] == behind[1:3]:
            return bool(place[3] > behind[3])
        return bool(place[1:3] < behind[1:3]) if self._descending else place[1:3] > behind[1:3]

    def _place(self, run: Entry) -> tuple[Any, ...]:
        value = run.field(self.key)
        address = run.address
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        if isinstance(value, bool):
            value = int(value)
        if isinstance(value, (int, float)) and math.isfinite(value):
            return (False, 0, value, address)
        if isinstance(value, str):
            return (False, 1, value, address)
        return (True, 0, 0, address)


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
