"""What is kept of a line in bounded memory is what all of its points at once give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.query.buckets import bucket_width, into_buckets
from tracklab.query.sketches import Marks, Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

POINTS = st.lists(st.tuples(st.integers(-99, 999), st.integers(-50, 50)), max_size=120)
PIECES = st.lists(POINTS, max_size=6)


def columns(points: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return x and value as columns, x a little beside the edges of buckets."""
    x, value = zip(*points, strict=True) if points else ((), ())
    return np.array(x, float) * 0.375, np.array(value, float)


@given(PIECES, st.integers(1, 9), st.sampled_from([None, 0.0, 0.5, 64.0]))
@PATIENT
def test_points_in_any_order_become_the_same_buckets(
    pieces: list[list[tuple[float, float]]], px: int, width: float | None
) -> None:
    """However they come; few are kept as they are, by x, the later one behind its equals."""
    sketch = Sketch(px, 0 if width is not None else px, width)
    for piece in pieces:
        sketch.add(*columns(piece))
    x, value = columns([point for piece in pieces for point in piece])
    order = np.argsort(x, kind="stable")
    x, value = x[order], value[order]
    assert sketch.count == len(x)
    few = sketch.points()
    if few is not None:
        assert (few[0].tolist(), few[1].tolist()) == (x.tolist(), value.tolist())
        return
    assert (sketch.low, sketch.high) == (x[0], x[-1])
    wide = bucket_width(x[-1] - x[0], px) if width is None else width
    found, expected = sketch.buckets(wide), into_buckets(x, value, width=wide)
    for name in ("x", "last", "lo", "hi", "cnt", "total"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2)), max_size=60), max_size=6),
    st.integers(1, 30),
    st.sampled_from([0.0, 0.5, 64.0]),
)
@PATIENT
def test_the_first_mark_of_a_kind_in_a_bucket_is_told(
    pieces: list[list[tuple[int, int]]], px: int, width: float
) -> None:
    """Whatever came before and in which order, and all of them where they are few."""
    kinds = (math.nan, math.inf, -math.inf)
    marks = Marks(px)
    for piece in pieces:
        x, kind = columns(piece)
        marks.add(x, np.array([kinds[int(one)] for one in kind], float))
    every = sorted((number * 0.375, kind) for piece in pieces for number, kind in piece)
    if len(every) > px:
        width = max(width, bucket_width(every[-1][0] - every[0][0], px))
    firsts: dict[tuple[float, int], float] = {}
    for x_, kind_ in every:
        firsts.setdefault((math.floor(x_ / width) if width else x_, kind_), x_)
    names = ("NaN", "Infinity", "-Infinity")
    expected = sorted((x_, names[kind_]) for (_, kind_), x_ in firsts.items())
    assert sorted((one.x, one.value) for one in marks.told(width)) == expected
