"""Any sequence of writing, failing, forking, dying and reading, against a model of one dict."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.crash.evidence import Evidence, evidence
from tests.crash.needs import THOROUGH
from tests.patience import PATIENT
from tracklab.query.engines.local import LocalEngine
from tracklab.records.encode import encode_object
from tracklab.storage.backlog import BacklogLimits
from tracklab.storage.segments import Limits
from tracklab.storage.writer import Writer


class Lives(RuleBasedStateMachine):
    """One run and the processes that write it, one after the other.

    The model is what was acknowledged: the number of every row that a writer took. What is lost
    on purpose is known too, because the writer counts it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.run_dir = Path(self.place.name, "p", "r")
        self.acknowledged: set[int] = set()
        self.lost = 0
        self.n = 0
        self.writer = self.begun(backlog=False)

    def begun(self, *, backlog: bool) -> Writer:
        """Return a writer of short segments, that writes at once or lets lines wait."""
        waiting = BacklogLimits(batch_lines=3) if backlog else None
        return Writer(
            self.run_dir, "r", facts={"project": "p", "attempt": 0},
            limits=Limits(max_bytes=4096), backlog=waiting,
        )  # fmt: skip

    def append(self, text: str = "") -> None:
        """Write the next row."""
        body = encode_object({"n": self.n, "text": text})
        self.writer.row("history", body, timestamp_s=1.0, runtime_s=0.0, step=self.n)
        self.acknowledged.add(self.n)
        self.n += 1

    @rule(sizes=st.lists(st.sampled_from([0, 10, 1_000, 3_000, 50_000]), min_size=1, max_size=8))
    def append_rows(self, sizes: list[int]) -> None:
        """Short and long rows: some seal a segment, some need a file of their own."""
        for size in sizes:
            self.append("x" * size)

    @rule(room=st.integers(0, 3_000))
    def meet_a_full_disk(self, room: int) -> None:
        """Files may grow by so much only: half a line is written, then nothing."""
        self.writer.settle()
        sizes = [path.stat().st_size for path in self.run_dir.glob("*.jsonl")]
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        before, first = self.writer.lines_lost, self.n
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes, default=0) + room, limits[1]))
        try:
            for _ in range(4):
                self.append("y" * 500)
            self.writer.settle()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        self.append()  # writing works again, so what is missing is named
        self.writer.settle()
        # A row that lacked only its line break is complete now, though it was counted as lost.
        written = {row["n"] for row in self.evidence().rows}
        lost = set(range(first, self.n)) - written
        assert len(lost) <= self.writer.lines_lost - before
        self.acknowledged -= lost

    @rule(rows=st.integers(0, 5))
    def fork(self, rows: int) -> None:
        """A child logs on with the same writer and dies without an end."""
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                for _ in range(rows):
                    self.append("child")
                self.writer.settle()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        self.acknowledged |= set(range(self.n, self.n + rows))
        self.n += rows

    @rule(rows=st.integers(0, 5), backlog=st.booleans(), torn=st.binary(max_size=30))
    def be_killed(self, rows: int, backlog: bool, torn: bytes) -> None:  # noqa: FBT001 - a rule
        """Another process logs and is killed; power fails too, and leaves rubbish behind."""
        self.writer.close()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                self.writer = self.begun(backlog=False)
                for _ in range(rows):
                    self.append("killed")
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        self.acknowledged |= set(range(self.n, self.n + rows))
        self.n += rows
        for path in self.run_dir.glob("*.jsonl"):
            with open(path, "ab") as file:
                file.write(torn.replace(b"\n", b""))
        self.writer = self.begun(backlog=backlog)

    @rule()
    def sync(self) -> None:
        """Durable or not, the same lines."""
        self.writer.sync()

    @precondition(lambda self: self.n)
    @invariant()
    def every_acknowledged_row_is_there_once(self) -> None:
        """Read without any of our code, and by the engine that the server asks."""
        self.writer.settle()
        found = [row["n"] for row in self.evidence().rows]
        assert sorted(found) == sorted(self.acknowledged)
        engine = LocalEngine(Path(self.place.name))
        series: Any = engine.series(["r"], ["n"]).series[0]
        assert {int(value) for value in series.last} <= self.acknowledged

    def evidence(self) -> Evidence:
        """Return what is on disk; of no number of any writer it is unknown what became of it."""
        found = evidence(self.run_dir)
        for name in found.numbers:
            assert found.unaccounted(name) == set()
        return found

    def teardown(self) -> None:
        """End the life."""
        self.writer.close()
        self.place.cleanup()


TestLives = Lives.TestCase
TestLives.settings = settings(PATIENT, max_examples=500 if THOROUGH else 25, stateful_step_count=12)
