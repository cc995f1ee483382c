"""What the tests against other packages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(
        dir=root, system_monitor=False, settings={"console": "off"}, reinit="finish_previous"
    ) as made:
        yield made


@pytest.fixture
def told(run: Run) -> Callable[[], list[dict[str, Any]]]:
    """Return what reads the data of the run's checkpoint events but the beginnings, in order."""

    def read() -> list[dict[str, Any]]:
        lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
        found = [line["data"] for line in lines if line["logger"] == "tracklab.checkpoint"]
        return [data for data in found if data["operation"] != "begin"]

    return read
