"""Where a sweep lies and what its lines say: files that need no server, and no lock.

    <project>/.sweeps/<sweep_id>/
        sweep.jsonl           its configuration, and what was decided about it since
        trial.000000.jsonl    one trial: whose it is, what it measured, how it ended
        trial.000000.yaml     the trial's parameters, for the program that runs it

A trial belongs to whoever makes its file, which only one process can, and which appears whole: it
is written under another name and linked to its own. After that only that process, or the program
that it started, appends to it. So any number of processes on a shared folder work on a sweep, and
state is what the files say.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.storage.documents import write_yaml
from tracklab.storage.identity import process_start, this_process
from tracklab.storage.layout import is_text, scan_runs
from tracklab.storage.lined import append, lines_of, make
from tracklab.storage.liveness import STALE_AFTER_S, living_writers
from tracklab.storage.permissions import PRIVATE, make_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "Sweep", "Trial", "config_in", "create", "find_sweeps", "sweeps_in", "trial_at",
    "trials_in",
]  # fmt: skip

_FOLDER: Final = ".sweeps"
_LOG: Final = "sweep.jsonl"
_TRIAL: Final = re.compile(r"trial\.(\d{6,})\.jsonl")
_SCHEMA: Final = "tracklab.sweep/1"
_STATES: Final = frozenset({"finished", "failed", "stopped"})
#: What each line tells, by its `op`.
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "claim": {"run_id": str, "parameters": dict, "by": dict},
    "band": {"band": int, "value": int | float},
    "result": {"state": str, "exit_code": int, "value": int | float},
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial as its lines tell it.

    Attributes:
        number: 0 or more, in the order of claims.
        path: its file.
        run_id: the run that it is; empty if its claim was cut short.
        parameters: what the run is to try.
        by: host, pid, boot_id and process_start of the process that claimed it.
        touched_s: when its file was last appended to, epoch seconds.
        began_at: when it was claimed, RFC 3339; None if its claim was cut short.
        ended_at: when its result was written; None without one.
        bands: what it had measured after so many values, by their number.
        state: `finished`, `failed` or `stopped`; None without a result.
        exit_code: None without a result.
        value: its metric; None without one.
    """

    number: int
    path: Path
    run_id: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    by: dict[str, Any] = field(default_factory=dict)
    touched_s: float = 0.0
    began_at: str | None = None
    ended_at: str | None = None
    bands: dict[int, float] = field(default_factory=dict)
    state: str | None = None
    exit_code: int | None = None
    value: float | None = None

    @property
    def parameters_path(self) -> Path:
        """The document of its parameters."""
        return self.path.with_suffix(".yaml")

    def told_state(self, project_dir: Path) -> str:
        """Return its state, also where it has no result.

        Then it is `running` or, if nobody is left who could write one, `failed`.

        Args:
            project_dir: where the runs of its project lie.
        """
        if self.state is not None:
            return self.state
        return "running" if self._lives(project_dir) else "failed"

    def _lives(self, project_dir: Path) -> bool:
        here, now_s = this_process(), clock.now()
        if self.by.get("boot_id") == here.boot_id and self.by.get("host") == here.host:
            pid = self.by.get("pid")
            started = process_start(pid if isinstance(pid, int) else 0)
            if started is not None and started == self.by.get("process_start"):
                return True
        elif now_s - self.touched_s < STALE_AFTER_S:
            return True
        run_dir = project_dir / self.run_id
        return bool(self.run_id) and bool(living_writers(run_dir, here=here, now_s=now_s))


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of a data directory; every property is read from its files anew."""

    root: Path
    project: str
    sweep_id: str

    @property
    def project_dir(self) -> Path:
        """Where the runs of its project lie."""
        return self.root / self.project

    @property
    def path(self) -> Path:
        """Its directory."""
        return self.project_dir / _FOLDER / self.sweep_id

    @property
    def address(self) -> str:
        """`project/sweep_id`: how commands address it."""
        return f"{self.project}/{self.sweep_id}"

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What its log says: the first line has the configuration, later ones decide."""
        return list(lines_of(self.path / _LOG))

    @property
    def first(self) -> dict[str, Any]:
        """Its first line; empty if it was cut short, or is none of ours."""
        return _first_in(self.path)

    @property
    def config(self) -> dict[str, Any]:
        """Its configuration, checked when it was made."""
        return config_in(self.path)

    @property
    def stopped(self) -> bool:
        """Whether somebody decided that no further trial begins."""
        return any(line.get("op") == "stop" for line in self.lines)

    def stop(self) -> None:
        """Let no further trial begin; those that run go on."""
        append(self.path / _LOG, {"op": "stop"})

    @property
    def trials(self) -> list[Trial]:
        """Its trials by number. Cost: all of their files are read."""
        return trials_in(self.path)

    @property
    def next_number(self) -> int:
        """The first number that no trial has. Cost: one directory scan."""
        taken = {_number(name) for name in _trial_names(self.path)}
        return next(number for number in count() if number not in taken)

    def claim(self, number: int, run_id: str, parameters: Mapping[str, Any]) -> Trial | None:
        """Make a trial this process's own.

        Returns:
            None if another process was first.

        Raises:
            OSError: the directory cannot be written.
        """
        path = self.path / f"trial.{number:06d}.jsonl"
        host, pid, boot, started = this_process()
        by = {"host": host, "pid": pid, "boot_id": boot, "process_start": started}
        told = {"op": "claim", "run_id": run_id, "parameters": parameters, "by": by}
        document = self.path / f".{run_id}.yaml"
        # Each below `value`, as wandb writes them: whoever reads such a file finds what it knows.
        write_yaml(document, {key: {"value": value} for key, value in parameters.items()})
        try:
            if not make(path, told, draft=self.path / f".{run_id}.jsonl"):
                return None
            document.replace(path.with_suffix(".yaml"))
        finally:
            with suppress(OSError):
                document.unlink()
        return trial_at(path)


def create(root: Path, project: str, sweep_id: str, told: Mapping[str, Any]) -> Sweep:
    """Make a sweep whose first line says `told`.

    Raises:
        OSError: the directory cannot be written, or there is a sweep of this id.
    """
    sweep = Sweep(root, project, sweep_id)
    make_directory(sweep.path, file_mode=PRIVATE)
    line = {"op": "create", "schema": _SCHEMA, **told}
    if not make(sweep.path / _LOG, line, draft=sweep.path / f".{_LOG}"):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(sweep.path))
    return sweep


def find_sweeps(root: Path, *, project: str | None = None) -> list[Sweep]:
    """Return the sweeps of a project and those below it, or of all, oldest first.

    Cost: of all projects as much as listing all runs.
    """
    projects: list[str] = []

    def look(parts: tuple[str, ...], path: str, names: list[str]) -> list[str]:
        if _FOLDER in names:
            projects.append("/".join(parts))
        return names if path else []

    for _ in scan_runs(root, project=project, sift=look):
        pass
    return _by_age(sweep for name in projects for sweep in sweeps_in(root, name))


def sweeps_in(root: Path, project: str) -> list[Sweep]:
    """Return the sweeps of one project, those of projects below it not counted, oldest first.

    Cost: one directory scan, and the first line of each.
    """
    names = filter(is_text, _listed(root / project / _FOLDER))
    found = (Sweep(root, project, name) for name in names)
    return _by_age(sweep for sweep in found if sweep.config)


def config_in(folder: Path) -> dict[str, Any]:
    """Return the configuration of the sweep that lies there; empty where none does."""
    config: dict[str, Any] = _first_in(folder).get("config", {})
    return config


def trials_in(folder: Path) -> list[Trial]:
    """Return the trials of the sweep that lies there, by number."""
    return [trial_at(folder / name) for name in _trial_names(folder)]


def _trial_names(folder: Path) -> list[str]:
    """Return the names of the files of these trials, by number."""
    return sorted(filter(_TRIAL.fullmatch, _listed(folder)))


def trial_at(path: Path) -> Trial:
    """Return the trial whose file this is. A line that says none of this is passed over."""
    told: dict[str, Any] = {"number": _number(path.name), "path": path, "bands": {}}
    with suppress(OSError):
        told["touched_s"] = path.stat().st_mtime
    for line in lines_of(path):
        kinds = _FIELDS.get(str(line.get("op")), {})
        found = {name: line[name] for name in kinds if isinstance(line.get(name), kinds[name])}
        if line.get("op") == "band" and len(found) == len(kinds):
            told["bands"][found["band"]] = found["value"]
        elif line.get("op") == "claim":
            told |= {**found, "began_at": _time_of(line)}
        elif line.get("op") == "result" and found.get("state") in _STATES:
            told |= {"exit_code": None, "value": None, **found, "ended_at": _time_of(line)}
    return Trial(**told)


def _first_in(folder: Path) -> dict[str, Any]:
    first = next(lines_of(folder / _LOG), {})
    config = first.get("config") if first.get("schema") == _SCHEMA else None
    # Checked when it was made: this only passes over what somebody else has put there.
    ours = isinstance(config, dict) and {"method", "parameters"} <= config.keys()
    return first if ours else {}


def _by_age(sweeps: Iterable[Sweep]) -> list[Sweep]:
    return sorted(sweeps, key=lambda one: (str(one.first.get("timestamp", "")), one.address))


def _time_of(line: Mapping[str, Any]) -> str | None:
    told = line.get("timestamp")
    return told if isinstance(told, str) else None


def _number(name: str) -> int:
    match = _TRIAL.fullmatch(name)
    return int(match[1]) if match else -1


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
