"""What a path of a filter or an order means: the fields of a run, under wandb's names for them."""

from __future__ import annotations

from typing import Any, Final

from tracklab.errors import QueryError

__all__ = ["OPENED", "TIMES", "keys_of", "state_of"]

#: Paths and the fields of a listed run.
_FIELDS: Final = {
    "createdAt": "created_at",
    "created_at": "created_at",
    "updatedAt": "updated_at",
    "updated_at": "updated_at",
    "heartbeatAt": "updated_at",
    "heartbeat_at": "updated_at",
    "displayName": "name",
    "display_name": "name",
    "name": "run_id",
    "id": "run_id",
    "duration": "duration_s",
    "group": "group",
    "host": "host",
    "jobType": "job_type",
    "job_type": "job_type",
    "notes": "notes",
    "project": "project",
    "state": "status",
    "tags": "tags",
    "username": "username",
    "user": "username",
    "entity": "entity",
    "sweep": "sweep_id",
    "sweepName": "sweep_id",
}
#: Fields that a listing does not know: the run's metadata are opened for them.
OPENED: Final = frozenset({"username", "entity", "sweep_id"})
#: Paths that hold times.
TIMES: Final = frozenset(
    {"createdAt", "created_at", "updatedAt", "updated_at", "heartbeatAt", "heartbeat_at"}
)
_SHOWN: Final = (
    "createdAt", "updatedAt", "displayName", "duration", "group", "host", "jobType", "name",
    "notes", "project", "state", "tags", "username", "sweep", "config.<key>",
    "summary_metrics.<key>",
)  # fmt: skip


def keys_of(path: str) -> list[str]:
    """Return the fields that a path may mean, the first one that a run has counts.

    `config.lr.value` is `config.lr`, as wandb keeps values; a key may end in `value` itself.

    Raises:
        QueryError: there is no such path.
    """
    kind, _, name = path.partition(".")
    if kind == "config" and name:
        head, _, rest = name.partition(".value.")
        spelled = [name, name.removesuffix(".value"), f"{head}.{rest}"]
        return [f"config.{one}" for one in dict.fromkeys(spelled) if one.strip(".") == one]
    if kind in {"summary_metrics", "summary"} and name:
        return [f"summary.{name}"]
    if path in _FIELDS:
        return [_FIELDS[path]]
    raise QueryError(
        f"A run has no field {path!r}. Fields are {', '.join(_SHOWN)}. What a run logged is "
        f'"summary_metrics.{path}", what it was configured with "config.{path}".'
    )


def state_of(status: Any) -> Any:
    """Return wandb's word for a status: one whose end nobody saw has crashed."""
    return "crashed" if status == "stale" else status
