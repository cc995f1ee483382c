"""The page for programs written for wandb lists what is not here, all of it and nothing else."""

from __future__ import annotations

import re

from tests.docs.cli_help import commands
from tests.docs.pages import DOCS
from tracklab.cli.absent import ABSENT
from tracklab.shim.names import REFUSED

PAGE = DOCS / "how-to" / "from-wandb.md"


def names_that_are(kind: str) -> set[str]:
    """Return the names that the page's last table calls `refused` or `absent`."""
    rows = PAGE.read_text(encoding="utf-8").partition("# Names that are not here")[2].splitlines()
    cells = [row.strip("|").split("|") for row in rows if row.startswith("|")]
    return {
        name for row in cells if row[1].strip() == kind for name in re.findall(r"`([^`]+)`", row[0])
    }


def test_the_page_lists_what_is_refused() -> None:
    """As the shim's table has it."""
    assert names_that_are("refused") == set(REFUSED)


def test_the_page_lists_every_command_that_is_not_here() -> None:
    """And those that it names as ours are."""
    rows = PAGE.read_text(encoding="utf-8").partition("\n## Commands")[2].partition("\n## ")[0]
    cells = [row.strip("|").split("|") for row in rows.splitlines() if row.startswith("| `")]
    absent = {
        name.removeprefix("wandb ")
        for theirs, ours in cells
        for name in re.findall(r"`([^`]+)`", theirs)
        if ours.strip().startswith("not here")
    }
    assert absent == set(ABSENT)
    named = {name for _, ours in cells for name in re.findall(r"`tracklab ([a-z-]+)", ours)}
    assert named <= set(commands())
