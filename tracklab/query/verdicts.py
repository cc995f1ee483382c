"""What a verification found: counts by writer, and what is wrong, each thing by its name."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Fault", "Verdict", "WriterVerdict"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `offset` is a byte of the segment's plain content.

    `kind` is one of `gap`, `duplicate`, `bad line`, `torn line`, `foreign line`, `no header`,
    `foreign header`, `short header`, `same fingerprint`, `unreadable`, `missing value`,
    `damaged value`.
    """

    kind: str
    writer: str | None
    segment: str | None
    offset: int | None
    detail: str


@dataclass(slots=True)
class WriterVerdict:
    """What was found of one writer.

    Attributes:
        writer: None for the run's creator.
        name: as its headers say; None without one.
        rank: its process's number in its job, None where it has none.
        living: whether it lives or may live.
        segments: its files.
        lines: its lines, headers included.
        first_seq: the smallest number found; None without lines.
        last_seq: the largest.
        explained: numbers missing that gap events or removals name.
        missing: numbers missing that nothing names.
        duplicates: lines whose number another line has.
        bad_lines: lines that are no record.
        torn_lines: beginnings of lines that gap events explain.
        values: files named by its lines.
    """

    writer: str | None
    name: str | None = None
    rank: int | None = None
    living: bool = False
    segments: int = 0
    lines: int = 0
    first_seq: int | None = None
    last_seq: int | None = None
    explained: int = 0
    missing: int = 0
    duplicates: int = 0
    bad_lines: int = 0
    torn_lines: int = 0
    values: int = 0


@dataclass(slots=True)
class Verdict:
    """What was found of a run; `fingerprints` are SHA-256 of the first 1,000 bytes by segment.

    Of more than 1,000 faults the first are listed; `fault_count` counts all.
    """

    run: str
    writers: list[WriterVerdict] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return self.fault_count == 0
