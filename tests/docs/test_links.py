"""Every link of the documentation leads somewhere, and every page is reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, ROOT, anchors, name_of, pages, prose

if TYPE_CHECKING:
    from pathlib import Path

_LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<target>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_SENTENCE_END = re.compile(r"(?<![.\d])(?<!e\.g)(?<!i\.e)[.?!] +[A-Z]")
_LISTED = re.compile(r"^\s*(\||#|```)")


def links(page: Path) -> list[tuple[int, Path, str | None]]:
    """Return the relative links of a page: line, file or directory, heading."""
    return [
        (number, (page.parent / match["target"]).resolve() if match["target"] else page, match[2])
        for number, line in prose(page)
        for match in _LINK.finditer(line)
    ]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_resolves(page: Path) -> None:
    """The file is there, and so is the heading."""
    broken = [
        f"{name_of(page)}:{number}: {target.name}#{anchor or ''}"
        for number, target, anchor in links(page)
        if not target.exists()
        or (anchor is not None and (target.suffix != ".md" or anchor not in anchors(target)))
    ]
    assert broken == []


def test_every_page_is_on_the_map() -> None:
    """`docs/README.md` leads to each page, in one step or by way of another index."""
    reached: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        inside = (target for _, target, _ in links(page))
        waiting += [
            target
            for target in inside
            if target.suffix == ".md" and target.is_file() and target not in reached
        ]
    assert [name_of(page) for page in DOCS.rglob("*.md") if page not in reached] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name_of)
def test_a_line_holds_one_sentence(page: Path) -> None:
    """Changes then read well; tables and headings are left alone."""
    found = [
        f"{name_of(page)}:{number}: {line}"
        for number, line in prose(page)
        if not _LISTED.match(line) and _SENTENCE_END.search(re.sub(r"`[^`]*`", "x", line))
    ]
    assert found == []


def test_the_readme_leads_to_the_documentation() -> None:
    """A visitor starts at the repository's front page."""
    assert any(target.is_relative_to(DOCS) for _, target, _ in links(ROOT / "README.md"))
