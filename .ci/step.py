"""Run one step of the build: one line of progress, and the end of its output if it fails.

    step.py NAME COMMAND...

The output goes to `test-results/logs/NAME.log`. While the step runs, a terminal shows the last
line of it and the seconds; elsewhere a line appears every half minute, so that a long step never
looks dead. The step's own last line stands behind its result: it is where tools put their totals.
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
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


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
    say(f"{mark} {name:{NAME_WIDTH}} {seconds:6.1f} s  {last_line(log)}")
    if status:
        say("\n".join(log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:]))
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
            sys.stdout.write(f"\r\x1b[K{line}  {last_line(log)}"[: width + 4])
            sys.stdout.flush()
        elif seconds > next_beat:
            next_beat += BEAT_S
            say(line)


def last_line(log: Path) -> str:
    """Return the last line with text in it, without colours, at most 80 characters."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace").replace("\r", "\n")
    lines = [line.strip(" =") for line in COLOUR.sub("", text).splitlines()]
    return next((line[:80] for line in reversed(lines) if line.strip("-")), "")


def say(text: str) -> None:
    """Print over the line that showed life, and at once: a pipe must not keep it to itself."""
    start = "\r\x1b[K" if sys.stdout.isatty() else ""
    print(f"{start}{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
