"""The whole demo, as `make demo ONCE=1` plays it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PLAY = "import sys; from pathlib import Path; from tracklab.demo import run_demo; "


@pytest.mark.functional
def test_everything_the_demo_did_is_served(root: Path) -> None:
    """Trainings, a failure, checkpoints and calls are there in the numbers the demo counted."""
    command = [sys.executable, "-c", PLAY + "sys.exit(run_demo(Path(sys.argv[1]), once=True))"]
    done = subprocess.run(
        [*command, str(root)], capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "all of them are served" in done.stdout
    assert "WRONG" not in done.stdout
