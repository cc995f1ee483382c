"""What state an artifact is in, and how long a version lives."""

from __future__ import annotations

from enum import Enum

__all__ = ["ArtifactState", "ArtifactTTL"]


class ArtifactState(str, Enum):
    """Where an artifact stands."""

    PENDING = "PENDING"
    COMMITTED = "COMMITTED"
    DELETED = "DELETED"


class ArtifactTTL(Enum):
    """How long a version lives, if not for a given time."""

    #: As long as its collection says: here for ever, as no collection says anything.
    INHERIT = 0
