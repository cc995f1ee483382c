"""LLM calls: who answered, how long it took, how many tokens; one line per call.

What was asked and answered is recorded only when the caller says so.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.sdk import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from tracklab.sdk.run import Run

__all__ = ["llm_call", "record_llm_call"]


class llm_call:  # noqa: N801 - used as a function: with llm_call(...), @llm_call(...)
    """Measures one call to a language model and writes one event.

        with tracklab.llm_call(model="small-1", provider="local") as call:
            for chunk in client.stream(...):
                call.first_token()
            call.tokens(prompt=120, completion=30)

    Works with `with`, `async with`, and as a decorator of functions and coroutines. An
    exception is recorded as a failed call and goes on up.

    Args:
        model: the model that is asked.
        provider: who serves it.
        operation: `chat`, `completion`, `embedding`, ...
        run: None for the current run; without one, nothing is recorded.
        details: further fields of the event, such as `conversation_id`.
    """

    def __init__(
        self,
        model: str,
        provider: str = "unknown",
        *,
        operation: str = "chat",
        run: Run | None = None,
        **details: Any,
    ) -> None:
        self._given = (model, provider, operation, run, details)
        self._run = run
        self._data: dict[str, Any] = {
            "metric_type": "timer", "model": model, "provider": provider, "operation": operation,
            **details,
        }  # fmt: skip
        self._failure: dict[str, str] = {}
        self._first_token_s: float | None = None

    def first_token(self) -> None:
        """Note that the first token is here; later calls change nothing."""
        if self._first_token_s is None:
            self._first_token_s = round(clock.monotonic() - self._began_s, 9)

    def tokens(self, prompt: int | None = None, completion: int | None = None, **more: int) -> None:
        """Note how many tokens went in and came out; `more` may be `cache_read`, `reasoning`."""
        known = {"prompt": prompt, "completion": completion, **more}
        counted = self._data.setdefault("tokens", {})
        counted.update({kind: count for kind, count in known.items() if count is not None})

    def finish_reason(self, reason: str) -> None:
        """Note why an answer ended: `stop`, `length`, `tool_calls`, ..."""
        self._data.setdefault("finish_reasons", []).append(reason)

    def set(self, **fields: Any) -> None:
        """Add fields to the event; `request` and `response` record contents."""
        self._data.update(fields)

    def fail(self, error_type: str, error: str = "") -> None:
        """Note that the call failed although no exception says so, as with an HTTP status."""
        self._failure = {"error_type": error_type, "error": error}

    def __enter__(self) -> Self:
        self._began_s = clock.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        took_s = round(clock.monotonic() - self._began_s, 9)
        if kind is not None:
            self.fail(kind.__qualname__, str(error))
        run = self._run or current.run()
        if run is None:
            return
        data = {
            **self._data,
            "response_time": took_s,
            "success": not self._failure,
            **self._failure,
        }
        if self._first_token_s is not None:
            data["ttft"] = self._first_token_s
        made = data.get("tokens", {}).get("completion")
        if made and took_s > 0:
            data["tokens_per_second"] = round(made / took_s, 3)
        record_llm_call(run, data)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` with each call measured; tokens are left out."""

        def fresh() -> llm_call:
            model, provider, operation, run, details = self._given
            return llm_call(model, provider, operation=operation, run=run, **details)

        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def measured(*args: Any, **kwargs: Any) -> Any:
                with fresh():
                    return await function(*args, **kwargs)

        else:

            @wraps(function)
            def measured(*args: Any, **kwargs: Any) -> Any:
                with fresh():
                    return function(*args, **kwargs)

        return measured


def record_llm_call(run: Run, data: dict[str, Any]) -> None:
    """Write the event of one call; `data` has the fields of the format's `llm_call`."""
    context: dict[str, Any] = {
        name: data.pop(name) for name in ("trace_id", "span_id") if name in data
    }
    run.event(
        "tracklab.llm", "llm_call", data, stream="llm",
        level="INFO" if data.get("success", True) else "ERROR", context=context,
    )  # fmt: skip
