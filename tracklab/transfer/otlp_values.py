"""What lines say in the words of OpenTelemetry: values, attributes, times, ids, resources."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracklab.query.addresses import Place
    from tracklab.storage.streams import Segment

__all__ = [
    "NAMELESS",
    "SPAN_ID_BYTES",
    "TRACE_ID_BYTES",
    "any_value",
    "attributes",
    "epoch_ns",
    "fits",
    "id_bytes",
    "known",
    "own",
    "resource_of",
    "time_ns",
]

TRACE_ID_BYTES: Final = 16
SPAN_ID_BYTES: Final = 8

#: What OTLP does not allow to have no name.
NAMELESS: Final = "unnamed"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
#: Receivers refuse what is nested a hundred messages deep, and a level of ours is three.
_MOST_LEVELS: Final = 16
_LAST_NS: Final = 2**64 - 1


def any_value(value: Any, levels: int = _MOST_LEVELS) -> AnyValue:
    """Return a value of JSON; what is nested deeper than `levels` becomes its text."""
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value) if fits(value) else AnyValue(string_value=str(value))
    found = AnyValue()
    if value is None:
        return found
    if not levels:
        return AnyValue(string_value=orjson.dumps(value).decode())
    if isinstance(value, dict):
        found.kvlist_value.SetInParent()
        found.kvlist_value.values.extend(attributes(value, levels - 1))
    else:
        found.array_value.SetInParent()
        found.array_value.values.extend(any_value(one, levels - 1) for one in value)
    return found


def attributes(values: Mapping[str, Any], levels: int = _MOST_LEVELS) -> list[KeyValue]:
    """Return attributes; None is a value without content, and an empty key gets a name."""
    return [
        KeyValue(key=key or NAMELESS, value=any_value(value, levels))
        for key, value in values.items()
    ]


def own(**values: Any) -> dict[str, Any]:
    """Return attributes of ours by their full names, without those that are None."""
    return {f"tracklab.{name}": value for name, value in values.items() if value is not None}


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not None."""
    return {key: value for key, value in values.items() if value is not None}


def fits(value: int) -> bool:
    """Return whether the format has room for a whole number: 64 bits with a sign."""
    return _INT_MIN <= value <= _INT_MAX


def epoch_ns(seconds: float) -> int:
    """Return nanoseconds of epoch seconds, which lines tell to the microsecond; 0 for none."""
    try:
        found = round(seconds * 1e6) * 1_000
    except (OverflowError, ValueError):
        return 0
    return found if 0 <= found <= _LAST_NS else 0


def time_ns(timestamp: str | None) -> int:
    """Return nanoseconds of a timestamp as `records.decode.moment` returns it; 0 for none."""
    if timestamp is None:
        return 0
    passed = datetime.fromisoformat(timestamp[:-1] + "+00:00") - _EPOCH
    found = passed // _MICROSECOND * 1_000
    return found if 0 <= found <= _LAST_NS else 0


def id_bytes(value: object, size: int) -> bytes:
    """Return an id of `size` bytes from its hexadecimal text; empty if it is none."""
    if not isinstance(value, str) or len(value) != 2 * size or not _HEX.fullmatch(value):
        return b""
    found = bytes.fromhex(value)
    return found if any(found) else b""


def resource_of(place: Place, segment: Segment | None) -> Resource:
    """Return whose lines these are: what the segment's header says, and the run."""
    header = segment.header.data if segment and segment.header else {}
    told = header.get("resource")
    found: dict[str, Any] = {
        "service.name": place.project,
        "service.instance.id": place.run_id,
        "host.name": header.get("host"),
        "process.pid": header.get("pid"),
    }
    if isinstance(told, dict):
        found |= told
    found |= {"tracklab.run.id": place.run_id, **own(project=place.project)}
    if segment:
        found |= own(attempt=segment.attempt, writer=segment.writer)
    return Resource(attributes=attributes(known(found)))
