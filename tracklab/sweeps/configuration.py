"""What a sweep is told to do, checked when it is made: nothing wrong waits for the first trial."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from tracklab.errors import ArgumentTypeError, UnsupportedError, UsageError
from tracklab.records.encode import encode_object
from tracklab.records.parameters import leaves
from tracklab.sdk.terminal import termwarn
from tracklab.storage.documents import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["checked_config", "checked_label", "read_config"]

_METHODS: Final = ("grid", "random", "bayes")
_KNOWN: Final = frozenset(
    {"apiVersion", "command", "controller", "description", "early_terminate", "entity", "kind",
     "method", "metric", "name", "parameters", "program", "project", "run_cap"}
)  # fmt: skip
_CLOUD: Final = {
    "job": "Name a program or command, and start agents with your scheduler.",
    "image_uri": "Name a program or command, and start agents in your containers.",
    "metrics": "Name one metric; log a weighted sum of several as one.",
    "scheduler": "Choose the method grid, random or bayes.",
}
_METRIC: Final = frozenset({"name", "goal", "target", "impute", "impute_while_running"})
_STOPPING: Final = frozenset({"type", "min_iter", "max_iter", "s", "eta", "strict"})
_GOALS: Final = ("minimize", "maximize")


def checked_config(
    given: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | str | Path,
) -> dict[str, Any]:
    """Return a sweep's configuration as its log will have it.

    Args:
        given: a dict, a function without arguments that returns one, or the path of a YAML file.

    Raises:
        ArgumentTypeError: it is none of these.
        UsageError: a part of it cannot be used; MissingPackageError, which is one, if `bayes` is
            asked for without optuna.
    """
    config = _plain(read_config(given))
    for name in sorted(config.keys() & _CLOUD):
        raise UnsupportedError(f"A sweep has no {name!r} here. {_CLOUD[name]}")
    for name in sorted(config.keys() - _KNOWN):
        termwarn(f"A sweep's configuration has no {name!r}: it is left out.")
        del config[name]
    _check_method(config)
    _check_metric(config)
    _check_stopping(config)
    cap = config.get("run_cap")
    if cap is not None and not _is_count(cap):
        raise _wrong("run_cap", cap, "a whole number of 1 or more")
    command = config.get("command")
    if command is not None and (not isinstance(command, list) or not command):
        raise _wrong("command", command, 'a list such as ["${env}", "python", "${program}"]')
    for name in ("program", "project", "entity", "name"):
        if not isinstance(config.get(name), str | None):
            raise _wrong(name, config[name], "text")
    return config


def read_config(given: Any) -> Mapping[str, Any]:
    """Return a configuration as it was written; see `checked_config`."""
    told = given() if callable(given) else given
    if isinstance(told, str | Path):
        found = read_yaml(Path(told))
        if found is None:
            raise UsageError(
                "sweep() cannot read the configuration: no YAML mapping in this file. Check the "
                f"path. {told}"
            )
        return found
    if isinstance(told, dict):
        return told
    raise ArgumentTypeError(
        f"sweep() takes a dict, a function that returns one, or the path of a YAML file; got a "
        f"{type(told).__name__}. Write sweep({{'method': 'random', 'parameters': ...}})."
    )


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy as files will have it: tuples are lists, numbers of numpy are numbers."""
    line = encode_object(config)
    if b'"unserialisable"' in line:
        raise UsageError(
            "sweep() got a value that no file can hold. Values are numbers, texts, lists and "
            "dicts; choose by a name, and make the object in the program."
        )
    plain: dict[str, Any] = orjson.loads(line)
    for path, number in plain.pop("_nonfinite", {}).items():
        raise UsageError(
            f"sweep() got {number} as {path}, which no file can hold as a number. Write a finite "
            "number, or a text that the program understands."
        )
    for text in filter(lambda text: "\0" in text, _texts(plain)):
        raise UsageError(
            f"sweep() got the text {text!r} with a NUL, which no command line and no variable can "
            "hold. Take it out."
        )
    return plain


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _texts(inner)


def checked_label(name: str, value: str | None) -> str | None:
    """Return a label that `sweep()` got beside its configuration.

    Raises:
        ArgumentTypeError: it is no text.
        UsageError: no variable can hold it.
    """
    if not isinstance(value, str | None):
        raise ArgumentTypeError(
            f"sweep() takes {name} as text; got {value!r}. Write {name}='...', or leave it out."
        )
    if "\0" in (value or ""):
        raise UsageError(
            f"sweep() takes {name} without a NUL; got {value!r}. Choose another label."
        )
    return value


def _check_method(config: dict[str, Any]) -> None:
    method = config.get("method")
    if method == "custom":
        raise UnsupportedError(
            "A sweep has no method 'custom' here. Choose grid, random or bayes, or start the runs "
            "of your own search with init(group=...)."
        )
    if method not in _METHODS:
        raise _wrong("method", method, f"one of {', '.join(_METHODS)}")
    parameters = config.get("parameters")
    if not isinstance(parameters, dict) or not parameters:
        raise _wrong("parameters", parameters, "a dict such as {'lr': {'min': 0.001, 'max': 0.1}}")
    found = leaves(parameters)
    unbounded = [parameter for parameter in found if not parameter.bounded]
    weighted = [parameter for parameter in found if "probabilities" in parameter.spec]
    if method == "grid" and (unbounded or weighted):
        first = (unbounded or weighted)[0]
        raise UsageError(
            f"A grid cannot try every value of {first.name!r} ({first.kind}"
            f"{'' if unbounded else ', with probabilities'}). It takes value, values, int_uniform "
            "and q_uniform: give values, or use the method random."
        )
    if method == "grid" and not all(parameter.countable for parameter in found):
        first = next(parameter for parameter in found if not parameter.countable)
        raise UsageError(
            f"A grid cannot count the values of {first.name!r}: there are more than {sys.maxsize}. "
            "Give values or a narrower range, or use the method random."
        )
    if method == "bayes":
        from tracklab.sweeps.bayes import need_optuna  # noqa: PLC0415 - only who asks for it

        if "metric" not in config:
            raise _wrong("metric", None, "what bayes searches by: {'name': 'loss'}")
        need_optuna()


def _check_metric(config: dict[str, Any]) -> None:
    if "metric" not in config:
        return
    metric = config["metric"]
    if not isinstance(metric, dict) or not isinstance(metric.get("name"), str):
        raise _wrong("metric", metric, "a dict such as {'name': 'loss', 'goal': 'minimize'}")
    _check_fields("metric", metric, _METRIC)
    if metric.setdefault("goal", "minimize") not in _GOALS:
        raise _wrong("metric.goal", metric["goal"], "minimize or maximize")
    target = metric.get("target")
    if target is not None and not _is_number(target):
        raise _wrong("metric.target", target, "a number")


def _check_stopping(config: dict[str, Any]) -> None:
    if "early_terminate" not in config:
        return
    rule = config["early_terminate"]
    if not isinstance(rule, dict) or rule.get("type") != "hyperband":
        raise _wrong("early_terminate", rule, "a dict such as {'type': 'hyperband', 'min_iter': 3}")
    _check_fields("early_terminate", rule, _STOPPING)
    if "metric" not in config:
        raise _wrong("metric", None, "what early_terminate judges by: {'name': 'loss'}")
    for name in ("min_iter", "max_iter", "s"):
        if name in rule and not _is_count(rule[name]):
            raise _wrong(f"early_terminate.{name}", rule[name], "a whole number of 1 or more")
    if "min_iter" not in rule and not {"max_iter", "s"} <= rule.keys():
        raise _wrong("early_terminate", rule, "min_iter, or max_iter and s")
    eta = rule.setdefault("eta", 3)
    if not _is_number(eta) or eta <= 1:
        raise _wrong("early_terminate.eta", eta, "a number above 1")
    if not isinstance(rule.setdefault("strict", False), bool):
        raise _wrong("early_terminate.strict", rule["strict"], "true or false")


def _check_fields(where: str, given: dict[str, Any], known: frozenset[str]) -> None:
    for name in sorted(given.keys() - known):
        raise _wrong(f"{where}.{name}", given[name], f"nothing there; {where} has {sorted(known)}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(name: str, value: Any, accepted: str) -> UsageError:
    got = "is missing" if value is None else f"is {value!r}"
    return UsageError(
        f"The sweep's {name} {got}; it takes {accepted}. Correct it in the configuration."
    )
