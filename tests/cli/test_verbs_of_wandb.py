"""Commands under the names that wandb has for them: they work on files, and ask nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

import tracklab
from tests.sdk.test_tables import table
from tracklab.cli.absent import ABSENT
from tracklab.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

pytestmark = pytest.mark.integration

QUIET = {"console": "off", "auto_ui": "0"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory without a settings' file."""
    place = tmp_path / "my-work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def asked(*arguments: object) -> Result:
    """Run a command that must not ask: there is nothing to read an answer from."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input="")


def begun(**arguments: Any) -> tracklab.Run:
    """Begin a run with what the directory says."""
    return tracklab.init(system_monitor=False, settings=QUIET, **arguments)


def test_init_writes_down_what_runs_here_have_in_common(here: Path) -> None:
    """Project, entity and data directory; arguments and the environment win."""
    told = asked("init", "--entity", "me").output
    assert f"Written to {here}/tracklab.yaml" in told
    with begun() as run:
        assert (run.project, run.entity, run.root) == ("my-work", "me", here / "tracklab_logs")
    with begun(project="other") as run:
        assert run.project == "other"
    assert "my-work/" in asked("ls").output


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """As `settings` and arguments win over the environment."""
    asked("init", "-p", "of-file", "--dir", "elsewhere")
    assert tracklab.init(mode="disabled").settings is not None
    tracklab.finish()
    with begun() as run:
        assert (run.project, run.root) == ("of-file", here / "elsewhere")
    monkeypatch.setenv("WANDB_PROJECT", "of-environment")
    monkeypatch.setenv("WANDB_DIR", str(here / "third"))
    with begun() as run:
        assert (run.project, run.root) == ("of-environment", here / "third")
    with tracklab.init(settings={**QUIET, "project": "given"}, system_monitor=False) as run:
        assert run.project == "given"


def test_init_leaves_other_lines_alone(here: Path) -> None:
    """Comments too; `--reset` takes out what it wrote."""
    file = here / "tracklab.yaml"
    file.write_text("# mine\nMONITOR_INTERVAL: 7\nPROJECT: old\n")
    asked("init", "-p", "new", "-m", "disabled")
    written = "project: new\nmode: disabled\ndir: tracklab_logs\n"
    assert file.read_text() == f"# mine\nMONITOR_INTERVAL: 7\n{written}"
    asked("init", "--reset")
    assert file.read_text() == "# mine\nMONITOR_INTERVAL: 7\n"


def test_a_project_that_cannot_be_is_not_written(here: Path) -> None:
    """One sentence says why."""
    done = asked("init", "-p", "../up")
    assert done.exit_code == 1
    assert not (here / "tracklab.yaml").exists()


def test_disabled_lasts_until_enabled(here: Path) -> None:
    """For runs that begin in this directory, also on the path without `tracklab init`."""
    assert "write nothing" in asked("disabled").output
    assert tracklab.init().disabled
    tracklab.finish()
    assert asked("enabled").exit_code == 0
    with begun() as run:
        assert not run.disabled
    for word in ("online", "offline"):
        assert f"mode is {word}" in asked(word).output
        assert (here / "tracklab.yaml").read_text() == f"mode: {word}\n"


def test_a_mode_of_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would win over what was just written."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert "WANDB_MODE=offline" in asked("disabled").output


def test_login_is_not_needed() -> None:
    """Whatever it is given, and nothing is kept of it."""
    done = asked("login", "0" * 40, "--relogin", "--host", "https://example.org")
    assert (done.exit_code, len(done.output.splitlines())) == (0, 1)
    assert not list(Path.cwd().iterdir())


def test_status_says_what_runs_begin_with(here: Path) -> None:
    """As JSON, with the file that says so."""
    asked("init", "-p", "p")
    told = orjson.loads(asked("status", "--settings").output)
    assert (told["project"], told["mode"]) == ("p", "online")
    assert told["settings_file"] == str(here / "tracklab.yaml")


def test_pull_copies_the_files_of_a_run(here: Path) -> None:
    """What is there with the same content is left alone."""
    (here / "model.txt").write_text("weights")
    with begun(project="p", id="r") as run:
        run.save("model.txt")
        run.log({"t": table()})
    assert "copied: r" in asked("pull", "-p", "p", "-e", "me", "r").output
    assert (here / "r/model.txt").read_text() == "weights"
    assert list((here / "r/media/table").iterdir())
    (here / "r/model.txt").write_text("changed")
    assert "7B copied: r" in asked("pull", "p/r").output
    assert asked("pull", "p/none").exit_code == 1


def test_restore_brings_the_source_of_a_run(here: Path) -> None:
    """And says how git brings the rest; the run stays as it is."""
    git("init", "-q")
    (here / "train.py").write_text("lr = 1\n")
    git("add", "train.py")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")
    with begun(project="p", id="r", config={"lr": 1}) as run:
        run.log_code(".")
    told = asked("restore", "p/r", "--code", "back").output
    assert f"git switch --detach {git('rev-parse', 'HEAD').strip()}" in told
    assert (here / "back/code/train.py").read_text() == "lr = 1\n"
    assert "lr: 1" in (here / "back/config.yaml").read_text()


def git(*arguments: str) -> str:
    """Run git here."""
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def test_what_can_be_made_again_goes_and_runs_stay(here: Path) -> None:
    """`purge-cache` and `clean` touch no run and no version."""
    with begun(project="p", id="r") as run:
        run.log({"t": table()})
    with begun(project="p", id="gone"):
        pass
    asked("index", "build")
    (here / "tracklab_logs/.tracklab/cache").mkdir(parents=True)
    tracklab.Api().run("p/gone").delete()
    before = files(here / "tracklab_logs")
    assert "Removed" in asked("purge-cache", "--age", "1d", "--force").output
    assert "1 from the trash" in asked("clean", "--min-hours", "0", "--force").output
    left = files(here / "tracklab_logs")
    assert not (here / "tracklab_logs/.tracklab/cache").exists()
    kept = {path for path in before if path.startswith(("p/", "artifacts/"))}
    assert kept <= left
    assert not any("gone" in path for path in left)


def files(top: Path) -> set[str]:
    """Return the paths of all files below a directory."""
    return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_here_says_what_to_use(name: str) -> None:
    """In one line, with the exit code of a wrong command line."""
    done = asked(name, "something", "--with", "options")
    assert done.exit_code == 2
    assert done.output.startswith(f"{name} is not here. ")
    assert len(done.output.splitlines()) == 1


def test_the_server_starts_in_the_background() -> None:
    """`server start` says the address, `server stop` ends it."""
    with begun(project="p"):
        pass
    assert "http://127.0.0.1:" in as_wandb("server", "start")
    assert "Stopped" in as_wandb("server", "stop")


def test_python_m_wandb_is_this_command(here: Path) -> None:
    """Where `import wandb` finds us."""
    as_wandb("disabled")
    assert (here / "tracklab.yaml").read_text() == "mode: disabled\n"


def as_wandb(*arguments: str) -> str:
    """Run `python -m wandb` and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "wandb", *arguments], capture_output=True, text=True,
        env={**os.environ, "TRACKLAB_AS_WANDB": "1"}, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_cache_of_artifacts_is_not_here() -> None:
    """One line says what to use; the help does not list it."""
    done = asked("artifact", "cache", "cleanup", "10GB", "--remove-temp")
    assert done.exit_code == 2
    assert done.output == (
        "artifact cache is not here. Contents lie in one pool and nowhere else: `tracklab artifact "
        "gc` tidies it.\n"
    )
    assert "cache" not in asked("artifact", "--help").output
