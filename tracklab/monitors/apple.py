"""The GPU of an Apple computer, as `ioreg` tells it; nothing on any other machine.

It shares the machine's memory and tells neither power nor temperature to a user who is not root.
"""

from __future__ import annotations

import re
import subprocess
import sys

__all__ = ["sample"]

_ARGUMENTS = ("-r", "-d", "1", "-w", "0", "-c", "IOAccelerator")
_QUANTITIES = {
    "utilization_percent": re.compile(r'"Device Utilization %"=(\d+)'),
    "memory_used_bytes": re.compile(r'"In use system memory"=(\d+)'),
}


def sample(*, system: str = sys.platform, ioreg: str = "/usr/sbin/ioreg") -> dict[str, object]:
    """Return the `apple.<index>.*` part of a system row; empty on another system.

    Args:
        system: what the machine runs, as `sys.platform` has it.
        ioreg: the program that tells.

    Cost: a process of about 20 ms.
    """
    if system != "darwin":
        return {}
    try:
        told = subprocess.run(  # noqa: S603 - the system's own program
            (ioreg, *_ARGUMENTS), capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return {
        f"apple.{index}.{name}": int(found)
        for name, pattern in _QUANTITIES.items()
        for index, found in enumerate(pattern.findall(told.stdout))
    }
