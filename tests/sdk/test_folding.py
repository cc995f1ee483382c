r"""Console text on its way into a file: redrawn lines are folded, everything else is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.sdk.folding import KeptText
from tracklab.storage.console import ConsoleFile

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def kept(directory: Path, *pieces: tuple[float, bytes], end: bool = True) -> bytes:
    """Return what is in the file after pieces of text that came at their times."""
    (directory / "stdout.log").unlink(missing_ok=True)
    text = KeptText(ConsoleFile(directory, "stdout", most_bytes=1 << 20))
    for now_s, data in pieces:
        text.add(data, now_s)
    if end:
        text.end()
    return (directory / "stdout.log").read_bytes()


def shown(text: bytes) -> list[bytes]:
    """Return what a reader shows: of each line the last state that is not empty."""
    lines = [[state for state in line.split(b"\r") if state] for line in text.split(b"\n")]
    return [states[-1] if states else b"" for states in lines]


def test_plain_text_is_kept_at_once(tmp_path: Path) -> None:
    """Also the question that stands before a cursor, for whoever kills the program there."""
    pieces = [(0.0, b"one\ntw"), (0.0, b"o\n\nname? ")]
    assert kept(tmp_path, *pieces, end=False) == b"one\ntwo\n\nname? "


def test_a_million_states_in_ten_seconds_are_eleven(tmp_path: Path) -> None:
    """And the last one, of which nothing is lost."""
    states = ((n / 100_000, b"\r%7d of 1000000" % n) for n in range(1_000_000))
    text = kept(tmp_path, *states)
    assert text.count(b"\r") == 10
    assert text.endswith(b"\r 999999 of 1000000")


def test_a_state_that_waits_is_kept_when_its_time_has_come(tmp_path: Path) -> None:
    """Whoever reads a bar that stands still sees where it stands."""
    text = KeptText(ConsoleFile(tmp_path, "stdout", most_bytes=1 << 20))
    text.add(b"\r10%", 0.0)
    text.add(b"\r20%", 0.5)
    text.settle(0.9)
    assert (tmp_path / "stdout.log").read_bytes() == b"10%"
    text.settle(1.1)
    assert (tmp_path / "stdout.log").read_bytes() == b"10%\r20%"


def test_windows_line_ends_lose_nothing(tmp_path: Path) -> None:
    """A carriage return before the end of a line draws over nothing."""
    assert kept(tmp_path, (0.0, b"one\r"), (0.0, b"\ntwo\r\n")) == b"one\ntwo\n"


@given(
    st.lists(
        st.tuples(
            st.floats(0, 0.7), st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n"])).map(b"".join)
        ),
        max_size=20,
    )
)
@PATIENT
def test_a_reader_sees_the_same_as_in_the_whole_text(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[float, bytes]]
) -> None:
    """However the text was cut into pieces, and whenever they came."""
    times = [sum(wait for wait, _ in pieces[: n + 1]) for n in range(len(pieces))]
    datas = [data for _, data in pieces]
    text = kept(tmp_path_factory.mktemp("run"), *zip(times, datas, strict=True))
    assert shown(text) == shown(b"".join(datas))
