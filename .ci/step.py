"""Run one step of the build: one line of progress, and the end of its output if it fails.

    step.py NAME COMMAND...

The output goes to `test-results/logs/NAME.log`. While the step runs, a terminal shows the last
line of it and the seconds; elsewhere a line appears every half minute, so that a long step never
looks dead. What the step says last stands behind its result, or its totals if it has any.
Only the standard library: this runs before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

LOGS = Path("test-results", "logs")
NAME_WIDTH = 20
TAIL_LINES = 60
TAIL_BYTES = 4096
BEAT_S = 30.0
INTERRUPTED = 130
TOTALS = re.compile(r"\b\d+ (passed|failed)\b")
# Some tools colour even a file; some make links of the places they name.
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")


def main(arguments: list[str]) -> int:
    """Run the step and return its exit status."""
    name, *command = arguments
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (re.sub(r"[^a-z0-9]+", "-", name.lower()) + ".log")
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
        )
        status = wait(process, name, log, started)
    seconds = time.monotonic() - started
    mark = "FAIL" if status else "ok  "
    say(f"{mark} {name:{NAME_WIDTH}} {seconds:6.1f} s  {last_words(log)}")
    if status:
        said = COLOUR.sub("", log.read_text("utf-8", "replace")).splitlines()
        say("\n".join(said[-TAIL_LINES:]))
        say(f"'{' '.join(command)}' ended with exit status {status}. All it said: {log}")
    return status


def wait(process: subprocess.Popen[bytes], name: str, log: Path, started: float) -> int:
    """Wait for the step to end, showing that it lives."""
    next_beat = BEAT_S
    while True:
        try:
            return process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            return INTERRUPTED
        line = f"...  {name:{NAME_WIDTH}} {seconds:6.1f} s"
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write(f"\r\x1b[K{line}  {last_words(log)}"[: width + 4])
            sys.stdout.flush()
        elif seconds > next_beat:
            next_beat += BEAT_S
            say(line)


def last_words(log: Path) -> str:
    """Return the totals a step printed, or else its last line; at most 80 characters."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace").replace("\r", "\n")
    lines = [line.strip(" =") for line in COLOUR.sub("", text).splitlines()]
    said = [line for line in lines if line.strip("-")]
    totals = [line for line in said if TOTALS.search(line)]
    return (totals or said or [""])[-1][:80]


def say(text: str) -> None:
    """Print over the line that showed life, and at once: a pipe must not keep it to itself."""
    start = "\r\x1b[K" if sys.stdout.isatty() else ""
    print(f"{start}{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
