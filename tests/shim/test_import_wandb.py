"""`import wandb` finds tracklab where it was asked to, and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.errors import MissingPackageError, UnsupportedError
from tracklab.shim.facade import is_module
from tracklab.shim.finder import Finder
from tracklab.shim.names import NAMES, REFUSED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

ASKED = {"TRACKLAB_AS_WANDB": "1"}


def python(code: str, place: Path, *, asked: bool = True, **environment: str) -> Any:
    """Run a program in `place`, with `wandb` asked for or not; return what it prints, as JSON."""
    switch = ASKED if asked else {}
    done = subprocess.run(
        [sys.executable, "-c", f"import json\n{code}"], cwd=place, capture_output=True, text=True,
        env={**os.environ, **switch, "TRACKLAB_CONSOLE": "off", **environment}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_other_packages_find_it_as_they_look_for_packages(tmp_path: Path) -> None:
    """By specification, by metadata, by version, and by its attribute `run` before `init`."""
    told = python(
        """
import importlib.metadata as m, importlib.util as u
spec = u.find_spec("wandb")
import wandb
print(json.dumps([
    spec.origin == wandb.__file__, m.version("wandb"), m.metadata("wandb")["Name"],
    m.packages_distributions()["wandb"], wandb.__version__, hasattr(wandb, "run"), wandb.run,
    u.find_spec("wandb.nothing"),
]))""",
        tmp_path,
    )
    assert told == [True, "0.31.0", "wandb", ["wandb"], "0.31.0", True, None, None]


def test_a_type_is_one_object_under_all_its_paths(tmp_path: Path) -> None:
    """Deep paths are names, not copies; nothing runs twice."""
    told = python(
        """
import tracklab, wandb
import wandb.sdk.wandb_run, wandb.sdk.lib.disabled
from wandb.sdk.wandb_run import Run
from wandb.wandb_run import Run as Older
from wandb.errors import CommError, UsageError
from wandb.sdk.lib.config_util import ConfigError
print(json.dumps([
    Run is wandb.Run is tracklab.Run is Older is wandb.sdk.wandb_run.Run,
    UsageError is tracklab.UsageError, wandb.errors.CommError is wandb.CommError,
    issubclass(ConfigError, wandb.Error),
    wandb.sdk.wandb_run is __import__("sys").modules["wandb.sdk.wandb_run"],
]))""",
        tmp_path,
    )
    assert told == [True] * 5


def test_a_star_import_gives_what_programs_use(tmp_path: Path) -> None:
    """`from wandb import *` brings the calls of a training."""
    told = python(
        "from wandb import *\nprint(json.dumps([init.__module__, 'Run' in globals()]))", tmp_path
    )
    assert told == ["tracklab.sdk.starting", True]


def test_a_program_may_replace_a_name(tmp_path: Path) -> None:
    """As tests do with `wandb.init`: what they put there is theirs, and tracklab stays itself."""
    told = python(
        """
import tracklab, wandb
wandb.init = lambda **_: "mine"
print(json.dumps([wandb.init(), tracklab.init is wandb.init]))""",
        tmp_path,
    )
    assert told == ["mine", False]


def test_the_current_run_is_followed(root: Path, tmp_path: Path) -> None:
    """`wandb.run`, `config` and `summary` are those of the run, and again nobody's afterwards."""
    told = python(
        """
import wandb
before = wandb.config
run = wandb.init(project="p", config={"lr": 1})
wandb.log({"loss": 0.5})
seen = [wandb.run is run, wandb.config.lr, before.lr, wandb.summary["loss"]]
wandb.finish()
try:
    wandb.log({})
except wandb.Error as error:
    seen.append(str(error))
print(json.dumps([*seen, wandb.run]))""",
        tmp_path,
        TRACKLAB_DATA_DIR=str(root),
    )
    text = "You must call wandb.init() before wandb.log()"
    assert told == [True, 1, 1, 0.5, text, None]


@pytest.mark.parametrize("how", ["spawn", "forkserver", "fork"])
def test_children_find_it_too(tmp_path: Path, how: str) -> None:
    """However multiprocessing starts them."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import multiprocessing, tracklab\n"
        "def child(queue):\n"
        "    import wandb\n"
        "    queue.put([wandb.__version__, wandb.init.__module__])\n"
        "if __name__ == '__main__':\n"
        "    tracklab.install_as_wandb()\n"
        f"    context = multiprocessing.get_context({how!r})\n"
        "    queue = context.Queue()\n"
        "    process = context.Process(target=child, args=(queue,))\n"
        "    process.start()\n"
        "    print(queue.get(timeout=30))\n"
        "    process.join()\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "['0.31.0', 'tracklab.sdk.starting']\n"


def make_another(place: Path) -> None:
    """Put a package into `place` that calls itself wandb."""
    (place / "wandb").mkdir()
    (place / "wandb" / "__init__.py").write_text("name = 'another'\n")


def test_an_installed_wandb_is_hidden_only_when_asked(tmp_path: Path) -> None:
    """Without the switch the other package is imported; with it, ours."""
    make_another(tmp_path)
    code = "import wandb, tracklab\nprint(json.dumps(getattr(wandb, 'name', 'ours')))"
    assert python(code, tmp_path, asked=False) == "another"
    assert python(code, tmp_path, asked=False, TRACKLAB_AS_WANDB="0") == "another"
    assert python(code, tmp_path) == "ours"


def test_asking_too_late_is_an_error(tmp_path: Path) -> None:
    """Half a program on one package and half on another would be worse."""
    make_another(tmp_path)
    told = python(
        """
import wandb, tracklab
try:
    tracklab.install_as_wandb()
except tracklab.UsageError as error:
    print(json.dumps(str(error).split(":")[0]))""",
        tmp_path,
        asked=False,
    )
    assert told == "install_as_wandb() came too late"


def test_asking_twice_is_asking_once(tmp_path: Path) -> None:
    """One finder stands first, whoever asked."""
    told = python(
        """
import sys, tracklab
tracklab.install_as_wandb(); import wandb; tracklab.install_as_wandb()
print(json.dumps([type(finder).__name__ for finder in sys.meta_path].count("Finder")))""",
        tmp_path,
    )
    assert told == 1


def test_nothing_is_loaded_for_a_program_that_does_not_ask(tmp_path: Path) -> None:
    """The line in the `.pth` costs a look at the environment."""
    code = "import sys\nprint(json.dumps([m for m in sys.modules if m.startswith('tracklab')]))"
    assert python(code, tmp_path, asked=False) == []
    rooms = {name.partition(".")[2] for name in python(code, tmp_path)}
    assert rooms == {"", "errors", "shim", "shim.finder"}


@pytest.mark.parametrize("path", sorted(NAMES))
def test_every_name_of_the_table_is_there(path: str) -> None:
    """Its module has it, or says how to get its framework; every module above it is one."""
    from tracklab.shim.facade import find  # noqa: PLC0415 - loads the table

    try:
        assert find(path) is not None
    except MissingPackageError as error:
        assert "Install it with: pip install" in str(error)  # noqa: PT017 - either is right
    assert is_module(f"wandb.{path}".rpartition(".")[0])


@pytest.mark.parametrize("path", sorted(REFUSED))
def test_what_is_refused_says_what_to_use_instead(path: str) -> None:
    """It can be imported; calling it is what raises."""
    from tracklab.shim.facade import find  # noqa: PLC0415 - as above

    assert is_module(f"wandb.{path}".rpartition(".")[0])
    path = path.replace("*", "Whatever")
    with pytest.raises(UnsupportedError) as caught:
        find(path)("anything", at=3)
    said, _, instead = str(caught.value).partition(". ")
    assert (said, len(instead) > 10) == (f"wandb.{path}() is not part of tracklab", True)


def test_only_wandb_is_found() -> None:
    """Other packages, also those whose names begin alike, are none of ours."""
    assert [Finder().find_spec(name) for name in ("wandb_workspaces", "json", "wandbx.sdk")] == [
        None
    ] * 3


def test_tracklab_imported_as_wandb_has_its_names() -> None:
    """`import tracklab as wandb` needs no hook."""
    assert tracklab.util.generate_id(5).isalnum()
    assert tracklab.login(key="x") is True
    assert tracklab.errors.CommError is tracklab.CommError
    assert getattr(tracklab, "api") is tracklab.api  # noqa: B009 - the same object ever after


def test_only_the_command_line_can_be_run_as_a_program() -> None:
    """`python -m wandb` is our command; no other module of it is a program."""
    found = {path: Finder().find_spec(path) for path in ("wandb.__main__", "wandb.util")}
    codes = [spec.loader.get_code(path) for path, spec in found.items() if spec and spec.loader]  # type: ignore[attr-defined] # runpy asks for it, too
    assert [code is None for code in codes] == [False, True]


def test_the_command_of_an_installed_wandb_is_ours(tmp_path: Path) -> None:
    """Its script imports `wandb.cli.cli`; `python -m tracklab` is the same."""
    script = tmp_path / "wandb_command"
    script.write_text("import sys\nfrom wandb.cli.cli import cli\nsys.exit(cli())\n")
    told = [
        subprocess.run(
            [sys.executable, *how, "login"], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, **ASKED}, check=True,
        ).stdout
        for how in ([str(script)], ["-m", "wandb"], ["-m", "tracklab"])
    ]  # fmt: skip
    assert len(set(told)) == 1
    assert told[0].startswith("No login is needed")


def test_a_chart_and_its_module_have_one_name(tmp_path: Path) -> None:
    """`wandb.plot.line` stays the function, also after the import of the module."""
    told = python(
        """
import wandb.plot.line, wandb
from wandb.plot.line import line
print(json.dumps([wandb.plot.line is line is wandb.plot.__getattr__("line"), callable(line)]))""",
        tmp_path,
    )
    assert told == [True, True]


def test_integrations_find_what_they_borrow(tmp_path: Path) -> None:
    """Marks of usage go nowhere; values, digests and configurations are those of a run."""
    (tmp_path / "b").write_bytes(b"b")
    (tmp_path / "a").write_bytes(b"a")
    told = python(
        """
import argparse, base64, hashlib, numpy
import wandb
from wandb.sdk.data_types.utils import history_dict_to_json, val_to_json
from wandb.sdk.lib import hashutil, ipython, telemetry
with telemetry.context(run=None) as record:
    record.feature.watch = True
ab = hashlib.md5(b"ab").digest()
given = argparse.Namespace(lr=1, seed=2)
print(json.dumps([
    hashutil.md5_file_b64("b", "a") == base64.b64encode(ab).decode() == hashutil.md5_string("ab"),
    hashutil.b64_to_hex_id(hashutil.hex_to_b64_id(ab.hex())) == hashutil.md5_file_hex("a", "b"),
    wandb.helper.parse_config(given, exclude=["seed"]),
    val_to_json(None, "k", numpy.arange(3), namespace=0),
    history_dict_to_json(None, {"_step": 1, "a": {"b": numpy.arange(2)}}),
    [ipython.in_notebook(), ipython.in_jupyter(), ipython.in_ipython(),
     ipython.in_vscode_notebook()],
]))""",
        tmp_path,
    )
    row = {"_step": 1, "a": {"b": [0, 1]}}
    assert told == [True, True, {"lr": 1}, [0, 1, 2], row, [False] * 4]
