"""Answers about checkpoints, and advice how often to save."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Checkpoint",
    "CheckpointAdvice",
    "CheckpointPage",
    "CheckpointStats",
    "Interruptions",
]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint save, load or listing: seconds, `size` in bytes, MB = 1e6 bytes.

    `blocked` is how long training waited, `duration` how long until it was durable; `kept` is
    why it stays when others go, `removed_at` when it went.
    """

    run: str
    timestamp: str | None
    step: int | None
    operation: str
    duration: float | None
    blocked: float | None
    size: int | None
    mb_per_s: float | None
    success: bool
    path: str | None
    format: str | None
    error_type: str | None
    kept: str | None
    removed_at: str | None


@dataclass(frozen=True, slots=True)
class CheckpointStats:
    """Numbers over all checkpoints: seconds, bytes, GB = 1e9 bytes.

    `median_s` and `gb_per_s` are of saves that succeeded; `blocked_share` is the share of the
    runs' time in which training waited, 0 to 1 or None.
    """

    count: int
    saves: int
    failures: int
    median_s: float | None
    gb_per_s: float | None
    total_s: float
    blocked_s: float
    blocked_share: float | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Interruptions:
    """How often runs were interrupted from outside, in how many seconds, over how many runs."""

    count: int
    lasted_s: float
    runs: int

    @property
    def mtbf_s(self) -> float | None:
        """Mean time between failures; None without any failure, because then nothing tells it.

        Time over failures is the maximum likelihood of an exponential law, runs that went well
        included as what they are: time without a failure.
        """
        return self.lasted_s / self.count if self.count and self.lasted_s else None

    @property
    def basis(self) -> str:
        """What the estimate rests on, in words."""
        times = "1 interruption" if self.count == 1 else f"{self.count} interruptions"
        runs = "1 run" if self.runs == 1 else f"{self.runs} runs"
        return f"{times} in {self.lasted_s / 3600:.4g} h of {runs}"


@dataclass(frozen=True, slots=True)
class CheckpointAdvice:
    """How often to save, by Young and Daly: seconds of work between two saves.

    `overhead` is the share of time that saves and lost work add at that interval, and
    `current_overhead` at the median interval of now. Without failures `mtbf_s` is None, and so
    is what follows from it. `mtbf_basis` says in words where it comes from, `interruptions` in
    numbers; None where it was given.
    """

    interval_s: float | None
    interval_steps: int | None
    overhead: float | None
    save_cost_s: float
    mtbf_s: float | None
    mtbf_basis: str
    interruptions: Interruptions | None
    current_interval_s: float | None
    current_overhead: float | None


@dataclass(frozen=True, slots=True)
class CheckpointPage:
    """Every checkpoint in time order, numbers over them, and advice where a save tells its cost."""

    checkpoints: list[Checkpoint]
    stats: CheckpointStats
    advice: CheckpointAdvice | None
