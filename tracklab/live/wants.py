"""What a client asked to be told: the content of its latest `sub` message, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from tracklab.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ConsoleWant", "Wants", "parse_wants"]

_MAX_KEYS = 10_000
_MAX_RUNS = 200


@dataclass(frozen=True, slots=True)
class ConsoleWant:
    """Console text of one rank of a run from byte `offset`; None starts at its present end."""

    run: str
    stream: Literal["stdout", "stderr"]
    offset: int | None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Wants:
    """One subscription.

    Attributes:
        runs: addresses whose new rows are wanted, as the client writes them.
        keys: dotted names; None for all.
        system: whether samples of the server's machine are wanted.
        console: whose console text is wanted.
        revs: for runs that the client knows already: where to continue.
        binary: whether rows are wanted as frames of numbers.
    """

    runs: tuple[str, ...] = ()
    keys: frozenset[str] | None = None
    system: bool = False
    console: ConsoleWant | None = None
    revs: Mapping[str, str] = field(default_factory=dict)
    binary: bool = False


def parse_wants(data: Any) -> Wants:
    """Return the subscription that a message's `data` describes; unknown fields are ignored.

    Raises:
        QueryError: a field has the wrong type or too many entries.
    """
    if not isinstance(data, dict):
        raise QueryError(f"A subscription is an object; got {type(data).__name__}.")
    keys = data.get("keys")
    revs = data.get("revs") or {}
    if not isinstance(revs, dict):
        raise QueryError("revs of a subscription is an object of run and rev.")
    return Wants(
        runs=tuple(_names(data.get("runs") or [], "runs", most=_MAX_RUNS)),
        keys=None if keys is None else frozenset(_names(keys, "keys", most=_MAX_KEYS)),
        system=bool(data.get("system")),
        console=_console(data.get("logs")),
        revs={str(run): str(rev) for run, rev in revs.items()},
        binary=bool(data.get("binary")),
    )


def _names(value: Any, field_name: str, *, most: int) -> list[str]:
    named = isinstance(value, list) and all(isinstance(name, str) for name in value)
    if named and len(value) <= most:
        return cast("list[str]", value)
    raise QueryError(f"{field_name} of a subscription is a list of at most {most:,} strings.")


def _console(value: Any) -> ConsoleWant | None:
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(value.get("run"), str):
        stream, offset = value.get("stream", "stdout"), value.get("offset")
        rank = value.get("rank", 0)
        named = isinstance(stream, str) and stream in {"stdout", "stderr"}
        counts = [rank] if offset is None else [rank, offset]
        if named and all(type(count) is int and count >= 0 for count in counts):
            return ConsoleWant(value["run"], stream, offset, rank)
    raise QueryError(
        'logs of a subscription is {"run", "stream": "stdout" or "stderr", "offset": bytes, '
        '"rank": a number}.'
    )
