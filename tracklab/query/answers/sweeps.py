"""Answers about sweeps: what is searched, how far it has come, and what each trial measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "BestTrial",
    "SweepDetail",
    "SweepList",
    "SweepMetric",
    "SweepParameter",
    "SweepSummary",
    "SweepTrial",
]


@dataclass(frozen=True, slots=True)
class SweepMetric:
    """What trials are judged by: `goal` is `minimize` or `maximize`, `target` ends the sweep."""

    name: str
    goal: str
    target: float | None


@dataclass(frozen=True, slots=True)
class SweepParameter:
    """One parameter: its name with dots, its distribution, and the fields of that.

    They are `min` and `max`, `values`, `mu` and `sigma` and so on, defaults included; `varies` is
    false where trials cannot differ in it.
    """

    name: str
    kind: str
    fields: dict[str, Any]
    varies: bool


@dataclass(frozen=True, slots=True)
class SweepTrial:
    """One trial: `number` is its place in the order of claims, `run` the address of its run.

    `value` is its metric in the end; `parameters` have dotted names. `began_at` is when an agent
    claimed it, `ended_at` when its result was written.
    """

    number: int
    run: str | None
    state: str
    value: float | None
    parameters: dict[str, Any]
    exit_code: int | None
    began_at: str | None
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class BestTrial:
    """The trial with the best metric so far."""

    number: int
    run: str | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSummary:
    """One sweep: `sweep` is its address, `project/id`.

    `state` is `RUNNING` while a trial runs or may begin, else `FINISHED`; `count` is how many
    trials there are, `states` how many are `running`, `finished`, `failed` and `stopped`, `limit`
    how many there will be at most, null for no end; `updated_at` is when an agent last wrote.
    """

    sweep: str
    sweep_id: str
    project: str
    name: str
    description: str | None
    method: str
    metric: SweepMetric | None
    state: str
    count: int
    limit: int | None
    states: dict[str, int]
    best: BestTrial | None
    created_at: str | None
    updated_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDetail(SweepSummary):
    """One sweep with its parameters and a page of its trials in the order of claims.

    `cursor` is the number after which the next page begins, null at the end.
    """

    parameters: list[SweepParameter]
    trials: list[SweepTrial]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class SweepList:
    """Sweeps, the newest first; `total` is how many there are."""

    sweeps: list[SweepSummary]
    total: int
