"""Transformers' own search over parameters, which asks wandb for trials."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tracklab

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.compat

SEARCH = """
import json, torch, transformers
def model():
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(
        n_layer=1, n_head=1, n_embd=8, vocab_size=16, n_positions=8))
def space(_):
    rates = {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1}
    return {"method": "random", "metric": {}, "parameters": {"learning_rate": rates}}
row = {"input_ids": torch.ones(4, dtype=torch.long), "labels": torch.ones(4, dtype=torch.long)}
arguments = transformers.TrainingArguments(
    output_dir="out", max_steps=2, report_to="wandb", use_cpu=True, disable_tqdm=True,
    per_device_train_batch_size=1, logging_steps=1, eval_strategy="steps", eval_steps=1,
    save_strategy="no",
)
trainer = transformers.Trainer(
    model_init=model, args=arguments, train_dataset=[row] * 8, eval_dataset=[row] * 2
)
best = trainer.hyperparameter_search(
    backend="wandb", direction="minimize", n_trials=2, hp_space=space, project="search"
)
open("best.json", "w").write(json.dumps([*best]))
"""


def test_a_trainer_searches_as_with_wandb(tmp_path: Path) -> None:
    """Each trial is a run of the sweep, and the best one by the trainer is the best by us."""
    pytest.importorskip("transformers")
    (tmp_path / "search.py").write_text(SEARCH)
    environment = {"TRACKLAB_AS_WANDB": "1", "TRACKLAB_DATA_DIR": str(tmp_path / "runs")}
    subprocess.run(
        [sys.executable, "search.py"], cwd=tmp_path, check=True, capture_output=True, timeout=300,
        env={**os.environ, **environment, "TRACKLAB_CONSOLE": "off"},
    )  # fmt: skip
    run_id, objective, chosen, sweep_id = json.loads((tmp_path / "best.json").read_text())
    sweep = tracklab.Api({"dir": tmp_path / "runs"}).sweep(f"search/{sweep_id}")
    best = sweep.best_run()
    assert [run.state for run in sweep.runs] == ["finished"] * 2
    assert best is not None
    assert (best.id, best.summary["eval/loss"]) == (run_id, objective)
    assert best.config["learning_rate"] == chosen["learning_rate"]
