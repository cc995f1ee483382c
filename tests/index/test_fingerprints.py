"""A segment is believed to be what was indexed only as long as nothing has touched it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tracklab.index.fingerprints import fingerprint, is_same, is_untouched

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file that was written a while ago: its status can be believed."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"x" * 10_000)
    before_ns = path.stat().st_ctime_ns
    while known(path)["status"] is None:
        assert path.stat().st_ctime_ns == before_ns
    return path


def known(path: Path) -> dict[str, object]:
    """Return what the index keeps of a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return fingerprint(descriptor, path.stat().st_size)
    finally:
        os.close(descriptor)


def test_what_only_the_status_shows_is_seen(path: Path) -> None:
    """The same size and time of change, set by a program that hides what it did."""
    facts, was = known(path), path.stat()
    assert is_untouched(path, facts)
    with path.open("r+b") as file:
        file.seek(5_000)
        file.write(b"y")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert not is_untouched(path, facts)


def test_a_file_that_has_grown_is_looked_into(path: Path) -> None:
    """It is still the one that was indexed."""
    facts = known(path)
    with path.open("ab") as file:
        file.write(b"more")
    assert not is_untouched(path, facts)
    with path.open("rb") as file:
        assert is_same(file.fileno(), facts)


def test_the_status_of_a_file_just_written_is_not_believed(path: Path) -> None:
    """Another change within the same tick of the kernel would look alike."""
    path.write_bytes(b"z" * 10_000)
    facts = known(path)
    assert facts["status"] is None
    assert not is_untouched(path, facts)
    with path.open("rb") as file:
        assert is_same(file.fileno(), facts)
