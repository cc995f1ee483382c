"""What the routes share: made once per app, handed to a route by `Asked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from tracklab import __version__
from tracklab.query.versions import AGED_S
from tracklab.server.replies import etag, json_reply, not_modified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from starlette.responses import Response

    from tracklab.live.hub import Hub
    from tracklab.live.machine import Machine
    from tracklab.query.engine import Engine
    from tracklab.server.auth import Access
    from tracklab.server.beside import Beside
    from tracklab.server.workers import Workers

__all__ = ["Asked", "Services", "living_state", "services_of", "tagged"]


@dataclass(frozen=True, slots=True)
class Services:
    """One server's parts.

    Attributes:
        root: the data directory.
        engine: answers questions.
        others: answer for further data directories, asked about machines only.
        workers: where questions are worked out that an index bounds, or an allowance.
        scanners: where those are that read as much as was logged; they keep no other waiting.
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
    scanners: Workers
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
    shape: Callable[[Any, str | None], Response] | None = None,
    variant: str = "",
    looks: Workers | None = None,
    works: Workers | None = None,
) -> Response:
    """Return an answer, or 304 to who has it, before anything is read for it.

    Args:
        request: its address is part of what is asked.
        asked: the app's services.
        state: returns what changes whenever the answer does; of files that are growing it may
            be behind the answer, never before it.
        question: returns the answer. One that does not cover all that is asked has no tag: it
            becomes whole without a change of the files.
        shape: returns the reply for an answer and its tag; by default as JSON.
        variant: what is asked beside the address: a body, a form of the answer.
        looks: where `state` is worked out; None for those of small questions.
        works: where `question` is; None for those of questions that an index bounds.
    """
    told = await (looks or asked.readers).ask(request, state)
    tag = etag(__version__, request.url.path, request.url.query, variant, told)

    def reply() -> Response:
        answer = question()
        known = tag if getattr(answer, "coverage", 1) == 1 else None
        return shape(answer, known) if shape else json_reply(answer, tag=known)

    same = not_modified(request, tag)
    if same is not None:
        return same
    return await (works or asked.workers).ask(request, reply)


def living_state(engine: Engine, runs: Sequence[str]) -> str:
    """Return what changes with the answers about runs that live, without a byte written.

    Durations count by `AGED_S`: an answer may be so much behind.
    """
    told = engine.fields(runs, ["status", "stalled", "silent", "duration"]).values()
    return str(
        [(status, stalled, *((span_s or 0) // AGED_S for span_s in spans_s))
         for status, stalled, *spans_s in told]
    )  # fmt: skip


Asked = Annotated[Services, Depends(services_of)]
