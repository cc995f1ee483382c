"""What a crash test needs of the machine, and the words with which it is skipped without."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

__all__ = [
    "ROUNDS",
    "THOROUGH",
    "WITHOUT_WATCHES",
    "needs_host_names",
    "needs_loop_devices",
    "needs_mounts",
    "needs_namespaces",
    "needs_network_namespace",
    "needs_strace",
]

#: How often a test of chance repeats. `make crash` asks for 200, and then nothing is sampled.
ROUNDS = int(os.environ.get("TRACKLAB_CRASH_ROUNDS") or 40)
THOROUGH = ROUNDS >= 200

#: What to put before a command whose process shall get no file watch from the kernel.
WITHOUT_WATCHES = (
    "unshare", "--user", "--map-root-user", "sh", "-c",
    'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh",
)  # fmt: skip


def works(*command: str) -> bool:
    """Return whether a command is there and does what it is asked to."""
    if shutil.which(command[0]) is None:
        return False
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


needs_strace = pytest.mark.skipif(
    not works("strace", "-f", "-o", os.devnull, "true"),
    reason="strace is not installed, or may not trace here",
)
needs_mounts = pytest.mark.skipif(
    not works("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"),
    reason="no private mounts: needs root and unshare",
)
needs_host_names = pytest.mark.skipif(
    not works("unshare", "--user", "--map-root-user", "--uts", "hostname", "elsewhere"),
    reason="no private host names: needs unshare and hostname",
)
needs_network_namespace = pytest.mark.skipif(
    not works("unshare", "--net", "true"),
    reason="no private network: needs root and unshare",
)
needs_namespaces = pytest.mark.skipif(
    not works(*WITHOUT_WATCHES, "true"),
    reason="no user name spaces, in which the limits of the kernel can be set",
)
# As root: anybody else finds a loop device and may not use it.
needs_loop_devices = pytest.mark.skipif(
    os.geteuid() != 0 or not works("losetup", "--find") or not works("mkfs.ext4", "-V"),
    reason="no loop devices: needs root, losetup and mkfs.ext4",
)
