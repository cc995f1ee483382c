"""The same media logged with wandb 0.31.0 and with tracklab: equal records and equal files.

Beside what is listed here: types, names, sizes and SHA-256 of every file, counts and captions.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compat.media_scripts import MAKERS
from tracklab.media.html import Html
from tracklab.media.object3d import box3d
from tracklab.media.table import Table

wandb: Any = pytest.importorskip("wandb")

pytestmark = pytest.mark.compat

ROOT = Path(__file__).parents[2]
#: What only one of the two puts into a record. What wandb says of classes and charts is in the
#: configuration; here it stands where it is used.
THEIRS = frozenset({"previous_increments_paths"})
OURS = frozenset({"chart", "class_labels", "classes", "all_classes"})
ADDRESS = re.compile(r"wandb-client-artifact://\w+(:latest)?/|tracklab-artifact://[^:]+:\w+/")
#: What differs on purpose: a value's name, and which of its fields.
FILE = frozenset({"path", "sha256", "size"})
DIFFERENT: dict[str, frozenset[str]] = {
    "image_of_image": frozenset({"caption"}),  # wandb forgets the new one
    "video_mp4": FILE,  # another program around the same encoder
    "html_injected": FILE,  # nothing is added to a page
    "table_of_images": FILE | {"content"},  # cells name their files; wandb writes "Image"
    "table_incremental": frozenset({"artifact_path", "_latest_artifact_path"}),  # a file only
    # The tables, which wandb has in the artifact only.
    "joined": frozenset({"table1", "table2", "join_key", "_latest_artifact_path"}),
    "partitioned": frozenset({"parts_path", "_latest_artifact_path"}),
    "chart_confusion": FILE,  # counts are integers
    "matplotlib_figure": FILE,  # what matplotlib wrote, not encoded again
    "matplotlib_module": FILE,
    "image_of_axes": FILE,
    "bokeh_plot": FILE | {"content"},  # not read and written once more
}
#: The package that makes the content, where it is not numpy.
NEEDS = {"bokeh": "bokeh", "frame": "pandas", "image_torch": "torch", "matplotlib": "matplotlib",
         "image_of_axes": "matplotlib", "molecule_smiles": "rdkit", "plotly": "plotly",
         "table_of_frame": "pandas"}  # fmt: skip


def seen(place: Path, **environment: str) -> dict[str, Any]:
    """Return what rows and files hold once all values are logged."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.compat.media_scripts"],
        cwd=place, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WANDB_SILENT": "true",
             "PYTHONWARNINGS": "ignore", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def on_wandb(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what wandb leaves, which sends nothing."""
    return seen(tmp_path_factory.mktemp("wandb"), WANDB_MODE="offline")


@pytest.fixture(scope="module")
def on_tracklab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what tracklab leaves, found as wandb."""
    return seen(tmp_path_factory.mktemp("tracklab"), TRACKLAB_AS_WANDB="1")


@pytest.mark.parametrize("name", MAKERS)
def test_a_value_leaves_the_same(
    name: str, on_wandb: dict[str, Any], on_tracklab: dict[str, Any]
) -> None:
    """Record and files."""
    for start, package in NEEDS.items():
        if name.startswith(start):
            pytest.importorskip(package)
    theirs, ours = on_wandb[name], on_tracklab[name]
    without = THEIRS | OURS | DIFFERENT.get(name, frozenset())
    assert compared(ours, without) == compared(theirs, without)
    assert not isinstance(ours, str), ours  # an error on both sides is not the same


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_listed_as_different_is(
    name: str, on_wandb: dict[str, Any], on_tracklab: dict[str, Any]
) -> None:
    """The list holds no more than it must."""
    if any(name.startswith(start) and not has(package) for start, package in NEEDS.items()):
        pytest.skip("its package is not installed")
    without = THEIRS | OURS
    assert compared(on_tracklab[name], without) != compared(on_wandb[name], without)


def has(package: str) -> bool:
    """Return whether a package is installed."""
    from importlib.util import find_spec  # noqa: PLC0415 - only here

    return find_spec(package) is not None


def compared(record: Any, without: frozenset[str]) -> Any:
    """Return a record without some fields.

    Names of files lose their step: wandb's is the one before where a program gives the step.
    Addresses of artifacts lose what says which one: wandb's are numbers that its server knows.
    """
    if isinstance(record, dict):
        return {
            name: compared(inner, without) for name, inner in record.items() if name not in without
        }
    if isinstance(record, list):
        return [compared(inner, without) for inner in record]
    if isinstance(record, str):
        record = ADDRESS.sub("", record)
        return re.sub(r"_\d+_([0-9a-f]{20}\.)", r"_\1", record)
    return record


# --- which values fit a column


class Other:
    """A class that neither knows."""


#: No arrays: a column of them never ends taking a text. No lists of texts, or with None: a list
#: takes whatever can be iterated there, so a text, and None only where it comes first.
CELLS: list[Any] = [
    None, 1, 2.5, True, "a", b"a", float("nan"), np.float32(1), np.int8(2), np.bool_(0),
    np.str_("a"), [], [1], [1.5], [[1]], (1, 2), {3}, {"a": 1}, {"a": "x"}, {"b": 1},
    {"a": 1, "b": 2}, {"a": None}, {"a": [1]}, Other(), 1j,
]  # fmt: skip


@pytest.mark.parametrize("first", range(len(CELLS)))
def test_a_column_takes_what_theirs_takes(first: int) -> None:
    """Each pair of values, whichever comes first; but text, bytes and dicts are no lists."""
    for second in CELLS:
        pair = [CELLS[first], second]
        no_list = isinstance(pair[0], list | tuple | set) and isinstance(second, str | bytes | dict)
        assert fits(Table, pair) == (fits(wandb.Table, pair) and not no_list), pair


@pytest.mark.parametrize("dtype", [int, float, str, bool, [int]])
def test_a_type_that_is_said_is_theirs(dtype: Any) -> None:
    """For every value."""
    for cell in CELLS:
        assert fits(Table, [cell], dtype=dtype) == fits(wandb.Table, [cell], dtype=dtype), cell


def test_media_are_a_type_each() -> None:
    """As there."""
    for pair in ([wandb.Html("x"), 1], [1, wandb.Html("x")], [wandb.Html("x"), wandb.Html("y")]):
        ours = [Html("x") if isinstance(cell, wandb.Html) else cell for cell in pair]
        assert fits(Table, ours) == fits(wandb.Table, pair)


def test_a_box_is_turned_as_theirs() -> None:
    """For a quaternion without negative parts, of which wandb forgets the sign."""
    told: dict[str, Any] = {
        "center": (1, 2, 3),
        "size": (1, 2, 3),
        "orientation": (0.5, 0.1, 0.7, 2),
    }
    ours, theirs = (made(**told, color=(1, 0, 0)) for made in (box3d, wandb.box3d))
    assert np.allclose(ours["corners"], theirs["corners"])


def fits(kind: Any, cells: list[Any], **arguments: Any) -> bool:
    """Return whether a table takes these cells in one column."""
    try:
        kind(columns=["c"], data=[[cell] for cell in cells], **arguments)
    except TypeError:
        return False
    return True
