"""Whole lines out of any file, in bounded memory, whatever a crash left behind."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.storage import reading
from tracklab.storage.reading import MAX_LINE_BYTES, Reading, line_start

if TYPE_CHECKING:
    from collections.abc import Callable

PIECES = st.sampled_from([b"\n", b"\0", b"\0\0\0", b'{"a":1}', b"x", b" ", b'{"b":[2]}\n', b"\r"])
FILES = st.lists(PIECES, max_size=20).map(b"".join)


def read(path: Path, start: int = 0) -> tuple[list[bytes], Reading]:
    """Read a file from an offset to its end."""
    one = Reading(path, start=start)
    return [line for _, line in one.lines()], one


def expected(content: bytes) -> list[bytes]:
    """Return the lines that end, split at runs of NUL bytes, without the blank ones."""
    whole = content.rpartition(b"\n")[0]
    parts = (part for line in whole.split(b"\n") for part in line.split(b"\0"))
    return [part for part in parts if part.strip()]


@given(FILES, st.sampled_from([1, 2, 7, 1 << 18]))
@PATIENT
def test_every_line_that_ends_is_found(content: bytes, block_bytes: int) -> None:
    """However the file falls into blocks; offsets are where the lines stand."""
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK_BYTES", block_bytes)
        path = Path(place, "history.jsonl")
        path.write_bytes(content)
        one = Reading(path)
        found = list(one.lines())
        assert [line for _, line in found] == expected(content)
        assert all(content[at : at + len(line)] == line for at, line in found)
        assert content[: one.end].count(b"\n") == content.count(b"\n")


@given(FILES, FILES)
@PATIENT
def test_reading_on_finds_what_was_appended(before: bytes, after: bytes) -> None:
    """In two readings the same lines as in one; none twice, none lost."""
    with TemporaryDirectory() as place:
        path = Path(place, "history.jsonl")
        path.write_bytes(before)
        first, one = read(path)
        path.write_bytes(before + after)
        second, _ = read(path, one.end)
        assert first + second == expected(before + after)


@given(st.integers(0, 40))
@PATIENT
def test_a_file_cut_at_any_byte_still_reads(cut: int) -> None:
    """All lines before the cut are there; the torn one is not yet there, and not bad."""
    lines = [b'{"a":1}', b'{"b":"zwei"}', b'{"c":3}', b'{"d":[4]}']
    content = b"\n".join([*lines, b""])[:cut]
    with TemporaryDirectory() as place:
        path = Path(place, "history.jsonl")
        path.write_bytes(content)
        found, one = read(path)
        assert found == lines[: content.count(b"\n")]
        assert one.skipped == 0


def test_a_run_of_nul_bytes_is_counted_once(tmp_path: Path) -> None:
    """However long it is, and wherever the blocks divide it."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"a":1}\n' + b"\0" * 3_000_000 + b'{"b":2}\n')
    found, one = read(path)
    assert found == [b'{"a":1}', b'{"b":2}']
    assert one.skipped == 1


def test_nul_bytes_at_the_end_are_behind_us_when_lines_follow(tmp_path: Path) -> None:
    """They were counted by the first reading."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"a":1}\n' + b"\0" * 100)
    _, one = read(path)
    with path.open("ab") as file:
        file.write(b'{"b":2}\n')
    found, two = read(path, one.end)
    assert found == [b'{"b":2}']
    assert (one.skipped, two.skipped) == (1, 0)


@pytest.fixture
def long_line(tmp_path: Path) -> Path:
    """Return a file with a line of 40 MiB between two others; it takes no room on disk."""
    path = tmp_path / "history.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":1}\nx')
        for _ in range(40):
            file.write(b"y" * (1 << 20))
        file.write(b'\n{"b":2}\n')
    return path


def test_a_line_over_the_limit_is_skipped_and_not_held(long_line: Path) -> None:
    """Memory stays near the limit, far below the line."""
    tracemalloc.start()
    found, one = read(long_line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [b'{"a":1}', b'{"b":2}']
    assert one.skipped == 1
    assert peak < MAX_LINE_BYTES * 4


def test_an_over_long_line_without_an_end_is_not_yet_a_line(long_line: Path) -> None:
    """The next reading starts at its beginning again."""
    os.truncate(long_line, 30 << 20)
    found, one = read(long_line)
    assert (found, one.skipped, one.end) == ([b'{"a":1}'], 0, 8)


@pytest.mark.parametrize("kind", ["missing", "directory", "pipe", "link"])
def test_what_is_no_regular_file_has_no_lines(tmp_path: Path, kind: str) -> None:
    """A pipe does not block, a link is not followed; the fault says why."""
    path = tmp_path / "history.jsonl"
    (tmp_path / "other").write_bytes(b"{}\n")
    make: dict[str, Callable[[], object]] = {
        "missing": lambda: None,
        "directory": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "link": lambda: path.symlink_to(tmp_path / "other"),
    }
    make[kind]()
    found, one = read(path)
    assert found == []
    assert one.fault is not None


@given(FILES, st.integers(0, 60))
@PATIENT
def test_line_start_goes_back_to_the_beginning_of_the_line(content: bytes, offset: int) -> None:
    """An offset at a beginning stays; one beyond the end counts as the end."""
    with TemporaryDirectory() as place:
        path = Path(place, "history.jsonl")
        path.write_bytes(content)
        assert line_start(path, offset) == content[:offset].rfind(b"\n") + 1


def test_line_start_looks_back_over_several_blocks(tmp_path: Path) -> None:
    """A line longer than a block, and a file that is gone."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"first\n" + b"y" * 200_000)
    assert line_start(path, 200_000) == 6
    assert line_start(tmp_path / "gone", 7) == 7
