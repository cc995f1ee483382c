"""What a run can be asked beside logging, as programs for wandb ask it."""

from __future__ import annotations

import copy
import io
import os
import pickle
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import tracklab
from tracklab.errors import ArgumentTypeError, CommError, UnsupportedError, UsageError
from tracklab.sdk import formalities, terminal
from tracklab.sdk.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.sdk.run import Run


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with a few files in it."""
    place = tmp_path / "work"
    (place / "ckpt" / "deep").mkdir(parents=True)
    (place / "model.pt").write_text("weights")
    (place / "ckpt" / "a.pt").write_text("a")
    (place / "ckpt" / "deep" / "b.pt").write_text("b")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def run(root: Path, work: Path) -> Iterator[Run]:
    """Return a current run without helpers, in a working directory with files."""
    made = begin(root, entity="team", group="g", job_type="train")
    yield made
    made.finish()


def begin(root: Path, **options: Any) -> Run:
    """Begin a run in `root`, without helpers."""
    return tracklab.init(
        project="p", dir=root, system_monitor=False, settings={"console": "off"},
        reinit="finish_previous", **options,
    )  # fmt: skip


def told(run: Run, logger: str) -> list[dict[str, Any]]:
    """Return the events of one kind."""
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    return [line for line in lines if line["logger"] == logger]


# --- who it is


def test_a_run_tells_who_it_is(run: Run, root: Path) -> None:
    """Names, places and marks that programs read."""
    assert (run.entity, run.path, run.address) == ("team", f"team/p/{run.id}", f"p/{run.id}")
    assert (run.group, run.job_type, run.sweep_id, run.sweep_url) == ("g", "train", None, None)
    assert (run.starting_step, run.offline, run.disabled, run.resumed) == (0, False, False, False)
    assert (run.sync_dir, run.root) == (str(run.run_dir), root)
    assert (run.url, run.get_url()) == (run.run_dir.as_uri(), run.run_dir.as_uri())
    assert (run.get_project_url(), run.get_sweep_url()) == (run.project_url, None)
    assert (run.project_url, run.project_name()) == (run.run_dir.parent.as_uri(), "p")
    assert (run.status().sync_items_pending, run.display()) == (0, False)


@pytest.mark.parametrize("name", ["id", "group", "project", "path", "url", "dir", "step"])
def test_what_a_run_is_cannot_be_set(run: Run, name: str) -> None:
    """Only name, notes and tags can."""
    with pytest.raises(AttributeError):
        setattr(run, name, "x")


def test_names_can_be_set_as_they_are_given(run: Run) -> None:
    """Tags keep doubles, and what is set is an event."""
    run.name, run.notes, run.tags = "n", "t", ["x", "x"]
    run.tags += ("y",)
    assert (run.name, run.notes, run.tags) == ("n", "t", ("x", "x", "y"))
    assert told(run, "tracklab.run")[-1]["data"] == {"tags": ["x", "x", "y"]}


def test_a_copy_of_a_run_is_the_run(run: Run) -> None:
    """Frameworks copy and pickle what holds it; in this process it stays one."""
    assert copy.deepcopy({"run": run})["run"] is run
    assert pickle.loads(pickle.dumps(run)) is run  # noqa: S301 - our own


# --- files


@pytest.mark.parametrize(
    ("arguments", "placed"),
    [
        (("model.pt",), ["model.pt"]),
        (("ckpt/a.pt",), ["ckpt/a.pt"]),
        (("ckpt/*.pt",), ["ckpt/a.pt"]),
        (("ckpt/**/*.pt",), ["ckpt/a.pt", "ckpt/deep/b.pt"]),
        (("ckpt",), ["ckpt/a.pt", "ckpt/deep/b.pt"]),
        (("ckpt/*", "ckpt"), ["a.pt", "deep/b.pt"]),
        ((Path("ckpt/a.pt"), "."), ["ckpt/a.pt"]),
        (("ckpt/deep/b.pt", "ckpt"), ["deep/b.pt"]),
        (("none*",), []),
        (("gs://bucket/x",), []),
    ],
)
@pytest.mark.parametrize("policy", ["live", "now", "end"])
def test_save_places_files_below_their_base(
    run: Run, arguments: tuple[Any, ...], placed: list[str], policy: str
) -> None:
    """Relative paths keep their directories; with a base only what is below it."""
    path, base = (*arguments, None)[:2]
    found = run.save(path, base, policy)
    assert found == [str(Path(run.dir) / path) for path in placed]
    assert all((Path(run.dir) / path).read_text() for path in placed)


def test_an_absolute_path_keeps_its_last_directory(run: Run, work: Path) -> None:
    """And one that lies in the run's own directory stays where it is."""
    assert run.save(work / "ckpt" / "deep" / "b.pt") == [f"{run.dir}/deep/b.pt"]
    own = Path(run.dir) / "own.txt"
    own.write_text("mine")
    assert run.save(str(own)) == [str(own)]
    assert own.read_text() == "mine"


def test_a_live_file_is_followed_and_then_kept(root: Path, work: Path) -> None:
    """A link while the run lives, a copy of the file's last state afterwards."""
    run = begin(root)
    run.save("model.pt")
    run.save("ckpt/a.pt", policy="now")
    (work / "model.pt").write_text("better")
    (work / "ckpt" / "a.pt").write_text("changed")
    run.finish()
    (work / "model.pt").write_text("later")
    kept = Path(run.dir)
    assert ((kept / "model.pt").read_text(), (kept / "ckpt" / "a.pt").read_text()) == (
        "better",
        "a",
    )
    assert not (kept / "model.pt").is_symlink()


def test_ignored_files_are_not_saved(root: Path, work: Path) -> None:
    """`ignore_globs` names them; without `symlink` files are copied at once."""
    settings = {"console": "off", "ignore_globs": ["b.*"], "symlink": False}
    with tracklab.init(project="q", dir=root, system_monitor=False, settings=settings) as run:
        (placed,) = run.save("ckpt/**/*.pt")  # type: ignore[misc] # a list, of a real run
        assert (Path(placed).name, Path(placed).is_symlink()) == ("a.pt", False)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("model.pt", None, "later"), UsageError),
        (("../x", "."), UsageError),
        (("model.pt", "ckpt"), UsageError),
        ((3,), ArgumentTypeError),
    ],
)
def test_save_refuses_what_it_cannot_place(
    run: Run, arguments: tuple[Any, ...], error: type[Exception]
) -> None:
    """Another policy, a file above the base, something that is no path."""
    with pytest.raises(error):
        run.save(*arguments)


def test_a_file_of_another_run_can_be_fetched(root: Path, work: Path) -> None:
    """By run id, project and id, or entity, project and id; what is here is not fetched again."""
    first = begin(root, id="first")
    first.save("model.pt")
    second = begin(root, id="second")
    for path in ("first", "p/first", "anyone/p/first"):
        with second.restore("model.pt", path, True) as file:
            assert (file.read(), file.name) == ("weights", f"{second.dir}/model.pt")
    Path(second.dir, "model.pt").write_text("mine")
    with second.restore("model.pt", "first") as file:
        assert file.read() == "mine"
    with second.restore("model.pt", "first", root=work / "ckpt") as file:
        assert file.name == str(work / "ckpt" / "model.pt")
    second.finish()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("absent",), UsageError), (("model.pt", "absent"), CommError),
        (("model.pt", "../../etc"), CommError), (("../config.yaml",), UsageError),
    ],
)  # fmt: skip
def test_restore_stays_inside(run: Run, arguments: tuple[Any, ...], error: type[Exception]) -> None:
    """No such file, no such run, and no way out of the data directory."""
    with pytest.raises(error):
        run.restore(*arguments)


# --- alerts, labels, logs


@pytest.mark.parametrize(
    ("arguments", "level", "wait"),
    [
        ({}, "INFO", 60),
        ({"level": "WARN", "wait_duration": 5}, "WARNING", 5),
        ({"level": tracklab.AlertLevel.ERROR}, "ERROR", 60),
        ({"wait_duration": timedelta(minutes=2)}, "INFO", 120),
    ],
)
def test_an_alert_is_an_event(run: Run, arguments: Any, level: str, wait: float) -> None:
    """Its level as loggers have it, its wait in seconds."""
    run.alert("title", "text", **arguments)
    (event,) = told(run, "tracklab.alert")
    assert (event["message"], event["level"], event["data"]["wait_duration"]) == (
        "title",
        level,
        wait,
    )


@pytest.mark.parametrize("level", ["warn", "CRITICAL", 1])
def test_an_alert_of_another_level_is_refused(run: Run, level: Any) -> None:
    """In the words that programs know."""
    with pytest.raises(ValueError, match="level must be one of 'INFO', 'WARN', or 'ERROR'"):
        run.alert("title", level=level)


def test_labels_pins_and_lines_are_kept(run: Run) -> None:
    """What frameworks say of themselves, what tables show, and lines nobody printed."""
    run._label(code="trainer", repo="r", extra="x")
    run.pin_config_keys(["lr"])
    run.write_logs("first")
    run.write_logs("second\n")
    assert told(run, "tracklab.label")[0]["data"] == {"code": "trainer", "repo": "r", "extra": "x"}
    assert told(run, "tracklab.pin")[0]["data"] == {"keys": ["lr"]}
    assert (run.run_dir / "logs" / "stdout.log").read_text() == "first\nsecond\n"


# --- configuration and summary


def test_locked_values_stay(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A sweep's parameter wins over the program's own, with a warning."""
    run.config.update_locked({"lr": 1}, "sweep")
    run.config.update({"lr": 2, "depth": 3}, allow_val_change=True)
    run.config.lr = 4
    assert run.config.as_dict() == {"lr": 1, "depth": 3}
    assert "locked by 'sweep'" in capsys.readouterr().err


def test_the_static_configuration_is_read_only(run: Run) -> None:
    """It reads like the other one."""
    run.config.update({"lr": 1})
    static = run.config_static
    assert (static.lr, static["lr"], dict(static)) == (1, 1, {"lr": 1})
    with pytest.raises(AttributeError, match="config_static"):
        static.lr = 2


def test_changes_may_be_allowed_for_a_whole_run(root: Path) -> None:
    """`allow_val_change` of init, as in notebooks."""
    with begin(root, config={"lr": 1}, allow_val_change=True) as run:
        run.config.lr = 2
    with begin(root, config={"lr": 1}) as run, pytest.raises(ConfigError, match="allow_val_change"):
        run.config.lr = 2


# --- after the end, before the beginning


AFTER: dict[str, Callable[[Run], object]] = {
    "log": lambda run: run.log({"a": 1}),
    "config": lambda run: run.config.update({"a": 1}),
    "summary": lambda run: run.summary.update({"a": 1}),
    "name": lambda run: setattr(run, "name", "n"),
    "save": lambda run: run.save("model.pt"),
    "alert": lambda run: run.alert("t"),
    "define_metric": lambda run: run.define_metric("a"),
    "watch": lambda run: run.watch(None),
    "mark_preempting": lambda run: run.mark_preempting(),
    "pin_config_keys": lambda run: run.pin_config_keys(["a"]),
    "write_logs": lambda run: run.write_logs("a"),
    "_label": lambda run: run._label("a"),
}


@pytest.mark.parametrize("call", AFTER.values(), ids=AFTER)
def test_a_finished_run_takes_nothing_more(run: Run, call: Callable[[Run], object]) -> None:
    """It says that it is finished; reading goes on."""
    run.config.update({"lr": 1})
    run.finish()
    with pytest.raises(UsageError, match=rf"^Run \({run.id}\) is finished\."):
        call(run)
    assert (run.config.lr, run.tags, run.summary.get("x")) == (1, (), None)
    run.join()


BEFORE: dict[str, Callable[[], object]] = {
    "log()": lambda: tracklab.log({}),
    "save()": lambda: tracklab.save("x"),
    "watch()": lambda: tracklab.watch(None),
    "unwatch()": lambda: tracklab.unwatch(None),
    "alert()": lambda: tracklab.alert("t"),
    "define_metric()": lambda: tracklab.define_metric("m"),
    "pin_config_keys()": lambda: tracklab.pin_config_keys(["a"]),
    "config.x": lambda: tracklab.config.x,
    "config['x']": lambda: tracklab.config.__setitem__("x", 1),
    "summary['x']": lambda: tracklab.summary["x"],
}


@pytest.mark.parametrize("what", BEFORE)
def test_before_init_there_is_nothing_to_ask(what: str) -> None:
    """The error names the call; `finish` does nothing."""
    tracklab.finish()
    with pytest.raises(tracklab.TrackLabError) as caught:
        BEFORE[what]()
    assert str(caught.value) == f"You must call tracklab.init() before tracklab.{what}"


# --- formalities


def test_what_needs_nothing_succeeds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no account, no service, no question."""
    monkeypatch.setenv("WANDB_PROJECT", "told")
    assert (formalities.login(key="k", relogin=True), formalities.api.api_key) == (True, "local")
    assert formalities.setup().settings.project == "told"
    assert formalities.ensure_configured() is None  # type: ignore[func-returns-value] # that is it
    formalities.require("core")
    formalities.require(["service", "legacy-service"])
    with pytest.raises(UnsupportedError, match="require"):
        formalities.require("time travel")
    run = begin(root)
    formalities.teardown(exit_code=2)
    assert (run.finished, tracklab.run) == (True, None)
    assert told(run, "tracklab.lifecycle")[-1]["data"]["exit_code"] == 2


def test_messages_are_told_once_if_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, each line marked."""
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    for _ in range(2):
        terminal.termwarn("careful\nnow", repeat=False)
    terminal.termlog("plain", prefix=False, newline=False)
    terminal.termerror("!")
    assert heard.getvalue() == (
        "tracklab: WARNING careful\ntracklab: now\nplaintracklab: ERROR !\n"
    )


def test_what_older_programs_pass_is_taken_with_a_warning(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """`log(sync=)` and `finish(quiet=)` are gone from wandb and mean nothing here."""
    run.log({"a": 1}, sync=True)
    run.log({"a": 2}, sync=False)
    run.finish(quiet=True)
    assert run.step == 2
    heard = capsys.readouterr().err
    assert (heard.count("log(sync=)"), heard.count("finish(quiet=)")) == (1, 1)


def test_another_process_can_join(root: Path) -> None:
    """By the text that names the run; the child's lines are the run's."""
    run = begin(root)
    run.log({"a": 1})
    pid = os.fork()
    if pid == 0:  # what the child says is seen in the files
        joined = tracklab.attach(run._attach_id)
        joined.log({"a": 2}, step=7)
        os._exit(0 if joined.id == run.id else 1)
    assert os.waitpid(pid, 0)[1] == 0
    rows = b"".join(path.read_bytes() for path in run.run_dir.glob("history*.jsonl"))
    assert rows.count(b'"_step":7') == 1
    run.finish()
    with pytest.raises(UsageError, match="_attach_id"):
        tracklab.attach("nothing")


def test_a_notebook_shows_a_link(root: Path) -> None:
    """Not a frame, which the server refuses; a name with markup in it is a name."""
    with tracklab.init(project="p", id="r", name="<b>x</b>", dir=root, system_monitor=False) as run:
        shown = run._repr_html_()
    assert "<iframe" not in shown
    assert "&lt;b&gt;x&lt;/b&gt;</a> <code>p/r</code>" in shown
