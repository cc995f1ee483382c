"""Every planted fault is found and named, and what is explained or unfinished is none."""

from __future__ import annotations

import fcntl
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.files import START_S, event, row, segment
from tracklab.query.addresses import Place
from tracklab.query.verification import verify
from tracklab.storage.compression import pack
from tracklab.storage.identity import this_process
from tracklab.storage.layout import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.verdicts import Verdict

HERE = this_process()
FACTS = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}


def judge(run_dir: Path) -> Verdict:
    """Verify the run an hour after its start."""
    place = Place(run_dir.parent.name, run_dir.name, run_dir)
    return verify(place, here=HERE, now_s=START_S + 3600)


def faults(run_dir: Path) -> list[str]:
    """Return the kinds of faults found."""
    return [fault.kind for fault in judge(run_dir).faults]


def write(run_dir: Path, seqs: list[int], **options: Any) -> Path:
    """Write a segment of rows with these numbers; its header has 0, or the one before."""
    options.setdefault("facts", FACTS)
    path = segment(run_dir, [row(seq, seq, {"loss": 1 / seq}) for seq in seqs], **options)
    header, _, rest = path.read_bytes().partition(b"\n")
    told = json.loads(header) | {"seq": seqs[0] - 1 if seqs else 0}
    if options.get("writer"):
        told["writer"] = options["writer"]
        rest = rest.replace(b'"_seq"', b'"_writer": "%b", "_seq"' % options["writer"].encode())
    told["data"] = {"id": path.name, **told["data"]}
    path.write_bytes(json.dumps(told).encode() + b"\n" + rest)
    return path


def test_a_whole_run_is_sound(run_dir: Path) -> None:
    """Of two writers, in several segments and streams."""
    write(run_dir, [1, 2, 4])
    segment(run_dir, [event("app", "hi", seq=3)], stream="events", facts={"id": "other"})
    (run_dir / "events.jsonl").write_bytes((run_dir / "events.jsonl").read_bytes().replace(
        b'"seq": 0', b'"seq": 5'))  # fmt: skip
    write(run_dir, [1, 2], writer="n-2-1")
    verdict = judge(run_dir)
    assert verdict.faults == []
    creator, other = verdict.writers
    assert (creator.lines, creator.first_seq, creator.last_seq, creator.segments) == (6, 0, 5, 2)
    assert (other.writer, other.lines, other.last_seq) == ("n-2-1", 3, 2)
    assert len(set(verdict.fingerprints.values())) == 3


@pytest.mark.parametrize("form", FORMATS)
def test_compressed_segments_are_checked_alike(run_dir: Path, form: str) -> None:
    """Their faults too."""
    path = write(run_dir, [1, 2, 2, 5])
    plain = judge(run_dir)
    pack(path, form)
    packed = judge(run_dir)
    assert (packed.faults, packed.writers) == (plain.faults, plain.writers)
    assert [fault.kind for fault in packed.faults] == ["duplicate", "gap"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda text: text.replace(b'"_seq": 2', b'"_seq": 3'), "duplicate"),
        (lambda text: text.replace(b'"_seq": 2', b'"_seq": 9'), "gap"),
        (lambda text: text.replace(b'"_seq": 2,', b'"_seq": 2,,'), "bad line"),
        (lambda text: text + b"\0\0\0\n", "bad line"),
        (lambda text: text + b'{"_seq": 4', "torn line"),
        (lambda text: text.replace(b'"_run_id": "r", "_seq": 2', b'"_run_id": "q", "_seq": 2'),
         "foreign line"),
        (lambda text: text.replace(b'"_seq": 2', b'"_writer": "z-1-1", "_seq": 2'),
         "foreign line"),
        (lambda text: text.partition(b"\n")[2], "no header"),
        (lambda text: text.replace(b'"run_id": "r"', b'"run_id": "q"', 1), "foreign header"),
        (lambda text: text.replace(b'"stream": "history"', b'"stream": "llm"', 1),
         "foreign header"),
        (lambda text: text.replace(b" " * 500, b"", 1), "short header"),
    ],
)  # fmt: skip
def test_each_planted_fault_has_its_name(run_dir: Path, change: Any, kind: str) -> None:
    """One change to a sound segment; where a line is lost with it, its number is missing too."""
    path = write(run_dir, [1, 2, 3])
    write(run_dir, [4], number=1)
    path.write_bytes(change(path.read_bytes()))
    found = faults(run_dir)
    assert kind in found
    assert set(found) - {kind} <= {"gap", "duplicate"}


def test_two_segments_with_one_beginning_are_found(run_dir: Path) -> None:
    """A log shipper would take them for one file."""
    path = write(run_dir, [1, 2])
    body = path.read_bytes().replace(b'"segment": 0', b'"segment": 1')
    (run_dir / "history.000001.jsonl").write_bytes(
        body.replace(b'"pad": "', b'"pad": "' + b" " * 40)
    )
    first, second = path.read_bytes(), (run_dir / "history.000001.jsonl").read_bytes()
    where = first.index(b'"segment": 0')
    path.write_bytes(first[:where].ljust(1000) + first[where:])
    (run_dir / "history.000001.jsonl").write_bytes(second[:where].ljust(1000) + second[where:])
    assert "same fingerprint" in faults(run_dir)


def test_a_gap_event_explains_what_is_missing(run_dir: Path) -> None:
    """And the torn beginning of a line that a full disk has left."""
    path = write(run_dir, [1, 2, 7])
    text = path.read_bytes()
    path.write_bytes(
        text.replace(b'{"_timestamp": 1795196407', b'{"_seq":3,"x\n{"_timestamp": 1795196407')
    )
    gap = event("tracklab.gap", "gap", {"stream": "history", "ranges": [[3, 5]]}, seq=8)
    other = segment(run_dir, [gap], stream="events")
    other.write_bytes(other.read_bytes().replace(b'"seq": 0', b'"seq": 6', 1))
    verdict = judge(run_dir)
    (writer,) = verdict.writers
    assert verdict.faults == []
    assert (writer.explained, writer.missing, writer.torn_lines) == (3, 0, 1)


def test_a_removal_explains_as_many_lines_as_it_names(run_dir: Path) -> None:
    """A segment that retention took; one number more is a fault."""
    write(run_dir, [1, 2, 7, 8])
    taken = {"segment": "system_metrics.jsonl", "first_seq": 3, "last_seq": 6, "lines": 4}
    removal = event("tracklab.retention", "removed", {"segments": [taken]}, seq=1)
    path = segment(run_dir, [removal], stream="events", writer="gc-1-1")
    assert faults(run_dir) == []
    path.write_bytes(path.read_bytes().replace(b'"lines": 4', b'"lines": 3'))
    assert faults(run_dir) == ["gap"]


@pytest.mark.parametrize("order", [1, -1])
def test_removals_whose_spans_overlap_explain_each_other(run_dir: Path, order: int) -> None:
    """Two streams of one writer interleave, so no segment's lines fill its span."""
    write(run_dir, [31, 32])
    named = [("history.jsonl", 0, 14, 11), ("events.jsonl", 5, 24, 8),
             ("history.000001.jsonl", 15, 29, 11)]  # fmt: skip
    keys = ("segment", "first_seq", "last_seq", "lines")
    taken = [dict(zip(keys, entry, strict=True)) for entry in named[::order]]
    removal = event("tracklab.retention", "removed", {"segments": taken}, seq=1)
    path = segment(run_dir, [removal], stream="events", writer="gc-1-1")
    verdict = judge(run_dir)
    assert (verdict.faults, verdict.writers[0].explained) == ([], 30)
    path.write_bytes(path.read_bytes().replace(b'"lines": 8', b'"lines": 6'))
    assert faults(run_dir) == ["gap"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b'"long"', None), (b'"lonG"', "damaged value"), (b'"longer"', "damaged value"),
     (None, "missing value")],
)  # fmt: skip
def test_values_in_files_are_compared_with_their_names(
    run_dir: Path, content: bytes | None, fault: str | None
) -> None:
    """By SHA-256 and size."""
    digest = hashlib.sha256(b'"long"').hexdigest()
    text = {"text": {"$ref": f"sha256:{digest}", "bytes": 6}}
    segment(run_dir, [row(1, 1, text), row(2, 2, text)], facts=FACTS)
    values = run_dir / "media" / "values"
    values.mkdir(parents=True)
    if content is not None:
        (values / digest).write_bytes(content)
    assert faults(run_dir) == ([fault] if fault else [])


def test_a_living_writer_may_have_an_unfinished_line(run_dir: Path) -> None:
    """The same bytes are a fault once it is gone."""
    path = write(run_dir, [1, 2])
    with open(path, "ab") as file:
        file.write(b'{"_timestamp": 17951')
    with (run_dir / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        verdict = judge(run_dir)
        assert (verdict.faults, verdict.writers[0].living) == ([], True)
    assert faults(run_dir) == ["torn line"]


def test_a_closed_segment_of_a_living_writer_is_judged(run_dir: Path) -> None:
    """Only the newest of a stream can be unfinished."""
    with open(write(run_dir, [1, 2]), "ab") as file:
        file.write(b'{"_times')
    write(run_dir, [4], number=1)
    with (run_dir / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert faults(run_dir) == ["torn line"]


def test_an_unreadable_segment_is_a_fault_and_the_others_go_on(run_dir: Path) -> None:
    """A link is not followed."""
    write(run_dir, [1, 2])
    (run_dir / "history.000001.jsonl").symlink_to(run_dir / "history.jsonl")
    verdict = judge(run_dir)
    assert [fault.kind for fault in verdict.faults] == ["unreadable"]
    assert verdict.writers[0].lines == 3


def test_a_renamed_run_is_sound(run_dir: Path) -> None:
    """All headers agree on another id than the directory's."""
    write(run_dir, [1, 2])
    run_dir.rename(run_dir.parent / "copy")
    assert faults(run_dir.parent / "copy") == []


def test_many_faults_are_counted_and_the_first_listed(run_dir: Path) -> None:
    """A file of garbage does not fill the memory."""
    with open(write(run_dir, [1]), "ab") as file:
        file.write(b"x\n" * 3_000)
    verdict = judge(run_dir)
    assert (verdict.fault_count, len(verdict.faults)) == (3_000, 1_000)
    assert verdict.writers[0].bad_lines == 3_000
