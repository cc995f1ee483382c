"""The magic of notebooks, in a real shell of IPython."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("IPython", reason="IPython is not installed")
pytestmark = pytest.mark.integration


def said(root: Path, *cells: str) -> str:
    """Run cells in a shell of their own and return what it prints of their outputs.

    A terminal shows HTML as its object's name: what it would show is printed beside it.
    """
    shown = "import IPython.display as d; d.HTML.__repr__ = lambda self: 'HTML ' + self.data"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        input="\n".join([shown, *cells]) + "\n", text=True, check=True, capture_output=True,
        timeout=120,
        env={**os.environ, "TRACKLAB_DATA_DIR": str(root), "IPYTHONDIR": str(root / "ipython")},
    )  # fmt: skip
    return done.stdout + done.stderr


INIT = "import tracklab; run = tracklab.init(project='p', id='r', name='bold', mode='online')"


@pytest.mark.parametrize("magic", ["%wandb", "%tracklab"])
def test_the_magic_shows_the_run(root: Path, magic: str) -> None:
    """As a link to its page, or to its directory while no server shows it."""
    text = said(root, INIT, magic, "run.finish()")
    assert f'HTML <a href="file://{root}/p/r" target="_blank">bold</a>' in text


def test_the_magic_of_a_cell_shows_the_run_and_runs_the_cell(root: Path) -> None:
    """Before the cell's own output."""
    cell = "get_ipython().run_cell_magic('wandb', '', 'print(6 * 7)')"
    text = said(root, INIT, cell, "run.finish()")
    assert text.index("bold</a>") < text.index("\n42\n")


def test_the_magic_comes_with_the_extension_too(root: Path) -> None:
    """Without a run it says what to do, and what it is told is shown as it is."""
    text = said(
        root, "%load_ext tracklab", "%wandb", "%wandb demo/<b> -h 300", "%wandb --height=9 demo/c",
        "%wandb a b", "%wandb -h tall", "%wandb 'a",
    )  # fmt: skip
    assert "%wandb has no run to show. Call tracklab.init() first" in text
    assert "HTML demo/&lt;b&gt;" in text
    assert "HTML demo/c" in text
    assert "%wandb takes one run or project; got 'a b'" in text
    assert "%wandb got '-h tall': argument -h/--height: invalid int value" in text
    assert "No closing quotation. Write %wandb --height 420." in text
