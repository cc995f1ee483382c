"""Real trainings with the integrations that wandb ships, and with frameworks that call wandb."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.compat.framework_scripts import ON_BOTH, ON_TRACKLAB
from tests.compat.test_wandb import agreed

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.compat

PROGRAM = Path(__file__).with_name("framework_scripts.py")
MISSING_RUN = {"raises": ["UsageError", "Error", "ValueError"]}


def begin(place: Path, name: str, **environment: str) -> Callable[[], Any]:
    """Start a training in a process of its own; return what waits for what it saw."""
    place.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), name, "seen.json"], cwd=place, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={
            **os.environ, "WANDB_SILENT": "true", "PYTHONWARNINGS": "ignore",
            "KERAS_BACKEND": "torch", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1",
            "RAY_USAGE_STATS_ENABLED": "0", "TF_CPP_MIN_LOG_LEVEL": "3", **environment,
        },
    )  # fmt: skip

    def wait() -> Any:
        try:
            _, errors = process.communicate(timeout=300)
        finally:
            process.kill()
        assert process.returncode == 0, errors[-3000:]
        return json.loads((place / "seen.json").read_text())

    return wait


@pytest.fixture
def train(tmp_path: Path) -> Callable[[str], Any]:
    """Return what runs a training on tracklab, found as wandb, and returns what it saw."""

    def on_tracklab(name: str) -> Any:
        package, _ = {**ON_BOTH, **ON_TRACKLAB}[name]
        if find_spec(package) is None:
            pytest.skip(f"needs {package}")
        return begin(tmp_path, name, TRACKLAB_AS_WANDB="1", WANDB_CONSOLE="off")()

    return on_tracklab


@pytest.mark.parametrize("name", ON_BOTH)
def test_a_training_logs_what_it_logs_to_wandb(name: str, tmp_path: Path) -> None:
    """Rows, tables, summaries, configurations, errors: of the same data, the same."""
    pytest.importorskip(ON_BOTH[name][0])
    pytest.importorskip("wandb")
    theirs = begin(tmp_path / "wandb", name, WANDB_MODE="offline")
    ours = begin(tmp_path / "tracklab", name, TRACKLAB_AS_WANDB="1", WANDB_CONSOLE="off")()
    expected = theirs()
    assert agreed(ours, expected) == expected


def test_folds_of_lightgbm_are_means_and_deviations(train: Callable[[str], Any]) -> None:
    """One row for each round."""
    rows = train("lightgbm_cross_validation")
    names = {"iteration", "valid_l2-mean", "valid_l2-stdv"}
    assert [row["iteration"] for _, row in rows] == [0, 1, 2]
    assert {key for _, row in rows for key in row} == names


def test_charts_of_scikit_learn_are_right_where_wandbs_are_not(
    train: Callable[[str], Any],
) -> None:
    """A class is taken for another, not the other way round; the model is not fitted again."""
    rows, untouched, names = train("sklearn_here")
    tables = [(key, value) for _, row in rows for key, value in row.items()]
    counts, shares = (table["data"] for key, table in tables if key == "confusion_matrix")
    assert sorted(counts) == [
        ["no", "no", 1],
        ["no", "yes", 0],
        ["yes", "no", 2],
        ["yes", "yes", 1],
    ]
    assert (shares, untouched) == ([[1, 0, 0.67]], True)
    assert [key for key, _ in tables[2:]] == [
        "summary_metrics", "learning_curve", "outlier_candidates", "residuals", "residuals",
        "elbow_curve", "silhouette_plot", "silhouette_plot",
    ]  # fmt: skip
    residuals = [table["data"] for key, table in tables if key == "residuals"][1]
    assert [row[0] for row in residuals] == ["train"] * 100 + ["test"] * 80
    assert {"plot_roc", "plot_classifier"} <= set(names)


def test_silhouettes_are_those_of_scikit_learn(train: Callable[[str], Any]) -> None:
    """Sorted within each cluster, with the mean of all and the centers of the clusters."""
    metrics: Any = pytest.importorskip("sklearn.metrics")
    rows, _, _ = train("sklearn_here")
    table = next(row["silhouette_plot"] for _, row in rows if "silhouette_plot" in row)
    columns = dict(zip(table["columns"], zip(*table["data"], strict=True), strict=True))
    points = list(zip(columns["x"], columns["y"], strict=True))
    assert len(points) == 400
    assert set(columns["silhouette_avg"]) != {0}
    assert abs(sum(columns["x2"]) / 400 - columns["silhouette_avg"][0]) < 1e-4
    by_color = {c: [x for x, k in zip(columns["x2"], columns["color_sil"], strict=True) if k == c]
                for c in set(columns["color_sil"])}  # fmt: skip
    assert all(values == sorted(values) for values in by_color.values())
    assert metrics.silhouette_score(points, columns["colors"]) > 0


def test_epochs_of_keras_have_their_own_axis(train: Callable[[str], Any]) -> None:
    """What is logged is what Keras itself says of each epoch, and the learning rate."""
    rows, history, axes = train("keras_metrics")
    for name, values in history.items():
        assert [row[f"epoch/{name}"] for _, row in rows] == values
    assert [row["epoch/epoch"] for _, row in rows] == [0, 1, 2]
    assert {row["epoch/learning_rate"] for _, row in rows} == {0.01}
    assert axes == {"epoch/*": "epoch/epoch"}


def test_batches_of_keras_have_their_own_axis(train: Callable[[str], Any]) -> None:
    """Every second one, with the rate that a schedule has then."""
    rows, axes, wrong, late = train("keras_batches")
    assert [row["batch/batch_step"] for row in rows] == [0, 2, 4, 6]
    rates = [row["batch/learning_rate"] for row in rows]
    assert rates == [round(0.1 * 0.5**passed, 6) for passed in (1, 3, 4, 6)]
    assert axes == {"epoch/*": "epoch/epoch", "batch/*": "batch/batch_step"}
    assert (wrong, late) == (MISSING_RUN, MISSING_RUN)


def test_checkpoints_of_keras_are_versions(train: Callable[[str], Any]) -> None:
    """One for each file that is saved, found by its epoch."""
    epoch_1, newest = train("keras_checkpoints")
    assert epoch_1 == ["v1", "model", ["model-2.keras"]]
    assert newest == ["v4", "model", ["best.weights.h5"]]


def test_answers_of_a_keras_model_are_versions_of_a_table(train: Callable[[str], Any]) -> None:
    """They may refer to the data's table, which is an artifact already."""
    version, columns, rows = train("keras_evaluation")
    assert (version, columns) == ("v1", ["epoch", "index", "truth", "said"])
    assert rows == [[1, 0], [1, 1], [1, 2]]


def test_a_keras_model_becomes_a_graph(train: Callable[[str], Any]) -> None:
    """Its layers with shapes and sizes, and an edge for each use."""
    told, others, wrong = train("keras_graph")
    fields = ("name", "class_name", "num_parameters")
    assert [tuple(node[field] for field in fields) for node in told["nodes"]] == [
        ("in", "InputLayer", 0), ("twice", "Dense", 20), ("both", "Add", 0), ("out", "Dense", 5),
    ]  # fmt: skip
    assert told["nodes"][1]["output_shape"] == [None, 4]
    assert sorted(map(tuple, told["edges"])) == [
        ("both", "out"), ("in", "twice"), ("in", "twice"), ("twice", "both"), ("twice", "both"),
        ("twice", "twice"),
    ]  # fmt: skip
    assert others == [[2, 1], [1, 0], [1, 0]]
    assert wrong == {"raises": ["Error", "TypeError"]}


def test_the_old_callback_of_keras_keeps_the_best_model(train: Callable[[str], Any]) -> None:
    """And says in the summary which epoch it was."""
    rows, history, summary, kept = train("keras_of_before")
    of_epochs = [row for _, row in rows if "epoch" in row]
    assert [row["val_loss"] for row in of_epochs] == history["val_loss"]
    assert (summary["best_epoch"], summary["best_val_loss"]) == (2, min(history["val_loss"]))
    assert "model-best.keras" in kept


def test_an_agent_of_sb3_reports_through_tensorboard(train: Callable[[str], Any]) -> None:
    """With its attributes, distributions, model, video and file of events."""
    seen = train("sb3_agent")
    assert seen["configured"] == {"algo": "PPO", "n_steps": 16, "gamma": 0.99}
    assert (seen["axis"], seen["steps"], seen["wrong"]) == ("global_step", [32, 48], MISSING_RUN)
    assert {"train/loss", "time/fps", "gradients/value_net.bias", "videos"} <= set(seen["keys"])
    assert {"events", "model"} <= set(seen["files"])
    assert (seen["videos"], seen["video_is_there"]) == (1, True)


def test_videos_of_gymnasium_are_logged_while_it_is_asked_for(train: Callable[[str], Any]) -> None:
    """By the run's argument until it ends, or by a call."""
    assert train("gymnasium_videos") == [[["videos"]] * 2, [["done"], ["videos"], ["videos"]]]


@pytest.mark.parametrize("name", ["tensorboard_of_torch", "tensorboard_of_tensorboardx"])
def test_what_is_written_for_tensorboard_becomes_rows(
    name: str, train: Callable[[str], Any]
) -> None:
    """At once, on `global_step`, beside the program's own rows, until the run ends."""
    seen = train(name)
    rows = [row for _, row in seen["rows"]]
    assert rows[0] == {"global_step": 10, "loss": 0.1, "val/acc": 0.1}
    assert rows[1] == {"global_step": 20, "loss": 0.05, "val/acc": 0.2, "own": 1}
    assert sum(rows[2]["weights"]["values"]) == 100
    assert (rows[3]["picture"]["width"], rows[3]["picture"]["height"]) == (6, 8)
    assert rows[3]["note/text_summary"] == "hello"
    assert rows[5] == {"global_step": 40, "second/global_step": 40, "second/loss": 0.5}
    assert seen["axes"]["loss"] == seen["axes"]["weights"] == "global_step"
    assert (seen["axes"]["second/loss"], seen["lr"]) == ("second/global_step", 0.5)
    assert {"first", "second"} <= set(seen["kept"])
    assert (seen["at_once"], seen["image"], seen["later"]) == (True, True, [[0, {"done": True}]])


def test_what_tensorflow_writes_by_itself_becomes_rows(train: Callable[[str], Any]) -> None:
    """Its files are read to their end before the run ends."""
    rows, history = train("tensorboard_of_tensorflow")
    kept: dict[str, list[Any]] = {}
    for row in rows:
        for key, value in row.items():
            kept.setdefault(key, []).append(value)
    assert (kept["own/global_step"], kept["own/note"]) == ([0, 1, 2, 3], ["hello"])
    assert kept["own/loss"] == [1, 0.5, 0.333333]
    assert sum(kept["own/weights"][0]["values"]) == 100
    assert kept["fit/train/epoch_loss"] == history["loss"]
    assert kept["fit/validation/epoch_mae"] == history["val_mae"]


def test_tensorboard_is_patched_by_hand(train: Callable[[str], Any]) -> None:
    """Keys have the path below the root; values of one step are one row; twice is an error."""
    again, rows, kept = train("tensorboard_patched")
    assert again == MISSING_RUN
    assert [row for _, row in rows] == [
        {"global_step": 5, "a/global_step": 5, "a/loss": 1.0, "b/c/global_step": 5,
         "b/c/loss": 1.0},
        {"global_step": 6, "given": 2.0},
        {"global_step": 7, "more/global_step": 7, "more/given": 2.0},
    ]  # fmt: skip
    assert not kept


def test_trials_of_optuna_are_runs(train: Callable[[str], Any]) -> None:
    """Each has its parameters and its value."""
    keys, runs, project, configured = train("optuna_study")
    assert keys == [["accuracy", "inside", "trial_number", "x"]] * 3
    assert (runs, project, configured) == (3, True, [True] * 3)


def test_ignites_logger_logs_here(train: Callable[[str], Any]) -> None:
    """Each of the eight iterations, and the rate of both epochs."""
    assert train("ignite_logger") == ["tiny", "ignited", 8, [0.1, 0.1]]


def test_skorchs_logger_logs_here(train: Callable[[str], Any]) -> None:
    """A row for each of three epochs."""
    assert train("skorch_logger") == [3, ["train_loss", "valid_loss"]]


def test_a_trainer_of_trl_logs_here(train: Callable[[str], Any]) -> None:
    """Losses and the trainer's own metrics, in a run of its name."""
    assert train("trl_trainer") == ["tiny", 3, True]


def test_trials_of_ray_are_runs(train: Callable[[str], Any]) -> None:
    """Results with media by step, without what is excluded, from processes of their own."""
    first, second = train("ray_trials")
    told = {"steps": [1, 2, 3], "lr": True, "skipped": True, "image": True}
    assert first == {"losses": [0.1 / 1, 0.05, 0.033333], **told}
    assert second == {"losses": [0.2, 0.1, 0.066667], **told}


def test_fabrics_logger_logs_here(train: Callable[[str], Any]) -> None:
    """On its own step, with a prefix; wrong media raise."""
    before, same, name, keys, steps, config, wrong, place, is_there = train("fabric_logger")
    assert (before, same, name) == (None, True, "fabric")
    assert keys == [
        "run-answers", "run-films", "run-loss", "run-pages", "run-pictures", "run-sounds",
        "trainer/global_step",
    ]  # fmt: skip
    assert (steps, config) == ([0, 1], {"lr": 0.1, "loss": "len"})
    assert wrong == [{"raises": ["Error", "TypeError"]}, MISSING_RUN]
    assert (place, is_there) == ("runs", True)


def test_checkpoints_of_a_trainer_are_versions_of_a_model(train: Callable[[str], Any]) -> None:
    """The best one has its alias and says where it came from."""
    kind, original, files, monitor = train("fabric_logger_of_a_trainer")
    assert (kind, files, monitor) == ("model", ["model.ckpt"], "loss")
    assert original.endswith(".ckpt")


def test_an_experiment_of_sacred_is_a_run(train: Callable[[str], Any]) -> None:
    """Metrics, result, configuration, artifact and resource."""
    rows, rate, files, resources = train("sacred_experiment")
    assert [row.get("loss") for row in rows] == [0.1, 0.05, 0.033333, None]
    assert (rows[-1], rate, files) == ({"result_0": 0.5}, 0.1, ["note.txt"])
    assert resources == ["note.txt"]


def test_autolog_of_openai_begins_a_run(train: Callable[[str], Any]) -> None:
    """Without a current one; Weave is told which it is, and later that there is none."""
    assert train("openai_autolog") == ["calls", True, None]
