"""`tracklab checkpoints` and `tracklab llm` as a user types them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from tests.query.files import event, segment
from tracklab.cli.main import main
from tracklab.cli.tables import bytes_text, seconds_text

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def tracklab(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def saved(root: Path) -> Path:
    """Write a run that saves every ten seconds; return the data directory."""
    parts = [event("tracklab.lifecycle", "start", {"start_time": "2026-11-20T17:40:00Z"})]
    for n in range(1, 5):
        data: dict[str, Any] = {
            "operation": "save", "success": n < 4, "duration": 2.0, "step": n * 100,
            "size": 3_000_000_000, "path": f"step-{n}.pt",
        }  # fmt: skip
        data |= {"error_type": "OSError"} if n == 4 else {}
        parts.append(event("tracklab.checkpoint", "checkpoint_save", data, at_s=10 * n))
    gone = {"operation": "remove", "path": "step-1.pt"}
    parts.append(event("tracklab.checkpoint", "checkpoint_remove", gone, at_s=41))
    parts.append(event("tracklab.lifecycle", "finish", {"exit_code": 143}, at_s=50))
    segment(root / "demo" / "r", parts, stream="events")
    return root


def test_checkpoints_tell_their_costs_and_advise(saved: Path) -> None:
    """A table, numbers over it, and the interval with what it rests on."""
    told = tracklab("checkpoints", "r", "--dir", saved).output
    for part in (
        "step-1.pt", "removed", "failed: OSError", "1.5GB/s", "3GB", "4 (1 failed)",
        "2s at 1.5GB/s", "8s, 16% of the time", "(1 interruption in 0.01389 h of 1 run)",
        "Young (1974) and Daly (2006)", "now            8s",
    ):  # fmt: skip
        assert part in told


def test_the_time_between_failures_may_be_given(saved: Path) -> None:
    """With a unit; programs get the same numbers."""
    told = tracklab("checkpoints", "r", "--dir", saved, "--mtbf", "6h", "--json").output
    advice = orjson.loads(told)["advice"]
    assert (advice["mtbf_s"], advice["mtbf_basis"]) == (21_600.0, "given")
    assert "save every     4m" in tracklab("checkpoints", "--dir", saved, "--mtbf", "21600s").output
    refused = tracklab("checkpoints", "--dir", saved, "--mtbf", "often")
    assert refused.exit_code == 2
    assert "Write a number and one of s, m, h, d, w" in refused.output


def test_failures_quicker_than_a_save_leave_no_advice(saved: Path) -> None:
    """No number beyond all measure stands for it."""
    told = tracklab("checkpoints", "r", "--dir", saved, "--mtbf", "0.01s").output
    assert "saving cannot pay: a save takes 2s" in told
    assert "now            8s: they add more than 900%" in told
    assert "e+" not in told


def test_slow_rates_are_told_in_small_units(root: Path) -> None:
    """With three digits, as sizes are."""
    data = {"operation": "save", "success": True, "duration": 1.0, "size": 2_498, "path": "a"}
    parts = [event("tracklab.checkpoint", "checkpoint_save", data)]
    segment(root / "demo" / "r", parts, stream="events")
    told = tracklab("checkpoints", "--dir", root).output
    assert "2.5kB/s" in told
    assert "median save    1s at 2.5kB/s" in told


def test_nothing_is_told_of_nothing(root: Path) -> None:
    """A project without checkpoints or calls."""
    segment(root / "p" / "a", [], stream="events")
    assert tracklab("checkpoints", "--dir", root).output == "No checkpoints.\n"
    assert tracklab("llm", "--dir", root, "-p", "p").output == "No LLM calls.\n"


def test_llm_calls_tell_times_tokens_and_costs(root: Path) -> None:
    """By model, with a line over all; what has no price is named."""
    lines = [
        event("tracklab.llm", "llm_call",
              {"model": f"m{n % 2}", "provider": "p", "response_time": 0.5, "ttft": 0.25,
               "success": n != 3, "tokens": {"prompt": 10, "completion": 5},
               **({"cost_usd": 0.5} if n % 2 else {})}, seq=n)
        for n in range(1, 6)
    ]  # fmt: skip
    segment(root / "p" / "a", lines, stream="llm")
    told = tracklab("llm", "a", "--dir", root).output
    for part in (
        "m0",
        "m1",
        "all",
        "33.3%",
        "500ms",
        "250ms",
        "$1.5",
        "given",
        "leave out 2 calls",
    ):
        assert part in told
    stats = orjson.loads(tracklab("llm", "-p", "p", "--dir", root, "--json").output)
    assert (stats["total"]["cost"], stats["total"]["ttft_p99"]) == (1.5, 0.25)
    (root / ".tracklab").mkdir()
    (root / ".tracklab" / "prices.yaml").write_text("prices: 3")
    assert "no list `prices`" in tracklab("llm", "a", "--dir", root).output
    assert "p " in tracklab("llm", "a", "--dir", root, "--by", "provider").output
    by_tokens = tracklab("llm", "a", "--dir", root, "--by", "tokens.prompt").output.split()
    assert by_tokens[0] == "tokens.prompt"
    assert "10" in by_tokens


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "-"), (0.00123, "1.23ms"), (4.5, "4.5s"), (425, "7m05s"), (12_000, "3h20m"),
        (187_200, "2d04h"), (59.99, "60s"), (3_599.9, "60m00s"),
    ],
)  # fmt: skip
def test_durations_are_short(seconds: float | None, expected: str) -> None:
    """Three digits, or two units."""
    assert seconds_text(seconds) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(None, "-"), (0, "0B"), (999, "999B"), (1_250_000, "1.25MB"), (1e30, "1e+15PB")],
)
def test_sizes_are_short(count: float | None, expected: str) -> None:
    """In units of 1,000 bytes."""
    assert bytes_text(count) == expected
