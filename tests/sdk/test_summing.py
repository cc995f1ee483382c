"""The writer's summary and the readers': the same keys, the same numbers, whatever was done."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.query.engines.local import LocalEngine
from tracklab.records.flat import flatten
from tracklab.sdk.starting import open_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.sdk.run import Run

KEYS = st.sampled_from(["a", "b", "n", "n.x", "n/x"])
NUMBERS = st.one_of(st.integers(-9, 9), st.sampled_from([0.5, float("inf"), None, "text", [1]]))
ROWS = st.dictionaries(
    KEYS,
    st.recursive(NUMBERS, lambda one: st.dictionaries(st.sampled_from("xyz"), one), max_leaves=4),
    max_size=3,
)
ACTIONS = st.one_of(
    st.tuples(st.just("log"), ROWS),
    st.tuples(st.just("set"), ROWS),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(
        st.just("define"),
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["a", "n.x", "n.*", "n*", "n.x.y", "*"]),
                "summary": st.sampled_from([None, "max", "min,mean", "last", "first", "none"]),
                "step_metric": st.sampled_from([None, "s", "n.s", "t.s"]),
                "overwrite": st.booleans(),
            }
        ),
    ),
    st.tuples(st.sampled_from(["end", "kill"]), st.none()),
)


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a run."""
    made = open_run("p", root=root, run_id="r")
    yield made
    made.finish()


def act(run: Run, what: str, given_to_it: Any) -> Run:
    """Do one thing to a run, and return the run that goes on."""
    if what == "log":
        run.log(given_to_it)
    elif what == "set":
        run.summary.update(given_to_it)
    elif what == "delete":
        del run.summary[given_to_it]
    elif what == "define":
        run.define_metric(**given_to_it)
    else:
        run.finish() if what == "end" else run.writer_of_rows.close()
        return open_run("p", root=run.root, run_id="r", resume="must")
    return run


def read(root: Path) -> dict[str, Any]:
    """Return what readers make of the lines."""
    return {k: v for k, v in LocalEngine(root).run("p/r").run.summary.items() if k[0] != "_"}


def rows(run: Run) -> list[dict[str, Any]]:
    """Return what the user logged, as it was written."""
    lines = map(orjson.loads, (run.run_dir / "history.jsonl").read_bytes().splitlines()[1:])
    return [{key: value for key, value in line.items() if key[0] != "_"} for line in lines]


@given(st.lists(ACTIONS, max_size=12))
@settings(PATIENT, max_examples=40)
def test_writer_and_reader_agree(actions: list[tuple[str, Any]]) -> None:
    """After any logs, definitions, assignments, deletions, ends and crashes."""
    with TemporaryDirectory() as place:
        run = open_run("p", root=place, run_id="r")
        for what, given_to_it in actions:
            run = act(run, what, given_to_it)
        written = flatten(run.summary.as_dict())
        assert read(Path(place)) == written
        run.finish()
        assert read(Path(place)) == written


def test_nested_values_are_keys_of_their_own(run: Run, root: Path) -> None:
    """One that a row lacks stays; None and empty objects change nothing."""
    run.log({"a": {"b": 1, "c": 2}, "d": 1})
    run.log({"a": {"b": 3, "c": None}, "d": {}})
    assert run.summary.as_dict() == {"a": {"b": 3, "c": 2}, "d": 1}
    run.summary["a"]["z"] = 5
    run.log({"a": {"c": 9}})
    assert run.summary["a"] == {"b": 3, "c": 9, "z": 5}
    run.summary["a"] = {"z": 1}
    assert run.summary["a"] == {"z": 1}
    run.log({"a": 7})
    assert read(root) == run.summary.as_dict() == {"a": 7, "d": 1}


def test_a_copy_of_the_summary_stays_as_it_was(run: Run) -> None:
    """Also its nested parts."""
    run.log({"a": {"b": 1}})
    before = run.summary.as_dict()
    run.log({"a": {"b": 2}})
    assert before == {"a": {"b": 1}}


def test_definitions_mean_nested_keys_by_their_dotted_names(run: Run, root: Path) -> None:
    """Exact ones and prefixes, as deep as they lie."""
    run.define_metric("x.y", summary="max")
    run.define_metric("g.*", summary="min,mean")
    run.define_metric("h.k", summary="none")
    run.log({"x": {"y": 5, "z": 1}, "g": {"a": {"b": 4}}, "h": {"k": 1, "l": 2}})
    run.log({"x": {"y": 1, "z": 2}, "g": {"a": {"b": 2}}})
    assert run.summary.as_dict() == {
        "x": {"y": {"max": 5}, "z": 2}, "g": {"a": {"b": {"min": 2, "mean": 3.0}}}, "h": {"l": 2},
    }  # fmt: skip
    assert read(root) == flatten(run.summary.as_dict())


def test_a_nested_step_metric_is_put_into_rows_that_lack_it(run: Run) -> None:
    """Its last value, also where the summary keeps its largest; 0 before there is one."""
    run.define_metric("n.*", step_metric="n.s")
    run.define_metric("n.s", summary="max")
    given_dict = {"v": 1}
    for row in ({"n": given_dict}, {"n": {"s": 4}}, {"n": {"s": 3}}, {"n": {"v": 3}}, {"q": 1}):
        run.log(row)
    assert given_dict == {"v": 1}
    assert rows(run) == [
        {"n": {"v": 1, "s": 0}}, {"n": {"s": 4}}, {"n": {"s": 3}}, {"n": {"v": 3, "s": 3}},
        {"q": 1},
    ]  # fmt: skip


def test_a_step_metric_is_spelt_as_the_program_does(run: Run) -> None:
    """With a dot in its name, or as a level where none is in the way."""
    run.define_metric("v", step_metric="t.s")
    for row in ({"t": 1, "v": 1}, {"v": 2}, {"t.s": 5}, {"v": 3}):
        run.log(row)
    assert rows(run) == [{"t": 1, "v": 1, "t.s": 0}, {"v": 2, "t.s": 0}, {"t.s": 5},
                         {"v": 3, "t.s": 5}]  # fmt: skip


def test_a_new_definition_keeps_what_was_counted(run: Run, root: Path) -> None:
    """As in wandb: widened or replaced, it shows at once what it asks for."""
    run.define_metric("a", summary="min")
    run.log({"a": 3})
    run.define_metric("a", summary="max")
    assert run.summary["a"] == {"min": 3, "max": 3}
    run.log({"a": 1})
    run.define_metric("a", summary="mean", overwrite=True)
    run.log({"a": 7})
    assert run.summary["a"]["mean"] == read(root)["a.mean"] == pytest.approx(11 / 3)
    run.define_metric("a", overwrite=True)
    assert run.summary["a"] == read(root)["a"] == 7
    run.define_metric("a", summary="none")
    assert "a" not in run.summary
