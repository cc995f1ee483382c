"""What goes is what was planned, nothing of a living run does, and all of it can come back."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import jsonschema
import orjson
import pytest

from tests.query.files import START_S, event, row, segment
from tracklab.errors import NotFoundError, StorageError
from tracklab.query.addresses import Place
from tracklab.query.verification import verify
from tracklab.storage.compression import pack
from tracklab.storage.identity import this_process
from tracklab.storage.retention import KINDS, Policy, apply, plan
from tracklab.storage.trash import discard, discard_files, discarded, purge, restore

HERE = this_process()
DAY_S = 86_400
NOW_S = START_S + 100 * DAY_S
FACTS = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}


def make(root: Path, name: str, *, age_days: float, files: int = 1) -> Path:
    """Write an ended run with lines in every stream and console logs, last written so long ago."""
    run_dir = root / "demo" / name
    for number in range(files):
        rows = [{"_timestamp": START_S, "_run_id": name, "_seq": 3 * number + 1, "cpu": 1.0}]
        segment(run_dir, rows, stream="system_metrics", number=number, facts=FACTS)
    segment(run_dir, [row(0, 1, {"loss": 1})], facts=FACTS)
    segment(run_dir, [event("app", "hi")], stream="events", facts=FACTS)
    segment(run_dir, [event("tracklab.llm", "llm_call")], stream="llm", facts=FACTS)
    (run_dir / "logs").mkdir()
    (run_dir / "logs" / "stdout.log").write_text("hello\n" * 100)
    (run_dir / "files").mkdir()
    (run_dir / "files" / "events.jsonl").write_text("mine")
    for path in run_dir.rglob("*"):
        os.utime(path, (NOW_S - age_days * DAY_S,) * 2)
    (run_dir / "run.lock").touch()
    return run_dir


def planned(root: Path, policy: Policy) -> list[tuple[str, str | None]]:
    """Return run and file of everything that would go."""
    found = plan(root, policy, here=HERE, now_s=NOW_S)
    return sorted((removal.run_id, removal.file) for removal in found)


def run_policy(root: Path, policy: Policy) -> None:
    """Remove what a policy plans."""
    removals = plan(root, policy, here=HERE, now_s=NOW_S)
    apply(root, removals, here=HERE, now_s=NOW_S)


def tree(path: Path) -> set[str]:
    """Return the paths of all files below a directory."""
    return {str(one.relative_to(path)) for one in path.rglob("*") if one.is_file()}


def test_by_default_system_rows_and_console_go_by_age(root: Path) -> None:
    """History, events, LLM calls and the user's files never do."""
    make(root, "old", age_days=31)
    make(root, "new", age_days=29)
    assert planned(root, Policy(older_than_s=30 * DAY_S)) == [
        ("old", "logs/stdout.log"), ("old", "system_metrics.jsonl"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_named_goes(root: Path, kind: str) -> None:
    """And nothing else."""
    make(root, "old", age_days=31)
    ((_, file),) = planned(root, Policy(older_than_s=DAY_S, kinds=frozenset({kind})))
    assert file == ("logs/stdout.log" if kind == "console" else f"{kind}.jsonl")


def test_the_newest_stay_within_count_and_size(root: Path) -> None:
    """Of files and of whole runs."""
    for days, name in enumerate(("new", "older", "oldest")):
        make(root, name, age_days=days)
    system = frozenset({"system_metrics"})
    size = (root / "demo/new/system_metrics.jsonl").stat().st_size
    expected = [("oldest", "system_metrics.jsonl")]
    assert planned(root, Policy(max_count=2, kinds=system)) == expected
    assert planned(root, Policy(max_bytes=2 * size + 9, kinds=system)) == expected
    assert planned(root, Policy(max_count=1, whole_runs=True)) == [
        ("older", None),
        ("oldest", None),
    ]


def test_what_goes_is_exactly_what_was_planned(root: Path) -> None:
    """Compared as whole directories; a second time nothing goes."""
    make(root, "old", age_days=31, files=3)
    make(root, "new", age_days=1)
    before, policy = tree(root), Policy(older_than_s=30 * DAY_S)
    gone = {f"demo/{run}/{file}" for run, file in planned(root, policy)}
    run_policy(root, policy)
    after = {path for path in tree(root) if not path.startswith(".tracklab")}
    notes = {path for path in after - before if "/events." in path}
    assert before - after == gone
    assert after - before == notes
    assert len(gone) == 4
    assert planned(root, policy) == []


def test_nothing_of_a_living_run_goes(root: Path) -> None:
    """Not even what is old, and it counts as kept."""
    run_dir = make(root, "r", age_days=99)
    with (run_dir / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for whole in (True, False):
            assert planned(root, Policy(older_than_s=1, max_count=0, whole_runs=whole)) == []
        with pytest.raises(StorageError, match="still being written"):
            discard(root, "demo", "r")
    assert planned(root, Policy(max_count=0, whole_runs=True)) == [("r", None)]


def test_a_run_taken_up_after_the_plan_stays(root: Path) -> None:
    """What is removed is decided by what is true then."""
    run_dir = make(root, "r", age_days=99)
    removals = plan(root, Policy(older_than_s=1), here=HERE, now_s=NOW_S)
    done: list[object] = []
    with (run_dir / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        apply(root, removals, here=HERE, now_s=NOW_S, done=done.append)
    assert done == []
    assert (run_dir / "system_metrics.jsonl").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_the_run_tells_what_was_taken_and_is_still_whole(root: Path, *, packed: bool) -> None:
    """By a writer of its own; the run grows no younger, and verification knows."""
    run_dir = root / "demo" / "r"
    rows = [{"_timestamp": START_S, "_run_id": "r", "_seq": seq, "cpu": 1} for seq in (1, 2, 4)]
    path = segment(run_dir, rows, stream="system_metrics", facts=FACTS)
    segment(run_dir, [row(0, 5, {"x": 1})], facts=FACTS)
    (run_dir / "history.jsonl").write_bytes(
        (run_dir / "history.jsonl").read_bytes().replace(b'"seq": 0', b'"seq": 3', 1)
    )
    for one in run_dir.iterdir():
        os.utime(one, (START_S, START_S))
    if packed:
        pack(path, "gz")
    run_policy(root, Policy(older_than_s=DAY_S))
    (note,) = run_dir.glob("events.*.jsonl")
    schema = Path(__file__).parents[2] / "docs/reference/format/line.schema.json"
    for line in note.read_bytes().splitlines():
        jsonschema.validate(orjson.loads(line), orjson.loads(schema.read_bytes()))
    data = orjson.loads(note.read_bytes().splitlines()[1])["data"]
    (taken,) = data["segments"]
    assert (taken["segment"], taken["first_seq"], taken["last_seq"], taken["lines"]) == (
        "system_metrics.jsonl", 0, 4, 4,
    )  # fmt: skip
    assert note.stat().st_mtime == START_S
    verdict = verify(Place("demo", "r", run_dir), here=HERE, now_s=NOW_S)
    assert (verdict.faults, verdict.writers[0].explained) == ([], 4)


def test_files_come_back_from_the_trash(root: Path) -> None:
    """All that were removed from a run, from several removals."""
    run_dir = make(root, "r", age_days=99, files=2)
    before = tree(run_dir)
    run_policy(root, Policy(older_than_s=DAY_S, kinds=frozenset({"console"})))
    apply(
        root, plan(root, Policy(older_than_s=DAY_S), here=HERE, now_s=NOW_S),
        here=HERE, now_s=NOW_S + 1,
    )  # fmt: skip
    assert [entry.address for entry in discarded(root)] == ["demo/r", "demo/r"]
    assert sorted(restore(root, "demo/r").files) == [
        "logs/stdout.log", "system_metrics.000001.jsonl", "system_metrics.jsonl",
    ]  # fmt: skip
    assert tree(run_dir) >= before
    assert discarded(root) == []
    with pytest.raises(NotFoundError):
        restore(root, "demo/r")


def test_files_whose_place_is_taken_stay_and_hold_nothing_up(root: Path) -> None:
    """A resumed run has begun its console text anew; what stays comes back once that has gone."""
    run_dir = make(root, "r", age_days=99, files=2)
    run_policy(root, Policy(older_than_s=DAY_S))
    (run_dir / "logs" / "stdout.log").write_text("resumed\n")
    (run_dir / "system_metrics.jsonl.gz").write_bytes(b"the same segment, compressed")
    restored = restore(root, "demo/r")
    assert restored.files == ("system_metrics.000001.jsonl",)
    assert set(restored.staying) == {"logs/stdout.log", "system_metrics.jsonl"}
    with pytest.raises(StorageError, match=r"logs/stdout\.log, system_metrics\.jsonl"):
        restore(root, "demo/r")
    assert (run_dir / "logs" / "stdout.log").read_text() == "resumed\n"
    (run_dir / "logs" / "stdout.log").unlink()
    (run_dir / "system_metrics.jsonl.gz").unlink()
    assert set(restore(root, "demo/r").files) == set(restored.staying)
    assert list((root / ".tracklab" / "trash" / ".parts" / "demo").iterdir()) == []


def test_nothing_comes_back_from_an_emptied_trash(root: Path) -> None:
    """Neither files nor an empty place of theirs are left to be found."""
    make(root, "r", age_days=99)
    run_policy(root, Policy(older_than_s=DAY_S))
    for entry in discarded(root):
        purge(root, entry)
    assert list((root / ".tracklab" / "trash" / ".parts" / "demo").iterdir()) == []
    (root / ".tracklab" / "trash" / ".parts" / "demo" / "r").mkdir()  # as earlier versions did
    for _ in range(2):
        with pytest.raises(NotFoundError):
            restore(root, "demo/r")


def test_files_of_a_run_below_one_of_that_name_are_not_its_own(root: Path) -> None:
    """A project may have the address of a run: `demo/r` has no file of `demo/r/x`."""
    for project in ("demo", "demo/r"):
        (root / project / "x").mkdir(parents=True)
        (root / project / "x" / "model").write_text(project)
        discard_files(root, project, "x", ["model"], now_s=NOW_S)
    with pytest.raises(NotFoundError):
        restore(root, "demo/r")
    assert restore(root, "demo/r/x").files == ("model",)
    assert (root / "demo" / "r" / "x" / "model").read_text() == "demo/r"


def test_a_whole_run_comes_back(root: Path) -> None:
    """Before anything that was removed from it; never over another run."""
    run_dir = make(root, "r", age_days=99)
    before = tree(run_dir)
    run_policy(root, Policy(older_than_s=DAY_S, whole_runs=True))
    assert not run_dir.exists()
    make(root, "r", age_days=1)
    with pytest.raises(StorageError, match="Another run"):
        restore(root, "demo/r")
    run_dir.rename(run_dir.parent / "other")
    assert restore(root, "demo/r").whole
    assert tree(run_dir) == before


def test_the_trash_is_emptied_and_no_link_is_followed(root: Path, tmp_path: Path) -> None:
    """What a link points at stays."""
    run_dir = make(root, "r", age_days=99)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "data").write_text("keep")
    (run_dir / "files" / "link").symlink_to(precious)
    discard(root, "demo", "r")
    (entry,) = discarded(root)
    assert (entry.address, entry.whole) == ("demo/r", True)
    purge(root, entry)
    assert discarded(root) == []
    assert (precious / "data").read_text() == "keep"


def test_no_link_leads_the_way_into_the_trash(root: Path, tmp_path: Path) -> None:
    """A run whose project is a link is refused, and so is a trash that is one."""
    make(root, "r", age_days=99)
    (root / "linked").symlink_to(root / "demo")
    with pytest.raises(OSError, match=r"directory|links"):
        discard(root, "linked", "r")
    (root / ".tracklab").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"directory|links"):
        discard(root, "demo", "r")
    assert (root / "demo" / "r" / "history.jsonl").exists()


def test_an_open_reader_keeps_what_it_reads(root: Path) -> None:
    """A rename takes nothing from whoever has the file open."""
    run_dir = make(root, "r", age_days=99)
    with open(run_dir / "history.jsonl", "rb") as file:
        discard(root, "demo", "r")
        purge(root, discarded(root)[0])
        assert b'"loss"' in file.read()
