"""The page for programs written for wandb lists what is not here, all of it and nothing else."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS
from tracklab.shim.names import LATER, REFUSED

PAGE = DOCS / "how-to" / "from-wandb.md"


def names_that_are(kind: str) -> set[str]:
    """Return the names that the page's last table calls `later`, `refused` or `absent`."""
    rows = PAGE.read_text(encoding="utf-8").partition("# Names that are not here")[2].splitlines()
    cells = [row.strip("|").split("|") for row in rows if row.startswith("|")]
    return {
        name for row in cells if row[1].strip() == kind for name in re.findall(r"`([^`]+)`", row[0])
    }


def test_the_page_lists_what_is_not_here_yet() -> None:
    """As the shim's table has it."""
    assert names_that_are("later") == set(LATER)


def test_the_page_lists_what_is_refused() -> None:
    """As the shim's table has it."""
    assert names_that_are("refused") == set(REFUSED)
