"""What an installation brings along, and what it says about itself."""

from __future__ import annotations

import re
from importlib import metadata

import tracklab

DISTRIBUTION = "tracklab-local"

#: A new one needs a sentence in docs/decisions/ first.
DIRECT = {
    "click", "duckdb", "fastapi", "google-re2", "h11", "numpy", "nvidia-ml-py", "orjson", "psutil",
    "python-json-logger", "pyyaml", "rich", "structlog", "uvicorn", "watchfiles",
}  # fmt: skip


def required(*, extra: str | None) -> set[str]:
    """Return the names of the distributions that an installation with `extra` asks for."""
    chosen = [
        line
        for line in metadata.requires(DISTRIBUTION) or []
        if (re.findall(r"extra == .([\w-]+)", line) or [None]) == [extra]
    ]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in chosen}


def test_the_direct_dependencies_are_the_ones_that_were_decided() -> None:
    """Nothing is installed on a user's machine by accident."""
    assert required(extra=None) == DIRECT


def test_the_version_is_the_packages_own() -> None:
    """`tracklab.__version__` is the one place where the version is written."""
    assert metadata.version(DISTRIBUTION) == tracklab.__version__


def test_an_extra_brings_something_that_the_core_does_not() -> None:
    """An extra that adds nothing would be a promise without content."""
    extras = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []

    assert "dev" in extras
    assert all(required(extra=extra) - DIRECT for extra in extras)
