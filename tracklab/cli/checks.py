"""What `tracklab doctor` looks at: one function for each thing that can be wrong, with its cure.

Each takes what it judges as an argument, so that a test can show it any machine.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tracklab import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Finding", "findings"]

Verdict = Literal["ok", "note", "fault"]

_PYTHON = (3, 10)
_PORT, _PORT_MAX = 8000, 65_535
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 2_000_000_000, 100_000_000
_FEW_WATCHES = 8_192
_SKEW_S = 2.0
_YEAR_2024_S = 1_704_067_200


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; a `note` costs comfort, a `fault` costs a feature or data."""

    check: str
    verdict: Verdict
    detail: str
    cure: str | None = None


def findings(root: Path, *, port: int | None) -> Iterator[Finding]:
    """Yield the finding of every check, for one data directory.

    Args:
        root: the data directory; it need not exist yet.
        port: the port that is wanted; None for TRACKLAB_API_PORT, else 8000.
    """
    wanted = str(port if port is not None else os.environ.get("TRACKLAB_API_PORT") or _PORT)
    yield check_python(sys.version_info[:2])
    yield check_root(root)
    yield check_disk(root, shutil.disk_usage)
    yield check_locks(root)
    yield check_clock(root, clock.now)
    yield check_port("127.0.0.1", wanted)
    yield check_ui(Path(__file__).parent.parent / "server" / "static")
    yield check_watches(Path("/proc/sys/fs/inotify"))
    yield check_gpu(_device_present(), _gpu_names)


def check_python(version: tuple[int, ...]) -> Finding:
    """Check the interpreter's version."""
    shown = ".".join(map(str, version))
    if version >= _PYTHON:
        return Finding("python", "ok", shown)
    least = ".".join(map(str, _PYTHON))
    return Finding("python", "fault", f"{shown} is older than {least}", f"Install Python {least}.")


def check_root(root: Path) -> Finding:
    """Check that the data directory can be written, or made."""
    place = _existing(root)
    if not place.is_dir():
        return Finding("data directory", "fault", f"is a file: {place}", "Name another: --dir.")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        cure = "Give this account the right to write there, or name another directory: --dir."
        return Finding("data directory", "fault", f"cannot write ({error.strerror}): {place}", cure)
    missing = "" if place == root else " (made at the first run)"
    return Finding("data directory", "ok", f"{root}{missing}")


def check_disk(root: Path, usage: Callable[[Path], tuple[int, int, int]]) -> Finding:
    """Check the free space; `usage` returns total, used and free bytes."""
    total, _, free = usage(_existing(root))
    detail = f"{free / 1e9:.1f} GB of {total / 1e9:.1f} GB free"
    cure = "Make room: runs go on without, but their lines are lost."
    if free < _TOO_LITTLE_BYTES:
        return Finding("disk", "fault", detail, cure)
    return (
        Finding("disk", "note", detail, cure)
        if free < _LITTLE_BYTES
        else Finding("disk", "ok", detail)
    )


def check_locks(root: Path) -> Finding:
    """Check that the file system keeps locks, which prove that a run lives."""
    try:
        with tempfile.TemporaryFile(dir=_existing(root)) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        cure = "Nothing breaks, but a run counts as alive by its last line only: within 60 s."
        return Finding("locks", "note", f"not kept here ({error.strerror})", cure)
    return Finding("locks", "ok", "kept by this file system")


def check_clock(root: Path, now: Callable[[], float]) -> Finding:
    """Check the clock against the calendar and against the file system's own."""
    if now() < _YEAR_2024_S:
        return Finding("clock", "fault", "is years behind", "Set it: timedatectl set-ntp true.")
    try:
        with tempfile.NamedTemporaryFile(dir=_existing(root)) as file:
            skew_s = abs(Path(file.name).stat().st_mtime - now())
    except OSError:
        return Finding("clock", "ok", "plausible; not compared with the disk's")
    if skew_s <= _SKEW_S:
        return Finding("clock", "ok", "agrees with the disk's")
    cure = "Let both machines follow one time server: the age of lines is judged by both clocks."
    return Finding("clock", "fault", f"{skew_s:.0f} s apart from the disk's", cure)


def check_port(host: str, port: str) -> Finding:
    """Check that the server's port is a port, and free."""
    if not port.isdecimal() or int(port) > _PORT_MAX:
        cure = f"Set TRACKLAB_API_PORT to a number from 0 to {_PORT_MAX}."
        return Finding("port", "fault", f"{port!r} is no port", cure)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            cure = "The next free port is taken instead; name another with --port."
            return Finding("port", "note", f"{port}: {error.strerror}", cure)
    return Finding("port", "ok", f"{port} is free")


def check_ui(static: Path) -> Finding:
    """Check that the web UI is in the package."""
    if (static / "index.html").is_file():
        return Finding("web UI", "ok", "built in")
    cure = "Install a release, or run `make frontend` in the source checkout. The API works."
    return Finding("web UI", "fault", "not built into this copy", cure)


def check_watches(limits: Path) -> Finding:
    """Check how many files one account may watch; `limits` is a directory in /proc."""
    try:
        watches = int((limits / "max_user_watches").read_text())
    except (OSError, ValueError):
        return Finding("file watches", "ok", "no limit known; files are polled where need be")
    if watches >= _FEW_WATCHES:
        return Finding("file watches", "ok", f"{watches} allowed")
    cure = "Live views fall back to polling each 2 s: sysctl fs.inotify.max_user_watches=524288."
    return Finding("file watches", "note", f"only {watches} allowed", cure)


def check_gpu(present: bool, names: Callable[[], list[str]]) -> Finding:  # noqa: FBT001 - judged first
    """Check that the driver answers where there is an NVIDIA device."""
    found = names()
    if found:
        return Finding("GPU", "ok", ", ".join(found))
    if not present:
        return Finding("GPU", "ok", "no NVIDIA device here")
    cure = "Run nvidia-smi and follow what it says; after a driver update, reboot."
    return Finding("GPU", "fault", "there is a device, but the driver does not answer", cure)


def _existing(path: Path) -> Path:
    """Return `path` or the nearest directory above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _device_present() -> bool:
    return any(Path("/dev").glob("nvidia[0-9]*"))


def _gpu_names() -> list[str]:
    from tracklab.monitors.gpu import accelerators  # noqa: PLC0415 - loads the driver's binding

    return [str(card.get("name")) for card in accelerators()]
