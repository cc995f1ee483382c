"""Numbers of living runs in Prometheus' text format, read from the files when they are asked for.

Names are few and fixed; what a run called its metric is the label `key`. So no name that a run
logs can clash with another or break the format.

Source: Prometheus, exposition formats, text format 0.0.4.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tracklab.records.fields import epoch_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tracklab.query.answers.llm import LlmNumbers
    from tracklab.query.answers.machines import Machine
    from tracklab.query.answers.runs import Run

__all__ = ["EXPOSITION_TYPE", "exposition"]

EXPOSITION_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_FAMILIES: Final = {
    "tracklab_run_info": ("gauge", "A run that is being written."),
    "tracklab_run_step": ("gauge", "Newest step of the run."),
    "tracklab_run_stalled": ("gauge", "1 where the run stands still longer than its rhythm says."),
    "tracklab_run_updated_timestamp_seconds": ("gauge", "Time of the run's newest line."),
    "tracklab_metric": ("gauge", "What the summary holds of a metric, mostly its last value."),
    "tracklab_system": ("gauge", "Newest sample of each machine of the run."),
    "tracklab_llm_calls_total": ("counter", "LLM calls of the run."),
    "tracklab_llm_errors_total": ("counter", "LLM calls that failed."),
    "tracklab_llm_prompt_tokens_total": ("counter", "Tokens sent."),
    "tracklab_llm_completion_tokens_total": ("counter", "Tokens received."),
    "tracklab_llm_cost_dollars_total": ("counter", "What calls with a known price cost."),
    "tracklab_llm_response_seconds": ("gauge", "Percentiles of response times over the run."),
    "tracklab_samples_left_out": ("gauge", "Samples that this scrape has no room for."),
}
#: Of one scrape: some 6 MB of text.
_MOST_SAMPLES: Final = 50_000


def exposition(
    runs: Iterable[Run],
    machines: Mapping[str, Sequence[Machine]],
    calls: Mapping[str, LlmNumbers],
) -> str:
    """Return the text that a scrape reads.

    Args:
        runs: living runs, with their summaries; of too many samples the first are told.
        machines: where each run is being written, with their newest rows, by run.
        calls: numbers over LLM calls by run.
    """
    found: dict[str, list[str]] = {name: [_head(name)] for name in _FAMILIES}
    count = 0
    for run in runs:
        for name, labels, value in _of_run(run, machines.get(run.run, ()), calls.get(run.run)):
            count += 1
            if count <= _MOST_SAMPLES:
                found[name].append(_sample(name, {"run": run.run, **labels}, value))
    if count:
        left_out = max(0, count - _MOST_SAMPLES)
        found["tracklab_samples_left_out"].append(f"tracklab_samples_left_out {left_out}\n")
    return "".join(line for own in found.values() if len(own) > 1 for line in own)


def _of_run(
    run: Run, machines: Iterable[Machine], calls: LlmNumbers | None
) -> Iterator[tuple[str, dict[str, str], float]]:
    about = {"project": run.project, "name": run.name, "status": run.status, "host": run.host}
    yield "tracklab_run_info", {key: value or "" for key, value in about.items()}, 1.0
    yield "tracklab_run_stalled", {}, float(run.stalled)
    if run.step is not None:
        yield "tracklab_run_step", {}, float(run.step)
    if run.updated_at is not None:
        yield "tracklab_run_updated_timestamp_seconds", {}, epoch_s(run.updated_at)
    for key, value in _numbers(run.summary):
        yield "tracklab_metric", {"key": key}, value
    for machine in machines:
        for key, value in _numbers(machine.sample):
            yield "tracklab_system", {"host": machine.host, "key": key}, value
    if calls is not None and calls.count:
        yield from _of_calls(calls)


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in values.items():
        if isinstance(value, (int, float)) and not key.startswith("_"):
            yield key, float(value)


def _of_calls(calls: LlmNumbers) -> Iterator[tuple[str, dict[str, str], float]]:
    yield "tracklab_llm_calls_total", {}, float(calls.count)
    yield "tracklab_llm_errors_total", {}, float(calls.errors)
    yield "tracklab_llm_prompt_tokens_total", {}, float(calls.prompt_tokens)
    yield "tracklab_llm_completion_tokens_total", {}, float(calls.completion_tokens)
    yield "tracklab_llm_cost_dollars_total", {}, calls.cost or 0.0
    for quantile, value in (("0.5", calls.p50), ("0.95", calls.p95), ("0.99", calls.p99)):
        if value is not None:
            yield "tracklab_llm_response_seconds", {"quantile": quantile}, value


def _head(name: str) -> str:
    kind, text = _FAMILIES[name]
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {_number(value)}\n"


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
