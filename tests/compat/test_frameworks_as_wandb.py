"""Frameworks that log to wandb, unmodified: what they log lies in a run of tracklab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.compat

TRANSFORMERS = """
import torch, transformers
config = transformers.GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=16, n_positions=8)
row = {"input_ids": torch.ones(4, dtype=torch.long), "labels": torch.ones(4, dtype=torch.long)}
arguments = transformers.TrainingArguments(
    output_dir="out", max_steps=4, report_to="wandb", run_name="tiny", use_cpu=True,
    per_device_train_batch_size=1, disable_tqdm=True, logging_steps=1, eval_strategy="steps",
    eval_steps=2, save_strategy="no",
)
trainer = transformers.Trainer(
    model=transformers.GPT2LMHeadModel(config), args=arguments, train_dataset=[row] * 8,
    eval_dataset=[row] * 2,
)
trainer.train()
"""

ACCELERATE = """
import torch
from accelerate import Accelerator
accelerator = Accelerator(log_with="wandb", cpu=True)
accelerator.init_trackers("speed", config={"lr": 0.1}, init_kwargs={"wandb": {"name": "tiny"}})
model = accelerator.prepare(torch.nn.Linear(2, 1))
for step in range(3):
    accelerator.log({"loss": float(step)}, step=step)
tracker = accelerator.get_tracker("wandb", unwrap=True)
assert tracker.name == "tiny"
accelerator.end_training()
"""

LIGHTNING = """
import torch
from {package}.loggers import WandbLogger
{imports}

class Tiny(Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
    def forward(self, batch):
        return self.layer(batch)
    def training_step(self, batch, index):
        loss = self(batch).square().mean()
        self.log("train_loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

logger = WandbLogger(project="bolts", name="tiny", save_dir="runs", log_model=False)
model = Tiny()
logger.watch(model, log="all", log_freq=2)
logger.log_hyperparams({{"lr": 0.1}})
loader = torch.utils.data.DataLoader(torch.ones(8, 2), batch_size=2)
Trainer(max_epochs=2, accelerator="cpu", logger=logger, log_every_n_steps=1,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False).fit(model, loader)
assert logger.version == logger.experiment.id
"""  # noqa: E501 - one call


def program(place: Path, text: str, **environment: str) -> tuple[Path, list[dict[str, Any]]]:
    """Run a program for wandb; return its run's directory and the rows."""
    script = place / "train.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, str(script)], cwd=place, capture_output=True, text=True, timeout=300,
        env={
            **os.environ, "TRACKLAB_AS_WANDB": "1", "TRACKLAB_DATA_DIR": str(place / "runs"),
            "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore", **environment,
        },
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (run,) = (path.parent for path in (place / "runs").glob("*/*/metadata.json"))
    lines = map(json.loads, (run / "history.jsonl").read_bytes().splitlines())
    return run, [line for line in lines if "_step" in line]


def told(run: Path) -> tuple[str, str, int]:
    """Return what a run says of itself: name, state, exit code."""
    metadata = json.loads((run / "metadata.json").read_text())
    return metadata["name"], metadata["status"], metadata["exit_code"]


def test_a_trainer_of_transformers_logs_here(tmp_path: Path) -> None:
    """Losses, evaluations, the configuration of model and training, and its own x axis."""
    pytest.importorskip("transformers")
    run, rows = program(tmp_path, TRANSFORMERS, WANDB_PROJECT="language", WANDB_WATCH="all")
    losses = [row["train/loss"] for row in rows if "train/loss" in row]
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert (run.parent.name, told(run)) == ("language", ("tiny", "finished", 0))
    assert (len(losses), [row["train/global_step"] for row in rows if "eval/loss" in row]) == (
        4, [2, 4],
    )  # fmt: skip
    assert (config["n_embd"], config["max_steps"], config["model/num_parameters"]) == (8, 4, 1080)
    assert b'"step_metric":"train/global_step"' in (run / "events.jsonl").read_bytes()


def test_a_tracker_of_accelerate_logs_here(tmp_path: Path) -> None:
    """Values by step, and the configuration that it was given."""
    pytest.importorskip("accelerate")
    run, rows = program(tmp_path, ACCELERATE)
    assert [(row["_step"], row["loss"]) for row in rows] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert (run.parent.name, told(run)[:2]) == ("speed", ("tiny", "finished"))
    assert yaml.safe_load((run / "config.yaml").read_text()) == {"lr": 0.1}


@pytest.mark.parametrize(
    ("package", "imports"),
    [
        ("lightning.pytorch", "from lightning.pytorch import LightningModule as Module, Trainer"),
        ("pytorch_lightning", "from pytorch_lightning import LightningModule as Module, Trainer"),
    ],
)
def test_a_logger_of_lightning_logs_here(tmp_path: Path, package: str, imports: str) -> None:
    """Losses on its own step, hyperparameters, and the distributions that `watch` sees."""
    pytest.importorskip(package.partition(".")[0])
    run, rows = program(tmp_path, LIGHTNING.format(package=package, imports=imports))
    keys = {key for row in rows for key in row}
    assert [row["trainer/global_step"] for row in rows if "train_loss" in row] == list(range(8))
    assert (run.parent.name, told(run)) == ("bolts", ("tiny", "finished", 0))
    assert yaml.safe_load((run / "config.yaml").read_text()) == {"lr": 0.1}
    assert {"gradients/layer.weight", "gradients/layer.bias", "parameters/layer.weight"} <= keys
    (first, *_) = (row["gradients/layer.bias"] for row in rows if "gradients/layer.bias" in row)
    assert (first["_type"], len(first["bins"]), sum(first["values"])) == ("histogram", 65, 1)


FASTAI = """
import pandas, wandb
from fastai.callback.tracker import SaveModelCallback
from fastai.callback.wandb import WandbCallback
from fastai.tabular.all import *

frame = pandas.DataFrame({"a": [n / 64 for n in range(64)], "y": ["up", "down"] * 32})
loaders = TabularDataLoaders.from_df(
    frame, path=".", procs=[Normalize], cont_names=["a"], y_names="y", y_block=CategoryBlock(),
    valid_idx=list(range(48, 64)), bs=16,
)
with wandb.init(project="fast", name="tiny"):
    logger = WandbCallback(log="all", log_model=True, n_preds=4)
    learner = tabular_learner(loaders, layers=[4], metrics=accuracy, cbs=[logger, SaveModelCallback()])
    with learner.no_bar():
        learner.fit(2)
"""  # noqa: E501 - one call


def test_a_callback_of_fastai_logs_here(tmp_path: Path) -> None:
    """Losses of each batch, metrics of each epoch, predictions and the model."""
    version = pytest.importorskip("fastai").__version__
    if tuple(map(int, version.split("."))) > (2, 8, 7):
        pytest.skip("its callback fails by itself, with wandb as well: it asks vars() of numbers")
    run, rows = program(tmp_path, FASTAI)
    keys = {key for row in rows for key in row}
    assert [row["_step"] for row in rows if "raw_loss" in row] == list(range(6))
    assert [row["_step"] for row in rows if "valid_loss" in row] == [2, 5]
    assert {"accuracy", "epoch", "lr_0", "train_loss"} <= keys
    (table,) = (row["Prediction_Samples"] for row in rows if "Prediction_Samples" in row)
    assert (run.parent.name, told(run), table["nrows"]) == ("fast", ("tiny", "finished", 0), 4)
    assert (tmp_path / "runs/artifacts/model/model/v0/files/model.pth").is_file()


RANKS = """
import os, wandb
rank = int(os.environ["RANK"])
with wandb.init(project="ranks", id="together", resume="allow") as run:
    for step in range(3):
        run.log({f"loss/{rank}": step}, step=step)
    # A file for each: the starter mixes what they print.
    open(f"seen-{rank}", "w").write(wandb.__version__)
"""


def test_ranks_of_torchrun_find_it(tmp_path: Path) -> None:
    """Each is a process of its own, and all write one run."""
    pytest.importorskip("torch")
    script = tmp_path / "train.py"
    script.write_text(RANKS)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*launcher, "--master-addr", "127.0.0.1", "--master-port", "0", str(script)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "TRACKLAB_AS_WANDB": "1", "TRACKLAB_DATA_DIR": str(tmp_path / "runs")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert [(tmp_path / f"seen-{rank}").read_text() for rank in (0, 1)] == ["0.31.0"] * 2
    place = tmp_path / "runs" / "ranks" / "together"
    rows = b"".join(path.read_bytes() for path in place.glob("history*.jsonl"))
    assert (rows.count(b'"loss/0"'), rows.count(b'"loss/1"')) == (3, 3)
