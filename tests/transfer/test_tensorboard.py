"""TensorBoard's logs become runs; the files are written by the tests, byte by byte."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from tests.transfer.encoding import START_S, message, single, tf_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tracklab.query.engines.local import LocalEngine

    Rows = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.integration


def event(step: int, *values: bytes, at_s: float | None = None) -> bytes:
    """Return an event, one second a step."""
    return message(
        _1=float(START_S + step) if at_s is None else at_s, _2=step, _5=message(_1=list(values))
    )


def scalar(tag: str, value: float) -> bytes:
    """Return a value as most writers write it."""
    return message(_1=tag) + single(2, value)


def tensor(tag: str, plugin: str, content: bytes) -> bytes:
    """Return a value of a plugin."""
    return message(_1=tag, _8=content, _9=message(_1=message(_1=plugin)))


def log(directory: Path, *events: bytes, name: str = "1") -> Path:
    """Write a file of events, and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"events.out.tfevents.{name}.host"
    path.write_bytes(tf_log([message(_1=float(START_S), _3="brain.Event:2"), *events]))
    return path


def imported(told: Callable[..., Any], source: Path) -> str:
    """Import one run, and return its address."""
    (outcome,) = told("import", "tensorboard", source)
    assert outcome["lost"] == []
    return str(outcome["address"])


def test_scalars_of_a_step_become_a_row(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, sound: Callable[[str], None]
) -> None:
    """With the time of the first; what was logged later is a line of its own."""
    log(
        tmp_path / "logs/a",
        *(event(step, scalar("loss", 1 / 2**step)) for step in range(3)),
        event(3, scalar("loss", 0.0)), event(3, scalar("acc", 0.5), at_s=START_S + 3.5),
        event(3, scalar("val/acc", 0.25), at_s=START_S + 60.0),
    )  # fmt: skip
    run = imported(told, tmp_path / "logs")
    assert rows(run, "_timestamp", "_runtime") == [
        *({"_step": n, "loss": 1 / 2**n, "_timestamp": START_S + n, "_runtime": n}
          for n in range(3)),
        {"_step": 3, "loss": 0.0, "acc": 0.5, "val/acc": 0.25, "_timestamp": START_S + 60,
         "_runtime": 60},
    ]  # fmt: skip
    assert run.startswith("logs/")
    sound(run)


def test_names_follow_from_the_logs_alone(
    tmp_path: Path, told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From wherever they are imported, and by whichever path."""
    log(tmp_path / "logs/a/b", event(0, scalar("loss", 1.0)))
    (tmp_path / "link").symlink_to(tmp_path / "logs", target_is_directory=True)
    monkeypatch.chdir(tmp_path / "logs/a")
    sources = ["..", "../../logs", "../../link", "../a/.."]
    outcomes = [one for source in sources for one in told("import", "tensorboard", source)]
    assert [one["result"] for one in outcomes] == ["new", "unchanged", "unchanged", "unchanged"]
    (address,) = {one["address"] for one in outcomes}
    assert address.startswith("logs/")


def test_each_directory_is_a_run_and_its_files_follow_each_other(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, engine: LocalEngine
) -> None:
    """Named as TensorBoard names it."""
    for place, number in (("a", 1), ("a", 2), ("a/eval", 3), (".", 4)):
        log(tmp_path / "logs" / place, event(number, scalar("x", number)), name=str(number))
    (tmp_path / "logs/a/other.txt").write_text("x")
    runs = {one["address"]: one["rows"] for one in told("import", "tensorboard", tmp_path / "logs")}
    names = {engine.run(run).run.name: count for run, count in runs.items()}
    assert names == {"a": 2, "a/eval": 1, "logs": 1}
    a = next(run for run, count in runs.items() if count == 2)
    assert [row["x"] for row in rows(a)] == [1, 2]


def test_the_id_is_the_same_wherever_the_directory_lies(
    tmp_path: Path, told: Callable[..., Any]
) -> None:
    """Also once more was logged."""
    log(tmp_path / "logs/a", event(1, scalar("x", 1)))
    first = imported(told, tmp_path / "logs")
    (tmp_path / "logs").rename(tmp_path / "moved")
    log(tmp_path / "moved/a", event(1, scalar("x", 1)), event(2, scalar("x", 2)))
    assert imported(told, tmp_path / "moved").rpartition("/")[2] == first.rpartition("/")[2]


def test_every_kind_of_tensor_gives_its_numbers(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """Packed into bytes or listed, of any type; one number stands alone."""
    dims = message(_2=message(_1=3))
    cases = {
        "float": message(_1=1, _4=struct.pack("<f", 0.5)),
        "double": message(_1=2, _4=struct.pack("<2d", 0.1, 0.2)),
        "float_val": message(_1=1) + single(5, 0.5),
        "double_val": message(_1=2, _6=0.1),
        "int_val": message(_1=3, _7=[7, -7]),
        "int64": message(_1=9, _4=struct.pack("<q", -5)),
        "bool": message(_1=10, _4=b"\x01"),
        "bool_val": message(_1=10, _11=1),
        "half": message(_1=19, _13=int.from_bytes(struct.pack("<e", 1.5), "little")),
        "bfloat16": message(_1=14, _4=struct.pack("<f", 1.5)[2:]),
        "repeated": message(_1=2, _2=dims, _6=0.5),
    }
    log(tmp_path, *(event(1, tensor(tag, "scalars", data)) for tag, data in cases.items()))
    (row,) = rows(imported(told, tmp_path))
    assert row == {
        "_step": 1, "float": 0.5, "double": [0.1, 0.2], "float_val": 0.5, "double_val": 0.1,
        "int_val": [7, -7], "int64": -5, "bool": True, "bool_val": True, "half": 1.5,
        "bfloat16": 1.5, "repeated": [0.5, 0.5, 0.5],
    }  # fmt: skip


def test_distributions_keep_their_counts_and_edges(
    tmp_path: Path, told: Callable[..., Any], rows: Rows
) -> None:
    """Both ways of writing them; empty ends are left out, and too many bins put together."""
    packed = struct.pack
    huge = 1.7e308
    old = message(
        _1=-1.0,
        _2=2.0,
        _3=5.0,
        _6=packed("<5d", -2, 0, 1, 2.5, huge),
        _7=packed("<5d", 0, 2, 0, 3, 0),
    )
    new = message(_1=2, _4=packed("<6d", 0, 1, 4, 1, 2, 6))
    many = [number for at in range(1000) for number in (at, at + 1, 1)]
    log(
        tmp_path, event(1, message(_1="old", _5=old)), event(1, tensor("new", "histograms", new)),
        event(1, tensor("many", "histograms", message(_1=2, _4=packed("<3000d", *many)))),
    )  # fmt: skip
    (row,) = rows(imported(told, tmp_path))
    assert row["old"] == {"_type": "histogram", "values": [2, 0, 3], "bins": [-1, 0, 1, 2]}
    assert row["new"] == {"_type": "histogram", "values": [4, 6], "bins": [0, 1, 2]}
    assert (len(row["many"]["values"]), sum(row["many"]["values"])) == (500, 1000)
    assert (len(row["many"]["bins"]), row["many"]["bins"][-1]) == (501, 1000)


def test_images_and_texts_come_along(
    tmp_path: Path, told: Callable[..., Any], rows: Rows, root: Path
) -> None:
    """Images become files, named like those that are logged here."""
    png = b"\x89PNG\r\n\x1a\n..."
    old = message(_1="a/img", _4=message(_1=8, _2=6, _4=png))
    new = tensor("imgs", "images", message(_1=7, _8=["6", "8", png, png + b"."]))
    note = tensor("note", "text", message(_1=7, _8="hello *world*"))
    later = message(_1="note", _8=message(_1=7, _8=["a", "b"]))  # only the first says its plugin
    log(tmp_path, event(1, old, new, note), event(2, later))
    run = imported(told, tmp_path)
    first, second = rows(run)
    image = first["a/img"]
    assert (image["_type"], image["width"], image["height"], image["format"]) == (
        "image-file", 6, 8, "png",
    )  # fmt: skip
    assert (root / run / image["path"]).read_bytes() == png
    assert (first["imgs"]["count"], len(first["imgs"]["filenames"])) == (2, 2)
    assert (first["note"], second["note"]) == ("hello *world*", ["a", "b"])


def test_hyperparameters_become_the_configuration(
    tmp_path: Path, told: Callable[..., Any], engine: LocalEngine
) -> None:
    """As the plugin for them has them: numbers, texts and switches."""
    values = {"lr": message(_2=0.1), "opt": message(_3="adam"), "on": message(_4=1)}
    entries = [message(_1=key, _2=value) for key, value in values.items()]
    plugin = message(_1="hparams", _2=message(_3=message(_1=entries)))
    value = message(_1="_hparams_/session_start_info", _9=message(_1=plugin))
    log(tmp_path, event(0, value), event(1, scalar("x", 1.0)))
    run = engine.run(imported(told, tmp_path)).run
    assert run.config == {"lr": 0.1, "opt": "adam", "on": True}


def test_what_cannot_stand_in_a_row_is_told(tmp_path: Path, told: Callable[..., Any]) -> None:
    """A graph, another plugin's values, tensors that are no numbers; the rest still comes."""
    log(
        tmp_path, message(_1=float(START_S), _4=b"graph"), b"\xff",
        event(1, tensor("pr", "pr_curves", message(_1=1)), tensor("s", "scalars", message(_1=7)),
              tensor("big", "scalars", message(_1=4, _4=bytes(1000))), scalar("x", 1.0)),
    )  # fmt: skip
    (outcome,) = told("import", "tensorboard", tmp_path)
    assert outcome["rows"] == 1
    assert sorted(outcome["lost"]) == [
        "1 damaged records in events.out.tfevents.1.host",
        "a graph, 1 times",
        "a tensor of the plugin 'scalars' that cannot stand in a row, 2 times",
        "a value of the plugin 'pr_curves', 1 times",
    ]


def test_a_directory_without_events_is_refused(
    tmp_path: Path, tracklab: Callable[..., Result]
) -> None:
    """One sentence, exit status 1."""
    (tmp_path / "events.out.tfevents.1").write_bytes(b"nonsense")
    for place in (tmp_path, tmp_path / "nowhere"):
        done = tracklab("import", "tensorboard", place)
        assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
        assert "found no events" in done.stderr
