"""Runs that go on, go back, fork or begin anew: the program and a reader of the lines agree."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tracklab
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.sdk.run import Run

pytestmark = pytest.mark.integration


def begin(root: Path, **options: Any) -> Run:
    """Begin a run without helpers."""
    return tracklab.init(
        project="p", dir=root, reinit="create_new", system_monitor=False,
        settings={"console": "off"}, **options,
    )  # fmt: skip


def kill(run: Run) -> None:
    """Let the run end as SIGKILL would: no end is told, and its lock is free."""
    run.writer_of_rows.close()


def told_by_lines(run: Run) -> dict[str, Any]:
    """Return the summary that a reader makes of the lines alone."""
    for name in ("summary.json", "metadata.json"):
        with suppress(FileNotFoundError):
            (run.run_dir / name).unlink()
    found = LocalEngine(run.root).run(run.address).run.summary
    return {key: value for key, value in found.items() if key not in {"_runtime", "_timestamp"}}


def known(run: Run) -> dict[str, Any]:
    """Return the summary that the program has, with dotted names."""
    values = run.summary.as_dict()
    flat = {key: value for key, value in values.items() if not isinstance(value, dict)}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
    return flat | {"_step": run.step - 1}


KEYS = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-5, 5)
OPS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.dictionaries(KEYS, NUMBERS, min_size=1)),
        st.tuples(st.just("set"), KEYS, NUMBERS),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("define"), KEYS, st.sampled_from(["max", "min,mean", "last", "none"])),
    ),
    max_size=8,
)
WAYS = st.sampled_from(["resume", "back", "fork", "anew"])
LIVES = st.lists(st.tuples(WAYS, st.integers(0, 6), OPS, st.booleans()), max_size=3)


def live(run: Run, ops: list[Any]) -> None:
    """Do what a program does, and log a row at the end."""
    for op, *said in [*ops, ("log", {"end": 1})]:
        if op == "log":
            run.log(said[0])
        elif op == "set":
            run.summary[said[0]] = said[1]
        elif op == "delete":
            del run.summary[said[0]]
        else:
            run.define_metric(said[0], summary=said[1])


@settings(max_examples=60)
@given(first=OPS, lives=LIVES)
@example(first=[("set", "a", 1)], lives=[("anew", 0, [], True), ("resume", 0, [], True)])
def test_the_program_and_the_lines_agree(
    tmp_path_factory: pytest.TempPathFactory, first: list[Any], lives: list[Any]
) -> None:
    """Whatever was logged, set, deleted and defined before and after each way to go on."""
    root = tmp_path_factory.mktemp("runs")
    run = begin(root, id="r")
    live(run, first)
    for way, at, ops, clean in lives:
        run.finish() if clean else kill(run)
        step = min(at, run.step - 1)
        run = begin(root, **{
            "resume": {"id": run.id, "resume": "allow"},
            "back": {"resume_from": f"{run.id}?_step={step}"},
            "fork": {"fork_from": f"{run.id}?_step={step}"},
            "anew": {"id": run.id},
        }[way])  # fmt: skip
        live(run, ops)
    assert told_by_lines(run) == known(run)
    run.finish()


def going_back(run: Run) -> None:
    """Set, log and define before and behind step 1, and end."""
    run.define_metric("x", summary="max")
    run.log({"x": 1, "early": 1})
    run.summary["best"] = 1
    run.log({"x": 2})
    run.log({"x": 9, "late": 1})
    run.summary["best"] = 9
    run.define_metric("late", summary="mean")
    run.finish()


@pytest.mark.parametrize("how", ["resume_from", "fork_from"])
def test_what_was_set_and_defined_by_then_comes_with_it(root: Path, how: str) -> None:
    """And nothing that came later."""
    going_back(begin(root, id="r"))
    run = begin(root, **{how: "r?_step=1"})
    assert run.summary.as_dict() == {"x": {"max": 2}, "early": 1, "best": 1}
    run.log({"x": 3, "late": 2})
    run.finish()
    expected = {"x.max": 3, "early": 1, "best": 1, "late": 2, "_step": 2}
    assert told_by_lines(run) == expected


def test_an_index_tells_nothing_of_rows_that_are_hidden(root: Path) -> None:
    """A key that only hidden rows hold is not in the summary, indexed or not."""
    run = begin(root, id="r")
    for step in range(2_000):
        run.log({"x": step, **({"late": 1} if step > 1_000 else {})})
    run.finish()
    place = run_place(index_root(root), "p", "r")
    build_run(run.run_dir, place, min_bytes=1)
    assert told_by_lines(run)["late"] == 1
    again = begin(root, resume_from="r?_step=500")
    again.finish()
    assert list(place.iterdir())
    assert told_by_lines(again) == {"x": 500, "_step": 501}


def test_values_that_fit_no_line_are_known_again(root: Path) -> None:
    """Of the summary and the configuration, after a kill, by readers and by a fork."""
    run = begin(root, id="r", config={"prompt": "p" * 40_000, "lr": 1})
    run.summary.update({"report": "x" * 40_000, "acc": 0.9})
    run.log({"a": 1})
    kill(run)
    (run.run_dir / "config.yaml").unlink()
    shown = LocalEngine(root).run("p/r").run
    assert (shown.summary["report"], shown.summary["acc"]) == ("x" * 40_000, 0.9)
    assert shown.config == {"prompt": "p" * 40_000, "lr": 1}
    for way in ({"id": "r", "resume": "must"}, {"fork_from": "r?_step=0"}):
        again = begin(root, **way)
        assert again.summary.as_dict() == {"report": "x" * 40_000, "acc": 0.9, "a": 1}
        assert again.config.as_dict() == {"prompt": "p" * 40_000, "lr": 1}
        again.finish()


def test_a_fork_shares_the_media_that_are_whole(root: Path) -> None:
    """What is being written has no name yet; files that the new run has already stay."""
    for name in ("r", "other"):
        with begin(root, id=name) as run:
            run.log({"page": tracklab.Html(f"<p>{name}</p>")})
    (root / "p/r/media/html/.123-0.part").write_bytes(b"half")
    with begin(root, id="other", fork_from="r?_step=0") as fork:
        fork.log({"a": 1})
    found = LocalEngine(root).media("p/other").media
    texts = {(fork.run_dir / item.record["path"]).read_text() for item in found}
    assert any("<p>r</p>" in text for text in texts)
    assert not list(fork.run_dir.rglob("*.part"))
    assert len(list((fork.run_dir / "media/html").iterdir())) == 2


def test_notes_of_a_script_without_rows_go_with_its_attempt(root: Path) -> None:
    """An id that is taken anew begins with nothing."""
    with begin(root, id="r") as run:
        run.summary["best"] = 3
    with begin(root, id="r") as run:
        run.log({"a": 1})
    assert told_by_lines(run) == known(run) == {"a": 1, "_step": 0}
