"""What is written for TensorBoard becomes rows; events and files are written by the tests."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tests.transfer.encoding import message, single, tf_log
from tracklab.errors import MissingPackageError, UsageError
from tracklab.integrations import tensorboard
from tracklab.integrations.board import Follower
from tracklab.integrations.tensorflow import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.sdk.run import Run

pytestmark = pytest.mark.integration

PNG = b"\x89PNG\r\n\x1a\nno picture, but it begins as one"


class Writer:
    """What TensorBoard's writers are asked for; it has a directory and writes nothing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def get_logdir(self) -> str:
        """Return the directory."""
        return str(self.directory)

    def flush(self) -> None:
        """Fail as one that is closed."""
        raise ValueError("closed")


@pytest.fixture
def run(root: Path) -> Iterator[Run]:
    """Return a current run without helpers."""
    with tracklab.init(dir=root, system_monitor=False, settings={"console": "off"}) as made:
        yield made


def summary(**values: float) -> bytes:
    """Return a summary of numbers."""
    return message(_1=[message(_1=tag) + single(2, value) for tag, value in values.items()])


def event(step: int, **values: float) -> bytes:
    """Return an event of numbers."""
    return message(_1=1.7e9 + step, _2=step, _5=summary(**values))


def lines(run: Run, name: str = "history") -> list[dict[str, Any]]:
    """Return the lines of a run's file that are the user's."""
    found = map(json.loads, (run.run_dir / f"{name}.jsonl").read_text().splitlines())
    return [line for line in found if name != "history" or "_step" in line]


def rows(run: Run) -> dict[int, dict[str, Any]]:
    """Return the rows as readers see them: one for each step."""
    found: dict[int, dict[str, Any]] = {}
    for line in lines(run):
        values = {key: value for key, value in line.items() if key[0] != "_"}
        found.setdefault(line["_step"], {}).update(values)
    return found


def test_values_of_a_step_are_one_row_beside_the_programs_own(run: Run) -> None:
    """A later step begins another row, and so does a row of the program."""
    tensorboard.log(summary(loss=0.5), step=10)
    tensorboard.log([summary(acc=0.25), summary(rate=2.0)], step=10)
    run.log({"own": 1})
    tensorboard.log(summary(loss=0.25), step=20)
    assert rows(run) == {
        0: {"global_step": 10, "loss": 0.5, "acc": 0.25, "rate": 2.0, "own": 1},
        1: {"global_step": 20, "loss": 0.25},
    }


def test_each_metric_has_the_global_step_as_its_axis(run: Run) -> None:
    """Those of a directory have the directory's."""
    tensorboard.log(summary(loss=0.5), step=1)
    tensorboard.log(summary(loss=0.5), step=1, namespace="valid")
    told = [line["data"] for line in lines(run, "events") if "define" in line["logger"]]
    axes = {line["name"]: line["step_metric"] for line in told}
    assert axes == {"loss": "global_step", "valid/loss": "valid/global_step"}
    assert rows(run)[0]["valid/global_step"] == 1


def test_pictures_become_files_that_rows_name(run: Run) -> None:
    """Their bytes are those that were written."""
    picture = message(_1=8, _2=6, _3=3, _4=PNG)
    tensorboard.log(message(_1=message(_1="seen", _4=picture)), step=3)
    told = rows(run)[0]["seen"]
    assert (told["_type"], told["width"], told["height"]) == ("image-file", 6, 8)
    assert (run.run_dir / told["path"]).read_bytes() == PNG


def test_directories_are_told_apart(run: Run, tmp_path: Path) -> None:
    """The first one has no name, unless it is a usual part; the others have their paths."""
    follower = Follower(run)
    writers = [Writer(tmp_path / "board" / name) for name in ("a", "b", "b/deep")]
    for number, writer in enumerate(writers):
        follower.take(event(number, loss=1.0), writer)
    assert [next(iter(set(row) - {"global_step"} - {k for k in row if "step" in k}))
            for row in rows(run).values()] == ["loss", "b/loss", "b/deep/loss"]  # fmt: skip
    only, part, rooted = Follower(run), Follower(run), Follower(run)
    only.take(event(7, x=1.0), Writer(tmp_path / "only"))
    part.take(event(8, x=1.0), Writer(tmp_path / "train"))
    rooted.take(event(9, x=1.0), Writer(tmp_path / "board/c"), root=str(tmp_path / "board"))
    keys = {key for row in rows(run).values() for key in row if key.endswith("x")}
    assert keys == {"x", "train/x", "c/x"}


def test_files_of_events_are_kept_with_the_run(run: Run, tmp_path: Path) -> None:
    """Below what lies above their directories, although a writer is closed."""
    board = tmp_path / "board"
    board.mkdir()
    (board / "events.out.tfevents.1.host").write_bytes(b"events")
    follower = Follower(run)
    writer = Writer(board)
    follower.take(event(1, loss=1.0), writer, save=True)
    follower.end()
    kept = Path(run.dir) / "board" / "events.out.tfevents.1.host"
    assert kept.read_bytes() == b"events"


def test_damaged_events_end_no_training(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """They are told of, and the next one counts."""
    tensorboard.log(b"\xff\xff\xff", step=1)
    tensorboard.log(summary(loss=1.0), step=2)
    assert list(rows(run).values()) == [{"global_step": 2, "loss": 1.0}]
    assert "cannot read what was written for TensorBoard" in capsys.readouterr().err


def test_a_file_is_read_as_it_grows(tmp_path: Path) -> None:
    """What was there before is left alone; a record that is not finished waits for its rest."""
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(tf_log([b"before"]))
    taken: list[bytes] = []
    flushed: list[bool] = []
    tail = Tail(str(tmp_path), taken.append, lambda: flushed.append(True))
    record = tf_log([b"later"])
    for piece in (tf_log([b"first"]), record[:9], record[9:]):
        with open(path, "ab") as file:
            file.write(piece)
        tail.flush()
    tail.stop()
    (tmp_path / "events.out.tfevents.2.host").write_bytes(tf_log([b"other"]))
    tail.flush()
    assert taken == [b"first", b"later", b"other"]
    assert len(flushed) == 4


def test_a_summary_needs_a_run() -> None:
    """It says so."""
    with pytest.raises(UsageError, match=r"before tracklab\.tensorboard\.log\(\)|before wandb"):
        tensorboard.log(summary(loss=1.0))


@pytest.mark.parametrize(
    ("argument", "package"),
    [("sync_tensorboard", "tensorboard"), ("tensorboard", "tensorboard"),
     ("monitor_gym", "gymnasium")],
)  # fmt: skip
def test_a_run_does_not_begin_without_what_it_should_listen_to(
    argument: str, package: str, root: Path
) -> None:
    """The error names the command that installs it, and no run is left behind."""
    if find_spec(package) is not None:
        pytest.skip(f"{package} is here")
    with pytest.raises(MissingPackageError, match=f"pip install '?{package}"):
        tracklab.init(dir=root, **{argument: True})  # type: ignore[arg-type] # one of several flags
    assert (tracklab.run, list(root.iterdir())) == (None, [])
