"""LLM calls: who answered, how long it took, how many tokens; one line per call.

What was asked and answered is recorded only where `record_llm_content` is on; see
`tracklab.sdk.llm_content`.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from operator import index
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from tracklab import clock
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.sdk import current
from tracklab.sdk.llm_content import (
    code_of,
    error_text,
    is_recorded,
    recordable,
    summary_of,
)
from tracklab.sdk.llm_replies import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from tracklab.sdk.run import Run

__all__ = ["is_measured", "llm_call", "record_llm_call"]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

_measured: ContextVar[bool] = ContextVar("tracklab_llm_call", default=False)


class llm_call:  # noqa: N801 - used as a function: with llm_call(...), @llm_call(...)
    """Measures one call to a language model and writes one event.

        with tracklab.llm_call(model="small-1", provider="local") as call:
            for chunk in call.wrap(client.chat.completions.create(..., stream=True)):
                ...

    Works with `with`, `async with`, and as a decorator of functions, coroutines and generators
    of both kinds. An exception is recorded as a failed call and goes on up.

    Args:
        model: the model that is asked.
        provider: who serves it.
        operation: `chat`, `completion`, `embedding`, ...
        run: None for the current run; without one, nothing is recorded.
        conversation_id: the conversation that the call belongs to.
        parent_id: `id` of the call, or of the step of an agent, that led to this one.
        details: further fields of the event.
    """

    def __init__(
        self,
        model: str,
        provider: str = "unknown",
        *,
        operation: str = "chat",
        run: Run | None = None,
        conversation_id: str | None = None,
        parent_id: str | None = None,
        **details: Any,
    ) -> None:
        if not isinstance(model, str):
            raise ArgumentTypeError(
                f"llm_call() takes the model's name; got {type(model).__name__}. "
                'Write llm_call("small-1", "local").'
            )
        known = {"conversation_id": conversation_id, "parent_id": parent_id}
        self._given: dict[str, Any] = {
            "model": model, "provider": provider, "operation": operation, "run": run, **known,
            **details,
        }  # fmt: skip
        self._run = run
        self._data: dict[str, Any] = {
            "metric_type": "timer", "model": model, "provider": provider, "operation": operation,
            **{name: value for name, value in known.items() if value is not None},
        }  # fmt: skip
        self._reply = Reply()
        self._tools: Counter[str] = Counter()
        self._tool_errors: Counter[str] = Counter()
        self._failure: dict[str, Any] = {}
        self._chunks = 0
        self._unread = 0  # streams that were begun and have not ended
        self._first_token_s: float | None = None
        self._last_chunk_s = 0.0
        self._content: dict[str, Any] = {}
        self.set(**details)

    @property
    def id(self) -> str:
        """An id of this call, for `parent_id` of others; its line has it."""
        found: str = self._data.setdefault("call_id", os.urandom(8).hex())
        return found

    # --- what is known of the answer

    def response(self, answer: _T) -> _T:
        """Note what an answer says of itself, and return it.

        Tokens, the model that answered, finish reasons and tools of answers in the shape of
        OpenAI or Anthropic, as objects or dicts; of any other, nothing. Its text is recorded
        only where contents are.
        """
        self._reply.read(answer)
        return answer

    @overload
    def wrap(self, stream: AsyncIterable[_T]) -> AsyncIterator[_T]: ...
    @overload
    def wrap(self, stream: Iterable[_T]) -> Iterator[_T]: ...
    def wrap(self, stream: Any) -> Any:
        """Return the stream, each chunk noted as it comes: the first, how many, how fast.

        What chunks say of themselves is noted as `response()` does.
        """
        return (
            self._async_chunks(stream) if hasattr(stream, "__aiter__") else self._chunks_of(stream)
        )

    def first_token(self) -> None:
        """Note that the first token is here; later calls change nothing."""
        if self._first_token_s is None:
            self._first_token_s = round(clock.monotonic() - self._began_s, 9)

    def chunk(self) -> None:
        """Note that a part of the answer is here; the first is the first token."""
        self.first_token()
        self._chunks += 1
        self._last_chunk_s = clock.monotonic() - self._began_s

    def tokens(self, prompt: int | None = None, completion: int | None = None, **more: int) -> None:
        """Note how many tokens went in and came out.

        Args:
            prompt: all that went in, those from a cache included.
            completion: all that came out, those of reasoning included.
            more: `cache_read`, `cache_write`, `reasoning`.

        Raises:
            ArgumentTypeError: a count is no integer.
            UsageError: a count is negative.
        """
        known = {"prompt": prompt, "completion": completion, **more}
        self._reply.tokens.update(
            {kind: _count(kind, n) for kind, n in known.items() if n is not None}
        )

    def finish_reason(self, reason: str) -> None:
        """Note why an answer ended: `stop`, `length`, `tool_calls`, ..."""
        self._reply.finish_reasons.append(reason)

    def cost(self, usd: float) -> None:
        """Note what the provider charged, in US dollars; it wins over any table of prices."""
        self._data["cost_usd"] = usd

    def tool(self, name: str, arguments: Any = None) -> None:
        """Note that the model wants a tool called; `response()` and `wrap()` do it themselves.

        Args:
            name: of the tool.
            arguments: recorded only where contents are.
        """
        self._tools[name] += 1
        if arguments is not None:
            self._content.setdefault("tool_calls", []).append(
                {"name": name, "arguments": arguments}
            )

    def tool_error(self, name: str) -> None:
        """Note that a tool of this call failed."""
        self._tool_errors[name] += 1

    def retry(self, error: BaseException | str | None = None) -> None:
        """Note that the request is made again, because of `error`."""
        self._data["retries"] = self._data.get("retries", 0) + 1
        if error is not None:
            name = error if isinstance(error, str) else type(error).__qualname__
            reasons = self._data.setdefault("retried_for", [])
            if name not in reasons:
                reasons.append(name)

    def content(self, request: Any = None, response: Any = None) -> None:
        """Note what was asked and answered; recorded only where `record_llm_content` is on."""
        known = {"request": request, "response": response}
        self._content.update({name: value for name, value in known.items() if value is not None})

    def set(self, **fields: Any) -> None:
        """Add fields to the event; `request` and `response` are contents, see `content()`."""
        self.content(fields.pop("request", None), fields.pop("response", None))
        self._data.update(fields)

    def fail(self, error_type: str, error: str = "", status: int | None = None) -> None:
        """Note that the call failed although no exception says so.

        Args:
            error_type: its name, such as `RateLimited`.
            error: what it says, which is written whether contents are or not.
            status: of HTTP.
        """
        self._failure = {"error_type": error_type, "error": error_text(error)}
        if status is not None:
            self._failure["status"] = status

    def _raised(self, error: BaseException) -> None:
        """Note an exception; its message may quote what was asked, and is of the contents."""
        kind, status = type(error).__qualname__, _status_of(error)
        code = code_of(error) if isinstance(error, Exception) else None
        said = str(error) if is_recorded(self._run) else summary_of(kind, status, code)
        self.fail(kind, said, status)

    # --- the block

    def __enter__(self) -> Self:
        self._run = self._run or current.run()
        self._reply.keeps_text = is_recorded(self._run)
        for name, value in _active_span().items():
            self._data.setdefault(name, value)
        self._token = _measured.set(True)
        self._began_s = clock.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        took_s = round(clock.monotonic() - self._began_s, 9)
        with suppress(ValueError):  # a generator may be closed from another context
            _measured.reset(self._token)
        if kind is GeneratorExit or (error is None and self._unread):
            self._data["incomplete"] = True  # nobody wanted the rest, which is no failure
        elif error is not None:
            self._raised(error)
        if self._run is not None and not self._run.finished:
            record_llm_call(self._run, self._event(took_s))

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return `function` with each call measured; `response()` gets what it returns."""
        kinds = (
            (inspect.isasyncgenfunction, _measured_async_generator),
            (inspect.isgeneratorfunction, _measured_generator),
            (inspect.iscoroutinefunction, _measured_coroutine),
        )
        measured = next((make for fits, make in kinds if fits(function)), _measured_function)
        made: Callable[_P, _R] = wraps(function)(measured(self._fresh, function))
        return made

    def _fresh(self) -> llm_call:
        return llm_call(**self._given)

    def _event(self, took_s: float) -> dict[str, Any]:
        reply = self._reply
        data = {
            **self._data,
            "call_id": self.id,  # also for whoever asks after the line was written
            "response_time": took_s,
            "success": not self._failure,
            **self._failure,
        }
        if self._first_token_s is not None:
            data["ttft"] = self._first_token_s
        data |= self._rates(took_s)
        if reply.model is not None and reply.model != data["model"]:
            data["response_model"] = reply.model
        if reply.tokens:
            data["tokens"] = reply.tokens
        if reply.finish_reasons:
            data["finish_reasons"] = reply.finish_reasons
        if reply.retries:
            data.setdefault("retries", reply.retries)
        tools = self._tools + Counter(reply.tools)
        if tools or self._tool_errors:
            data["tools"] = [
                {"name": name, "count": tools[name], "errors": self._tool_errors[name]}
                for name in (tools | self._tool_errors)
            ]
        if is_recorded(self._run):
            data |= self._recorded()
        return data

    def _rates(self, took_s: float) -> dict[str, Any]:
        rates: dict[str, Any] = {}
        made = self._reply.tokens.get("completion")
        if made and took_s > 0:
            rates["tokens_per_second"] = round(made / took_s, 3)
        if self._chunks:
            rates["chunks"] = self._chunks
            streamed_s = self._last_chunk_s - (self._first_token_s or 0.0)
            if self._chunks > 1 and streamed_s > 0:
                rates["chunks_per_second"] = round((self._chunks - 1) / streamed_s, 3)
        return rates

    def _recorded(self) -> dict[str, Any]:
        """Return the contents, as the redaction hook leaves them."""
        reply, content = self._reply, dict(self._content)
        if reply.texts:
            content.setdefault("response", "".join(reply.texts))
        asked = zip(reply.tools, reply.arguments, strict=False)
        calls = [{"name": name, "arguments": arguments} for name, arguments in asked]
        if calls:
            content["tool_calls"] = [*content.get("tool_calls", ()), *calls]
        return {name: recordable(value) for name, value in content.items()}

    def _received(self, item: Any) -> None:
        if self._reply.read(item) is not False:
            self.chunk()

    # Counted at both ends: what an asynchronous stream does when it is broken off comes too late.
    def _chunks_of(self, stream: Iterable[_T]) -> Iterator[_T]:
        with self._until_read():
            for item in stream:
                self._received(item)
                yield item

    async def _async_chunks(self, stream: AsyncIterable[_T]) -> AsyncIterator[_T]:
        with self._until_read():
            async for item in stream:
                self._received(item)
                yield item

    @contextmanager
    def _until_read(self) -> Iterator[None]:
        self._unread += 1
        try:
            yield
        except GeneratorExit:  # broken off
            raise
        except BaseException:
            self._unread -= 1  # it ended by failing, which is told otherwise
            raise
        self._unread -= 1


def _count(kind: str, n: Any) -> int:
    """Return a count of tokens, checked."""
    if isinstance(n, bool | float | str) or not hasattr(n, "__index__"):
        raise ArgumentTypeError(
            f"tokens() takes integers; got {kind}={n!r}, a {type(n).__name__}. "
            "Write call.tokens(prompt=12, completion=5)."
        )
    if n < 0:
        raise UsageError(
            f"tokens() takes counts from 0 on; got {kind}={n!r}. Leave out what is not known."
        )
    return index(n)


def _measured_function(fresh: Callable[[], llm_call], function: Any) -> Any:
    def measured(*args: Any, **kwargs: Any) -> Any:
        with fresh() as call:
            return call.response(function(*args, **kwargs))

    return measured


def _measured_coroutine(fresh: Callable[[], llm_call], function: Any) -> Any:
    async def measured(*args: Any, **kwargs: Any) -> Any:
        with fresh() as call:
            return call.response(await function(*args, **kwargs))

    return measured


def _measured_generator(fresh: Callable[[], llm_call], function: Any) -> Any:
    def measured(*args: Any, **kwargs: Any) -> Any:
        with fresh() as call:
            yield from call.wrap(function(*args, **kwargs))

    return measured


def _measured_async_generator(fresh: Callable[[], llm_call], function: Any) -> Any:
    async def measured(*args: Any, **kwargs: Any) -> Any:
        with fresh() as call:
            async for item in call.wrap(function(*args, **kwargs)):
                yield item

    return measured


def is_measured() -> bool:
    """Return whether an `llm_call` block is open here: what is called inside it is its own."""
    return _measured.get()


def record_llm_call(run: Run, data: dict[str, Any]) -> None:
    """Write the event of one call; `data` has the fields of the format's `llm_call`."""
    context: dict[str, Any] = {
        name: data.pop(name) for name in ("trace_id", "span_id") if name in data
    }
    run.event(
        "tracklab.llm", "llm_call", data, stream="llm",
        level="INFO" if data.get("success", True) else "ERROR", context=context,
    )  # fmt: skip


def _active_span() -> dict[str, str]:
    """Return the ids of OpenTelemetry's active span, if that library is loaded and has one."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return {}
    with suppress(Exception):  # somebody else's context must not fail a call
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    return {}


def _status_of(error: BaseException | None) -> int | None:
    """Return the HTTP status that an exception of a client carries."""
    if not isinstance(error, Exception):  # that of SystemExit is a process's
        return None
    response = getattr(error, "response", None)
    for value in (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
    ):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
