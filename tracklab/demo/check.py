"""The demo's own verdict: is everything that was counted while it worked served over HTTP?"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.demo.loopback import open_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracklab.demo.tally import Tally

__all__ = ["Finding", "check", "table"]

_PATIENCE_S = 30.0
_PAUSE_S = 0.5


@dataclass(frozen=True)
class Finding:
    """One thing that was counted twice: by the demo, and in the server's answer."""

    run: str
    what: str
    counted: object
    served: object

    @property
    def right(self) -> bool:
        """Whether both counts are the same."""
        return self.counted == self.served

    @property
    def cell(self) -> str:
        """What a table shows: the count, or both where they differ."""
        return f"{self.served}" if self.right else f"{self.served}, NOT {self.counted}"


def check(url: str, tallies: Sequence[Tally]) -> list[Finding]:
    """Compare what runs did with what a server says about them.

    The server may be a moment behind what was written last, so it is asked again for up to 30
    seconds until it agrees.

    Args:
        url: of the server, without a slash at the end.
        tallies: counts of runs that have ended.
    """
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        findings = [finding for tally in tallies for finding in _findings(url, tally)]
        if all(finding.right for finding in findings) or time.monotonic() > deadline_s:
            return findings
        time.sleep(_PAUSE_S)


def table(findings: Sequence[Finding]) -> str:
    """Return what is served as text: a line per run, a column per kind, and what is wrong."""
    kinds = list(dict.fromkeys(finding.what for finding in findings))
    rows = [["run", *kinds]]
    for run in dict.fromkeys(finding.run for finding in findings):
        cells = {finding.what: finding.cell for finding in findings if finding.run == run}
        rows.append([run, *(cells.get(kind, "") for kind in kinds)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _findings(url: str, tally: Tally) -> Iterator[Finding]:
    run, name = tally.run, tally.name
    about = _get(url, f"/api/runs/{run}")
    yield Finding(name, "state", tally.state, about.get("status"))
    yield Finding(name, "step", tally.last_step, about.get("step"))

    keys = {key["key"]: key["count"] for key in _get(url, "/api/keys", runs=run).get("keys", ())}
    served = {metric: keys.get(metric, 0) for metric in tally.points}
    yield Finding(name, "metrics", len(tally.points), sum(map(bool, served.values())))
    yield Finding(name, "values", sum(tally.points.values()), sum(served.values()))
    if tally.nonfinite:
        metrics = ",".join(tally.nonfinite)
        series = _get(url, "/api/series", runs=run, keys=metrics, px="10").get("series", ())
        found = sum(len(one["nonfinite"]) for one in series)
        yield Finding(name, "NaN", sum(tally.nonfinite.values()), found)

    if tally.checkpoints:
        saved = _get(url, "/api/checkpoints", run=run).get("checkpoints", ())
        yield Finding(name, "checkpoints", len(tally.checkpoints), len(saved))
        size = sum(one["size"] for one in saved)
        yield Finding(name, "bytes", sum(tally.checkpoints.values()), size)
    if tally.calls:
        calls = _get(url, "/api/llm/stats", run=run).get("total", {})
        failed = sum(count for outcome, count in tally.calls.items() if outcome != "ok")
        yield Finding(name, "LLM calls", sum(tally.calls.values()), calls.get("count"))
        yield Finding(name, "failed", failed, calls.get("errors"))
        tokens = [calls.get(f"{kind}_tokens", 0) for kind in ("prompt", "completion")]
        yield Finding(name, "tokens", tally.prompt_tokens + tally.completion_tokens, sum(tokens))

    system = _get(url, "/api/keys", runs=run, stream="system").get("keys", ())
    sampled = any(key["key"] == "memory_percent" for key in system)
    yield Finding(name, "machine", "sampled", "sampled" if sampled else "missing")
    size = _get(url, "/api/logs", run=run, stream="stdout").get("size", 0)
    yield Finding(name, "console", "kept", "kept" if size else "missing")


def _get(url: str, path: str, **query: str) -> dict[str, Any]:
    """Return the server's answer; an empty one if it has none yet."""
    address = f"{url}{path}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    try:
        with open_url(request, timeout_s=_PATIENCE_S) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        pass  # the server is gone: everything it should have served will be found missing
    return {}
