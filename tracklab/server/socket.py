"""`/ws`: one connection per browser tab over which everything live comes.

The guard has checked host, origin and sender before this code runs. A client that only listens
gets summary values; one that sends `sub` gets what it asks for. See the UI's data protocol.
"""

import asyncio
import logging
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from tracklab.errors import QueryError
from tracklab.live import background
from tracklab.live.client import Client
from tracklab.live.hub import Hub
from tracklab.live.wants import parse_wants

router = APIRouter()

_log = logging.getLogger("tracklab.server")
_NOT_TEXT = 1003
_UNREADABLE = 1007
_TOO_BIG = 1009
_MAX_MESSAGE_CHARS = 1024 * 1024


@router.websocket("/ws")
async def live(websocket: WebSocket) -> None:
    """Send what changes until the client goes, and take its subscriptions."""
    hub: Hub = websocket.app.state.services.hub
    await websocket.accept()
    client = hub.join()
    sending = background.start(_send(websocket, client))
    taking = background.start(_take(websocket, client, hub))
    try:
        await asyncio.wait({sending, taking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, taking):
            task.cancel()
        await asyncio.gather(sending, taking, return_exceptions=True)
        hub.leave(client)


async def _send(websocket: WebSocket, client: Client) -> None:
    """Send message after message; waits for a slow client, whose mailbox is bounded."""
    try:
        while True:
            message = await client.mailbox.take()
            if isinstance(message, str):
                await websocket.send_text(message)
            else:
                await websocket.send_bytes(message)
    except (WebSocketDisconnect, RuntimeError):
        # RuntimeError: the other task has seen the end first and the framework refuses to send.
        return


async def _take(websocket: WebSocket, client: Client, hub: Hub) -> None:
    try:
        while True:
            text = await websocket.receive_text()
            if len(text) > _MAX_MESSAGE_CHARS:
                await websocket.close(_TOO_BIG, "a message has at most 1 MiB")
                return
            try:
                await _obey(client, hub, orjson.loads(text))
            except (QueryError, orjson.JSONDecodeError) as error:
                await websocket.close(_UNREADABLE, str(error)[:100])
                return
    except WebSocketDisconnect:
        return
    except KeyError:  # the framework found no text in the message
        await websocket.close(_NOT_TEXT, "messages are text")


async def _obey(client: Client, hub: Hub, message: Any) -> None:
    """Do what one message asks; messages of a later version are ignored."""
    if isinstance(message, dict) and message.get("type") == "sub":
        await hub.subscribe(client, parse_wants(message.get("data")))
    else:
        _log.debug("ignored a live message of an unknown type")
