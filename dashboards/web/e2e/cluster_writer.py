"""Be a few machines of a cluster: a living run on each, with a past and a system row every second.

python cluster_writer.py DIRECTORY SECONDS PROJECT HOST=GPUS...

A host whose name ends in "?" is silent: it was heard of ten minutes ago, and holds no lock.
Host names are what is told, so the lines are written in the documented format directly.
SIGTERM ends the runs.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import random
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

INTERVAL_S = 5
PAST_S = 900
SILENT_S = 600
GIB = 2**30


def rfc(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Host:
    """One run on one host, with what its cards do."""

    def __init__(self, root: Path, project: str, host: str, gpus: int) -> None:
        self.silent, self.host, self.gpus = host.endswith("?"), host.rstrip("?"), gpus
        self.rng, self.seq = random.Random(self.host), 0
        self.path = root / project / f"on-{self.host}"
        self.path.mkdir(parents=True)
        self.started = time.time() - PAST_S
        (self.path / "metadata.json").write_text(
            json.dumps({"host": self.host, "project": project})
        )
        self.lock = (self.path / "run.lock").open("w")
        if not self.silent:
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        told = {"host": self.host, "project": project, "beside": []}
        self.event("start", told, at=self.started)
        ended = time.time() - (SILENT_S if self.silent else 0)
        for number in range(int((ended - self.started) / INTERVAL_S)):
            self.sample(self.started + number * INTERVAL_S)
        if self.silent:
            for path in self.path.iterdir():
                os.utime(path, (ended, ended))

    def add(self, stream: str, record: dict[str, object]) -> None:
        """Append a line, behind the header if it is the first of its file."""
        path = self.path / f"{stream}.jsonl"
        if not path.exists():
            data = {"schema": 1, "stream": stream, "segment": 0, "attempt": 0, "host": self.host}
            data |= {"started": rfc(self.started), "pad": " " * 900}
            header = self.said("tracklab.segment", "segment", data, at=self.started)
            path.write_text(json.dumps(header) + "\n")
        with path.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def said(
        self, logger: str, message: str, data: dict[str, object], *, at: float
    ) -> dict[str, object]:
        """Return an event as the format has it."""
        self.seq += 1
        return {
            "timestamp": rfc(at), "level": "INFO", "logger": logger, "message": message,
            "run_id": self.path.name, "seq": self.seq, "data": data,
        }  # fmt: skip

    def event(self, message: str, data: dict[str, object], *, at: float) -> None:
        """Tell the beginning or the end of the run."""
        self.add("events", self.said("tracklab.lifecycle", message, data, at=at))

    def sample(self, at: float) -> None:
        """Add a row: cards in waves of their own, one of them idle, one with gaps in its load."""
        wave = math.sin(at / 70 + len(self.host) + sum(map(ord, self.host)))
        self.seq += 1
        row: dict[str, object] = {
            "_timestamp": at,
            "_runtime": at - self.started,
            "_run_id": self.path.name,
            "_seq": self.seq,
            "cpu_percent": round(38 + 14 * wave + self.rng.gauss(0, 4), 1),
            "memory_percent": round(52 + 6 * math.sin(at / 300) + self.rng.random(), 1),
        }
        for gpu in range(self.gpus):
            load = min(100.0, max(0.0, 91 + 6 * wave - 4 * (gpu % 5) + self.rng.gauss(0, 3)))
            if gpu % 8 == 5:
                load = 0.0
            elif gpu % 8 == 2 and at % 180 < 40:
                load = self.rng.uniform(0, 12)
            used = (4 if gpu % 8 == 5 else 58 + 2 * gpu % 21) * GIB
            row |= {
                f"gpu.{gpu}.utilization_percent": round(load),
                f"gpu.{gpu}.memory_used_bytes": used,
                f"gpu.{gpu}.memory_total_bytes": 80 * GIB,
                f"gpu.{gpu}.memory_percent": round(100 * used / (80 * GIB), 2),
                f"gpu.{gpu}.temperature_celsius": round(33 + load * 0.38 + gpu),
                f"gpu.{gpu}.power_watts": round(95 + load * 5.6 + self.rng.gauss(0, 8), 1),
                f"gpu.{gpu}.power_limit_watts": 700.0,
            }
        self.add("system_metrics", row)

    def end(self) -> None:
        """Say the end and let go of the lock."""
        self.event("finish", {"state": "finished", "exit_code": 0}, at=time.time())
        self.lock.close()


def main() -> None:
    root, seconds, project = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    named = [one.partition("=") for one in sys.argv[4:]]
    hosts = [Host(root, project, name, int(gpus)) for name, _, gpus in named]
    living = [host for host in hosts if not host.silent]
    try:
        while time.monotonic() - began < seconds:
            time.sleep(1)
            for host in living:
                host.sample(time.time())
    finally:
        for host in living:
            host.end()


if __name__ == "__main__":
    main()
