"""Traffic on the demo's service, every call monitored.

    python -m tracklab.demo.client URL --root DIR [--calls N]

This is what monitoring LLM calls with TrackLab looks like: `with tracklab.llm_call(...)` around
the request, and what the answer says about its tokens. An exception inside is a failed call.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tracklab
from tracklab.demo.loopback import open_url
from tracklab.demo.stopping import stopper
from tracklab.demo.tally import Tally
from tracklab.demo.traffic import PATIENCE_S, WORKERS, Question, traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ask", "serve_users"]

_PROVIDER = "demo"
_REPORT_EVERY_S = 1.0


class RateLimitedError(Exception):
    """The service is busy with others."""


class ContextTooLongError(Exception):
    """The prompt is longer than the model can read."""


class ServiceTimeoutError(Exception):
    """The answer did not come in time."""


class ServiceError(Exception):
    """Any other refusal."""


def monitored(url: str, question: Question, tally: Tally) -> None:
    """Make one call, have TrackLab record it, and count it for ourselves."""
    try:
        with tracklab.llm_call(question.model, _PROVIDER, operation=question.operation) as call:
            usage: dict[str, int] = {}
            for part in ask(url, question):
                call.first_token()
                usage = part.get("usage", usage)
                if part["choices"][0]["finish_reason"]:
                    call.finish_reason(part["choices"][0]["finish_reason"])
            sent, received = usage["prompt_tokens"], usage["completion_tokens"]
            call.tokens(prompt=sent, completion=received)
    except (RateLimitedError, ContextTooLongError, ServiceTimeoutError, ServiceError) as error:
        tally.call(type(error).__name__)
    else:
        tally.call("ok", prompt=sent, completion=received)


def ask(url: str, question: Question) -> Iterator[dict[str, Any]]:
    """Ask an OpenAI-compatible service, and yield the parts of its answer as they come.

    Args:
        url: of the service, up to and with `/v1`.
        question: what to ask.

    Raises:
        RateLimitedError: status 429.
        ContextTooLongError: status 400 with `context_length_exceeded`.
        ServiceTimeoutError: no byte came for as long as the question's patience lasts.
        ServiceError: any other refusal.
    """
    chat = question.operation == "chat"
    body = {
        "model": question.model,
        "max_tokens": question.longest,
        "stream": question.stream,
        "prompt": question.prompt,
        "messages": [{"role": "user", "content": question.prompt}],
    }
    request = urllib.request.Request(
        f"{url}/chat/completions" if chat else f"{url}/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with open_url(request, timeout_s=question.patience_s) as reply:
            if not question.stream:
                yield json.load(reply)
                return
            for line in reply:
                if line.startswith(b"data: {"):
                    yield json.loads(line.removeprefix(b"data: "))
    except urllib.error.HTTPError as refusal:
        raise _failure(refusal) from None
    except TimeoutError:
        raise ServiceTimeoutError(f"no answer within {question.patience_s:g} s") from None
    except OSError as error:
        raise ServiceError(str(error)) from None


def serve_users(
    url: str,
    *,
    root: Path,
    tally: Tally,
    stop: Callable[[], bool],
    calls: float = math.inf,
    per_s: float = 2.0,
    name: str = "service",
) -> None:
    """Put traffic on a service and record it as one run.

    Args:
        url: of the service, up to and with `/v1`.
        root: the data directory.
        tally: counts made beside the recording.
        stop: asked between calls whether to end early.
        calls: how many to make; may be infinite.
        per_s: how many a second, on average.
        name: of the run.
    """
    models = [entry["id"] for entry in _get(f"{url}/models")["data"]]
    with (
        tracklab.init(
            project="demo",
            name=name,
            notes="The best two checkpoints behind an OpenAI-compatible API, and their users.",
            tags=["service"],
            job_type="service",
            config={"url": url, "models": models, "calls_per_s": per_s, "workers": WORKERS},
            dir=root,
            settings={"monitor_interval": 1.0},
        ) as run,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        tally.begin(run.address, name)
        report_due_s = time.monotonic()
        asked: list[Future[None]] = []
        for question in traffic(models, calls=calls, per_s=per_s, stop=stop):
            asked.append(pool.submit(monitored, url, question, tally))
            if time.monotonic() >= report_due_s:
                report_due_s += _REPORT_EVERY_S
                report(run, tally, waiting=sum(not future.done() for future in asked))
                asked = [future for future in asked if not _finished(future)]
        for future in asked:
            future.result()
        report(run, tally, waiting=0)


def report(run: tracklab.Run, tally: Tally, *, waiting: int) -> None:
    """Log how the service does, and print it."""
    total = sum(tally.calls.values())
    failed = total - tally.calls.get("ok", 0)
    row: dict[str, object] = {
        "service/calls": total,
        "service/failed": failed,
        "service/waiting": waiting,
    }
    tally.row(row, step=run.step)
    print(f"{total} calls, {failed} failed, {waiting} waiting")
    run.log(row)


def _finished(future: Future[None]) -> bool:
    """Return whether a call is over; one that ended in a fault of the demo raises it here."""
    if future.done():
        future.result()
    return future.done()


def _failure(refusal: urllib.error.HTTPError) -> Exception:
    """Return what an error status means."""
    with refusal:
        error = json.load(refusal).get("error", {})
    message = str(error.get("message", refusal))
    if refusal.code == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(message)
    if error.get("code") == "context_length_exceeded":
        return ContextTooLongError(message)
    return ServiceError(f"{refusal.code}: {message}")


def _get(url: str) -> Any:
    with open_url(url, timeout_s=PATIENCE_S) as reply:
        return json.load(reply)


def main() -> None:
    """Put traffic on the service whose address is given."""
    parser = argparse.ArgumentParser(description="Ask a service questions, and record each call.")
    parser.add_argument("url")
    parser.add_argument("--root", type=Path, required=True, help="the data directory")
    parser.add_argument("--tally", type=Path, required=True, help="where to write the counts")
    parser.add_argument("--name", default="service", help="of the run")
    parser.add_argument("--calls", type=int, help="how many; without it, until it is stopped")
    parser.add_argument("--per-s", type=float, default=2.0, help="how many a second, on average")
    arguments = parser.parse_args()
    tally = Tally()
    try:
        serve_users(
            arguments.url,
            root=arguments.root,
            tally=tally,
            stop=stopper(),
            calls=arguments.calls or math.inf,
            per_s=arguments.per_s,
            name=arguments.name,
        )
    finally:
        tally.save(arguments.tally)


if __name__ == "__main__":
    main()
