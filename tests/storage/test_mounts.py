"""Which disks are across a network, by the kernel's own table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracklab.storage.mounts import is_remote

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/data/x", True),
        ("/data", True),
        ("/database", False),
        ("/data/fast/x", False),
        ("/", False),
    ],
)
def test_network_disks_are_told_by_their_mount(tmp_path: Path, path: str, *, remote: bool) -> None:
    """The innermost mount decides; a name that only begins alike does not."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        "2 1 0:9 / /data rw shared:1 - nfs4 host:/export rw\n"
        "3 2 8:2 / /data/fast rw - xfs /dev/sdb rw\n"
    )
    assert is_remote(type(tmp_path)(path), mounts=str(mounts)) is remote
