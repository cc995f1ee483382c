"""The experiments of the demo: what is tried, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tracklab.demo.model import Shape

__all__ = ["LONG_RUN", "RECIPES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """One training.

    Attributes:
        name: what people read in the table of runs.
        notes: why it is tried.
        shape: how large the model is.
        optimizer: `adam` or `momentum`.
        learning_rate: the largest step size, reached after `warmup` steps.
        warmup: steps until then.
        clip: the longest gradient that is followed as it is.
        batch: characters predicted in one step.
        steps: steps of the whole training.
        seed: of first weights and of the order of the text.
        pause_s: seconds to sleep after each step, to leave the processor to others.
        tags: labels for the table of runs.
    """

    name: str
    notes: str
    shape: Shape = field(default_factory=Shape)
    optimizer: str = "adam"
    learning_rate: float = 3e-3
    warmup: int = 100
    clip: float = 1.0
    batch: int = 192
    steps: int = 5000
    seed: int = 1
    pause_s: float = 0.0
    tags: tuple[str, ...] = ()

    def scaled(self, factor: float) -> Recipe:
        """Return this recipe with so many times the steps."""
        return replace(self, steps=max(1, round(self.steps * factor)))


#: In the order in which they are started; two of them run at a time.
RECIPES = (
    Recipe("baseline", "The middle of everything, to compare with.", tags=("baseline",)),
    Recipe("deeper", "Does a second layer help?", Shape(layers=2)),
    Recipe(
        "too-hot",
        "Plain momentum, and a learning rate that grows until training falls apart.",
        Shape(layers=2),
        optimizer="momentum",
        learning_rate=2.0,
        warmup=600,
        clip=float("inf"),
        batch=256,
        tags=("unstable",),
    ),
    Recipe("wider", "Are more units better than more layers?", Shape(hidden=352), steps=3500),
    Recipe("short-memory", "How much do the last six characters tell?", Shape(context=6)),
    Recipe("careful", "A tenth of the learning rate.", learning_rate=3e-4),
)

#: What an evening at the demo leaves running: small steps with long pauses.
LONG_RUN = Recipe(
    "night-shift",
    "Goes on for as long as the demo does, beside everything else.",
    Shape(layers=2, hidden=256),
    learning_rate=1e-3,
    steps=200_000,
    pause_s=0.05,
    tags=("long",),
)
