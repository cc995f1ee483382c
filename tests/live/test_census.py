"""Which runs are found to have changed, without reading those that have not."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tracklab import clock
from tracklab.live.census import Census
from tracklab.query.engines.local import LocalEngine
from tracklab.records.lines import event_line, header_line
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_run(root: Path, address: str, **metadata: Any) -> Path:
    """Write a run of this machine that has only begun."""
    path, process = root / address, this_process()
    path.mkdir(parents=True)
    facts = {"host": process.host, "pid": 1, "boot_id": "another boot"}
    start = clock.rfc3339(clock.now())
    (path / "events.jsonl").write_bytes(
        header_line(path.name, writer="w-0", seq=0, stream="events", number=0,
                    started_s=clock.now(), facts=facts)
        + event_line({"timestamp": start, "level": "INFO", "logger": "tracklab.lifecycle",
                      "message": "start", "run_id": path.name, "seq": 1}, b"{}")
    )  # fmt: skip
    (path / "run.lock").touch()
    end(path, status="running", start_time=start, **metadata)
    return path


def end(path: Path, **metadata: Any) -> None:
    """Replace the run's metadata as its writer does."""
    (path / "new").write_text(json.dumps({"run_id": path.name} | metadata))
    (path / "new").rename(path / "metadata.json")


@contextmanager
def alive(path: Path) -> Iterator[None]:
    """Hold the run's lock."""
    with open(path / "run.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def census(root: Path) -> Census:
    """Return a census that has taken stock of one living and one ended run."""
    end(write_run(root, "p/ended"), status="finished", exit_code=0)
    return Census(root, engine=LocalEngine(root))


def found(census: Census, *also: str, progress: bool = False) -> list[tuple[str, str | None, bool]]:
    """Look, and return address, status and newness of what has changed."""
    changes = census.look(also, progress=progress).changes
    return [(one.address, one.run.status if one.run else None, one.new) for one in changes]


def test_taking_stock_tells_no_news(census: Census, root: Path) -> None:
    """What was there before the first client came is no change."""
    with alive(write_run(root, "p/lives")):
        look = census.begin()
        assert (look.changes, set(look.living)) == ([], {"p/lives"})
        assert look.directories == {root, root / "p"}


def test_of_too_many_living_runs_those_that_began_last_are_followed(
    census: Census, root: Path
) -> None:
    """Also one that begins when there are too many already."""
    with alive(write_run(root, "p/first")), alive(write_run(root, "p/second")):
        census.begin()
        with alive(write_run(root, "p/third")):
            look = census.look(progress=False)
            assert set(look.begun_last(2)) == {"p/second", "p/third"}


def test_a_new_run_is_found_in_old_and_new_projects(census: Census, root: Path) -> None:
    """Only directories are compared; nested projects are found, too."""
    census.begin()
    with alive(write_run(root, "p/second")), alive(write_run(root, "q/deep/third")):
        changes = found(census)
        assert {("p/second", "running", True), ("q/deep/third", "running", True)} == {*changes}
        assert found(census) == []
        assert root / "q" / "deep" in census.look(progress=False).directories


def test_the_run_that_changed_last_is_found_when_it_changes_again(
    census: Census, root: Path
) -> None:
    """A run that has ended is resumed, and nothing else has happened meanwhile."""
    path = write_run(root, "q/r")
    census.begin()
    for seconds, status in enumerate(("finished", "failed"), 1):
        end(path, status=status, exit_code=seconds)
        os.utime(path, (clock.now() + seconds, clock.now() + seconds))
        assert found(census) == [("q/r", status, False)]


def test_a_killed_run_is_found_by_its_lock(census: Census, root: Path) -> None:
    """Nothing is written when a process is killed."""
    path = write_run(root, "p/lives")
    with alive(path):
        census.begin()
        found(census, progress=True)
        os.utime(path, (1, 1))
        assert found(census) == []
    assert found(census) == [("p/lives", "crashed", False)]
    assert found(census, progress=True) == []


def test_an_ended_run_is_found_by_its_documents(census: Census, root: Path) -> None:
    """The end replaces a document, which changes the directory."""
    path = write_run(root, "p/lives")
    with alive(path):
        census.begin()
    end(path, status="finished", exit_code=0)
    assert ("p/lives", "finished", False) in found(census)


def test_a_deleted_run_is_found_missing(census: Census, root: Path) -> None:
    """A living run whose directory has gone is told once."""
    path = write_run(root, "p/lives")
    with alive(path):
        census.begin()
    shutil.rmtree(path)
    assert found(census, progress=True) == [("p/lives", None, False)]
    assert found(census, progress=True) == []


def test_an_ended_run_that_goes_and_comes_is_told_both_times(census: Census, root: Path) -> None:
    """As it was: neither its time nor its looks have changed."""
    census.begin()
    assert found(census, "p/ended") == [("p/ended", "finished", False)]
    (root / "p/ended").rename(root / ".away")
    assert found(census) == [("p/ended", None, False)]
    (root / ".away").rename(root / "p/ended")
    assert found(census) == [("p/ended", "finished", False)]
    assert found(census) == []


def test_a_time_ahead_of_the_clock_hides_no_other(census: Census, root: Path) -> None:
    """Whose clock was wrong once, or is set back, is heard of all the same."""
    ahead_s = clock.now() + 7200
    os.utime(write_run(root, "p/ahead"), (ahead_s, ahead_s))
    census.begin()
    with alive(write_run(root, "p/later")):
        assert found(census) == [("p/later", "running", True)]


def test_a_run_that_is_moved_in_is_found_whatever_its_time(census: Census, root: Path) -> None:
    """A move keeps the time of its directory, into an old project and with a new one."""
    write_run(root, "elsewhere/p/one")
    write_run(root, "elsewhere/q/two")
    for path in ("p/one", "q/two", "q"):
        os.utime(root / "elsewhere" / path, (1e9, 1e9))
    (root / "elsewhere").rename(root / ".elsewhere")
    census.begin()
    (root / ".elsewhere/p/one").rename(root / "p/one")
    (root / ".elsewhere/q").rename(root / "q")
    assert {address for address, _, _ in found(census)} == {"p/one", "q/two"}
    assert found(census) == []


def test_no_config_is_held_of_what_has_changed(census: Census, root: Path) -> None:
    """Of hundreds of runs at once that is most of what they are."""
    census.begin()
    (write_run(root, "p/new") / "config.yaml").write_text("lr: 0.1\n")
    (change,) = census.look(progress=False).changes
    assert change.run is not None
    assert change.run.config == {}
    assert LocalEngine(root).glance("p/new").config == {"lr": 0.1}


def test_what_is_asked_for_is_told_in_any_case(census: Census) -> None:
    """Changed lines of a run that looks the same are news."""
    census.begin()
    assert found(census) == []
    assert found(census, "p/ended") == [("p/ended", "finished", False)]
    assert found(census, "p/none") == [("p/none", None, False)]


def test_hidden_and_reserved_directories_are_no_projects(census: Census, root: Path) -> None:
    """Trash and artifacts hold no runs."""
    census.begin()
    write_run(root, ".tracklab/trash/p/x")
    write_run(root, "artifacts/p/y")
    assert found(census) == []
