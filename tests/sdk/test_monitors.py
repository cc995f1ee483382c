"""Checkpoints, LLM calls and the stateless monitors leave the documented events."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab
from tracklab.sdk.weighing import size_on_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as made:
        yield made


def events(run: Run, kind: str, stream: str = "events") -> list[dict[str, Any]]:
    """Return the events of one kind."""
    content = (run.run_dir / f"{stream}.jsonl").read_bytes().splitlines()
    return [line for line in map(orjson.loads, content) if line["logger"] == f"tracklab.{kind}"]


def test_a_checkpoint_is_timed_and_weighed(run: Run, tmp_path: Path) -> None:
    """Size comes from the disk, files of a directory added up."""
    path = tmp_path / "ckpt"
    with tracklab.checkpoint(path, step=1000) as saved:
        path.mkdir()
        (path / "a.bin").write_bytes(b"x" * 1000)
        (path / "b.bin").write_bytes(b"x" * 24)
    begin, event = events(run, "checkpoint")
    told = {"operation": "begin", "module": "checkpoint", "path": str(path), "step": 1000}
    assert (begin["message"], begin["data"]) == ("checkpoint_begin", told)
    data = event["data"]
    assert (event["message"], data["operation"], data["module"]) == (
        "checkpoint_save", "save", "checkpoint",
    )  # fmt: skip
    assert (data["size"], data["step"], data["success"]) == (1024, 1000, True)
    assert data["duration"] == saved.duration > 0


def test_a_failed_save_is_an_error_with_its_type(run: Run, tmp_path: Path) -> None:
    """The exception goes on up; the line says what happened."""
    with pytest.raises(OSError, match="disk"), tracklab.checkpoint(tmp_path / "none", step=1):
        raise OSError("disk")
    _, event = events(run, "checkpoint")
    assert (event["level"], event["data"]["success"]) == ("ERROR", False)
    assert (event["data"]["error_type"], event["data"]["size"]) == ("OSError", None)


def test_a_checkpoint_decorates_a_function(run: Run, tmp_path: Path) -> None:
    """Each call is one event."""
    path = tmp_path / "file"

    @tracklab.checkpoint(path, operation="load")
    def load(text: str) -> str:
        path.write_text(text)
        return text

    assert [load("ab"), load("abc")] == ["ab", "abc"]
    assert [e["data"]["size"] for e in events(run, "checkpoint")] == [2, 3]
    assert {e["message"] for e in events(run, "checkpoint")} == {"checkpoint_load"}


def test_size_does_not_follow_links(tmp_path: Path) -> None:
    """A link weighs as a link; nothing weighs None."""
    (tmp_path / "big").write_bytes(b"x" * 100_000)
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/link").symlink_to(tmp_path / "big")
    assert (size_on_disk(tmp_path / "dir") or 0) < 1_000
    assert size_on_disk(tmp_path / "absent") is None


def test_an_llm_call_is_measured(run: Run) -> None:
    """Tokens, first token, reason and rate stand in one line of the llm stream."""
    with tracklab.llm_call("small", "local", conversation_id="c1") as call:
        call.first_token()
        call.tokens(prompt=12, completion=3, cache_read=4)
        call.finish_reason("stop")
    (event,) = events(run, "llm", "llm")
    data = event["data"]
    assert data["tokens"] == {"prompt": 12, "completion": 3, "cache_read": 4}
    assert 0 <= data["ttft"] <= data["response_time"]
    assert (data["success"], data["finish_reasons"], data["conversation_id"]) == (
        True, ["stop"], "c1",
    )  # fmt: skip


@pytest.mark.parametrize("status", [True, False])
def test_a_failed_llm_call_says_how(run: Run, status: bool) -> None:  # noqa: FBT001 - a case
    """An exception and a noted failure leave the same fields."""
    if status:
        with tracklab.llm_call("m", "p") as call:
            call.fail("RateLimit", "429")
    else:
        with pytest.raises(TimeoutError), tracklab.llm_call("m", "p"):
            raise TimeoutError("slow")
    (event,) = events(run, "llm", "llm")
    expected = ("RateLimit", "429") if status else ("TimeoutError", "TimeoutError")
    assert (event["data"]["error_type"], event["data"]["error"]) == expected
    assert (event["level"], event["data"]["success"]) == ("ERROR", False)


def test_llm_calls_measure_coroutines_and_functions(run: Run) -> None:
    """As a decorator and as an asynchronous context manager."""

    @tracklab.llm_call("a", "p")
    async def ask() -> int:
        return 1

    @tracklab.llm_call("b", "p")
    def ask_now() -> int:
        return 2

    async def both() -> int:
        async with tracklab.llm_call("c", "p"):
            answered: int = await ask() + ask_now()
            return answered

    assert asyncio.run(both()) == 3
    assert sorted(e["data"]["model"] for e in events(run, "llm", "llm")) == ["a", "b", "c"]


def test_the_metrics_logger_reaches_any_handler_and_the_run(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """One call: a LogRecord with data for others, one line in the run."""
    with caplog.at_level(logging.INFO, "performance_metrics"):
        metrics = tracklab.PerformanceMetricsLogger()
        metrics.log_metric("gauge", "queue", 3, {"zone": "a"})
        metrics.log_checkpoint_save(0.5, 1024, success=True)
        metrics.log_llm_call("m", "p", 1.25, {"prompt": 1, "completion": 2}, success=False)
    records = [record for record in caplog.records if record.name == "performance_metrics"]
    assert [record.message for record in records] == ["queue", "checkpoint_save", "llm_call"]
    assert vars(records[0])["data"]["labels"] == {"zone": "a"}
    assert events(run, "metric")[0]["data"]["name"] == "queue"
    assert events(run, "checkpoint")[0]["data"]["size"] == 1024
    assert events(run, "llm", "llm")[0]["data"]["success"] is False


def test_each_kind_of_measurement_is_a_metric_event(run: Run) -> None:
    """Timers, counters, gauges and histograms, with their labels."""
    metrics = tracklab.PerformanceMetricsLogger()
    metrics.log_timer("load", 0.5, stage="a")
    metrics.log_counter("retries")
    metrics.log_histogram("latency", 0.25)
    tracklab.LightweightPerformanceMonitor(metrics).record_metric("gauge", "depth", 3, {"q": 1})
    tracklab.LLMPerformanceMonitor().record_tokens_per_second("m", "p", 12.5)
    found = [event["data"] for event in events(run, "metric")]
    assert [(d["metric_type"], d["name"], d["value"]) for d in found] == [
        ("timer", "load", 0.5), ("counter", "retries", 1), ("histogram", "latency", 0.25),
        ("gauge", "depth", 3), ("gauge", "tokens_per_second", 12.5),
    ]  # fmt: skip
    assert (found[0]["labels"], found[3]["labels"]) == ({"stage": "a"}, {"q": 1})


def test_the_checkpoint_monitor_records_what_callers_measured(run: Run) -> None:
    """Saves, loads and listings, with the details that callers know."""
    monitor = tracklab.CheckpointPerformanceMonitor()
    monitor.record_save(0.5, 1024, step=3, blocked=0.125)
    monitor.record_load(0.25, 1024, success=False)
    monitor.record_list(0.125, 7)
    saved, loaded, listed = events(run, "checkpoint")
    assert (saved["message"], saved["data"]["success"]) == ("checkpoint_save", True)
    assert (saved["data"]["step"], saved["data"]["blocked"]) == (3, 0.125)
    assert (loaded["message"], loaded["level"]) == ("checkpoint_load", "ERROR")
    assert (listed["data"]["duration"], listed["data"]["count"]) == (0.125, 7)


def test_executions_are_timers_with_their_errors(run: Run) -> None:
    """Nodes of a workflow and tools of an agent."""
    tracklab.WorkflowPerformanceMonitor().record_node_execution("retrieve", 0.5, top_k=8)
    tracklab.ToolPerformanceMonitor().record_tool_execution("search", 0.25, False, "Timeout")
    node, tool = (event["data"] for event in events(run, "metric"))
    assert (node["name"], node["value"]) == ("workflow_node_execution", 0.5)
    assert node["labels"] == {"node": "retrieve", "top_k": 8, "success": True}
    assert (tool["name"], tool["labels"]) == (
        "tool_execution", {"tool": "search", "success": False, "error_type": "Timeout"},
    )  # fmt: skip


def test_lightweight_monitors_keep_no_state() -> None:
    """Slots only, and the same size after many calls."""
    monitor = tracklab.LightweightPerformanceMonitor()
    assert not hasattr(monitor, "__dict__")
    before = sys.getsizeof(monitor)
    for _ in range(1_000):
        monitor.record_checkpoint_save(0.1, 10)
        monitor.record_llm_call("m", "p", 0.1, 1, 2)
    assert sys.getsizeof(monitor) == before


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("checkpoint", tracklab.CheckpointPerformanceMonitor),
        ("llm", tracklab.LLMPerformanceMonitor),
        ("workflow", tracklab.WorkflowPerformanceMonitor),
        ("tool", tracklab.ToolPerformanceMonitor),
    ],
)
def test_the_factory_knows_the_monitors(kind: str, made: type) -> None:
    """By name; an unknown one is refused with the names there are."""
    assert type(tracklab.get_performance_monitor(kind)) is made
    with pytest.raises(tracklab.UsageError, match="checkpoint, llm"):
        tracklab.get_performance_monitor("heap")


def test_the_local_logger_writes_an_ordinary_run(tmp_path: Path) -> None:
    """Metric by metric, with files kept below artifacts/."""
    plot = tmp_path / "plot.txt"
    plot.write_text("o")
    logger = tracklab.LocalLogger(tmp_path / "root", "first")
    logger.log_config({"lr": 1})
    logger.log_metric("loss", 0.5, step=3)
    logger.log_summary({"best": 0.5})
    kept = logger.save_artifact(plot, "plots/loss.txt")
    with pytest.raises(tracklab.UsageError, match="outside"):
        logger.save_artifact(plot, "../../escape")
    logger.finalize()
    assert kept.read_text() == "o"
    assert logger.run_dir == tmp_path / "root/uncategorized/first"
    assert orjson.loads((logger.run_dir / "summary.json").read_bytes())["best"] == 0.5


def test_the_local_sender_writes_one_line_per_dict(tmp_path: Path) -> None:
    """A dict of many metrics is one row."""
    sender = tracklab.LocalSender(tmp_path)
    sender.log_metrics({"a": 1, "b": 2}, step=1)
    sender.log_metric("c", 3)
    sender.finish({"done": True})
    rows = (sender.run_dir / "history.jsonl").read_bytes().splitlines()[1:]
    assert [len(orjson.loads(row)) - 5 for row in rows] == [2, 1]
