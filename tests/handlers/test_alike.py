"""One event by every door: the standard library, structlog, python-json-logger and the SDK."""

from __future__ import annotations

import asyncio
import builtins
import contextvars
import io
import logging
import logging.config
import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog

import tracklab
from tracklab.handlers import SegmentHandler
from tracklab.handlers.events import exception_data
from tracklab.handlers.jsonlogger import EventFormatter
from tracklab.handlers.structlog import SegmentLoggerFactory, render_event

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

CHAIN: list[Any] = [structlog.contextvars.merge_contextvars, render_event]


class Doors:
    """All doors of one run, called `app` behind each."""

    def __init__(self, run: tracklab.Run) -> None:
        self.run = run
        self.handler = SegmentHandler(directory=run.run_dir.parents[1], project="p", run_id=run.id)
        self.standard = logging.getLogger("app")
        self.standard.propagate = False
        self.standard.setLevel(logging.DEBUG)
        self.formatted = io.StringIO()
        stream = logging.StreamHandler(self.formatted)
        stream.setFormatter(EventFormatter(run_id=run.id))
        self.ours = [self.handler, stream]
        self.standard.handlers = [*self.ours]
        self.structlog = structlog.wrap_logger(
            SegmentLoggerFactory(self.handler)("app"), processors=CHAIN
        )

    def close(self) -> None:
        """End the run and let go of the logger."""
        self.standard.handlers = []
        self.standard.propagate = True
        self.handler.close()
        self.run.finish()

    def events(self) -> list[dict[str, Any]]:
        """Return what came out: standard, structlog and SDK lines, then the formatter's."""
        paths = sorted(self.run.run_dir.glob("events*.jsonl"), reverse=True)
        found = [line for path in paths for line in path.read_bytes().splitlines()]
        lines = map(orjson.loads, [*found, *self.formatted.getvalue().encode().splitlines()])
        return [line for line in lines if line["logger"] == "app"]


@pytest.fixture
def doors(root: Any) -> Iterator[Doors]:
    """Return the doors of a new run."""
    run = tracklab.init(
        project="p", dir=root, reinit="create_new", system_monitor=False,
        settings={"console": "off"},
    )  # fmt: skip
    made = Doors(run)
    yield made
    made.close()


def core(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event without what differs between two writings of it."""
    return {k: v for k, v in event.items() if k not in {"timestamp", "seq", "writer"}}


@pytest.mark.parametrize(
    ("level", "data", "context"),
    [
        ("debug", {}, {}),
        ("info", {"loss": 0.5, "tags": ["a", 1], "nested": {"x": None}}, {}),
        ("warning", {"nan": float("nan"), "text": "\ud800", "items": {1}}, {}),
        ("error", {"n": 1}, {"rank": 3, "trace_id": "ab", "span_id": "cd"}),
        ("critical", {"name": "taken by records", "msg": 1}, {}),
    ],
)
def test_four_doors_give_one_line(
    doors: Doors, level: str, data: dict[str, Any], context: dict[str, Any]
) -> None:
    """Level, kind, message, data and context are equal in every field."""
    number = getattr(logging, level.upper())
    doors.standard.log(number, "step", extra={"data": data, **context})
    getattr(doors.structlog, level)("step", **data, **context)
    doors.run.event("app", "step", data, level=level.upper(), context=context or None)
    first, *others = [core(event) for event in doors.events()]
    assert len(others) == 3
    assert all(other == first for other in others)
    assert first["level"] == level.upper()


def test_an_exception_is_the_same_by_each_door(doors: Doors) -> None:
    """Its frames without local values, and what it was raised from."""
    try:
        try:
            _ = dict[str, int]()["secret value"]
        except KeyError as error:
            local = "secret local"
            raise ValueError("outer") from error
    except ValueError:
        doors.standard.exception("failed")
        doors.structlog.error("failed", exc_info=True)
    events = doors.events()
    assert len(events) == 3
    assert all(core(event) == core(events[0]) for event in events)
    exception = events[0]["data"]["exception"]
    assert (exception["type"], exception["message"]) == ("ValueError", "outer")
    assert exception["cause"]["type"] == "KeyError"
    assert exception["frames"][-1]["name"] == "test_an_exception_is_the_same_by_each_door"
    assert local.encode() not in orjson.dumps(events)


def test_causes_that_go_round_in_a_circle_end(doors: Doors) -> None:
    """A program may link its exceptions as it likes."""
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    doors.standard.error("odd", exc_info=first)
    exception = doors.events()[0]["data"]["exception"]
    depth = 0
    while "cause" in exception:
        exception, depth = exception["cause"], depth + 1
    assert depth == 5


class GroupError(RuntimeError):
    """A group of exceptions by its shape, as packages have them for Python 3.10."""

    def __init__(self, text: str, members: list[Any]) -> None:
        super().__init__(text)
        self.exceptions = tuple(members)


@pytest.mark.parametrize("kind", [GroupError, getattr(builtins, "ExceptionGroup", GroupError)])
def test_the_members_of_a_group_are_kept(doors: Doors, kind: Any) -> None:
    """The first five, each with what it was raised from, by each door."""
    first = ValueError("real")
    first.__cause__ = KeyError("cause")
    group = kind("several", [first, *[OSError(str(at)) for at in range(9)]])
    doors.standard.error("failed", exc_info=group)
    doors.structlog.error("failed", exc_info=group)
    for event in doors.events():
        members = event["data"]["exception"]["exceptions"]
        assert [one["message"] for one in members] == ["real", "0", "1", "2", "3"]
        assert members[0]["cause"]["type"] == "KeyError"


def test_groups_in_groups_end_after_three_levels() -> None:
    """However deep they are, and if one holds itself."""
    group = GroupError("round", [])
    group.exceptions = (group,) * 9
    data, levels = exception_data(GroupError, group, None), 0
    while "exceptions" in data:
        data, levels = data["exceptions"][-1], levels + 1
    assert levels == 3


def test_outside_of_an_exception_there_is_none_to_write(doors: Doors) -> None:
    """However much one is asked for."""
    doors.standard.error("failed", exc_info=True)
    doors.structlog.error("failed", exc_info=True)
    assert [event["data"] for event in doors.events()] == [{}, {}, {}]


def test_the_stack_is_kept_when_asked_for(doors: Doors) -> None:
    """As text, ending at the call."""
    doors.standard.info("here", stack_info=True)
    doors.structlog.info("here", stack_info=True)
    for event in doors.events():
        assert event["data"]["stack"].startswith("Stack (most recent call last):\n")
        assert event["data"]["stack"].rstrip().endswith("stack_info=True)")
        assert "stack_info" not in event["data"]


def test_a_hostile_message_never_raises(doors: Doors) -> None:
    """It becomes its type, by each door."""

    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError

    doors.standard.handlers = [*doors.ours]  # the test runner's own raises what ours must not
    doors.standard.info(Hostile())
    doors.structlog.info(Hostile())
    messages = [event["message"] for event in doors.events()]
    assert len(messages) == 3
    assert all("Hostile>" in message for message in messages)


def test_the_handlers_level_holds_for_each_door(doors: Doors) -> None:
    """Also when it is changed later."""
    doors.handler.setLevel("WARNING")
    for log in (doors.standard, doors.structlog):
        log.info("quiet")
        log.warning("loud")
    doors.handler.setLevel("ERROR")
    doors.structlog.warning("quiet")
    written = doors.events()[:-2]  # the formatter's handler has a level of its own
    assert [event["message"] for event in written] == ["loud", "loud"]


def test_tasks_keep_their_context_apart(doors: Doors) -> None:
    """50 tasks log by turns through both doors; each event has its own task's context."""
    request: contextvars.ContextVar[int] = contextvars.ContextVar("request")

    def add_request(record: logging.LogRecord) -> bool:
        record.request = request.get()
        return True

    doors.handler.addFilter(add_request)

    async def task(n: int) -> None:
        request.set(n)
        structlog.contextvars.bind_contextvars(request=n)
        for _ in range(4):
            await asyncio.sleep(0)
            doors.standard.info("standard", extra={"n": n})
            doors.structlog.info("structlog", n=n)

    async def scene() -> None:
        await asyncio.gather(*(task(n) for n in range(50)))

    asyncio.run(scene())
    events = [event for event in doors.events() if "request" in event["data"]]
    assert len(events) >= 400
    assert all(event["data"]["request"] == event["data"]["n"] for event in events)


def test_threads_share_a_handler(doors: Doors) -> None:
    """Each of 2,000 events is there once, with a number of its own."""

    def work(thread: int) -> None:
        for n in range(250):
            doors.standard.info("standard", extra={"worker": thread, "n": n})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ours = [event for event in doors.events() if event["writer"] == doors.handler.writer.writer]
    assert len({event["seq"] for event in ours}) == 2_000
    assert {(event["data"]["worker"], event["data"]["n"]) for event in ours} == {
        (thread, n) for thread in range(8) for n in range(250)
    }


def test_another_handler_on_a_run_hears_what_its_level_lets_through(doors: Doors) -> None:
    """Rows are INFO, an alert is what it says."""
    heard: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(f"{record.levelname} {record.getMessage()}")

    root = logging.getLogger("tracklab.run")
    collect = Collect(level=logging.WARNING)
    root.addHandler(collect)
    doors.run.log({"loss": 0.5})
    doors.run.alert("careful", level="WARN")
    collect.setLevel(logging.DEBUG)
    doors.run.log({"loss": 0.4})
    root.removeHandler(collect)
    assert heard == ["WARNING careful", "INFO row"]


def test_a_configuration_file_sets_levels_and_filters(root: Any) -> None:
    """DictConfig: the handler's own level, a logger's, and a filter that drops records."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"ours": {"name": "app"}},
            "handlers": {
                "run": {
                    "()": "tracklab.handlers.SegmentHandler",
                    "directory": str(root),
                    "project": "p",
                    "run_id": "configured",
                    "level": "INFO",
                    "filters": ["ours"],
                }
            },
            "loggers": {"app": {"level": "DEBUG", "handlers": ["run"]},
                        "other": {"level": "DEBUG", "handlers": ["run"]}},
        }
    )  # fmt: skip
    try:
        logging.getLogger("app").debug("below the handler's level")
        logging.getLogger("app.part").info("kept")
        logging.getLogger("other").error("not ours")
    finally:
        for name in ("app", "other"):
            for handler in logging.getLogger(name).handlers:
                handler.close()
            logging.getLogger(name).handlers = []
    lines = (root / "p/configured/events.jsonl").read_bytes().splitlines()
    messages = [orjson.loads(line)["message"] for line in lines]
    assert messages == ["segment", "start", "kept", "finish"]
