"""Start the server: find a port, say where it is, and serve until told to stop."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import uvicorn

from tracklab import clock
from tracklab.errors import SettingsError
from tracklab.server import peers
from tracklab.server.app import App, create_app
from tracklab.server.connections import Connection
from tracklab.server.guard import MAX_HEADER_BYTES
from tracklab.server.listen import Listener, listeners, own_names, reaches_others
from tracklab.settings import data_root
from tracklab.storage import beacons

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["has_screen", "serve", "web_server"]

_FAILED = 2
_LOG_LEVELS = ("critical", "error", "warning", "info", "debug", "trace")
# Above the guard's own limit, so that it is the guard who answers the nearly sane.
_HEADERS_MAX_BYTES = 2 * MAX_HEADER_BYTES
_WS_MAX_BYTES = 1024 * 1024
_LOOK_EVERY_S = 30.0


def serve(  # noqa: PLR0913 - one argument for each choice of the command line
    root: Path | str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    uds: Path | str | None = None,
    token: bool = False,
    insecure: bool = False,
    allow_hosts: Collection[str] = (),
    also: Collection[Path] = (),
    open_browser: bool = False,
    log_level: str | None = None,
    only_one: bool = False,
    idle_s: float | None = None,
) -> int:
    """Serve one data directory until a signal comes; return the process's exit code.

    Args:
        root: the data directory; None takes TRACKLAB_DATA_DIR, else `./tracklab_logs`. It is
            created if only its last part is missing.
        host: address to listen on; any but loopback needs `token` or `insecure`.
        port: None takes TRACKLAB_API_PORT, else 8000; if taken, one of the next 50.
        uds: listen on this socket file (mode 0600) instead.
        token: other machines may come in with the token.
        insecure: everybody who reaches the port may come in.
        allow_hosts: further names by which browsers call this server.
        also: further data directories, whose runs tell of machines of the cluster.
        open_browser: open the UI, if there is a terminal and a screen.
        log_level: None takes TRACKLAB_LOG_LEVEL, else `warning`.
        only_one: end at once if another server is seen to show the directory.
        idle_s: end when nobody has asked anything for so long, no page is open and no run is
            alive; None serves on.

    Returns:
        0 after Ctrl-C or SIGTERM, 2 when it could not start; one sentence on stderr says why.
    """
    try:
        place = _directory(data_root(root))
        level = _level(log_level)
        _check_reach(host, open_to_others=token or insecure or uds is not None)
        with ExitStack() as opened:
            _end_as_by_ctrl_c(opened)
            alone = _take_place(place, opened)
            if only_one and not alone:
                return 0
            found = listeners(host, port, uds, opened)
            names = {*allow_hosts, *own_names(host)}
            app = create_app(
                place, hosts=names, insecure=insecure, private_socket=uds is not None, also=also
            )
            _say_where(found, place, uds=uds)
            if insecure:
                _warn("--insecure: everybody who reaches this port may read and change your runs.")
            elif reaches_others(host) or not peers.table_readable():
                _say_how_in(app, found[0])
            if alone and uds is None:
                with suppress(OSError):  # a directory that can only be read: nobody is pointed here
                    beacons.light(place, found[0].url)
            if open_browser and has_screen():
                webbrowser.open(found[0].url)
            _run(app, found, level, idle_s)
    except SettingsError as error:
        _warn(str(error))
        return _FAILED
    except KeyboardInterrupt:
        return 0
    return 0


def _end_as_by_ctrl_c(opened: ExitStack) -> None:
    """Let SIGTERM, too, end what is open here: the web server raises it anew when it has ended."""
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        opened.callback(signal.signal, signal.SIGTERM, before)


def _take_place(root: Path, opened: ExitStack) -> bool:
    """Become the server that runs point to; another one may serve beside it, unseen."""
    try:
        descriptor = beacons.take(root)
    except OSError:  # a directory that can only be read
        return True
    if descriptor is None:
        return False
    opened.callback(os.close, descriptor)
    return True


def web_server(
    app: App, level: str, *, connection: type[Connection] = Connection
) -> uvicorn.Server:
    """Return the web server around `app`, as every server of ours is set up.

    Args:
        app: what answers.
        level: of the log; from `info` on it has every request.
        connection: how long clients are waited for, and how many of them there may be.
    """
    config = uvicorn.Config(
        app,
        log_level=level,
        access_log=level in {"info", "debug", "trace"},
        # The faster parser puts no bound on the headers it collects before anyone is asked.
        http=connection,
        h11_max_incomplete_event_size=_HEADERS_MAX_BYTES,
        # Behind a proxy the peer is the proxy, which must not pass for our own account.
        proxy_headers=False,
        server_header=False,
        ws_max_size=_WS_MAX_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def _run(app: App, found: list[Listener], level: str, idle_s: float | None) -> None:
    server = web_server(app, level)
    if idle_s is not None:
        watch = threading.Thread(target=_end_when_idle, args=(server, app, idle_s), daemon=True)
        watch.start()
    server.run(sockets=[listener.socket for listener in found])


def _end_when_idle(server: uvicorn.Server, app: App, idle_s: float) -> None:
    services = app.state.services
    while not server.should_exit:
        time.sleep(min(idle_s / 4, _LOOK_EVERY_S))
        unasked_s = clock.monotonic() - app.asked_s
        if unasked_s >= idle_s and not services.hub.clients:
            server.should_exit = not services.engine.runs(status=("running",), limit=1).total


def _directory(root: Path) -> Path:
    """Return the data directory, made if only its last part is missing."""
    place = root.absolute()
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        os.listdir(place)
    except FileNotFoundError:
        raise SettingsError(
            "the data directory and the directory above it do not exist. Create it, or name "
            f"another with --data-dir or TRACKLAB_DATA_DIR: {place}"
        ) from None
    except (FileExistsError, NotADirectoryError):
        raise SettingsError(f"the data directory is a file: {place}") from None
    except OSError as error:
        raise SettingsError(
            f"the data directory cannot be read ({error.strerror}): {place}"
        ) from None
    return place


def _level(given: str | None) -> str:
    level = (given or os.environ.get("TRACKLAB_LOG_LEVEL") or "warning").lower()
    if level not in _LOG_LEVELS:
        raise SettingsError(f"the log level {level!r} is none of {', '.join(_LOG_LEVELS)}.")
    return level


def _check_reach(host: str, *, open_to_others: bool) -> None:
    if reaches_others(host) and not open_to_others:
        raise SettingsError(
            f"--host {host} lets other machines reach this server. Add --token, so that they "
            "need its token, or --insecure, so that everybody may read and change your runs."
        )


def _say_where(found: list[Listener], root: Path, *, uds: Path | str | None) -> None:
    for listener in found:
        if listener.asked is not None:
            _say(f"Port {listener.asked} is taken; using {listener.port}.")
    _say(f"TrackLab shows {root}")
    _say(f"at {found[0].url if uds is None else uds}")


def _say_how_in(app: App, listener: Listener) -> None:
    access = app.state.services.access
    url = listener.url.replace("://localhost:", f"://{socket.gethostname().lower()}:")
    _say(f"Open it in one browser, once: {url}login?code={access.new_code()}")
    _say(access.token_hint())
    _say(f"to let somebody read and change nothing: Bearer {access.read_token()}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _warn(text: str) -> None:
    sys.stderr.write(f"tracklab: {text}\n")
    sys.stderr.flush()


def has_screen() -> bool:
    """Return whether a browser would be seen; without a screen Python may start a text one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
