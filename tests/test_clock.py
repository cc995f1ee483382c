"""Times: one spelling written, every common one read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab.clock import parse_time, rfc3339


@pytest.mark.parametrize(
    ("text", "epoch_s"),
    [
        ("2026-11-20T17:40:00.123456Z", 1795196400.123456),
        ("2026-11-20T17:40:00Z", 1795196400.0),
        ("2026-11-20 18:40:00,5+01:00", 1795196400.5),
        ("2026-11-20T09:40:00.000000001-0800", 1795196400.000000001),
        ("2026-11-20T17:40", 1795196400.0),
        ("1795196400.25", 1795196400.25),
        (1795196400, 1795196400.0),
        (1795196400123, 1795196400.123),
        (1795196400123456, 1795196400.123456),
        (1795196400123456789, 1795196400.1234567),
    ],
)
def test_common_spellings_are_read(text: str | float, epoch_s: float) -> None:
    """ISO of any precision and zone; numbers in s, ms, µs and ns."""
    assert parse_time(text) == pytest.approx(epoch_s, abs=1e-6)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_date_is_refused(text: str) -> None:
    """As a ValueError, so that a reader can count the line."""
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


@given(st.floats(0, 4e9))
def test_what_is_written_is_read_back(epoch_s: float) -> None:
    """To the microsecond, always in 27 characters."""
    text = rfc3339(epoch_s)
    assert len(text) == 27
    assert parse_time(text) == pytest.approx(epoch_s, abs=1e-6)
