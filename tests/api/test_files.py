"""The files of a run through the Api."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tracklab.errors import CommError, UsageError
from tracklab.storage import trash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.api.client import Api
    from tracklab.api.run import Run

pytestmark = pytest.mark.integration


@pytest.fixture
def run(begun: Callable[..., Any], api: Api) -> Run:
    """Return a run that saved two files, with console text."""
    with begun("r") as written:
        for name, content in (("model.bin", b"\0\1"), ("deep/notes.txt", b"text")):
            path = written.run_dir / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        logs = written.run_dir / "logs"
        logs.mkdir()
        (logs / "stdout.log").write_bytes(b"one\nbar 1%\rbar 2%\n" + b"x" * 30 + b"\nlast")
        (logs / "stderr.log").write_bytes(b"oh\n")
        values = written.run_dir / "media/values"
        values.mkdir(parents=True)
        (values / "x").write_bytes(b"[1]")
    return api.run("r")


def test_files_are_listed_by_name(run: Run) -> None:
    """Those that were saved by their path below files/, all others by theirs in the run."""
    assert [file.name for file in run.files(per_page=2)] == [
        "config.yaml", "deep/notes.txt", "logs/stderr.log", "logs/stdout.log", "metadata.json",
        "model.bin", "summary.json",
    ]  # fmt: skip
    assert [file.name for file in run.files(pattern="%.json")] == ["metadata.json", "summary.json"]
    assert [file.name for file in run.files(pattern="model.___")] == ["model.bin"]
    assert [file.name for file in run.files(["none", "model.bin"])] == ["model.bin"]
    assert len(run.files()) == 7


def test_a_file_says_what_it_is(run: Run) -> None:
    """Bytes, MD5 in base 64, media type, time, address."""
    file = run.file("deep/notes.txt")
    digest = hashlib.md5(b"text", usedforsecurity=False).digest()
    assert (file.size, file.sizeBytes, file.mimetype) == (4, 4, "text/plain")
    assert file.md5 == base64.b64encode(digest).decode()
    assert file.url == file.direct_url
    assert file.url.endswith("/demo/r/files/deep/notes.txt")
    assert file.updated_at is not None
    assert (run.file("none").size, run.file("none").updated_at) == (0, None)


@pytest.mark.parametrize(
    ("name", "inner"),
    [("output.log", "logs/stdout.log"), ("wandb-summary.json", "summary.json"),
     ("wandb-metadata.json", "metadata.json")],
)  # fmt: skip
def test_names_of_wandb_are_understood(run: Run, name: str, inner: str) -> None:
    """Programs ask for these."""
    assert run.file(name).id == f"demo/r/{inner}"


def test_a_download_is_a_copy(run: Run, tmp_path: Path) -> None:
    """One that is there is kept, left or replaced, as was said."""
    file, here = run.file("deep/notes.txt"), str(tmp_path)
    with file.download(here) as text:
        assert text.read() == "text"
    target = tmp_path / "deep" / "notes.txt"
    target.write_text("mine")
    with pytest.raises(ValueError, match="replace=True"):
        file.download(here)
    file.download(here, exist_ok=True).close()
    assert target.read_text() == "mine"
    file.download(here, replace=True).close()
    assert target.read_text() == "text"
    with pytest.raises(CommError):
        run.file("none").download(here)
    assert [path.name for path in target.parent.iterdir()] == ["notes.txt"]


def test_a_deleted_file_can_come_back(run: Run, root: Path) -> None:
    """It is in the trash; documents and console text are no files of the user's."""
    run.file("model.bin").delete()
    assert run.file("model.bin").size == 0
    assert trash.restore(root, "demo/r").files == ("files/model.bin",)
    assert run.file("model.bin").size == 2
    for name in ("summary.json", "events.jsonl", "run.lock", "media/values/x", "logs/stdout.log"):
        with pytest.raises(UsageError, match="whole run"):
            run.file(name).delete()
    with pytest.raises(CommError, match=r"run\.files\(\)"):
        run.file("none").delete()


def test_a_file_can_be_added(run: Run, tmp_path: Path) -> None:
    """Under its path below the root that is given."""
    path = tmp_path / "out" / "new.txt"
    path.parent.mkdir()
    path.write_text("new")
    assert run.upload_file(str(path), root=str(tmp_path)).name == "out/new.txt"
    assert run.file("out/new.txt").size == 3
    for wrong in (str(tmp_path / "none"), str(tmp_path / "out")):
        with pytest.raises(UsageError, match="upload_file"):
            run.upload_file(wrong, root=str(tmp_path))
    with pytest.raises(UsageError, match="holds the file"):
        run.upload_file(str(path), root=str(tmp_path / "runs"))


@pytest.mark.parametrize("name", ["../r/summary.json", "/etc/passwd", "", "a/../../x"])
def test_a_path_out_of_the_run_is_refused(run: Run, name: str) -> None:
    """Whatever it would lead to."""
    with pytest.raises(UsageError, match="below the run"):
        run.file(name)


def test_files_are_asked_for_in_one_way(run: Run) -> None:
    """By names or by a pattern."""
    with pytest.raises(UsageError, match="not both"):
        run.files(["a"], pattern="%")


@pytest.mark.parametrize("per_page", [1, 2, 1000])
def test_console_lines_are_those_of_a_terminal(run: Run, per_page: int) -> None:
    """Standard output, then standard error; whatever is read at once."""
    found = [
        (line.number, line.level, line.content) for line in run.console_logs(per_page=per_page)
    ]
    assert found == [
        (0, "", "one"), (1, "", "bar 2%"), (2, "", "x" * 30), (3, "", "last"), (4, "error", "oh"),
    ]  # fmt: skip


def test_the_last_console_lines_of_each(run: Run) -> None:
    """With their numbers."""
    found = [(line.number, line.content) for line in run.console_logs(last=1)]
    assert found == [(3, "last"), (4, "oh")]
    logs = run.console_logs()
    assert [logs.next().content, next(logs).content] == ["one", "bar 2%"]
    with pytest.raises(UsageError, match="per_page"):
        run.console_logs(per_page=0)
