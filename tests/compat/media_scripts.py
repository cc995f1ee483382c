"""Media values by name, made with `wandb` or with tracklab found as it; each is logged alone.

As a program: log them all and print, as JSON, what stands in the rows and in the files.
"""

from __future__ import annotations

import io
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.compat.wandb_scripts import plain, rows, strip

if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS: dict[str, Callable[[Any], Any]] = {}


def maker(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a value to the table."""
    MAKERS[function.__name__] = function
    return function


def pixels(*shape: int) -> Any:
    """Return an array that looks like noise and is always the same."""
    np = import_module("numpy")
    count = int(np.prod(shape))
    return ((np.arange(count) * 7919) % 251).astype(np.uint8).reshape(shape)


# --- images


@maker
def image_rgb(wandb: Any) -> Any:
    """Three channels."""
    return wandb.Image(pixels(8, 9, 3))


@maker
def image_grey(wandb: Any) -> Any:
    """None."""
    return wandb.Image(pixels(8, 9))


@maker
def image_one(wandb: Any) -> Any:
    """One."""
    return wandb.Image(pixels(8, 9, 1))


@maker
def image_rgba(wandb: Any) -> Any:
    """Four."""
    return wandb.Image(pixels(8, 9, 4))


@maker
def image_float(wandb: Any) -> Any:
    """Numbers lose what is behind the point."""
    return wandb.Image(pixels(4, 5).astype(float) + 0.7, caption="float", grouping=3)


@maker
def image_jpg(wandb: Any) -> Any:
    """Of another type."""
    return wandb.Image(pixels(8, 9, 3), file_type="jpg")


@maker
def image_mode(wandb: Any) -> Any:
    """In a mode that is said."""
    return wandb.Image(pixels(8, 9, 3), mode="L")


@maker
def image_pil(wandb: Any) -> Any:
    """Of Pillow."""
    return wandb.Image(import_module("PIL.Image").fromarray(pixels(5, 6, 3)).convert("P"))


@maker
def image_torch(wandb: Any) -> Any:
    """A tensor has its channels first."""
    return wandb.Image(import_module("torch").tensor(pixels(3, 5, 6)))


@maker
def image_torch_grey(wandb: Any) -> Any:
    """One channel."""
    return wandb.Image(import_module("torch").tensor(pixels(1, 5, 6)).float())


@maker
def image_path(wandb: Any) -> Any:
    """A file, copied."""
    import_module("PIL.Image").fromarray(pixels(5, 6, 3)).save("cat.png")
    return wandb.Image("cat.png", caption="file")


@maker
def image_of_image(wandb: Any) -> Any:
    """Another's pixels."""
    return wandb.Image(wandb.Image(pixels(5, 6)), caption="again")


@maker
def image_list(wandb: Any) -> Any:
    """One record."""
    return [wandb.Image(pixels(5, 6), caption="a"), wandb.Image(255 - pixels(5, 6))]


@maker
def image_list_without_captions(wandb: Any) -> Any:
    """One record, without that field."""
    return [wandb.Image(pixels(5, 6)), wandb.Image(255 - pixels(5, 6))]


def _drawn_over(wandb: Any) -> Any:
    box = {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1,
           "box_caption": "b", "scores": {"sure": 0.5}}  # fmt: skip
    return wandb.Image(
        pixels(8, 9, 3),
        boxes={"truth": {"box_data": [box], "class_labels": {1: "cat"}}},
        masks={"guess": {"mask_data": pixels(8, 9) % 3, "class_labels": {0: "a", 1: "b", 2: "c"}}},
        classes=[{"id": 1, "name": "cat"}],
    )


@maker
def image_boxes_masks(wandb: Any) -> Any:
    """Boxes and masks."""
    return _drawn_over(wandb)


@maker
def image_list_boxes_masks(wandb: Any) -> Any:
    """Some with, some without."""
    return [_drawn_over(wandb), wandb.Image(pixels(8, 9, 3))]


# --- sounds, videos, pages


@maker
def audio_int16(wandb: Any) -> Any:
    """Samples as they are."""
    np = import_module("numpy")
    return wandb.Audio(np.arange(-500, 500, dtype=np.int16), sample_rate=8000, caption="up")


@maker
def audio_float(wandb: Any) -> Any:
    """Samples to be scaled, and cut."""
    np = import_module("numpy")
    return wandb.Audio(np.linspace(-1.2, 1.2, 2001), sample_rate=8000)


@maker
def audio_int32(wandb: Any) -> Any:
    """Of which the upper half is kept; two channels."""
    np = import_module("numpy")
    return wandb.Audio((np.arange(-300, 300, dtype=np.int32) * 7_654_321).reshape(-1, 2), 8000)


@maker
def audio_list(wandb: Any) -> Any:
    """One record."""
    np = import_module("numpy")
    return [wandb.Audio(np.zeros(80 * n), sample_rate=8000) for n in (1, 2)]


@maker
def video_file(wandb: Any) -> Any:
    """A file, copied."""
    Path("film.mp4").write_bytes(bytes(range(256)))
    return wandb.Video("film.mp4", caption="film")


@maker
def video_bytes(wandb: Any) -> Any:
    """An open file."""
    return wandb.Video(io.BytesIO(b"GIF89a"), format="gif")


@maker
def video_list(wandb: Any) -> Any:
    """One record."""
    return [wandb.Video(io.BytesIO(b"GIF89a"), format="gif", caption=c) for c in ("a", "b")]


@maker
def video_gif(wandb: Any) -> Any:
    """Frames."""
    return wandb.Video(pixels(4, 3, 8, 10), fps=5, format="gif")


@maker
def video_batch(wandb: Any) -> Any:
    """Several, side by side."""
    return wandb.Video(pixels(3, 4, 3, 8, 10), fps=5, format="gif")


@maker
def video_mp4(wandb: Any) -> Any:
    """Frames, by ffmpeg."""
    return wandb.Video(pixels(4, 3, 32, 32), fps=5, format="mp4")


@maker
def html_plain(wandb: Any) -> Any:
    """As it is."""
    return wandb.Html("<p>é</p>", inject=False)


@maker
def html_list(wandb: Any) -> Any:
    """One record."""
    return [wandb.Html("<p>a</p>", inject=False), wandb.Html("<p>b</p>", inject=False)]


@maker
def html_injected(wandb: Any) -> Any:
    """Where wandb adds a stylesheet from its server."""
    return wandb.Html("<p>a</p>")


# --- tables


@maker
def table(wandb: Any) -> Any:
    """Values of several types."""
    return wandb.Table(
        columns=["n", "s", "b", "l"], data=[[1, "x", True, [1, 2]], [2.5, "y", False, []]]
    )


@maker
def table_of_frame(wandb: Any) -> Any:
    """A data frame."""
    pandas = import_module("pandas")
    return wandb.Table(dataframe=pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))


@maker
def frame(_: Any) -> Any:
    """A data frame, logged directly."""
    return import_module("pandas").DataFrame({"a": [1, 2], "b": ["x", "y"]})


@maker
def table_mutable(wandb: Any) -> Any:
    """Says its mode."""
    return wandb.Table(columns=["a"], data=[[1]], log_mode="MUTABLE")


@maker
def table_incremental(wandb: Any) -> Any:
    """Says its mode and part."""
    return wandb.Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")


@maker
def table_of_images(wandb: Any) -> Any:
    """Media in its cells."""
    return wandb.Table(columns=["i"], data=[[wandb.Image(pixels(4, 4))]])


# --- 3D, molecules, figures, graphs, traces, distributions


@maker
def points(wandb: Any) -> Any:
    """A cloud."""
    return wandb.Object3D(import_module("numpy").arange(12.0).reshape(4, 3), caption="cloud")


@maker
def points_list(wandb: Any) -> Any:
    """One record."""
    numbers = import_module("numpy").arange(12.0).reshape(4, 3)
    return [wandb.Object3D(numbers), wandb.Object3D(numbers + 1)]


@maker
def scene(wandb: Any) -> Any:
    """A cloud with boxes."""
    box = wandb.box3d(
        center=(1, 2, 3), size=(1, 2, 3), orientation=(1, 0, 0, 0), color=(1, 0, 0),
        label="car", score=0.5,
    )  # fmt: skip
    return wandb.Object3D.from_point_cloud(points=[[1, 2, 3]], boxes=[box])


@maker
def object_file(wandb: Any) -> Any:
    """An open file."""
    return wandb.Object3D(io.StringIO("v 0 0 0"), file_type="obj")


@maker
def molecule(wandb: Any) -> Any:
    """An open file."""
    return wandb.Molecule(io.StringIO("ATOM"), caption="m", file_type="pdb")


@maker
def molecule_list(wandb: Any) -> Any:
    """One record."""
    return [wandb.Molecule(io.StringIO(text), file_type="pdb") for text in ("ATOM", "END")]


@maker
def molecule_smiles(wandb: Any) -> Any:
    """By RDKit."""
    import_module("rdkit")
    return wandb.Molecule.from_smiles("CCO", convert_to_3d_and_optimize=False)


@maker
def plotly_figure(_: Any) -> Any:
    """Logged directly."""
    return import_module("plotly.graph_objects").Figure({"data": [{"y": [1, 2], "type": "bar"}]})


@maker
def plotly_value(wandb: Any) -> Any:
    """Logged as what it is."""
    figure = import_module("plotly.graph_objects").Figure({"data": [{"y": [1, 2], "type": "bar"}]})
    return wandb.Plotly(figure)


def _pyplot() -> Any:
    import_module("matplotlib").use("agg")
    pyplot = import_module("matplotlib.pyplot")
    pyplot.close("all")
    pyplot.imshow(pixels(4, 4))
    return pyplot


@maker
def matplotlib_figure(_: Any) -> Any:
    """Logged directly; with a picture in it, so that wandb makes an image."""
    return _pyplot().gcf()


@maker
def matplotlib_module(_: Any) -> Any:
    """Its current figure."""
    return _pyplot()


@maker
def image_of_axes(wandb: Any) -> Any:
    """The figure that they are in."""
    return wandb.Image(_pyplot().gca())


@maker
def bokeh_plot(wandb: Any) -> Any:
    """Of Bokeh."""
    figure = import_module("bokeh.plotting").figure()
    figure.line([1, 2], [3, 4])
    return wandb.data_types.Bokeh(figure)


@maker
def graph(wandb: Any) -> Any:
    """Nodes and edges."""
    made = wandb.Graph()
    made.add_edge(made.add_node(id=1, name="a"), made.add_node(id=2, name="b", size=(3, 4)))
    return made


@maker
def joined(wandb: Any) -> Any:
    """Two tables."""
    tables = [wandb.Table(columns=["id", name], data=[[1, name]]) for name in ("a", "b")]
    return wandb.data_types.JoinedTable(*tables, "id")


@maker
def partitioned(wandb: Any) -> Any:
    """A directory of tables."""
    return wandb.data_types.PartitionedTable("parts")


@maker
def trace(wandb: Any) -> Any:
    """A tree of spans."""
    tree = import_module("wandb.sdk.data_types.trace_tree")
    made = tree.Trace("a", kind="LLM", status_code="SUCCESS", start_time_ms=1, inputs={"q": 1},
                      outputs={"a": 2}, metadata={"m": 1})  # fmt: skip
    made.add_child(tree.Trace("b", kind="tool"))
    return wandb.data_types.WBTraceTree(made._span, {"model": 1})


@maker
def histogram(wandb: Any) -> Any:
    """Inline."""
    return wandb.Histogram([1, 2, 2, 3, 9], num_bins=4)


@maker
def nested(wandb: Any) -> Any:
    """A file is named by the innermost key."""
    return {"a": {"page": wandb.Html("<p>", inject=False)}, "n": 1}


@maker
def mixed_types(wandb: Any) -> Any:
    """A list of records."""
    return [wandb.Html("<p>", inject=False), wandb.Image(pixels(4, 4))]


# --- charts


def _scores() -> tuple[Any, Any]:
    np = import_module("numpy")
    scores = ((np.arange(120) * 7919) % 101).reshape(40, 3) / 100
    return (np.arange(40) * 31) % 3, scores


@maker
def chart_pr(wandb: Any) -> Any:
    """Precision and recall."""
    return wandb.plot.pr_curve(*_scores(), labels=["a", "b", "c"])


@maker
def chart_roc(wandb: Any) -> Any:
    """True and false positives."""
    return wandb.plot.roc_curve(*_scores(), labels=["a", "b", "c"], classes_to_plot=[0, 2])


@maker
def chart_confusion(wandb: Any) -> Any:
    """Counts of pairs."""
    true, scores = _scores()
    return wandb.plot.confusion_matrix(probs=scores, y_true=true, class_names=["a", "b", "c"])


@maker
def chart_line_series(wandb: Any) -> Any:
    """Several lines."""
    return wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], keys=["p", "q"], title="T")


@maker
def chart_line(wandb: Any) -> Any:
    """A line of a table, in a section of its own."""
    made = wandb.Table(columns=["x", "y"], data=[[1, 2], [3, 4]])
    return wandb.plot.line(made, "x", "y", title="T", split_table=True)


@maker
def chart_visualize(wandb: Any) -> Any:
    """A table under its own name."""
    return wandb.visualize("team/preset", wandb.Table(columns=["x"], data=[[1]]))


def main() -> None:
    """Log all values, each in a row, and print what is there afterwards."""
    wandb = import_module("wandb")
    failed: dict[str, str] = {}
    with wandb.init(settings=wandb.Settings(console="off")) as run:
        for step, (name, make) in enumerate(MAKERS.items()):
            try:
                run.log({name: make(wandb)}, step=step)
            except Exception as error:  # noqa: BLE001, PERF203 - it is what the test reports
                failed[name] = f"{type(error).__name__}: {error}"
    place = Path(run.dir if (Path(run.dir) / "media").exists() else run.sync_dir)
    found = {list(MAKERS)[step]: with_files(plain(strip(row)), place) for step, row in rows(run)}
    json.dump({**found, **failed}, sys.stdout)


def with_files(record: Any, place: Path) -> Any:
    """Return a record with the JSON that its files hold."""
    if isinstance(record, list):
        return [with_files(inner, place) for inner in record]
    if not isinstance(record, dict):
        return record
    found = {name: with_files(inner, place) for name, inner in record.items()}
    path = found.get("path")
    if isinstance(path, str):
        content = (place / path).read_bytes()
        assert len(content) == found["size"]
        if path.endswith(".json"):
            found["content"] = json.loads(content)
    return found


if __name__ == "__main__":
    main()
