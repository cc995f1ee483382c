"""The objects of wandb 0.31.0's Api and ours have the same members, and ask in the same way."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.docs.test_from_wandb import names_that_are
from tracklab.api.refusals import Cloud
from tracklab.shim.facade import find, is_module
from tracklab.shim.names import NAMES

public: Any = pytest.importorskip("wandb.apis.public")

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.compat

KINDS = ("Api", "Run", "Runs", "File", "Files", "Project", "Projects", "HistoryScan",
         "ConsoleLogs", "ConsoleLogLine", "RunArtifacts", "Sweep", "Sweeps", "User")  # fmt: skip
ABSENT = names_that_are("absent")
#: Members of lists that know their length; ours of console lines is read, and not counted.
PAGES = {"ConsoleLogs": {"cursor", "more"}, "User": {"display", "to_html"}}


def members(kind: type) -> set[str]:
    """Return what a class shows."""
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_is_here_or_listed(kind: str) -> None:
    """Methods and properties."""
    missing = members(getattr(public, kind)) - members(find(f"apis.public.{kind}"))
    assert missing - PAGES.get(kind, set()) <= {name.rpartition(".")[2] for name in ABSENT}


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_theirs(kind: str) -> None:
    """Names and order, so that positional calls mean the same; what is refused takes any."""
    ours = find(f"apis.public.{kind}")
    for name in members(getattr(public, kind)) & members(ours):
        theirs = getattr(getattr(public, kind), name)
        if not callable(theirs) or name in vars(Cloud) or name == "to_html":
            continue
        wanted = list(inspect.signature(theirs).parameters)
        assert list(inspect.signature(getattr(ours, name)).parameters)[: len(wanted)] == wanted


def test_an_api_is_made_in_the_same_way() -> None:
    """With the same arguments."""
    wanted = inspect.signature(public.Api).parameters
    assert list(inspect.signature(tracklab.Api).parameters) == list(wanted)


def test_every_class_is_here_or_listed() -> None:
    """And none is listed that is here."""
    elsewhere = {
        name.removeprefix("apis.public.") for name in ABSENT
        if name.startswith("apis.public.") and not name.islower()  # modules have a test of theirs
    }  # fmt: skip
    classes = {name for name in members(public) if isinstance(getattr(public, name), type)}
    here = {name for name in classes if f"apis.public.{name}" in NAMES}
    assert classes - here == elsewhere
    modules = {name for name in members(public) - classes if is_module(f"wandb.apis.public.{name}")}
    assert {"runs", "files", "projects", "history", "api", "artifacts"} <= modules


def test_a_history_is_a_frame(tmp_path: Path) -> None:
    """Where pandas is installed, as it is here."""
    pandas = pytest.importorskip("pandas")
    with tracklab.init(dir=tmp_path, project="demo", id="r", system_monitor=False) as run:
        for step in range(3):
            run.log({"loss": step / 2})
    found = tracklab.Api({"dir": tmp_path}).run("demo/r").history()
    assert isinstance(found, pandas.DataFrame)
    assert found["loss"].tolist() == [0.0, 0.5, 1.0]
    frame = tracklab.Api({"dir": tmp_path}).runs("demo").histories(format="pandas")
    assert frame["run_id"].tolist() == ["r"] * 3
