"""Console text on disk: bounded, appended only, an offset names the same byte for ever."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tracklab.query.console import read_console
from tracklab.storage.console import ConsoleFile, parts

if TYPE_CHECKING:
    from pathlib import Path

MOST = 8_000


def grown(run_dir: Path, lines: int, **options: object) -> bytes:
    """Append numbered lines, several at a time, and return all that was appended."""
    file = ConsoleFile(run_dir / "logs", "stdout", most_bytes=MOST, **options)  # type: ignore[arg-type]
    chunks = [b"".join(b"line %06d\n" % n for n in range(k, k + 7)) for k in range(0, lines, 7)]
    for chunk in chunks:
        file.append(chunk)
    file.close()
    return b"".join(chunks)


def every_line(run_dir: Path) -> list[tuple[int, str]]:
    """Read page after page, as a client does."""
    found, offset = [], 0
    while True:
        page = read_console(run_dir, "stdout", offset=offset, limit=50, tail=False)
        found += [(line.offset, line.text) for line in page.lines]
        if page.next_offset == offset:
            return found
        offset = page.next_offset


def test_a_short_text_is_one_file(tmp_path: Path) -> None:
    """Which holds what was appended, byte for byte."""
    text = grown(tmp_path, 70)
    assert os.listdir(tmp_path / "logs") == ["stdout.log"]
    assert (tmp_path / "logs/stdout.log").read_bytes() == text


def test_a_long_text_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    """Within its bounds; the first part says that text is left out; offsets are the text's."""
    text = grown(tmp_path, 7_000)
    found = parts(tmp_path / "logs", "stdout")
    assert sum(part.size for part in found) <= MOST + 100
    first, *others = (part.path.read_bytes() for part in found)
    kept, _, mark = first.partition(b"[tracklab: ")
    assert text.startswith(kept)
    assert mark.startswith(b"text is left out here")
    assert text.endswith(b"".join(others))
    for offset, line in every_line(tmp_path):
        if "left out" not in line:
            assert text[offset:].startswith(line.encode() + b"\n")


@pytest.mark.parametrize("limit", [1, 10, 200, 5_000])
def test_a_tail_is_the_end_of_all_lines(tmp_path: Path, limit: int) -> None:
    """Also where it reaches over what is left out."""
    grown(tmp_path, 7_000)
    whole = every_line(tmp_path)
    page = read_console(tmp_path, "stdout", offset=0, limit=limit, tail=True)
    assert [(line.offset, line.text) for line in page.lines] == whole[-limit:]


def test_a_line_longer_than_a_part_is_whole_to_a_reader(tmp_path: Path) -> None:
    """It lies in several parts, which stand together."""
    file = ConsoleFile(tmp_path / "logs", "stdout", most_bytes=MOST)
    file.append(b"a\n" + b"x" * 3_000 + b"\nb\n")
    assert [line for _, line in every_line(tmp_path)] == ["a", "x" * 3_000, "b"]


def test_whoever_takes_up_a_run_goes_on_in_its_newest_part(tmp_path: Path) -> None:
    """And the text of both is one text."""
    before = grown(tmp_path, 140)
    after = grown(tmp_path, 140)
    texts = [line for _, line in every_line(tmp_path)]
    assert texts == (before + after).decode().splitlines()


def test_a_process_that_begins_no_parts_goes_on_where_the_other_is(tmp_path: Path) -> None:
    """So nothing is added to a part behind which another one begins."""
    follower = ConsoleFile(tmp_path / "logs", "stdout", most_bytes=MOST, turns=False)
    text = grown(tmp_path, 350)
    follower.append(b"from the child\n")
    assert [line for _, line in every_line(tmp_path)] == [
        *text.decode().splitlines(), "from the child",
    ]  # fmt: skip
