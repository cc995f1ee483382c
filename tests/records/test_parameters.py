"""What a parameter may be, and that every draw is one of these values."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.errors import UsageError
from tracklab.records.parameters import KINDS, leaves, nested

NUMBERS = st.floats(-50, 50, allow_nan=False)
STEPS = st.one_of(st.integers(1, 5), st.sampled_from([0.05, 0.1, 0.25, 1.5]))


def chance(seed: int) -> Random:
    """Return a source of draws that repeats them."""
    return Random(seed)  # noqa: S311 - nothing is kept secret by it


@st.composite
def numeric(draw: Any) -> dict[str, Any]:
    """Return a parameter of any distribution over numbers."""
    kind = draw(st.sampled_from([k for k, fields in KINDS.items() if fields[0] in "min mu a"]))
    least, most = sorted((draw(NUMBERS), draw(NUMBERS)))
    if kind == "int_uniform":
        least, most = math.floor(least), math.ceil(most)
    if kind.endswith("_values"):
        least, most = math.exp(least / 10), math.exp(most / 10)
    shape = draw(st.floats(0.1, 9))
    every = {
        "min": least, "max": most, "mu": least, "sigma": shape, "a": shape, "b": 1 + shape,
        "q": draw(STEPS),
    }  # fmt: skip
    return {"distribution": kind, **{name: every[name] for name in KINDS[kind]}}


def domain(spec: dict[str, Any]) -> tuple[float, float]:
    """Return the smallest and largest value of a distribution, by its definition."""
    kind = spec["distribution"].removeprefix("q_")
    if kind in {"normal", "log_normal"}:
        return (0.0 if kind == "log_normal" else -math.inf), math.inf
    if kind == "beta":
        return 0.0, 1.0
    least, most = spec["min"], spec["max"]
    if kind == "log_uniform":
        return math.exp(least), math.exp(most)
    if kind == "inv_log_uniform":
        return 1 / math.exp(most), 1 / math.exp(least)
    return least, most


@given(spec=numeric(), seed=st.integers())
@settings(PATIENT, max_examples=150)
def test_a_draw_lies_in_its_domain(spec: dict[str, Any], seed: int) -> None:
    """Inside of the range; a multiple of `q`, which may lie beside a range that has none."""
    (parameter,) = leaves({"x": spec})
    value = parameter.draw(chance(seed))
    least, most = domain(spec)
    step = float(spec.get("q", 0))
    if "q" in spec:
        assert math.isclose(value / step, round(value / step), abs_tol=1e-6)
        none_inside = math.floor(most / step) < math.ceil(least / step) if most < math.inf else True
        least, most = (least - step, most + step) if none_inside else (least, most)
    slack = 1e-9 * max(abs(value), 1)
    assert least - slack <= value <= most + slack
    assert isinstance(value, int) or spec["distribution"] != "int_uniform"


@given(spec=numeric(), share=st.floats(0.001, 0.999))
@settings(PATIENT, max_examples=100)
def test_a_value_is_found_where_it_lies(spec: dict[str, Any], share: float) -> None:
    """A search that learns tells its sampler where each value is, and gets the same one back."""
    (parameter,) = leaves({"x": spec})
    value = parameter.at(share)
    assert parameter.at(parameter.where(value)) == pytest.approx(value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("spec", "share", "value"),
    [
        ({"min": 1, "max": 4}, 0.5, 3),
        ({"min": 1.0, "max": 4}, 0.5, 2.5),
        ({"values": ["a", "b", "c"], "probabilities": [0.1, 0.8, 0.1]}, 0.5, "b"),
        ({"distribution": "log_uniform", "min": -2, "max": 0}, 0.5, math.exp(-1)),
        ({"distribution": "log_uniform_values", "min": 0.01, "max": 1}, 0.5, 0.1),
        ({"distribution": "inv_log_uniform", "min": 0, "max": 2}, 0.25, math.exp(-1.5)),
        ({"distribution": "inv_log_uniform_values", "min": 0.01, "max": 1}, 0.25, 10**-1.5),
        ({"distribution": "normal", "mu": 3, "sigma": 2}, 0.9, NormalDist(3, 2).inv_cdf(0.9)),
        ({"distribution": "log_normal", "mu": 1}, 0.5, math.e),
        ({"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.1}, 0.32, 0.3),
        ({"distribution": "q_uniform", "min": 3, "max": 9, "q": 4}, 0.01, 4),
    ],
)
def test_a_distribution_has_its_quantiles(spec: dict[str, Any], share: float, value: Any) -> None:
    """By the definitions of wandb's names."""
    (parameter,) = leaves({"x": spec})
    found = parameter.at(share)
    assert found == (value if isinstance(value, str) else pytest.approx(value))


def test_probabilities_are_kept() -> None:
    """Of many draws each value has its share."""
    (parameter,) = leaves({"x": {"values": [1, 2], "probabilities": [0.2, 0.8]}})
    random = chance(7)
    drawn = [parameter.draw(random) for _ in range(4000)]
    assert drawn.count(1) / len(drawn) == pytest.approx(0.2, abs=0.03)


def test_a_beta_distribution_has_its_mean() -> None:
    """`a / (a + b)`."""
    (parameter,) = leaves({"x": {"distribution": "beta", "a": 2, "b": 6}})
    random = chance(7)
    assert sum(parameter.draw(random) for _ in range(4000)) / 4000 == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ({"value": None}, [None]),
        ({"values": ["a", "b"]}, ["a", "b"]),
        ({"min": 2, "max": 4}, [2, 3, 4]),
        ({"distribution": "q_uniform", "min": 0, "max": 0.3, "q": 0.1}, [0.0, 0.1, 0.2]),
    ],
)
def test_a_choice_can_be_counted(spec: dict[str, Any], values: list[Any]) -> None:
    """As wandb's grids count it: the upper end of `q_uniform` is none of them."""
    (parameter,) = leaves({"x": spec})
    assert (parameter.bounded, list(parameter.choices())) == (True, values)


def test_the_steps_of_a_range_are_counted_and_not_listed() -> None:
    """A grid of many begins as quickly as one of few."""
    (parameter,) = leaves({"x": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 1e-12}})
    choices = parameter.choices()
    assert (len(choices), choices[3], choices[-1]) == (10**12, 3e-12, 1 - 1e-12)
    assert choices[1:3] == [1e-12, 2e-12]


def test_nested_parameters_are_values_of_a_nested_configuration() -> None:
    """`parameters` inside of a parameter."""
    spec = {"a": {"value": 1}, "m": {"parameters": {"b": {"value": 2}, "c": {"values": [3]}}}}
    found = leaves(spec)
    assert [parameter.name for parameter in found] == ["a", "m.b", "m.c"]
    assert nested(found, [1, 2, 3]) == {"a": 1, "m": {"b": 2, "c": 3}}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (3, "'x' is 3; it takes a dict such as {'value': 3}"),
        ({}, "takes value, values, min and max, or a distribution"),
        ({"min": 1}, "takes value, values, min and max"),
        ({"distribution": "gamma"}, "has the distribution 'gamma'; it takes one of constant"),
        ({"min": 1, "max": 2, "q": 1}, r"\(int_uniform\) has 'q'; it takes only min, max"),
        ({"min": 2, "max": 1}, "has min=2 above max=1"),
        ({"min": "1e-3", "max": 1}, "min='1e-3'; it takes a number as min .YAML reads 1e-3"),
        ({"min": True, "max": 2}, "has min=True"),
        ({"min": 0.1, "max": math.inf}, "has max=inf"),
        ({"distribution": "int_uniform", "min": 0.5, "max": 2}, "a whole number as min"),
        ({"distribution": "log_uniform_values", "min": 0, "max": 1}, "a min above 0"),
        ({"distribution": "q_normal", "q": 0}, "a q above 0"),
        ({"distribution": "beta", "a": 0}, "an? a above 0"),
        ({"distribution": "normal", "sigma": -1}, "a sigma of 0 or more"),
        ({"distribution": "log_uniform", "min": 0, "max": 999}, "exponents of e, of some 700"),
        ({"values": []}, "a list of one value or more"),
        ({"values": "abc"}, "a list of one value or more"),
        ({"values": [1, 2], "probabilities": [1]}, "one of 0 or more for each value"),
        ({"values": [1, 2], "probabilities": [0.5, 0.1]}, "add up to 0.6"),
        ({"distribution": "constant"}, "is constant and has no value"),
        ({"parameters": {"y": {"min": 1}}}, "'x.y' is"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(spec: Any, said: str) -> None:
    """With its name, what was found, what it takes, and what to do."""
    with pytest.raises(UsageError, match=said) as caught:
        leaves({"x": spec})
    assert str(caught.value).endswith("Correct it in the sweep's configuration.")
