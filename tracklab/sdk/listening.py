"""Other packages' writers, which report to a run while it lasts because `init()` was told so."""

from __future__ import annotations

from contextlib import ExitStack
from importlib import import_module

__all__ = ["listening"]


def listening(*, tensorboard: bool, gym: bool) -> ExitStack:
    """Listen to writers, until what is returned is closed.

    Args:
        tensorboard: to those for TensorBoard.
        gym: to recorders of Gymnasium's videos.

    Raises:
        MissingPackageError: what is to be listened to is not installed.
    """
    with ExitStack() as begun:  # what has begun ends if the rest cannot begin
        for name, wanted in (("tensorboard", tensorboard), ("gym", gym)):
            if wanted:
                # By name: what knows frameworks lies above what they are told of here.
                module = import_module(f"tracklab.integrations.{name}")
                begun.enter_context(module.listening())
        return begun.pop_all()
