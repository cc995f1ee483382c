"""Parameters that several routes take."""

from typing import Annotated, Literal

from fastapi import Query

__all__ = ["Limit", "Order", "RowStreamName", "names"]

Limit = Annotated[int, Query(ge=1, le=100_000, description="most entries to return")]
Order = Annotated[Literal["asc", "desc"], Query(description="desc: newest first")]
RowStreamName = Annotated[Literal["history", "system"], Query(description="which rows")]


def names(text: str) -> list[str]:
    """Return the non-empty names of a comma-separated parameter."""
    return [name for name in text.split(",") if name]
