"""A program that strace can stop at any system call: `python -m tests.crash.stage`.

It loads everything once and then forks a child for each root that it reads. The child stops
itself until a tracer has attached, so that calls are counted from the same place each time and
none of them is an import's. It logs, acknowledges each row on a file of its own, and ends as any
program ends.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import tempfile

import tracklab

ROWS = 10
#: Rows wide enough that ten of them need a second segment.
ROW = {f"layer.{n}": n / 7 for n in range(20)}


def train(root: str, acknowledgements: int) -> None:
    """Log ten rows over two segments, and an alert, which is durable at once.

    All in one thread, for strace counts the calls of each: so there is no limit for the end.
    """
    run = tracklab.init(
        project="p", id="r", dir=root, resume="allow", config={"lr": 0.1}, system_monitor=False,
        settings={"segment_bytes": 4096, "console": "off", "finish_timeout": math.inf},
    )  # fmt: skip
    for n in range(ROWS):
        run.log({"n": n, **ROW})
        os.write(acknowledgements, b"%d\n" % n)
    run.alert("half way")
    run.finish()


def main() -> None:
    """Serve until the input ends."""
    with tempfile.TemporaryDirectory() as place:
        for _ in range(2):  # all that is loaded at first use is loaded now
            train(place, os.open(os.devnull, os.O_WRONLY))
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            root = line.strip()
            break
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    else:
        return
    files = [os.open(f"{root}.{name}", os.O_CREAT | os.O_WRONLY) for name in ("out", "err", "ack")]
    os.dup2(files[0], 1)
    os.dup2(files[1], 2)
    os.kill(os.getpid(), signal.SIGSTOP)
    train(root, files[2])
    print("trained")


if __name__ == "__main__":
    main()
