"""All rows one after the other, against the judge."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.brute_force import history
from tests.patience import PATIENT
from tests.query.files import START_S, row, rows, segment
from tracklab.query.scanning import scan_rows

LINES = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, None, "x"]), max_size=2),
    ),
    max_size=8,
)


def users(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a row has that is the user's and not null."""
    return {key: value for key, value in found.items() if key in {"a", "b"} and value is not None}


@given(LINES, LINES, LINES, st.booleans())
@settings(PATIENT, max_examples=60)
def test_a_scan_has_the_rows_of_the_judge(
    first: Any, second: Any, third: Any, in_order: Any
) -> None:
    """Two writers, one that resumed; steps in any order or in the usual one."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        for lines, where in (
            (first, {}), (second, {"writer": "n-1-1"}), (third, {"writer": "n-2-1", "attempt": 1})
        ):  # fmt: skip
            told = sorted(lines, key=lambda line: int(line[0])) if in_order else lines
            segment(run_dir, rows(*told), **where)
        found = [(one["_step"], users(one)) for one in scan_rows(run_dir, "history")]
        expected = [(step, users(one)) for step, one in sorted(history(run_dir).items())]
        assert found == expected


def test_system_rows_come_by_time(tmp_path: Path) -> None:
    """Of all writers, and not merged."""
    segment(tmp_path, [row(0, seq, {"cpu": seq}) for seq in (1, 3)], stream="system_metrics")
    late = [row(0, seq, {"cpu": seq}) for seq in (2, 4)]
    segment(tmp_path, late, stream="system_metrics", writer="n-1-1")
    found = [one["_timestamp"] - START_S for one in scan_rows(tmp_path, "system")]
    assert found == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.integration
def test_memory_does_not_grow_with_the_run(tmp_path: Path) -> None:
    """Six times the rows, the same memory."""
    peaks = []
    for count in (4_000, 24_000):
        run_dir = tmp_path / str(count)
        segment(run_dir, rows(*((step, {"loss": 0.5}) for step in range(count))))
        tracemalloc.start()
        assert sum(1 for _ in scan_rows(run_dir, "history")) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + (1 << 20)
