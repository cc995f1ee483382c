"""`python -m tests.bench`: measure the write path and print the table."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.artifacts import artifact_costs
from tests.bench.calls import call_costs
from tests.bench.growth import growth, monitors_growth, writers
from tests.bench.llm import llm_costs
from tests.bench.sampling import sampling
from tests.bench.starting import import_costs, start_costs
from tests.bench.table import Figure, markdown
from tests.crash.needs import ROUNDS
from tests.crash.test_sigkill import lost_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


QUICK = (import_costs, start_costs, call_costs, llm_costs, partial(growth, rows=100_000))


def kills(root: Path) -> list[Figure]:
    """Return how many acknowledged rows the kills cost, in each write mode."""
    figures = []
    for mode in ("sync", "thread"):
        lost, acknowledged = lost_rows(root / mode, write_mode=mode)
        budget = 0 if mode == "sync" else None
        name = f"rows lost over {ROUNDS} SIGKILLs, {mode} mode"
        figures.append(Figure(name, lost, budget, note=f"(of {acknowledged:,})"))
    return figures


def measured(parts: Sequence[Callable[[Path], list[Figure]]]) -> list[Figure]:
    """Run every part in a directory of its own; progress goes to stderr."""
    figures: list[Figure] = []
    for number, part in enumerate(parts, 1):
        print(f"measuring, part {number} of {len(parts)}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as place:
            figures += part(Path(place))
    return figures


def main() -> None:
    """Print the whole table; with `--json`, the quick figures for a script."""
    if "--json" in sys.argv:
        print(json.dumps([{**asdict(f), "used": f.used()} for f in measured(QUICK)]))
        return
    figures = measured(
        (import_costs, start_costs, call_costs, llm_costs, sampling, growth, monitors_growth,
         writers, artifact_costs, kills)
    )  # fmt: skip
    today = datetime.now(tz=timezone.utc).date()
    print(f"{today}, Python {platform.python_version()}, {platform.machine()}, make bench\n")
    print(markdown(figures))


if __name__ == "__main__":
    main()
