"""What the tests of media share: a run, and what it wrote."""

from __future__ import annotations

import hashlib
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
        dir=root, project="demo", system_monitor=False, settings={"console": "off"}
    ) as made:
        yield made


@pytest.fixture
def rows(run: Run) -> Callable[[], list[dict[str, Any]]]:
    """Return what reads the rows of the run, with the user's keys only."""

    def read() -> list[dict[str, Any]]:
        lines = map(orjson.loads, (run.run_dir / "history.jsonl").read_bytes().splitlines())
        return [
            {key: value for key, value in line.items() if not key.startswith("_")}
            for line in lines
            if "_step" in line
        ]

    return read


@pytest.fixture
def logged(run: Run, rows: Callable[[], list[dict[str, Any]]]) -> Callable[[Any], Any]:
    """Return what logs a value and returns what stands in the row for it.

    A file that the record names holds what it says.
    """

    def log(value: Any, key: str = "x") -> Any:
        run.log({key: value})
        record = rows()[-1][key]
        if isinstance(record, dict) and "path" in record:
            content = (run.run_dir / record["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == record["sha256"]
            assert len(content) == record["size"]
            assert record["sha256"][:20] in record["path"]
        return record

    return log


@pytest.fixture
def content(run: Run) -> Callable[[dict[str, Any]], bytes]:
    """Return what reads the file that a record names."""
    return lambda record: (run.run_dir / record["path"]).read_bytes()
