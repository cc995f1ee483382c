"""`/metrics` as Prometheus' own parser reads it."""

from __future__ import annotations

import fcntl
import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server.serving import ADDRESS, START_S, Client, append, begin, event, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def living(run: Path) -> Iterator[Path]:
    """Make the run one that is being written, with samples and LLM calls."""
    metadata = json.loads((run / "metadata.json").read_text())
    metadata |= {"status": "running", "end_time": None, "name": 'odd "name"\\\n'}
    (run / "metadata.json").write_text(json.dumps(metadata))
    begin(run / "events.jsonl", "events", 1)
    append(run / "events.jsonl", event(2, "tracklab.lifecycle", "start", **metadata))
    odd = {'k"\n': 2.0, "loss": None, "_nonfinite": {"loss": "NaN"}, "text": "x"}
    append(run / "history.jsonl", row(10, **odd))
    begin(run / "system_metrics.jsonl", "system_metrics", 1)
    append(
        run / "system_metrics.jsonl",
        *(
            {
                "_timestamp": START_S + n,
                "_run_id": "demo1",
                "_seq": 300 + n,
                "cpu_percent": float(n),
                "gpu.0.power_watts": 70,
            }
            for n in (1, 3, 2)
        ),
    )
    begin(run / "llm.jsonl", "llm", 400)
    append(run / "llm.jsonl", *(event(401 + n, "tracklab.llm", "llm_call", model="m",
           success=n > 0, response_time=0.5, tokens={"prompt": 7, "completion": 2})
           for n in range(3)))  # fmt: skip
    with (run / "run.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield run


def scraped(client: Client, path: str = "/metrics") -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the labels that tell it from others."""
    reply = client.get(path)
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (
            sample.name,
            *(value for key, value in sample.labels.items() if key != "run"),
        ): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


@pytest.mark.usefixtures("living")
def test_living_runs_are_told(client: Client) -> None:
    """Their metrics, machines and calls, whatever characters their names hold."""
    found: dict[Any, float] = scraped(client)
    assert found["tracklab_run_step",] == 10
    assert found["tracklab_metric", 'k"\n'] == 2.0
    assert math.isnan(found["tracklab_metric", "loss"])
    assert ("tracklab_metric", "text") not in found
    assert found["tracklab_system", "box", "cpu_percent"] == 3.0
    assert found["tracklab_system", "box", "gpu.0.power_watts"] == 70
    assert (found["tracklab_llm_calls_total",], found["tracklab_llm_errors_total",]) == (3, 1)
    assert found["tracklab_llm_prompt_tokens_total",] == 21
    assert found["tracklab_llm_response_seconds", "0.95"] == pytest.approx(0.5, rel=0.03)
    assert [key[2] for key in found if key[0] == "tracklab_run_info"] == ['odd "name"\\\n']


def test_of_very_many_samples_the_first_are_told(client: Client, living: Path) -> None:
    """And how many are missing."""
    append(living / "history.jsonl", row(11, **{f"k{n}": n for n in range(60_000)}))
    found = scraped(client)
    told = sum(key[0] != "tracklab_samples_left_out" for key in found)
    assert told == 50_000
    assert found["tracklab_samples_left_out",] > 10_000


def test_runs_that_have_ended_are_not(client: Client) -> None:
    """A scrape is of what is alive; history is asked for otherwise."""
    assert client.get("/metrics").text == ""


@pytest.mark.usefixtures("living")
def test_a_scrape_may_be_of_one_project(client: Client) -> None:
    """Others are left out."""
    assert scraped(client, "/metrics?project=vision")
    assert client.get("/metrics?project=other").text == ""
    assert f'run="{ADDRESS}"' in client.get("/metrics").text
