"""Copies of source: what is wanted, once, under its name, and never what is secret."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab
from tracklab.errors import ArgumentTypeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

SOURCE = {
    "train.py": "lr = 1\n", "model/net.py": "x\n", "model/net.txt": "t\n", "notes.ipynb": "{}\n",
    "Makefile": "all:\n", ".hidden/x.py": "x\n", "venv/lib/x.py": "x\n", "my-env/pyvenv.cfg": "",
    "my-env/x.py": "x\n", "node_modules/x.py": "x\n", "secrets.py": "key = 1\n", ".env": "K=1\n",
    "__pycache__/x.py": "x\n",
}  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a directory with source, and with what is none."""
    for name, text in SOURCE.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "source/link.py").symlink_to(tmp_path / "source/train.py")
    return tmp_path / "source"


@pytest.fixture
def run(source: Path) -> Iterator[tracklab.Run]:
    """Return a run whose data directory lies in the middle of the source."""
    settings = {"console": "off"}
    with tracklab.init(
        project="p", id="r", dir=source / "runs", system_monitor=False, settings=settings
    ) as begun:
        (begun.run_dir / "files").mkdir()
        (begun.run_dir / "files/mine.py").write_text("not source\n")
        yield begun


def told(run: tracklab.Run) -> list[dict[str, Any]]:
    """Return the data of each copy's event."""
    lines = (run.run_dir / "events.jsonl").read_bytes().splitlines()
    events = [orjson.loads(line) for line in lines]
    return [event["data"] for event in events if event["logger"] == "tracklab.code"]


def taken(run: tracklab.Run, source: Path, **options: Any) -> list[str]:
    """Keep source, and return where it lies in the run."""
    run.log_code(source, **options)
    return [file["stored"] for file in told(run)[-1]["files"]]


def test_source_is_kept_and_nothing_else(run: tracklab.Run, source: Path) -> None:
    """Under its path; an event names each file with its digest."""
    kept = taken(run, source)
    assert kept == [f"files/code/{name}" for name in ("notes.ipynb", "train.py", "model/net.py")]
    [data] = told(run)
    for file in data["files"]:
        content = (run.run_dir / file["stored"]).read_bytes()
        assert content.decode() == SOURCE[file["path"]]
        assert (file["sha256"], file["bytes"]) == (
            hashlib.sha256(content).hexdigest(), len(content),
        )  # fmt: skip


def test_a_changed_file_lies_beside_its_first_copy(run: tracklab.Run, source: Path) -> None:
    """And an equal one is not kept again."""
    first = taken(run, source, include=["train.py"])
    assert taken(run, source, include=["train.py"]) == first
    (source / "train.py").write_text("lr = 2\n")
    [second] = taken(run, source, include=["train.py"])
    assert (run.run_dir / first[0]).read_text() == "lr = 1\n"
    assert (run.run_dir / second).read_text() == "lr = 2\n"
    assert len(list((run.run_dir / "files/code").iterdir())) == 2


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"include": ["*"], "exclude": ["model/*"]}, ["Makefile", "notes.ipynb", "train.py"]),
        ({"include": ["model/*.txt"]}, ["model/net.txt"]),
        ({"include_fn": lambda path: path.endswith("Makefile")}, ["Makefile"]),
        ({"include_fn": lambda path, root: path == f"{root}/train.py"}, ["train.py"]),
        ({"exclude_fn": lambda path: "net" in path}, ["notes.ipynb", "train.py"]),
        ({"include": [".env", "secrets.py"]}, []),
    ],
)
def test_what_is_taken_can_be_chosen(
    run: tracklab.Run, source: Path, options: dict[str, Any], kept: list[str]
) -> None:
    """By patterns or by functions; files of secrets never are."""
    assert taken(run, source, **options) == [f"files/code/{name}" for name in kept]


def test_a_file_that_is_too_large_is_named_as_left_out(run: tracklab.Run, source: Path) -> None:
    """The others are kept."""
    with (source / "big.py").open("wb") as file:
        file.truncate(11 << 20)
    assert len(taken(run, source, name="mine")) == 3
    [data] = told(run)
    assert data["left_out"] == [{"path": "big.py", "reason": "too large"}]
    assert data["name"] == "mine"


def test_what_it_returns_is_the_version(run: tracklab.Run, source: Path) -> None:
    """With the files under their own paths, named after project and program; or None."""
    made = run.log_code(source)
    assert made is not None
    assert (made.type, made.version) == ("code", "v0")
    assert made.name.startswith("source-p-")
    assert set(made.manifest.entries) == {"notes.ipynb", "train.py", "model/net.py"}
    assert run.log_code(source, name="none", include=["*.rs"]) is None


def test_the_artifact_is_called_after_the_program(source: Path) -> None:
    """By its path below the working directory, however it was started."""
    (source / "model/net.py").write_text(
        "import tracklab\n"
        "with tracklab.init(project='p', dir='runs', settings={'console': 'off'}) as run:\n"
        "    print(run.log_code().name)\n"
    )
    for path in ("model/net.py", source / "model/net.py"):
        done = subprocess.run(
            [sys.executable, path], cwd=source, capture_output=True, text=True, check=True,
            env={**os.environ, "TRACKLAB_AUTO_UI": "0"}, timeout=60,
        )  # fmt: skip
        assert done.stdout == "source-p-model_net.py:v0\n"


def test_wrong_calls_say_what_to_write(run: tracklab.Run, source: Path) -> None:
    """A directory that is not there, a pattern that is no list."""
    with pytest.raises(UsageError, match=r"found no directory 'nowhere'"):
        run.log_code("nowhere")
    with pytest.raises(ArgumentTypeError, match=r"include=\['\*\.py'\]"):
        run.log_code(source, include="*.py")


@pytest.mark.parametrize("wanted", [True, False])
def test_the_program_is_kept_when_that_is_wanted(root: Path, tmp_path: Path, wanted: bool) -> None:  # noqa: FBT001
    """As it was at the start."""
    program = tmp_path / "train.py"
    program.write_text(
        "import pathlib, tracklab\n"
        f"run = tracklab.init(project='p', id='r', save_code={wanted}, system_monitor=False)\n"
        "pathlib.Path(__file__).write_text('changed')\n"
    )
    text = program.read_text()
    subprocess.run(
        [sys.executable, str(program)], env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
        check=True, capture_output=True,
    )  # fmt: skip
    kept = root / "p/r/files/code/train.py"
    assert kept.exists() == wanted
    if wanted:
        assert kept.read_text() == text


def test_the_cells_of_a_notebook_are_kept(root: Path) -> None:
    """All that ran, at the end; as a notebook."""
    pytest.importorskip("IPython", reason="IPython is not installed")
    cells = (
        "import tracklab; run = tracklab.init(project='p', id='r', save_code=True)\n"
        "x = 1 + 1\nrun.finish()\n"
    )
    subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        input=cells, text=True, check=True, capture_output=True, timeout=60,
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root), "IPYTHONDIR": str(root / "ipython")},
    )  # fmt: skip
    notebook = orjson.loads((root / "p/r/files/code/session.ipynb").read_bytes())
    assert [cell["source"] for cell in notebook["cells"]] == cells.splitlines()
