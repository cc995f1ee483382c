"""One run with everything counted: lines, bad lines, calls, and the size of its streams."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracklab.query.answers.runs import RunDetail, StreamSize
from tracklab.records.fields import whole
from tracklab.records.flat import flatten
from tracklab.records.names import STREAMS
from tracklab.storage.reading import Reading, segment_size
from tracklab.storage.streams import Tally, events, row_batches, run_segments
from tracklab.storage.summaries import derive

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.index.shelves import Shelf
    from tracklab.query.answers.runs import Run
    from tracklab.query.runs import Dossier
    from tracklab.storage.streams import Segment

__all__ = ["read_detail"]

#: A run larger than this is not parsed line by line only to count its bad lines.
_COUNTED_BYTES = 256 << 20


def read_detail(dossier: Dossier) -> RunDetail:
    """Return one run with everything counted; see `Engine.run`.

    Of a run with more than 256 MiB that are not indexed the lines are counted, but the bad ones
    and the calls are not.

    Cost: reads all of its lines that are not indexed; parses them up to that size.
    """
    segments = {stream: run_segments(dossier.place.path, stream) for stream in STREAMS}
    sizes = {stream: sum(map(_size, own)) for stream, own in segments.items()}
    tallies = {stream: Tally() for stream in STREAMS}
    run = replace(dossier.run(), gaps=dossier.journal.gaps, checkpoints=dossier.journal.checkpoints)
    with dossier.shelf() as shelf:
        indexed = _indexed(shelf, segments, tallies)
    rows_bytes = sizes["history"] + sizes["system_metrics"]
    dossier.tell_unindexed(rows_bytes - sum(indexed.values()))
    if sum(sizes.values()) - sum(indexed.values()) <= _COUNTED_BYTES:
        run = _counted(run, dossier, segments, tallies, indexed)
    else:
        for stream, own in segments.items():
            tallies[stream].lines += sum(_lines(segment, indexed) for segment in own)
    streams = {
        stream: StreamSize(sizes[stream], len(segments[stream]), tallies[stream].lines)
        for stream in STREAMS
    }
    return RunDetail(run, dossier.metadata, streams)


def _indexed(
    shelf: Shelf, segments: dict[str, list[Segment]], tallies: dict[str, Tally]
) -> dict[Path, int]:
    """Count the lines of rows that are indexed, and return where they end in their segments."""
    ends = {}
    for stream in ("history", "system_metrics"):
        for segment in segments[stream]:
            for part in shelf.parts(segment.path):
                tallies[stream].lines += part.counts.lines
                tallies[stream].bad_lines += part.counts.bad_lines
                ends[segment.path] = part.end
    return ends


def _counted(
    run: Run,
    dossier: Dossier,
    segments: dict[str, list[Segment]],
    tallies: dict[str, Tally],
    indexed: dict[Path, int],
) -> Run:
    """Read every line that is not indexed; see what the whole history says of the summary."""
    summary = run.summary
    if not dossier.knows_whole_summary:
        summary = flatten(derive(segments["history"], dossier.journal.notes, Tally()))
    for stream in ("history", "system_metrics"):
        for segment in segments[stream]:
            for _ in row_batches(segment, tallies[stream], start=indexed.get(segment.path, 0)):
                pass
    for segment in segments["events"]:
        for _ in events(segment, tallies["events"]):
            pass
    calls = sum(
        record["message"] == "llm_call"
        for segment in segments["llm"]
        for _, record in events(segment, tallies["llm"])
    )
    bad_lines = sum(tally.bad_lines for tally in tallies.values())
    step = whole(summary.get("_step"))
    return replace(run, summary=summary, step=step, bad_lines=bad_lines, llm_calls=calls)


def _size(segment: Segment) -> int:
    try:
        return segment_size(segment.path)
    except OSError:
        return 0


def _lines(segment: Segment, indexed: dict[Path, int]) -> int:
    reading = Reading(segment.path, start=indexed.get(segment.path, 0))
    return sum(block.count(b"\n") for _, block in reading.blocks())
