"""The stage as seen from outside: each call starts its program under strace with one fault."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash.evidence import Evidence, evidence

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Call", "Outcome", "Stage"]

REPOSITORY = Path(__file__).parents[2]
_PATIENCE_S = 10.0
_CALL = re.compile(r"\d+ +(\w+)\((.*)")


@dataclass(frozen=True)
class Call:
    """One system call: the `number`-th of its name (from 1), and its arguments as strace says."""

    name: str
    number: int
    arguments: str


@dataclass(frozen=True)
class Outcome:
    """What one start of the program left."""

    root: Path
    exit_code: int
    out: str
    err: str
    acknowledged: set[int]
    evidence: Evidence

    def calls(self) -> list[Call]:
        """Return the program's system calls in order."""
        counts: dict[str, int] = {}
        found = []
        for line in Path(f"{self.root}.trace").read_text(errors="replace").splitlines():
            match = _CALL.match(line)
            if match is not None:
                name = match[1]
                counts[name] = counts.get(name, 0) + 1
                found.append(Call(name, counts[name], match[2]))
        return found


class Stage:
    """Starts the program again and again, one child for each."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.stage"], cwd=REPOSITORY,
            env={**os.environ, "HOME": str(place)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._started = 0
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._server as server:
            assert server.stdin
            server.stdin.close()
            server.wait(timeout=_PATIENCE_S)

    def next_root(self) -> Path:
        """Return the data directory that the next run makes, unless it is given another."""
        return self._place / str(self._started + 1)

    def run(self, *options: str, root: Path | None = None) -> Outcome:
        """Run the program once under strace with `options`."""
        assert self._server.stdin
        root = root or self.next_root()
        self._started += 1
        self._server.stdin.write(f"{root}\n")
        self._server.stdin.flush()
        child = int(self._answer())
        _wait_until(lambda: _field(child, "State") == "T")
        command = ["strace", "-f", "-y", "-qq", "-s", "64", "-o", f"{root}.trace"]
        with subprocess.Popen([*command, "-p", str(child), *options]) as tracer:
            _wait_until(lambda: _field(child, "TracerPid") != "0" or tracer.poll() is not None)
            os.kill(child, signal.SIGCONT)
            exit_code = int(self._answer())
            tracer.wait(timeout=_PATIENCE_S)
        said = [Path(f"{root}.{name}").read_text() for name in ("out", "err", "ack")]
        numbers = {int(line) for line in said[2].splitlines()}
        return Outcome(root, exit_code, said[0], said[1], numbers, evidence(root / "p/r"))

    def _answer(self) -> str:
        assert self._server.stdout
        line = self._server.stdout.readline()
        assert line, "the stage has ended"
        return line


def _field(pid: int, name: str) -> str:
    text = Path(f"/proc/{pid}/status").read_text()
    return text.partition(f"{name}:\t")[2][:1]


def _wait_until(condition: Any) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.0005)
