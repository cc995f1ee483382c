"""On what kind of file system does a path lie: one of this machine, or one across a network?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_remote"]

#: File systems that may stall for minutes, and where another machine may write without our
#: kernel hearing of it.
_REMOTE: Final = (
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gpfs", "lustre", "ncp", "nfs", "smb",
)  # fmt: skip


def is_remote(path: Path, *, mounts: str = "/proc/self/mountinfo") -> bool:
    """Return whether `path` lies on a network file system, by the kernel's table of mounts.

    Source: proc_pid_mountinfo(5): the mount point is field 5, the type follows ` - `.
    """
    best, kind = "", ""
    place = str(path.absolute())
    try:
        with open(mounts, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                left, _, right = line.partition(" - ")
                point = left.split(" ")[4].replace("\\040", " ")
                inside = place == point or place.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):
                    best, kind = point, right.split(" ")[0]
    except (OSError, IndexError):
        return False
    return kind.startswith(_REMOTE)
