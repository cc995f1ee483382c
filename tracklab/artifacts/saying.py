"""What is said of a version and may change: description, metadata, aliases, tags, time to live.

It is written when it is set, and by `save()` where a list or dict was changed in place.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.artifacts.exceptions import ArtifactNotLoggedError, logged
from tracklab.artifacts.known import Known
from tracklab.artifacts.names import check_aliases, check_metadata, check_tags
from tracklab.artifacts.states import ArtifactTTL
from tracklab.artifacts.store import change, claims
from tracklab.artifacts.versions import LATEST, aliases_of
from tracklab.errors import ArgumentTypeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracklab.artifacts.versions import Version

__all__ = ["Saying"]

#: A thousand years: what is over later than that has no date.
_TTL_MOST: Final = timedelta(days=365_250)


class Saying(Known):
    """The part of an artifact that can be changed after it was logged."""

    @property
    def description(self) -> str | None:
        """A text about it; can be set."""
        return self._description

    @description.setter
    def description(self, description: str | None) -> None:
        self._description = description
        self._tell()

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict about it; can be set. Call `save()` after a change in place."""
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: dict[str, Any]) -> None:
        self._metadata = check_metadata(metadata)
        self._tell()

    @property
    @logged
    def aliases(self) -> list[str]:
        """What it is called beside its version; can be set."""
        return self._aliases

    @aliases.setter
    @logged
    def aliases(self, aliases: str | Sequence[str]) -> None:
        before, self._aliases = self._aliases, check_aliases(aliases)
        try:
            self._tell()
        except OSError:
            self._aliases = before
            raise

    @property
    @logged
    def tags(self) -> list[str]:
        """Labels; can be set."""
        return self._tags

    @tags.setter
    @logged
    def tags(self, tags: str | Sequence[str]) -> None:
        self._tags = check_tags(tags)
        self._tell()

    @property
    @logged
    def ttl(self) -> timedelta | None:
        """How long it lives from its creation; None for ever. `tracklab artifact gc` ends it."""
        return None if self._ttl_s is None else timedelta(seconds=self._ttl_s)

    @ttl.setter
    def ttl(self, ttl: timedelta | ArtifactTTL | None) -> None:
        if ttl is not None and not isinstance(ttl, timedelta | ArtifactTTL):
            raise ArgumentTypeError(
                f"Artifact.ttl takes a timedelta or None; got {ttl!r}. Write timedelta(days=30)."
            )
        if isinstance(ttl, timedelta) and not timedelta(0) < ttl <= _TTL_MOST:
            raise UsageError(
                f"Artifact.ttl is positive and at most {_TTL_MOST.days} days; got {ttl!r}. Write "
                "timedelta(days=30), or None for ever."
            )
        self._ttl_s = ttl.total_seconds() if isinstance(ttl, timedelta) else None
        self._tell()

    def save(self, project: str | None = None, settings: Any = None) -> None:  # noqa: ARG002 - the same call
        """Write what was changed in place: metadata, aliases, tags.

        Raises:
            ArtifactNotLoggedError: it is a draft; log it with a run.
        """
        if self._version is None:
            raise ArtifactNotLoggedError(
                "Artifact.save() of a draft needs a run. Write run.log_artifact(artifact).",
                name="save", obj=self,
            )  # fmt: skip
        self._tell()

    def _tell(self) -> None:
        if self._version is None:
            return
        metadata, tags = check_metadata(self._metadata), check_tags(self._tags)
        wanted = [alias for alias in check_aliases(self._aliases) if alias != LATEST]

        def edit(record: dict[str, Any], versions: list[Version]) -> None:
            record.update(
                metadata=metadata, tags=tags, description=self._description, ttl_s=self._ttl_s
            )
            held = set(aliases_of(versions).get(self._known.number, ())) - {LATEST}
            if held != set(wanted):
                record["aliases"] = {
                    **record["aliases"], **claims(versions, dict.fromkeys(held), wanted)
                }  # fmt: skip

        version = change(
            self._place, self._version, edit, now=clock.rfc3339(clock.now()), file_mode=self._mode
        )
        self._become(self._place, version)
