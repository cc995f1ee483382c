"""What can go wrong with an artifact because of where it stands: still a draft, or a version.

    ArtifactStatusError (AttributeError)
    ├── ArtifactNotLoggedError   it is a draft, and only a version knows this
    └── ArtifactFinalizedError   it is closed, and only a draft can be changed so

They are attribute errors, so that `hasattr(artifact, "version")` answers what one expects.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from tracklab.errors import TrackLabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.artifacts.draft import Draft

__all__ = ["ArtifactFinalizedError", "ArtifactNotLoggedError", "ArtifactStatusError", "logged"]

_D = TypeVar("_D", bound="Draft")
_P = ParamSpec("_P")
_T = TypeVar("_T")


class ArtifactStatusError(TrackLabError, AttributeError):
    """An artifact is not in the state that a call or attribute needs.

    Attributes:
        obj: the artifact.
        name: what was asked of it.
    """

    def __init__(self, message: str = "", name: str = "", obj: object = None) -> None:
        super().__init__(message)
        self.name = name
        self.obj = obj


class ArtifactNotLoggedError(ArtifactStatusError):
    """The artifact is a draft: it has no version, aliases or stored files yet."""


class ArtifactFinalizedError(ArtifactStatusError):
    """The artifact is closed: files can no longer be added or removed."""


def logged(function: Callable[Concatenate[_D, _P], _T]) -> Callable[Concatenate[_D, _P], _T]:
    """Refuse a draft: only a version knows the answer."""
    name = function.__name__

    @wraps(function)
    def asked(self: _D, /, *args: _P.args, **options: _P.kwargs) -> _T:
        if self._version is None:
            raise ArtifactNotLoggedError(
                f"'Artifact.{name}' used prior to logging artifact. Log it first, with "
                "run.log_artifact(artifact).",
                name=name, obj=self,
            )  # fmt: skip
        return function(self, *args, **options)

    return asked
