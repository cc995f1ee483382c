"""What a run can be asked beside logging: to keep files, watch models, alert, and say how it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.sdk.alerts import alert_level, wait_s
from tracklab.sdk.versioned import Versioned
from tracklab.storage.console import ConsoleFile
from tracklab.storage.descriptors import lent

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from tracklab.artifacts.artifact import Artifact
    from tracklab.sdk.alerts import AlertLevel
    from tracklab.sdk.config import Config, ConfigStatic
    from tracklab.sdk.watching import Watches

__all__ = ["Extras", "RunStatus"]


@dataclass(frozen=True)
class RunStatus:
    """What still has to be sent to another machine: never anything."""

    sync_items_total: int = 0
    sync_items_pending: int = 0
    sync_time: Any = None


class Extras(Versioned):
    """Calls of a run that write an event, or nothing at all; `Run` adds rows and its life."""

    config: Config
    _watches: Watches | None = None

    def alert(
        self,
        title: str,
        text: str = "",
        level: str | AlertLevel | None = None,
        wait_duration: float | timedelta | None = None,
    ) -> None:
        """Write an alert, shown in the UI and kept with the run.

        Args:
            title: what happened, in a few words.
            text: more about it.
            level: `INFO` (default), `WARN` or `ERROR`.
            wait_duration: seconds in which the same title is delivered once, None for 60; every
                call is recorded.

        Raises:
            UsageError: the level is another, or the run is finished.
        """
        self._refuse_if_finished("alert()")
        self.event(
            "tracklab.alert", title,
            {"title": title, "text": text, "wait_duration": wait_s(wait_duration)},
            level=alert_level(level), durable=True,
        )  # fmt: skip

    @lent()
    def save(
        self,
        glob_str: str | os.PathLike[str],
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
        glob: bool = True,
    ) -> bool | list[str]:
        """Keep files with the run, under `files/` in its directory.

        Args:
            glob_str: a path, or a pattern of paths; of a directory all files are kept.
            base_path: the directory whose inside is kept. None means the working directory for a
                relative path; of an absolute one the last directory stays.
            policy: `now` copies at once; `live` and `end` link, and copy when the run ends.
            glob: whether `glob_str` is a pattern.

        Returns:
            Where the files lie in the run; nothing for a pattern without files.

        Raises:
            UsageError: the policy is another, a file lies outside of `base_path`, or the run is
                finished.
            ArgumentTypeError: `glob_str` is no path.
        """
        from tracklab.sdk import saving  # noqa: PLC0415 - few programs save files

        self._refuse_if_finished("save()")
        return saving.save(self, glob_str, base_path, policy, glob=glob)  # type: ignore[arg-type] # every Extras is a Run

    @lent()
    def restore(
        self,
        name: str,
        run_path: str | None = None,
        replace: bool = False,
        root: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Open a file that a run keeps, this one or another of the data directory.

        Args:
            name: its path below the run's `files/`.
            run_path: the run: `run_id`, `project/run_id` or `entity/project/run_id`; None for
                this one.
            replace: fetch it again although it is here.
            root: where to put it; None for this run's `dir`.

        Returns:
            The file, open for reading as text.

        Raises:
            CommError: there is no such run.
            UsageError: it keeps no such file.
        """
        from tracklab.sdk import saving  # noqa: PLC0415 - as above

        return saving.restore(name, run_path, replace, root, run=self)  # type: ignore[arg-type] # as above

    @lent()
    def log_code(
        self,
        root: str | os.PathLike[str] = ".",
        name: str | None = None,
        include_fn: Callable[..., Any] | None = None,
        exclude_fn: Callable[..., Any] | None = None,
        *,
        include: Sequence[str] = ("*.py", "*.ipynb"),
        exclude: Sequence[str] = (),
    ) -> Artifact | None:
        """Keep a copy of source files in the run, below `files/code/`, and as an artifact.

        Never taken: what links lead to, hidden directories, virtual environments, `node_modules`,
        caches, runs, files such as `.env` and private keys, a file over 10 MiB, and what goes
        beyond 5,000 files or 100 MiB. In a notebook its cells are kept as well.

        Args:
            root: the directory with the source.
            name: what to call this copy in its event, and the artifact of type `code`; None for
                `source-<project>-<program>`.
            include_fn: told a file's path, and the root if it takes two arguments, returns
                whether to take it, instead of `include`.
            exclude_fn: the same; a file it says yes to is not taken.
            include: patterns of names or of paths below the root.
            exclude: the same, of files that are not taken.

        Returns:
            The artifact; None if no file was taken. If the disk is full or fails it is a draft, or
            None, and that is told. The copies in the run are listed in an event.

        Raises:
            UsageError: there is no such directory, or the run is finished.
            ArgumentTypeError: patterns are given as one text.
        """
        self._refuse_if_finished("log_code()")
        from tracklab.sdk.code import log_code  # noqa: PLC0415 - few programs ask for it

        return log_code(
            self, root, name=name, include=include, exclude=exclude,  # type: ignore[arg-type] # as above
            chosen=include_fn, refused=exclude_fn,
        )  # fmt: skip

    @lent()
    def watch(
        self,
        models: Any,
        criterion: Any = None,  # noqa: ARG002 - what other programs pass
        log: str | None = "gradients",
        log_freq: int = 1000,
        idx: int | None = None,
        log_graph: bool = False,
    ) -> None:
        """Log the distributions of a torch model's gradients and weights while it trains.

        Args:
            models: a `torch.nn.Module`, or several; one that is watched already stays as it is.
            criterion: not used.
            log: `gradients` (as `gradients/<parameter>`), `parameters`, `all`, or None for
                nothing.
            log_freq: every how many passes.
            idx: the number of the first model; from 1 on names begin with `graph_<number>`.
            log_graph: put the model's modules into the summary, as `graph_<number>`.

        Raises:
            UsageError: an argument cannot be used, or the run is finished.
            ArgumentTypeError: something is no model.
            MissingPackageError: torch is not installed.
        """
        from tracklab.sdk.watching import Watches  # noqa: PLC0415 - few programs watch models

        self._refuse_if_finished("watch()")
        if self._watches is None:
            self._watches = Watches(self)  # type: ignore[arg-type] # as above
        self._watches.add(models, log=log, log_freq=log_freq, idx=idx, log_graph=log_graph)

    def unwatch(self, models: Any = None) -> None:
        """Stop what `watch` began, for some models or for all."""
        if self._watches is not None:
            self._watches.remove(models)

    def pin_config_keys(self, keys: Sequence[str] = ()) -> None:
        """Name the values of the configuration that tables should show first.

        Raises:
            UsageError: the run is finished.
        """
        self._refuse_if_finished("pin_config_keys()")
        self.event("tracklab.pin", "config", {"keys": list(keys)})

    def write_logs(self, text: str) -> None:
        """Add a text to the run's console log without printing it.

        Raises:
            UsageError: the run is finished.
        """
        self._refuse_if_finished("write_logs()")
        settings = self._settings
        with suppress(OSError):  # as with printed text, a full disk stops nobody
            file = ConsoleFile(
                self.run_dir / "logs", "stdout", most_bytes=settings.console_bytes,
                file_mode=settings.file_mode, turns=False,
            )  # fmt: skip
            file.append(f"{text.removesuffix(chr(10))}\n".encode(errors="replace"))
            file.close()

    def status(self) -> RunStatus:
        """Return what still has to be sent elsewhere: nothing, ever."""
        return RunStatus()

    def detach(self) -> None:
        """Do nothing: no second process holds the run."""

    @property
    def config_static(self) -> ConfigStatic:
        """The configuration, for reading only."""
        from tracklab.sdk.config import ConfigStatic  # noqa: PLC0415 - few ask

        return ConfigStatic(self.config)

    @property
    def _attach_id(self) -> str:
        from tracklab.sdk.joining import attach_id  # noqa: PLC0415 - few ask

        return attach_id(self)

    def _label(
        self,
        code: str | None = None,
        repo: str | None = None,
        code_version: str | None = None,
        **labels: str,
    ) -> None:
        """Say which program this is, as frameworks do."""
        told = {"code": code, "repo": repo, "code_version": code_version, **labels}
        self._refuse_if_finished("_label()")
        self.event("tracklab.label", "label", {k: v for k, v in told.items() if v is not None})

    if TYPE_CHECKING:  # the run has these

        def event(
            self,
            logger: str,
            message: str,
            data: Mapping[str, Any] | None = None,
            *,
            level: str = "INFO",
            durable: bool = False,
        ) -> None:
            """Write an event."""

        def _refuse_if_finished(self, what: str) -> None: ...
