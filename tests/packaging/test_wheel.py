"""What a user installs: a wheel that holds the UI and serves it on a machine without Node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hatch_build

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
MAX_UI_BYTES = 1_500_000

pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(
        not hatch_build.is_current(ROOT),
        reason="the UI is not built from its sources: make frontend",
    ),
]

FIRST_RUN = """
import tracklab

with tracklab.init(project="first") as run:
    for step in range(10):
        run.log({"loss": 1 / (step + 1)})
"""


def package(place: Path, kind: str, *, source: Path, path: str) -> Path:
    """Build a wheel or sdist from `source`, with only `path` to find programs on."""
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(place)]
    environment = {**os.environ, "TRACKLAB_REQUIRE_UI": "1", "PATH": path}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    (built,) = place.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from an sdist, on a machine without Node."""
    place = tmp_path_factory.mktemp("dist")
    sdist = package(place, "sdist", source=ROOT, path=os.environ["PATH"])
    # Debian's Python is too old for the safe filter that newer ones insist on.
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(place)], check=True)
    return package(place / "wheel", "wheel", source=place / sdist.name[: -len(".tar.gz")], path="")


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of programs of an environment with nothing but the wheel."""
    place = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    command = [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True)
    return place / "bin"


@pytest.fixture
def server(programs: Path, root: Path) -> Iterator[str]:
    """Return the address of `tracklab ui`, started as a user does, with a run to show."""
    environment = {"PATH": str(programs), "HOME": str(root.parent)}
    subprocess.run(
        [str(programs / "python"), "-c", FIRST_RUN],
        cwd=root.parent,
        env={**environment, "TRACKLAB_DATA_DIR": str(root)},
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        [str(programs / "tracklab"), "ui", "--data-dir", str(root)],
        cwd=root.parent,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
    yield address.rstrip("/")
    process.terminate()
    process.communicate(timeout=20)


def fetch(address: str) -> str:
    """Return what a server answers."""
    with urllib.request.urlopen(address, timeout=20) as reply:  # noqa: S310  # loopback
        text: str = reply.read().decode()
        return text


def test_the_wheel_holds_the_package_and_the_ui_only(wheel: Path) -> None:
    """The UI is inside and small; tests, sources of the UI and build files are not."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.compress_size for entry in archive.infolist()}
    ui = {name: size for name, size in sizes.items() if "/server/static/" in name}

    assert {"tracklab/server/static/index.html", "tracklab/server/static/.build-id"} <= ui.keys()
    assert {"tracklab/py.typed", "tracklab/demo/text.txt"} <= sizes.keys()
    assert {name.split("/")[0].split("-")[0] for name in sizes} == {
        "tracklab",
        "tracklab_local",
        "tracklab_as_wandb.pth",
    }
    assert sum(ui.values()) <= MAX_UI_BYTES


AS_WANDB = """
import wandb

with wandb.init(project="unchanged", id="first", config={"lr": 0.1}) as run:
    wandb.log({"loss": 0.5})
print(wandb.__version__)
"""


def test_an_installed_wheel_is_found_as_wandb(programs: Path, root: Path) -> None:
    """A program for wandb runs where it was asked for, and nowhere else."""
    python = str(programs / "python")
    told = {"PATH": str(programs), "HOME": str(root.parent), "TRACKLAB_DATA_DIR": str(root)}
    unasked = subprocess.run([python, "-c", AS_WANDB], env=told, capture_output=True, check=False)
    asked = subprocess.run(
        [python, "-c", AS_WANDB], env={**told, "TRACKLAB_AS_WANDB": "1"}, capture_output=True,
        check=True, text=True,
    )  # fmt: skip
    assert b"No module named 'wandb'" in unasked.stderr
    assert asked.stdout == "0.31.0\n"
    assert '"loss":0.5' in (root / "unchanged" / "first" / "history.jsonl").read_text()


def test_an_installed_wheel_serves_the_ui_and_the_first_run(server: str) -> None:
    """Five lines of code and one command lead to a page that shows them."""
    page = fetch(server)
    scripts = re.findall(r'<script[^>]+src="\.?/([^"]+)"', page)

    assert scripts
    assert all(fetch(f"{server}/{script}") for script in scripts)
    assert '"project":"first"' in fetch(f"{server}/api/runs").replace(" ", "")
