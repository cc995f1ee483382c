"""Write runs with media of every kind and with artifacts, through the SDK: what it writes is real.

The times are those of the moment, which is all that the pages about media need.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from bokeh.plotting import figure

import tracklab
from tracklab.media.figures import Bokeh
from tracklab.media.joined import PartitionedTable
from tracklab.media.traces import Span, SpanKind, StatusCode, WBTraceTree

PROJECT = "gallery"
SIZE = 96
STEPS = 6
CLASSES = {0: "ground", 1: "disc", 2: "block"}
# What a page may try: nothing of it may reach the page around it, and nothing may fail loudly.
EVIL = "<script>for (const w of [top, parent]) try { w.hacked = 1 } catch {}</script>"
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Report</title>
<style>body{{font:14px system-ui;margin:24px}}td,th{{padding:2px 14px;text-align:right}}</style>
<h2>Evaluation report</h2>
<table><tr><th>class<th>precision<th>recall<tr><td>disc<td>0.94<td>0.91<tr><td>block<td>0.88<td>0.9
</table><p>Written by the run itself.</p>{EVIL}"""
WATER = """HETATM    1  O   HOH     1       0.000   0.000   0.117
HETATM    2  H   HOH     1       0.000   0.757  -0.469
HETATM    3  H   HOH     1       0.000  -0.757  -0.469
END
"""


def scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[dict[str, object]]]:
    """Return a picture with a disc and a block, the class of each pixel, and their boxes."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    picture = np.stack([0.18 + 0.3 * x, 0.22 + 0.35 * y, 0.42 - 0.2 * x * y], axis=-1)
    cx, cy, radius = rng.uniform(0.25, 0.4), rng.uniform(0.3, 0.65), rng.uniform(0.12, 0.2)
    left, top, side = rng.uniform(0.55, 0.65), rng.uniform(0.2, 0.55), rng.uniform(0.2, 0.28)
    disc = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
    block = (x > left) & (x < left + side) & (y > top) & (y < top + side)
    light = 1 - 1.6 * np.sqrt((x - cx + 0.05) ** 2 + (y - cy + 0.05) ** 2)
    picture[disc] = (light[..., None] * [0.98, 0.72, 0.35])[disc]
    picture[block] = ((0.6 + 0.4 * (y - top) / side)[..., None] * [0.4, 0.78, 0.82])[block]
    picture += rng.normal(0, 0.012, picture.shape)
    classes = np.zeros((SIZE, SIZE), int)
    classes[disc], classes[block] = 1, 2
    spans = [
        (1, cx - radius, cy - radius, cx + radius, cy + radius),
        (2, left, top, left + side, top + side),
    ]
    boxes = [
        {
            "position": {"minX": a, "minY": b, "maxX": c, "maxY": d},
            "class_id": which,
            "box_caption": CLASSES[which],
            "scores": {"confidence": round(float(rng.uniform(0.8, 0.99)), 2)},
        }
        for which, a, b, c, d in spans
    ]
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8), classes, boxes


def labelled(rng: np.random.Generator, *, skill: float) -> tracklab.Image:
    picture, classes, boxes = scene(rng)
    guess = np.roll(classes, int((1 - skill) * 14), axis=1)
    guess[rng.random(guess.shape) > 0.7 + 0.3 * skill] = 0
    return tracklab.Image(
        picture,
        caption=f"intersection over union {0.45 + 0.5 * skill:.2f}",
        boxes={"found": {"box_data": boxes, "class_labels": CLASSES}},
        masks={"guess": {"mask_data": guess, "class_labels": CLASSES}},
    )


def ball() -> np.ndarray:
    """Return frames of a ball that jumps."""
    y, x = np.mgrid[0:64, 0:96]
    frames = []
    for moment in range(24):
        height = abs(math.sin(moment / 24 * 2 * math.pi)) * 40
        near = (x - 12 - moment * 3) ** 2 + (y - 54 + height) ** 2 < 64
        frames.append(np.stack([np.where(near, 240, 20), np.where(near, 160, 24), near * 40 + 40]))
    return np.array(frames, dtype=np.uint8)


def tone(step: int) -> np.ndarray:
    at = np.arange(16_000) / 16_000
    return np.sin(2 * math.pi * (220 + 60 * step) * at) * np.exp(-3 * at) * 0.6


def torus(rng: np.random.Generator) -> np.ndarray:
    around, along = rng.uniform(0, 2 * math.pi, (2, 2500))
    ring = 1 + 0.38 * np.cos(along)
    points = [ring * np.cos(around), ring * np.sin(around), 0.38 * np.sin(along)]
    colours = [160 + 90 * np.cos(around), 120 + 70 * np.cos(along), 150 + 90 * np.sin(around)]
    return np.stack([*points, *colours], axis=1)


def scores(rng: np.random.Generator, *, skill: float) -> tuple[list[int], list[list[float]]]:
    truth = rng.integers(0, 3, 240).tolist()
    raw = rng.normal(0, 1, (240, 3))
    raw[np.arange(240), truth] += 3 * skill
    shares = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return truth, shares.round(4).tolist()


def predictions(rng: np.random.Generator) -> tracklab.Table:
    table = tracklab.Table(columns=["picture", "class", "score", "loss", "note"])
    for number in range(60):
        picture, _, _ = scene(rng)
        score = float(rng.beta(6, 1.5))
        note = "hard" if score < 0.6 else None
        name = CLASSES[1 + number % 2]
        table.add_data(
            tracklab.Image(picture[::2, ::2]),
            name,
            round(score, 4),
            round(-math.log(score), 4),
            note,
        )
    return table


def charts(rng: np.random.Generator) -> dict[str, object]:
    truth, shares = scores(rng, skill=0.9)
    names = list(CLASSES.values())
    rows = [[name, value] for name, value in zip(names, (0.97, 0.91, 0.86), strict=True)]
    classes = tracklab.Table(columns=["class", "accuracy"], data=rows)
    size, loss = rng.lognormal(0, 1, 150), rng.normal(0, 0.08, 150)
    spread = tracklab.Table(
        columns=["size.mb", "loss"],
        data=[[float(a), float(1.2 / (1 + a) + b)] for a, b in zip(size, loss, strict=True)],
    )
    steps = list(range(0, 100, 5))
    curves = [[math.exp(-one / rate) + 0.1 for one in steps] for rate in (18, 35, 60)]
    return {
        "chart/roc": tracklab.plot.roc_curve(truth, shares, labels=names),
        "chart/pr": tracklab.plot.pr_curve(truth, shares, labels=names),
        "chart/confusion": tracklab.plot.confusion_matrix(
            probs=shares, y_true=truth, class_names=names
        ),
        "chart/by_class": tracklab.plot.bar(classes, "class", "accuracy", title="By class"),
        "chart/size": tracklab.plot.scatter(spread, "size.mb", "loss", title="Loss by size"),
        "chart/losses": tracklab.plot.histogram(spread, "loss", title="Losses"),
        "chart/decay": tracklab.plot.line_series(
            steps, curves, keys=["fast", "middle", "slow"], title="Decay", xname="epoch"
        ),
    }


def plotly_figure() -> go.Figure:
    """Return lines and bars beside each other."""
    shown = go.Figure(layout={"title": {"text": "Loss by epoch"}, "xaxis": {"title": "epoch"}})
    epochs = np.arange(1, 9)
    shown.add_scatter(x=epochs, y=2 / epochs, name="train", mode="lines+markers")
    shown.add_bar(x=epochs, y=2.2 / epochs, name="val", opacity=0.5)
    return shown


def bokeh_figure(rng: np.random.Generator) -> Bokeh:
    """Return points with names of their own."""
    plot = figure(title="Embedding", width=420, height=260)
    plot.scatter(*rng.normal(0, 1, (2, 120)), size=7, alpha=0.6)
    return Bokeh(plot)


def trace() -> WBTraceTree:
    """Return an agent that searched, answered too long, and answered again."""

    def span(name: str, kind: SpanKind, start: int, end: int, **more: Any) -> Span:
        begun = 1_790_000_000_000
        return Span(
            name=name, span_kind=kind, start_time_ms=begun + start, end_time_ms=begun + end, **more
        )

    asked = {"question": "How long is the river?"}
    root = span("agent", SpanKind.AGENT, 0, 2400, attributes={"user": "demo"})
    root.add_named_result(asked, {"answer": "380 km"})
    search = span("search", SpanKind.TOOL, 40, 460)
    search.add_named_result({"query": "river length"}, {"documents": ["rivers.md", "maps.md"]})
    long = span(
        "answer", SpanKind.LLM, 480, 1500,
        status_code=StatusCode.ERROR, status_message="longer than 200 tokens",
    )  # fmt: skip
    short = span("answer", SpanKind.LLM, 1520, 2380, status_code=StatusCode.SUCCESS)
    short.add_named_result(asked, {"answer": "380 km"})
    chain = span("respond", SpanKind.CHAIN, 470, 2390, child_spans=[long, short])
    root.child_spans = [search, chain]
    return WBTraceTree(root, {"model": "demo", "temperature": 0.2})


def joined() -> tracklab.JoinedTable:
    """Return questions beside answers, of which one has no question and one no answer."""
    questions = tracklab.Table(
        columns=["id", "text", "score"],
        data=[[1, "How long?", 3], [2, "How wide?", 5], [3, "?", 0]],
    )
    answers = tracklab.Table(
        columns=["id", "text", "score"],
        data=[[1, "380 km", 0.9], [2, "a stone's throw", 0.4], [4, "blue", 0.1]],
    )
    return tracklab.JoinedTable(questions, answers, "id")


def parts(directory: Path) -> PartitionedTable:
    """Return a table of which each worker wrote its part."""
    directory.mkdir(parents=True)
    for worker in range(3):
        rows = [[worker, 10 * worker + row, row**2] for row in range(4)]
        part = {"columns": ["worker", "sample", "score"], "data": rows}
        (directory / f"{worker}.table.json").write_text(json.dumps(part))
    return PartitionedTable(directory)


def media_run(root: Path) -> None:
    rng = np.random.default_rng(3)
    with tracklab.init(project=PROJECT, id="media001", name="every-kind", dir=root) as run:
        for step in range(STEPS):
            skill = step / (STEPS - 1)
            same = np.random.default_rng(11)
            row: dict[str, object] = {
                "loss": 2 * math.exp(-step / 2),
                "val/segmentation": labelled(same, skill=skill),
                "val/batch": [labelled(same, skill=skill) for _ in range(6)],
                "weights/layer": tracklab.Histogram(rng.normal(0, 1 - 0.12 * step, 2000)),
                "sample/text": f"Once upon a time there was a river. (step {step})",
            }
            if step % 2 == 0:
                row["sample/tone"] = tracklab.Audio(
                    tone(step), sample_rate=16_000, caption="a bell"
                )
            if step == STEPS - 1:
                row |= {
                    "sample/jump": tracklab.Video(ball(), fps=12, format="gif"),
                    "sample/molecule": tracklab.Molecule(io.StringIO(WATER), file_type="pdb"),
                    "sample/torus": tracklab.Object3D(torus(rng)),
                    "report": tracklab.Html(PAGE),
                    "nested/joined": joined(),
                    "nested/parts": parts(Path(run.dir) / "parts"),
                    "nested/trace": trace(),
                    "figure/plotly": plotly_figure(),
                    "figure/bokeh": bokeh_figure(rng),
                    "val/predictions": predictions(rng),
                    **charts(rng),
                }
            run.log(row, step=step * 100)


def artifact_runs(root: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for version, count in enumerate((400, 900)):
            (data / "train.csv").write_text("x,y\n" + "1,2\n" * count)
            (data / "labels.json").write_text('["disc", "block"]')
            with tracklab.init(
                project=PROJECT, id=f"prepare{version}", name=f"prepare-{version}", dir=root
            ) as run:
                made = tracklab.Artifact(
                    "shapes",
                    type="dataset",
                    description="Discs and blocks.",
                    metadata={"rows": count, "split": {"train": 0.9, "val": 0.1}},
                )
                made.add_dir(str(data))
                run.log_artifact(made, aliases=["small"] if version == 0 else ["full"])
        for number, use in enumerate(("small", "full", "full")):
            with tracklab.init(
                project=PROJECT, id=f"train00{number}", name=f"train-{number}", dir=root
            ) as run:
                run.use_artifact(f"shapes:{use}")
                model = tracklab.Artifact(
                    "segmenter", type="model", metadata={"iou": 0.8 + number / 20}
                )
                with model.new_file("weights.bin") as file:
                    file.write(str(number) * 40_000)
                run.log_artifact(model, aliases=["best"] if number == 2 else [])
        with tracklab.init(project=PROJECT, id="judge001", name="judge", dir=root) as run:
            run.use_artifact("segmenter:best")
            run.use_artifact("shapes:full")


def make_gallery(root: Path) -> None:
    media_run(root)
    artifact_runs(root)
