"""LLM calls: what is measured, what answers say of themselves, and what is never written."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

import tracklab
from tracklab.errors import ArgumentTypeError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tracklab.sdk.run import Run


@pytest.fixture
def start(root: Path) -> Iterator[Callable[..., Run]]:
    """Return what begins a run without helpers; with its settings."""

    def begin(**settings: Any) -> Run:
        return tracklab.init(
            dir=root, system_monitor=False, settings={"console": "off", **settings},
            reinit="finish_previous",
        )  # fmt: skip

    yield begin
    tracklab.redact_llm_content(None)
    tracklab.finish()


@pytest.fixture
def run(start: Callable[..., Run]) -> Run:
    """Return a current run that records no contents."""
    return start()


def calls(run: Run) -> list[dict[str, Any]]:
    """Return the data of the run's calls."""
    lines = map(orjson.loads, (run.run_dir / "llm.jsonl").read_bytes().splitlines())
    return [line["data"] for line in lines if line["logger"] == "tracklab.llm"]


def objects(value: Any) -> Any:
    """Return dicts as objects, as client libraries have them."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: objects(one) for name, one in value.items()})
    return [objects(one) for one in value] if isinstance(value, list) else value


OPENAI = {
    "model": "gpt-x-2026",
    "choices": [
        {
            "finish_reason": "tool_calls",
            "message": {
                "content": "SECRET words",
                "tool_calls": [
                    {"function": {"name": "lookup", "arguments": '{"q": "SECRET"}'}},
                    {"function": {"name": "lookup", "arguments": "{}"}},
                ],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 12, "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
}  # fmt: skip
ANTHROPIC = {
    "type": "message",
    "model": "claude-x",
    "stop_reason": "tool_use",
    "content": [
        {"type": "text", "text": "SECRET words"},
        {"type": "tool_use", "name": "lookup", "input": {"q": "SECRET"}},
    ],
    "usage": {
        "input_tokens": 8, "output_tokens": 5, "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 2,
    },
}  # fmt: skip
RESPONSES: dict[str, Any] = {
    "object": "response",
    "model": "gpt-x",
    "status": "completed",
    "output": [
        {"type": "message", "content": [{"type": "output_text", "text": "SECRET words"}]},
        {"type": "function_call", "name": "lookup", "arguments": '{"q": "SECRET"}'},
    ],
    "usage": {
        "input_tokens": 12, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 4},
        "output_tokens_details": {"reasoning_tokens": 2},
    },
}  # fmt: skip
TOLD: list[tuple[dict[str, Any], dict[str, int], list[str], int]] = [
    (OPENAI, {"prompt": 12, "completion": 5, "cache_read": 4, "reasoning": 2}, ["tool_calls"], 2),
    (ANTHROPIC, {"prompt": 14, "completion": 5, "cache_read": 4, "cache_write": 2}, ["tool_use"],
     1),
    (RESPONSES, {"prompt": 12, "completion": 5, "cache_read": 4, "reasoning": 2}, ["completed"], 1),
]  # fmt: skip


@pytest.mark.parametrize("shape", [dict, objects])
@pytest.mark.parametrize("told", TOLD)
def test_answers_say_what_they_are(
    run: Run, told: tuple[dict[str, Any], dict[str, int], list[str], int], shape: Any
) -> None:
    """Of both providers, as objects and as dicts; names of tools, no arguments, no text."""
    answer, tokens, reasons, tools = told
    with tracklab.llm_call("asked", "p") as call:
        given = shape(answer)
        assert call.response(given) is given
    (data,) = calls(run)
    assert (data["tokens"], data["finish_reasons"]) == (tokens, reasons)
    assert data["response_model"] == answer["model"]
    assert data["tools"] == [{"name": "lookup", "count": tools, "errors": 0}]
    assert b"SECRET" not in (run.run_dir / "llm.jsonl").read_bytes()


@pytest.mark.parametrize("answer", [None, 3, "text", [], {"usage": 3, "choices": [None]}, object()])
def test_answers_of_any_other_shape_say_nothing(run: Run, answer: Any) -> None:
    """And nothing fails because of them."""
    with tracklab.llm_call("m", "p") as call:
        call.response(answer)
    (data,) = calls(run)
    assert set(data) == {
        "call_id",
        "metric_type",
        "model",
        "provider",
        "operation",
        "response_time",
        "success",
    }


def openai_chunks() -> Iterator[dict[str, Any]]:
    """Yield a stream of OpenAI's: an empty beginning, two words, the end, and the usage."""
    for delta in ({"role": "assistant", "content": ""}, {"content": "SECRET "}, {"content": "two"}):
        yield {"model": "m", "choices": [{"delta": delta, "finish_reason": None}]}
    yield {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]}
    yield {"model": "m", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}


def anthropic_chunks() -> Iterator[dict[str, Any]]:
    """Yield a stream of Anthropic's."""
    usage = {"input_tokens": 5, "output_tokens": 1}
    yield {"type": "message_start", "message": {"model": "m", "content": [], "usage": usage}}
    yield {"type": "content_block_start", "content_block": {"type": "text", "text": ""}}
    for text in ("SECRET ", "two"):
        yield {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}
    yield {"type": "content_block_stop"}
    yield {
        "type": "message_delta", "delta": {"stop_reason": "stop"}, "usage": {"output_tokens": 2},
    }  # fmt: skip
    yield {"type": "message_stop"}


def response_chunks() -> Iterator[dict[str, Any]]:
    """Yield a stream of OpenAI's responses."""
    yield {"type": "response.created", "response": {"model": "m", "output": []}}
    yield {"type": "response.output_text.delta", "delta": "SECRET "}
    yield {"type": "response.output_text.delta", "delta": "two"}
    whole = {**RESPONSES, "model": "m", "status": "stop", "output": RESPONSES["output"][:1]}
    usage = {"input_tokens": 5, "output_tokens": 2}
    yield {"type": "response.completed", "response": {**whole, "usage": usage}}


@pytest.mark.parametrize("stream", [openai_chunks, anthropic_chunks, response_chunks])
def test_a_wrapped_stream_is_measured(run: Run, stream: Any) -> None:
    """Every item comes through; chunks with content count, the rest tells tokens and reason."""
    with tracklab.llm_call("m", "p") as call:
        assert list(call.wrap(stream())) == list(stream())
    (data,) = calls(run)
    assert (data["chunks"], data["finish_reasons"]) == (2, ["stop"])
    assert data["tokens"] == {"prompt": 5, "completion": 2}
    assert 0 < data["ttft"] <= data["response_time"]
    assert data["chunks_per_second"] > 0
    assert b"SECRET" not in (run.run_dir / "llm.jsonl").read_bytes()


def test_a_stream_of_anything_is_measured_asynchronously(run: Run) -> None:
    """Chunks of a shape that is not known count one by one."""

    async def words() -> AsyncIterator[str]:
        for word in ("a", "b", "c"):
            await asyncio.sleep(0.001)
            yield word

    async def ask() -> list[str]:
        async with tracklab.llm_call("m", "p") as call:
            return [word async for word in call.wrap(words())]

    assert asyncio.run(ask()) == ["a", "b", "c"]
    (data,) = calls(run)
    assert data["chunks"] == 3
    assert 0.001 <= data["ttft"] < data["response_time"]


def test_functions_of_every_kind_are_decorated(run: Run) -> None:
    """What they return or yield is read as an answer; each call is a line of its own."""
    measured = tracklab.llm_call("m", "p", conversation_id="c")

    @measured
    def ask() -> Any:
        return OPENAI

    @measured
    async def ask_later() -> Any:
        return ANTHROPIC

    @measured
    def stream() -> Iterator[Any]:
        yield from openai_chunks()

    @measured
    async def stream_later() -> AsyncIterator[Any]:
        for chunk in openai_chunks():
            yield chunk

    async def all_of() -> int:
        await ask_later()
        return len([chunk async for chunk in stream_later()])

    assert ask() is OPENAI
    assert (len(list(stream())), asyncio.run(all_of())) == (5, 5)
    found = calls(run)
    assert [one["tokens"]["completion"] for one in found] == [5, 2, 5, 2]
    assert [one.get("chunks") for one in found] == [None, 2, None, 2]
    assert {one["conversation_id"] for one in found} == {"c"}


def test_a_stream_that_nobody_reads_to_its_end_is_no_failure(run: Run) -> None:
    """It is incomplete."""

    @tracklab.llm_call("m", "p")
    def stream() -> Iterator[str]:
        yield from "abc"

    words: Any = stream()
    assert next(words) == "a"
    words.close()
    (data,) = calls(run)
    assert (data["success"], data["incomplete"], data["chunks"]) == (True, True, 1)


def test_a_stream_that_is_broken_off_in_a_block_is_incomplete(run: Run) -> None:
    """In both kinds of block; not one that was read to its end, or that failed and was repeated."""

    async def words() -> AsyncIterator[str]:
        for word in "abc":
            yield word

    def failing() -> Iterator[str]:
        yield "a"
        raise OSError("reset")

    async def broken_off() -> None:
        async with tracklab.llm_call("m", "p") as call:
            async for _ in call.wrap(words()):
                break

    asyncio.run(broken_off())
    with tracklab.llm_call("m", "p") as call:
        next(iter(call.wrap("abc")))
    with tracklab.llm_call("m", "p") as call, suppress(OSError):
        list(call.wrap(failing()))
    with tracklab.llm_call("m", "p") as call:
        list(call.wrap("abc"))
    told = [(one["success"], one.get("incomplete"), one["chunks"]) for one in calls(run)]
    assert told == [(True, True, 1), (True, True, 1), (True, None, 1), (True, None, 3)]


def test_the_code_of_a_process_is_no_status(run: Run) -> None:
    """`sys.exit()` in a block is a failed call; its argument is neither HTTP's nor a provider's."""
    for code in (2, "secret"):
        with pytest.raises(SystemExit), tracklab.llm_call("m", "p"):
            sys.exit(code)
    for data in calls(run):
        assert (data["error_type"], data["error"]) == ("SystemExit", "SystemExit")
        assert "status" not in data


class BusyError(Exception):
    """What a client raises for 429."""

    status_code = 429


def test_failures_tell_their_status(run: Run) -> None:
    """From the exception, or as it is said."""
    with pytest.raises(BusyError), tracklab.llm_call("m", "p"):
        raise BusyError("slow down")
    with tracklab.llm_call("m", "p") as call:
        call.fail("Refused", "no", 403)
    assert [(one["error_type"], one["error"], one["status"]) for one in calls(run)] == [
        ("BusyError", "BusyError 429", 429), ("Refused", "no", 403),
    ]  # fmt: skip


class QuotingError(Exception):
    """What a client raises for a request that was refused: it quotes the request."""

    status_code = 400

    def __init__(self, code: str) -> None:
        super().__init__("400: invalid message 'SECRET words'")
        self.code = code


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("content_filter", "QuotingError 400 content_filter"),
        ("SECRET words, not a code", "QuotingError 400"),
    ],
)
def test_the_message_of_an_error_is_of_the_contents(
    start: Callable[..., Run], code: str, told: str
) -> None:
    """Without them type, status and code are told; with them all that it says."""
    for switched, expected in ((False, told), (True, "400: invalid message 'SECRET words'")):
        run = start(record_llm_content=switched)
        with pytest.raises(QuotingError), tracklab.llm_call("m", "p"):
            raise QuotingError(code)
        (data,) = calls(run)
        assert (data["error_type"], data["status"], data["error"]) == (
            "QuotingError", 400, expected,
        )  # fmt: skip
        assert (b"SECRET" in (run.run_dir / "llm.jsonl").read_bytes()) is switched


def test_retries_tools_and_costs_are_told(run: Run) -> None:
    """With counts; a cost that the provider names is kept as it is."""
    with tracklab.llm_call("m", "p", parent_id="step-1") as call:
        call.retry(BusyError())
        call.retry("Timeout")
        call.retry(BusyError())
        call.tool("search")
        call.tool("search", {"q": "SECRET"})
        call.tool_error("search")
        call.tool_error("broken")
        call.cost(0.25)
        mine = call.id
    (data,) = calls(run)
    assert (data["retries"], data["retried_for"]) == (3, ["BusyError", "Timeout"])
    assert data["tools"] == [
        {"name": "search", "count": 2, "errors": 1}, {"name": "broken", "count": 0, "errors": 1},
    ]  # fmt: skip
    assert (data["cost_usd"], data["call_id"], data["parent_id"]) == (0.25, mine, "step-1")
    assert "SECRET" not in str(data)


def test_the_id_of_a_call_that_is_over_is_that_of_its_line(run: Run) -> None:
    """Whoever asks for it only then names a call that can be found."""
    with tracklab.llm_call("m", "p") as call:
        pass
    (data,) = calls(run)
    assert data["call_id"] == call.id


# --- contents


def ask_everything() -> None:
    """Make a call whose words are all secret."""
    with tracklab.llm_call("m", "p", request=[{"role": "user", "content": "SECRET?"}]) as call:
        call.response(OPENAI)
        call.set(response={"text": "SECRET!", "n": 1})


def test_contents_are_recorded_where_they_are_switched_on(start: Callable[..., Run]) -> None:
    """By the setting: the request, the answer and the arguments of tools."""
    run = start(record_llm_content=True)
    ask_everything()
    with tracklab.llm_call("m", "p") as call:
        list(call.wrap(openai_chunks()))
    first, second = calls(run)
    assert first["request"] == [{"role": "user", "content": "SECRET?"}]
    assert first["response"] == {"text": "SECRET!", "n": 1}
    assert first["tool_calls"][0] == {"name": "lookup", "arguments": '{"q": "SECRET"}'}
    assert second["response"] == "SECRET two"


def test_the_environment_switches_contents_on(
    start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for every setting; without it nothing of them is anywhere in the run."""
    run = start()
    ask_everything()
    assert b"SECRET" not in b"".join(p.read_bytes() for p in run.run_dir.rglob("*") if p.is_file())
    monkeypatch.setenv("TRACKLAB_RECORD_LLM_CONTENT", "1")
    run = start()
    ask_everything()
    assert b"SECRET?" in (run.run_dir / "llm.jsonl").read_bytes()


class Model:
    """A message as client libraries have it."""

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """Return its fields."""
        return {"content": "SECRET inside"}


class Rude:
    """An object that refuses to be written."""

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """Refuse."""
        raise RuntimeError("SECRET")


def test_the_hook_sees_every_text(start: Callable[..., Run]) -> None:
    """Nested ones, those of objects, arguments of tools, and the messages of errors."""
    run = start(record_llm_content=True)
    tracklab.redact_llm_content(lambda text: text.replace("SECRET", "***"))
    ask_everything()
    call = tracklab.llm_call("m", "p")
    call.content(request=[Model(), {"deep": ["SECRET", 1, None]}, Rude()])
    with pytest.raises(ValueError, match="SECRET"), call:
        raise ValueError("bad prompt: SECRET")
    first, second = calls(run)
    assert b"SECRET" not in (run.run_dir / "llm.jsonl").read_bytes()
    assert first["request"] == [{"role": "user", "content": "***?"}]
    assert second["request"][:2] == [{"content": "*** inside"}, {"deep": ["***", 1, None]}]
    assert second["error"] == "bad prompt: ***"


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (lambda _text: 1 / 0, {"_error": "redaction failed", "type": "ZeroDivisionError"}),
        (lambda _text: 7, {"_error": "redaction returned no text", "type": "int"}),
        (lambda _text: None, None),
    ],
)
def test_a_hook_that_fails_never_lets_the_text_out(
    start: Callable[..., Run], hook: Any, expected: Any
) -> None:
    """A marker stands where the text would."""
    run = start(record_llm_content=True)
    tracklab.redact_llm_content(hook)
    call = tracklab.llm_call("m", "p")
    call.content(request="SECRET", response={"a": "SECRET"})
    with pytest.raises(ValueError, match="SECRET"), call:
        raise ValueError("SECRET")
    (data,) = calls(run)
    assert (data["request"], data["response"]["a"]) == (expected, expected)
    assert b"SECRET" not in (run.run_dir / "llm.jsonl").read_bytes()


def test_wrong_arguments_raise_at_the_call() -> None:
    """With what is accepted."""
    with pytest.raises(ArgumentTypeError, match="model's name"):
        tracklab.llm_call(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="a function or None"):
        tracklab.redact_llm_content("x")  # type: ignore[arg-type]


# --- traces


def test_a_call_belongs_to_the_active_span(run: Run) -> None:
    """Its ids stand beside the data; without a span there are none."""
    trace = pytest.importorskip("opentelemetry.trace")
    context = trace.SpanContext(trace_id=0xABC, span_id=0xDEF, is_remote=False)
    with tracklab.llm_call("m", "p"):
        pass
    with trace.use_span(trace.NonRecordingSpan(context)), tracklab.llm_call("m", "p"):
        pass
    lines = (run.run_dir / "llm.jsonl").read_bytes().splitlines()[1:]
    without, within = map(orjson.loads, lines)
    assert "trace_id" not in without
    assert (within["trace_id"], within["span_id"]) == (f"{0xABC:032x}", f"{0xDEF:016x}")


def test_opentelemetry_is_never_imported_for_it() -> None:
    """In a process of its own: only a library that is loaded is asked."""
    code = (
        "import sys, tracklab\n"
        "with tracklab.llm_call('m', 'p'): pass\n"
        "print('opentelemetry' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


AT_THE_LIMIT = """
import resource, sys
import tracklab

run = tracklab.init(dir=sys.argv[1], system_monitor=False, settings={"console": "off"})
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
with tracklab.llm_call("m", "p"):
    pass
with tracklab.checkpoint(sys.argv[1], step=1):
    pass
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
with tracklab.llm_call("m", "p"):
    pass
run.finish()
print(run.run_dir)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of descriptors to set")
def test_a_first_call_needs_no_file_of_the_package(root: Path) -> None:
    """A program out of descriptors trains on: what its calls need was loaded by `init()`."""
    command = [sys.executable, "-c", AT_THE_LIMIT, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    place = Path(done.stdout.split()[-1])
    assert b'"llm_call"' in (place / "llm.jsonl").read_bytes()
    assert b'"checkpoint_save"' in (place / "events.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ({"prompt": "x"}, ArgumentTypeError),
        ({"completion": 1.5}, ArgumentTypeError),
        ({"cache_read": True}, ArgumentTypeError),
        ({"completion": -1}, UsageError),
    ],
)
def test_counts_of_tokens_are_checked_at_the_call(counts: Any, error: type[Exception]) -> None:
    """The message names the count, and what was noted before stays."""
    call = tracklab.llm_call("m", "p")
    with pytest.raises(error, match=f"{next(iter(counts))}="):
        call.tokens(**counts)


def test_counts_of_tokens_may_be_of_numpy(run: Run) -> None:
    """Any integer is one."""
    with tracklab.llm_call("m", "p") as call:
        call.tokens(prompt=np.int64(3))  # type: ignore[arg-type]
    assert calls(run)[0]["tokens"] == {"prompt": 3}
