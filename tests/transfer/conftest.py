"""What the tests of imports share: a command, and judges of what it left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import orjson
import pytest
from click.testing import CliRunner

from tracklab.cli.main import main
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

SCHEMA = Path(__file__).parents[2] / "docs/reference/format/line.schema.json"


@pytest.fixture
def tracklab(root: Path) -> Callable[..., Result]:
    """Return what runs a command on the test's data directory."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments), "--dir", str(root)])

    return run


@pytest.fixture
def told(tracklab: Callable[..., Result]) -> Callable[..., Any]:
    """Return what runs a command and gives what it says for programs."""

    def run(*arguments: object) -> Any:
        done = tracklab(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return orjson.loads(done.stdout)

    return run


@pytest.fixture
def engine(root: Path) -> LocalEngine:
    """Return what reads the imported runs, as everybody does."""
    return LocalEngine(root)


@pytest.fixture
def rows(engine: LocalEngine) -> Callable[..., list[dict[str, Any]]]:
    """Return what gives the rows of a run as readers see them, with the user's keys only."""

    def read(run: str, *keys: str) -> list[dict[str, Any]]:
        found = engine.rows(run, limit=100_000).rows
        hidden = {"_run_id", "_seq", "_runtime", "_timestamp"} - set(keys)
        return [{k: v for k, v in row.items() if k not in hidden} for row in found]

    return read


@pytest.fixture
def sound(root: Path, tracklab: Callable[..., Result]) -> Callable[[str], None]:
    """Return what checks a run: complete, each line valid, nothing left beside it."""

    def check(run: str) -> None:
        assert tracklab("verify", run).exit_code == 0
        validator = jsonschema.Draft202012Validator(orjson.loads(SCHEMA.read_bytes()))
        for path in (root / run).glob("*.jsonl"):
            for line in path.read_bytes().splitlines():
                validator.validate(orjson.loads(line))
        assert not (root / ".tracklab" / "imports").exists()

    return check
