"""What a run can be asked about artifacts; `sdk.artifacts` does it, loaded when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracklab.sdk.naming import Named
from tracklab.storage.descriptors import lent

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from tracklab.artifacts.artifact import Artifact

__all__ = ["Versioned"]


class Versioned(Named):
    """Calls of a run that make or use versions of files."""

    @lent()
    def log_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the same call as wandb's
        aliases: Sequence[str] | str | None = None,
        tags: Sequence[str] | str | None = None,
    ) -> Artifact:
        """Keep an artifact as a version that this run made.

        The version is complete on disk when this returns. If the newest version of the name in
        this project has the same content, there is no new one, and the aliases go to that one.

        Args:
            artifact_or_path: an `Artifact`, a file, a directory, or an address such as
                `s3://bucket/file`.
            name: of a path; None for `run-<id>-<name of the file>`.
            type: of a path; None for `unspecified`.
            aliases: names for the version beside `latest`.
            tags: labels.

        Returns:
            The artifact, with its version. If the disk is full or fails it is still a draft, which
            is told on stderr and in an event, and its `wait()` raises a `StorageError`.

        Raises:
            UsageError: a name cannot be used, there is no such path, or the run is finished.
            StorageError: the store can never be written.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - few programs use artifacts

        self._refuse_if_finished("log_artifact()")
        return artifacts.log(
            self, artifact_or_path, name=name, kind=type, aliases=aliases, tags=tags  # type: ignore[arg-type] # every Versioned is a Run
        )  # fmt: skip

    @lent()
    def use_artifact(
        self,
        artifact_or_name: str | Artifact,
        type: str | None = None,  # noqa: A002 - as above
        aliases: Sequence[str] | str | None = None,
        use_as: str | None = None,  # noqa: ARG002 - as above
    ) -> Artifact:
        """Return a version, and record that this run uses it.

        Args:
            artifact_or_name: `name:v3`, `name:alias`, `project/name:alias`,
                `entity/project/name:alias`, or an artifact. Without a project this run's is
                searched, and all if that has no such name.
            type: its type; None for any.
            aliases: names that the version gets beside those it has.
            use_as: no effect.

        Raises:
            CommError: there is no such version, or several are meant.
            UsageError: it is of another type, or the run is finished.
            StorageError: a draft was given, and the store can never be written.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("use_artifact()")
        return artifacts.use(self, artifact_or_name, kind=type, aliases=aliases)  # type: ignore[arg-type] # as above

    @lent()
    def link_artifact(
        self, artifact: Artifact, target_path: str, aliases: Sequence[str] | str | None = None
    ) -> Artifact:
        """Let another collection hold a version, too; a draft is logged first.

        Args:
            artifact: what to link.
            target_path: `collection`, `project/collection` or `entity/project/collection`.
            aliases: what it is called there.

        Returns:
            The version in the other collection; a draft if the disk is full or fails, which is
            told as by `log_artifact`.

        Raises:
            UsageError: the path cannot be used, or the run is finished.
            StorageError: the store can never be written.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("link_artifact()")
        return artifacts.link(self, artifact, target_path, aliases)  # type: ignore[arg-type] # as above

    @lent()
    def log_model(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        aliases: Sequence[str] | str | None = None,
    ) -> Artifact:
        """Keep a file or directory as an artifact of type `model`; see `log_artifact`."""
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("log_model()")
        return artifacts.log_model(self, path, name, aliases)  # type: ignore[arg-type] # as above

    @lent()
    def use_model(self, name: str) -> str:
        """Copy a model's files and return where they lie: the file, if there is but one.

        Raises:
            CommError: there is no such version.
            AssertionError: its type does not hold the word `model`.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("use_model()")
        return artifacts.use_model(self, name)  # type: ignore[arg-type] # as above

    @lent()
    def link_model(
        self,
        path: str | os.PathLike[str],
        registered_model_name: str,
        name: str | None = None,
        aliases: Sequence[str] | str | None = None,
    ) -> Artifact:
        """Keep a path as a model and link it to the collection of that name in `model-registry`.

        Returns:
            The version there; a draft if the disk is full or fails, as from `link_artifact`.

        Raises:
            UsageError: a name cannot be used, there is no such path, or the run is finished.
            StorageError: the store can never be written.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("link_model()")
        return artifacts.link_model(self, path, registered_model_name, name=name, aliases=aliases)  # type: ignore[arg-type] # as above

    @lent()
    def upsert_artifact(
        self,
        artifact_or_path: Artifact | str,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - as above
        aliases: Sequence[str] | str | None = None,  # noqa: ARG002 - those of finish_artifact count
        distributed_id: str | None = None,
    ) -> Artifact:
        """Keep a part of an artifact that several runs make; `finish_artifact` joins the parts.

        Args:
            artifact_or_path: the part.
            name: of a path, the same in all runs.
            type: of a path.
            aliases: no effect here.
            distributed_id: what all the runs call it; None for their group.

        Returns:
            The part. If the disk is full or fails it is not kept, which is told as by
            `log_artifact`.

        Raises:
            UsageError: neither an id nor a group is given, or the run is finished.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("upsert_artifact()")
        return artifacts.add_part_of(self, artifact_or_path, name, type, distributed_id)  # type: ignore[arg-type] # as above

    @lent()
    def finish_artifact(
        self,
        artifact_or_path: Artifact | str,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - as above
        aliases: Sequence[str] | str | None = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Make a version of the parts that were kept by `upsert_artifact`, and of this one.

        Arguments and errors are those of `upsert_artifact`; `aliases` name the version.
        """
        from tracklab.sdk import artifacts  # noqa: PLC0415 - as above

        self._refuse_if_finished("finish_artifact()")
        return artifacts.finish_parts(
            self, artifact_or_path, name, type, aliases, distributed_id  # type: ignore[arg-type] # as above
        )  # fmt: skip

    if TYPE_CHECKING:  # the run has it

        def _refuse_if_finished(self, what: str) -> None: ...
