"""Console text of one run, sent on as it is written, never faster than the client takes it.

Text is not dropped: while a message waits, nothing is read, because the file keeps it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from tracklab.errors import NotFoundError
from tracklab.live.mailbox import encode

if TYPE_CHECKING:
    from tracklab.live.background import Ask
    from tracklab.live.mailbox import Mailbox
    from tracklab.live.wants import ConsoleWant
    from tracklab.query.answers.text import ConsolePage
    from tracklab.query.engine import Engine

__all__ = ["follow_console"]

_EVERY_S = 0.1
_MAX_LINES = 1000
_KEY = "log_append"


async def follow_console(
    want: ConsoleWant, mailbox: Mailbox, *, engine: Engine, ask: Ask, changed: asyncio.Event
) -> None:
    """Send lines from the wanted offset on, at most 10 messages a second.

    Ends when cancelled, or when the run has gone. A line that is still being written is sent,
    too, and again when it has grown: the client knows by its offset which one it replaces.

    Args:
        want: which text.
        mailbox: whose.
        engine: who reads.
        ask: runs a question on a thread.
        changed: set by others when the text may have grown.
    """
    with suppress(NotFoundError):
        await _follow(want, mailbox, engine, ask, changed)


async def _follow(
    want: ConsoleWant, mailbox: Mailbox, engine: Engine, ask: Ask, changed: asyncio.Event
) -> None:
    offset = want.offset
    if offset is None:
        offset = (await ask(partial(_read, engine, want, 0, tail=True))).next_offset
    sent: ConsolePage | None = None
    while True:
        changed.clear()
        page: ConsolePage = await ask(partial(_read, engine, want, offset))
        if not page.lines or page == sent:
            await changed.wait()
            continue
        mailbox.put(_KEY, _message(want, page))
        await mailbox.settled(_KEY)
        sent, offset = page, page.next_offset
        await asyncio.sleep(_EVERY_S)


def _message(want: ConsoleWant, page: ConsolePage) -> bytes:
    source = {"run": want.run, "stream": want.stream, "rank": want.rank}
    text = {"offset": page.offset, "size": page.size, "lines": page.lines}
    return encode("log_append", source | text)


def _read(engine: Engine, want: ConsoleWant, offset: int, *, tail: bool = False) -> ConsolePage:
    limit = 1 if tail else _MAX_LINES
    return engine.logs(
        want.run, stream=want.stream, rank=want.rank, offset=offset, limit=limit, tail=tail
    )
