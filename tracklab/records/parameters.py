"""The parameters of a sweep: which values each may have, and how one is drawn.

A value is a function of a number between 0 and 1: the parameter's quantile. A random search draws
that number, and a search that learns looks for a good one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

__all__ = ["KINDS", "Parameter", "leaves", "nested"]

_RANGE: Final = ("min", "max")
_BELL: Final = ("mu", "sigma")
_SHAPE: Final = ("a", "b")
#: Every distribution and the fields that it takes.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "constant": ("value",),
    "categorical": ("values", "probabilities"),
    "categorical_w_probabilities": ("values", "probabilities"),
    "int_uniform": _RANGE,
    "uniform": _RANGE,
    "q_uniform": (*_RANGE, "q"),
    "log_uniform": _RANGE,
    "log_uniform_values": _RANGE,
    "q_log_uniform": (*_RANGE, "q"),
    "q_log_uniform_values": (*_RANGE, "q"),
    "inv_log_uniform": _RANGE,
    "inv_log_uniform_values": _RANGE,
    "normal": _BELL,
    "q_normal": (*_BELL, "q"),
    "log_normal": _BELL,
    "q_log_normal": (*_BELL, "q"),
    "beta": _SHAPE,
    "q_beta": (*_SHAPE, "q"),
}
_DEFAULTS: Final = {"mu": 0.0, "sigma": 1.0, "a": 1.0, "b": 1.0, "q": 1}
#: Above this sum of differences probabilities are no rounding of ones that add up to 1.
_SLACK: Final = 1e-6
_HALVINGS: Final = 60
_ROUNDING: Final = 1e-9
_ALMOST_ONE: Final = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that is to be chosen.

    Attributes:
        path: the keys under which it lies in the configuration, the outermost first.
        kind: its distribution.
        spec: the distribution's fields, defaults included.
    """

    path: tuple[str, ...]
    kind: str
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its keys with dots between."""
        return ".".join(self.path)

    @property
    def bounded(self) -> bool:
        """Whether it has a choice of values that can be counted."""
        return self.kind in {
            "constant", "categorical", "categorical_w_probabilities", "int_uniform", "q_uniform",
        }  # fmt: skip

    @property
    def countable(self) -> bool:
        """Whether so few that a sequence can have them; of a parameter that is bounded."""
        try:
            len(self.choices())
        except OverflowError:
            return False
        return True

    def choices(self) -> Sequence[Any]:
        """Return every value of a parameter that is bounded; `max` of `q_uniform` is none."""
        if self.kind == "constant":
            return (self.spec["value"],)
        if self.kind == "int_uniform":
            return range(self.spec["min"], self.spec["max"] + 1)
        if self.kind == "q_uniform":
            return _Steps(self)
        values: list[Any] = self.spec["values"]
        return values

    def found_in(self, values: Mapping[str, Any]) -> Any:
        """Return its value in the configuration of a run.

        Raises:
            KeyError, TypeError: there is none.
        """
        found: Any = values
        for key in self.path:
            found = found[key]
        return found

    def draw(self, random: Random) -> Any:
        """Return a value by chance."""
        if self.kind.endswith("beta"):  # its quantile has no closed form
            return self._stepped(random.betavariate(self.spec["a"], self.spec["b"]))
        return self.at(random.random())

    def at(self, quantile: float) -> Any:
        """Return the value below which this share of all draws lies.

        Of a beta distribution it is the number itself: between 0 and 1 as its values are.

        Args:
            quantile: 0 to 1.
        """
        if self.kind == "constant":
            return self.spec["value"]
        if "values" in self.spec:
            values = self.spec["values"]
            weights: list[float] = self.spec.get("probabilities") or [1.0] * len(values)
            sums = list(accumulate(weights))
            return values[min(bisect_right(sums, quantile * sums[-1]), len(values) - 1)]
        if self.kind == "int_uniform":
            least, most = self.spec["min"], self.spec["max"]
            return min(least + int(quantile * (most - least + 1)), most)
        return self._stepped(self._continuous(quantile))

    def where(self, value: float) -> float:
        """Return a quantile at which `value` of a distribution over numbers lies.

        It is what `at` turns back, to the nearest multiple of `q`.

        Raises:
            ValueError: it is none of the values that can be chosen.
        """
        least, most = self.at(0.0), self.at(1.0)
        if isinstance(value, bool) or not (least <= value <= most or _near(value, least, most)):
            raise ValueError(value)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.at(middle) <= value else (low, middle)
        return low

    def _continuous(self, quantile: float) -> float:
        kind, spec = self.kind.removeprefix("q_"), self.spec
        if kind == "beta":
            return quantile
        if kind in {"normal", "log_normal"}:
            # At the very ends there is nothing finite.
            share = min(max(quantile, 1 - _ALMOST_ONE), _ALMOST_ONE)
            place = NormalDist().inv_cdf(share) * float(spec["sigma"]) + float(spec["mu"])
            return math.exp(place) if kind == "log_normal" else place
        least, most = float(spec["min"]), float(spec["max"])
        if kind == "uniform":
            return min(least + quantile * (most - least), most)
        if kind == "inv_log_uniform":
            least, most = -most, -least
        if kind.endswith("_values"):
            drawn = math.exp(math.log(least) + quantile * (math.log(most) - math.log(least)))
            return min(max(drawn, least), most)
        return math.exp(least + quantile * (most - least))

    def _stepped(self, value: float) -> Any:
        """Return the nearest multiple of `q`, inside of the range if one is; else the value."""
        if "q" not in self.spec:
            return value
        step = Decimal(str(self.spec["q"]))
        count = round(Decimal(repr(value)) / step)
        low, high = self._ends()
        if low is not None and high is not None:
            least, most = math.ceil(low / step), math.floor(high / step)
            count = min(max(count, least), most) if least <= most else count
        return self.plain(count * step)

    def _ends(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the smallest and largest value, None where there is none."""
        if "min" not in self.spec:
            return (Decimal(0), Decimal(1)) if self.kind.endswith("beta") else (None, None)
        ends = [float(self.spec["min"]), float(self.spec["max"])]
        if self.kind == "q_log_uniform":
            ends = [math.exp(end) for end in ends]
        return Decimal(repr(ends[0])), Decimal(repr(ends[1]))

    def plain(self, value: Decimal) -> int | float:
        """Return a multiple of `q` as a number of its type."""
        whole = isinstance(self.spec["q"], int) and value == int(value)
        return int(value) if whole else float(value)


class _Steps(Sequence[Any]):
    """The values of `q_uniform`, of which each is made when it is asked for."""

    def __init__(self, parameter: Parameter) -> None:
        numbers = (Decimal(str(parameter.spec[name])) for name in ("min", "max", "q"))
        self._least, most, self._step = numbers
        self._numbers = range(max(math.ceil((most - self._least) / self._step), 1))
        self._plain = parameter.plain

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[number] for number in self._numbers[at]]
        return self._plain(self._least + self._numbers[at] * self._step)


def leaves(parameters: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[Parameter]:
    """Return every parameter of a configuration, nested ones too, in its order.

    Raises:
        UsageError: one is not written as a parameter is.
    """
    found: list[Parameter] = []
    for key, spec in parameters.items():
        path = (*above, str(key))
        if not isinstance(spec, dict):
            raise _wrong(path, f"is {spec!r}", f"a dict such as {{'value': {spec!r}}}")
        if "parameters" in spec and isinstance(spec["parameters"], dict) and len(spec) == 1:
            found += leaves(spec["parameters"], path)
        else:
            found.append(_checked(path, spec))
    return found


def nested(parameters: Iterable[Parameter], values: Iterable[Any]) -> dict[str, Any]:
    """Return a value of each parameter, where the configuration of a run has it."""
    made: dict[str, Any] = {}
    for parameter, value in zip(parameters, values, strict=True):
        inner = made
        for key in parameter.path[:-1]:
            inner = inner.setdefault(key, {})
        inner[parameter.path[-1]] = value
    return made


def _checked(path: tuple[str, ...], given: dict[str, Any]) -> Parameter:
    kind = given.get("distribution") or _meant(path, given)
    if kind not in KINDS:
        raise _wrong(path, f"has the distribution {kind!r}", f"one of {', '.join(KINDS)}")
    fields = KINDS[kind]
    unknown = given.keys() - {"distribution", *fields}
    if unknown:
        raise _wrong(path, f"({kind}) has {min(unknown)!r}", f"only {', '.join(fields)}")
    spec = {name: given.get(name, _DEFAULTS.get(name)) for name in fields}
    if kind == "constant":
        if "value" not in given:
            raise _wrong(path, "is constant and has no value", "value")
    elif "values" in fields:
        _check_values(path, spec)
    else:
        _check_numbers(path, kind, spec)
    parameter = Parameter(path, kind, spec)
    try:
        parameter.at(0.0), parameter.at(1.0)
    except OverflowError:
        raise _wrong(
            path, f"({kind}) is {given!r}", "exponents of e, of some 700 at most"
        ) from None
    return parameter


def _meant(path: tuple[str, ...], given: dict[str, Any]) -> str:
    """Return the distribution of a parameter that names none."""
    if "value" in given:
        return "constant"
    if "values" in given:
        return "categorical"
    if "min" in given and "max" in given:
        whole = all(type(given[name]) is int for name in _RANGE)
        return "int_uniform" if whole else "uniform"
    raise _wrong(path, f"is {given!r}", "value, values, min and max, or a distribution")


def _check_values(path: tuple[str, ...], spec: dict[str, Any]) -> None:
    values, weights = spec["values"], spec["probabilities"]
    if not isinstance(values, list) or not values:
        raise _wrong(path, f"has values={values!r}", "a list of one value or more")
    if weights is None:
        del spec["probabilities"]
        return
    numbers = isinstance(weights, list) and all(map(_is_number, weights))
    if not numbers or len(weights) != len(values) or min(weights) < 0:
        raise _wrong(path, f"has probabilities={weights!r}", "one of 0 or more for each value")
    if abs(sum(weights) - 1) > _SLACK:
        raise _wrong(path, f"has probabilities that add up to {sum(weights):g}", "a sum of 1")


def _check_numbers(path: tuple[str, ...], kind: str, spec: dict[str, Any]) -> None:
    for name, value in spec.items():
        if not _is_number(value) or (kind == "int_uniform" and not isinstance(value, int)):
            what = "a whole number" if kind == "int_uniform" else "a number"
            hint = " (YAML reads 1e-3 as text: write 1.0e-3)" if isinstance(value, str) else ""
            raise _wrong(path, f"({kind}) has {name}={value!r}", f"{what} as {name}{hint}")
    if "min" in spec and spec["min"] > spec["max"]:
        raise _wrong(
            path, f"has min={spec['min']!r} above max={spec['max']!r}", "a min of at most max"
        )
    least = {"min": 0} if kind.endswith("_values") else {}
    for name, above in {**least, "q": 0, "a": 0, "b": 0}.items():
        if name in spec and not spec[name] > above:
            raise _wrong(path, f"({kind}) has {name}={spec[name]!r}", f"a {name} above {above}")
    if "sigma" in spec and spec["sigma"] < 0:
        raise _wrong(path, f"({kind}) has sigma={spec['sigma']!r}", "a sigma of 0 or more")


def _near(value: float, *ends: float) -> bool:
    return any(math.isclose(value, end, rel_tol=_ROUNDING) for end in ends)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(path: tuple[str, ...], what: str, accepted: str) -> UsageError:
    return UsageError(
        f"The sweep's parameter {'.'.join(path)!r} {what}; it takes {accepted}. Correct it in the "
        "sweep's configuration."
    )
