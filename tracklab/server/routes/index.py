"""The index: what the builder beside the server does."""

from fastapi import APIRouter
from starlette.responses import Response

from tracklab.index.places import index_root
from tracklab.server.replies import json_reply
from tracklab.server.services import Asked
from tracklab.server.shapes import IndexFacts

router = APIRouter(prefix="/api/index", tags=["server"])


@router.get("", responses={200: {"model": IndexFacts}})
async def status(asked: Asked) -> Response:
    """Return where the index lies, and which run is being indexed."""
    told = asked.index.progress()
    return json_reply(
        IndexFacts(
            place=str(index_root(asked.root)),
            run=told.run,
            read_bytes=told.read_bytes,
            waiting=told.waiting,
        )
    )
