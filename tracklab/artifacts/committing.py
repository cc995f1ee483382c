"""How a draft becomes a version, and how a version ends."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.artifacts.exceptions import logged
from tracklab.artifacts.manifest import ArtifactManifest
from tracklab.artifacts.saying import Saying
from tracklab.artifacts.store import commit, delete
from tracklab.artifacts.versions import LATEST, living
from tracklab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from typing_extensions import Self

__all__ = ["Committing"]


class Committing(Saying):
    """The part of an artifact that makes and deletes versions."""

    def commit(
        self,
        root: Path,
        *,
        project: str,
        facts: dict[str, Any],
        aliases: Iterable[str] = (),
        tags: Iterable[str] = (),
        file_mode: int = 0o600,
    ) -> bool:
        """Make a version of the draft, in a data directory; return whether it is a new one.

        Args:
            root: the data directory.
            project: the project that it is logged to.
            facts: what else its metadata say: who logged it, and when in the run.
            aliases: beside `latest`.
            tags: labels.
            file_mode: permission bits.

        Raises:
            OSError: it cannot be written; it is still a draft then.
        """
        self.refuse_lost()
        manifest = self._whole(root, project) if self._incremental else self._entries
        told = {
            "id": secrets.token_hex(8), "type": self._type, "name": self._name,
            "project": project, "description": self._description, "metadata": self._metadata,
            "tags": list(tags), "use_as": self._use_as, "ttl_s": self._ttl_s, **facts,
        }  # fmt: skip
        version, new = commit(
            root, self._type, self._name, manifest=manifest, told=told,
            aliases=[alias for alias in aliases if alias != LATEST], file_mode=file_mode,
            now=clock.rfc3339(clock.now()),
        )  # fmt: skip
        self._mode = file_mode
        self._become(root, version)
        return new

    def _whole(self, root: Path, project: str) -> ArtifactManifest:
        own = [v for v in living(root, self._type, self._name) if v.project == project]
        whole = ArtifactManifest(own[-1].manifest().entries if own else {})
        for entry in self._entries.entries.values():
            whole.add_entry(entry, overwrite=True)
        return whole

    def wait(self, timeout: int | None = None) -> Self:  # noqa: ARG002 - nothing is waited for
        """Return the artifact: what was logged is complete when logging returns.

        Raises:
            ArtifactNotLoggedError: it is a draft.
            StorageError: it was logged, and the disk did not take it.
        """
        if self._failure is not None:
            raise self._failure
        return self._self()

    @logged
    def _self(self) -> Self:
        return self

    def fail(self, failure: Exception) -> None:
        """Say why it could not be logged; `wait()` raises that until it was."""
        self._failure = failure

    @logged
    def delete(self, delete_aliases: bool = False) -> None:  # noqa: FBT001, FBT002 - wandb's call
        """Delete the version; its number is never given again.

        Args:
            delete_aliases: also if it is called something beside `latest`.

        Raises:
            UsageError: it has aliases.
        """
        named = [alias for alias in self._aliases if alias != LATEST]
        if named and not delete_aliases:
            raise UsageError(
                f"{self.name} is still called {', '.join(named)}. Pass delete_aliases=True to "
                "delete it nevertheless."
            )
        self._version = delete(
            self._place, self._known, now=clock.rfc3339(clock.now()), file_mode=self._mode
        )

    @logged
    def new_draft(self) -> Self:
        """Return a draft with the same files, description and metadata."""
        made = type(self)(self._name, self._type, self._description, dict(self._metadata))
        made._manifest = ArtifactManifest(self._entries.entries)  # noqa: SLF001 - its own
        return made
