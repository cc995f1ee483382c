"""The demo's models behind an OpenAI-compatible HTTP API on loopback.

    python -m tracklab.demo.service NAME=CHECKPOINT [NAME=CHECKPOINT ...]

Answers `GET /v1/models`, `POST /v1/chat/completions` and `POST /v1/completions`, streamed or
not; a token is a character. It knows nothing of TrackLab: what is monitored is its client. Its
failures are real: a prompt may be too long, and it works on a few requests at a time only.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tracklab.demo import corpus, model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.demo.model import Weights

__all__ = ["LONGEST_PROMPT", "Service"]

LONGEST_PROMPT = 2048  # characters
LONGEST_ANSWER = 3_000  # characters
LONGEST_BODY = 1_000_000  # bytes
AT_A_TIME = 4  # requests that are worked on; any more are turned away
CHUNK = 8  # characters sent at once when streaming


class Refusal(Exception):  # noqa: N818  # it is an answer, not a fault of the program
    """A request that is answered with an error, as the API words it."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": code, "code": code}}


@dataclass(frozen=True)
class Request:
    """One request, understood: the model's weights, what is wanted of it, and whose turn it is."""

    model: str
    weights: Weights
    prompt: str
    longest: int
    temperature: float
    stream: bool
    chat: bool
    turn: threading.Lock

    def answer(self) -> Iterator[str]:
        """Write the answer, a few characters at a time; in a chat it ends with the paragraph."""
        codes = model.write(
            self.weights,
            corpus.encode(self.prompt[-LONGEST_PROMPT:]),
            seed=time.time_ns(),
            temperature=self.temperature,
        )
        written = islice(codes, self.longest)
        while True:
            # Threads that compute side by side would wait for the interpreter at every product
            # of matrices; taking turns, each has it for a whole piece.
            with self.turn:
                text = corpus.decode(np.fromiter(islice(written, CHUNK), dtype=np.intp))
            if not text:
                return
            yield text
            if self.chat and "\n" in text:
                return


class Service(ThreadingHTTPServer):
    """An HTTP server on a free port of loopback, with models by name."""

    daemon_threads = True

    def __init__(self, models: dict[str, Weights], *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.models = models
        self.places = threading.Semaphore(AT_A_TIME)
        self.turn = threading.Lock()
        self._parent = os.getppid()

    def service_actions(self) -> None:
        """End when the demo that started this has ended without saying so."""
        if os.getppid() != self._parent:
            raise SystemExit

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def understand(self, path: str, body: dict[str, Any]) -> Request:
        """Return what a request asks for.

        Raises:
            Refusal: the path or model does not exist, or the prompt is too long.
        """
        chat = path == "/v1/chat/completions"
        if not chat and path != "/v1/completions":
            raise Refusal(HTTPStatus.NOT_FOUND, "not_found", f"There is no {path}.")
        name = str(body.get("model"))
        if name not in self.models:
            raise Refusal(
                HTTPStatus.NOT_FOUND, "model_not_found", f"There is no model {name!r} here."
            )
        if chat:
            prompt = "\n".join(str(message["content"]) for message in body["messages"])
        else:
            prompt = str(body["prompt"])
        if len(prompt) > LONGEST_PROMPT:
            raise Refusal(
                HTTPStatus.BAD_REQUEST,
                "context_length_exceeded",
                f"The prompt has {len(prompt)} characters; this model reads {LONGEST_PROMPT}.",
            )
        return Request(
            model=name,
            weights=self.models[name],
            prompt=prompt,
            longest=min(int(body.get("max_tokens", 200)), LONGEST_ANSWER),
            temperature=max(float(body.get("temperature", 0.8)), 0.01),
            stream=bool(body.get("stream", False)),
            chat=chat,
            turn=self.turn,
        )


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    server: Service
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer the list of models."""
        if self.path != "/v1/models":
            self._send(HTTPStatus.NOT_FOUND, {"error": {"message": "not found"}})
            return
        models = [
            {"id": name, "object": "model", "owned_by": "demo"} for name in self.server.models
        ]
        self._send(HTTPStatus.OK, {"object": "list", "data": models})

    def do_POST(self) -> None:
        """Answer one completion, or say why not."""
        length = min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY)
        body = self.rfile.read(length)
        try:
            self._work(self.server.understand(self.path, dict(json.loads(body))))
        except Refusal as refusal:
            self._send(refusal.status, refusal.body)
        except (KeyError, TypeError, ValueError) as error:
            self._send(
                HTTPStatus.BAD_REQUEST,
                {"error": {"message": f"not understood: {error}", "type": "invalid_request_error"}},
            )
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client waits no longer

    def log_message(self, *_arguments: object) -> None:
        """Print nothing: the client's records tell more than an access log would."""

    def _work(self, request: Request) -> None:
        if not self.server.places.acquire(blocking=False):
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "rate_limit_exceeded",
                f"{AT_A_TIME} requests are being answered. Try again.",
            )
        try:
            if request.stream:
                self._stream(request)
            else:
                text = "".join(request.answer())
                self._send(HTTPStatus.OK, _reply(request, text, final=True, tokens=len(text)))
        finally:
            self.server.places.release()

    def _stream(self, request: Request) -> None:
        """Send server-sent events as the text is written; the last one has the usage."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        tokens = 0
        for text in request.answer():
            tokens += len(text)
            self._event(_reply(request, text, final=False, tokens=tokens))
        self._event(_reply(request, "", final=True, tokens=tokens))
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, reply: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(reply).encode() + b"\n\n")

    def _send(self, status: HTTPStatus, reply: dict[str, Any]) -> None:
        body = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _reply(request: Request, text: str, *, final: bool, tokens: int) -> dict[str, Any]:
    """Return a reply, or one part of a streamed reply, in the API's form."""
    if not request.chat:
        choice: dict[str, Any] = {"text": text}
    elif request.stream:
        choice = {"delta": {"content": text}}
    else:
        choice = {"message": {"role": "assistant", "content": text}}
    ended = "length" if tokens >= request.longest else "stop"
    reply: dict[str, Any] = {
        "model": request.model,
        "choices": [{"index": 0, **choice, "finish_reason": ended if final else None}],
    }
    if final:
        prompt = len(request.prompt)
        reply["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": tokens,
            "total_tokens": prompt + tokens,
        }
    return reply


def main() -> None:
    """Serve the checkpoints of the command line, and print the address first."""
    parser = argparse.ArgumentParser(description="Serve small language models on loopback.")
    parser.add_argument("models", nargs="+", metavar="NAME=CHECKPOINT")
    arguments = parser.parse_args()
    named = dict(pair.split("=", 1) for pair in arguments.models)
    service = Service({name: model.load(Path(path)) for name, path in named.items()})
    print(service.url, flush=True)
    service.serve_forever()


if __name__ == "__main__":
    main()
