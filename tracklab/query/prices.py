"""What an LLM call cost in US dollars, worked out when it is read.

A cost that the line holds wins: the provider or the user said it. Then the user's own prices, a
YAML file; then the table of the package `genai-prices`, if that is installed. A call without a
known price has no cost: a model by the same name on one's own machine costs nobody's price.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from tracklab.errors import QueryError
from tracklab.records.fields import number, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tracklab.records.calls import Kind

    Floats = NDArray[np.float64]

__all__ = ["COST_COLUMNS", "Cost", "Prices"]

_TOKEN_COLUMNS = ("prompt", "completion", "cache_read", "cache_write")
#: What the cost of calls is made of: fields of `records.calls.Call`.
COST_COLUMNS = ("time_s", "given_usd", "refused", *_TOKEN_COLUMNS)

_FILE = Path(".tracklab", "prices.yaml")
_FILE_MAX_BYTES = 1 << 20
_MILLION = 1e6
#: Tokens of the probes that tell a plain price from one in tiers: all below, one by one above.
_PROBES = (1_000, 100_000, 250_000, 1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars, and who says so: `given`, `file` or `genai-prices`."""

    usd: float
    basis: str


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The tokens of a call, 0 or more; `prompt` holds those from and to a cache, too."""

    prompt: int
    completion: int
    cache_read: int
    cache_write: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """US dollars per million tokens, and per call."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float | None = None
    cache_write: float | None = None
    request: float = 0.0

    def of(self, tokens: _Tokens) -> float:
        plain = max(tokens.prompt - tokens.cache_read - tokens.cache_write, 0)
        read = self.input if self.cache_read is None else self.cache_read
        written = self.input if self.cache_write is None else self.cache_write
        per_million = (
            plain * self.input
            + tokens.cache_read * read
            + tokens.cache_write * written
            + tokens.completion * self.output
        )
        return per_million / _MILLION + self.request

    def of_many(
        self, prompt: Floats, completion: Floats, cache_read: Floats, cache_write: Floats
    ) -> Floats:
        """Return the same for many calls."""
        plain = np.maximum(prompt - cache_read - cache_write, 0)
        read = self.input if self.cache_read is None else self.cache_read
        written = self.input if self.cache_write is None else self.cache_write
        per_million: Floats = (
            plain * self.input + cache_read * read + cache_write * written
            + completion * self.output
        )  # fmt: skip
        return per_million / _MILLION + self.request


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the user's file; a model may end in `*`, no provider means any."""

    model: str
    provider: str | None
    rates: _Rates

    def fits(self, provider: str, model: str) -> bool:
        if self.provider is not None and self.provider != provider:
            return False
        if self.model.endswith("*"):
            return model.startswith(self.model[:-1])
        return model == self.model


class Prices:
    """The prices that hold for one data directory, as they are now.

    Attributes:
        fault: what is wrong with the user's file, in one sentence; None if nothing is. Calls
            then cost what the other sources say.
    """

    def __init__(self, root: Path) -> None:
        self.fault: str | None = None
        self._entries: list[_Entry] = []
        chosen = os.environ.get("TRACKLAB_PRICES")
        path = Path(chosen).expanduser() if chosen else root / _FILE
        try:
            self._entries = read_prices(path)
        except FileNotFoundError:
            if chosen:
                self.fault = "TRACKLAB_PRICES names a file that does not exist."
        except OSError as error:
            self.fault = f"The file of prices cannot be read: {error.strerror}."
        except QueryError as error:
            self.fault = str(error)

    @property
    def version(self) -> str:
        """What changes with the user's file, where that says other prices."""
        return repr((self._entries, self.fault))

    def cost(self, data: dict[str, Any], time_s: float | None) -> Cost | None:
        """Return the cost of a call, None if nothing tells it.

        Args:
            data: of its event.
            time_s: when it was, epoch seconds, for prices that changed; None for now.
        """
        given = number(data.get("cost_usd"))
        if given is not None:
            return Cost(given, "given")
        tokens = _tokens_of(data)
        if tokens is None or (data.get("success") is False and not tokens.completion):
            return None  # what was refused is charged by nobody
        provider = text(data.get("provider")) or ""
        names = [name for key in ("response_model", "model") if (name := text(data.get(key)))]
        for name in names:
            entry = next((one for one in self._entries if one.fits(provider, name)), None)
            if entry is not None:
                return Cost(entry.rates.of(tokens), "file")
        for name in names:
            usd = _library_usd(provider, name, tokens, time_s)
            if usd is not None:
                return Cost(usd, "genai-prices")
        return None

    def may_tell(self, kind: Kind) -> bool:
        """Return whether calls of a kind may have a price beside what they tell themselves."""
        names = [name for name in (kind.response_model, kind.model) if name]
        return any(
            _library_knows(kind.provider, name)
            or any(one.fits(kind.provider, name) for one in self._entries)
            for name in names
        )

    def costs(self, kind: Kind, told: Mapping[str, Floats]) -> tuple[Floats, str | None]:
        """Return what many calls of one kind cost, NaN where nothing tells, and who says so.

        Args:
            kind: of all of them.
            told: the columns `COST_COLUMNS`, of one length.

        Returns:
            US dollars; and the basis of those that do not tell their cost themselves.

        Cost: 20 ns a call; 0.3 ms where the price depends on more than tokens.
        """
        usd = told["given_usd"].copy()
        counted = ~(np.isnan(told["prompt"]) & np.isnan(told["completion"]))
        charged = ~((told["refused"] == 1) & ~(np.nan_to_num(told["completion"]) > 0))
        open_ = np.flatnonzero(np.isnan(usd) & counted & charged)
        names = [name for name in (kind.response_model, kind.model) if name]
        if not len(open_) or not names:
            return usd, None
        tokens = [np.maximum(np.nan_to_num(told[name][open_]), 0) for name in _TOKEN_COLUMNS]
        for name in names:
            entry = next((one for one in self._entries if one.fits(kind.provider, name)), None)
            if entry is not None:
                usd[open_] = entry.rates.of_many(*tokens)
                return usd, "file"
        for name in names:
            found = _library_usds(kind.provider, name, tokens, told["time_s"][open_])
            missing = np.isnan(usd[open_])
            usd[open_[missing]] = found[missing]
        return usd, "genai-prices" if not np.isnan(usd[open_]).all() else None


def read_prices(path: Path) -> list[_Entry]:
    """Return the entries of a file of prices.

    Raises:
        QueryError: it is not as `config/prices.yaml` shows.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        content = file.read(_FILE_MAX_BYTES + 1)
    if len(content) > _FILE_MAX_BYTES:
        raise QueryError(f"The file of prices is over {_FILE_MAX_BYTES} bytes. Keep it smaller.")
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise QueryError("The file of prices is no YAML. config/prices.yaml shows one.") from None
    entries = found.get("prices") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise QueryError(
            "The file of prices has no list `prices`. config/prices.yaml shows what it holds."
        )
    return [_entry(place, one) for place, one in enumerate(entries, 1)]


def _entry(place: int, one: Any) -> _Entry:
    known = {field.name for field in fields(_Rates)}
    if not isinstance(one, dict) or not isinstance(one.get("model"), str):
        raise QueryError(f"Price {place} has no `model`: the name of one, or its beginning and *.")
    provider = one.get("provider")
    if provider is not None and not isinstance(provider, str):
        raise QueryError(f"Price {place} has a provider that is no text: {provider!r}.")
    unknown = set(one) - known - {"model", "provider"}
    if unknown:
        raise QueryError(
            f"Price {place} has {_listed(unknown)}. It takes model, provider, {_listed(known)}."
        )
    rates = {name: number(one[name]) for name in known & set(one)}
    wrong = [name for name, rate in rates.items() if rate is None or rate < 0]
    if wrong:
        raise QueryError(
            f"Price {place} has a {wrong[0]} of {one[wrong[0]]!r}. It is US dollars per million "
            "tokens (request: per call), 0 or more."
        )
    return _Entry(
        one["model"], provider, _Rates(**{n: r for n, r in rates.items() if r is not None})
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names)))


def _tokens_of(data: dict[str, Any]) -> _Tokens | None:
    counts = data.get("tokens")
    if not isinstance(counts, dict):
        return None
    told = [whole(counts.get(kind)) for kind in _TOKEN_COLUMNS]
    if told[:2] == [None, None]:
        return None
    return _Tokens(*(max(count or 0, 0) for count in told))


# --- the library


@cache
def _library() -> Any:
    """Return `genai_prices`, None without it. Cost: up to a second, once in a process."""
    try:
        import genai_prices  # noqa: PLC0415 - not everybody has it, and it is slow to load
    except ImportError:
        return None
    return genai_prices


def _library_usd(provider: str, model: str, tokens: _Tokens, time_s: float | None) -> float | None:
    if provider in {"", "unknown"} or _library() is None:
        return None
    rates = _library_rates(provider, model)
    if isinstance(rates, _Rates):
        return rates.of(tokens)
    return _calculated(provider, model, tokens, time_s) if rates else None


def _library_usds(provider: str, model: str, tokens: Sequence[Floats], time_s: Floats) -> Floats:
    nothing = np.full(len(time_s), np.nan)
    if provider in {"", "unknown"} or _library() is None:
        return nothing
    rates = _library_rates(provider, model)
    if isinstance(rates, _Rates):
        return rates.of_many(*tokens)
    if not rates:
        return nothing
    found = [
        _calculated(provider, model, _Tokens(*map(int, counts)), None if np.isnan(at) else at)
        for *counts, at in zip(
            *(column.tolist() for column in tokens), time_s.tolist(), strict=True
        )
    ]
    return np.array([np.nan if usd is None else usd for usd in found])


def _library_knows(provider: str, model: str) -> bool:
    if provider in {"", "unknown"} or _library() is None:
        return False
    return _library_rates(provider, model) is not False


@lru_cache(maxsize=4096)
def _library_rates(provider: str, model: str) -> _Rates | bool:
    """Return plain rates; True if the price depends on more than tokens, False if unknown.

    The library takes 0.3 ms for each call. Most prices are a sum of plain rates: those are
    asked for once.
    """
    ask = _probe(provider, model)
    first = ask(input_tokens=_PROBES[0])
    if first is None:
        return False
    if not _is_plain(provider, model):
        return True
    per_million = {}
    for kind in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"):
        whole_input = kind.startswith("cache")  # cached tokens are a part of the input
        found = []
        for count in _PROBES:
            usd = ask(**{kind: count}, **({"input_tokens": count} if whole_input else {}))
            found.append(None if usd is None else usd * _MILLION / count)
        if None in found or not all(
            math.isclose(one or 0, found[0] or 0, abs_tol=1e-9) for one in found
        ):
            return True
        per_million[kind.removesuffix("_tokens")] = found[0] or 0.0
    return _Rates(**per_million)


def _probe(provider: str, model: str) -> Any:
    def ask(**counts: int) -> float | None:
        return _calculated_usage(provider, model, counts, None)

    return ask


def _is_plain(provider: str, model: str) -> bool:
    """Return whether the price is the same at all hours and dates."""
    library = _library()
    usage = library.Usage(input_tokens=_PROBES[0])
    found = library.calc_price(usage, model, provider_id=provider)
    return isinstance(found.model.prices, type(found.model_price))


def _calculated(provider: str, model: str, tokens: _Tokens, time_s: float | None) -> float | None:
    counts = {
        "input_tokens": tokens.prompt, "output_tokens": tokens.completion,
        "cache_read_tokens": tokens.cache_read, "cache_write_tokens": tokens.cache_write,
    }  # fmt: skip
    return _calculated_usage(provider, model, counts, time_s)


def _calculated_usage(
    provider: str, model: str, counts: dict[str, int], time_s: float | None
) -> float | None:
    library = _library()
    when = None if time_s is None else datetime.fromtimestamp(time_s, tz=timezone.utc)
    try:
        found = library.calc_price(
            library.Usage(**counts), model, provider_id=provider, genai_request_timestamp=when
        )
    except (LookupError, ValueError):
        return None
    return float(found.total_price)
