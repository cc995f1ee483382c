"""Parameters that several routes take."""

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import Query

from tracklab.errors import QueryError

__all__ = ["Limit", "Moment", "Order", "RowStreamName", "names", "texts_by_name"]

Limit = Annotated[int, Query(ge=1, le=100_000, description="most entries to return")]
Moment = Annotated[float | None, Query(allow_inf_nan=False, description="epoch seconds")]
Order = Annotated[Literal["asc", "desc"], Query(description="desc: newest first")]
RowStreamName = Annotated[Literal["history", "system"], Query(description="which rows")]


def names(text: str) -> list[str]:
    """Return the non-empty names of a comma-separated parameter."""
    return [name for name in text.split(",") if name]


def texts_by_name(parts: Iterable[str]) -> dict[str, str]:
    """Return the texts of a parameter that is given as `name=text`, any number of times.

    Raises:
        QueryError: one has no `=`.
    """
    found = {}
    for part in parts:
        name, sign, text = part.partition("=")
        if not sign:
            raise QueryError(f"label is field=text, such as label=user=ada; got {part!r}.")
        found[name] = text
    return found
