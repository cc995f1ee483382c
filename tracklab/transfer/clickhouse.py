"""Lines of runs into a table of ClickHouse, each as it stands, over its HTTP interface.

The table forgets doubles: its sorting key ends in run, writer and number, which name a line for
ever. Sending a run again, or a living one from time to time, adds what is new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from tracklab.clock import rfc3339
from tracklab.errors import CommError, UsageError
from tracklab.records.decode import Header, moment
from tracklab.records.lines import SEGMENT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.query.addresses import Place
    from tracklab.transfer.outgoing import Line, Outgoing
    from tracklab.transfer.posting import Address, Answer, Poster

__all__ = ["Inserting", "Table", "table_of"]

#: ClickHouse takes few large pieces better than many small ones.
_MOST_BYTES: Final = 4 << 20
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFAULT: Final = ("default", "tracklab_lines")
#: A line that tells no time has the first one that there is.
_NO_TIME: Final = rfc3339(0)
_PRECISE, _WHOLE = "DateTime64(6, 'UTC')", "DateTime('UTC')"


@dataclass(frozen=True, slots=True)
class Table:
    """A table's place on its server."""

    database: str
    name: str

    @property
    def quoted(self) -> str:
        """Its name in SQL."""
        return f"`{self.database}`.`{self.name}`"

    def ddl(self, *, precise: bool = True) -> str:
        """Return the statement that makes it; with times to the second where not `precise`."""
        return f"""CREATE TABLE IF NOT EXISTS {self.quoted} (
    timestamp {_PRECISE if precise else _WHOLE},
    project String,
    run_id String,
    logger String,
    level String,
    writer String,
    seq UInt64,
    line String
)
ENGINE = ReplacingMergeTree
ORDER BY (project, logger, run_id, writer, seq)"""


def table_of(address: Address) -> tuple[Address, Table]:
    """Return the server of an address and the table that its path names: `/DATABASE/TABLE`.

    Raises:
        UsageError: the path is longer, or a name is none of a table.
    """
    names = [part for part in address.path.split("/") if part]
    if len(names) > len(_DEFAULT) or not all(map(_NAME.fullmatch, names)):
        raise UsageError(
            f"--clickhouse takes the address of a server, with /DATABASE/TABLE behind it for "
            f"another table than {'.'.join(_DEFAULT)}, of letters, digits and underscores; got "
            "another path. Write http://HOST:8123/DATABASE/TABLE."
        )
    return address.at(""), Table(*names, *_DEFAULT[len(names) :])


@dataclass(slots=True)
class Inserting:
    """What is sent to a table, and how much of it was taken.

    Attributes:
        poster: to the server.
        table: made if it is missing.
        taken: lines that the server took, headers of segments included.
    """

    poster: Poster
    table: Table
    taken: int = 0

    def send(self, outgoing: Outgoing) -> None:
        """Send all of it.

        Raises:
            CommError: the server is not there, refuses, or answers otherwise than ClickHouse;
                what it took before is counted.
        """
        precise = self._is_precise()
        self._tell(self.table.ddl(precise=precise))
        time_of = _to_microseconds if precise else _to_seconds
        waiting, count = bytearray(), 0
        for place, table, lines in outgoing.streams():
            for line in lines:
                waiting += orjson.dumps(_row(place, table, line, time_of)) + b"\n"
                count += 1
                if len(waiting) >= _MOST_BYTES:
                    self._insert(waiting, count)
                    waiting, count = bytearray(), 0
        if count:
            self._insert(waiting, count)

    def _is_precise(self) -> bool:
        """Return whether the server knows times to the microsecond: those before 20.1 do not."""
        sql = "SELECT count() FROM system.data_type_families WHERE name = 'DateTime64'"
        answer = self.poster.post("/", sql.encode(), {})
        if not answer.body.strip().isdigit():
            raise CommError(self._strange(answer, "a number"))
        return answer.body.strip() != b"0"

    def _insert(self, rows: bytearray, count: int) -> None:
        self._tell(f"INSERT INTO {self.table.quoted} FORMAT JSONEachRow", rows)
        self.taken += count

    def _tell(self, sql: str, rows: bytes | bytearray = b"") -> None:
        """Give a statement that has no result, with the rows that it is about.

        Raises:
            CommError: as `send`; an error behind a status of success is one, too.
        """
        path, body = (f"/?query={quote(sql)}", rows) if rows else ("/", sql.encode())
        answer = self.poster.post(path, body, {})
        if answer.body.strip():
            raise CommError(self._strange(answer, "nothing"))

    def _strange(self, answer: Answer, wanted: str) -> str:
        return (
            f"The server answered {answer.status} with {len(answer.body)} bytes of "
            f"{answer.kind or 'an unknown type'}, where ClickHouse answers with {wanted}. Give the "
            f"address of its HTTP interface, usually port 8123: {self.poster.shown}"
        )


def _row(place: Place, table: str, line: Line, time_of: Callable[[str], str]) -> dict[str, Any]:
    at, logger, level = _told(table, line.record)
    writer, seq = line.name
    return {
        "timestamp": time_of(moment(at) or _NO_TIME),
        "project": place.project,
        "run_id": place.run_id,
        "logger": logger,
        "level": level,
        "writer": writer,
        "seq": int(seq),
        "line": line.raw.decode("utf-8", "replace"),
    }


def _told(table: str, record: dict[str, Any] | Header) -> tuple[Any, str, str]:
    """Return time, logger and level of a line; a row's logger is its table."""
    if isinstance(record, Header):
        return record.data.get("started"), SEGMENT_LOGGER, "INFO"
    if table in {"history", "system"}:
        return record.get("_timestamp"), table, ""
    return record["timestamp"], record["logger"], record["level"]


def _to_microseconds(timestamp: str) -> str:
    return f"{timestamp[:10]} {timestamp[11:26]}"


def _to_seconds(timestamp: str) -> str:
    return f"{timestamp[:10]} {timestamp[11:19]}"
