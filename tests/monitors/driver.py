"""A driver library that answers the real binding: built from C, loaded by `pynvml` with ctypes.

What is exercised is what a machine with GPUs exercises: names of entry points, layouts of
structures, versions, codes of errors. Only the cards behind them are a table.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

__all__ = ["NEEDS_COMPILER", "Driver", "built"]

HERE = Path(__file__).parent

NEEDS_COMPILER = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="gcc builds the driver library that is asked"
)


def built(
    directory: Path, *, source: str = "nvml_library.c", name: str = "libnvidia-ml.so.1"
) -> Path:
    """Build a library from `source` as `name` in `directory`, and return the directory."""
    command = ["gcc", "-shared", "-fPIC", "-O1", f"-Wl,-soname,{name}"]
    subprocess.run([*command, "-o", directory / name, HERE / source], check=True)
    return directory


class Driver:
    """A machine with the cards of `nvml_library.c`, and what may happen to them.

    Args:
        directory: where the library lies.
        events: a directory in which tests say what happens.
    """

    def __init__(self, directory: Path, events: Path) -> None:
        self.directory = directory
        self.events = events

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a program that finds this driver."""
        return {
            **os.environ,
            "LD_LIBRARY_PATH": str(self.directory),
            "FAKE_NVML_DIR": str(self.events),
            **variables,
        }

    def lose(self, card: int | None) -> None:
        """Let a card leave the bus, or all be there again."""
        place = self.events / "lost"
        if card is None:
            place.unlink()
        else:
            place.write_text(str(card))

    def hold_back(self, reasons: int) -> None:
        """Let the clocks of card 0 be kept down, for reasons that are bits of NVML's."""
        (self.events / "reasons").write_text(str(reasons))

    def fault(self, card: int, xid: int) -> None:
        """Let the driver report an error of a card."""
        (self.events / "xid").write_text(f"{card} {xid}")

    def run(self, program: str, *arguments: str, **variables: str) -> str:
        """Run a Python program on this machine and return what it prints."""
        command = [sys.executable, "-c", program, *arguments]
        environment = self.environment(**variables)
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        return told.stdout

    def answer(self, question: str, **variables: str) -> Any:
        """Return what an expression over `gpu` and `nvml` is on this machine."""
        program = (
            f"import json\nfrom tracklab.monitors import gpu, nvml\nprint(json.dumps({question}))"
        )
        return json.loads(self.run(program, **variables))
