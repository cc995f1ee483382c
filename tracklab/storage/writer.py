"""One writer of one run: its numbers, its segments, its lock.

Promises, to whoever logs: a line is with the operating system when `row` or `event` returns;
neither ever raises because of the disk; what could not be written is counted, and named by a
gap event as soon as writing works again. To readers: `(run_id, writer, seq)` names one line
for ever, because a writer is one process on one boot, and a forked child becomes another.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import weakref
from collections import deque
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab import clock
from tracklab.clock import rfc3339
from tracklab.records.encode import encode_object, whole_text
from tracklab.records.lines import LINE_MAX_BYTES, event_line, header_line, row_line
from tracklab.storage.blobs import fit
from tracklab.storage.claim import Claim
from tracklab.storage.creation import refuse_mistake
from tracklab.storage.descriptors import close_file, keep
from tracklab.storage.gaps import Gaps, reason_of
from tracklab.storage.identity import this_process
from tracklab.storage.segments import Limits, Segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tracklab.storage.backlog import BacklogLimits, WaitingLine

    Make = Callable[[int, float, Any], bytes]

__all__ = ["BODY_MAX_BYTES", "Writer", "say"]

_NOTICE_EVERY_S: Final = 60.0
#: Longest JSON object that fits on a line beside the fields that stand before it.
BODY_MAX_BYTES: Final = LINE_MAX_BYTES - 1_024
_SLOW_S: Final = 1.0
#: What a gap event says of lines for which the backlog had no room.
_NO_ROOM: Final = "BACKLOG_FULL"
_MESSAGE_MAX_CHARS: Final = 2_000
_LIVING: weakref.WeakSet[Writer] = weakref.WeakSet()


class _Nowhere:
    """Stands in for segments that cannot be opened: every line is lost for the same reason."""

    good_until_s = float("inf")

    def __init__(self, error: OSError) -> None:
        self._error = error

    def append(self, _line: bytes) -> None:
        raise self._error

    def append_all(self, _lines: list[bytes]) -> tuple[int, OSError]:
        return 0, self._error


class Writer:
    """The right to append to a run, held by one process.

    Args:
        run_dir: the run's directory; it exists.
        run_id: its id.
        facts: what every segment's header tells beside the process: project, attempt, resource.
        limits: when segments rotate and who may read them.
        creates: whether it takes the names of the run's creator if they are free. On machines
            without a common disk they are free on each, and copies would overwrite each other.
        backlog: let lines wait for a thread, up to these limits; None writes each at once.

    Raises:
        StorageError: this process can never write there.
    """

    def __init__(
        self,
        run_dir: Path,
        run_id: str,
        *,
        facts: Mapping[str, Any],
        limits: Limits | None = None,
        creates: bool = True,
        backlog: BacklogLimits | None = None,
    ) -> None:
        self.run_dir = run_dir
        self.run_id = run_id
        self._facts = facts
        self._creates = creates
        self._limits = limits or Limits()
        self._claim = Claim(run_dir, creates=creates, file_mode=self._limits.file_mode)
        self._last_notice_s: dict[str, float] = {}
        self.backlog = None
        if backlog is not None:
            from tracklab.storage.backlog import Backlog  # noqa: PLC0415 - only who asks for it

            self.backlog = Backlog(self._write_waiting, backlog)
            self.append = self._append_later  # type: ignore[method-assign] # costs others nothing
        self._start_over()
        try:
            self._begin()
        except OSError as error:
            refuse_mistake(error, run_dir)
            self._notice(error)  # each line tries again
        _LIVING.add(self)

    def _start_over(self) -> None:
        # Re-entrant: a signal handler or __del__ may log while its own thread is inside.
        self.lock = threading.RLock()
        # Whoever holds this one may wait for the disk; with a backlog no caller ever does.
        self._disk = threading.RLock() if self.backlog else self.lock
        self._busy = False
        self._pending: deque[tuple[str, float, Make, Any]] = deque()
        self._segments: dict[str, Segments] = {}
        self._gaps = Gaps()
        self._seq = -1
        self._claimed = False
        self.process = this_process()
        self._be_called(None)
        self.lines_lost = 0

    def _be_called(self, name: str | None) -> None:
        self.writer = name
        self.row_mark = {} if name is None else {"_writer": name}
        self.event_mark = {} if name is None else {"writer": name}
        if self._facts.get("rank") is not None:
            self.event_mark["rank"] = self._facts["rank"]

    def _begin(self) -> None:
        """Get a name before a line needs it."""
        if not self._claimed:
            self._be_called(self._claim.take(self.process.label))
            self._claimed = True

    @property
    def created_run(self) -> bool:
        """Whether this writer has the names of the run's creator: the first that may take them."""
        return self._creates and self.writer is None

    @property
    def lines(self) -> int:
        """How many lines, headers among them, this writer has numbered so far."""
        return self._seq + 1

    @property
    def name(self) -> str:
        """The writer's own name, also for the run's creator."""
        return self.writer or f"{self.process.label}-0"

    def append(self, stream: str, now_s: float, make: Make, payload: Any) -> None:
        """Append the line that `make(seq, now_s, payload)` returns for the number it is given.

        `make` runs under the writer's lock, so it must run no user code and log nothing. What
        it raises passes through, and its number is used for the next line; so does what a signal
        handler raises meanwhile.
        """
        with self.lock:
            if self._busy:
                # Our own thread is inside already: the outer call takes this line along.
                self._pending.append((stream, now_s, make, payload))
                return
            self._busy = True
            numbered = self._seq
            try:
                segments: Segments | _Nowhere | None = self._segments.get(stream)
                if segments is None or now_s > segments.good_until_s:
                    segments = self._ready(stream, now_s)
                seq = self._seq + 1
                line = make(seq, now_s, payload)
                self._seq = seq
                try:
                    segments.append(line)
                except OSError as error:
                    if self._closed_by_program(error):
                        self._seq = seq - 1  # nothing of the line is written: once more
                        self._pending.appendleft((stream, now_s, make, payload))
                    else:
                        self._lost(stream, seq, error)
                else:
                    if self._gaps:
                        self._record_gaps(now_s)
            except BaseException:
                self._take_back_numbers(numbered, stream)
                raise
            finally:
                self._busy = False
                while self._pending:
                    self.append(*self._pending.popleft())

    def _take_back_numbers(self, numbered: int, stream: str) -> None:
        """Use again the numbers after `numbered` that no line has got when something raised."""
        while self._seq > numbered:
            try:
                if any(each.ends_with(self._seq) for each in list(self._segments.values())):
                    return
            except OSError as error:
                self._lost(stream, self._seq, error)
                return
            self._seq -= 1

    def _append_later(self, stream: str, now_s: float, make: Make, payload: Any) -> None:
        """Stand in for `append` in a writer with a backlog: the line waits for the thread."""
        from tracklab.storage.backlog import WaitingLine  # noqa: PLC0415 - loaded already

        assert self.backlog
        self.wait_for_room()
        with self.lock:
            if self._busy:
                self._pending.append((stream, now_s, make, payload))
                return
            self._busy = True
            numbered, taken = self._seq, self.backlog.taken
            try:
                self._try_to_begin()
                seq = self._seq + 1
                line = make(seq, now_s, payload)
                self._seq = seq
                if not self.backlog.put(WaitingLine(stream, seq, now_s, line)):
                    self._lost(stream, seq, OSError(_NO_ROOM))
            except BaseException:
                if self.backlog.passes_on:
                    self._take_back_numbers(numbered, stream)
                elif self.backlog.taken == taken:
                    self._seq = numbered
                raise
            finally:
                self._busy = False
                while self._pending:
                    self.append(*self._pending.popleft())

    def wait_for_room(self) -> None:
        """Wait until a line may wait, if any has to; who holds `lock` calls this before.

        The thread needs the lock, for the number of a header: nobody waits for it with that.
        """
        if self.backlog is not None and not self.backlog.has_room and not self.entered():
            self.backlog.wait_for_room()

    def entered(self) -> bool:
        """Whether the calling thread is inside a call already, as in a signal handler."""
        try:
            threading.Condition(self.lock).notify()
        except RuntimeError:  # how a condition says that its lock is not this thread's
            return False
        return True

    def _try_to_begin(self) -> None:
        """Whether there is a disk shows when what waits is written."""
        try:
            self._begin()
        except OSError as error:
            self._notice(error)

    def _write_waiting(self, lines: list[WaitingLine]) -> None:
        """Write lines that waited, those of one stream with one call."""
        with self._disk:
            for stream, group in groupby(lines, key=attrgetter("stream")):
                waited = list(group)
                now_s = waited[-1].timestamp_s
                segments: Segments | _Nowhere | None = self._segments.get(stream)
                if segments is None or now_s > segments.good_until_s:
                    segments = self._ready(stream, now_s)
                whole, error = segments.append_all([line.content for line in waited])
                if error is not None and self._closed_by_program(error):
                    segments = self._ready(stream, now_s)
                    more, error = segments.append_all([line.content for line in waited[whole:]])
                    whole += more
                for line in waited[whole:]:
                    self._lost(stream, line.seq, error or OSError())
                if self._gaps and error is None:
                    self._record_gaps(now_s)

    def row(
        self,
        stream: str,
        body: bytes,
        *,
        timestamp_s: float,
        runtime_s: float,
        step: int | None = None,
    ) -> list[bytes]:
        """Append a row and return the objects that stand in its lines: one, or several parts.

        Args:
            stream: `history` or `system_metrics`.
            body: the user's keys as one JSON object.
            timestamp_s: epoch seconds.
            runtime_s: seconds since the run began.
            step: None for rows by time.
        """

        def make(seq: int, now_s: float, part: bytes) -> bytes:
            place = {} if step is None else {"_step": step}
            fields = {"_timestamp": now_s, **place, "_runtime": round(runtime_s, 6)}
            return row_line({**fields, "_run_id": self.run_id, "_seq": seq, **self.row_mark}, part)

        fits = len(body) <= BODY_MAX_BYTES
        parts = [body] if fits else self._fitted(body, BODY_MAX_BYTES)
        for part in parts:
            self.append(stream, timestamp_s, make, part)
        return parts

    def event(
        self,
        stream: str,
        *,
        logger: str,
        message: str,
        data: bytes = b"{}",
        level: str = "INFO",
        timestamp_s: float | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Append an event.

        Args:
            stream: `events` or `llm`.
            logger: the kind of event.
            message: its name or text; all of a text over 2,000 characters is in `data` too.
            data: its fields as one JSON object.
            level: one of `LEVELS`.
            timestamp_s: epoch seconds; None for now.
            context: optional `rank`, `trace_id`, `span_id`.
        """
        now_s = clock.now() if timestamp_s is None else timestamp_s
        if len(message) > _MESSAGE_MAX_CHARS:
            data = _with_field(data, "full_message", message)
            message = message[:_MESSAGE_MAX_CHARS]
        head = {
            "timestamp": rfc3339(now_s),
            "level": level,
            "logger": whole_text(logger),
            "message": whole_text(message),
            "run_id": self.run_id,
        }
        extra = orjson.loads(encode_object(context)) if context else {}

        def make(seq: int, _now_s: float, part: bytes) -> bytes:
            return event_line({**head, "seq": seq, **self.event_mark, **extra}, part)

        room = BODY_MAX_BYTES - 4 * len(message)
        for part in [data] if len(data) <= room else self._fitted(data, room):
            self.append(stream, now_s, make, part)

    def _fitted(self, body: bytes, room: int) -> list[bytes]:
        try:
            return fit(self.run_dir, body, room=room, file_mode=self._limits.file_mode)
        except OSError as error:
            self._notice(error)
            return [encode_object({"_error": "too large for a line, and no file could be written",
                                   "bytes": len(body)})]  # fmt: skip

    def _ready(self, stream: str, now_s: float) -> Segments | _Nowhere:
        """Return the stream with a segment to append to, begun now if need be."""
        numbered = self._seq
        try:
            self._begin()
            segments = self._segments.get(stream)
            if segments is None:
                segments = self._segments[stream] = Segments(
                    self.run_dir,
                    stream,
                    writer=self.writer,
                    limits=self._limits,
                    header=self._header,
                )
            if now_s > segments.good_until_s:
                segments.begin(now_s)
        except OSError as error:
            for seq in range(numbered + 1, self._seq + 1):  # a header's, which is written anew
                with self.lock:
                    self._gaps.add(stream, seq, error)
            return _Nowhere(error)
        if segments.sync_fault is not None:
            self._notice(segments.sync_fault)
            segments.sync_fault = None
        return segments

    def _number(self) -> int:
        with self.lock:
            self._seq += 1
            return self._seq

    def _header(self, stream: str, number: int, now_s: float) -> bytes:
        process = self.process
        facts = {
            "host": process.host,
            "pid": process.pid,
            "boot_id": process.boot_id,
            "process_start": process.start_ticks,
            **self._facts,
        }
        return header_line(
            self.run_id, writer=self.name, seq=self._number(), stream=stream, number=number,
            started_s=now_s, facts=facts,
        )  # fmt: skip

    def _closed_by_program(self, error: OSError) -> bool:
        """Say whether the program has closed our segments, and if so take them and the lock anew.

        A program that becomes a daemon closes all descriptors that it finds.
        """
        if error.errno != errno.EBADF:
            return False
        closed = [segments.forget_closed() for segments in self._segments.values()]
        keep()
        try:
            self._claim.renew()
        except OSError as refused:
            self._notice(refused)
        return any(closed)

    def _lost(self, stream: str, seq: int, error: OSError) -> None:
        """Count a line that is not, or not wholly, in its file."""
        with self.lock:
            self.lines_lost += 1
            self._gaps.add(stream, seq, error)
        self._notice(error)

    def _record_gaps(self, now_s: float) -> None:
        with self.lock:
            gaps = self._gaps.told()
        for data in gaps:
            seq = self._number()
            fields = {
                "timestamp": rfc3339(now_s),
                "level": "ERROR",
                "logger": "tracklab.gap",
                "message": "gap",
                "run_id": self.run_id,
                "seq": seq,
                **self.event_mark,
            }
            segments: Segments | _Nowhere | None = self._segments.get("events")
            if segments is None or now_s > segments.good_until_s:
                segments = self._ready("events", now_s)
            try:
                segments.append(event_line(fields, encode_object(data)))
            except OSError as error:  # named again after the next line that is written
                self._lost("events", seq, error)
            else:
                with self.lock:
                    self._gaps.forget(data)

    def _notice(self, error: OSError) -> None:
        """Tell the user once a minute per reason."""
        reason = reason_of(error)
        now_s = clock.monotonic()
        if now_s - self._last_notice_s.get(reason, -_NOTICE_EVERY_S) < _NOTICE_EVERY_S:
            return
        self._last_notice_s[reason] = now_s
        missing = "1 line is" if self.lines_lost == 1 else f"{self.lines_lost} lines are"
        say(
            f"cannot write the records of run {self.run_id} ({error.strerror or reason});"
            f" your program goes on, {missing} missing so far."
            f" Make room or restore access: {self.run_dir}"
        )

    def settle(self) -> None:
        """Wait until every line appended so far is with the operating system."""
        if self.backlog is not None:
            self.backlog.call(_nothing)

    def sync(self) -> None:
        """Wait until disk and directory hold every line appended so far.

        Cost: 0.1 to tens of milliseconds, without keeping the lock from `row` and `event`.
        """
        if self.backlog is None:
            self._sync_segments()
        else:
            self.backlog.call(self._sync_segments)

    def sync_soon(self) -> None:
        """As `sync`, but with a backlog the thread does it after what waits, and nobody waits."""
        if self.backlog is None:
            self._sync_segments()
        else:
            self.backlog.call(self._sync_segments, 0.0)

    def _sync_segments(self) -> None:
        with self._disk:
            parts = list(self._segments.values())
        for segments in parts:
            with self._disk:
                try:
                    descriptor = segments.duplicate()
                except OSError as error:
                    if not self._closed_by_program(error):
                        self._notice(error)
                    continue
            if descriptor is None:
                continue
            try:
                os.fdatasync(descriptor)
                segments.sync_name()
            except OSError as error:
                with self._disk:
                    segments.drop()
                self._notice(error)
            finally:
                close_file(descriptor)

    def watch_disk(self) -> None:
        """Tell the user if a write has been keeping the disk's lock for a second."""
        if self._disk.acquire(timeout=_SLOW_S):
            self._disk.release()
        else:
            self._notice(OSError(errno.ETIMEDOUT, f"no answer for {_SLOW_S:g} s"))

    def close(self) -> None:
        """Make everything durable, then let go of segments and lock.

        A line that still comes afterwards opens a segment of its own: late, never lost.
        """
        if self.backlog is not None:
            with self.lock:
                self.backlog.refuse()
            self.backlog.close()
        self._sync_segments()
        with self.lock, self._disk:
            for segments in self._segments.values():
                segments.drop()
            if self._claimed:
                self._start_over()
                self._claim.let_go()

    def after_fork(self) -> None:
        """Become another writer: the child of a fork shares nothing with its parent.

        The child closes its copies of the descriptors. Keeping the lock's would hide the
        parent's death from readers.
        """
        for segments in self._segments.values():
            segments.drop()
        self._claim.let_go()
        self._creates = False
        self._facts = {**self._facts, "generation": self._facts.get("generation", 0) + 1}
        if self.backlog is not None:
            self.backlog.start_over()
        self._start_over()


def _nothing() -> None:
    pass


def say(text: str) -> None:
    """Print one line for the user, past any Python code of his.

    Straight to descriptor 2: `sys.stderr` may be ours, closed, or someone's class.
    """
    with contextlib.suppress(OSError):
        os.write(2, f"tracklab: {text}\n".encode(errors="replace"))


def _with_field(data: bytes, key: str, value: str) -> bytes:
    field = encode_object({key: value})
    return field if data == b"{}" else data[:-1] + b"," + field[1:]


def _renew_all() -> None:
    for writer in _LIVING:
        writer.after_fork()


os.register_at_fork(after_in_child=_renew_all)
