"""Names of segments and run directories, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab.records.names import STREAMS
from tracklab.storage.layout import find_runs, parse_segment_name, segment_name, segments

if TYPE_CHECKING:
    from pathlib import Path


@given(
    st.sampled_from(STREAMS),
    st.integers(0, 999_999),
    st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,20}-[0-9]{1,6}-[0-9]{1,3}", fullmatch=True),
)
def test_a_name_that_is_made_is_understood(stream: str, number: int, writer: str | None) -> None:
    """Whatever host, pid and count a writer has."""
    assert parse_segment_name(segment_name(stream, number, writer=writer)) == (
        stream, writer, number,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["history.json", "other.jsonl", "history.x.jsonl", "history.1.jsonl", "history.jsonl.gz",
     ".history.jsonl", "history.host-1-1.jsonl"],
)  # fmt: skip
def test_other_names_are_no_segments(name: str) -> None:
    """A user's file never becomes a stream."""
    assert parse_segment_name(name) is None


def test_segments_come_in_order(tmp_path: Path) -> None:
    """The creator's first, then each writer's, by number."""
    names = [
        "history.jsonl", "history.000001.jsonl", "history.000010.jsonl",
        "history.a-1-1.000000.jsonl", "history.a-1-1.000001.jsonl",
    ]  # fmt: skip
    for name in reversed(names):
        (tmp_path / name).touch()
    (tmp_path / "events.jsonl").touch()
    assert [path.name for path in segments(tmp_path, "history")] == names
    assert segments(tmp_path / "absent", "history") == []


def test_runs_are_found_in_project_trees_and_nowhere_else(root: Path) -> None:
    """Reserved, hidden and unspeakable names and a run's own folders hold no runs."""
    hidden = (".tracklab/trash/r3", "artifacts/m/r4", "a/r1/files/r5", "a/\udcff", "\udcff/r6")
    for place in ("a/r1", "a/b/r2", *hidden):
        (root / place).mkdir(parents=True)
        (root / place / "history.jsonl").touch()
    (root / "loose.jsonl").touch()
    (root / "link").symlink_to(root / "a")
    assert [(project, run_id) for project, run_id, _ in find_runs(root)] == [
        ("a/b", "r2"), ("a", "r1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("a", ["a/b/r2", "a/r1"]),
        ("a/b", ["a/b/r2"]),
        ("c", []),
        ("", []),
        ("..", []),
        ("a/../a", []),
        ("artifacts", []),
        (".tracklab", []),
        ("link", []),
        ("a/r1", []),
        ("a/r1/files", []),
        ("a/" * 2_000 + "a", []),
        ("a" * 5_000, []),
    ],
)
def test_a_project_is_searched_alone(root: Path, project: str, expected: list[str]) -> None:
    """The same runs as a search of everything would find there, and none by a crooked name."""
    for place in ("a/r1", "a/b/r2", "ab/r3", "artifacts/m/r4", ".tracklab/x/r5", "a/r1/files/r6"):
        (root / place).mkdir(parents=True)
        (root / place / "history.jsonl").touch()
    (root / "link").symlink_to(root / "a")
    found = [f"{project}/{run_id}" for project, run_id, _ in find_runs(root, project=project)]
    assert found == expected
