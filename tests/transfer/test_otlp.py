"""`tracklab export --otlp`: a real receiver, and what it got against the files read by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from tests import brute_force
from tests.query.files import START_S, event, row, rows, segment
from tests.transfer.receivers import PROTOBUF, Receiver, Reply, plain, receiving, value_of
from tracklab.storage.compression import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.integration

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SEVERITIES = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a collector on loopback."""
    with receiving() as found:
        yield found


@pytest.fixture
def sent(receiver: Receiver, told: Callable[..., Any]) -> Callable[..., Any]:
    """Return what sends and gives what the command says of it."""

    def send(*arguments: object) -> Any:
        return told("export", "--otlp", receiver.url, *arguments)

    return send


def time_ns(seconds: float) -> int:
    """Return a row's time to the microsecond, by decimal arithmetic."""
    return int(Decimal(repr(seconds)).quantize(Decimal("0.000001")) * 10**9)


def number_of(point: Any) -> float | str:
    """Return a point's value; all NaN are one."""
    found: float = getattr(point, point.WhichOneof("value"))
    return "NaN" if math.isnan(found) else found


def odd_rows(first: int) -> list[dict[str, Any]]:
    """Return rows with all that a number may be, a moment apart."""
    values: tuple[dict[str, Any], ...] = (
        {"loss": 0.5, "n": 3, "on": True, "a": {"b": -1e300}},
        {"loss": 1e-9, "n": 2**62},
    )
    found = [row(first + at, first + at, one) for at, one in enumerate(values)]
    found.append(row(first + 2, first + 2, {"loss": None, "_nonfinite": {"loss": "NaN"}}))
    for at, one in enumerate(found):
        one["_timestamp"] = START_S + first + at + 0.123456
    return found


def test_every_number_is_a_point_with_its_time_and_step(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Of two runs, several writers and attempts, plain and compressed, equal to the files."""
    for run in ("a", "b"):
        segment(root / "demo/net" / run, odd_rows(1))
        segment(root / "demo/net" / run, odd_rows(10), writer="n1-7-0", attempt=1)
    expected = Counter(
        (run, name, time_ns(line["_timestamp"]), line["_step"],
         "NaN" if value != value else float(value))  # noqa: PLR0124
        for run in ("a", "b")
        for _, _, line in brute_force.lines(root / "demo/net" / run, "history")
        for name, value in brute_force.leaves(line) if not name.startswith("_")
    )  # fmt: skip
    assert pack(root / "demo/net/a/history.jsonl", "gz").exists()
    answer = sent("--project", "demo")
    got = Counter(
        (resource["tracklab.run.id"], metric.name, point.time_unix_nano,
         plain(point.attributes)["tracklab.step"], number_of(point))
        for resource, metric, point in receiver.points()
    )  # fmt: skip
    assert got == expected
    assert answer["taken"]["points"] == sum(expected.values()) == 28
    assert (answer["runs"], answer["lines"], answer["bad_lines"]) == (2, 16, 0)


def test_a_resource_says_which_run_it_is(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """What the header says, the project, the run, its attempt and its writer."""
    facts = {"resource": {"service.name": "own", "deployment": 7}, "host": "n1", "pid": 4242}
    segment(root / "demo/a", rows((0, {"x": 1})), writer="n1-7-0", attempt=2, facts=facts)
    sent()
    assert [resource for resource, _ in receiver.metrics()] == [{
        "service.name": "own", "service.instance.id": "a", "deployment": 7, "host.name": "n1",
        "process.pid": 4242, "tracklab.project": "demo", "tracklab.run.id": "a",
        "tracklab.attempt": 2, "tracklab.writer": "n1-7-0",
    }]  # fmt: skip


def test_rows_of_the_machine_go_by_the_names_of_opentelemetry(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """With its units; counters are sums, and each core has its number."""
    values = {"cpu_percent": 50, "cpu_percent_per_core": [25.0, 75.0], "net_sent_bytes": 10,
              "gpu.0.temperature_celsius": 61, "own": 1}  # fmt: skip
    segment(root / "demo/a", [{"_timestamp": START_S, "_seq": 1, **values}],
            stream="system_metrics")  # fmt: skip
    sent()
    got = [
        (metric.name, metric.unit, metric.WhichOneof("data"), plain(point.attributes),
         number_of(point))
        for _, metric, point in receiver.points()
    ]  # fmt: skip
    assert got == [
        ("system.cpu.utilization", "1", "gauge", {}, 0.5),
        ("system.cpu.utilization", "1", "gauge", {"cpu.logical_number": 0}, 0.25),
        ("system.cpu.utilization", "1", "gauge", {"cpu.logical_number": 1}, 0.75),
        ("system.network.io.transmit", "By", "sum", {}, 10),
        ("hw.gpu.0.temperature", "Cel", "gauge", {}, 61),
        ("own", "", "gauge", {}, 1),
    ]


def test_events_are_log_records(root: Path, receiver: Receiver, sent: Callable[..., Any]) -> None:
    """Time to the microsecond, severity, text, ids and data: each event, as it stands."""
    given = [
        {**event("app.train", f"said {number}", {"k": [1, {"x": None}], "big": 2**64 - 1},
                 seq=number, level=level), "timestamp": f"2026-11-20T17:40:00.{number:06}Z",
         "trace_id": TRACE, "span_id": SPAN, "rank": 3}
        for number, level in enumerate(SEVERITIES, 1)
    ]  # fmt: skip
    given.append({**event("other", "odd ids", seq=9), "trace_id": "mine", "span_id": "0" * 16})
    segment(root / "demo/a", given, stream="events")
    sent("--table", "events")
    expected = [
        (at_ns(one["timestamp"]), SEVERITIES[one["level"]], one["level"], one["logger"],
         one["message"], one["trace_id"], one["span_id"], one["seq"], one["data"])
        for _, _, one in brute_force.lines(root / "demo/a", "events")
    ]  # fmt: skip
    assert [told_of(scope, record) for _, scope, record in receiver.logs()] == expected


def at_ns(timestamp: str) -> int:
    """Return nanoseconds of a timestamp, by its digits."""
    second = datetime.fromisoformat(timestamp[:19] + "+00:00").timestamp()
    return int(second) * 10**9 + int(timestamp[20:26]) * 1_000


def told_of(scope: str, record: Any) -> tuple[Any, ...]:
    """Return what a log record says, as the line had it."""
    data = plain(record.attributes)
    trace, span = record.trace_id.hex() or data.pop("trace_id"), record.span_id.hex()
    seq, _ = data.pop("tracklab.seq"), data.pop("tracklab.rank", None)
    data |= {"big": int(data["big"])} if "big" in data else {}
    return (record.time_unix_nano, record.severity_number, record.severity_text, scope,
            value_of(record.body), trace, span or data.pop("span_id"), seq, data)  # fmt: skip


def test_console_text_goes_beside_the_events(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Line by line, with its stream and offset; nobody knows its time."""
    segment(root / "demo/a", [], stream="events")
    (root / "demo/a/logs").mkdir()
    (root / "demo/a/logs/stdout.log").write_bytes(b"one\n50%\r100%\nunfinished")
    (root / "demo/a/logs/stderr.log").write_bytes(b"bad\n")
    assert sent()["taken"] == {"log_records": 4}
    got = [(value_of(one.body), plain(one.attributes)) for _, _, one in receiver.logs()]
    assert got == [
        ("one", {"log.iostream": "stdout", "tracklab.offset": 0}),
        ("100%", {"log.iostream": "stdout", "tracklab.offset": 4}),
        ("unfinished", {"log.iostream": "stdout", "tracklab.offset": 13}),
        ("bad", {"log.iostream": "stderr", "tracklab.offset": 0}),
    ]
    told = {(scope, record.time_unix_nano) for _, scope, record in receiver.logs()}
    assert told == {("console", 0)}


def call(seq: int, data: dict[str, Any], **ids: str) -> dict[str, Any]:
    """Return the line of a call."""
    told = {"metric_type": "timer", "model": "small-1", "provider": "local", "operation": "chat",
            "response_time": 1.2, "success": True, **data}  # fmt: skip
    return event("tracklab.llm", "llm_call", told, seq=seq, at_s=seq) | ids


def test_a_call_is_a_span_in_the_words_of_the_conventions(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Its ids, its beginning and end, and what it says."""
    data = {"tokens": {"prompt": 120, "completion": 30, "cache_read": 40, "reasoning": 8},
            "finish_reasons": ["stop"], "ttft": 0.21, "parent_id": "00f067aa0ba902b8",
            "response_model": "small-1b", "mood": "good"}  # fmt: skip
    segment(root / "demo/a", [call(1, data, trace_id=TRACE, span_id=SPAN)], stream="llm")
    sent()
    ((_, span),) = receiver.spans()
    assert (span.trace_id.hex(), span.span_id.hex()) == (TRACE, SPAN)
    assert span.parent_span_id.hex() == "00f067aa0ba902b8"
    assert (span.name, span.kind, span.status.code) == ("chat small-1", 3, 0)
    assert span.end_time_unix_nano == time_ns(START_S + 1)
    assert span.end_time_unix_nano - span.start_time_unix_nano == 1_200_000_000
    assert {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "local",
        "gen_ai.request.model": "small-1", "gen_ai.response.model": "small-1b",
        "gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 30,
        "gen_ai.usage.cache_read.input_tokens": 40, "gen_ai.usage.reasoning.output_tokens": 8,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.21, "tracklab.llm.mood": "good",
    }.items() <= plain(span.attributes).items()  # fmt: skip


def test_a_failed_call_says_why(root: Path, receiver: Receiver, sent: Callable[..., Any]) -> None:
    """Status and type of the error."""
    failed = {"success": False, "error_type": "TimeoutError", "error": "no answer"}
    segment(root / "demo/a", [call(1, failed)], stream="llm")
    sent()
    ((_, span),) = receiver.spans()
    assert (span.status.code, span.status.message) == (2, "no answer")
    assert plain(span.attributes)["error.type"] == "TimeoutError"


def test_calls_without_ids_get_the_same_ones_every_time(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Different for each, a conversation in one trace, and a call's own id is its span's."""
    own = "aaaaaaaaaaaaaaaa"
    lines = [call(1, {}), call(2, {"conversation_id": "c"}), call(3, {"conversation_id": "c"}),
             call(4, {"call_id": own}, span_id=SPAN, trace_id=TRACE),
             call(5, {"call_id": own}), call(6, {"parent_id": own})]  # fmt: skip
    segment(root / "demo/a", lines, stream="llm")
    sent()
    sent()
    ids = [(one.trace_id, one.span_id, one.parent_span_id) for _, one in receiver.spans()]
    first, second, third, fourth, fifth, sixth = ids[:6]
    assert ids[6:] == ids[:6]
    assert len({one[1] for one in (first, second, third, sixth)}) == 4
    assert second[0] == third[0] != first[0]
    assert [part.hex() for part in fourth] == [TRACE, own, SPAN]
    assert (fifth[0], fifth[1].hex()) == (sixth[0], own)
    assert sixth[2].hex() == own


def test_what_led_to_a_call_is_in_the_trace_of_the_call(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Over several levels, whatever names the trace of the first; lines come as calls ended."""
    chains = {"a": {}, "b": {"conversation_id": "c-17"}, "c": {"trace_id": TRACE, "span_id": SPAN}}
    lines = []
    for name, told in chains.items():
        plan, step, part = (letter * 15 + name for letter in "123")
        ids = {key: value for key, value in told.items() if key != "conversation_id"}
        talk = {key: value for key, value in told.items() if key == "conversation_id"}
        lines += [call(1, {"call_id": part, "parent_id": step.upper()}),
                  call(2, {"call_id": step, "parent_id": plan}),
                  call(3, {"call_id": plan, **talk}, **ids)]  # fmt: skip
    segment(root / "demo/a", lines, stream="llm")
    sent()
    spans = [span for _, span in receiver.spans()]
    trace_of = {span.span_id: span.trace_id for span in spans}
    children = [span for span in spans if span.parent_span_id in trace_of]
    assert len(children) == 6
    assert all(span.trace_id == trace_of[span.parent_span_id] for span in children)
    assert len(set(trace_of.values())) == 3
    assert bytes.fromhex(TRACE) in trace_of.values()


def test_no_span_is_its_own_parent_and_no_parent_is_in_another_trace(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Nor do calls that name each other keep the command from its end."""
    one, two, three = (digit * 16 for digit in "123")
    lines = [call(1, {"call_id": one, "parent_id": one}),
             call(2, {"call_id": two, "parent_id": three}),
             call(3, {"call_id": three, "parent_id": two}),
             call(4, {"call_id": SPAN}, span_id=SPAN, trace_id=TRACE),
             call(5, {"call_id": "5" * 16, "parent_id": one}, span_id=SPAN,
                  trace_id=TRACE)]  # fmt: skip
    segment(root / "demo/a", lines, stream="llm")
    sent()
    parents = {span.span_id.hex(): span.parent_span_id.hex() for _, span in receiver.spans()}
    assert parents == {one: "", two: three, three: two, SPAN: "", "5" * 16: SPAN}
    traces = {span.span_id.hex(): span.trace_id for _, span in receiver.spans()}
    assert traces[two] == traces[three]


def test_what_counts_since_boot_says_since_when_it_is_known(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Of each writer its own first point; what does not count says nothing."""
    for number, writer in enumerate(("n1-7-0", "n2-8-0")):
        lines = [{"_timestamp": START_S + number + at, "_seq": at, "net_sent_bytes": at, "x": 1}
                 for at in range(3)]  # fmt: skip
        segment(root / "demo/a", lines, stream="system_metrics", writer=writer)
    sent()
    begun = {
        (resource["tracklab.writer"], metric.name, point.start_time_unix_nano)
        for resource, metric, point in receiver.points()
    }
    sum_ = "system.network.io.transmit"
    assert begun == {("n1-7-0", sum_, time_ns(START_S)), ("n2-8-0", sum_, time_ns(START_S + 1)),
                     ("n1-7-0", "x", 0), ("n2-8-0", "x", 0)}  # fmt: skip


def test_nothing_is_without_a_name(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """OTLP allows neither metrics nor attributes that have none."""
    segment(root / "demo/a", rows((0, {"": 1.5})))
    segment(root / "demo/a", [event("app", "x", {"": 1, "a": {"": 2}})], stream="events")
    sent()
    assert [metric.name for _, metric in receiver.metrics()] == ["unnamed"]
    ((_, _, record),) = receiver.logs()
    told = plain(record.attributes)
    assert (told["unnamed"], told["a"]) == (1, {"unnamed": 2})


def test_what_has_no_place_is_counted(root: Path, sent: Callable[..., Any]) -> None:
    """Values that are no numbers, rows without a time, and lines that are no record."""
    values = {"text": "x", "list": [1, 2], "mixed": [1, "x"], "gone": None}
    segment(root / "demo/a", [row(0, 1, values), {"_step": 1, "loss": 1.0}, b"{torn"])
    answer = sent()
    assert answer["taken"] == {"points": 2}
    assert answer["left_out"] == {"not_numbers": 2, "without_time": 1}
    assert answer["bad_lines"] == 1


def test_many_numbers_go_in_bounded_requests(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """Also where one line is as long as a line can be."""
    segment(root / "demo/a", rows(*((step, {"x": step, "y": 1.5}) for step in range(6_000))))
    texts = (event("app", "x" * 30_000, seq=number) for number in range(100))
    segment(root / "demo/a", texts, stream="events")
    answer = sent()
    assert answer["taken"] == {"points": 12_000, "log_records": 100}
    steps = [plain(point.attributes)["tracklab.step"] for _, _, point in receiver.points()]
    assert sorted(steps) == sorted([*range(6_000)] * 2)
    assert max(request.size_bytes for request in receiver.requests) < 1.2 * 2**20
    assert answer["requests"] == len(receiver.requests) >= 6


def test_a_line_longer_than_ours_goes_in_bounded_requests(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """A list in pieces, a text alone."""
    segment(root / "demo/a", [row(0, 1, {"x": 0, "l": [*range(12_000)], "y": 2})])
    said = [event("app", "x" * size, seq=size) for size in (300_000, 900_000, 10)]
    segment(root / "demo/a", said, stream="events")
    sent()
    by_path: dict[str, list[int]] = {"/v1/metrics": [], "/v1/logs": []}
    for request in receiver.requests:
        by_path[request.path].append(request.size_bytes)
    assert max(by_path["/v1/metrics"]) < 2**20
    assert [round(size / 1e5) for size in sorted(by_path["/v1/logs"])] == [3, 9]
    points = [point for _, metric, point in receiver.points() if metric.name == "l"]
    assert [number_of(point) for point in points] == [*range(12_000)]
    assert [plain(one.attributes)["tracklab.index"] for one in points] == [*range(12_000)]
    counts = Counter(len(list(request.message.resource_metrics)) for request in receiver.requests
                     if request.path == "/v1/metrics")  # fmt: skip
    assert counts == {1: 3}


def test_what_a_receiver_refuses_is_counted(
    root: Path, receiver: Receiver, tracklab: Callable[..., Result]
) -> None:
    """Its words are passed on, and the exit status is 1."""
    segment(root / "demo/a", rows((0, {"x": 1}), (1, {"x": 2}), (2, {"x": 3})))
    told = ExportMetricsServiceResponse()
    told.partial_success.rejected_data_points = 2
    told.partial_success.error_message = "too old"
    partly = Reply(200, told.SerializeToString(), {"Content-Type": PROTOBUF}, takes=True)
    receiver.replies = [partly]
    done = tracklab("export", "--otlp", receiver.url, "--json")
    answer = orjson.loads(done.stdout)
    assert (answer["taken"], answer["refused"]) == ({"points": 1}, {"points": 2})
    assert (answer["said"], done.exit_code) == (["too old"], 1)
    receiver.replies = [partly]
    shown = tracklab("export", "--otlp", receiver.url)
    assert "refused: 2 points\nit says: too old" in shown.output


def test_a_busy_receiver_is_asked_again(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """After the time that it asks for, and nothing is lost."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    receiver.replies = [
        Reply(503, b"", {"Retry-After": "0"}),
        Reply(429, b"", {"Retry-After": "0"}),
    ]
    assert sent()["taken"] == {"points": 1}
    assert receiver.asked == 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401, b"who are\nyou?"), "it answered 401 Unauthorized: who are you?."),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), "where OTLP answers with"),
        (Reply(503, b"", {"Retry-After": "7200"}), "it asks to be left alone for 7200 s"),
    ],
)  # fmt: skip
def test_a_receiver_that_takes_nothing_ends_it(
    root: Path, receiver: Receiver, tracklab: Callable[..., Result], reply: Reply, words: str
) -> None:
    """At once, with what it said, without the password, and exit status 1."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    receiver.replies = [reply]
    done = tracklab("export", "--otlp", receiver.url.replace("//", "//me:secret@"))
    assert (done.exit_code, receiver.asked, receiver.requests) == (1, 1, [])
    assert words in done.output
    assert receiver.url in done.output
    assert "secret" not in done.output


def test_nobody_there_is_one_sentence(root: Path, tracklab: Callable[..., Result]) -> None:
    """Said in JSON as well, with what was read until then."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    with receiving() as gone:
        url = gone.url
    done = tracklab("export", "--otlp", url, "--json")
    answer = orjson.loads(done.stdout)
    assert done.exit_code == 1
    assert "it cannot be reached" in answer["error"]
    assert answer["taken"] == {}


def test_a_host_that_no_name_can_be_is_said_in_json(
    root: Path, tracklab: Callable[..., Result]
) -> None:
    """As any other that cannot be reached."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    done = tracklab("export", "--otlp", "http://a..b:4318", "--json")
    assert done.exit_code == 1
    assert "it cannot be reached" in orjson.loads(done.stdout)["error"]


def test_headers_and_a_path_go_along(
    root: Path, receiver: Receiver, sent: Callable[..., Any]
) -> None:
    """For whoever lets only known senders in."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    sent("--header", "Authorization=Bearer a=b", "--header", "X-Scope-OrgID=7")
    headers = receiver.requests[0].headers
    assert (headers["authorization"], headers["x-scope-orgid"]) == ("Bearer a=b", "7")
    assert headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--otlp", "localhost:4318"), "takes the address of a server"),
        (("--otlp", "ftp://x"), "takes the address of a server"),
        (("--otlp", "http://x", "-o", "f.csv"), "one place at a time; got --otlp, --output"),
        (("--otlp", "http://x", "--clickhouse", "http://y"), "one place at a time"),
        (("--otlp", "http://x", "--table", "runs"), "A server gets lines"),
        (("--otlp", "http://x", "--header", "Token: s3cret"), "write NAME=VALUE"),
        (("--otlp", "http://x", "--header", "T=a\nb: c"), "write NAME=VALUE"),
        (("--otlp", "http://x", "--dry-run"), "give --clickhouse URL"),
        (("--json",), "give --otlp URL or --clickhouse URL"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    root: Path, tracklab: Callable[..., Result], arguments: tuple[str, ...], words: str
) -> None:
    """Before anything is sent, and without what may be secret."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    refused = tracklab("export", *arguments)
    assert refused.exit_code in {1, 2}
    assert words in refused.output
    assert "s3cret" not in refused.output


def test_without_the_package_the_error_names_it(root: Path) -> None:
    """And what to install."""
    segment(root / "demo/a", rows((0, {"x": 1})))
    program = (
        "import sys; sys.modules['opentelemetry.proto'] = None; "
        "from tracklab.cli.main import main; main(sys.argv[1:])"
    )
    words = ["export", "--dir", str(root), "--otlp", "http://127.0.0.1:9"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert 'pip install "tracklab-local[otlp]"' in done.stderr
