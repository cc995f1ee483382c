"""Requests to the demo's own servers: never through a proxy that the machine is set up for."""

from __future__ import annotations

import urllib.request
from typing import Any

__all__ = ["open_url"]

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_url(request: str | urllib.request.Request, *, timeout_s: float) -> Any:
    """Send a request and return the reply, to be used in a `with` block.

    Raises:
        urllib.error.HTTPError: the status is an error.
        TimeoutError: no byte came for so many seconds.
        OSError: there is no server.
    """
    return _opener.open(request, timeout=timeout_s)
