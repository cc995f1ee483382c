"""Rules of the user: what a metric must not be. Rows are turned into alerts that no run raised.

Nothing of a metric is kept: only, for what breaks a rule right now, in how many rows it does.
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from tracklab.clock import rfc3339
from tracklab.errors import SettingsError
from tracklab.query.ages import span_s
from tracklab.query.answers.events import Event
from tracklab.records.flat import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["RULE", "TOLD", "Breach", "Rule", "breaches", "load_rules"]

#: What stands for the logger in an alert that a rule made.
RULE: Final = "rule"
#: What stands for the length of a streak that was told of.
TOLD: Final = -1

_FILE_MAX_BYTES: Final = 1 << 20
_LEVELS: Final = ("info", "warning", "error")
_COMPARED: Final = re.compile(
    r"(>=|<=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)", re.IGNORECASE
)
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_WORDS: Final[dict[str, Callable[[float], bool]]] = {
    "nan": math.isnan,
    "inf": math.isinf,
    "not finite": lambda value: not math.isfinite(value),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; see `docs/how-to/alerts.md`.

    Attributes:
        name: the title of its alerts.
        key: a metric; `*` stands for any text.
        when: nan, inf, not finite, or a comparison such as `> 10`.
        rows: how many values in a row must be so.
        level: info, warning or error.
        wait: the shortest time between two alerts, as 10m.
    """

    name: str
    key: str
    when: str
    rows: int = 1
    level: str = "warning"
    wait: str = "10m"

    def __post_init__(self) -> None:
        """Refuse what could never be told."""
        for name, well, accepted in (
            ("name", bool(self.name), "a text"),
            ("key", bool(self.key), "the name of a metric, such as train/loss"),
            ("when", _condition(self.when) is not None, "nan, inf, not finite, or as '> 10'"),
            ("rows", self.rows >= 1, "a number of 1 or more"),
            ("level", self.level in _LEVELS, f"one of {', '.join(_LEVELS)}"),
            ("wait", span_s(self.wait) is not None, "a time such as 30s, 10m or 1h"),
        ):
            if not well:
                raise ValueError(f"{name} cannot be {getattr(self, name)!r}; it is {accepted}")

    def breaks(self, value: float) -> bool:
        """Return whether a value is as it must not be."""
        condition = _condition(self.when)
        return condition is not None and condition(value)


class Breach(NamedTuple):
    """A rule that is broken: what names the streak, and the alert about it."""

    streak: str
    alert: Event


def load_rules(path: Path) -> list[Rule]:
    """Return the rules of a YAML file: a list under `rules`.

    Raises:
        SettingsError: it cannot be read, or a rule cannot be followed.
    """
    try:
        with open(path, "rb") as file:
            rules = list(map(_rule, _listed(yaml.safe_load(file.read(_FILE_MAX_BYTES)))))
            _refuse_doubles(rules)
            return rules
    except (OSError, RecursionError, TypeError, ValueError, yaml.YAMLError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise SettingsError(
            f"The file of rules cannot be used: {why}. `config/alerts.yaml` shows all that a "
            f"rule can say. Correct it: {path}"
        ) from None


def breaches(
    rules: Sequence[Rule], row: dict[str, Any], writer: str | None, streaks: dict[str, int]
) -> Iterator[Breach]:
    """Yield each rule that is broken, with a row of history, for as many rows as it says.

    It comes again with each further row, until whoever tells of it sets its streak to `TOLD`.

    Args:
        rules: what to look for.
        row: as `decode_row` returns it.
        writer: who wrote it.
        streaks: in how many rows each rule has been broken, brought up to date.
    """
    flat = flatten(row)
    for rule in rules:
        for key, value in _values(flat, rule.key):
            streak = f"{rule.name} {writer} {key}"
            if not rule.breaks(value):
                streaks.pop(streak, None)
                continue
            count = streaks.get(streak, 0)
            if count == TOLD:
                continue
            streaks[streak] = count + 1
            if count + 1 >= rule.rows:
                yield Breach(streak, _alert(rule, key, value, flat, writer, count=count + 1))


def _values(flat: dict[str, Any], pattern: str) -> Iterator[tuple[str, float]]:
    if "*" in pattern:
        keys = [key for key in flat if key[:1] != "_" and fnmatchcase(key, _plain(pattern))]
    else:
        keys = [pattern]
    for key in keys:
        value = flat.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield key, value


def _plain(pattern: str) -> str:
    """Return a pattern in which only `*` means more than itself."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _alert(
    rule: Rule, key: str, value: float, flat: dict[str, Any], writer: str | None, *, count: int
) -> Event:
    step, time_s = flat.get("_step"), flat.get("_timestamp")
    times = f", {count} times in a row" if count > 1 else ""
    at = f" at step {step}" if step is not None else ""
    text = f"{key} is {value:.6g}{at}{times}"
    data = {"title": rule.name, "text": text, "wait_duration": span_s(rule.wait)}
    timestamp = rfc3339(time_s) if isinstance(time_s, float) else None
    return Event(timestamp, rule.level.upper(), RULE, rule.name, None, writer, data)


def _condition(text: str) -> Callable[[float], bool] | None:
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    match = _COMPARED.fullmatch(word)
    if match is None:
        return None
    compare, limit = _OPERATORS[match[1]], float(match[2])
    return lambda value: compare(value, limit)


def _listed(content: Any) -> list[Any]:
    rules = content.get("rules") if isinstance(content, dict) else None
    if not isinstance(rules, list):
        raise TypeError("it has no list under `rules`")
    return rules


def _refuse_doubles(rules: Sequence[Rule]) -> None:
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two rules have the name {name!r}, but each needs one of its own")


def _rule(given: Any) -> Rule:
    """Return the rule that a mapping says."""
    known = {field.name: str(field.type) for field in fields(Rule)}
    if not isinstance(given, dict):
        raise TypeError(f"{given!r} is no rule, but a rule is a mapping")
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"a rule has no {name!r}, but {', '.join(known)}")
        if type(value).__name__ != known[name]:
            raise TypeError(f"{name} is {value!r}, which is no {known[name]}")
    missing = [name for name in ("name", "key", "when") if name not in given]
    if missing:
        raise ValueError(f"the rule {given} has no {missing[0]}")
    return Rule(**given)
