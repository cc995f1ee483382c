"""Search for good parameters as people do: begin a sweep, and let agents work on it.

python search.py DIRECTORY PROJECT             begin a sweep and print its address
python search.py DIRECTORY ADDRESS COUNT       run so many trials
python search.py DIRECTORY ADDRESS COUNT hold  the same, each of which waits for input to end
"""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

import tracklab

METRIC = {"name": "val/loss", "goal": "minimize"}
#: Rates over four orders of magnitude, and what matters less.
RANDOM: dict[str, Any] = {
    "name": "wide search",
    "method": "random",
    "run_cap": 30,
    "metric": METRIC,
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0},
        "dropout": {"min": 0.0, "max": 0.6},
        "model": {"parameters": {"layers": {"values": [2, 4, 8]}}},
        "optimizer": {"values": ["adamw", "sgd"]},
        "epochs": {"value": 3},
    },
}
#: The smallest rate fails three times, and the last trial is the best.
GRID: dict[str, Any] = {
    "name": "grid of twelve",
    "method": "grid",
    "metric": METRIC,
    "parameters": {
        **RANDOM["parameters"],
        "lr": {"values": [0.1, 0.0001, 0.001, 0.01]},
        "dropout": {"value": 0.1},
        "optimizer": {"value": "adamw"},
    },
}


def train(*, hold: bool = False) -> None:
    """Measure what is best at a rate of 0.01 with many layers; rates far from that diverge."""
    with tracklab.init(system_monitor=False) as run:
        config = run.config
        off = abs(math.log10(config.lr / 0.01))
        if off > 1.9:
            sys.exit(3)
        floor = 0.31 + 0.22 * off**2 + 0.9 / config.model["layers"] ** 2
        floor += 0.3 * (config.dropout - 0.1) ** 2 + 0.04 * (config.optimizer == "sgd")
        for epoch in range(config.epochs):
            run.log({"val/loss": floor + 0.6 * math.exp(-epoch)})
        if hold:
            sys.stdin.read()


def enter(directory: Path) -> None:
    """Work in this directory from now on, whatever fails."""
    os.environ.update(TRACKLAB_DATA_DIR=str(directory), TRACKLAB_CONSOLE="off")
    os.environ.update(TRACKLAB_SILENT="true", WANDB_AGENT_DISABLE_FLAPPING="true")


def make_search(directory: Path) -> None:
    """Leave a sweep whose trials have all ended in the project `search`."""
    enter(directory)
    tracklab.agent(tracklab.sweep(RANDOM, project="search"), train, project="search")


def main() -> None:
    directory, where, *asked = sys.argv[1:]
    enter(Path(directory))
    if not asked:
        print(f"{where}/{tracklab.sweep(GRID, project=where)}")
        return
    hold = "hold" in asked
    tracklab.agent(where, lambda: train(hold=hold), count=int(asked[0]))


if __name__ == "__main__":
    main()
