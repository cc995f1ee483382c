"""Which trace each call of a run is in: that of the call which led to it, whichever came first.

Lines come in the order in which calls end, so that a call stands before the one around it: all are
met before any is asked for. Memory is bounded; what is met beyond the bound is as if it were not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.fields import text
from tracklab.transfer.otlp_values import SPAN_ID_BYTES, TRACE_ID_BYTES, id_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Traces", "made_id", "own_id"]

#: Of one run; they take some 70 MB at most.
_MOST_CALLS: Final = 200_000


class Traces:
    """The traces of a run's calls.

    Args:
        run: its address.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        #: By a call's id: its trace, or the id of the call that led to it.
        self._known: dict[str, bytes | str] = {}
        self._conversations: dict[str, str] = {}

    def meet(self, event: Mapping[str, Any]) -> None:
        """Note a call."""
        mine = own_id(event)
        if mine is None or mine in self._known or len(self._known) >= _MOST_CALLS:
            return
        self._known[mine] = self._begun(event, mine)
        conversation = text(event["data"].get("conversation_id"))
        if conversation and isinstance(self._known[mine], str):
            self._conversations[mine] = conversation

    def of(self, event: Mapping[str, Any], name: str) -> bytes:
        """Return the trace of a call.

        It is the one that the call names, else that of the call which led to it, else one with
        its conversation, or with others that the same unknown call led to.

        Args:
            event: its line.
            name: of the line, for a call that has no id.
        """
        given, mine = _given(event), own_id(event)
        if given:
            return given
        if mine is not None and mine in self._known:
            return self._above(mine)
        found = self._begun(event, mine or name)
        if isinstance(found, bytes):
            return found
        conversation = text(event["data"].get("conversation_id"))
        if conversation and found not in self._known:
            return self._made(conversation)
        return self._above(found)

    def known(self, call_id: str) -> bytes | None:
        """Return the trace of a call by its id; None of one that was not met."""
        key = _key(call_id)
        return None if key is None or key not in self._known else self._above(key)

    def _begun(self, event: Mapping[str, Any], mine: str) -> bytes | str:
        """Return the trace that a call begins or names; the id of the one before it, if it has."""
        given = _given(event)
        parent = _key(event["data"].get("parent_id"))
        if given or parent in {None, mine}:
            return given or self._made(text(event["data"].get("conversation_id")) or mine)
        assert parent is not None
        return parent

    def _above(self, key: str) -> bytes:
        """Return the trace of a call by its id. Cost: each link is followed once."""
        path: list[str] = []
        while isinstance(above := self._known.get(key), str):
            path.append(key)
            self._known[key] = self._made(key)  # where calls led to each other, one of them began
            key = above
        top = self._conversations.get(path[-1]) if path else None
        trace = above or self._made(top or key)
        self._known.update(dict.fromkeys(path, trace))
        return trace

    def _made(self, name: str) -> bytes:
        return made_id(TRACE_ID_BYTES, self._run, name)


def own_id(event: Mapping[str, Any]) -> str | None:
    """Return the id of a call, by which others name it; None if it has none."""
    return _key(event["data"].get("call_id")) or _key(event["span_id"])


def made_id(size: int, *parts: str) -> bytes:
    """Return an id that is the same every time."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=size).digest()


def _given(event: Mapping[str, Any]) -> bytes:
    return id_bytes(event["trace_id"], TRACE_ID_BYTES)


def _key(value: object) -> str | None:
    found = text(value)
    return found.lower() if found and id_bytes(found, SPAN_ID_BYTES) else found or None
