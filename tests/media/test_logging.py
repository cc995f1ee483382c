"""Media in `run.log` and in the summary: which names their files have, and what a fault leaves."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracklab
from tracklab import plot
from tracklab.errors import ArgumentTypeError, MissingPackageError
from tracklab.media.audio import Audio
from tracklab.media.html import Html
from tracklab.media.needs import needed
from tracklab.media.table import Table
from tracklab.media.value import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracklab.sdk.run import Run

Rows = "Callable[[], list[dict[str, Any]]]"


def test_a_key_with_slashes_makes_folders(logged: Callable[..., Any]) -> None:
    """Below the folder of the type."""
    assert logged(Html("a"), "val/pages")["path"].startswith("media/html/val/pages_0_")


def test_media_may_be_nested(run: Run, rows: Callable[[], list[dict[str, Any]]]) -> None:
    """A file is named by the innermost key."""
    run.log({"a": {"b": {"page": Html("a")}, "n": 1}})
    assert rows()[0]["a"]["b"]["page"]["path"].startswith("media/html/page_0_")
    assert rows()[0]["a"]["n"] == 1


def test_a_file_is_named_by_the_rows_step(
    run: Run, rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """The given one, or the current one."""
    run.log({"page": Html("a")}, step=7)
    run.log({"page": Html("b")}, commit=True)
    run.log({"page": Html("c")})
    assert [row["page"]["path"].split("_")[1] for row in rows()] == ["7", "7", "8"]


def test_a_list_of_one_type_is_one_record(logged: Callable[..., Any]) -> None:
    """And one of several types is a list of records."""
    record = logged([Html("a"), Html("b")])
    assert (record["_type"], record["count"], len(record["html"])) == ("html", 2, 2)
    record = logged([Html("a"), Audio(np.zeros(4), 8000)])
    assert [one["_type"] for one in record] == ["html-file", "audio-file"]


@pytest.mark.parametrize("values", [[Html("a"), 1], (1, Html("a"))])
def test_a_list_of_media_and_others_is_refused(run: Run, values: Any) -> None:
    """It is one record or none."""
    with pytest.raises(ArgumentTypeError, match="mixes media"):
        run.log({"x": values})


def test_media_may_be_in_the_summary(run: Run) -> None:
    """Set there, or logged last."""
    run.summary["report"] = Html("done")
    run.log({"page": Html("a")})
    assert run.summary["report"]["path"].startswith("media/html/report_summary_")
    assert run.summary["page"]["_type"] == "html-file"


def set_page(run: Run, value: Any) -> None:
    """Assign an item of the configuration."""
    run.config["page"] = value


@pytest.mark.parametrize("take", [
    set_page,
    lambda run, value: run.config.update({"page": value}),
    lambda run, value: run.config.setdefaults({"page": value}),
    lambda run, value: tracklab.init(
        dir=run.run_dir.parents[1], reinit="create_new", config={"page": value}
    ),
])  # fmt: skip
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"y": [1, one]}])
@pytest.mark.parametrize("make", [lambda: Html("a"), lambda: plot.confusion_matrix(None, [0], [0])])
def test_media_in_the_configuration_are_refused(run: Run, take: Any, wrap: Any, make: Any) -> None:
    """It takes plain values, however they are given and however deep they are."""
    with pytest.raises(ArgumentTypeError, match="plain values"):
        take(run, wrap(make()))
    assert "page" not in run.config


def test_a_disabled_run_writes_no_file(tmp_path: Path) -> None:
    """And takes media as it takes everything."""
    with tracklab.init(mode="disabled", dir=tmp_path) as run:
        run.log({"page": Html("a"), "pages": [Html("a")]})
        run.summary["page"] = Html("b")
        assert list(tmp_path.iterdir()) == []
        assert not run.run_dir.exists()


def test_equal_media_of_one_step_share_a_file(run: Run) -> None:
    """The name says what is in it."""
    run.log({"pages": [Html("a"), Html("a"), Html("b")]})
    assert len(list((run.run_dir / "media/html").iterdir())) == 2


@contextlib.contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow further, as a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_cannot_be_written_stops_nothing(
    run: Run, rows: Callable[[], list[dict[str, Any]]], capfd: pytest.CaptureFixture[str]
) -> None:
    """The row says so, an event and a line on the terminal too; nothing is left of the file."""
    with largest_file(50_000):
        run.log({"loss": 0.5, "page": Html("x" * 100_000)})
    events = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    told = [event for event in events if event["logger"] == "tracklab.media_lost"]
    assert rows()[0] == {
        "loss": 0.5, "page": {"_type": "html-file", "_error": "not stored: EFBIG"},
    }  # fmt: skip
    assert (told[0]["level"], told[0]["data"]) == (
        "ERROR", {"key": "page", "type": "html", "step": 0, "reason": "EFBIG"},
    )  # fmt: skip
    assert "cannot store files" in capfd.readouterr().err
    assert list((run.run_dir / "media/html").iterdir()) == []


def test_what_could_not_be_written_is_written_when_it_is_logged_again(
    run: Run, rows: Callable[[], list[dict[str, Any]]], content: Callable[[Any], bytes]
) -> None:
    """Also the rows of an incremental table."""
    table = Table(columns=["text"], data=[["x" * 100_000]], log_mode="INCREMENTAL")
    with largest_file(50_000):
        run.log({"t": table})
    table.add_data("y")
    run.log({"t": table})
    first, second = (row["t"] for row in rows())
    assert first["_error"] == "not stored: EFBIG"
    assert second["increment_num"] == 0
    assert [len(row[0]) for row in orjson.loads(content(second))["data"]] == [100_000, 1]


def test_threads_log_the_same_at_once(run: Run) -> None:
    """Whoever is last renames the same content over the same name."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: run.log({"page": Html("same")}, step=1), range(64)))
    (kept,) = (run.run_dir / "media/html").iterdir()
    assert kept.read_text() == "same"


@given(st.text(max_size=3_000))
def test_no_key_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    """Whatever it holds, and the file is written."""
    run_dir = tmp_path_factory.mktemp("run")
    faults: list[OSError] = []
    place = Place(run_dir, 0, lambda *told: faults.append(told[2]), 0o600, key=key)
    told = place.keep("html", b"content", ending=".html")
    assert faults == []
    written = run_dir / told["path"]
    assert written.resolve().is_relative_to(run_dir.resolve() / "media" / "html")
    assert written.read_bytes() == b"content"


@pytest.mark.parametrize(
    "key", ["../../up", "/etc/passwd", "a//b", ".", "..", "a/./b", "\\", "é" * 300]
)
def test_a_key_like_a_path_is_only_a_name(logged: Callable[..., Any], key: str) -> None:
    """No part of it means a directory above."""
    parts = logged(Html("a"), key)["path"].split("/")
    assert parts[:2] == ["media", "html"]
    assert not {"", ".", ".."} & set(parts)


def test_a_missing_package_is_named() -> None:
    """With what installs it."""
    with pytest.raises(MissingPackageError, match=r'pip install "tracklab-local\[media\]"'):
        needed("no_such_package.inside", by="Image()")


def test_nothing_is_loaded_before_it_is_used() -> None:
    """A program that logs numbers pays for no media type and no numerical library."""
    program = (
        "import sys, tempfile, tracklab\n"
        "with tracklab.init(dir=tempfile.mkdtemp(), settings={'console': 'off'}) as run:\n"
        "    run.log({'a': 1, 'b': 'text', 'c': [1, 2]})\n"
        "print(sorted(n for n in sys.modules if n.startswith(('tracklab.media', 'tracklab.plot', "
        "'numpy', 'PIL'))))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.splitlines()[-1] == str(
        ["tracklab.media", "tracklab.media.histogram", "tracklab.media.needs",
         "tracklab.media.value"]
    )  # fmt: skip


def test_a_value_that_no_row_holds_is_told_once(
    run: Run, rows: Callable[[], list[dict[str, Any]]], capfd: pytest.CaptureFixture[str]
) -> None:
    """For each type, with what to write; a text that looks like it is none."""
    Odd = type("Odd", (), {"__module__": "rdkit.made_up"})  # noqa: N806 - a class
    for _ in range(2):
        run.log({"deep": [{"mol": Odd()}], "text": '"unserialisable"'})
        run.log({"other": Odd()})
    told = [line for line in capfd.readouterr().err.splitlines() if "no row can hold" in line]
    assert len(told) == 1
    assert "rdkit.made_up.Odd in 'deep'" in told[0]
    assert "tracklab.Molecule.from_rdkit" in told[0]
    assert rows()[-1]["other"]["_error"] == "unserialisable"


def test_a_bare_image_is_told_and_goes_on(
    run: Run, rows: Callable[[], list[dict[str, Any]]], capfd: pytest.CaptureFixture[str]
) -> None:
    """Without `Image()` Pillow's images are no media."""
    picture = pytest.importorskip("PIL.Image").new("RGB", (3, 4))
    run.log({"sample": picture})
    assert "Write tracklab.Image(picture)" in capfd.readouterr().err
    assert rows()[-1]["sample"] == {"_error": "unserialisable", "type": "PIL.Image.Image"}
