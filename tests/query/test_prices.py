"""What calls cost, against a sum by hand and against the library asked for each call."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from tests.query.files import event, segment
from tracklab.query.engines.local import LocalEngine
from tracklab.query.prices import Prices

if TYPE_CHECKING:
    from tracklab.query.engine import Engine

EXAMPLE = Path(__file__).parents[2] / "config" / "prices.yaml"


def call(model: str, provider: str = "p", **data: Any) -> dict[str, Any]:
    """Return the data of a call of a million tokens each way."""
    tokens = {"prompt": 1_000_000, "completion": 1_000_000}
    return {"model": model, "provider": provider, "tokens": tokens, **data}


@pytest.fixture
def priced(root: Path) -> Path:
    """Put the example of `config/` in its place; return the data directory."""
    place = root / ".tracklab" / "prices.yaml"
    place.parent.mkdir()
    place.write_bytes(EXAMPLE.read_bytes())
    return root


def usd(root: Path, data: dict[str, Any]) -> tuple[float, str] | None:
    """Return the cost of a call and its basis."""
    found = Prices(root).cost(data, None)
    return None if found is None else (round(found.usd, 9), found.basis)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (call("small-1", "local"), (0.25, "file")),
        (call("small-1", "elsewhere"), None),
        (call("large-7"), (10.0, "file")),
        (call("alias", response_model="large-7"), (10.0, "file")),
        (call("large-7", tokens={"prompt": 1_000_000, "cache_read": 600_000}), (1.1, "file")),
        (call("large-7", tokens={"prompt": 1_000_000, "cache_write": 1_000_000}), (2.5, "file")),
        (call("search-1"), (0.01, "file")),
        (call("search-1", tokens={}), None),
        (call("large-7", tokens="many"), None),
        (call("large-7", cost_usd=0.125), (0.125, "given")),
        (call("nobody-knows", cost_usd=3), (3.0, "given")),
        (call("nobody-knows"), None),
        (call("large-7", success=False, tokens={"prompt": 9}), None),
        (call("large-7", success=False), (10.0, "file")),
        (call("large-7", success=False, tokens={"prompt": 9, "completion": -5}), None),
        (call("large-7", tokens={"prompt": 1_000_000, "completion": -5}), (2.0, "file")),
    ],
)
def test_the_users_prices_are_used(
    priced: Path, data: dict[str, Any], expected: tuple[float, str] | None
) -> None:
    """The first entry that fits; a cost in the line wins; nothing is guessed; sums say the same."""
    assert usd(priced, data) == expected
    segment(priced / "p" / "a", [event("tracklab.llm", "llm_call", data)], stream="llm")
    total = LocalEngine(priced).llm_stats().total
    assert (total.cost, total.cost_basis) == (expected or (None, None))


def test_another_file_may_be_named(
    priced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the environment; it replaces the one in the data directory."""
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump({"prices": [{"model": "large-7", "input": 1}]}))
    monkeypatch.setenv("TRACKLAB_PRICES", str(other))
    assert usd(priced, call("large-7")) == (1.0, "file")
    assert usd(priced, call("small-1", "local")) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- [", "no YAML"),
        ("!!python/object/apply:os.system [id]", "no YAML"),
        ("prices: 3", "no list `prices`"),
        ("prices: [3]", "Price 1 has no `model`"),
        ("prices: [{model: a}, {model: b, inptu: 1}]", "Price 2 has inptu"),
        ("prices: [{model: a, input: free}]", "a input of 'free'"),
        ("prices: [{model: a, output: -1}]", "a output of -1"),
        ("prices: [{model: a, provider: 3}]", "provider that is no text"),
        ("#" * 2_000_000, "over"),
    ],
)
def test_a_file_that_is_wrong_is_told(engine: Engine, root: Path, content: str, says: str) -> None:
    """In one sentence beside the numbers, which stay; no path is in it."""
    place = root / ".tracklab" / "prices.yaml"
    place.parent.mkdir()
    place.write_text(content)
    line = event("tracklab.llm", "llm_call", call("m", cost_usd=1.5))
    segment(root / "p" / "a", [line], stream="llm")
    stats = engine.llm_stats()
    assert stats.total.cost == 1.5
    assert stats.cost_note is not None
    assert str(root) not in stats.cost_note
    assert says in stats.cost_note


def test_costs_add_up(engine: Engine, priced: Path) -> None:
    """In all and by model; calls without a known price are counted, not guessed."""
    lines = [
        event("tracklab.llm", "llm_call", data, seq=seq)
        for seq, data in enumerate(
            [call("large-1"), call("large-1"), call("mystery"), call("mystery", cost_usd=0.5),
             call("dark"), call("dark", success=False)], 1
        )
    ]  # fmt: skip
    segment(priced / "p" / "a", lines, stream="llm")
    stats = engine.llm_stats(project="p")
    assert (stats.total.cost, stats.total.unpriced) == (20.5, 2)
    assert stats.total.cost_basis == "file, given"
    assert {one.group: (one.cost, one.cost_basis) for one in stats.groups} == {
        "large-1": (20.0, "file"), "mystery": (0.5, "given"), "dark": (None, None),
    }  # fmt: skip
    costs = [one.cost for one in engine.llm_calls(order="asc").calls]
    assert costs == [10, 10, None, 0.5, None, None]


def test_the_librarys_prices_are_its_own(root: Path) -> None:
    """For every model of three providers: what it says itself, tiers and hours included."""
    library = pytest.importorskip("genai_prices")
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - as above

    chance, prices = np.random.default_rng(7), Prices(root)
    at_s = 1_795_196_400.0
    models = [
        (provider.id, model.id)
        for provider in get_snapshot().providers
        if provider.id in {"openai", "anthropic", "google", "deepseek"}
        for model in provider.models
    ]
    compared = 0
    for provider, model in models:
        prompt, completion = int(chance.integers(1_000_000)), int(chance.integers(100_000))
        read, written = prompt // 3, prompt // 5
        usage = library.Usage(
            input_tokens=prompt, output_tokens=completion, cache_read_tokens=read,
            cache_write_tokens=written,
        )  # fmt: skip
        moment = datetime.fromtimestamp(at_s, tz=timezone.utc)
        try:
            expected = library.calc_price(
                usage, model, provider_id=provider, genai_request_timestamp=moment
            )
        except (LookupError, ValueError):
            continue
        tokens = {"prompt": prompt, "completion": completion, "cache_read": read}
        data = call(model, provider, tokens={**tokens, "cache_write": written})
        found = prices.cost(data, at_s)
        assert found is not None, (provider, model)
        assert found.usd == pytest.approx(float(expected.total_price)), (provider, model)
        compared += 1
    assert compared > 100


def test_nobody_is_charged_for_a_model_of_ones_own(root: Path) -> None:
    """A name that the library knows costs nothing known where the provider is another, or none."""
    pytest.importorskip("genai_prices")
    assert usd(root, call("gpt-4o-mini", "openai")) == (0.75, "genai-prices")
    assert usd(root, call("gpt-4o-mini", "vllm")) is None
    assert usd(root, call("gpt-4o-mini", "unknown")) is None


def test_the_library_is_loaded_only_for_a_call_that_needs_it(root: Path) -> None:
    """In a process of its own: it is slow to load."""
    code = (
        "import sys; from pathlib import Path; from tracklab.query.prices import Prices\n"
        f"prices = Prices(Path({str(root)!r}))\n"
        "prices.cost({'cost_usd': 1, 'provider': 'openai', 'model': 'm'}, None)\n"
        "prices.cost({'provider': 'unknown', 'model': 'm', 'tokens': {'prompt': 1}}, None)\n"
        "print('genai_prices' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
