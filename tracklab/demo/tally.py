"""What the demo itself counted while it worked: the other side of the final check.

The counts are made where the work is done and never pass through TrackLab, so that a row or a
call that TrackLab lost would be missing on one side only.
"""

from __future__ import annotations

import json
import math
import threading
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Tally"]


@dataclass
class Tally:
    """Counts of one run.

    Attributes:
        run: its address, `project/run_id`.
        name: what people read.
        state: how it is meant to have ended, `finished` or `failed`.
        points: values logged, per metric.
        nonfinite: how many of them were NaN or infinite, per metric.
        last_step: the largest step logged; -1 before the first.
        checkpoints: size in bytes of each checkpoint saved, by path.
        calls: LLM calls made, per outcome; `ok` or the kind of failure.
        prompt_tokens: tokens sent in calls that were answered.
        completion_tokens: tokens received.
        score: nats per character on held-out text at the last checkpoint; None without one.
    """

    run: str = ""
    name: str = ""
    state: str = "finished"
    points: dict[str, int] = field(default_factory=dict)
    nonfinite: dict[str, int] = field(default_factory=dict)
    last_step: int = -1
    checkpoints: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    score: float | None = None

    def __post_init__(self) -> None:
        """Make what several threads of a service need to count together."""
        self._lock = threading.Lock()

    def begin(self, run: str, name: str) -> None:
        """Note which run is counted."""
        self.run, self.name = run, name

    def row(self, values: Mapping[str, object], *, step: int) -> None:
        """Count the values of one row."""
        self.last_step = max(self.last_step, step)
        for name, value in values.items():
            self.points[name] = self.points.get(name, 0) + 1
            if isinstance(value, float) and not math.isfinite(value):
                self.nonfinite[name] = self.nonfinite.get(name, 0) + 1

    def checkpoint(self, path: Path, *, score: float) -> None:
        """Count a checkpoint that was saved, as large as it is on disk."""
        self.checkpoints[str(path)] = path.stat().st_size
        self.score = score

    def call(self, outcome: str, *, prompt: int = 0, completion: int = 0) -> None:
        """Count one LLM call; safe to use from several threads."""
        with self._lock:
            self.calls[outcome] = self.calls.get(outcome, 0) + 1
            self.prompt_tokens += prompt
            self.completion_tokens += completion

    def save(self, path: Path) -> None:
        """Write the counts for the process that checks them."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def load(cls, path: Path) -> Tally:
        """Read the counts that another process wrote."""
        return cls(**json.loads(path.read_text("utf-8")))
