"""Results become JSON."""

from __future__ import annotations

import math

import numpy as np
import orjson

from tracklab.query.answers.series import NonFinite, SeriesReply
from tracklab.query.plain import plain


def test_what_json_cannot_say_has_a_name() -> None:
    """In dataclasses, columns, lists and dicts; everything else stays."""
    reply = SeriesReply([], math.inf, {})
    value = {"a": [math.nan, 1, True, None, "x"], "b": np.array([-math.inf, 2.0]), "c": (reply,)}
    assert plain(value) == {
        "a": ["NaN", 1, True, None, "x"],
        "b": ["-Infinity", 2.0],
        "c": [{"series": [], "coverage": "Infinity", "revs": {}}],
    }
    assert orjson.loads(orjson.dumps(plain(NonFinite(1.5, "NaN")))) == {"x": 1.5, "value": "NaN"}
