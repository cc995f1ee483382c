"""What no line has, and what has been told of it."""

from __future__ import annotations

import errno

from hypothesis import given
from hypothesis import strategies as st

from tracklab.storage.gaps import Gaps


@given(st.lists(st.tuples(st.sampled_from(["add", "skip", "tell"]), st.booleans()), max_size=60))
def test_every_number_is_told_once_whatever_is_added_meanwhile(
    steps: list[tuple[str, bool]],
) -> None:
    """An event names what there was when it was made; the next one names the rest."""
    gaps, seq, added, told = Gaps(), 0, [], []
    for step, late in steps:
        if step == "tell":
            for data in gaps.told():
                if late:  # while the event is being written
                    gaps.add("history", seq, OSError(errno.ENOSPC, ""))
                    added.append(seq)
                    seq += 1
                told += [n for first, last in data["ranges"] for n in range(first, last + 1)]
                gaps.forget(data)
            continue
        if step == "add":
            gaps.add("history", seq, OSError(errno.ENOSPC, ""))
            added.append(seq)
        seq += 1
    told += [n for data in gaps.told() for a, b in data["ranges"] for n in range(a, b + 1)]
    assert told == added
