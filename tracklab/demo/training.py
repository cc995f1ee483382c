"""One training of the demo: `python -m tracklab.demo.training RECIPE --root DIR`.

This is what monitoring a training with TrackLab looks like, and all that it takes: `init()`,
`run.log()`, `checkpoint()` and `Histogram`. The machine and the console record themselves.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import tracklab
from tracklab.demo import model
from tracklab.demo.learning import Step, steps
from tracklab.demo.recipes import LONG_RUN, RECIPES, Recipe
from tracklab.demo.stopping import stopper
from tracklab.demo.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["train"]

_BAR = 24  # characters of the progress bar
_BAR_EVERY = 25  # steps


def train(recipe: Recipe, *, root: Path, tally: Tally, stop: Callable[[], bool]) -> None:
    """Train a model and record all of it.

    Args:
        recipe: what to train.
        root: the data directory.
        tally: counts made beside the recording.
        stop: asked after each step whether to end early.

    Raises:
        FloatingPointError: the loss is no longer a number; the run then counts as failed.
    """
    with tracklab.init(
        project="demo",
        name=recipe.name,
        notes=recipe.notes,
        tags=["training", *recipe.tags],
        group="search",
        job_type="training",
        config=asdict(recipe),
        dir=root,
        settings={"monitor_interval": 1.0},
    ) as run:
        # Told before the first row: the summary keeps the least of these, not the last.
        run.define_metric("val/loss", summary="min")
        tally.begin(run.address, recipe.name)
        for step in steps(recipe):
            row = step.values | {name: histogram(array) for name, array in step.arrays.items()}
            tally.row(row, step=step.number)
            run.log(row, step=step.number)
            save(run, recipe, step, tally=tally)
            show(recipe, step)
            refuse_nan(run, step, tally=tally)
            if stop():
                break


def save(run: tracklab.Run, recipe: Recipe, step: Step, *, tally: Tally) -> None:
    """Save a checkpoint if it is time for one; how long it took and its size get recorded."""
    if step.to_save is None:
        return
    path = Path(run.dir) / "checkpoints" / f"step-{step.number:06d}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tracklab.checkpoint(path, step=step.number):
        model.save(path, step.to_save, recipe.shape)
    tally.checkpoint(path, score=float(step.values["val/loss"]))


def refuse_nan(run: tracklab.Run, step: Step, *, tally: Tally) -> None:
    """Raise an alert and end the training if its loss is no longer a number."""
    loss, rate = (float(step.values[name]) for name in ("train/loss", "learning_rate"))
    if math.isfinite(loss):
        return
    tally.state = "failed"
    text = f"The loss is {loss} at step {step.number}, with a learning rate of {rate:.3g}"
    run.alert("The loss is not a number", text, "ERROR")
    raise FloatingPointError(f"{text}. Choose a lower one.")


def histogram(array: NDArray[Any]) -> tracklab.Histogram:
    """Return the distribution of an array's values, counted by numpy."""
    counts, edges = np.histogram(array, bins=48)
    return tracklab.Histogram(np_histogram=(counts.tolist(), edges.tolist()))


def show(recipe: Recipe, step: Step) -> None:
    """Print a bar that is drawn over, and a line that stays for each evaluation."""
    values, done = step.values, step.number / recipe.steps
    if "val/loss" in values:
        print(
            f"\r{recipe.name:>14} {done:4.0%}  step {step.number:>6}  "
            f"train {values['train/loss']:.3f}  held out {values['val/loss']:.3f}"
        )
    elif step.number % _BAR_EVERY == 0:
        bar = "#" * round(_BAR * done)
        print(f"\r{recipe.name:>14} {done:4.0%}  [{bar:.<{_BAR}}]", end="", flush=True)


def main() -> None:
    """Run one recipe by name."""
    recipes = {recipe.name: recipe for recipe in (*RECIPES, LONG_RUN)}
    parser = argparse.ArgumentParser(description="Train one small language model.")
    parser.add_argument("recipe", choices=sorted(recipes))
    parser.add_argument("--root", type=Path, required=True, help="the data directory")
    parser.add_argument("--tally", type=Path, required=True, help="where to write the counts")
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the steps")
    arguments = parser.parse_args()
    recipe = recipes[arguments.recipe].scaled(arguments.scale)
    tally = Tally()
    try:
        # A diverging training overflows before it is NaN; numpy would print a warning for each.
        with np.errstate(all="ignore"):
            train(recipe, root=arguments.root, tally=tally, stop=stopper())
    finally:
        tally.save(arguments.tally)


if __name__ == "__main__":
    main()
