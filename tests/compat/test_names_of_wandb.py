"""Every public name of wandb 0.31.0 is here, or the page for its programs says why not."""

from __future__ import annotations

from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

import tracklab
from tests.docs.cli_help import commands
from tests.docs.test_from_wandb import names_that_are
from tracklab.cli.absent import ABSENT
from tracklab.shim.facade import is_module
from tracklab.shim.names import NAMES, VERSION

wandb: Any = pytest.importorskip("wandb")

pytestmark = pytest.mark.compat

ELSEWHERE = names_that_are("refused") | names_that_are("absent")


def public(thing: Any) -> set[str]:
    """Return the names that a module or class shows."""
    return {name for name in dir(thing) if not name.startswith("_")}


def test_we_are_compared_with_the_version_that_we_say() -> None:
    """Programs compare versions."""
    assert wandb.__version__ == VERSION


def test_every_name_of_the_module_is_here_or_listed() -> None:
    """And none is listed that is here."""
    here = {name for name in public(wandb) if name in NAMES or is_module(f"wandb.{name}")}
    here |= public(wandb) & set(tracklab.__all__)
    assert public(wandb) - here == public(wandb) & ELSEWHERE


def modules() -> set[str]:
    """Return the paths below `wandb` of its modules that are no private ones."""
    place = Path(wandb.__file__).parent
    found = {path.relative_to(place).with_suffix("").parts for path in place.rglob("*.py")}
    named = {parts[:-1] if parts[-1] == "__init__" else parts for parts in found}
    return {".".join(parts) for parts in named if parts and not any(p[0] == "_" for p in parts)}


def test_every_module_is_here_or_listed() -> None:
    """By its own name or that of one above it."""
    missing = {name for name in modules() if not is_module(f"wandb.{name}")}
    listed = {name.removesuffix(".*") for name in ELSEWHERE}
    above = {name: set(accumulate(name.split("."), "{}.{}".format)) for name in missing}
    assert {name for name, paths in above.items() if not paths & listed} == set()
    assert not {name for name in names_that_are("absent") if is_module(f"wandb.{name}")}


def test_every_name_of_a_run_is_here_or_listed() -> None:
    """Methods and properties; `config` and `summary` are there once there is a run."""
    missing = public(wandb.Run) - public(tracklab.Run) - {"config", "summary"}
    assert {f"Run.{name}" for name in missing} == {n for n in ELSEWHERE if n.startswith("Run.")}


def test_every_field_of_settings_is_here() -> None:
    """With the same default, unless ours does something or the default is an address."""
    ours = tracklab.Settings().model_dump()
    assert set(wandb.Settings.model_fields) <= ours.keys()
    theirs = {
        name: field.default
        for name, field in wandb.Settings.model_fields.items()
        if isinstance(field.default, bool | int | float | str | tuple | None)
    }
    other = {name for name, value in theirs.items() if ours[name] != value}
    assert other == {
        "base_url", "console", "finish_timeout", "save_code", "x_stats_pid",
        "x_stats_coreweave_metadata_base_url", "x_stats_coreweave_metadata_endpoint",
    }  # fmt: skip


def test_arguments_of_the_main_calls_are_theirs() -> None:
    """Names and order, so that positional calls mean the same; ours may have more behind."""
    import inspect  # noqa: PLC0415 - only here

    names = (
        "agent", "alert", "finish", "init", "log", "restore", "save", "sweep", "unwatch", "watch",
    )  # fmt: skip
    for name in names:
        theirs = [n for n in inspect.signature(getattr(wandb, name)).parameters if n != "self"]
        ours = list(inspect.signature(getattr(tracklab, name)).parameters)
        assert ours[: len(theirs)] == theirs, name


def test_every_command_is_here_or_says_what_to_use() -> None:
    """Under the same name, if its help lists it."""
    every = import_module("wandb.cli.cli").cli.commands
    theirs = {name for name, command in every.items() if not command.hidden}
    assert theirs - set(commands()) == set(ABSENT) & theirs
    assert set(ABSENT) <= set(every)


@pytest.mark.parametrize(
    "name",
    ["CommError", "Error", "UsageError", "UnsupportedError", "AuthenticationError"],
)
def test_errors_have_the_same_parents(name: str) -> None:
    """Whoever catches the parent there catches it here."""
    theirs = {parent.__name__ for parent in getattr(wandb.errors, name).__mro__}
    ours = getattr(tracklab.errors, name).__mro__
    assert theirs <= {parent.__name__ for parent in ours} | {"Error"}
    assert issubclass(getattr(tracklab.errors, name), tracklab.errors.Error)
