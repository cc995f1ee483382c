"""The package offers exactly what it lists, and lists exactly what it offers."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import tracklab
from tracklab.errors import MissingPackageError

MODULES = [
    module.name
    for module in pkgutil.walk_packages(tracklab.__path__, "tracklab.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", [n for n in tracklab.__all__ if n != "run"])
def test_every_listed_name_is_there(name: str) -> None:
    """Loaded at first use, the same object ever after."""
    assert getattr(tracklab, name) is getattr(tracklab, name)


def test_the_handlers_are_reached_through_the_package() -> None:
    """In a fresh interpreter, where nothing has loaded them yet."""
    check = "import tracklab; print(tracklab.handlers.SegmentHandler.__name__)"
    told = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == "SegmentHandler\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """`hasattr` and star imports depend on it."""
    assert not hasattr(tracklab, "no_such_name")


@pytest.mark.parametrize("name", MODULES)
def test_every_module_lists_what_it_has(name: str) -> None:
    """No name in `__all__` is missing."""
    try:
        module = importlib.import_module(name)
    except MissingPackageError as error:
        pytest.skip(str(error))
    assert [n for n in getattr(module, "__all__", ()) if not hasattr(module, n)] == []
