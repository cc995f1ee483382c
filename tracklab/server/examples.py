"""Examples for the API's document: of each parameter, each body, and each answer.

Together they ask of one run, `vision/demo1`, which logged `loss`. Answers were given by a server:
`python -m tests.server.answering` asks one for them and writes `answers.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

__all__ = ["ANSWERS", "add_examples", "example_of"]

#: By method and path, and by content type.
ANSWERS: Final = Path(__file__).with_name("answers.json")

_RUN: Final = "vision/demo1"
#: By name, and where a route means something else by that name, by path and name.
_PARAMETERS: Final[dict[str, Any]] = {
    "by": "config.lr",
    "cols": "name,status,summary.loss",
    "depth": 3,
    "f": "status = finished and summary.loss < 0.5",
    "format": "json",
    "group": "model",
    "inline": True,
    "key": "samples",
    "keys": "loss",
    "kind": "alert,log",
    "label": ["conversation_id=c-17"],
    "level": "warning",
    "library": "plotly",
    "limit": 100,
    "model": "gpt-4o-mini",
    "mtbf": 86_400,
    "name": "weights",
    "offset": 0,
    "operation": "chat",
    "order": "desc",
    "path": "files/note.txt",
    "project": "vision",
    "provider": "openai",
    "px": 1_000,
    "q": "out of memory",
    "re": "rank [0-9]+ failed",
    "rank": 0,
    "read_only": True,
    "run": _RUN,
    "runs": _RUN,
    "search": "epoch",
    "smooth": "ema:0.9",
    "y": "f32",
    "sort": "-summary.loss",
    "status": "running,finished",
    "sweep": "vision/search1",
    "stream": "history",
    "success": False,
    "tail": True,
    "type": "model",
    "version": "v0",
    "view_id": "k3x9qd2fA0_-",
    "width": 3_600,
    "x": "step",
    "x0": 0,
    "x1": 2_000_000_000,
    "/api/artifacts/{type}/{name}/{version}/files/{path} path": "note.txt",
    "/api/sweeps/{sweep} after": -1,
    "/api/logs stream": "stderr",
    "/api/run-groups by": "config.lr,group",
    "/api/run-groups columns": "summary.loss",
    "/api/run-groups sort": "-count",
    "/api/media type": "image-file,table-file",
    "/api/logs/search stream": "app,alerts",
}
_BODIES: Final[dict[str, Any]] = {
    "POST /api/query": {"sql": "SELECT run, min(loss) FROM history GROUP BY run", "limit": 100},
    "POST /api/series": {"runs": [_RUN], "keys": ["loss"], "x": "step", "px": 1_000},
    "PATCH /api/runs/{run}": {"name": "a better name", "tags": ["baseline"]},
    "POST /api/views": {"name": "Losses", "project": "vision", "data": {"keys": ["loss"]}},
    "PATCH /api/views/{view_id}": {"name": "Losses, smoothed"},
}


def add_examples(document: dict[str, Any]) -> None:
    """Put the examples into an OpenAPI document."""
    answers = orjson.loads(ANSWERS.read_bytes())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                example = _PARAMETERS.get(f"{path} {name}", _PARAMETERS.get(name))
                if example is not None:
                    parameter["example"] = example
            name = f"{method.upper()} {path}"
            if name in _BODIES:
                content = operation["requestBody"]["content"]["application/json"]
                content["example"] = _BODIES[name]
            _add_answers(operation["responses"], answers.get(name, {}))


def _add_answers(responses: dict[str, Any], answers: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status.startswith("2"):
            for kind, content in response.get("content", {}).items():
                if kind in answers:
                    content["example"] = answers[kind]


def example_of(path: str, operation: dict[str, Any]) -> str:
    """Return the address that asks an operation with the examples of what it cannot do without."""
    needed = {one["name"]: one for one in operation.get("parameters", ()) if one["required"]}
    query = {name: one.get("example", name) for name, one in needed.items() if one["in"] == "query"}
    for name, one in needed.items():
        path = path.replace(f"{{{name}}}", quote(str(one.get("example", name))))
    return f"{path}?{urlencode(query, safe='/,')}" if query else path
