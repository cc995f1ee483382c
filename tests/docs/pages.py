"""The pages of the documentation, and what stands in their fenced blocks.

A block's info string is its language and then marks, which say what a test does with it:

    ```python            runs, in one namespace with the page's other python blocks
    ```python no-run: w  compiles only; w says why
    ```python file: f    becomes the file f, for a later block to run
    ```python signature  is compared with the signature of the name it starts with
    ```bash              is checked for syntax
    ```bash run          runs, and must succeed; `run: jq` skips the page where jq is missing
    ```bash serve        runs in the background until the page ends
    ```console run       runs the lines after `$ `; what follows them is what they print
    ```json, ```yaml     parses; `json line` is a line of a segment and follows the schema
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *#*$")


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is that of its first line of text, counted from 1."""

    page: Path
    line: int
    language: str
    mark: str
    note: str
    text: str

    @property
    def place(self) -> str:
        """Where an editor finds it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Return every page: the repository's own and all below docs/."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def name_of(page: Path) -> str:
    """Return the page's path in the repository, for test ids and messages."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    ticks, info, indent, start = "", "", 0, 0
    kept: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.match(line)
        if not ticks and fence:
            ticks, info, indent = fence["ticks"], fence["info"].strip(), len(fence["indent"])
            start, kept = number + 1, []
        elif ticks and fence and fence["ticks"] == ticks and not fence["info"].strip():
            language, _, rest = info.partition(" ")
            mark, _, note = rest.partition(":")
            yield Block(page, start, language, mark.strip(), note.strip(), "\n".join(kept) + "\n")
            ticks = ""
        elif ticks:
            kept.append(line[indent:])
    assert not ticks, f"{name_of(page)}:{start}: this block has no end"


def prose(page: Path) -> list[tuple[int, str]]:
    """Return the lines outside of fenced blocks, each with its number."""
    lines, ticks = [], ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence and not ticks:
            ticks = fence["ticks"]
        elif fence and fence["ticks"] == ticks:
            ticks = ""
        elif not ticks:
            lines.append((number, line))
    return lines


def anchors(page: Path) -> set[str]:
    """Return the names by which links reach the headings of a page, as GitHub makes them."""
    titles = (_HEADING.match(line) for _, line in prose(page))
    return {_anchor(title["title"]) for title in titles if title}


def _anchor(title: str) -> str:
    text = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title.lower()))
    return text.replace(" ", "-")


def headings(page: Path, *, level: int | None = None) -> list[str]:
    """Return the titles of a page, or those of one level, without their backticks."""
    found = (re.match(r"^(#{1,6}) +(.+)$", line) for _, line in prose(page))
    return [
        match[2].replace("`", "") for match in found if match and level in {None, len(match[1])}
    ]
