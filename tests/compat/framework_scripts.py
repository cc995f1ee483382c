"""Trainings with frameworks, each a function of the module `wandb` that returns what it saw.

As a program, with a name and a path: run that one and write what it saw there, as JSON. Those of
`ON_BOTH` run on wandb as well as on tracklab, the others on tracklab only: frameworks that call
wandb themselves, and what wandb does in another way.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.compat.wandb_scripts import outcome, plain, rows, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    Script = Callable[[Any], Any]

#: Each with the package that it needs.
ON_BOTH: dict[str, tuple[str, Script]] = {}
ON_TRACKLAB: dict[str, tuple[str, Script]] = {}


def on_both(package: str) -> Callable[[Script], Script]:
    """Add a training to the table of those that wandb runs as well."""

    def add(function: Script) -> Script:
        ON_BOTH[function.__name__] = package, function
        return function

    return add


def on_tracklab(package: str) -> Callable[[Script], Script]:
    """Add a training to the other table."""

    def add(function: Script) -> Script:
        ON_TRACKLAB[function.__name__] = package, function
        return function

    return add


def rounded(value: Any) -> Any:
    """Return what was logged, with numbers as they are on every machine."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 6) if isinstance(value, float) else value


def seen(run: Any) -> list[Any]:
    """Return the rows of a finished run, of tables what is in them."""
    place = Path(run.sync_dir)

    def content(value: Any) -> Any:
        if not isinstance(value, dict) or value.get("_type") != "table-file":
            return value
        below = place if (place / value["path"]).exists() else place / "files"
        table = json.loads((below / value["path"]).read_text())
        return {"columns": table["columns"], "data": table["data"]}

    return [
        [step, rounded({key: content(value) for key, value in row.items()})]
        for step, row in rows(run)
    ]


def told(run: Any) -> Any:
    """Return the summary of a run that is not finished, without tables."""
    found = {key: plain(value) for key, value in summary(run).items()}
    return rounded({
        key: value for key, value in found.items()
        if not (isinstance(value, dict) and "_type" in value)
    })  # fmt: skip


def data(rows_: int = 60) -> tuple[Any, Any]:
    """Return features, of which the first two count, and a number for each row."""
    numpy = import_module("numpy")
    features = numpy.random.default_rng(0).normal(size=(rows_, 4))
    return features, features[:, 0] * 2 - features[:, 1]


def axes(run: Any) -> dict[str, str]:
    """Return the step metric of each metric that was defined with one."""
    lines = Path(run.sync_dir, "events.jsonl").read_text().splitlines()
    definitions = [json.loads(line) for line in lines if "tracklab.define_metric" in line]
    return {
        line["data"]["name"]: line["data"]["step_metric"]
        for line in definitions if line["data"].get("step_metric")
    }  # fmt: skip


# --- boosted trees


@on_both("xgboost")
def xgboost_training(wandb: Any) -> Any:
    """Rounds, the best score, importances, the model's file."""
    xgboost = import_module("xgboost")
    integration = import_module("wandb.integration.xgboost")
    features, target = data()
    train, valid = (
        xgboost.DMatrix(features[part], target[part]) for part in (slice(40), slice(40, 60))
    )
    missing = outcome(integration.WandbCallback)
    with wandb.init() as run:
        xgboost.train(
            {"max_depth": 2, "eval_metric": ["mae", "rmse"], "nthread": 1}, train, 5,
            evals=[(train, "train"), (valid, "valid")], early_stopping_rounds=3, verbose_eval=False,
            callbacks=[integration.WandbCallback(log_model=True)],
        )  # fmt: skip
        configured = sorted(run.config.keys())
        kept = Path(run.dir, f"{run.id}_model.json").is_file()
        last = told(run)
    return [missing, seen(run), last, configured, kept]


@on_both("xgboost")
def xgboost_of_scikit_learn(wandb: Any) -> Any:
    """Names of another kind, and no definitions if they are not wanted."""
    xgboost = import_module("xgboost")
    integration = import_module("wandb.integration.xgboost")
    features, target = data()
    with wandb.init() as run:
        xgboost.XGBClassifier(
            n_estimators=3, max_depth=2, n_jobs=1, eval_metric=["auc", "logloss"],
            callbacks=[integration.WandbCallback(False, False, "weight", False)],
        ).fit(features, target > 0, eval_set=[(features, target > 0)], verbose=False)  # fmt: skip
        last = told(run)
    return [seen(run), last]


@on_both("xgboost")
def xgboost_of_before(wandb: Any) -> Any:
    """What the old callback makes of a round."""
    integration = import_module("wandb.integration.xgboost")
    environment = import_module("types").SimpleNamespace
    with wandb.init() as run:
        callback = integration.wandb_callback()
        for value in (3.0, 2.0):
            callback(environment(evaluation_result_list=[("train-rmse", value), ("v-auc", 0.5)]))
    return seen(run)


@on_both("lightgbm")
def lightgbm_training(wandb: Any) -> Any:
    """Rounds, parameters, and the summary of a model."""
    lightgbm = import_module("lightgbm")
    integration = import_module("wandb.integration.lightgbm")
    features, target = data()
    train = lightgbm.Dataset(features, target)
    with wandb.init() as run:
        model = lightgbm.train(
            {"objective": "regression", "metric": ["l2", "l1"], "verbose": -1, "num_threads": 1,
             "num_leaves": 4, "min_data_in_leaf": 2},
            train, 5, valid_sets=[train], valid_names=["train"],
            callbacks=[integration.wandb_callback(), lightgbm.early_stopping(3, verbose=False)],
        )  # fmt: skip
        integration.log_summary(model, save_model_checkpoint=True)
        wrong = outcome(lambda: integration.log_summary("model"))
        configured = plain(dict(run.config))
        kept = len(list(Path(run.dir).glob("model_ckpt_*.txt")))
        last = told(run)
    return [seen(run), last, configured, kept, wrong]


@on_tracklab("lightgbm")
def lightgbm_cross_validation(wandb: Any) -> Any:
    """Means and deviations; wandb's callback takes them as an older LightGBM had them."""
    lightgbm = import_module("lightgbm")
    integration = import_module("wandb.lightgbm")
    features, target = data()
    with wandb.init() as run:
        lightgbm.cv(
            {"objective": "regression", "metric": "l2", "verbose": -1, "num_threads": 1},
            lightgbm.Dataset(features, target), 3, nfold=2, stratified=False,
            callbacks=[integration.wandb_callback()],
        )  # fmt: skip
    return seen(run)


@on_both("catboost")
def catboost_training(wandb: Any) -> Any:
    """Evaluations by their period, parameters, and the summary of a model."""
    catboost = import_module("catboost")
    integration = import_module("wandb.integration.catboost")
    features, target = data()
    with wandb.init() as run:
        model = catboost.CatBoostRegressor(
            iterations=5, depth=2, metric_period=2, thread_count=1, allow_writing_files=False,
            random_seed=0,
        )  # fmt: skip
        model.fit(
            features[:40], target[:40], eval_set=(features[40:], target[40:]), verbose=False,
            callbacks=[integration.WandbCallback(metric_period=2)],
        )  # fmt: skip
        integration.log_summary(model, save_model_checkpoint=True)
        run.log({"after": 1})
        wrong = outcome(lambda: integration.log_summary("model"))
        configured = sorted(run.config.keys())
        last = told(run)
    return [seen(run), last, configured, Path(run.dir, "model").is_file(), wrong]


# --- scikit-learn


def plots(wandb: Any, calls: dict[str, Callable[[Any], None]]) -> dict[str, Any]:
    """Return what each call of `wandb.sklearn` logs."""
    found = {}
    for name, call in calls.items():
        with wandb.init() as run:
            problem = outcome(partial(call, wandb.sklearn))
            run.log({"done": True})
        found[name] = [problem, [row for _, row in seen(run)]]
    return found


@on_both("sklearn")
def sklearn_classifiers(wandb: Any) -> Any:
    """Tables of every chart of a classifier, and of labels that are words."""
    numpy = import_module("numpy")
    linear = import_module("sklearn.linear_model")
    trees = import_module("sklearn.tree")
    features, target = data()
    truth = (target > 0).astype(int)
    model = trees.DecisionTreeClassifier(max_depth=2, random_state=0).fit(features, truth)
    likely = model.predict_proba(features)
    three = numpy.digitize(target, [-1, 1])
    line = linear.LogisticRegression().fit(features, truth)
    words = numpy.array(["no", "yes"])[truth]
    names = ["a", "b", "c", "d"]
    return plots(wandb, {
        "roc": lambda sk: sk.plot_roc(truth, likely, ["no", "yes"]),
        "precision_recall": lambda sk: sk.plot_precision_recall(truth, likely, ["no", "yes"]),
        "feature_importances": lambda sk: sk.plot_feature_importances(model, names),
        "coefficients": lambda sk: sk.plot_feature_importances(line),
        "class_proportions": lambda sk: sk.plot_class_proportions(truth, three, ["x", "y", "z"]),
        "proportions_of_words": lambda sk: sk.plot_class_proportions(words, words, None),
        "calibration_curve": lambda sk: sk.plot_calibration_curve(line, features, truth, "Line"),
        "calibration_of_three": lambda sk: sk.plot_calibration_curve(line, features, three),
        "summary_metrics": lambda sk: sk.plot_summary_metrics(
            model, features, truth, features, three
        ),
        "learning_curve": lambda sk: sk.plot_learning_curve(model, features, truth, cv=2),
        "same_as_transposed": lambda sk: sk.plot_confusion_matrix(truth, truth, ["no", "yes"]),
        "not_fitted": lambda sk: sk.plot_summary_metrics(
            trees.DecisionTreeClassifier(), features, truth, features, truth
        ),
        "no_classifier": lambda sk: sk.plot_calibration_curve("model", features, truth),
        "missing_values": lambda sk: sk.plot_learning_curve(
            model, numpy.full((4, 2), numpy.nan), [0, 1, 0, 1]
        ),
        "words": lambda sk: sk.plot_learning_curve(model, [["a"], ["b"]], [0, 1]),
        "nothing": lambda sk: sk.plot_class_proportions(),
        "classifier": lambda sk: sk.plot_classifier(
            model, features[:40], features[40:], truth[:40], truth[40:], truth[40:], likely[40:],
            ["no", "yes"], True, "Tree", names,
        ),
    })  # fmt: skip


@on_both("sklearn")
def sklearn_others(wandb: Any) -> Any:
    """Tables of regressors that do not depend on chance."""
    linear = import_module("sklearn.linear_model")
    features, target = data()
    model = linear.Ridge().fit(features, target)
    return plots(wandb, {
        "outlier_candidates": lambda sk: sk.plot_outlier_candidates(
            linear.LinearRegression().fit(features, target), features, target + features[:, 2] ** 2
        ),
        "summary_metrics": lambda sk: sk.plot_summary_metrics(
            model, features, target, features, target * 2
        ),
        "no_clusters": lambda sk: sk.plot_elbow_curve(model, features),
    })  # fmt: skip


@on_tracklab("sklearn")
def sklearn_here(wandb: Any) -> Any:
    """What wandb does in another way: matrices are not transposed, models stay as they are."""
    sklearn = import_module("wandb.sklearn")
    cluster = import_module("sklearn.cluster")
    linear = import_module("sklearn.linear_model")
    features, target = data(400)
    model = linear.Ridge().fit(features[:30], target[:30])
    before = model.coef_.tolist()
    means = cluster.KMeans(3, random_state=0, n_init=1).fit(features)
    with wandb.init() as run:
        sklearn.plot_confusion_matrix([0, 0, 0, 1], [0, 1, 1, 1], ["no", "yes"])
        sklearn.plot_confusion_matrix([0, 0, 0, 1], [0, 1, 1, 1], None, [0], [1], normalize=True)
        sklearn.plot_regressor(model, features[:30], features, target[:30], target)
        sklearn.plot_residuals(model, features, target)
        sklearn.plot_clusterer(means, features, means.labels_)
        sklearn.plot_clusterer(
            cluster.DBSCAN(eps=2.0).fit(features), features, means.labels_, model_name="DBSCAN"
        )
    return [seen(run), before == model.coef_.tolist(), dir(sklearn)]


# --- Keras, on torch


def keras_model() -> Any:
    """Return a model of one layer, compiled."""
    keras = import_module("keras")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse", metrics=["mae"])
    return model


def fit(model: Any, callback: Any, epochs: int = 3) -> Any:
    """Train a model with a callback; return what Keras says of each epoch."""
    features, target = data()
    history = model.fit(
        features, target, epochs=epochs, batch_size=20, verbose=0, shuffle=False,
        validation_data=(features[:20], target[:20]), callbacks=[callback],
    )  # fmt: skip
    return rounded({key: [float(one) for one in many] for key, many in history.history.items()})


@on_both("tensorflow")
def keras_epochs(wandb: Any) -> Any:
    """Epochs and batches; wandb's needs TensorFlow beside Keras."""
    callbacks = import_module("wandb.integration.keras")
    with wandb.init() as run:
        fit(keras_model(), callbacks.WandbMetricsLogger(), epochs=2)
        fit(keras_model(), callbacks.WandbMetricsLogger(log_freq="batch"), epochs=2)
        last = told(run)
    return [seen(run), last]


@on_tracklab("keras")
def keras_metrics(wandb: Any) -> Any:
    """Epochs on their own axis, with the learning rate that was set."""
    from wandb.integration.keras import WandbMetricsLogger  # type: ignore[import-not-found] # noqa: PLC0415 - as users

    assert wandb.keras.WandbMetricsLogger is WandbMetricsLogger
    with wandb.init() as run:
        history = fit(keras_model(), WandbMetricsLogger())
    return [seen(run), history, axes(run)]


@on_tracklab("keras")
def keras_batches(wandb: Any) -> Any:
    """Every second batch, and a learning rate that follows a schedule."""
    keras = import_module("keras")
    callbacks = import_module("wandb.integration.keras")
    model = keras_model()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse")
    with wandb.init() as run:
        fit(model, callbacks.WandbMetricsLogger(log_freq=2), epochs=2)
        wrong = outcome(lambda: callbacks.WandbMetricsLogger(log_freq="step"))
    late = outcome(callbacks.WandbMetricsLogger)
    return [[row for _, row in seen(run) if "batch/batch_step" in row], axes(run), wrong, late]


@on_tracklab("keras")
def keras_checkpoints(wandb: Any) -> Any:
    """A version for each epoch, with its alias; one file that is replaced as well."""
    callbacks = import_module("wandb.integration.keras")
    with wandb.init(project="models") as run:
        checkpoint = callbacks.WandbModelCheckpoint("model-{epoch}.keras", monitor="val_loss")
        fit(keras_model(), checkpoint)
        artifact = run.use_artifact(f"run_{run.id}_model:epoch_1")
        best = callbacks.WandbModelCheckpoint(
            Path("best.weights.h5"), save_best_only=True, save_weights_only=True
        )
        fit(keras_model(), best, 2)
        newest = run.use_artifact(f"run_{run.id}_model:latest")
    return [[one.version, one.type, sorted(one.manifest.entries)] for one in (artifact, newest)]


@on_tracklab("keras")
def keras_evaluation(wandb: Any) -> Any:
    """The data once, the answers after each epoch."""
    callbacks = import_module("wandb.integration.keras")

    class Answers(callbacks.WandbEvalCallback):  # type: ignore[misc, name-defined] # whatever is there
        def add_ground_truth(self, _logs: Any = None) -> None:
            for index in range(3):
                self.data_table.add_data(index, float(data()[1][index]))

        def add_model_predictions(self, epoch: int, _logs: Any = None) -> None:
            said = self.model.predict(data()[0][:3], verbose=0)
            for index, truth in self.data_table_ref.data:
                self.pred_table.add_data(epoch, index, truth, float(said[index][0]))

    with wandb.init(project="models") as run:
        fit(keras_model(), Answers(["index", "truth"], ["epoch", "index", "truth", "said"]), 2)
        told_ = run.use_artifact(f"run_{run.id}_pred:latest")
        table = told_.get("eval_data")
    return [told_.version, table.columns, [row[:2] for row in table.data]]


@on_tracklab("keras")
def keras_graph(wandb: Any) -> Any:
    """Layers and operations, one of them used twice; another model uses them as well."""
    keras = import_module("keras")
    start = keras.Input((4,), name="in")
    twice = keras.layers.Dense(4, name="twice")
    both = keras.layers.Add(name="both")([twice(start), twice(twice(start))])
    model = keras.Model(start, keras.layers.Dense(1, name="out")(both))
    keras.Model(start, keras.layers.Dense(1, name="other")(both))

    class Own(keras.Model):  # type: ignore[misc, name-defined] # whatever is there
        def __init__(self) -> None:
            super().__init__()
            self.layer = keras.layers.Dense(2, name="layer")

    found = [model, keras_model(), keras.Sequential([keras.layers.Dense(2, name="late")]), Own()]
    with wandb.init() as run:
        run.log({"model": wandb.Graph.from_keras(model)})
    record = rows(run)[0][1]["model"]
    told_ = json.loads(Path(run.sync_dir, record["path"]).read_text())
    graphs = [wandb.Graph.from_keras(one) for one in found[1:]]
    return [told_, [[len(one.nodes), len(one.edges)] for one in graphs],
            outcome(lambda: wandb.Graph.from_keras(1))]  # fmt: skip


@on_tracklab("keras")
def keras_of_before(wandb: Any) -> Any:
    """The old callback: epochs, and the best of them in the summary."""
    callbacks = import_module("wandb.keras")
    with wandb.init() as run:
        history = fit(keras_model(), callbacks.WandbCallback(log_batch_frequency=2))
        last = told(run)
        kept = sorted(path.name for path in Path(run.dir).iterdir())
    return [seen(run), history, last, kept]


# --- reinforcement learning


def line_of_eight_steps() -> Any:
    """Return an environment whose episodes take eight steps."""
    gymnasium = import_module("gymnasium")
    frame = import_module("numpy").zeros((32, 32, 3), dtype="uint8")

    class Line(gymnasium.Env):  # type: ignore[misc, name-defined] # as above
        metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012 - Gymnasium's form
        render_mode = "rgb_array"
        action_space = gymnasium.spaces.Discrete(2)
        observation_space = gymnasium.spaces.Box(-1, 1, (1,))

        def reset(self, *, seed: int | None = None, **_options: Any) -> Any:
            super().reset(seed=seed)
            self.left = 8
            return self.observation_space.low, {}

        def step(self, action: Any) -> Any:
            self.left -= 1
            return self.observation_space.high, float(action), self.left == 0, False, {}

        def render(self) -> Any:
            return frame

    return Line


@on_tracklab("stable_baselines3")
def sb3_agent(wandb: Any) -> Any:
    """What the agent tells TensorBoard, its attributes, its model, its gradients, and a video."""
    sb3 = import_module("stable_baselines3")
    vectors = import_module("stable_baselines3.common.vec_env")
    integration = import_module("wandb.integration.sb3")
    with wandb.init(sync_tensorboard=True, monitor_gym=True) as run:
        environment = vectors.VecVideoRecorder(
            vectors.DummyVecEnv([line_of_eight_steps()]),
            "films",
            lambda step: step == 0,
            video_length=5,
        )
        agent = sb3.PPO(
            "MlpPolicy", environment, n_steps=16, batch_size=8, n_epochs=1, verbose=0, seed=0,
            tensorboard_log="board", policy_kwargs={"net_arch": [4]},
        )  # fmt: skip
        callback = integration.WandbCallback(
            model_save_path="agents", model_save_freq=10, gradient_save_freq=1, verbose=2
        )
        agent.learn(48, callback=callback)
        configured = {key: run.config[key] for key in ("algo", "n_steps", "gamma")}
        wrong = outcome(lambda: integration.WandbCallback(model_save_freq=1))
    found = seen(run)
    videos = [row["videos"] for _, row in found if "videos" in row]
    files = sorted(path.name.split(".")[0] for path in Path(run.dir).rglob("*") if path.is_file())
    keys = sorted({key for _, row in found for key in row})
    steps = [row["global_step"] for _, row in found if "train/loss" in row]
    return {"configured": configured, "axis": axes(run)["train/loss"], "wrong": wrong,
            "keys": keys, "steps": steps, "videos": len(videos), "files": files,
            "video_is_there": Path(run.sync_dir, videos[0]["path"]).stat().st_size > 0}  # fmt: skip


@on_tracklab("gymnasium")
def gymnasium_videos(wandb: Any) -> Any:
    """Videos of episodes while a run wants them, and not afterwards."""
    wrappers = import_module("gymnasium.wrappers")

    def play() -> None:
        environment = wrappers.RecordVideo(
            line_of_eight_steps()(), "films", episode_trigger=lambda _: True
        )  # fmt: skip
        for seed in range(2):
            environment.reset(seed=seed)
            while not environment.step(0)[2]:
                pass
        environment.close()

    with wandb.init(monitor_gym=True) as run:
        play()
    with wandb.init() as other:
        play()
        other.log({"done": True})
        wandb.gym.monitor()
        play()
    return [[list(row) for _, row in seen(one)] for one in (run, other)]


# --- TensorBoard


@on_tracklab("tensorboard")
def tensorboard_of_torch(wandb: Any) -> Any:
    """Scalars, distributions, images, texts and hyperparameters, and the file of events."""
    return written("torch.utils.tensorboard", wandb)


@on_tracklab("tensorboardX")
def tensorboard_of_tensorboardx(wandb: Any) -> Any:
    """The same of tensorboardX."""
    return written("tensorboardX", wandb)


def written(module: str, wandb: Any) -> Any:
    """Write with a module's `SummaryWriter`, and return what the run has of it."""
    numpy = import_module("numpy")
    writers = import_module(module)
    with wandb.init(sync_tensorboard=True) as run:
        writer = writers.SummaryWriter("board/first")
        for step in (10, 20):
            writer.add_scalar("loss", 1 / step, step)
            writer.add_scalar("val/acc", step / 100, step)
        at_once = len(Path(run.sync_dir, "history.jsonl").read_bytes().splitlines())
        run.log({"own": 1})
        writer.add_histogram("weights", numpy.arange(100.0), 20)
        writer.add_image("picture", numpy.zeros((3, 8, 6), dtype=numpy.uint8), 30)
        writer.add_text("note", "hello", 30)
        writer.add_hparams({"lr": 0.5}, {"best": 1.0})
        writer.close()
        other = writers.SummaryWriter("board/second")
        other.add_scalar("loss", 0.5, 40)
        other.close()
        lr = run.config.get("lr")
    quiet = writers.SummaryWriter("board/third")
    with wandb.init() as later:
        quiet.add_scalar("loss", 1.0, 1)
        later.log({"done": True})
    quiet.close()
    kept = [path.parent.name for path in Path(run.dir).rglob("*tfevents*")]
    (image,) = (row["picture"] for _, row in seen(run) if "picture" in row)
    return {"rows": seen(run), "axes": axes(run), "lr": lr, "kept": sorted(set(kept)),
            "image": Path(run.sync_dir, image["path"]).is_file(), "at_once": at_once > 4,
            "later": seen(later)}  # fmt: skip


@on_tracklab("tensorflow")
def tensorboard_of_tensorflow(wandb: Any) -> Any:
    """What TensorFlow writes by itself, and the callback of Keras for it."""
    tensorflow = import_module("tensorflow")
    keras = import_module("keras")
    with wandb.init(sync_tensorboard=True) as run:
        writer = tensorflow.summary.create_file_writer("board/own")
        with writer.as_default():
            for step in range(3):
                tensorflow.summary.scalar("loss", 1 / (step + 1), step=step)
            tensorflow.summary.histogram("weights", tensorflow.range(100.0), step=3)
            tensorflow.summary.text("note", "hello", step=3)
        history = fit(keras_model(), keras.callbacks.TensorBoard("board/fit"))
    return [[row for _, row in seen(run)], history]


@on_tracklab("tensorboard")
def tensorboard_patched(wandb: Any) -> Any:
    """By hand: a root above several directories, twice is an error, and summaries without one."""
    from wandb.tensorboard import patch, unpatch  # type: ignore[import-not-found] # noqa: PLC0415 - as users

    writers = import_module("torch.utils.tensorboard")
    summaries = import_module("tensorboard.compat.proto.summary_pb2")
    patch(save=False, root_logdir="board")
    again = outcome(patch)
    with wandb.init() as run:
        for name in ("a", "b/c"):
            writer = writers.SummaryWriter(f"board/{name}")
            writer.add_scalar("loss", 1.0, 5)
            writer.close()
        unpatch()
        value = summaries.Summary.Value(tag="given", simple_value=2.0)
        given = summaries.Summary(value=[value])
        wandb.tensorboard.log(given, step=6)
        wandb.tensorboard.log([given.SerializeToString()], step=7, namespace="more")
    return [again, seen(run), sorted(Path(run.dir).iterdir())]


# --- frameworks that call wandb themselves


@on_tracklab("optuna_integration")
def optuna_study(wandb: Any) -> Any:
    """A run for each trial, with its parameters and values."""
    optuna = import_module("optuna")
    integration = import_module("optuna_integration")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    callback = integration.WeightsAndBiasesCallback(
        metric_name="accuracy", wandb_kwargs={"project": "study"}, as_multirun=True
    )
    runs = []

    @callback.track_in_wandb()  # type: ignore[untyped-decorator] # as above
    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", -1, 1)
        wandb.log({"inside": x})
        runs.append(wandb.run)
        return float(x**2)

    optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).optimize(
        objective, n_trials=3, callbacks=[callback]
    )
    found = [sorted({key for _, row in seen(run) for key in row}) for run in runs]
    return [found, len({run.id for run in runs}), {run.project for run in runs} == {"study"},
            ["x" in run.config for run in runs]]  # fmt: skip


@on_tracklab("ignite")
def ignite_logger(wandb: Any) -> Any:
    """Losses by iteration, metrics by epoch, the optimizer's parameters."""
    torch = import_module("torch")
    engine = import_module("ignite.engine")
    loggers = import_module("ignite.handlers.wandb_logger")
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(_engine: Any, batch: Any) -> float:
        optimizer.zero_grad()
        loss = model(batch).square().mean()
        loss.backward()
        optimizer.step()
        return float(loss)

    trainer = engine.Engine(step)
    logger = loggers.WandBLogger(project="ignited", name="tiny", config={"lr": 0.1})
    run = wandb.run
    logger.attach_output_handler(
        trainer, engine.Events.ITERATION_COMPLETED, tag="training",
        output_transform=lambda loss: {"loss": loss},
    )  # fmt: skip
    logger.attach_opt_params_handler(trainer, engine.Events.EPOCH_COMPLETED, optimizer=optimizer)
    logger.watch(model)
    trainer.run([torch.ones(2, 4)] * 4, max_epochs=2)
    logger.close()
    found = seen(run)
    return [run.name, run.project, sum("training/loss" in row for _, row in found),
            [row["lr/group_0"] for _, row in found if "lr/group_0" in row]]  # fmt: skip


@on_tracklab("skorch")
def skorch_logger(wandb: Any) -> Any:
    """A row for each epoch, with Skorch's names."""
    torch = import_module("torch")
    skorch = import_module("skorch")
    callbacks = import_module("skorch.callbacks")
    features, target = data()
    with wandb.init() as run:
        skorch.NeuralNetRegressor(
            torch.nn.Linear(4, 1), max_epochs=3, lr=0.01, verbose=0,
            callbacks=[callbacks.WandbLogger(run)],
        ).fit(features.astype("float32"), target.astype("float32").reshape(-1, 1))  # fmt: skip
    found = seen(run)
    return [len(found), sorted({"train_loss", "valid_loss"} & found[-1][1].keys())]


@on_tracklab("trl")
def trl_trainer(wandb: Any) -> Any:
    """A supervised fine-tuning of a tiny model, through the Trainer's own callback."""
    datasets = import_module("datasets")
    transformers = import_module("transformers")
    tokenizers = import_module("tokenizers")
    trl = import_module("trl")
    words = {word: number for number, word in enumerate(["<pad>", "<eos>", "a", "b", "c"])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<eos>"))  # noqa: S106 - a word
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    trainer = trl.SFTTrainer(
        model=transformers.GPT2LMHeadModel(transformers.GPT2Config(
            n_layer=1, n_head=1, n_embd=8, vocab_size=5, n_positions=8, bos_token_id=1,
            eos_token_id=1,
        )),
        args=trl.SFTConfig(
            output_dir="out", max_steps=3, report_to="wandb", run_name="tiny", use_cpu=True,
            per_device_train_batch_size=1, logging_steps=1, disable_tqdm=True, save_strategy="no",
            max_length=8, bf16=False, gradient_checkpointing=False,
        ),
        train_dataset=datasets.Dataset.from_dict({"text": ["a b c", "b c a"] * 4}),
        processing_class=transformers.PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>"  # noqa: S106 - words
        ),
    )  # fmt: skip
    trainer.train()
    run = wandb.run
    run.finish()
    found = [row for _, row in seen(run)]
    return [run.name, sum("train/loss" in row for row in found),
            any("train/mean_token_accuracy" in row for row in found)]  # fmt: skip


@on_tracklab("ray")
def ray_trials(wandb: Any) -> Any:
    """Ray's callback: each trial is a run, logged by an actor, which is a process of its own."""
    ray = import_module("ray")
    tune = import_module("ray.tune")
    air = import_module("ray.air.integrations.wandb")
    assert air.wandb is wandb
    runs = Path("runs").absolute()
    os.environ["TRACKLAB_DATA_DIR"] = str(runs)  # an actor works in a directory of Ray's

    def trial(config: Any) -> None:
        for step in range(3):
            image = import_module("wandb").Image(import_module("numpy").zeros((4, 4)))
            tune.report({"loss": config["lr"] / (step + 1), "image": image, "skip": 1})

    with tempfile.TemporaryDirectory(prefix="ray") as place:  # its sockets need a short path
        ray.init(
            num_cpus=1, include_dashboard=False, object_store_memory=100_000_000,
            _node_ip_address="127.0.0.1", _temp_dir=place,
        )  # fmt: skip
        callback = air.WandbLoggerCallback(project="tuned", excludes=["skip"], log_config=False)
        tune.Tuner(
            trial, param_space={"lr": tune.grid_search([0.1, 0.2])},
            run_config=tune.RunConfig(
                storage_path=str(Path("ray").absolute()), callbacks=[callback], verbose=0
            ),
        ).fit()  # fmt: skip
        ray.shutdown()
    found = []
    for place_of_run in sorted((runs / "tuned").iterdir()):
        text = (place_of_run / "history.jsonl").read_text()
        lines = [line for line in map(json.loads, text.splitlines()) if "_step" in line]
        config = (place_of_run / "config.yaml").read_text()
        found.append({
            "losses": rounded([line["loss"] for line in lines]), "lr": "lr: 0." in config,
            "steps": [line["_step"] for line in lines], "skipped": "skip" not in lines[0],
            "image": (place_of_run / lines[0]["image"]["path"]).is_file(),
        })  # fmt: skip
    return found


@on_tracklab("lightning")
def fabric_logger(wandb: Any) -> Any:
    """Lightning's Fabric: metrics, hyperparameters, media, checkpoints of a trainer."""
    fabric = import_module("lightning.fabric")
    numpy = import_module("numpy")
    loggers = import_module("wandb.integration.lightning.fabric")
    logger = loggers.WandbLogger(project="fabric", name="tiny", save_dir="runs", prefix="run")
    before = logger.version
    job = fabric.Fabric(accelerator="cpu", loggers=[logger])
    job.logger.log_hyperparams({"lr": 0.1, "loss": len})
    for step in range(2):
        job.log("loss", 1.0 / (step + 1), step)
    logger.log_image("pictures", [numpy.zeros((4, 4))] * 2, step=2, caption=["a", "b"])
    logger.log_table("answers", columns=["a"], data=[[1]])
    logger.log_html("pages", ["<b>bold</b>"])
    logger.log_audio("sounds", [numpy.zeros(800)], sample_rate=[8000])
    logger.log_video("films", [numpy.zeros((2, 3, 16, 16), dtype="uint8")], format=["gif"])
    wrong = [outcome(lambda: logger.log_image("x", 1)),
             outcome(lambda: logger.log_image("x", [1], caption=[]))]  # fmt: skip
    logger.save()
    logger.finalize("success")
    run = wandb.run
    configured = dict(run.config)
    run.finish()
    keys = sorted({key for _, row in seen(run) for key in row})
    steps = [row.get("trainer/global_step") for _, row in seen(run) if "run-loss" in row]
    return [before, logger.version == run.id, logger.name, keys, steps, configured, wrong,
            logger.save_dir, Path("runs", "fabric").is_dir()]  # fmt: skip


@on_tracklab("lightning")
def fabric_logger_of_a_trainer(wandb: Any) -> Any:
    """Checkpoints become versions of a model."""
    torch = import_module("torch")
    lightning = import_module("lightning.pytorch")
    loggers = import_module("wandb.integration.lightning.fabric")

    class Tiny(lightning.LightningModule):  # type: ignore[misc, name-defined] # as above
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def training_step(self, batch: Any, _index: int) -> Any:
            loss = self.layer(batch).square().mean()
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    logger = loggers.WandbLogger(project="fabric", log_model=True)
    checkpoint = import_module("lightning.pytorch.callbacks").ModelCheckpoint(
        dirpath="saved", monitor="loss"
    )
    lightning.Trainer(
        max_epochs=2, accelerator="cpu", logger=logger, callbacks=[checkpoint],
        enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=1,
    ).fit(Tiny(), torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=4))  # fmt: skip
    best = logger.use_artifact(f"model-{logger.version}:best")
    return [best.type, best.metadata["original_filename"], sorted(best.manifest.entries),
            best.metadata["ModelCheckpoint"]["monitor"]]  # fmt: skip


@on_tracklab("sacred")
def sacred_experiment(wandb: Any) -> Any:
    """Configuration, metrics, result and artifact of an experiment."""
    sacred = import_module("sacred")
    integration = import_module("wandb.integration.sacred")
    Path("note.txt").write_text("kept")
    experiment = sacred.Experiment("tiny", save_git_info=False)
    experiment.add_config(lr=0.1)
    observer = integration.WandbObserver(project="sacred")
    experiment.observers.append(observer)

    @experiment.main  # type: ignore[untyped-decorator] # as above
    def train(lr: float, _run: Any) -> float:
        for step in range(3):
            _run.log_scalar("loss", lr / (step + 1), step)
        _run.add_artifact("note.txt", name="note")
        _run.open_resource("note.txt").close()
        return 0.5

    experiment.run()
    run = observer.run
    kept = run.use_artifact("note:latest")
    run.finish()
    resources = [Path(path).name for path in run.config["resources"]]
    return [
        [row for _, row in seen(run)], run.config["lr"], sorted(kept.manifest.entries), resources,
    ]  # fmt: skip


@on_tracklab("openai")
def openai_autolog(wandb: Any) -> Any:
    """It begins a run, and is `tracklab.autolog("openai")`."""
    autolog = import_module("wandb.integration.openai").autolog
    autolog({"project": "calls"})
    begun = wandb.run.project
    autolog.disable()
    path = import_module("wandb.integration.weave").active_run_path()
    same = path.run_id == wandb.run.id
    wandb.finish()
    return [begun, same, import_module("wandb.integration.weave").active_run_path()]


def main() -> None:
    """Run one training and print what it saw."""
    _, function = {**ON_BOTH, **ON_TRACKLAB}[sys.argv[1]]
    told_to = Path(sys.argv[2]).absolute()  # a training may change the directory
    found = function(import_module("wandb"))
    told_to.write_text(json.dumps(found, default=lambda value: type(value).__name__))


if __name__ == "__main__":
    main()
