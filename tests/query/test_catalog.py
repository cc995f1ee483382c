"""The catalog of runs: a listing with it is the listing without it, only quicker."""

from __future__ import annotations

import json
import os
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.bench.made_up import short_runs
from tracklab.index.catalog import CHAPTER_RUNS
from tracklab.index.places import index_root
from tracklab.query.cataloguing import update_catalog
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

LATER_S = 10.0
QUIET: dict[str, Any] = {"system_monitor": False, "settings": {"console": "off"}}
QUESTIONS: list[dict[str, Any]] = [
    {},
    {"sort": "summary.loss", "limit": 3},
    {"sort": "-config.lr"},
    {"f": "config.model.layers > 1 and status = finished", "sort": "name"},
    {"f": "config.model ~ layers or summary.text ~ a"},
    {"f": "tag = a and not exit_code = 0"},
    {"f": "summary.loss = null", "sort": "duration"},
    {"status": ["failed"], "sort": "step"},
    {"project": "tree/left", "sort": "updated"},
    {"sort": "summary.odd", "limit": 4},
]


@pytest.fixture
def many(root: Path) -> Path:
    """Return a root with a dozen runs of several projects, two of them not ended."""
    random_ = random.Random(3)  # noqa: S311 - made-up data
    for number in range(12):
        project = ["plain", "tree/left", "tree/right"][number % 3]
        config = {"lr": random_.random(), "model": {"layers": number % 4}, "note": "x" * 400}
        run = tracklab.init(
            project=project, id=f"r{number}", dir=root, config=config,
            tags=["a", "b"][number % 2 :], reinit="create_new", **QUIET,
        )  # fmt: skip
        odd = float("nan") if number % 3 else number
        run.log({"loss": random_.random() if number % 4 else None, "odd": odd, "text": "a" * 300})
        if number > 1:
            run.finish(exit_code=number % 5 == 0)
    return root


def listings(root: Path) -> Any:
    """Return what every question of a table gets, page by page."""
    engine = LocalEngine(root)
    found: list[Any] = [engine.projects()]
    for question in QUESTIONS:
        page = engine.runs(**question)
        found.append(page)
        while page.cursor is not None:
            page = engine.runs(**question, cursor=page.cursor)
            found.append(page)
    return without_clocks(plain(found))


def without_clocks(value: Any) -> Any:
    """Return a listing without what passes while it is read: the age of what still runs."""
    if isinstance(value, list):
        return [without_clocks(one) for one in value]
    if not isinstance(value, dict):
        return value
    moving = {"duration_s", "silent_s"} if value.get("status") == "running" else set()
    return {key: without_clocks(one) for key, one in value.items() if key not in moving}


def catalogued(root: Path) -> int:
    """Bring the catalog up to date, as if the runs had ended a while ago."""
    now_s = max(path.stat().st_mtime for path in root.rglob("*")) + LATER_S
    return update_catalog(root, index_root(root), now_s=lambda: now_s)


def unlisted(root: Path) -> int:
    """Return how many runs a listing opens for itself."""
    counts: list[int] = []
    LocalEngine(root, on_unlisted=counts.append).runs()
    return counts[0]


def test_listings_are_the_same_with_and_without_a_catalog(many: Path) -> None:
    """Filters, sorts, pages, nested and missing values, texts too long for it."""
    without = listings(many)
    assert catalogued(many) == 10
    assert unlisted(many) == 2
    assert listings(many) == without
    assert catalogued(many) == 0


def test_a_run_that_changes_is_told_by_itself(many: Path) -> None:
    """An edit, a resumed run, a removal and a new run show at once."""
    catalogued(many)
    document = many / "plain/r3/metadata.json"
    edited = json.loads(document.read_text()) | {"name": "edited", "tags": ["new"]}
    document.with_suffix(".new").write_text(json.dumps(edited))
    document.with_suffix(".new").replace(document)
    resumed = tracklab.init(
        project="tree/left", id="r4", dir=many, resume="must", reinit="create_new", **QUIET
    )
    resumed.log({"loss": 7.0})
    (many / "plain/r9").rename(many.parent / "r9")

    with_catalog = listings(many)
    names = {run.run_id: run for run in LocalEngine(many).runs().runs}
    for path in index_root(many).rglob("*.tlc"):
        path.unlink()

    assert names["r3"].name == "edited"
    assert names["r4"].status == "running"
    assert "r9" not in names
    assert with_catalog == listings(many)


def test_a_damaged_catalog_is_not_read(many: Path) -> None:
    """Wherever a bit flips, the listing stays."""
    expected = listings(many)
    catalogued(many)
    (chapter, *_) = index_root(many).rglob("*.tlc")
    sound = chapter.read_bytes()
    random_ = random.Random(8)  # noqa: S311 - any place will do
    for _ in range(20):
        content = bytearray(sound)
        content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)
        chapter.write_bytes(content)
        assert listings(many) == expected


def test_what_changed_is_catalogued_anew_and_nothing_piles_up(many: Path) -> None:
    """One run more: its project gets a new chapter in place of the short one."""
    catalogued(many)
    with tracklab.init(project="plain", id="late", dir=many, reinit="create_new", **QUIET) as run:
        run.log({"loss": 0.1})

    catalogued(many)

    assert unlisted(many) == 2
    assert len(list((index_root(many) / "catalog/plain").iterdir())) == 1


def test_a_run_that_two_chapters_tell_is_listed_once(many: Path) -> None:
    """A builder that was killed before it removed what it had replaced leaves both."""
    expected = listings(many)
    catalogued(many)
    for chapter in list(index_root(many).rglob("*.tlc")):
        shutil.copy(chapter, chapter.with_name(f"0{chapter.name}"))
    assert listings(many) == expected
    catalogued(many)
    assert len(list((index_root(many) / "catalog/plain").iterdir())) == 1


def test_very_many_runs_are_told_chapter_by_chapter(root: Path) -> None:
    """What a builder had written when it was killed counts; the rest is as quickly told later."""
    count = 2 * CHAPTER_RUNS + 52
    short_runs(root / "p", count)
    now_s = (root / "p").stat().st_mtime + LATER_S
    asked: dict[str, Any] = {"f": "config.model.layers < 6", "sort": "-summary.loss"}
    expected = LocalEngine(root).runs(**asked)
    patience = [None] * (CHAPTER_RUNS + 10)

    with pytest.raises(IndexError):
        update_catalog(root, index_root(root), now_s=lambda: now_s, on_run=patience.pop)

    assert unlisted(root) == count - CHAPTER_RUNS
    assert LocalEngine(root).runs(**asked) == expected
    assert update_catalog(root, index_root(root), now_s=lambda: now_s) == count - CHAPTER_RUNS
    assert unlisted(root) == 0
    assert LocalEngine(root).runs(**asked) == expected


def test_a_directory_whose_name_is_no_text_keeps_no_other_out(many: Path) -> None:
    """Bytes that are no UTF-8 name a run all the same."""
    (many / "plain" / "r3").rename(many / "plain" / os.fsdecode(b"\xff"))
    expected = listings(many)
    assert catalogued(many) == 9
    assert listings(many) == expected


def test_a_run_that_ended_just_now_waits(many: Path) -> None:
    """Its directory may change again within the same tick of the disk's clock."""
    now_s = max(path.stat().st_mtime for path in many.rglob("*"))
    assert update_catalog(many, index_root(many), now_s=lambda: now_s) == 0


def test_a_key_without_a_name_is_a_key(root: Path) -> None:
    """Of the config, also in the catalog: it hides no run, and can be asked for."""
    for number in range(2):
        run = tracklab.init(project="p", id=f"r{number}", dir=root, config={"": number}, **QUIET)
        run.finish()
    asked: list[dict[str, Any]] = [{"sort": "-config."}, {"f": "config. = 1"}]

    def answers() -> list[list[str]]:
        return [[one.run_id for one in LocalEngine(root).runs(**each).runs] for each in asked]

    assert answers() == [["r1", "r0"], ["r1"]]
    assert catalogued(root) == 2
    assert answers() == [["r1", "r0"], ["r1"]]
    assert unlisted(root) == 0
