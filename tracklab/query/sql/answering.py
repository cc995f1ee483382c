"""An answer as a file: rows go there one after the other, so memory holds a few of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import QueryError
from tracklab.query.plain import plain
from tracklab.query.sql.naming import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

__all__ = ["shown_columns", "write_answer"]

#: Rows that are fetched at once: each value is an object, and then a text.
_FETCH: Final = 100
#: Types that the database shows better than Python: times with a zone even need another package.
_AS_TEXT: Final = frozenset({"INTERVAL", "BLOB"})
_QUOTED: Final = frozenset('",\r\n')


def shown_columns(connection: DuckDBPyConnection, sql: str) -> str:
    """Return the question with some types as the texts that the database has for them."""
    columns = connection.execute(f"DESCRIBE {sql}").fetchall()
    as_text = ["TIME ZONE" in kind or kind in _AS_TEXT for _, kind, *_ in columns]
    if not any(as_text):
        return sql
    inner = ", ".join(f"c{number}" for number in range(len(columns)))
    shown = ", ".join(
        f"CAST(c{number} AS VARCHAR) AS {quoted(name)}"
        if as_text[number]
        else f"c{number} AS {quoted(name)}"
        for number, (name, *_) in enumerate(columns)
    )
    return f"SELECT {shown} FROM ({sql.rstrip().rstrip(';')}) AS answer({inner})"  # noqa: S608 - the user's own SQL, checked


def write_answer(
    result: DuckDBPyConnection, path: Path, *, form: str, limit: int | None, most_bytes: int | None
) -> bool:
    """Write an answer and return whether it was cut; see `asking.answered`.

    Raises:
        QueryError: not even one row fits, or a value can be shown by nothing.
    """
    columns = [{"name": name, "type": str(kind)} for name, kind, *_ in result.description or ()]
    truncated = False
    size = 0
    with path.open("wb") as file:
        if form == "csv":
            file.write(_csv([column["name"] for column in columns]))
        else:
            file.write(b'{"columns":%b,"rows":[' % orjson.dumps(columns))
        for count, row in enumerate(_rows(result)):
            line = _csv(row) if form == "csv" else (b",\n" if count else b"\n") + _dumped(row)
            size += len(line)
            truncated = count == limit or (most_bytes is not None and size > most_bytes)
            if truncated:
                break
            file.write(line)
        if form == "json":
            file.write(b'\n],"truncated":%b}\n' % orjson.dumps(truncated))
    if truncated and not count:
        raise QueryError(
            f"One row of this answer has {size:,} bytes; an answer may have {most_bytes:,}. Ask "
            "for fewer columns, or for a part of a long text with left() or substring()."
        )
    return truncated


def _rows(result: DuckDBPyConnection) -> Iterator[list[Any]]:
    while True:
        try:
            some = result.fetchmany(_FETCH)
        except (OverflowError, ValueError) as error:
            raise _unshown(error) from error
        if not some:
            return
        for row in some:
            yield [_value(value) for value in row]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return plain(value) if not isinstance(value, int) or abs(value) < 1 << 63 else str(value)
    if isinstance(value, (list, tuple)):
        return [_value(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _value(inner) for key, inner in value.items()}
    if isinstance(value, bytes):
        return value.decode("latin-1").encode("unicode_escape").decode()
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.tzinfo is None else value.isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as error:  # more lists in lists than any JSON may have
        raise _unshown(error) from error


def _csv(values: Sequence[Any]) -> bytes:
    return b",".join(map(_field, values)) + b"\r\n"


def _field(value: Any) -> bytes:
    if value is None:
        return b""
    text = value if isinstance(value, str) else _dumped(value).decode()
    if text and _QUOTED.isdisjoint(text):
        return text.encode()
    return b'"%b"' % text.replace('"', '""').encode()


def _unshown(error: Exception) -> QueryError:
    return QueryError(
        f"A value of this answer cannot be shown: {error}. Ask for it as a text, with "
        "CAST(... AS VARCHAR)."
    )
