"""One run: its status from proof, its facts from documents or from lines, always the same."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.query.files import START_S, event, events, row, rows, segment
from tracklab.query.engines.local import LocalEngine
from tracklab.storage.identity import this_process

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.engine import Engine

CREATED = "2026-11-20T17:40:00.000000Z"
FACTS = {"name": "swift-7", "start_time": CREATED, "tags": ["x"], "notes": "n", "host": "far"}
START = ("tracklab.lifecycle", "start", FACTS)
FINISH = ("tracklab.lifecycle", "finish", {"state": "finished", "exit_code": 0})
HERE = this_process()
LOCAL = {"host": HERE.host, "boot_id": HERE.boot_id, "pid": 1, "process_start": 1}


def document(run_dir: Path, **changes: Any) -> None:
    """Write `metadata.json` as an ended run has it, newer than every line."""
    data = {**FACTS, "status": "finished", "exit_code": 0, "end_time": "2026-11-20T18:00:00Z"}
    (run_dir / "metadata.json").write_text(json.dumps(data | changes))


def age(run_dir: Path, seconds: float) -> None:
    """Let every segment have grown last `seconds` before the engine's now."""
    for path in run_dir.glob("*.jsonl"):
        os.utime(path, (START_S + 3600 - seconds,) * 2)


def status(engine: Engine) -> str:
    """Return the status; the listing and the page agree."""
    found = engine.glance("r").status
    assert engine.run("r").run.status == found
    return found


def test_documents_tell_an_ended_run(engine: Engine, run_dir: Path) -> None:
    """No line of it is read: whatever its segments hold."""
    segment(run_dir, [b"{"], stream="events")
    document(run_dir)
    (run_dir / "summary.json").write_text('{"loss":{"min":1},"_step":9,"_nonfinite":{"a":"NaN"}}')
    (run_dir / "config.yaml").write_text("lr: 0.1\nday: 2026-11-20\nm: {d: 3}\n")
    age(run_dir, 60)
    run = engine.glance("r")
    assert (run.status, run.name, run.tags, run.notes) == ("finished", "swift-7", ["x"], "n")
    assert run.config == {"lr": 0.1, "day": "2026-11-20", "m": {"d": 3}}
    assert run.summary == {"loss.min": 1, "_step": 9}
    assert (run.step, run.duration_s, run.exit_code) == (9, 1200.0, 0)


def test_without_documents_lines_tell_the_same(engine: Engine, run_dir: Path) -> None:
    """Documents are caches: missing, damaged and stale ones cost time only."""
    config = ("tracklab.config", "config", {"op": "init", "values": {"lr": 0.1}})
    segment(run_dir, events(START, config, FINISH), stream="events")
    segment(run_dir, rows((0, {"loss": 2.0}), (1, {"loss": 1.0, "n": {"x": 1}})))
    document(run_dir, end_time="2026-11-20T17:40:03.000000Z")
    (run_dir / "config.yaml").write_text(yaml.safe_dump({"lr": 0.1}))
    summary = {"loss": 1.0, "n": {"x": 1}, "_step": 1, "_runtime": 2.0, "_timestamp": START_S + 2}
    (run_dir / "summary.json").write_text(json.dumps(summary))
    age(run_dir, 60)
    told = engine.glance("r")
    for damage in ("{", None):
        for name in ("metadata.json", "config.yaml", "summary.json"):
            path = run_dir / name
            path.write_text(damage) if damage else path.unlink()
        derived = engine.glance("r")
        fields = (
            "name",
            "status",
            "config",
            "summary",
            "created_at",
            "ended_at",
            "exit_code",
            "tags",
        )
        assert [getattr(derived, name) for name in fields] == [
            getattr(told, name) for name in fields
        ]


def test_a_document_older_than_a_line_is_not_the_last_word(engine: Engine, run_dir: Path) -> None:
    """The run was taken up again after it had ended."""
    again = ("tracklab.lifecycle", "start", {**FACTS, "resumed": True})
    segment(run_dir, events(START, FINISH), stream="events")
    segment(run_dir, [event(*again, seq=1, at_s=30)], stream="events", writer="n-2-1")
    document(run_dir)
    os.utime(run_dir / "metadata.json", (1, 1))
    age(run_dir, 5)
    assert status(engine) == "running"
    age(run_dir, 500)
    assert status(engine) == "stale"


@pytest.mark.parametrize(
    ("code", "expected"), [({"exit_code": 0}, "finished"), ({"exit_code": 3}, "failed"),
                           ({"state": "failed"}, "failed"), ({"state": "finished"}, "finished")],
)  # fmt: skip
def test_an_end_line_ends_a_run(
    engine: Engine, run_dir: Path, code: dict[str, Any], expected: str
) -> None:
    """Its exit code decides; where it names none, its state."""
    segment(run_dir, events(START, ("tracklab.lifecycle", "finish", code)), stream="events")
    assert status(engine) == expected
    assert engine.glance("r").ended_at == "2026-11-20T17:40:02.000000Z"


def test_a_lock_tells_the_living_from_the_dead(engine: Engine, run_dir: Path) -> None:
    """Also of a further writer; without an end line a free lock is a crash."""
    segment(run_dir, events(START), stream="events", facts=LOCAL)
    segment(run_dir, [], writer="n-2-1", facts=LOCAL)
    (run_dir / "run.lock").touch()
    with (run_dir / "run.n-2-1.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert status(engine) == "running"
    assert status(engine) == "crashed"


def test_a_resumed_run_ends_as_its_last_writer_does(engine: Engine, run_dir: Path) -> None:
    """The first one was killed; that is history now."""
    segment(run_dir, events(START), stream="events", facts=LOCAL)
    (run_dir / "run.lock").touch()
    again = [
        event("tracklab.lifecycle", "start", {"resumed": True}, seq=1, at_s=30),
        event(*FINISH, seq=2, at_s=40),
    ]
    segment(run_dir, again, stream="events", writer="n-2-1")
    assert status(engine) == "finished"


def test_a_child_that_ends_silently_does_not_crash_the_run(engine: Engine, run_dir: Path) -> None:
    """A forked child tells no start and no end."""
    segment(run_dir, events(START, FINISH), stream="events", facts=LOCAL)
    segment(run_dir, rows((0, {"a": 1})), writer="n-3-1", facts=LOCAL)
    (run_dir / "run.n-3-1.lock").touch()
    assert status(engine) == "finished"


def test_a_run_of_another_program_has_a_status(engine: Engine, run_dir: Path) -> None:
    """Only rows and a document that says `completed`."""
    run_dir.mkdir(parents=True)
    (run_dir / "history.jsonl").write_text('{"step":0,"timestamp":1795196400,"loss":1}\n')
    age(run_dir, 10)
    assert status(engine) == "running"
    age(run_dir, 100)
    assert status(engine) == "stale"
    (run_dir / "metadata.json").write_text('{"status":"completed"}')
    os.utime(run_dir / "metadata.json", (1, 1))
    assert status(engine) == "finished"


def test_an_edit_from_outside_is_seen(engine: Engine, run_dir: Path) -> None:
    """A line of another writer renames the run; the newest wins, and nothing else changes."""
    segment(run_dir, events(START, FINISH), stream="events")
    edits = [event("tracklab.run", "run", {"name": name, "tags": []}, at_s=30) for name in "ab"]
    segment(run_dir, edits, stream="events", writer="srv-1-2")
    run = engine.glance("r")
    assert (run.name, run.tags, run.status, run.notes) == ("b", [], "finished", "n")


def test_everything_is_counted(engine: Engine, run_dir: Path) -> None:
    """Bad lines of every stream, gaps, checkpoints, calls and lines."""
    saves: list[Any] = [("tracklab.checkpoint", "checkpoint_save", {}), ("tracklab.gap", "gap", {})]
    segment(run_dir, [*events(START, *saves), b"{", b""], stream="events")
    segment(run_dir, [*rows((0, {"a": 1})), b"\0\0", b'{"a'], number=0)
    segment(run_dir, [event("tracklab.llm", "llm_call"), b"3"], stream="llm")
    segment(run_dir, [b"x", {"_timestamp": 1.0}], stream="system_metrics")
    detail = engine.run("r")
    run = detail.run
    assert (run.bad_lines, run.gaps, run.checkpoints, run.llm_calls) == (5, 1, 1, 1)
    assert detail.streams["history"].lines == 3
    assert detail.streams["events"].segments == 1
    assert detail.metadata["name"] == "swift-7"


def test_a_definition_says_what_the_summary_keeps(engine: Engine, run_dir: Path) -> None:
    """From its own number on; values that were set yield to later rows."""
    define = ("tracklab.define_metric", "define_metric", {"name": "v*", "summary": ["min", "best"],
                                                          "goal": "maximize"})  # fmt: skip
    note = ("tracklab.summary", "summary", {"values": {"best_loss": 0.5, "loss": 9}})
    segment(
        run_dir,
        [event(*define, seq=10), event(*note, seq=20), event(*note, seq=40)],
        stream="events",
    )
    segment(
        run_dir,
        [
            row(0, 5, {"val": 7, "loss": 1}),
            row(1, 15, {"val": 3}),
            row(2, 30, {"val": 5, "loss": 2}),
        ],
    )
    summary = engine.run("r").run.summary
    assert (summary["val.min"], summary["val.best"]) == (3, 5)
    assert (summary["loss"], summary["best_loss"]) == (9, 0.5)


def test_a_new_definition_keeps_what_was_counted(engine: Engine, run_dir: Path) -> None:
    """It shows at once, as in wandb; `none` takes the key away."""

    def define(seq: int, name: str, *kinds: str) -> dict[str, Any]:
        data = {"name": name, "summary": list(kinds)}
        return event("tracklab.define_metric", "define_metric", data, seq=seq)

    definitions = [define(1, "a", "min"), define(2, "b", "min"), define(10, "a", "max")]
    segment(run_dir, [*definitions, define(20, "c", "none")], stream="events")
    records = [row(0, 5, {"a": 9, "b": 1, "c": 1}), row(1, 15, {"a": 3, "b": 2, "c": None})]
    segment(run_dir, [*records, row(2, 25, {"c": 5})])
    summary = engine.run("r").run.summary
    assert (summary["a.max"], summary["b.min"], summary.get("c")) == (9, 1, None)
    assert "a.min" not in summary


def test_a_writer_without_rows_may_set_the_summary(engine: Engine, run_dir: Path) -> None:
    """A script that evaluates a run afterwards."""
    note = event("tracklab.summary", "summary", {"values": {"score": 7}})
    segment(run_dir, [note], stream="events", writer="n-2-1")
    segment(run_dir, [row(0, 1, {"loss": 1})])
    assert engine.run("r").run.summary["score"] == 7


def test_the_writer_that_began_last_has_the_last_word(engine: Engine, run_dir: Path) -> None:
    """Taken up twice: process numbers tell nothing about order."""
    for hour, writer in ((1, "n-900-1"), (2, "n-1000-1"), (0, None)):
        facts = {"started": f"2026-11-20T{hour:02}:00:00Z"}
        segment(run_dir, [row(hour, 1, {"loss": hour})], writer=writer, facts=facts)
    assert engine.run("r").run.summary["loss"] == 2


def test_a_long_living_run_is_listed_by_its_recent_lines(
    engine: Engine, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older keys come from the last document; the page of the run reads everything."""
    monkeypatch.setattr("tracklab.query.runs.RECENT_BYTES", 500)
    segment(run_dir, rows((0, {"early": 1}), *((step, {"late": step}) for step in range(1, 50))))
    assert engine.glance("r").summary.keys() >= {"late", "_step"}
    assert "early" not in engine.glance("r").summary
    (run_dir / "summary.json").write_text('{"early":1,"late":7}')
    assert engine.glance("r").summary.items() >= {"early": 1, "late": 49}.items()
    assert engine.run("r").run.summary.items() >= {"early": 1, "late": 49, "_step": 49}.items()


def test_a_large_run_is_not_parsed_to_be_shown(
    engine: Engine, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines are counted; how many of them are bad is not known."""
    monkeypatch.setattr("tracklab.query.details._COUNTED_BYTES", 10)
    segment(run_dir, [*rows((0, {"a": 1})), b"{"])
    detail = engine.run("r")
    assert (detail.run.bad_lines, detail.streams["history"].lines) == (None, 3)
    assert detail.run.summary["a"] == 1


def test_a_document_that_would_fill_the_memory_is_damaged(engine: Engine, run_dir: Path) -> None:
    """YAML aliases name one list a billion times."""
    segment(run_dir, [])
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    (run_dir / "config.yaml").write_text("\n".join(lines))
    assert engine.glance("r").config == {}


def test_a_running_run_lasts_until_now(root: Path, run_dir: Path) -> None:
    """Its duration grows with the clock."""
    segment(run_dir, events(START), stream="events")
    os.utime(run_dir / "events.jsonl", (START_S + 90,) * 2)
    assert LocalEngine(root, now=lambda: START_S + 100).glance("r").duration_s == 100.0
