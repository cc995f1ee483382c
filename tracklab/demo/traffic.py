"""What the users of the demo's service ask, and when: mostly little, sometimes too much."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracklab.demo import corpus
from tracklab.demo.service import AT_A_TIME, LONGEST_ANSWER, LONGEST_PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PATIENCE_S", "WORKERS", "Question", "traffic"]

#: Users at a time: more than the service works on, so that a crowd is turned away in part.
WORKERS = AT_A_TIME + 2
#: Seconds without a byte after which a caller gives up.
PATIENCE_S = 20.0

_CROWD_EVERY = 120  # questions
_KINDS = {"chat": 53, "completion": 43, "too long": 2, "impatient": 2}
_SHARES = (0.7, 0.3)  # of the users' favourite model, and of the other one


@dataclass(frozen=True)
class Question:
    """One call to make.

    Attributes:
        model: who is asked.
        prompt: what is asked.
        longest: characters the answer may have.
        operation: `chat` or `completion`.
        stream: whether the answer comes in parts.
        patience_s: seconds without a byte after which the caller gives up.
    """

    model: str
    prompt: str
    longest: int = 200
    operation: str = "chat"
    stream: bool = False
    patience_s: float = PATIENCE_S


def traffic(
    models: list[str], *, calls: float, per_s: float, stop: Callable[[], bool]
) -> Iterator[Question]:
    """Yield questions at random moments, as independent users would ask them.

    Now and then a crowd asks for long answers all at once.

    Args:
        models: two names, the users' favourite first.
        calls: how many to yield; may be infinite.
        per_s: how many a second, on average, outside a crowd.
        stop: asked before each question whether to end early.
    """
    pages = corpus.decode(corpus.load().held_out)
    dice = random.Random(1)  # noqa: S311  # a simulation, not a secret
    made = 0
    while made < calls and not stop():
        crowded = made % _CROWD_EVERY >= _CROWD_EVERY - WORKERS
        kind = "crowd" if crowded else dice.choices(*zip(*_KINDS.items(), strict=True))[0]
        yield _question(kind, dice.choices(models, _SHARES)[0], pages, dice)
        made += 1
        if not crowded:
            time.sleep(dice.expovariate(per_s))


def _question(kind: str, model: str, pages: str, dice: random.Random) -> Question:
    start = dice.randrange(len(pages) - 2 * LONGEST_PROMPT)
    prompt = pages[start : start + round(dice.lognormvariate(4.5, 0.6))]
    if kind == "chat":
        return Question(model, prompt, round(dice.lognormvariate(5, 0.8)), stream=True)
    if kind == "completion":
        return Question(model, prompt, round(dice.lognormvariate(5.5, 1.2)), kind)
    if kind == "too long":
        return Question(model, pages[start : start + LONGEST_PROMPT + len(prompt)])
    patience_s = 0.05 if kind == "impatient" else PATIENCE_S
    return Question(model, prompt, LONGEST_ANSWER, "completion", patience_s=patience_s)
