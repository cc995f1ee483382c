"""What can go wrong with an artifact because of where it stands: still a draft, or a version.

    ArtifactStatusError (AttributeError)
    ├── ArtifactNotLoggedError   it is a draft, and only a version knows this
    └── ArtifactFinalizedError   it is closed, and only a draft can be changed so

They are attribute errors, so that `hasattr(artifact, "version")` answers what one expects.
"""

from __future__ import annotations

from tracklab.errors import TrackLabError

__all__ = ["ArtifactFinalizedError", "ArtifactNotLoggedError", "ArtifactStatusError"]


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
