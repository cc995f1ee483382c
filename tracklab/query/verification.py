"""Is all of a run there: every line of every writer once, under a header of its own.

`(run_id, writer, seq)` names a line for ever and a writer counts without holes, so whatever is
missing, doubled or foreign shows, also after copies of a run were merged. What a gap event or a
removal names is explained, and no fault. Nor is what a living writer has not finished yet: of it
only the lines are judged that must be there by the time it is asked.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from tracklab.query.attachments import Attachment, attachments, fault_of
from tracklab.query.journal import gap_ranges
from tracklab.query.numbering import (
    count,
    holes,
    joined,
    overlap,
    ranges_of,
    span,
    unnamed,
    within,
    without,
)
from tracklab.query.verdicts import Fault, Verdict, WriterVerdict
from tracklab.records.decode import BadLine, Header, decode_event, decode_row
from tracklab.records.fields import whole
from tracklab.records.lines import HEADER_MIN_BYTES
from tracklab.records.names import STREAMS
from tracklab.storage.blobs import fetched
from tracklab.storage.layout import parse_segment_name, segments
from tracklab.storage.liveness import living_writers
from tracklab.storage.reading import Reading, open_segment, segment_size

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.addresses import Place
    from tracklab.storage.identity import Process

__all__ = ["verify"]

_FINGERPRINT_BYTES: Final = 1_000
_HEAD_BYTES: Final = 64 << 10
_MOST_FAULTS: Final = 1_000
_MAX_SEQ: Final = 1 << 62
_ROWS: Final = frozenset({"history", "system_metrics"})
_SEQ = re.compile(rb'"_?seq":(\d{1,18})[,}]')


@dataclass(slots=True)
class _Own:
    """What is known of one writer while its segments are read."""

    verdict: WriterVerdict
    seqs: array[int] = field(default_factory=lambda: array("q"))
    gaps: list[tuple[int, int]] = field(default_factory=list)
    removed: list[tuple[int, int, int]] = field(default_factory=list)
    torn: list[tuple[Path, int, bytes]] = field(default_factory=list)


def verify(place: Place, *, here: Process, now_s: float) -> Verdict:
    """Return what is wrong with a run, if anything.

    Args:
        place: where the run lies.
        here: the process that asks.
        now_s: epoch seconds.

    Cost: reads every line and every value; 8 bytes of memory per line.
    """
    living = set(living_writers(place.path, here=here, now_s=now_s))
    check = _Check(place, living)
    check.read()
    horizons = {name: max(own.seqs, default=-1) for name, own in check.owns.items()}
    if living:
        # While one stream was read others grew. A writer numbers a line after the one before is
        # written, so what is still missing below these numbers now is missing.
        check.read()
    check.judge(horizons)
    return check.verdict


class _Check:
    """One verification: what was read so far, and where to read on."""

    def __init__(self, place: Place, living: set[str | None]) -> None:
        self.verdict = Verdict(place.address)
        self.owns: dict[str | None, _Own] = {}
        self._place = place
        self._living = living
        self._run_id: str | None = None
        self._readings: dict[Path, int] = {}
        self._values: set[Attachment] = set()
        self._unreadable: set[Path] = set()
        self._seen_prints: dict[str, str] = {}

    def read(self) -> None:
        """Read whatever has not been read yet."""
        paths = [path for stream in STREAMS for path in segments(self._place.path, stream)]
        if self._run_id is None:
            self._run_id = self._told_id(paths)
        for path in paths:
            self._segment(path)

    def judge(self, horizons: dict[str | None, int]) -> None:
        """Compare the numbers, and finish the verdict."""
        for writer in sorted(self.owns, key=lambda name: name or ""):
            own = self.owns[writer]
            own.gaps = joined(own.gaps)
            self.verdict.writers.append(own.verdict)
            self._unfinished(own)
            limit = horizons.get(writer, -1) if own.verdict.living else None
            self._numbers(own, limit)
            self._torn(own)

    # --- segments

    def _told_id(self, paths: list[Path]) -> str:
        """Return the run's id: its directory's name, or what all headers say of a renamed one."""
        heads = (_first_line(path) for path in paths)
        told = {head.run_id for head in map(decode_row, heads) if isinstance(head, Header)}
        own = self._place.run_id
        return next(iter(told)) or own if len(told) == 1 and own not in told else own

    def _segment(self, path: Path) -> None:
        name = parse_segment_name(path.name)
        assert name is not None
        own = self.owns.get(name.writer)
        if own is None:
            living = name.writer in self._living
            own = self.owns[name.writer] = _Own(WriterVerdict(name.writer, living=living))
        start = self._readings.get(path, 0)
        if start == 0:
            own.verdict.segments += path not in self._readings
            if not self._head(path, own):
                self._readings.setdefault(path, 0)
        reading = Reading(path, start=start)
        for offset, block in reading.blocks():
            self._block(path, own, offset, block)
        self._readings[path] = reading.end
        for _ in range(reading.skipped):
            own.verdict.bad_lines += 1
            self._fault("bad line", own, path, None, "NUL bytes, or a line over 1 MiB")
        if reading.fault is not None and path not in self._unreadable:
            self._unreadable.add(path)
            detail = reading.fault.strerror or str(reading.fault)
            self._fault("unreadable", own, path, reading.end, detail)

    def _head(self, path: Path, own: _Own) -> bool:
        """Judge a segment's first line; return whether there is one."""
        line = _first_line(path)
        if not line:
            return False
        header = decode_row(line)
        if not isinstance(header, Header):
            if not self._is_torn_header(path):
                self._fault("no header", own, path, 0, "the first line is no header")
            return True
        parts = parse_segment_name(path.name)
        assert parts is not None
        record = orjson.loads(line)
        told = (header.run_id, header.data.get("stream"), header.data.get("segment"))
        writer = record.get("writer")
        if told != (self._run_id, parts.stream, parts.number) or (
            parts.writer is not None and writer not in {None, parts.writer}
        ):
            run, stream, number = told
            detail = f"it says run {run!r}, writer {writer!r}, {stream} {number}"
            self._fault("foreign header", own, path, 0, detail)
        else:
            own.verdict.name = writer
            own.verdict.rank = whole(header.data.get("rank"))
        self._fingerprint(path, own, line)
        return True

    def _is_torn_header(self, path: Path) -> bool:
        """Return whether a header follows in the second place, as after a full disk."""
        try:
            with open_segment(path) as file:
                lines = file.read(_HEAD_BYTES).split(b"\n")
        except OSError:
            return False
        return any(isinstance(decode_row(line), Header) for line in lines[1:-1] if line)

    def _fingerprint(self, path: Path, own: _Own, line: bytes) -> None:
        if len(line) + 1 < HEADER_MIN_BYTES:
            detail = f"{len(line) + 1} bytes; shippers need {HEADER_MIN_BYTES}"
            self._fault("short header", own, path, 0, detail)
        print_ = hashlib.sha256(line[:_FINGERPRINT_BYTES]).hexdigest()
        self.verdict.fingerprints[path.name] = print_
        twin = self._seen_prints.setdefault(print_, path.name)
        if twin != path.name:
            self._fault("same fingerprint", own, path, 0, f"as {twin}")

    # --- lines

    def _block(self, path: Path, own: _Own, offset: int, block: bytes) -> None:
        rows = path.name.partition(".")[0] in _ROWS
        decode = decode_row if rows else decode_event
        for line in block.split(b"\n")[:-1]:
            if line and not line.isspace():
                own.verdict.lines += 1
                self._line(path, own, offset, line, decode(line))
            offset += len(line) + 1

    def _line(
        self, path: Path, own: _Own, offset: int, line: bytes,
        record: dict[str, Any] | Header | BadLine,
    ) -> None:  # fmt: skip
        if isinstance(record, BadLine):
            own.torn.append((path, offset, line))
            return
        if isinstance(record, Header):
            if record.seq is not None and 0 <= record.seq < _MAX_SEQ:
                own.seqs.append(record.seq)
            return
        rows = path.name.partition(".")[0] in _ROWS
        seq, run_id, writer = (
            record.get("_" * rows + name) for name in ("seq", "run_id", "writer")
        )
        if type(seq) is int and 0 <= seq < _MAX_SEQ:
            own.seqs.append(seq)
        named = own.verdict.writer
        if run_id not in {None, self._run_id} or writer not in {None, named, own.verdict.name}:
            detail = f"it says run {run_id!r}, writer {writer!r}"
            self._fault("foreign line", own, path, offset, detail)
        if record.get("logger") in {"tracklab.gap", "tracklab.retention"}:
            self._explanation(own, record)
        if b'"$ref"' in line or b'"sha256"' in line:
            self._check_values(own, path, offset, record)

    def _explanation(self, own: _Own, record: dict[str, Any]) -> None:
        data = fetched(self._place.path, record["data"])
        if record["logger"] == "tracklab.gap":
            own.gaps += gap_ranges(data)
            return
        for entry in data.get("segments") or ():
            name = parse_segment_name(str(entry.get("segment")))
            span = [entry.get(key) for key in ("first_seq", "last_seq", "lines")]
            if name is not None and all(type(number) is int for number in span):
                other = self.owns.setdefault(name.writer, _Own(WriterVerdict(name.writer)))
                other.removed.append((span[0], span[1], span[2]))

    # --- values

    def _check_values(self, own: _Own, path: Path, offset: int, record: dict[str, Any]) -> None:
        for attachment in attachments(record, self._place.path):
            own.verdict.values += 1
            if attachment not in self._values:
                self._values.add(attachment)
                fault = fault_of(attachment)
                if fault is not None:
                    self._fault(f"{fault} value", own, path, offset, attachment.digest)

    # --- numbers

    def _unfinished(self, own: _Own) -> None:
        """Note what stands after the last line break: a living writer may be writing it."""
        names = [path for path in self._readings if _writer_of(path) == own.verdict.writer]
        newest = {path.name.partition(".")[0]: path for path in sorted(names, key=_number_of)}
        for path in names:
            in_flight = own.verdict.living and path in newest.values()
            rest = b"" if in_flight else _rest(path, self._readings[path])
            if rest:
                own.torn.append((path, self._readings[path], rest))

    def _numbers(self, own: _Own, limit: int | None) -> None:
        verdict = own.verdict
        seqs = np.sort(np.frombuffer(own.seqs, dtype=np.int64)) if own.seqs else np.empty(0, int)
        twins = seqs[1:][np.diff(seqs) == 0]
        verdict.duplicates = len(twins)
        for first, last in ranges_of(np.unique(twins)):
            self._fault("duplicate", own, None, None, f"seq {span(first, last)} more than once")
        if not len(seqs):
            return
        verdict.first_seq, verdict.last_seq = int(seqs[0]), int(seqs[-1])
        missing = overlap(holes(seqs), 0, int(seqs[-1]) if limit is None else limit)
        left = unnamed(without(missing, own.gaps), own.removed)
        verdict.explained = count(missing) - count(left)
        verdict.missing = count(left)
        for first, last in left:
            self._fault("gap", own, None, None, f"seq {span(first, last)} missing")

    def _torn(self, own: _Own) -> None:
        """Judge beginnings of lines: a gap event explains those that a full disk has left."""
        unnamed = count(own.gaps)
        for path, offset, text in own.torn:
            match = _SEQ.search(text)
            seq = int(match[1]) if match else None
            named = seq is not None and within(seq, own.gaps)
            if named or (seq is None and unnamed > 0):
                unnamed -= seq is None
                own.verdict.torn_lines += 1
                continue
            own.verdict.bad_lines += 1
            if offset == self._readings[path]:
                self._fault("torn line", own, path, offset, "the last line never ended")
            else:
                self._fault("bad line", own, path, offset, "no JSON object")

    def _fault(
        self, kind: str, own: _Own, path: Path | None, offset: int | None, detail: str
    ) -> None:
        self.verdict.fault_count += 1
        if len(self.verdict.faults) < _MOST_FAULTS:
            segment = path.name if path else None
            self.verdict.faults.append(Fault(kind, own.verdict.writer, segment, offset, detail))


def _first_line(path: Path) -> bytes:
    try:
        with open_segment(path) as file:
            line, newline, _ = file.read(_HEAD_BYTES).partition(b"\n")
    except OSError:
        return b""
    return line if newline else b""


def _rest(path: Path, offset: int) -> bytes:
    """Return what follows the last whole line, as far as it tells its number."""
    try:
        if segment_size(path) <= offset:
            return b""
        with open_segment(path) as file:
            file.seek(offset)
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def _number_of(path: Path) -> int:
    name = parse_segment_name(path.name)
    return name.number if name else 0


def _writer_of(path: Path) -> str | None:
    name = parse_segment_name(path.name)
    return name.writer if name else None
