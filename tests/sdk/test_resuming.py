"""What a resumed run has of what it was: summary, definitions, configuration, labels."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.query.engines.local import LocalEngine
from tracklab.sdk.config import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.sdk.run import Run


def begin(root: Path, **options: Any) -> Run:
    """Begin the run `r`, or go on with it."""
    return tracklab.init(
        project="p", id="r", dir=root, resume="allow", reinit="create_new",
        system_monitor=False, settings={"console": "off"}, **options,
    )  # fmt: skip


def kill(run: Run) -> None:
    """Let the run end as SIGKILL would: no end is told, and its lock is free."""
    run.writer_of_rows.close()


def shown(root: Path) -> dict[str, Any]:
    """Return the summary that readers show, without times."""
    found = LocalEngine(root).run("p/r").run.summary
    return {key: value for key, value in found.items() if key not in {"_runtime", "_timestamp"}}


@pytest.mark.parametrize("end", [kill, tracklab.Run.finish])
def test_a_best_value_is_there_after_any_end(root: Path, end: Any) -> None:
    """Set, logged, nested or not finite; then the documents and readers say the same."""
    run = begin(root)
    run.log({"acc": 0.9, "n": {"a": 1}, "_mine": 2})
    run.log({"loss": math.nan, "text": "x" * 50_000})
    run.summary["best"] = 0.9
    end(run)
    again = begin(root)
    assert (again.summary.get("best", 0), again.summary["n"]["a"], again.summary["_mine"]) == (
        0.9, 1, 2,
    )  # fmt: skip
    assert math.isnan(again.summary["loss"])
    again.log({"acc": 0.5})
    again.finish()
    document = json.loads((again.run_dir / "summary.json").read_text())
    assert (document["best"], document["acc"], document["_nonfinite"]) == (
        0.9,
        0.5,
        {"loss": "NaN"},
    )
    assert document["text"]["bytes"] == 50_002
    assert (shown(root)["best"], shown(root)["acc"]) == (0.9, 0.5)


@pytest.mark.parametrize("end", [kill, tracklab.Run.finish])
def test_aggregates_go_on_counting(root: Path, end: Any) -> None:
    """Whether the program defines them again or not; readers count the same."""
    run = begin(root)
    run.define_metric("acc", summary="max,mean,min")
    run.define_metric("val/*", step_metric="epoch")
    for value in (1, 5, 3):
        run.log({"acc": value, "epoch": value})
    end(run)
    again = begin(root)
    again.log({"acc": 2, "val/loss": 1})
    assert again.summary["acc"] == {"max": 5, "mean": 2.75, "min": 1}
    assert again.summary["epoch"] == 3
    end(again)
    third = begin(root)
    third.define_metric("acc", summary="max,mean,min")
    third.log({"acc": 9})
    third.finish()
    assert third.summary["acc"] == {"max": 9, "mean": 4.0, "min": 1}
    assert {key: value for key, value in shown(root).items() if key.startswith("acc.")} == {
        "acc.max": 9, "acc.mean": 4.0, "acc.min": 1,
    }  # fmt: skip


def test_a_run_that_ended_cleanly_is_resumed_from_its_documents(root: Path) -> None:
    """Its rows are not read, however often it was taken up; after a crash they are."""
    for value in (1, 2):
        run = begin(root)
        run.log({"a": value})
        run.finish()
    document = run.run_dir / "summary.json"
    document.write_text(document.read_text().replace('"a": 2', '"a": 70'))
    run = begin(root)
    assert run.summary["a"] == 70
    run.log({"b": 1})
    kill(run)
    assert begin(root).summary["a"] == 2


def test_lines_of_another_writer_are_counted_too(root: Path) -> None:
    """One that joined the run and outlived none: the documents cannot know its rows."""
    run = begin(root)
    run.log({"a": 1})
    beside = begin(root)
    beside.log({"b": 2})
    beside.finish()
    run.finish()
    again = begin(root)
    assert (again.summary["a"], again.summary["b"]) == (1, 2)
    again.finish()


def test_missing_documents_are_told_by_the_events(root: Path) -> None:
    """Configuration, names and labels; what joined or changed them last counts."""
    run = begin(root, config={"lr": 1}, name="first", entity="team")
    run.config.update({"lr": 3, "odd": [1, None]}, allow_val_change=True)
    run.name, run.tags, run.notes = "renamed", ("t",), "n"
    kill(run)
    for name in ("config.yaml", "metadata.json"):
        (run.run_dir / name).unlink()
    again = begin(root)
    assert again.config.as_dict() == {"lr": 3, "odd": [1, None]}
    assert (again.name, again.tags, again.notes) == ("renamed", ("t",), "n")
    assert again.entity == "team"
    again.finish()


def test_labels_stay_unless_given_anew(root: Path) -> None:
    """Whose run it is, and of which sweep."""
    begin(root, entity="team").finish()
    with begin(root) as run:
        assert run.entity == "team"
    with begin(root, entity="other") as run:
        assert run.entity == "other"


def test_a_masked_value_is_unknown_until_it_is_given_again(root: Path) -> None:
    """No error, no `***` as a value, no secret on disk; the files keep the mask meanwhile."""
    config = {"lr": 0.1, "hf_token": "hf_abcdefghijkl", "db": {"host": "h", "password": "pw-123"}}
    masked = {"host": "h", "password": "***"}
    begin(root, config=config).finish()
    with begin(root) as run:
        assert run.config.as_dict() == {"lr": 0.1, "db": {"host": "h"}}
        assert "hf_token: '***'" in (run.run_dir / "config.yaml").read_text()
        run.config.update(config)
        run.config.update(config)
        assert run.config.as_dict() == config
        with pytest.raises(ConfigError, match=r"host.*h.*other"):
            run.config.update({"db": {"host": "other", "password": "pw-123"}})
    stored = b"".join(path.read_bytes() for path in run.run_dir.rglob("*") if path.is_file())
    assert b"hf_abc" not in stored
    assert b"pw-123" not in stored
    assert LocalEngine(root).glance("p/r").config == {**config, "hf_token": "***", "db": masked}


def test_a_refused_change_names_no_secret(root: Path) -> None:
    """Neither the old one nor the new one: the message goes to logs."""
    with begin(root, config={"api_key": "old-one", "lr": 1}) as run:
        with pytest.raises(ConfigError, match=r'"api_key" from \*\*\* to \*\*\*\. If'):
            run.config.api_key = "new-one"
        with pytest.raises(ConfigError, match='"lr" from 1 to 2'):
            run.config.lr = 2


def test_what_was_given_to_init_wins_over_the_files(root: Path) -> None:
    """And says so in the run's first event of configuration."""
    begin(root, config={"lr": 1, "old": True}).finish()
    with begin(root, config={"lr": 2}) as run:
        assert run.config.as_dict() == {"lr": 2, "old": True}
    assert LocalEngine(root).glance("p/r").config == {"lr": 2, "old": True}


def test_a_deleted_value_stays_away_until_it_is_logged(root: Path) -> None:
    """Also for readers and after a resume; nested ones by their own key."""
    run = begin(root)
    run.log({"a": 1, "b": 2, "n": {"x": 1, "y": 2}})
    del run.summary["a"]
    del run.summary.b
    del run.summary["n"]["x"]
    del run.summary["missing"]
    assert run.summary.as_dict() == {"n": {"y": 2}}
    assert shown(root) == {"n.y": 2, "_step": 0}
    kill(run)
    again = begin(root)
    assert again.summary.as_dict() == {"n": {"y": 2}}
    again.log({"a": 3})
    assert shown(root)["a"] == again.summary["a"] == 3
    again.finish()
