r"""Console text: lines as a terminal shows them, from either end, of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.files import segment
from tracklab.query import console
from tracklab.query.console import read_console

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tracklab.query.engine import Engine


def captured(run_dir: Path, content: bytes) -> None:
    """Write what was captured of stdout."""
    (run_dir / "logs").mkdir(parents=True, exist_ok=True)
    (run_dir / "logs" / "stdout.log").write_bytes(content)


def test_lines_are_as_a_terminal_shows_them(engine: Engine, run_dir: Path) -> None:
    """A progress bar folds to its last state, colours stay, the open line is shown too."""
    segment(run_dir, [])
    captured(run_dir, b"one\n 10%\r 50%\r100%\r\n\x1b[31mred\x1b[0m\n\xff\nopen")
    page = engine.logs("r")
    assert [line.text for line in page.lines] == [
        "one", "100%", "\x1b[31mred\x1b[0m", "\N{REPLACEMENT CHARACTER}", "open",
    ]  # fmt: skip
    assert [line.offset for line in page.lines] == [0, 4, 20, 33, 35]
    assert (page.offset, page.next_offset, page.size) == (0, 35, 39)


@given(
    st.lists(st.sampled_from([b"", b"a", b"bb\r", b"c\rd"]), max_size=12),
    st.sampled_from([b"", b"open"]),
    st.integers(1, 5),
)
@PATIENT
def test_pages_and_tails_are_parts_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], rest: bytes, limit: int
) -> None:
    """Page after page gives every line once; a tail gives the last ones."""
    run_dir = tmp_path_factory.mktemp("run")
    captured(run_dir, b"".join(line + b"\n" for line in lines) + rest)
    whole = read_console(run_dir, "stdout", offset=0, limit=99, tail=False).lines
    assert len(whole) == len(lines) + bool(rest)
    tail = read_console(run_dir, "stdout", offset=0, limit=limit, tail=True)
    assert tail.lines == whole[-limit:]
    found, offset = [], 0
    while True:
        page = read_console(run_dir, "stdout", offset=offset, limit=limit, tail=False)
        found += [line for line in page.lines if line.offset < page.next_offset]
        if page.next_offset == offset:
            break
        offset = page.next_offset
    assert found == whole[: len(lines)]


def test_a_line_longer_than_is_read_at_once_does_not_stop_us(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes in pieces, and what follows comes, too."""
    monkeypatch.setattr(console, "_MAX_BYTES", 10)
    captured(run_dir, b"x" * 25 + b"\nafter\n")
    texts, offset = [], 0
    while True:
        page = read_console(run_dir, "stdout", offset=offset, limit=9, tail=False)
        texts += [line.text for line in page.lines if line.offset < page.next_offset]
        if page.next_offset == offset:
            break
        offset = page.next_offset
    assert texts == ["x" * 10, "x" * 10, "x" * 5, "after"]
    assert [line.text for line in read_console(
        run_dir, "stdout", offset=0, limit=9, tail=True
    ).lines] == ["after"]  # fmt: skip


def test_a_run_without_captured_text_has_no_lines(run_dir: Path, tmp_path: Path) -> None:
    """Nor one whose directory of logs leads elsewhere; an offset beyond the end is the end."""
    run_dir.mkdir(parents=True)
    assert read_console(run_dir, "stdout", offset=0, limit=9, tail=True).lines == []
    captured(tmp_path / "elsewhere", b"secret\n")
    (run_dir / "logs").symlink_to(tmp_path / "elsewhere" / "logs")
    assert read_console(run_dir, "stdout", offset=0, limit=9, tail=False).lines == []
    (run_dir / "logs").unlink()
    captured(run_dir, b"one\n")
    assert read_console(run_dir, "stdout", offset=99, limit=9, tail=False).next_offset == 4


def test_each_rank_of_a_job_has_a_text(engine: Engine, run_dir: Path) -> None:
    """Rank 0 the first one; what is no directory of a rank, or a link, is none."""
    segment(run_dir, [])
    captured(run_dir, b"zero\n")
    for name in ("rank-10", "rank-2", "rank-02", "rank-x"):
        (run_dir / "logs" / name).mkdir()
        (run_dir / "logs" / name / "stdout.log").write_bytes(name.encode())
    (run_dir / "logs" / "rank-3").symlink_to(run_dir / "logs" / "rank-2")
    assert engine.logs("r").ranks == [0, 2, 10]
    for rank, text in ((0, "zero"), (2, "rank-2"), (10, "rank-10")):
        assert [line.text for line in engine.logs("r", rank=rank).lines] == [text]
    assert engine.logs("r", rank=3).lines == engine.logs("r", rank=2, stream="stderr").lines == []


def test_what_a_rank_prints_changes_the_runs_version(engine: Engine, run_dir: Path) -> None:
    """Or a reader would keep an answer without it."""
    segment(run_dir, [])
    captured(run_dir, b"zero\n")
    before = engine.version("r", console=True)
    (run_dir / "logs" / "rank-1").mkdir()
    (run_dir / "logs" / "rank-1" / "stdout.log").write_bytes(b"one\n")
    assert engine.version("r", console=True) != before
