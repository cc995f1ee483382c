"""A program that logs versions one after the other, and says of each when it is there.

python -m tests.artifacts.loggers ROOT NAME COUNT SEED
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tracklab.artifacts.artifact import Artifact


def main(root: str, name: str, count: str, seed: str) -> None:
    """Log `count` versions; some of their files are the same in all, some are new."""
    os.environ["TRACKLAB_DATA_DIR"] = root
    for number in range(int(count)):
        made = Artifact(name, "dataset", metadata={"seed": seed, "number": number})
        texts = {"same": "x" * 5_000, "sub/new": f"{seed}-{number}", "sub/copy": f"{seed}-{number}"}
        for path, text in texts.items():
            with made.new_file(path) as file:
                file.write(text)
        made.commit(Path(root), project="p", facts={}, aliases=["best"])
        os.write(1, f"{made.version} {seed}-{number}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
