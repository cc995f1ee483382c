"""Whatever lies in the files: no question fails, and every good line is found."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.test_answers import indexed
from tests.patience import PATIENT
from tests.query.files import event, row, segment
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.query.sql.asking import ask
from tracklab.records.names import STREAMS

if TYPE_CHECKING:
    from tracklab.query.engine import Engine

RUBBISH = st.one_of(
    st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")),
    st.sampled_from([b"{", b"[1]", b"null", b"\0\0\0", b"{}", b'{"_step":1e400}', b'{"a":NaN']),
)


def ask_everything(engine: Engine) -> dict[str, Any]:
    """Ask every question that a page of the UI asks, and make JSON of each answer."""
    answers = {
        "runs": engine.runs(sort="-summary.a", f="config.x = 1 or not summary.a < 0"),
        "projects": engine.projects(),
        "run": engine.run("r"),
        "keys": engine.keys(["r"]),
        "system": engine.series(["r"], ["a"], stream="system"),
        "series": engine.series(["r"], ["a"]),
        "smooth": engine.series(["r"], ["a"], x="time", smooth="gaussian:1"),
        "rows": engine.rows("r"),
        "events": engine.events("r", search="x"),
        "logs": engine.logs("r"),
        "calls": engine.llm_calls(run="r"),
        "stats": engine.llm_stats(),
        "checkpoints": engine.checkpoints(),
        "compare": engine.compare(["r", "r"]),
        "tail": engine.tail("r"),
    }
    return {name: plain(answer) for name, answer in answers.items()}


@given(st.lists(RUBBISH, max_size=6), st.sampled_from(STREAMS), st.binary(max_size=20))
@settings(PATIENT, max_examples=60)
def test_rubbish_between_lines_hides_none_of_them(
    rubbish: list[bytes], stream: str, torn: bytes
) -> None:
    """Good lines stand between bad ones, a torn one at the end."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        good = [
            row(n, n, {"a": n}) if stream == "history" else event("tracklab.llm", "llm_call", seq=n)
            for n in range(len(rubbish) + 1)
        ]
        mixed = [line for pair in zip(good, rubbish, strict=False) for line in pair]
        path = segment(run_dir, [*mixed, good[-1]], stream=stream)
        path.write_bytes(path.read_bytes() + torn.replace(b"\n", b""))
        answers = ask_everything(LocalEngine(Path(place)))
        if stream == "history":
            assert answers["series"]["series"][0]["last"] == [float(n) for n in range(len(good))]
        if stream == "llm":
            assert answers["stats"]["total"]["count"] == len(good)


@given(st.binary(max_size=200), st.sampled_from(STREAMS))
@settings(PATIENT, max_examples=60)
def test_any_bytes_as_a_segment_are_answered(content: bytes, stream: str) -> None:
    """Also as documents."""
    with TemporaryDirectory() as place:
        run_dir = Path(place, "demo", "r")
        run_dir.mkdir(parents=True)
        for name in (f"{stream}.jsonl", "metadata.json", "summary.json", "config.yaml"):
            (run_dir / name).write_bytes(content)
        ask_everything(LocalEngine(Path(place)))


FIELDS = st.sampled_from(
    ["data", "message", "logger", "level", "seq", "timestamp", "_step", "_timestamp", "_runtime"]
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["", "NaN", "a"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["values", "summary", "a", "tokens", "name"]), inner)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(FIELDS, VALUES),
    st.sampled_from(STREAMS),
    st.sampled_from(
        ["lifecycle", "config", "summary", "define_metric", "run", "checkpoint", "llm"]
    ),
)
@settings(PATIENT, max_examples=100)
def test_fields_of_the_wrong_type_are_answered(
    fields: dict[str, Any], stream: str, kind: str
) -> None:
    """Our own kinds of events with data that is not as it should be."""
    message = {"lifecycle": "finish", "checkpoint": "checkpoint_save", "llm": "llm_call"}
    record = {"logger": f"tracklab.{kind}", "message": message.get(kind, kind), **fields}
    with TemporaryDirectory() as place:
        segment(Path(place, "demo", "r"), [record, record], stream=stream)
        ask_everything(LocalEngine(Path(place)))


def test_steps_beyond_what_is_counted_stop_no_answer(engine: Engine, root: Path) -> None:
    """Not of SQL over all runs either, and not once the run is indexed."""
    steps: list[Any] = [1, 1e300, -1e19, 2**63, 2**64 - 1]
    segment(root / "demo" / "r", [row(step, n, {"a": n}) for n, step in enumerate(steps)])
    segment(root / "demo" / "ok", [row(7, 1, {"a": 1})])
    for _ in range(2):
        orjson.dumps(ask_everything(engine))
        told = ask(root, "SELECT run, _step FROM history WHERE _step IS NOT NULL ORDER BY ALL")
        assert told.rows == [
            ["demo/ok", 7], ["demo/r", 1], ["demo/r", str(2**63)], ["demo/r", str(2**64 - 1)],
        ]  # fmt: skip
        indexed(root)
