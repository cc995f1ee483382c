"""The application: parts put together, routes behind the door, errors as problems."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from tracklab import __version__, clock
from tracklab.live.hub import Hub
from tracklab.live.machine import Machine
from tracklab.query.engines.local import LocalEngine
from tracklab.query.sql.asking import LONGEST_S
from tracklab.server import problems, socket
from tracklab.server.auth import Access
from tracklab.server.beside import Beside
from tracklab.server.document import complete
from tracklab.server.examples import add_examples
from tracklab.server.guard import Guard
from tracklab.server.routes import (
    about,
    artifacts,
    checkpoints,
    cluster,
    compare,
    entry,
    events,
    exposition,
    figures,
    index,
    llm,
    logs,
    media,
    projects,
    query,
    run,
    run_groups,
    runs,
    series,
    sweeps,
    system,
    views,
)
from tracklab.server.services import Services
from tracklab.server.shapes import ProblemBody
from tracklab.server.tokens import TokenFile
from tracklab.server.workers import Workers
from tracklab.settings import data_root

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from tracklab.query.engine import Engine

__all__ = ["App", "create_app"]

# `run` ends with routes that take any path below /api/runs, and `entry` with one that takes
# every address left over: both come after those they would swallow.
_SUBJECTS = (
    projects, artifacts, runs, run_groups, run, series, events, logs, media, figures, llm,
    checkpoints, sweeps, compare, system, cluster, query, views, index, about, exposition, socket,
    entry,
)  # fmt: skip

# Where uvicorn's access log has the address among its arguments.
_ADDRESS = 2


class App(FastAPI):
    """A FastAPI application with the guard in front of everything, its own error pages too.

    Attributes:
        asked_s: when somebody last asked something, by the monotonic clock.
    """

    def __init__(self, services: Services, *, hosts: Collection[str]) -> None:
        super().__init__(
            title="TrackLab",
            version=__version__,
            description="Experiment tracking in plain files: read, watch and compare runs.",
            docs_url=None,
            redoc_url=None,
            swagger_ui_oauth2_redirect_url=None,
            lifespan=_lifespan,
            responses={"4XX": {"model": ProblemBody, "description": "A problem (RFC 9457)."}},
        )
        self.state.services = services
        self.asked_s = clock.monotonic()
        self._guard = Guard(super().__call__, access=services.access, hosts=hosts)
        problems.install(self)
        for subject in _SUBJECTS:
            self.include_router(subject.router)

    def openapi(self) -> dict[str, Any]:
        """Return the API's document, completed. Cost: made once, some 50 ms."""
        made = self.openapi_schema is not None
        document = super().openapi()
        if not made:
            complete(document)
            add_examples(document)
        return document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, one socket, or the server's start and end."""
        self.asked_s = clock.monotonic()
        await self._guard(scope, receive, send)


def create_app(
    root: Path | str | None = None,
    *,
    hosts: Collection[str] = (),
    insecure: bool = False,
    private_socket: bool = False,
    engine: Engine | None = None,
    also: Collection[Path] = (),
) -> App:
    """Return the server's application for one data directory; a factory for uvicorn, too.

    Args:
        root: the data directory; None takes TRACKLAB_DATA_DIR, else `./tracklab_logs`.
        hosts: names by which browsers may call it, beside localhost.
        insecure: everybody who reaches it may enter.
        private_socket: it is served over a socket file that only our account can open.
        engine: who answers; None for the files below `root`.
        also: further data directories, whose runs tell of machines of the cluster.

    Cost: 1 ms; no file is read and no thread started before the first question.
    """
    place = data_root(root).absolute()
    builder = Beside(place)
    engine = engine or LocalEngine(
        place,
        on_unindexed=lambda run: builder.want(run.address),
        on_unlisted=builder.want_catalog,
        parsed_bytes=builder.allowance,
    )
    machine = Machine(place, engine=engine)
    others = tuple(LocalEngine(path.absolute()) for path in also)
    services = Services(
        root=place,
        engine=engine,
        others=others,
        workers=Workers(),
        scanners=Workers(at_once=2),
        readers=Workers(at_once=2, waiting=250),
        analysts=Workers(at_once=2, waiting=8, deadline_s=LONGEST_S + 5),
        hub=Hub(place, engine=engine, machine=machine, others=others),
        machine=machine,
        index=builder,
        access=Access(TokenFile(place), insecure=insecure, private_socket=private_socket),
        started_s=clock.now(),
    )
    return App(services, hosts=hosts)


def _drop_query(record: logging.LogRecord) -> bool:
    """Shorten the address in uvicorn's access log: a query may hold a one-time code."""
    if isinstance(record.args, tuple) and len(record.args) > _ADDRESS:
        values = list(record.args)
        values[_ADDRESS] = str(values[_ADDRESS]).partition("?")[0]
        record.args = tuple(values)
    return True


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    services: Services = app.state.services
    logging.getLogger("uvicorn.access").addFilter(_drop_query)
    yield
    services.index.close()
    services.hub.close()
    services.machine.close()
    services.workers.close()
    services.scanners.close()
    services.readers.close()
    services.analysts.close()
