"""Ask every route of the API's document, about runs that a program has logged.

`python -m tests.server.answering` writes what came into the document's examples.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson

import tracklab
from tests.server.serving import Client
from tracklab.monitors import host
from tracklab.server.app import create_app
from tracklab.server.examples import ANSWERS, example_of
from tracklab.storage.identity import this_process
from tracklab.storage.sweeps import create
from tracklab.sweeps.results import Outcome, conclude

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Told", "every_answer", "logged"]

#: Method, path, status, content type, headers and body of one answer.
Told = tuple[str, str, int, str, httpx.Headers, bytes]

_JSON: Final = "application/json"
#: Asked one after the other, because each needs what the one before it did.
_LAST: Final = (
    "POST /api/views", "GET /api/views", "GET /api/views/{view_id}", "PATCH /api/views/{view_id}",
    "DELETE /api/views/{view_id}", "PATCH /api/runs/{run}", "DELETE /api/runs/{run}",
    "POST /api/runs/{run}/restore",
)  # fmt: skip
#: Fields that tell of the machine on which they were asked, and what stands for it.
_FIELDS: Final = {
    "code": "Zk3x9qd2fA0_-R7bQ1c4Tg",
    "id": "k3x9qd2fA0_-",
    "pid": 4242,
    "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
}
_COMMIT: Final = "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f"
_MOST_ITEMS, _MOST_FIELDS, _MOST_CHARS = 3, 40, 2_000


@contextmanager
def logged(root: Path) -> Iterator[None]:
    """Log what every route has something to tell of: one run that has ended, and one that lives."""
    options: dict[str, Any] = {
        "entity": "you", "project": "vision", "dir": root, "settings": {"console": "off"},
        "system_monitor": False,
    }  # fmt: skip
    with tracklab.init(
        id="demo1", name="demo one", config={"lr": 0.1}, tags=["baseline"], group="resnet",
        **options,
    ) as run:  # fmt: skip
        for step in range(3):
            run.log({"loss": 1 / (step + 1)})
        run.log({"samples": tracklab.Table(columns=["x", "y"], data=[[1, 2]])})
        run.write_logs("epoch 1 of 3\n")
        run.alert("loss is high", "0.9 after an epoch")
        with tracklab.llm_call("gpt-4o-mini", "openai") as call:
            call.tokens(prompt=12, completion=5)
        note = Path(run.dir, "note.txt")
        note.write_text("hello")
        with tracklab.checkpoint(note, step=2):
            note.write_text("hello")
        run.log_artifact(note, name="weights", type="model")
    search(root)
    with tracklab.init(id="demo2", name="demo two", **options) as run:
        run.log({"loss": 0.5})
        yield


def search(root: Path) -> None:
    """Begin a sweep whose first trial is the run that has ended."""
    told = {
        "name": "learning rates", "method": "random", "run_cap": 12,
        "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {"lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0}},
    }  # fmt: skip
    sweep = create(root, "vision", "search1", {"config": told})
    trial = sweep.claim(0, "demo1", {"lr": 0.1})
    assert trial is not None
    conclude(sweep, trial, Outcome(0))


def every_answer(root: Path) -> Iterator[Told]:
    """Yield what the server of `root` answers to the examples of each operation."""
    app = create_app(root, insecure=True)
    client = Client(app)
    paths = app.openapi()["paths"]
    found = {
        f"{method.upper()} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    view_id = ""
    for name in sorted(found, key=lambda name: _LAST.index(name) if name in _LAST else -1):
        told = list(_answers(client, name, found[name], view_id))
        yield from told
        if name == _LAST[0]:
            view_id = orjson.loads(told[0][-1])["id"]


def _answers(client: Client, name: str, operation: dict[str, Any], view_id: str) -> Iterator[Told]:
    method, path = name.split(" ")
    body = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("example", {})
    address = example_of(path.replace("{view_id}", view_id), operation)
    content = next(one for code, one in operation["responses"].items() if code.startswith("2"))
    for kind in content.get("content", {"": None}):
        reply = client.request(method, address, json=body, headers={"Accept": kind})
        got = reply.headers.get("content-type", "").partition(";")[0]
        yield method, path, reply.status_code, got, reply.headers, reply.content


def _shown(value: Any, name: str = "") -> Any:
    """Return an answer as an example: short, and of no machine in particular."""
    if name in _FIELDS and value is not None:
        return _FIELDS[name]
    if isinstance(value, dict):
        return {key: _shown(one, key) for key, one in list(value.items())[:_MOST_FIELDS]}
    if isinstance(value, list):
        return [_shown(one, name) for one in value[:_MOST_ITEMS]]
    return value[:_MOST_CHARS] if isinstance(value, str) else value


def _elsewhere(text: str, root: str) -> str:
    """Return a text that names nothing of this machine."""
    here = this_process()
    for ours, theirs in {
        root: "/srv/tracklab_logs",
        sys.argv[0]: "train.py",
        "'-m tests.server.answering": "train.py",  # as CSV has what begins like a formula
        "-m tests.server.answering": "train.py",
        here.boot_id: "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
        host.cpu_model(): "AMD EPYC 9354 32-Core Processor",
    }.items():
        text = text.replace(ours, theirs) if ours else text
    text = re.sub(r"\b[0-9a-f]{40}\b", _COMMIT, text)
    text = re.sub(r"\bLinux-[\w.-]+", str(_FIELDS["platform"]), text)
    return re.sub(rf"\b{re.escape(here.host)}\b", "box", text)


def _example(told: Told, root: str) -> Any:
    kind, body = told[3], told[-1]
    text = _elsewhere(body.decode(), root)
    return _shown(orjson.loads(text)) if kind == _JSON else text[:_MOST_CHARS]


def main() -> None:
    """Write the examples."""
    os.environ["TRACKLAB_AUTO_UI"] = "0"
    shown: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as root, logged(Path(root)):
        for told in every_answer(Path(root)):
            if told[3] in {_JSON, "text/csv", "text/plain"} and not told[1].endswith("/{path}"):
                shown.setdefault(f"{told[0]} {told[1]}", {})[told[3]] = _example(told, root)
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    ANSWERS.write_bytes(orjson.dumps(shown, option=option))


if __name__ == "__main__":
    main()
