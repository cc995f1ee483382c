"""Where the server listens: a free port of this machine, or a socket file of this account."""

from __future__ import annotations

import errno
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tracklab.errors import SettingsError
from tracklab.server import peers

if TYPE_CHECKING:
    from contextlib import ExitStack

__all__ = ["DEFAULT_PORT", "Listener", "listeners", "own_names", "reaches_others"]

DEFAULT_PORT = 8000
_PORTS_TRIED = 51
_BACKLOG = 2048
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, never bound by default


@dataclass(frozen=True, slots=True)
class Listener:
    """An open socket; `url` is where it is reached, `port` 0 for a socket file.

    `asked` is the port that was taken and therefore not used, None otherwise.
    """

    socket: socket.socket
    url: str
    port: int
    asked: int | None = None


def reaches_others(host: str) -> bool:
    """Return whether other machines reach a server that listens on `host`."""
    return host != "localhost" and not peers.is_loopback(host)


def own_names(host: str) -> set[str]:
    """Return the names by which this machine is called when it listens on `host`."""
    if not reaches_others(host):
        return set()
    names = {socket.gethostname().lower()}
    if host in _ANY:
        found = (one for card in psutil.net_if_addrs().values() for one in card)
        literals = {one.address for one in found if one.family in {socket.AF_INET, socket.AF_INET6}}
    else:
        literals = {host}
    return names | {f"[{one}]" if ":" in one else one for one in literals}


def listeners(
    host: str, port: int | None, uds: Path | str | None, opened: ExitStack
) -> list[Listener]:
    """Open a socket file, or a port and, if TRACKLAB_WS_PORT names one, a second.

    Args:
        host: address to listen on, for ports.
        port: None takes TRACKLAB_API_PORT, else 8000; if taken, one of the next 50.
        uds: socket file to make instead.
        opened: closes sockets and removes the file at its end.

    Raises:
        SettingsError: a port is none, or no port is free.
    """
    if uds is not None:
        return [_listen_file(Path(uds), opened)]
    first = _port("TRACKLAB_API_PORT", DEFAULT_PORT) if port is None else port
    found = [_listen_port(host, first or 0, opened)]
    second = _port("TRACKLAB_WS_PORT", None)
    if second is not None and second != found[0].port:
        found.append(_listen_port(host, second, opened))
    return found


def _port(variable: str, default: int | None) -> int | None:
    text = os.environ.get(variable)
    if not text:
        return default
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - the largest port
        raise SettingsError(f"{variable} is {text!r}; it must be a port, 0 to 65535.")
    return int(text)


def _listen_port(host: str, port: int, opened: ExitStack) -> Listener:
    """Listen on `port` of `host`, or on the next free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise SettingsError(f"--host {host} is no address ({error.strerror}).") from None
    last = port + 1 if port == 0 else min(port + _PORTS_TRIED, 65536)
    for tried in range(port, last):
        listener = opened.enter_context(socket.socket(family, kind, protocol))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], tried, *address[2:]))
            listener.listen(_BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise SettingsError(
                f"cannot listen on {host}, port {tried} ({error.strerror})."
            ) from None
        real = int(listener.getsockname()[1])
        shown = "localhost" if host in _ANY else f"[{host}]" if ":" in host else host
        asked = port if tried != port else None
        return Listener(listener, f"http://{shown}:{real}/", real, asked)
    raise SettingsError(f"ports {port} to {last - 1} are all taken. Name another with --port.")


def _listen_file(path: Path, opened: ExitStack) -> Listener:
    """Listen on the socket file `path`, which only this account may open."""
    _remove_stale(path)
    listener = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    # Set before the file exists: a chmod afterwards would leave a moment for others.
    old = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        raise SettingsError(
            f"cannot listen on the socket file ({error.strerror}): {path}"
        ) from None
    finally:
        os.umask(old)
    listener.listen(_BACKLOG)
    opened.callback(path.unlink, missing_ok=True)
    return Listener(listener, "http://localhost/", 0)


def _remove_stale(path: Path) -> None:
    """Remove the socket file of a server that has died; nothing else is ever removed."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink()
