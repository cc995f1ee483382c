"""Which account is at the other end of a connection, by the kernel's own table of sockets.

A loopback client's socket is on this machine, so the kernel knows its owner. That is better
proof than any secret: it cannot leak. Nothing is cached, because a port is reused at once.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Address", "is_loopback", "peer_uid", "same_user", "table_readable"]

Address = tuple[str, int]

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_ESTABLISHED = "01"
_OVERFLOW_UID = "/proc/sys/kernel/overflowuid"


def is_loopback(host: str) -> bool:
    """Return whether `host` is a literal loopback address, also IPv4 written as IPv6."""
    try:
        return _canonical(ipaddress.ip_address(host)).is_loopback
    except ValueError:
        return False


def table_readable() -> bool:
    """Return whether this system shows its sockets (Linux with /proc)."""
    return os.access(_TABLES[0], os.R_OK)


def same_user(client: Address, server: Address) -> bool:
    """Return whether the kernel proves that our own account holds the client's socket.

    Args:
        client: the peer of the accepted connection.
        server: our end of it.

    Raises:
        OSError: the table is there and cannot be read now, as when descriptors have run out.

    Cost: one read of the socket table, about 0.1 ms with 100 connections.
    """
    ours = os.getuid()
    # In a user namespace every account without a mapping is shown as this one.
    if ours == _overflow_uid() or not (is_loopback(client[0]) and is_loopback(server[0])):
        return False
    return peer_uid(client, server) == ours


def peer_uid(client: Address, server: Address) -> int | None:
    """Return the uid that owns the socket whose local end is `client`, remote end `server`.

    None when no established socket of this machine is that one.

    Raises:
        OSError: as in `same_user`.
    """
    local, remote = _key(client), _key(server)
    for table in _TABLES:
        try:
            # Opened for each question: the file is a view of this moment.
            with open(table, encoding="ascii") as lines:
                uid = _find(_rows(lines), local, remote)
        except (FileNotFoundError, PermissionError):  # no IPv6, or a system that hides it
            continue
        if uid is not None:
            return uid
    return None


def _find(
    rows: Iterable[list[str]], local: tuple[bytes, int], remote: tuple[bytes, int]
) -> int | None:
    for columns in rows:
        # Comparing the port first skips the parsing of almost every row.
        if int(columns[1].rpartition(":")[2], 16) != local[1]:
            continue
        if _parse(columns[1]) == local and _parse(columns[2]) == remote:
            # Inode 0: the owner has closed it, so nobody proves anything any more.
            alive = columns[3] == _ESTABLISHED and columns[9] != "0"
            return int(columns[7]) if alive else None
    return None


def _rows(lines: Iterable[str]) -> Iterator[list[str]]:
    for line in lines:
        columns = line.split()
        if len(columns) > 9 and ":" in columns[1]:  # noqa: PLR2004 - the tenth column is the inode
            yield columns


def _parse(text: str) -> tuple[bytes, int]:
    """Return address and port of a table cell: 32-bit words in host order, port in hex.

    Source: Documentation/networking/proc_net_tcp.rst of the kernel.
    """
    host, _, port = text.rpartition(":")
    words = (int(host[at : at + 8], 16) for at in range(0, len(host), 8))
    packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
    return _canonical(ipaddress.ip_address(packed)).packed, int(port, 16)


def _key(address: Address) -> tuple[bytes, int]:
    return _canonical(ipaddress.ip_address(address[0])).packed, address[1]


def _canonical(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an IPv4 address for one written as IPv6: a dual-stack socket shows either."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _overflow_uid() -> int:
    try:
        with open(_OVERFLOW_UID, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 65534
