"""A service on loopback that answers as OpenAI and Anthropic do; every word of it is known.

The model's name chooses what happens: `busy` is refused with 429, `flaky` every other time,
`unknown` with 404. Any other answers.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ANSWER", "ARGUMENT", "QUESTION", "serving"]

#: Words that must appear nowhere unless contents are recorded.
QUESTION, ANSWER, ARGUMENT = "SECRET-QUESTION", "SECRET-ANSWER", "SECRET-ARGUMENT"

_OPENAI_USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 5,
    "total_tokens": 17,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
_ANTHROPIC_USAGE = {
    "input_tokens": 8,
    "output_tokens": 5,
    "cache_read_input_tokens": 4,
    "cache_creation_input_tokens": 2,
}


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port; yield the address without a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = False  # closing waits for them, and they end with their clients
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert QUESTION in json.dumps(body)
        type(self).asked += body["model"] == "flaky"
        if body["model"] == "busy" or (body["model"] == "flaky" and self.asked % 2):
            self._send(429, {"error": {"type": "rate_limit", "message": "slow down"}})
        elif body["model"] == "unknown":
            self._send(404, {"error": {"type": "not_found", "message": "no such model"}})
        elif self.path.endswith("/embeddings"):
            usage = {"prompt_tokens": 3, "total_tokens": 3}
            vector = {"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}
            self._send(200, {"object": "list", "model": "e", "data": [vector], "usage": usage})
        elif body.get("stream"):
            events = _anthropic_events if self.path.endswith("/messages") else _openai_events
            self._stream(events(body))
        else:
            answer = _anthropic if self.path.endswith("/messages") else _openai
            self._send(200, answer(body))

    def _send(self, status: int, reply: dict[str, Any]) -> None:
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        if "messages" not in self.path:
            self.wfile.write(b"data: [DONE]\n\n")


def _openai(body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": ANSWER}
    reason = "stop"
    if "tools" in body:
        function = {"name": "lookup", "arguments": json.dumps({"q": ARGUMENT})}
        calls = [{"id": "t1", "type": "function", "function": function}]
        message, reason = {"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls"
    return {
        "id": "c1", "created": 1, "object": "chat.completion", "model": f"{body['model']}-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": _OPENAI_USAGE,
    }  # fmt: skip


def _openai_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    head = {"id": "c1", "created": 1, "object": "chat.completion.chunk", "model": body["model"]}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in (ANSWER, " and", " more")]
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    if body.get("stream_options", {}).get("include_usage"):
        yield {**head, "choices": [], "usage": _OPENAI_USAGE}


def _anthropic(body: dict[str, Any]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": ANSWER}]
    reason = "end_turn"
    if "tools" in body:
        tool = {"type": "tool_use", "id": "t1", "name": "lookup", "input": {"q": ARGUMENT}}
        content, reason = [*content, tool], "tool_use"
    return {
        "id": "m1", "type": "message", "role": "assistant", "model": body["model"],
        "content": content, "stop_reason": reason, "usage": _ANTHROPIC_USAGE,
    }  # fmt: skip


def _anthropic_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    usage = {**_ANTHROPIC_USAGE, "output_tokens": 1}
    yield {"type": "message_start", "message": {**_anthropic(body), "content": [],
           "stop_reason": None, "usage": usage}}  # fmt: skip
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for word in (ANSWER, " and", " more"):
        delta = {"type": "text_delta", "text": word}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
           "usage": {"output_tokens": 5}}  # fmt: skip
    yield {"type": "message_stop"}
