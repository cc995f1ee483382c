"""What `import tracklab` costs the program that is monitored."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"click", "duckdb", "fastapi", "numpy", "pydantic", "rich", "starlette", "uvicorn"}
MAX_MODULES = 150

SHOW_MODULES = """
import json, sys
before = set(sys.modules)
import tracklab
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def modules_loaded_by_import() -> list[str]:
    """Return what a fresh interpreter loads for `import tracklab`, beyond its own start."""
    command = [sys.executable, "-I", "-c", SHOW_MODULES]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    names: list[str] = json.loads(done.stdout)
    return names


def test_importing_loads_few_modules_and_no_heavy_one() -> None:
    """A training script pays for names, not for a web framework or a numerical library."""
    names = modules_loaded_by_import()

    assert {name.split(".")[0] for name in names} & HEAVY == set()
    assert len(names) <= MAX_MODULES
