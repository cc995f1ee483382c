"""The line format: what we write validates, and every version ever written stays readable."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import orjson
import pytest

import tracklab

HERE = Path(__file__).parent
SCHEMA = json.loads(
    (HERE.parents[1] / "docs/reference/format/line.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SAMPLES = sorted((HERE / "v1").glob("*.jsonl"))


def parsed(path: Path) -> list[Any]:
    """Return the lines of a segment."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_every_line_of_a_real_run_validates(root: Path) -> None:
    """Rows, events, headers, references and parts, as the SDK writes them today."""
    with tracklab.init(
        project="demo/tree", dir=root, config={"lr": 0.1, "odd": {1: math.nan}},
        settings={"console": "off"}, reinit="finish_previous",
    ) as run:  # fmt: skip
        run.log({"loss": 0.5, "nan": math.nan, "hist": np.arange(100), "text": "\ud800"})
        run.log({f"key{n}": n for n in range(5_000)})
        run.log({"long": "x" * 50_000})
        run.define_metric("val/*", step_metric="epoch", summary="min")
        run.summary["best"] = 1
        run.name = "renamed"
        run.alert("hot", level="WARN")
        with tracklab.checkpoint(root, step=1):
            pass
        with tracklab.llm_call("m", "p") as call:
            call.tokens(prompt=1, completion=2)
        tracklab.PerformanceMetricsLogger().log_gauge("queue", 3, zone="a")
    lines = [line for path in run.run_dir.glob("*.jsonl") for line in parsed(path)]
    assert len(lines) > 15
    for line in lines:
        VALIDATOR.validate(line)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_line_ever_written_stays_valid(path: Path) -> None:
    """Samples of format 1, one file per stream."""
    for line in parsed(path):
        VALIDATOR.validate(line)


@pytest.mark.parametrize(
    "wrong",
    [
        {"_timestamp": 1, "_step": "3", "_runtime": 0, "_run_id": "a", "_seq": 1},
        {"timestamp": "yesterday", "level": "INFO", "logger": "a", "message": "", "run_id": "a",
         "seq": 1, "data": {}},
        {"timestamp": "2026-01-01T00:00:00.000000Z", "level": "INFO", "run_id": "a", "seq": 1,
         "logger": "tracklab.checkpoint", "message": "checkpoint_save", "data": {}},
        {"loss": 1},
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    """A schema that lets everything pass would prove nothing."""
    assert not VALIDATOR.is_valid(wrong)
