"""`tracklab run`: programs keep their manners, and commands become runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.functional

TRACKLAB = str(Path(sys.executable).with_name("tracklab"))
SHOW = """
import json, pickle, sys, __main__
import wandb
class Thing: pass
again = pickle.loads(pickle.dumps(Thing()))
print(json.dumps([sys.argv[1:], sys.path[0], __name__, __file__, type(again) is Thing,
                  wandb.__version__, __main__.__spec__ is None]))
"""


def tracklab(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in `place`."""
    return subprocess.run(
        [TRACKLAB, "run", *arguments], cwd=place, capture_output=True, text=True, timeout=60,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def test_a_script_is_what_it_would_be_without_us(tmp_path: Path) -> None:
    """Arguments, path, main module and what pickles: as `python script.py`, with `import wandb`."""
    (tmp_path / "inner").mkdir()
    script = tmp_path / "inner" / "train.py"
    script.write_text(SHOW)
    plain = subprocess.run(
        [sys.executable, "inner/train.py", "--lr", "3", "--", "-m"], cwd=tmp_path, text=True,
        capture_output=True, check=True, env={**os.environ, "TRACKLAB_AS_WANDB": "1"},
    )  # fmt: skip
    done = tracklab(tmp_path, "inner/train.py", "--lr", "3", "--", "-m")
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
    assert json.loads(done.stdout)[0] == ["--lr", "3", "--", "-m"]


def test_a_module_is_run_as_python_does(tmp_path: Path) -> None:
    """`-m` and its arguments."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__main__.py").write_text(
        "import sys, wandb; print(sys.argv[1:], wandb.__version__)"
    )
    done = tracklab(tmp_path, "-m", "training", "--epochs", "1")
    assert done.stdout == "['--epochs', '1'] 0.31.0\n"


@pytest.mark.parametrize("ending", ["sys.exit(3)", "raise ValueError('no')", "pass"])
def test_a_script_ends_as_it_ends(tmp_path: Path, ending: str) -> None:
    """Its exit code is the command's, and its run knows it."""
    script = tmp_path / "train.py"
    script.write_text(f"import sys, wandb\nwandb.init(project='p', id='r')\n{ending}\n")
    code = {"sys.exit(3)": 3, "pass": 0}.get(ending, 1)
    done = tracklab(tmp_path, "--dir", "runs", "train.py")
    last = (tmp_path / "runs" / "p" / "r" / "events.jsonl").read_bytes().splitlines()[-1]
    assert done.returncode == code
    assert orjson.loads(last)["data"]["exit_code"] == code


def command_run(place: Path, project: str) -> Path:
    """Return the only run of a project."""
    (found,) = (place / "runs" / project).iterdir()
    return found


def metadata(run: Path) -> dict[str, Any]:
    """Return a run's metadata."""
    found: dict[str, Any] = json.loads((run / "metadata.json").read_text())
    return found


def test_any_command_becomes_a_run(tmp_path: Path) -> None:
    """What it printed, by whatever child, what it was, and how it ended."""
    line = "echo out; sh -c 'echo deeper >&2'; exit 7"
    done = tracklab(tmp_path, "--dir", "runs", "-p", "jobs", "-n", "night", "--", "sh", "-c", line)
    run = command_run(tmp_path, "jobs")
    assert done.returncode == 7
    assert done.stdout == "out\n"
    assert (run / "logs" / "stdout.log").read_text() == "out\n"
    assert "deeper\n" in (run / "logs" / "stderr.log").read_text()
    told = metadata(run)
    assert (told["name"], told["status"], told["exit_code"]) == ("night", "failed", 7)
    assert yaml.safe_load((run / "config.yaml").read_text())["command"] == ["sh", "-c", line]


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the status that shells use, and without a run."""
    done = tracklab(tmp_path, "--dir", "runs", "--", "no-such-command-here")
    assert (done.returncode, (tmp_path / "runs").exists()) == (127, False)
    assert "no command 'no-such-command-here'" in done.stderr


def wait_for(found: Callable[[], bool]) -> None:
    """Wait until something is so, at most 20 s."""
    due_s = time.monotonic() + 20
    while not found():
        assert time.monotonic() < due_s
        time.sleep(0.02)


def test_a_signal_reaches_the_command(tmp_path: Path) -> None:
    """SIGTERM is handed on, and the run ends as the command did."""
    ready = tmp_path / "ready"
    line = f"trap 'exit 5' TERM; touch {ready}; while :; do sleep 0.05; done"
    with subprocess.Popen(
        [TRACKLAB, "run", "--dir", "runs", "-p", "jobs", "--", "bash", "-c", line], cwd=tmp_path
    ) as process:
        wait_for(ready.exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 5
    assert metadata(command_run(tmp_path, "jobs"))["exit_code"] == 5
