"""The real clients of OpenAI and Anthropic against a service on loopback: what lines they leave.

Each test runs twice: with `autolog()`, and with `llm_call()` around the same request.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import orjson
import pytest

import tracklab
from tests.integrations.provider import ANSWER, ARGUMENT, QUESTION, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.sdk.run import Run

pytestmark = pytest.mark.integration

ASKED: Any = [{"role": "user", "content": QUESTION}]
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}}
OPENAI_TOOLS: Any = [{"type": "function", "function": {"name": "lookup", "parameters": SCHEMA}}]
ANTHROPIC_TOOLS: Any = [{"name": "lookup", "input_schema": SCHEMA}]
OPENAI_TOKENS = {"prompt": 12, "completion": 5, "cache_read": 4, "reasoning": 2}
ANTHROPIC_TOKENS = {"prompt": 14, "completion": 5, "cache_read": 4, "cache_write": 2}
USAGE: Any = {"stream": True, "stream_options": {"include_usage": True}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve both providers for all tests of this module."""
    with serving() as address:
        yield address


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run that records no contents."""
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as made:
        yield made


Ask = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture(params=["autolog", "llm_call"])
def ask(request: pytest.FixtureRequest, run: Run) -> Iterator[Ask]:
    """Return what makes a measured request: it gets a function of the call, or of None."""
    if request.param == "llm_call":

        def measured(function: Callable[[Any], Any]) -> Any:
            with tracklab.llm_call("m", "p") as call:
                return function(call)

        yield measured
    else:
        with tracklab.autolog("openai", "anthropic"):
            yield lambda function: function(None)


def told(run: Run) -> list[dict[str, Any]]:
    """Return the data of the run's calls, none of which may hold a word of what was said."""
    content = (run.run_dir / "llm.jsonl").read_bytes()
    for words in (QUESTION, ANSWER, ARGUMENT):
        assert words.encode() not in content
    return [line["data"] for line in map(orjson.loads, content.splitlines()[1:])]


class Clients:
    """Makes clients of the service, and closes their connections in the end."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url = url
        self._stack = stack

    def openai(self, **options: Any) -> openai.OpenAI:
        """Return a client of OpenAI's."""
        made = openai.OpenAI(base_url=f"{self.url}/v1", api_key="x", **options)
        return self._stack.enter_context(made)

    def anthropic(self, **options: Any) -> anthropic.Anthropic:
        """Return a client of Anthropic's."""
        made = anthropic.Anthropic(base_url=self.url, api_key="x", **options)
        return self._stack.enter_context(made)


@pytest.fixture
def clients(url: str) -> Iterator[Clients]:
    """Return what makes clients."""
    with ExitStack() as stack:
        yield Clients(url, stack)


def test_answers(run: Run, clients: Clients, ask: Ask) -> None:
    """Tokens of all kinds, the model that answered, the reason."""

    def both(call: Any) -> None:
        found: Any = clients.openai().chat.completions.create(model="m", messages=ASKED)
        if call is not None:
            call.response(found)

    ask(both)
    (data,) = told(run)
    assert (data["tokens"], data["finish_reasons"]) == (OPENAI_TOKENS, ["stop"])
    assert (data["model"], data["response_model"]) == ("m", "m-2026")
    assert 0 < data["response_time"] < 10
    assert data["success"] is True


def test_answers_of_anthropic(run: Run, clients: Clients, ask: Ask) -> None:
    """Tokens from and to the cache count as prompt."""

    def one(call: Any) -> None:
        client = clients.anthropic()
        found = client.messages.create(
            model="m", max_tokens=9, messages=ASKED, tools=ANTHROPIC_TOOLS
        )
        if call is not None:
            call.response(found)

    ask(one)
    (data,) = told(run)
    assert data["tokens"] == ANTHROPIC_TOKENS
    assert data["finish_reasons"] in (["tool_use"], ["tool_call"])


def test_streams(run: Run, clients: Clients, ask: Ask) -> None:
    """The time to the first chunk, and the usage that comes last."""

    def both(call: Any) -> None:
        wrap = iter if call is None else call.wrap
        chunks = clients.openai().chat.completions.create(model="m", messages=ASKED, **USAGE)
        assert len(list(wrap(chunks))) == 6

    ask(both)
    (data,) = told(run)
    assert (data["tokens"], data["finish_reasons"]) == (OPENAI_TOKENS, ["stop"])
    assert 0 < data["ttft"] <= data["response_time"]


def test_streams_of_anthropic(run: Run, clients: Clients, ask: Ask) -> None:
    """The same, in its own shape."""

    def one(call: Any) -> None:
        wrap = iter if call is None else call.wrap
        client = clients.anthropic()
        stream = client.messages.create(model="m", max_tokens=9, messages=ASKED, stream=True)
        assert len(list(wrap(stream))) == 8

    ask(one)
    (data,) = told(run)
    assert data["tokens"] == ANTHROPIC_TOKENS
    assert 0 < data["ttft"] <= data["response_time"]


def test_asynchronous_clients(run: Run, clients: Clients, ask: Ask) -> None:
    """A stream of OpenAI's and an answer of Anthropic's, awaited."""

    async def both(call: Any) -> None:
        async with openai.AsyncOpenAI(base_url=f"{clients.url}/v1", api_key="x") as client:
            chunks = await client.chat.completions.create(model="m", messages=ASKED, **USAGE)
            wrapped = chunks if call is None else call.wrap(chunks)
            assert len([chunk async for chunk in wrapped]) == 6
        async with anthropic.AsyncAnthropic(base_url=clients.url, api_key="x") as other:
            answer = await other.messages.create(model="m", max_tokens=9, messages=ASKED)
            assert answer.stop_reason == "end_turn"

    ask(lambda call: asyncio.run(both(call)))
    found = told(run)
    assert found[0]["tokens"] == OPENAI_TOKENS
    assert found[0]["ttft"] > 0
    assert [one["tokens"] for one in found[1:]] in ([], [ANTHROPIC_TOKENS])


def test_refusals(run: Run, clients: Clients, ask: Ask) -> None:
    """A failed call has the type of its error, and the exception goes on up."""

    def one(_call: Any) -> None:
        clients.openai(max_retries=0).chat.completions.create(model="busy", messages=ASKED)

    with pytest.raises(openai.RateLimitError):
        ask(one)
    (data,) = told(run)
    assert (data["success"], data["error_type"]) == (False, "RateLimitError")
    assert data["error"].startswith("RateLimitError")
    assert "slow down" not in data["error"]


def test_retries(run: Run, clients: Clients, ask: Ask) -> None:
    """Those that the client makes itself are one call, and its raw answer tells how many."""

    def one(call: Any) -> None:
        completions = clients.openai(max_retries=2).chat.completions
        raw = completions.with_raw_response.create(model="flaky", messages=ASKED)
        if call is not None:
            call.response(raw)
            assert raw.retries_taken == 1

    ask(one)
    (data,) = told(run)
    assert data["success"] is True
    assert data.get("retries") in {None, 1}


def test_tools_and_embeddings(run: Run, clients: Clients) -> None:
    """Names of tools come from the answer; an embedding is an operation of its own."""
    client = clients.openai()
    with tracklab.llm_call("m", "p") as call:
        call.response(client.chat.completions.create(model="m", messages=ASKED, tools=OPENAI_TOOLS))
    with tracklab.autolog("openai"):
        client.embeddings.create(model="e", input=QUESTION)
    first, second = told(run)
    assert first["tools"] == [{"name": "lookup", "count": 1, "errors": 0}]
    assert (second["operation"], second["tokens"]) == ("embedding", {"prompt": 3})


def test_a_block_and_autolog_leave_one_line(run: Run, clients: Clients) -> None:
    """The block is the call's line."""
    with tracklab.autolog("openai"), tracklab.llm_call("m", "mine"):
        clients.openai().chat.completions.create(model="m", messages=ASKED)
    assert [one["provider"] for one in told(run)] == ["mine"]


def test_what_is_removed_is_silent(run: Run, clients: Clients) -> None:
    """Two handles need two removals; without a run nothing is written."""
    client = clients.openai()
    first, second = tracklab.autolog("openai"), tracklab.autolog("openai")
    first.remove()
    first.remove()
    client.chat.completions.create(model="m", messages=ASKED)
    second.remove()
    client.chat.completions.create(model="m", messages=ASKED)
    assert len(told(run)) == 1
    run.finish()
    with tracklab.autolog("openai"):
        client.chat.completions.create(model="m", messages=ASKED)
    assert len(told(run)) == 1


def test_contents_are_recorded_where_they_are_switched_on(
    root: Path, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways, through the redaction hook."""
    monkeypatch.delenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", raising=False)
    settings = {"console": "off", "record_llm_content": True}
    with tracklab.init(dir=root, system_monitor=False, settings=settings) as run:
        tracklab.redact_llm_content(lambda text: text.replace("SECRET", "***"))
        with tracklab.autolog("openai"):
            clients.openai().chat.completions.create(model="m", messages=ASKED, tools=OPENAI_TOOLS)
            assert os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "span_only"
        tracklab.redact_llm_content(None)
    assert "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT" not in os.environ
    (data,) = told(run)
    assert "***-QUESTION" in str(data["request"])
    assert "***-ARGUMENT" in str(data["response"])
    assert data["tools"] == [{"name": "lookup", "count": 1, "errors": 0}]


@pytest.mark.parametrize("module", ["lightning", "pytorch_lightning", "transformers"])
def test_a_missing_framework_is_named(module: str) -> None:
    """With the command that installs it, as an ImportError too."""
    package = module.replace("_", "-")
    if find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    with pytest.raises(ImportError, match=f"pip install {package}"):
        import_module(f"tracklab.integrations.{module}")


@pytest.mark.parametrize("names", [(), ("pytorch",), ("torch", "x")])
def test_unknown_names_are_refused(names: tuple[str, ...]) -> None:
    """With those that there are."""
    with pytest.raises(tracklab.UsageError, match="anthropic, openai, opentelemetry, torch"):
        tracklab.autolog(*names)
