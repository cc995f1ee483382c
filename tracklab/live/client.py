"""One connection as the hub sees it: a mailbox, what it wants, and its console reader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tracklab.live.mailbox import Mailbox
from tracklab.live.quiet import Quiet
from tracklab.storage.console import place_of

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.live.wants import Wants

__all__ = ["Client"]


class Client:
    """One listener.

    Attributes:
        mailbox: what waits to be sent to it.
        wants: its latest subscription; None until the first.
        missing: names in it that no run answers to, as yet.
        alerts: which alerts it is told of.
        node_statuses: of the machines that it has been told of, by name.
        console_directories: where the console text lies that it follows, if any.
        console_changed: to be set when something has changed there.
    """

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.wants: Wants | None = None
        self.missing: set[str] = set()
        self.alerts = Quiet()
        self.node_statuses: dict[str, str] = {}
        self.console_directories: frozenset[Path] = frozenset()
        self.console_changed = asyncio.Event()
        self._console: asyncio.Task[None] | None = None

    @property
    def system(self) -> bool:
        """Whether samples of the machine go to it: yes, unless a subscription left them out."""
        return self.wants is None or self.wants.system

    @property
    def reads_console(self) -> bool:
        """Whether console text is being read for it."""
        return self._console is not None and not self._console.done()

    def start_console(self, reader: asyncio.Task[None], run_dir: Path, rank: int) -> None:
        """Keep the task that reads console text of a rank of the run in `run_dir`."""
        self._console = reader
        # Those above it, too: the directory itself may be yet to come.
        self.console_directories = frozenset(
            {run_dir, place_of(run_dir, 0), place_of(run_dir, rank)}
        )

    def stop_console(self) -> None:
        """End that task, if there is one."""
        if self._console is not None:
            self._console.cancel()
        self._console = None
        self.console_directories = frozenset()
