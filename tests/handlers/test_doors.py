"""Every logging door gives the same line, and none of them raises into the program."""

from __future__ import annotations

import io
import logging
import logging.config
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
import yaml

import tracklab
from tracklab.handlers import SegmentHandler
from tracklab.handlers.jsonlogger import EventFormatter
from tracklab.handlers.structlog import SegmentLoggerFactory, render_event

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def handler(root: Path) -> Iterator[SegmentHandler]:
    """Return a handler that writes the run `demo/door`."""
    made = SegmentHandler(directory=root, project="demo", run_id="door")
    yield made
    made.close()


@pytest.fixture
def logger(handler: SegmentHandler) -> Iterator[logging.Logger]:
    """Return a standard logger with the handler attached."""
    named = logging.getLogger("app.train")
    named.setLevel(logging.DEBUG)
    named.addHandler(handler)
    yield named
    named.removeHandler(handler)


def events(handler: SegmentHandler) -> list[dict[str, Any]]:
    """Return the run's events."""
    paths = sorted(handler.writer.run_dir.glob("events*.jsonl"))
    found = [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    ours = {"tracklab.segment", "tracklab.lifecycle"}
    return [line for line in found if line["logger"] not in ours]


def core(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event without what differs between two writings of it."""
    return {k: v for k, v in event.items() if k not in {"timestamp", "seq", "writer", "run_id"}}


def test_a_record_becomes_an_event(logger: logging.Logger, handler: SegmentHandler) -> None:
    """Message formatted, extra as data, trace ids beside it."""
    logger.warning("epoch %d done", 3, extra={"loss": 0.5, "trace_id": "ab", "data": {"name": 1}})
    assert [core(event) for event in events(handler)] == [
        {
            "level": "WARNING", "logger": "app.train", "message": "epoch 3 done",
            "trace_id": "ab", "data": {"loss": 0.5, "name": 1},
        }
    ]  # fmt: skip


def test_all_doors_give_the_same_line(logger: logging.Logger, handler: SegmentHandler) -> None:
    """Standard library, structlog and python-json-logger agree on every field."""
    stream = io.StringIO()
    shown = logging.StreamHandler(stream)
    shown.setFormatter(EventFormatter(run_id="door"))
    logger.addHandler(shown)
    logger.info("step", extra={"loss": 0.5, "rank": 1})
    logger.removeHandler(shown)
    log = structlog.wrap_logger(
        SegmentLoggerFactory(handler)("app.train"), processors=[render_event]
    )
    log.info("step", loss=0.5, rank=1)
    by_logging, by_structlog = events(handler)
    by_formatter = orjson.loads(stream.getvalue())
    assert core(by_logging) == core(by_structlog) == core(by_formatter)
    assert list(by_formatter) == [*list(by_logging)[:6], "writer", "rank", "data"]


def test_exceptions_become_structured_frames(
    logger: logging.Logger, handler: SegmentHandler
) -> None:
    """Type, text and frames by both doors; never a formatted traceback or local values."""
    log = structlog.wrap_logger(SegmentLoggerFactory(handler)("app"), processors=[render_event])
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
        log.error("failed", exc_info=True)  # noqa: G201 - structlog wants to be told
    for event in events(handler):
        exception = event["data"]["exception"]
        assert event["level"] == "ERROR"
        assert exception["type"] == "ZeroDivisionError"
        assert exception["frames"][-1]["name"] == "test_exceptions_become_structured_frames"


@pytest.mark.parametrize("level", [5, 10, 15, 20, 25, 30, 40, 50, 99])
def test_levels_fall_to_the_five_known(
    logger: logging.Logger, handler: SegmentHandler, level: int
) -> None:
    """A custom level is the known one at or below it."""
    logger.setLevel(1)
    logger.log(level, "x")
    known = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}
    expected = known[max([10, *(number for number in known if number <= level)])]
    assert events(handler)[0]["level"] == expected


def test_a_broken_record_never_raises(logger: logging.Logger, handler: SegmentHandler) -> None:
    """Arguments that do not fit and objects that cannot print cost nothing but themselves."""

    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError

        __repr__ = __str__

    logger.propagate = False  # other handlers here raise what ours must not
    logger.info("%d items", "many")
    logger.info("odd", extra={"thing": Hostile()})
    logger.propagate = True
    first, second = events(handler)
    assert first["message"].startswith("%d items")
    assert second["data"]["thing"]["_error"] == "unserialisable"


def test_a_long_message_is_cut_and_kept_whole_beside(
    logger: logging.Logger, handler: SegmentHandler
) -> None:
    """The line stays short; all of the text is stored."""
    logger.info("x" * 100_000)
    event = events(handler)[0]
    assert len(event["message"]) == 2_000
    assert event["data"]["full_message"]["bytes"] == 100_002


def test_the_shipped_configuration_loads_and_its_lines_are_events(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DictConfig takes config/monitoring_logging.yaml as it is."""
    monkeypatch.setenv("TRACKLAB_DATA_DIR", str(root))
    before = logging.root.handlers[:], logging.root.level
    text = (REPOSITORY / "config/monitoring_logging.yaml").read_text()
    logging.config.dictConfig(yaml.safe_load(text))
    configured = next(h for h in logging.root.handlers if isinstance(h, SegmentHandler))
    try:
        logging.getLogger("app").info("ready", extra={"port": 8080})
        tracklab.PerformanceMetricsLogger().log_checkpoint_save(0.5, 1024)
        logging.getLogger("app").error("down")
    finally:
        for added in [h for h in logging.root.handlers if h not in before[0]]:
            logging.root.removeHandler(added)
            added.close()
        logging.root.handlers[:], logging.root.level = before
    ready, saved, down = events(configured)
    assert (ready["logger"], ready["data"]) == ("app", {"port": 8080})
    assert (saved["logger"], saved["message"]) == ("tracklab.checkpoint", "checkpoint_save")
    assert core(orjson.loads(capsys.readouterr().err)) == core(down)


def test_structlog_carries_bound_context(handler: SegmentHandler) -> None:
    """What was bound to the logger and to the context is data of each event."""
    structlog.contextvars.bind_contextvars(request="r1")
    try:
        log = structlog.wrap_logger(
            SegmentLoggerFactory(handler)("api"),
            processors=[structlog.contextvars.merge_contextvars, render_event],
        )
        log.bind(user="u1").info("served", status=200)
    finally:
        structlog.contextvars.clear_contextvars()
    assert events(handler)[0]["data"] == {"request": "r1", "user": "u1", "status": 200}


def test_a_run_of_a_handler_says_when_it_begins_and_ends(root: Path) -> None:
    """Or readers would take a program that ended for one that crashed."""
    handler = SegmentHandler(directory=root, project="demo", run_id="door")
    handler.close()
    handler.close()
    content = (root / "demo/door/events.jsonl").read_bytes().splitlines()
    header, start, end = map(orjson.loads, content)
    assert header["logger"] == "tracklab.segment"
    assert (start["message"], start["data"]["project"]) == ("start", "demo")
    assert (end["message"], end["data"]["state"]) == ("finish", "finished")


def test_a_forked_child_does_not_end_the_run_of_its_parent(
    handler: SegmentHandler,
) -> None:
    """It closes its copy of the handler, as `logging.shutdown` does at the end of any program."""
    child = os.fork()
    if child == 0:
        handler.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert [path.name for path in handler.writer.run_dir.glob("events*")] == ["events.jsonl"]


def test_loading_a_run_into_an_existing_directory_adds_a_writer(
    root: Path, handler: SegmentHandler
) -> None:
    """Two handlers on one run write segments of their own."""
    again = SegmentHandler(directory=root, project="demo", run_id="door")
    assert again.writer.writer is not None
    again.close()
