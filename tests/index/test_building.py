"""Building: each line once, by one builder, and whatever a kill leaves behind is sound."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.index.test_answers import alike, answers, indexed, made_up
from tests.query.files import segment
from tracklab.index.building import MIN_BYTES, BuilderBusyError, build_run, the_builder
from tracklab.index.places import index_root, run_place
from tracklab.index.upkeep import drop, extent, trim, unsound

if TYPE_CHECKING:
    from pathlib import Path


def appended(path: Path, count: int, seed: int) -> None:
    """Append made-up rows to a segment."""
    lines = segment(path.parent.parent / "rest" / "r", made_up(seed)[:count]).read_bytes()
    with path.open("ab") as file:
        file.write(lines.split(b"\n", 1)[1])


def test_a_growing_run_costs_only_its_new_bytes(root: Path) -> None:
    """What is indexed is not read again."""
    path = segment(root / "demo" / "r", made_up(1))
    place = indexed(root)
    before = path.stat().st_size
    appended(path, 50, 2)

    built = build_run(path.parent, place, min_bytes=1)

    assert built.read_bytes == path.stat().st_size - before


def test_many_small_parts_become_one(root: Path) -> None:
    """A run that is indexed again and again as it grows leaves few files behind."""
    path = segment(root / "demo" / "r", made_up(1)[:50])
    system = segment(root / "demo" / "r", made_up(1)[:50], stream="system_metrics")
    for seed in range(20):
        appended(path, 20, seed)
        appended(system, 20, seed)
        place = indexed(root)

    with_index = answers(root)
    count = len(list(place.iterdir()))
    drop(index_root(root))

    assert count < 16
    assert alike(with_index, answers(root))


def test_few_new_bytes_are_left_to_readers(root: Path) -> None:
    """A short run needs no index."""
    path = segment(root / "demo" / "r", made_up(1)[:10])
    place = run_place(index_root(root), "demo", "r")

    build_run(path.parent, place)

    assert path.stat().st_size < MIN_BYTES
    assert not place.exists()


def test_a_part_of_a_segment_that_is_gone_is_removed(root: Path) -> None:
    """Nothing piles up."""
    path = segment(root / "demo" / "r", made_up(1))
    place = indexed(root)
    assert extent(path.parent, place).parts == 1
    path.unlink()

    indexed(root)

    assert list(place.iterdir()) == []


def test_only_one_builds(root: Path) -> None:
    """The second one is told, and waits for nobody."""
    with (
        the_builder(index_root(root)),
        pytest.raises(BuilderBusyError),
        the_builder(index_root(root)),
    ):
        pass


def test_a_damaged_part_is_named_and_made_anew(root: Path) -> None:
    """Verifying finds a flipped bit; a reader that met it has it built again."""
    path = segment(root / "demo" / "r", made_up(1))
    place = indexed(root)
    (part,) = place.iterdir()
    content = bytearray(part.read_bytes())
    content[100] ^= 4
    part.write_bytes(content)

    assert list(unsound(path.parent, place)) == [part.name]
    answers(root)
    indexed(root)
    assert unsound(path.parent, place) == {}


@pytest.mark.parametrize("damaged", [True, False], ids=["damaged", "gone"])
def test_a_part_that_cannot_be_merged_is_made_anew(root: Path, damaged: bool) -> None:  # noqa: FBT001 - of a table
    """One flipped bit, or a part that vanishes, stops no builder."""
    path = segment(root / "demo" / "r", made_up(1))
    place = indexed(root)
    (first,) = place.iterdir()
    appended(path, 50, 2)
    if damaged:
        content = bytearray(first.read_bytes())
        content[100] ^= 4
        first.write_bytes(content)
    else:
        first.unlink()
    indexed(root)
    os.utime(path, (0, 0))  # nobody has written to it for long

    indexed(root)

    assert unsound(path.parent, place) == {}
    with_index = answers(root)
    drop(index_root(root))
    assert alike(with_index, answers(root))


@pytest.mark.system
def test_a_killed_builder_leaves_nothing_that_misleads(root: Path) -> None:
    """Killed at any moment, it has done part of the work; the next one does the rest."""
    run_dir = root / "demo" / "r"
    for number in range(10):
        segment(run_dir, made_up(number), number=number)
    expected = answers(root)
    place = run_place(index_root(root), "demo", "r")
    program = (
        "import sys; from pathlib import Path; from tracklab.index.building import build_run;"
        "print(flush=True); build_run(Path(sys.argv[1]), Path(sys.argv[2]), min_bytes=1)"
    )
    random_ = random.Random(1)  # noqa: S311 - any moment will do
    for _ in range(4):
        command = [sys.executable, "-c", program, str(run_dir), str(place)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as builder:
            assert builder.stdout is not None
            builder.stdout.readline()
            try:
                builder.wait(timeout=random_.random() * 0.3)
            except subprocess.TimeoutExpired:
                builder.kill()
        assert alike(answers(root), expected)
    indexed(root)

    assert alike(answers(root), expected)
    assert unsound(run_dir, place) == {}
    assert not [path for path in place.iterdir() if path.name.endswith(".new")]


def test_the_index_of_the_runs_indexed_last_is_kept(root: Path) -> None:
    """More runs than are to be kept: the oldest index goes, no run does."""
    for number in range(4):
        run_dir = root / "demo" / f"r{number}"
        segment(run_dir, made_up(number))
        place = run_place(index_root(root), "demo", run_dir.name)
        build_run(run_dir, place, min_bytes=1)
        os.utime(place, (1_000 + number, 1_000 + number))

    assert trim(index_root(root), 2) == 2
    assert sorted(path.name for path in place.parent.iterdir()) == ["r2", "r3"]
