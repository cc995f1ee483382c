"""What a run records of its surroundings, beside what `init()` reads at once.

It is read by the sampler's thread, a moment after the start: `init()` and `finish()` wait for
none of it, and a program that ends in its first quarter of a second is recorded without it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tracklab.monitors.git import find_repository
from tracklab.monitors.gpu import accelerators
from tracklab.monitors.packages import conda_packages, installed_packages
from tracklab.records.secrets import masked_values
from tracklab.sdk.patches import working_changes
from tracklab.sdk.plugins import plugins
from tracklab.storage.documents import replace
from tracklab.storage.permissions import make_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.sdk.run import Run
    from tracklab.settings import Settings

__all__ = ["describe"]

_SHOWN_UNTRACKED = 100


def describe(run: Run, settings: Settings, *, stopped: Callable[[], bool]) -> None:
    """Record the environment of `run`: an event, its metadata, and files for what is long.

    Args:
        run: whose.
        settings: `save_git` says whether git is asked.
        stopped: asked between two things; once it says yes, nothing is recorded.
    """
    place = _Place(run.run_dir, run.writer, settings.file_mode)
    environment = _packages(place, stopped)
    git = _git(place, stopped) if settings.save_git and not stopped() else {}
    cards = [] if stopped() else [_card(card) for card in accelerators()]
    if cards:
        environment["accelerators"] = cards
    for plugin in () if stopped() else plugins("tracklab.capture"):
        told = plugin.ask()
        if told and plugin.name not in environment:
            environment[plugin.name] = masked_values(told)
    if not stopped():
        run.add_environment(environment, git)


class _Place:
    """Where the long parts go: a process that took up a run leaves its predecessor's alone."""

    def __init__(self, run_dir: Path, writer: str | None, file_mode: int) -> None:
        self._run_dir = run_dir
        self._file_mode = file_mode
        self._inside = PurePosixPath("files", "environment", writer or ".")

    def write(self, name: str, text: str) -> str | None:
        """Write a file and return its path in the run; None if the disk takes none."""
        inside = self._inside / name
        path = self._run_dir / inside
        with suppress(OSError):
            make_directory(path.parent, file_mode=self._file_mode)
            replace(path, text.encode("utf-8", "replace"), file_mode=self._file_mode)
            return str(inside)
        return None


def _packages(place: _Place, stopped: Callable[[], bool]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sources = {
        "packages": ("requirements.txt", installed_packages(stopped=stopped)),
        "conda": ("conda.txt", conda_packages()),
    }
    for kind, (name, lines) in sources.items():
        if lines and not stopped():
            path = place.write(name, "\n".join(lines) + "\n")
            found[kind] = {"count": len(lines), "path": path}
    return found


def _git(place: _Place, stopped: Callable[[], bool]) -> dict[str, Any]:
    repository = find_repository()
    changes = repository and working_changes(repository.root, stopped=stopped)
    if not changes:
        return {}
    told: dict[str, Any] = {"dirty": changes.dirty, "changed": len(changes.changed)}
    if changes.untracked:
        told["untracked"] = list(changes.untracked[:_SHOWN_UNTRACKED])
        told["untracked_count"] = len(changes.untracked)
    if changes.patch:
        told["patch"] = place.write("diff.patch", changes.patch)
        told["patch_cut"] = changes.cut
    return told


def _card(card: dict[str, object]) -> dict[str, object]:
    """Return what a card is; which processes use it belongs to their owners."""
    return {name: value for name, value in card.items() if name != "processes"}
