"""A program that ends in a given way: `endings.py WAY PLACE ROOT`, without tracklab if ROOT is `-`.

PLACE is where the end comes: in the program itself, in a thread, or in a child that was forked or
spawned. Each place logs five rows first, and the program two of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from typing import Any

ROWS = 5


class _Nothing:
    """What a program without tracklab has instead of a run."""

    def log(self, row: dict[str, Any]) -> None:
        """Do nothing."""


def begun(root: str, **options: Any) -> Any:
    """Return the program's run."""
    if root == "-":
        return _Nothing()
    import tracklab  # noqa: PLC0415 - a program without it must not load it

    return tracklab.init(project="p", id="r", dir=root, **options)


def fall(way: str) -> None:
    """End as `way` says."""
    if way == "exit":
        sys.exit(3)
    elif way == "raise":
        raise ValueError(way)
    elif way == "_exit":
        os._exit(5)
    elif way == "abort":
        os.abort()
    elif way != "return":
        os.kill(os.getpid(), getattr(signal, way))
        if threading.current_thread() is threading.main_thread():
            signal.pause()


def work(run: Any, way: str) -> None:
    """Log rows and end."""
    for n in range(ROWS):
        run.log({"n": n})
    fall(way)


def spawned(root: str, way: str) -> None:
    """Work in a process that shares nothing with its parent but the run's name."""
    work(begun(root, resume="allow", settings={"console": "off"}), way)


def main() -> None:
    """Log, let the end come, and say what came of it."""
    way, place, root = sys.argv[1:]
    run = begun(root)
    run.log({"parent": 1})
    if place == "program":
        print("working", flush=True)
        work(run, way)
    elif place == "thread":
        thread = threading.Thread(target=work, args=(run, way), name="worker")
        thread.start()
        thread.join()
    else:
        context: Any = multiprocessing.get_context(place)
        target, first = (spawned, root) if place == "spawn" else (work, run)
        child = context.Process(target=target, args=(first, way), name="worker")
        child.start()
        child.join()
        print("child", child.exitcode)
    run.log({"parent": 2})
    print("end")


if __name__ == "__main__":
    main()
