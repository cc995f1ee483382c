"""Many runs as a table: filtered, sorted, a page at a time, and counted by project.

What the filter and the sort do not ask for is read of the shown page only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import orjson

from tracklab.errors import QueryError
from tracklab.query.answers.runs import Project, Run, RunPage
from tracklab.query.cursors import pack
from tracklab.query.filter_syntax import parse_filter
from tracklab.query.filters import canonical_key, chosen, keys_of, matches
from tracklab.query.ordering import Order, Table, position_of
from tracklab.query.roll import Leaf
from tracklab.storage.liveness import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from tracklab.query.filters import Node
    from tracklab.query.roll import Listed
    from tracklab.query.runs import Dossier

    Entry: TypeAlias = Dossier | Listed
    #: Returns the runs, given the fields that will be asked of each.
    Look = Callable[[Iterable[str]], Iterable[Dossier | Leaf]]

__all__ = ["checked_status", "chosen_rows", "chosen_runs", "list_projects", "list_runs"]

#: What `cols` may name beside fields of the filter language.
_COLUMNS = frozenset({field.name for field in fields(Run)})


def list_runs(  # noqa: PLR0913 - one argument for each of the query, and what it reads
    look: Look,
    *,
    status: Iterable[str],
    f: str,
    sort: str,
    limit: int,
    cursor: str | None,
    cols: Iterable[str],
    most_bytes: float,
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
        most_bytes: of a page.
        now_s: epoch seconds, what ages in the filter count from.

    Raises:
        QueryError: the filter, the sort or the cursor cannot be read.

    Cost: per run what its field costs (see `Roll`); documents of the shown page only.
    """
    asked = tuple(map(_checked_column, cols))
    table = chosen_runs(look, status=status, f=f, sort=sort, now_s=now_s)
    behind = None if cursor is None else position_of(cursor)
    entries = table.first(limit + 1, behind)
    shown: list[Run] = []
    size = 0
    for _, entry in entries[:limit]:
        if size >= most_bytes:
            break
        shown.append(_asked(entry, asked))
        size += len(orjson.dumps(shown[-1]))
    following = pack(entries[len(shown) - 1][0]) if shown and len(entries) > len(shown) else None
    return RunPage(shown, table.count, following)


def chosen_runs(look: Look, *, status: Iterable[str], f: str, sort: str, now_s: float) -> Table:
    """Return the runs that `list_runs` pages through; see there."""
    node = parse_filter(f, now_s=now_s)
    wanted = checked_status(status)
    order = Order(sort)
    asked_of_each = {*keys_of(node), order.key, *(("status",) if wanted else ())}
    table = Table(order)
    for found in look(asked_of_each):
        if isinstance(found, Leaf):
            table.add_rows(found, chosen_rows(found, node, wanted))
        elif (not wanted or found.status in wanted) and matches(node, found.field):
            table.add(found)
    return table


def checked_status(status: Iterable[str]) -> frozenset[str]:
    """Return statuses that are asked for.

    Raises:
        QueryError: there is no such status.
    """
    wanted = frozenset(status)
    unknown = wanted.difference(STATUSES)
    if unknown:
        raise QueryError(f"status is some of {', '.join(STATUSES)}; got {min(unknown)!r}.")
    return wanted


def _checked_column(name: str) -> str:
    if name not in _COLUMNS:
        canonical_key(name)
    return name


def chosen_rows(leaf: Leaf, node: Node, wanted: frozenset[str]) -> Sequence[int]:
    """Return which rows of a leaf match a filter and have one of the wanted statuses, or any."""
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


def _asked(entry: Entry, cols: Sequence[str]) -> Run:
    """Return the run with the config and summary values that `cols` names; all without `cols`."""
    if not cols:
        return entry.run()
    config = {col for col in cols if col.partition(".")[0] == "config"}
    summary = {col for col in cols if col.partition(".")[0] == "summary"}
    run = entry.run(config=bool(config), summary=bool(summary) or "step" in cols)
    names = {col.partition(".")[2] for col in config}
    tops = names | {name.partition(".")[0] for name in names}
    keys = {col.partition(".")[2] for col in summary}
    return replace(
        run,
        config=run.config if "config" in config else _only(run.config, tops),
        summary=run.summary if "summary" in summary else _only(run.summary, keys),
    )


def _only(values: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in keys}
