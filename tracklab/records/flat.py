"""Nested values under dotted names, as readers show them: `{"a": {"b": 1}}` has the key `a.b`.

A key that is literally `a.b` wins over a nested one. Lists are values, and so are objects with a
meaning of their own: media (`_type`), values kept in a file (`$ref`) and markers (`_error`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["OWN_FIELDS", "flatten", "is_open", "lookup"]

#: Keys of a row that are not the user's.
OWN_FIELDS = frozenset(
    {
        "_lossy",
        "_nonfinite",
        "_part",
        "_rank",
        "_run_id",
        "_runtime",
        "_seq",
        "_step",
        "_timestamp",
        "_writer",
    }
)


def flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return `record` without nesting; keys of one name keep the first, literal ones first."""
    flat: dict[str, Any] = {}
    nested = False
    for key, value in record.items():
        if is_open(value):
            nested = True
        else:
            flat[key] = value
    if nested:
        for key, value in record.items():
            if is_open(value):
                for name, inner in _leaves(value):
                    flat.setdefault(f"{key}.{name}", inner)
    return flat


def lookup(record: Mapping[str, Any], key: str) -> Any:
    """Return what `flatten(record)` holds under `key`, or None, mostly without flattening."""
    value = record.get(key)
    if value is not None and not is_open(value):
        return value
    if "." not in key:
        return None
    head, _, rest = key.partition(".")
    if "." not in rest and key not in record:  # then there is but one place for it
        inner = record.get(head)
        leaf = inner.get(rest) if inner is not None and is_open(inner) else None
        return None if is_open(leaf) else leaf
    parts = key.split(".")
    heads = (".".join(parts[:count]) for count in range(1, len(parts)))
    if any(head in record for head in heads):
        return flatten(record).get(key)
    return None


def is_open(value: object) -> bool:
    """Return whether `value` is an object that only groups its keys."""
    return isinstance(value, dict) and bool(value) and not _MEANING.intersection(value)


_MEANING = frozenset({"_type", "$ref", "_error"})


def _leaves(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if is_open(inner):
            for name, leaf in _leaves(inner):
                yield f"{key}.{name}", leaf
        else:
            yield key, inner
