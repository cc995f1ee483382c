"""Files of a run are served, and nothing else on this machine ever is."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tracklab.errors import NotFoundError, QueryError
from tracklab.server.files import list_files, media_type, open_regular

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run directory with one file, beside a secret."""
    (tmp_path / "secret").write_text("secret")
    inside = tmp_path / "run" / "files" / "a"
    inside.mkdir(parents=True)
    (inside / "good.txt").write_text("good")
    return tmp_path / "run"


def content(run: Path, path: str) -> bytes:
    """Return what would be served for `path`."""
    with open(open_regular(run, path), "rb") as file:
        return file.read()


def test_a_file_of_the_run_is_opened(run: Path) -> None:
    """A plain path below the run is served."""
    assert content(run, "files/a/good.txt") == b"good"


@pytest.mark.parametrize(
    "path",
    [
        "../secret", "files/../../secret", "files/a/../../../secret", "/etc/passwd", "", ".", "..",
        "files//a/good.txt", "files/a/good.txt/", "files/./a/good.txt", "files\\a", "files/\0",
        "..\\secret", "files/a/..", "%2e%2e/secret",
    ],
)  # fmt: skip
def test_paths_that_leave_the_run_are_refused(run: Path, path: str) -> None:
    """No spelling of a parent, an absolute path or an empty name gets out."""
    with pytest.raises((QueryError, NotFoundError)):
        open_regular(run, path)


def test_links_are_refused_wherever_they_stand(run: Path) -> None:
    """A link is no file of the run, whether it is the file, a folder, or the run itself."""
    (run / "link").symlink_to(run.parent / "secret")
    (run / "up").symlink_to(run.parent)
    (run.parent / "other").symlink_to(run)
    cases = [(run, "link"), (run, "up/secret"), (run.parent / "other", "files/a/good.txt")]
    for directory, path in cases:
        with pytest.raises(NotFoundError):
            open_regular(directory, path)


def test_special_files_are_refused_at_once(run: Path) -> None:
    """A pipe would wait for a writer, a socket or a directory has no bytes to send."""
    os.mkfifo(run / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(run / "socket"))
        for name in ("pipe", "socket", "files"):
            with pytest.raises(NotFoundError):
                open_regular(run, name)


def test_a_folder_swapped_for_a_link_never_leads_out(run: Path) -> None:
    """While somebody swaps folder and link, readers get the good file or none."""
    (run / "evil").symlink_to(run.parent)
    (run.parent / "good.txt").write_text("secret")
    stop = threading.Event()
    swapper = threading.Thread(target=_swap, args=(run, stop))
    swapper.start()
    found = set()
    for _ in range(2000):
        with suppress(NotFoundError):
            found.add(content(run, "files/a/good.txt"))
    stop.set()
    swapper.join()
    assert found <= {b"good"}


def _swap(run: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        (run / "files" / "a").rename(run / "b")
        (run / "evil").rename(run / "files" / "a")
        (run / "files" / "a").rename(run / "evil")
        (run / "b").rename(run / "files" / "a")


def test_descriptors_are_not_leaked(run: Path) -> None:
    """A refused path leaves nothing open."""
    before = len(os.listdir("/proc/self/fd"))
    for path in ("files/a/none", "files/none/x", "files/a", "none"):
        with pytest.raises(NotFoundError):
            open_regular(run, path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_listing_holds_regular_files_only(run: Path) -> None:
    """Links and pipes are not offered, and the bound is kept."""
    (run / "link").symlink_to(run.parent / "secret")
    (run / "loop").symlink_to(run)
    os.mkfifo(run / "pipe")
    (run / "b.txt").write_text("12")
    found = list_files(run, limit=10)
    assert [(file["path"], file["size"]) for file in found] == [
        ("b.txt", 2),
        ("files/a/good.txt", 4),
    ]
    assert len(list_files(run, limit=1)) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"), ("A.PNG", "image/png"), ("a.jsonl", "text/plain"),
        ("a.js", "text/plain"), ("a.css", "text/plain"), ("a", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"), ("png", "application/octet-stream"),
    ],
)  # fmt: skip
def test_types_come_from_our_own_table(name: str, kind: str) -> None:
    """Nothing is guessed from content, and no script is served as one."""
    assert media_type(name) == kind
