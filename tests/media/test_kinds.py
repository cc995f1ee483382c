"""Sounds, videos, pages, 3D objects, molecules, graphs and traces: what is in file and record."""

from __future__ import annotations

import io
import json
import math
import wave
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklab.errors import ArgumentTypeError, TrackLabError, UsageError
from tracklab.media.audio import Audio
from tracklab.media.graph import Graph
from tracklab.media.html import Html
from tracklab.media.molecule import Molecule
from tracklab.media.object3d import Object3D, box3d
from tracklab.media.traces import Span, WBTraceTree
from tracklab.media.video import Video
from tracklab.sdk.tracing import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.sdk.run import Run

FRAMES = np.arange(5 * 3 * 6 * 8, dtype=np.uint8).reshape(5, 3, 6, 8)


@pytest.mark.parametrize(
    ("samples", "stored"),
    [
        (np.array([0, 0.5, -1, 1.5, math.nan]), [0, 16384, -32768, 32767, 0]),
        ([0.25, -0.25], [8192, -8192]),
        (np.array([1, -2], np.int16), [1, -2]),
        (np.array([1 << 16, -(1 << 20)], np.int32), [1, -16]),
    ],
)
def test_samples_become_a_wav_of_16_bit(
    samples: Any, stored: list[int], logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Floats beyond one are cut there."""
    record = logged(Audio(samples, sample_rate=8000, caption="beep"))
    with wave.open(io.BytesIO(content(record))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 8000, 2)
        assert np.frombuffer(file.readframes(99), "<i2").tolist() == stored
    assert (record["_type"], record["caption"]) == ("audio-file", "beep")


def test_a_list_of_sounds_says_how_long_they_are(logged: Callable[[Any], Any]) -> None:
    """And how fast."""
    record = logged([Audio(np.zeros((4000, 2)), 8000), Audio(np.zeros(800), 8000, caption="b")])
    assert (record["_type"], record["count"], record["captions"]) == ("audio", 2, ["", "b"])
    assert (record["durations"], record["sampleRates"]) == ([0.5, 0.1], [8000, 8000])


def test_frames_become_a_gif(logged: Callable[[Any], Any], content: Callable[[Any], bytes]) -> None:
    """Of as many frames, shown as long as asked."""
    pillow: Any = pytest.importorskip("PIL.Image")
    record = logged(Video(FRAMES, fps=10, format="gif"))
    with pillow.open(io.BytesIO(content(record))) as film:
        assert (film.n_frames, film.size, film.info["duration"]) == (5, (8, 6), 100)
    assert (record["width"], record["height"]) == (8, 6)


def test_several_videos_are_shown_side_by_side() -> None:
    """In a grid with room for the next power of two."""
    pytest.importorskip("PIL.Image")
    film = Video(np.repeat(FRAMES[None], 3, axis=0), format="gif")
    assert (film._width, film._height) == (32, 6)


@pytest.mark.parametrize("ending", ["mp4", "webm", "ogg"])
def test_frames_become_a_film(ending: str, logged: Callable[[Any], Any], run: Run) -> None:
    """Where ffmpeg is there; also with odd sides."""
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    frames = np.resize(FRAMES, (5, 3, 49, 63))
    record = logged(Video(frames, fps=5, format=ending))
    assert ffmpeg.count_frames_and_secs(str(run.run_dir / record["path"])) == (5, 1.0)
    assert (record["width"], record["height"]) == (63, 49)


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (lambda: Audio([0.1]), UsageError),
        (lambda: Audio([1, 2], sample_rate=8000), ArgumentTypeError),
        (lambda: Audio(np.zeros((1, 2, 3)), sample_rate=8000), UsageError),
        *[(lambda rate=rate: Audio([0.1], rate), UsageError) for rate in (0, -1, 10**12, math.nan)],
        (lambda: Audio([0.1], sample_rate="8000"), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: Audio(np.zeros((1, 1025)), sample_rate=8000), UsageError),
        (lambda: Audio("/no/such/file.wav"), FileNotFoundError),
        (lambda: Video(FRAMES), UsageError),
        (lambda: Video(FRAMES, format="avi"), UsageError),
        (lambda: Video(FRAMES[0], format="gif"), UsageError),
        *[
            (lambda fps=fps: Video(FRAMES, fps=fps, format="gif"), UsageError)
            for fps in (-1, 0, 0.001, 10**9, math.nan)
        ],
        (lambda: Video(FRAMES, fps="30", format="gif"), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: Video("film.avi"), UsageError),
        (lambda: Video("/no/such/film.gif"), FileNotFoundError),
        (lambda: Html(3), UsageError),
        (lambda: Object3D(np.zeros((3, 5))), UsageError),
        (lambda: Object3D("object.zip"), UsageError),
        (lambda: Object3D({"type": "other"}), UsageError),
        (lambda: Object3D({"type": "lidar/beta", "points": 5}), UsageError),
        (lambda: Object3D({"type": "lidar/beta", "points": [object()]}), UsageError),
        (lambda: Object3D(io.StringIO("v 0 0 0")), UsageError),
        (lambda: Object3D("/no/such/object.obj"), FileNotFoundError),
        (lambda: Molecule("molecule.zip"), UsageError),
        (lambda: Molecule(3), UsageError),
        (lambda: Molecule("/no/such/molecule.pdb"), FileNotFoundError),
        (lambda: Molecule.from_rdkit("molecule.zip"), TrackLabError),
        (lambda: Molecule.from_smiles("no molecule"), TrackLabError),
        (lambda: Graph().add_node(Graph().add_node(id=1), name="x"), UsageError),
        (lambda: Trace("a", kind="other"), UsageError),
        (lambda: Trace("a").log(" "), UsageError),
    ],
)
def test_what_cannot_be_made_is_refused_at_the_call(
    made: Callable[[], Any], error: type[Exception]
) -> None:
    """Where the user's program made it, not where it is logged."""
    with pytest.raises(error):
        made()


def test_a_page_is_kept_as_it_is(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes], tmp_path: Path
) -> None:
    """From a text, a file, or an open one; nothing is added."""
    page = tmp_path / "page.html"
    page.write_text("<html><head></head>é</html>", encoding="utf-8")
    expected = page.read_bytes()
    for source in (page.read_text(encoding="utf-8"), str(page), page, page.open(encoding="utf-8")):
        assert content(logged(Html(source))) == expected
        if hasattr(source, "close"):
            source.close()
    assert content(logged(Html(str(page), data_is_not_path=True))) == str(page).encode()


def test_points_are_stored_as_they_are(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Alone, or with boxes and vectors."""
    points = np.arange(12.0).reshape(4, 3)
    assert json.loads(content(logged(Object3D.from_numpy(points)))) == points.tolist()
    box = box3d(center=(0, 0, 0), size=(1, 1, 1), orientation=(1, 0, 0, 0), color=(1, 0, 0))
    record = logged(Object3D.from_point_cloud(points.tolist(), [box]))
    scene = json.loads(content(record))
    assert (scene["type"], scene["points"], scene["vectors"]) == ("lidar/beta", points.tolist(), [])
    assert scene["boxes"][0]["corners"][0] == [-0.5, -0.5, -0.5]
    assert record["path"].endswith(".pts.json")


def test_an_open_file_of_an_object_is_copied(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Its type is said."""
    records = logged([Object3D.from_file(io.StringIO("v 0 0 0"), "obj") for _ in range(2)])
    assert (records["_type"], records["count"]) == ("object3D", 2)
    assert content(records["objects"][0]) == b"v 0 0 0"
    assert content(logged(Molecule(io.BytesIO(b"ATOM"), file_type="pdb"))) == b"ATOM"


def matrix(quaternion: list[float]) -> Any:
    """Return the rotation of a quaternion, by the textbook."""
    w, x, y, z = np.array(quaternion) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


SOME = st.floats(-3, 3).filter(lambda number: abs(number) > 0.01)


@given(st.lists(SOME, min_size=10, max_size=10))
def test_a_box_is_turned_as_its_quaternion_says(numbers: list[float]) -> None:
    """Against the matrix of it."""
    center, size, turn = numbers[:3], numbers[3:6], numbers[6:]
    box = box3d(center=center, size=size, orientation=turn, color=(0, 0, 0), label="a", score=0.5)
    unit = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    expected = [matrix(turn) @ (np.array(corner) * size) + center for corner in unit]
    assert np.allclose(box["corners"], expected)
    assert (box["label"], box["score"]) == ("a", 0.5)


@pytest.mark.parametrize(
    "wrong", [{"center": (0, 0)}, {"orientation": (0, 0, 0)}, {"orientation": (0, 0, 0, 0)}]
)
def test_what_is_no_box_is_refused(wrong: dict[str, Any]) -> None:
    """Three numbers, three, and a quaternion that is not zero."""
    given_ = {
        "center": (0, 0, 0),
        "size": (1, 1, 1),
        "orientation": (1, 0, 0, 0),
        "color": (1, 1, 1),
    }
    with pytest.raises(UsageError):
        box3d(**{**given_, **wrong})


def test_a_graph_is_its_nodes_and_edges(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """As they are when it is logged."""
    graph = Graph()
    first, second = graph.add_node(id=1, name="in"), graph.add_node(id=2, class_name="Dense")
    graph.add_edge(first, second)
    assert json.loads(content(logged(graph))) == {
        "format": "keras",
        "nodes": [{"id": 1, "name": "in"}, {"id": 2, "class_name": "Dense"}],
        "edges": [[1, 2]],
    }
    assert graph[2] is second


def test_a_trace_is_a_tree_of_spans(run: Run, rows: Callable[[], list[dict[str, Any]]]) -> None:
    """Stored as JSON texts in the row."""
    trace = Trace("ask", kind="agent", status_code="success", start_time_ms=1, metadata={"a": 1})
    child = Trace("look", kind="TOOL", inputs={"q": "x"}, outputs={"r": "y"}, model_dict={"m": 1})
    trace.add_child(child).add_metadata({"b": 2}).add_inputs_and_outputs({"q": 1}, {"r": 2})
    trace.name = "asked"
    trace.log("trace")
    span = json.loads(rows()[0]["trace"]["root_span_dumps"])
    assert (span["name"], span["span_kind"], span["attributes"]) == (
        "asked",
        "AGENT",
        {"a": 1, "b": 2},
    )
    assert span["results"] == [{"inputs": {"q": 1}, "outputs": {"r": 2}}]
    assert span["child_spans"][0]["results"] == [{"inputs": {"q": "x"}, "outputs": {"r": "y"}}]
    assert (trace.inputs, trace.outputs, trace.kind, trace.start_time_ms) == (
        {"q": 1},
        {"r": 2},
        "AGENT",
        1,
    )
    root = Span(name="root")
    root.add_attribute("made", "by hand")
    run.log({"tree": WBTraceTree(root, {"model": 1})})
    assert len(rows()[1]["tree"]["model_hash"]) == 16
    assert '"made": "by hand"' in rows()[1]["tree"]["root_span_dumps"]


def test_every_refusal_is_one_of_ours() -> None:
    """So that a program can catch all of them."""
    with pytest.raises(TrackLabError):
        Video(FRAMES)
