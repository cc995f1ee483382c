"""What the routes share: made once per app, handed to a route by `Asked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.live.hub import Hub
    from tracklab.live.machine import Machine
    from tracklab.query.engine import Engine
    from tracklab.server.auth import Access
    from tracklab.server.beside import Beside
    from tracklab.server.workers import Workers

__all__ = ["Asked", "Services", "services_of"]


@dataclass(frozen=True, slots=True)
class Services:
    """One server's parts.

    Attributes:
        root: the data directory.
        engine: answers questions.
        others: answer for further data directories, asked about machines only.
        workers: where heavy questions are worked out.
        readers: where small ones are: `stat`, one document, one file.
        analysts: where SQL is waited for; each question has a process of its own.
        hub: what has just changed, for sockets.
        machine: this machine's numbers, read when somebody asks.
        index: builds the index of runs that were slow to read.
        access: who may enter.
        started_s: epoch seconds of the start.
    """

    root: Path
    engine: Engine
    others: tuple[Engine, ...]
    workers: Workers
    readers: Workers
    analysts: Workers
    hub: Hub
    machine: Machine
    index: Beside
    access: Access
    started_s: float


def services_of(request: Request) -> Services:
    """Return the services of the app that got this request."""
    services: Services = request.app.state.services
    return services


Asked = Annotated[Services, Depends(services_of)]
