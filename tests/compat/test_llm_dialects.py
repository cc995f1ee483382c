"""Spans of Traceloop and OpenInference, of the real clients: the same lines, and no contents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.integrations.provider import ANSWER, ARGUMENT, QUESTION, serving

for package in ("openai", "anthropic", "opentelemetry.sdk", "openinference.instrumentation.openai"):
    pytest.importorskip(package)

pytestmark = pytest.mark.compat

REPOSITORY = Path(__file__).parents[2]
# A process of its own for each: an instrumentation changes its client for good, or nearly.
SCRIPT = """
import sys
root, url, question, hidden, content = sys.argv[1:]
if hidden:
    sys.modules[hidden] = None
import anthropic, openai, tracklab
settings = {"console": "off", "record_llm_content": content == "on"}
asked = [{"role": "user", "content": question}]
schema = {"type": "object"}
with tracklab.init(dir=root, id="r", system_monitor=False, settings=settings):
    with tracklab.autolog("openai", "anthropic"):
        client = openai.OpenAI(base_url=url + "/v1", api_key="x", max_retries=0)
        client.chat.completions.create(model="m", messages=asked, tools=[
            {"type": "function", "function": {"name": "lookup", "parameters": schema}}])
        list(client.chat.completions.create(
            model="m", messages=asked, stream=True, stream_options={"include_usage": True}))
        try:
            client.chat.completions.create(model="busy", messages=asked)
        except openai.RateLimitError:
            pass
        other = anthropic.Anthropic(base_url=url, api_key="x")
        other.messages.create(model="m", max_tokens=9, messages=asked)
"""


@pytest.mark.parametrize("hidden", ["", "openinference"], ids=["openinference", "traceloop"])
@pytest.mark.parametrize("content", ["off", "on"])
def test_other_instrumentations_leave_the_same_lines(root: Path, hidden: str, content: str) -> None:
    """Four calls; their words are recorded only where that is switched on."""
    with serving() as url:
        command = [sys.executable, "-c", SCRIPT, str(root), url, QUESTION, hidden, content]
        subprocess.run(command, cwd=REPOSITORY, check=True, timeout=120)
    written = (root / "uncategorized/r/llm.jsonl").read_bytes()
    calls = [line["data"] for line in map(orjson.loads, written.splitlines()[1:])]
    assert [one["success"] for one in calls] == [True, True, False, True]
    assert [one["tokens"]["prompt"] for one in calls if one["success"]] == [12, 12, 14]
    assert [one["tokens"]["cache_read"] for one in calls if one["success"]] == [4, 4, 4]
    assert 0 < calls[1]["ttft"] <= calls[1]["response_time"]
    assert calls[2]["error_type"] == "RateLimitError"
    found = [words for words in (QUESTION, ANSWER, ARGUMENT) if words.encode() in written]
    assert found == ([QUESTION, ANSWER, ARGUMENT] if content == "on" else [])
