"""Which directories have something new: told by the kernel, or looked for where it cannot tell.

A change is only a hint that lines may be there; the reader finds out by their size. So a hint
too many costs one `stat`, and after every change of the watched set all are hinted once, which
covers whatever happened in between.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import awatch

from tracklab.storage.mounts import is_remote

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

__all__ = ["Watch"]

_log = logging.getLogger("tracklab.live")

# Changes are handed on after one quiet step, or after `_GATHER_MS` of a stream of them.
_STEP_MS = 15
_GATHER_MS = 45
_TURN_MS = 1000
_POLL_S = 2.0
_POLL_REMOTE_S = 1.0
_SETTLE_S = 0.02


class Watch:
    """Follows a set of directories, each without its subdirectories.

    Args:
        root: where they lie; decides between asking the kernel and looking.
        poll_s: seconds between two looks; None for 1 on network disks, else 2.

    Attributes:
        polling: whether the kernel cannot tell, so that directories are looked at.
    """

    def __init__(self, root: Path, *, poll_s: float | None = None) -> None:
        self.polling = is_remote(root)
        self._poll_s = poll_s or (_POLL_REMOTE_S if self.polling else _POLL_S)
        self._directories: frozenset[Path] = frozenset()
        self._turn = asyncio.Event()

    def follow(self, directories: Collection[Path]) -> None:
        """Watch exactly `directories` from now on."""
        wanted = frozenset(directories)
        if wanted != self._directories:
            self._directories = wanted
            self._turn.set()

    def renew(self) -> None:
        """Watch them anew: what has one of their names may be another directory now."""
        self._turn.set()

    async def changes(self) -> AsyncGenerator[frozenset[Path]]:
        """Yield the watched directories in which something may have changed, without end."""
        while True:
            # Several runs often come and go together: one new watch for all of them.
            await asyncio.sleep(_SETTLE_S)
            self._turn = turn = asyncio.Event()
            directories = self._directories
            yield directories
            if self.polling or not directories:
                await _pause(turn, self._poll_s if directories else None)
                continue
            async with aclosing(self._told(directories, turn)) as told:
                async for some in told:
                    yield some

    async def _told(
        self, directories: frozenset[Path], turn: asyncio.Event
    ) -> AsyncGenerator[frozenset[Path]]:
        """Yield what the kernel tells until `turn`, or until it cannot tell (any more)."""
        # Not `ignore_permission_denied`: with it watchfiles keeps silent about the limit, too.
        present = [path for path in directories if _is_readable(path)]
        missing = directories.difference(present)
        try:
            found = awatch(
                *present, watch_filter=None, debounce=_GATHER_MS, step=_STEP_MS, stop_event=turn,
                rust_timeout=_TURN_MS, recursive=False,
            )  # fmt: skip
            async with aclosing(found):
                async for changes in found:
                    yield directories & {Path(path).parent for _, path in changes}
                    if any(map(_is_readable, missing)):
                        return  # to begin again with it
        except (FileNotFoundError, PermissionError):
            # Removed or closed while we were about to watch it: the next set will not hold it.
            await _pause(turn, _SETTLE_S)
        except (OSError, RuntimeError) as error:  # watchfiles has its own for a lack of instances
            self.polling = True
            _log.warning(
                "The system gives no more file watches (%s). Looking for changes every %g s "
                "instead. To change that, raise fs.inotify.max_user_watches and "
                "fs.inotify.max_user_instances.",
                error,
                self._poll_s,
            )


def _is_readable(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.R_OK)


async def _pause(turn: asyncio.Event, seconds: float | None) -> None:
    try:
        await asyncio.wait_for(turn.wait(), seconds)
    except asyncio.TimeoutError:
        return
