"""Which run an address names, and what it can never name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.query.files import segment
from tracklab.errors import NotFoundError
from tracklab.query.addresses import resolve

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_is_a_path_or_a_unique_id(root: Path) -> None:
    """Slashes around it do not matter."""
    segment(root / "a" / "b" / "one", [])
    place = resolve(root, "one")
    assert place == resolve(root, "a/b/one") == resolve(root, "/a/b/one/")
    assert (place.project, place.run_id, place.address) == ("a/b", "one", "a/b/one")


def test_an_ambiguous_id_lists_the_candidates(root: Path) -> None:
    """The user sees what to write instead."""
    for project in ("a", "b"):
        segment(root / project / "one", [])
    with pytest.raises(NotFoundError, match="a/one, b/one"):
        resolve(root, "one")


@pytest.mark.parametrize(
    "address",
    ["", "/", "nope", "a/nope", "../a/one", "a/../a/one", "a//one", ".tracklab/trash/one",
     "artifacts/one", "link/one", "a/link", "a\0/one", "./a/one", "a", f"{'a' * 5_000}/one",
     f"{'a/' * 3_000}one", f"{f'{chr(97) * 250}/' * 16}one", "\udcff/one"],
)  # fmt: skip
def test_no_address_leaves_the_data_directory(root: Path, address: str) -> None:
    """Nor names what a listing would not show."""
    for place in ("a/one", ".tracklab/trash/one", "artifacts/one", "elsewhere/one"):
        segment(root / place, [])
    (root / "link").symlink_to(root / "elsewhere")
    (root / "a" / "link").symlink_to(root / "elsewhere" / "one")
    with pytest.raises(NotFoundError):
        resolve(root, address)


@pytest.mark.parametrize("inside", ["files", "files/deep/copy", "media/x"])
def test_what_a_run_keeps_is_no_run(root: Path, inside: str) -> None:
    """A saved `history.jsonl` makes no run of its folder; a project may still be called `files`."""
    segment(root / "p" / "run", [])
    segment(root / "p" / "run" / inside, [])
    segment(root / "files" / "one", [])
    with pytest.raises(NotFoundError):
        resolve(root, f"p/run/{inside}")
    assert resolve(root, "files/one").run_id == "one"
