"""Examples for the API's document: of each parameter, and of each body.

Together they ask of one run, `vision/demo1`, which logged `loss`.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

__all__ = ["add_examples", "example_of"]

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
    "level": "warning",
    "library": "plotly",
    "limit": 100,
    "model": "gpt-4o-mini",
    "mtbf": 86_400,
    "name": "weights",
    "offset": 0,
    "order": "desc",
    "path": "files/note.txt",
    "project": "vision",
    "px": 1_000,
    "q": "out of memory",
    "re": "rank [0-9]+ failed",
    "read_only": True,
    "run": _RUN,
    "runs": _RUN,
    "search": "epoch",
    "smooth": "ema:0.9",
    "sort": "-summary.loss",
    "status": "running,finished",
    "stream": "history",
    "success": False,
    "tail": True,
    "type": "model",
    "version": "v3",
    "view_id": "k3x9qd2fA0_-",
    "x": "step",
    "x0": 0,
    "x1": 2_000_000_000,
    "/api/logs stream": "stderr",
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
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                example = _PARAMETERS.get(f"{path} {name}", _PARAMETERS.get(name))
                if example is not None:
                    parameter["example"] = example
            body = _BODIES.get(f"{method.upper()} {path}")
            if body is not None:
                operation["requestBody"]["content"]["application/json"]["example"] = body


def example_of(path: str, operation: dict[str, Any]) -> str:
    """Return the address that asks an operation with the examples of what it cannot do without."""
    needed = {one["name"]: one for one in operation.get("parameters", ()) if one["required"]}
    query = {name: one.get("example", name) for name, one in needed.items() if one["in"] == "query"}
    for name, one in needed.items():
        path = path.replace(f"{{{name}}}", quote(str(one.get("example", name))))
    return f"{path}?{urlencode(query, safe='/,')}" if query else path
