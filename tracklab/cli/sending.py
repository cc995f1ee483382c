"""What `tracklab export` does with a server of the user's: send to it, and say what it took."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from tracklab.cli.options import print_json, printable
from tracklab.errors import CommError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracklab.transfer.outgoing import Outgoing
    from tracklab.transfer.posting import Poster

__all__ = ["header_pairs", "send_to_clickhouse", "send_to_collector"]

_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)=([\x20-\x7e]*)")
_NOUNS: Final = {
    "not_numbers": "values that are no numbers",
    "without_time": "rows and calls without a time",
}


def header_pairs(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """Return `--header NAME=VALUE` as pairs.

    Raises:
        BadParameter: one is no pair, or no header can say it.
    """
    found = {}
    for one in given:
        match = _HEADER.fullmatch(one)
        if match is None:
            # What was given may be a secret, and is not said again.
            raise click.BadParameter("write NAME=VALUE, on one line and in ASCII.")
        found[match[1]] = match[2]
    return found


def send_to_collector(
    url: str, outgoing: Outgoing, *, headers: Mapping[str, str], as_json: bool
) -> None:
    """Send lines to an OpenTelemetry collector; exit with 1 unless it took all of them."""
    from tracklab.media.needs import needed  # noqa: PLC0415 - `--help` needs none of these
    from tracklab.transfer.posting import Poster, address_of  # noqa: PLC0415 - as above

    install = "tracklab-local[otlp]"
    needed("opentelemetry.proto.metrics.v1.metrics_pb2", by="export --otlp", install=install)
    from tracklab.transfer.otlp import Delivery  # noqa: PLC0415 - its package may be missing

    poster = Poster(address_of(url, by="--otlp"), headers)
    delivery = Delivery(poster)
    fault = _send(delivery, outgoing)
    more: dict[str, Any] = {
        "refused": delivery.refused,
        "left_out": delivery.left_out,
        "said": delivery.said,
    }
    _say(outgoing, poster, {"taken": delivery.taken, **more}, fault=fault, as_json=as_json)


def send_to_clickhouse(
    url: str, outgoing: Outgoing, *, headers: Mapping[str, str], dry_run: bool, as_json: bool
) -> None:
    """Send lines to a table of ClickHouse; exit with 1 unless it took all of them."""
    from tracklab.transfer.clickhouse import Inserting, table_of  # noqa: PLC0415 - as above
    from tracklab.transfer.posting import Poster, address_of  # noqa: PLC0415 - as above

    address, table = table_of(address_of(url, by="--clickhouse"))
    if dry_run:
        if as_json:
            print_json({"to": address.shown, "sql": table.ddl()})
        else:
            click.echo(f"{table.ddl()};")
        return
    poster = Poster(address, headers)
    inserting = Inserting(poster, table)
    fault = _send(inserting, outgoing)
    _say(outgoing, poster, {"taken": {"lines": inserting.taken}}, fault=fault, as_json=as_json)


def _send(to: Any, outgoing: Outgoing) -> CommError | None:
    """Send, with a bar on a terminal, and return what went wrong."""
    try:
        with _bar(outgoing):
            to.send(outgoing)
    except CommError as error:
        return error
    finally:
        to.poster.close()
    return None


@contextmanager
def _bar(outgoing: Outgoing) -> Iterator[None]:
    total_bytes = outgoing.size_bytes() if sys.stderr.isatty() else 0
    with click.progressbar(
        length=total_bytes, label="sending", file=sys.stderr, hidden=not total_bytes
    ) as bar:
        outgoing.tell = bar.update
        yield


def _say(
    outgoing: Outgoing,
    poster: Poster,
    told: dict[str, Any],
    *,
    fault: CommError | None,
    as_json: bool,
) -> None:
    complete = fault is None and not outgoing.unread and not any(told.get("refused", {}).values())
    if as_json:
        read = {name: getattr(outgoing, name) for name in ("runs", "lines", "bad_lines", "unread")}
        sent = {"requests": poster.requests, "sent_bytes": poster.sent_bytes}
        error = None if fault is None else str(fault)
        print_json({"to": poster.shown, **read, **told, **sent, "error": error})
    else:
        _say_to_people(outgoing, poster, told)
        if fault is not None:
            raise fault
    if not complete:
        sys.exit(1)


def _say_to_people(outgoing: Outgoing, poster: Poster, told: dict[str, Any]) -> None:
    taken = ", ".join(
        f"{count:,} {noun.replace('_', ' ')}" for noun, count in told["taken"].items()
    )
    click.echo(
        f"{outgoing.lines:,} lines of {outgoing.runs:,} runs read; {taken or 'nothing'} taken by "
        f"{poster.shown}"
    )
    for noun, count in told.get("refused", {}).items():
        if count:
            click.echo(f"refused: {count:,} {noun.replace('_', ' ')}", err=True)
    for said in told.get("said", ()):
        click.echo(f"it says: {printable(said)}", err=True)
    for what, count in told.get("left_out", {}).items():
        if count:
            click.echo(f"left out: {count:,} {_NOUNS[what]}", err=True)
    if outgoing.bad_lines:
        click.echo(f"left out: {outgoing.bad_lines:,} lines that are no record", err=True)
    if outgoing.unread:
        click.echo(f"not read to their end: {outgoing.unread:,} segments", err=True)
