"""`Run`: what `init()` returns and everything is logged to; how it begins, changes and ends.

State is O(names): descriptors, counters, the step, one summary entry per metric. Never rows.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import UsageError
from tracklab.handlers.events import exception_data
from tracklab.records.encode import encode_object
from tracklab.records.secrets import masked_values
from tracklab.sdk.chores import Chores
from tracklab.sdk.config import Config
from tracklab.sdk.ending import Ending, carried, end_state
from tracklab.sdk.exits import exit_code
from tracklab.sdk.recording import Recording
from tracklab.sdk.terminal import without_effect
from tracklab.storage.descriptors import lent
from tracklab.storage.documents import write_json, write_yaml
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from tracklab.sdk.facts import Identity
    from tracklab.sdk.options import Settings
    from tracklab.storage.writer import Writer

__all__ = ["Run"]

_ATTRIBUTES: Final = frozenset({"chores", "config", "summary"})  # the others are properties


class Run(Recording):
    """One run: a training, a service, a script. Made by `tracklab.init()`.

    Attributes:
        config: what was chosen; see `Config`.
        summary: last values and aggregates; see `Summary`.
        chores: what it does a moment later; see `Chores`.
    """

    def __init__(
        self,
        identity: Identity,
        writer: Writer,
        *,
        settings: Settings,
        config: Mapping[str, Any],
        first_step: int = 0,
    ) -> None:
        super().__init__(identity, writer, settings=settings, first_step=first_step)
        self._ending = Ending(writer, timeout_s=settings.finish_timeout)
        self._interrupted = False
        self._preempting = False
        self.chores = Chores()
        self.config = Config(config, self._config_changed, may_change=self._refuse_config)

    if not TYPE_CHECKING:  # the type checker knows the names by itself

        def __setattr__(self, name: str, value: object) -> None:
            """Set a property, or what begins with `_`.

            Raises:
                UsageError: there is no such property.
            """
            if name[:1] != "_" and name not in _ATTRIBUTES and not hasattr(type(self), name):
                raise UsageError(
                    f"Attribute {name} is not supported on Run object. Values belong into "
                    f"run.config[{name!r}], run.summary[{name!r}] or a row of run.log()."
                )
            super().__setattr__(name, value)

    def mark_preempting(self) -> None:
        """Say that the machine is about to be taken away, as a spot instance learns in advance.

        If the run then ends in any way but a clean finish, it counts as `preempted`, not as
        failed, killed or crashed.

        Raises:
            UsageError: the run is finished.
        """
        self._refuse_if_finished("mark_preempting()")
        self._preempting = True
        self.event("tracklab.lifecycle", "preempting", level="WARNING", durable=True)

    def _edit(self, **changes: Any) -> None:
        self._refuse_if_finished("setting a property")
        self._identity = self._identity.edited(**changes)
        self.event("tracklab.run", "run", changes)
        self._write_documents("metadata.json")

    def _refuse_config(self) -> None:
        self._refuse_if_finished("changing the config")

    def _config_changed(self, values: dict[str, Any]) -> None:
        told = {"op": "update", "values": masked_values(values), "source": "run"}
        self.event("tracklab.config", "config", told)
        self._write_documents("config.yaml")

    # --- documents

    def _write_documents(self, *which: str, durable: bool = False) -> None:
        """Write the derived documents; failing costs speed of reading, nothing else."""
        if not self._identity.keeps_documents:
            return
        contents = {
            "metadata.json": self._identity.to_metadata,
            "config.yaml": self.config.masked,
            "summary.json": self._summary_document,
        }
        mode = self._settings.file_mode
        with suppress(OSError):
            for name in which:
                write = write_yaml if name.endswith("yaml") else write_json
                write(self.run_dir / name, contents[name](), durable=durable, file_mode=mode)

    def _summary_document(self) -> dict[str, Any]:
        now_s = clock.now()
        return {
            **self.summary.as_dict(),
            "_step": self._last_step(),
            "_runtime": round(now_s - self._began_s, 6),
            "_timestamp": now_s,
        }

    def _last_step(self) -> int:
        return self._at.step if self._at.row_open else max(self._at.step - 1, 0)

    def save_summary(self) -> None:
        """Write `summary.json` now; it is also written at checkpoints and at the end."""
        self._write_documents("summary.json")

    # --- beginning and end

    def begin(self) -> None:
        """Write the first events and documents; `init()` calls it."""
        self.event("tracklab.lifecycle", "start", self._identity.to_metadata())
        values = self.config.masked()
        if values:
            self.event(
                "tracklab.config", "config", {"op": "init", "values": values, "source": "init"}
            )
        self._write_documents("metadata.json", "config.yaml")

    def add_environment(self, environment: Mapping[str, Any], git: Mapping[str, Any]) -> None:
        """Record more of where the run runs, beside what its start said; see `sdk.capturing`."""
        facts = self._identity.facts
        # One dict for all identities of this run: an edit at this moment loses none of it.
        facts["environment"] = {**environment, **facts.get("environment", {})}
        if git:
            facts["git"] = {**facts.get("git", {}), **git}
        told: dict[str, Any] = {n: facts[n] for n in ("environment", "git") if n in facts}
        self.event("tracklab.environment", "environment", told)
        self._write_documents("metadata.json")

    def at_finish(self, action: Callable[[], None]) -> None:
        """Call `action` when the run ends, the last one registered first."""
        self._ending.first(action)

    @lent()
    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run: 0 or None is `finished`, any other exit code `failed`.

        After Ctrl-C it is `killed`, and after `mark_preempting()` any end but 0 is `preempted`.

        `quiet` has no effect; older programs pass it.

        Calling it again does nothing. Everything written is durable when it returns, unless
        the disk stalls: then it returns after `finish_timeout` seconds and says so. In a signal
        handler that interrupted `log()` it returns at once, and the end follows that call.
        """
        if quiet is not None:
            without_effect("finish(quiet=)")
        self._ending.ask(partial(self._finish, int(exit_code or 0)))

    def _finish(self, code: int, due_s: float) -> None:
        self._finished = True
        self._plain = False
        told: dict[str, Any] = {}
        if not self._ending.write(partial(self._write_end, code, told), due_s):
            say(
                f"the disk has not taken the end of run {self.id} within "
                f"{self._settings.finish_timeout:g} s; {self.backlog} lines still wait for it. "
                f"Your program goes on: {self.run_dir}"
            )
        # Not in that thread: a signal handler may have interrupted logging, which has locks too.
        if told:
            tell = partial(self._tell_event, "tracklab.lifecycle", "finish", told, "INFO")
            if self._is_held_up() and not self.is_telling(threading.get_ident()):
                carried(tell, max(due_s - clock.monotonic(), 0.0))  # by one that may wait for ever
            else:
                tell()
        self._logger.removeHandler(self._handler)

    def join(self, exit_code: int | None = None) -> None:
        """End the run; see `finish`."""
        self.finish(exit_code)

    def carried_by(self, carry: Callable[[Callable[[], None], float], bool]) -> None:
        """Let the run's end be written by `carry`, so that `finish()` can stop waiting for it."""
        self._ending.carry = carry

    def _write_end(self, code: int, told: dict[str, Any]) -> None:
        self.chores.end(self._is_held_up)
        ended_s = clock.now()
        lost = self._writer.lines_lost
        state = end_state(code, interrupted=self._interrupted, preempting=self._preempting)
        told |= {
            "state": state, "exit_code": code, "duration_s": round(ended_s - self._began_s, 6),
            "lines_lost": lost,
        }  # fmt: skip
        self._writer.event(
            "events", logger="tracklab.lifecycle", message="finish", data=encode_object(told)
        )
        self._identity = self._identity.ended(ended_s, state, code)
        self._write_documents("summary.json", "metadata.json", durable=True)
        self._writer.close()
        if lost:
            say(
                f"lines of run {self.id} that could not be written: {lost}. Its gap events say "
                f"which, and why: tracklab verify {self.address}"
            )

    def fail(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Record the exception that ends the run, and end it."""
        code = exit_code(kind, error)
        if not self._finished:
            self._interrupted = issubclass(kind, KeyboardInterrupt)
            if not issubclass(kind, SystemExit | KeyboardInterrupt):
                self.event(
                    "tracklab.exception", str(error) or kind.__name__,
                    {"exception": exception_data(kind, error, trace)}, level="ERROR",
                )  # fmt: skip
        self.finish(exit_code=code)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if kind is None:
            self.finish()
        else:
            self.fail(kind, error, trace)

    def __repr__(self) -> str:
        return f"<Run {self.address} {self.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        from tracklab.sdk.joining import attach  # noqa: PLC0415 - few runs are sent elsewhere

        return attach, (self._attach_id,)

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self
