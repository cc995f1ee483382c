"""`python -m tests.bench.importing [ROWS]`: what imports cost, beside a plain reading of the file.

The plain reading only takes the records out of their framing, checksums included. Rows have five
numbers; in TensorBoard's files each number is an event of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import Figure, markdown
from tests.transfer.encoding import (
    START_S,
    level_log,
    message,
    single,
    tf_log,
    wandb_row,
    wandb_run,
)
from tracklab.transfer import tensorboard, wandb
from tracklab.transfer.framing import Damage, level_records, tf_records
from tracklab.transfer.landing import bring

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["importing"]

KEYS = ("loss", "accuracy", "lr", "grad_norm", "epoch")
SMALL = 2_000


def wandb_file(path: Path, rows: int) -> None:
    """Write a log of wandb's."""
    values = ({key: n / (step + 1) for n, key in enumerate(KEYS)} for step in range(rows))
    records = (wandb_row(step, row) for step, row in enumerate(values))
    path.write_bytes(level_log([wandb_run(), *records]))


def tensorboard_file(path: Path, rows: int) -> None:
    """Write a file of events."""
    events = [
        message(_1=float(START_S + step), _2=step, _5=message(_1=message(_1=key) + single(2, n)))
        for step in range(rows)
        for n, key in enumerate(KEYS)
    ]
    path.write_bytes(tf_log([message(_1=float(START_S), _3="brain.Event:2"), *events]))


def plain_wandb(path: Path) -> None:
    """Take the records out of a log."""
    with path.open("rb") as file:
        for _ in level_records(file, Damage(), header_bytes=7):
            pass


def plain_tensorboard(path: Path) -> None:
    """Take the records out of a file of events."""
    with path.open("rb") as file:
        for _ in tf_records(file, Damage()):
            pass


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def importing(place: Path, rows: int) -> list[Figure]:
    """Return the figures of both formats."""
    return [
        *_of("wandb", wandb, wandb_file, plain_wandb, place / "run-r1.wandb", rows),
        *_of("tensorboard", tensorboard, tensorboard_file, plain_tensorboard,
             place / "events.out.tfevents.1", rows),
    ]  # fmt: skip


#: Run apart: what this process needed to write the file would hide what an import needs.
CHILD = """
import sys
from pathlib import Path
from tracklab.transfer import tensorboard, wandb
from tracklab.transfer.landing import bring

def peak_mb():
    return float(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024

find = {"wandb": wandb.find, "tensorboard": tensorboard.find}[sys.argv[1]]
peaks = []
for number, path in enumerate(sys.argv[2:4]):
    bring(find(Path(path))[0], Path(sys.argv[4]), project=str(number))
    peaks.append(peak_mb())
print(peaks[1] - peaks[0])
"""


def grown_mb(name: str, small: Path, large: Path, root: Path) -> float:
    """Return how much more memory a large import needs than a small one, in MiB."""
    command = [sys.executable, "-c", CHILD, name, str(small), str(large), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return float(done.stdout)


def _of(  # noqa: PLR0917 - one format
    name: str,
    tool: ModuleType,
    write: Callable[[Path, int], None],
    read: Callable[[Path], None],
    path: Path,
    rows: int,
) -> list[Figure]:
    root = path.parent / f"{name}-runs"
    small = path.with_name(f"small-{path.name}")
    write(small, SMALL)
    bring(tool.find(small)[0], root, project="small")  # loads what an import needs
    write(path, rows)
    (found,) = tool.find(path)
    cold_s = seconds(lambda: bring(found, root))
    again_s = seconds(lambda: bring(found, root))
    plain_s = seconds(lambda: read(path))
    size = f"({path.stat().st_size / 2**20:.1f} MiB, {rows:,} rows)"
    return [
        Figure(f"{name}: rows/s imported", rows / cold_s, 5_000, at_least=True, note=size),
        Figure(f"{name}: rows/s when there is nothing new", rows / again_s),
        Figure(f"{name}: rows/s of a plain reading", rows / plain_s),
        Figure(f"{name}: an import takes so many plain readings", cold_s / plain_s),
        Figure(
            f"{name}: more memory than for {SMALL:,} rows, MiB",
            grown_mb(name, small, path, root / "apart"),
            16,
        ),
    ]


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as place:
        print(markdown(importing(Path(place), rows)))


if __name__ == "__main__":
    main()
