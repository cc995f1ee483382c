"""What the routes share: made once per app, handed to a route by `Asked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from tracklab import __version__
from tracklab.server.replies import etag, json_reply, not_modified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.responses import Response

    from tracklab.live.hub import Hub
    from tracklab.live.machine import Machine
    from tracklab.query.engine import Engine
    from tracklab.server.auth import Access
    from tracklab.server.beside import Beside
    from tracklab.server.workers import Workers

__all__ = ["Asked", "Services", "services_of", "tagged"]


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


async def tagged(
    request: Request,
    asked: Services,
    *,
    state: Callable[[], str],
    question: Callable[[], Any],
    looks: Workers | None = None,
) -> Response:
    """Return an answer as JSON, or 304 to who has it, before anything is read for it.

    Args:
        request: its address is part of what is asked.
        asked: the app's services.
        state: returns what changes whenever the answer does; of files that are growing it may
            be behind the answer, never before it.
        question: returns the answer.
        looks: where `state` is worked out; None for those of small questions.
    """
    told = await (looks or asked.readers).ask(request, state)
    tag = etag(__version__, request.url.path, request.url.query, told)
    return not_modified(request, tag) or json_reply(
        await asked.workers.ask(request, question), tag=tag
    )


Asked = Annotated[Services, Depends(services_of)]
