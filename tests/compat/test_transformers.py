"""A real `Trainer`: its checkpoints, compared with the disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

pytestmark = [pytest.mark.compat, pytest.mark.filterwarnings("default")]


def model() -> Any:
    """Return a language model of a few thousand weights."""
    config = transformers.GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=16, n_positions=8)
    return transformers.GPT2LMHeadModel(config)


def test_a_training_tells_its_checkpoints(
    tmp_path: Path, told: Callable[[], list[dict[str, Any]]]
) -> None:
    """Three saves, of which the limit leaves one; sizes are those of the directories."""
    from tracklab.integrations.transformers import CheckpointCallback  # noqa: PLC0415 - needs the package

    row = {"input_ids": torch.ones(4, dtype=torch.long), "labels": torch.ones(4, dtype=torch.long)}
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=6, save_steps=2, save_total_limit=1, report_to=[],
        per_device_train_batch_size=1, use_cpu=True, disable_tqdm=True, logging_steps=1,
    )  # fmt: skip
    transformers.Trainer(
        model=model(), args=arguments, train_dataset=[row] * 8, callbacks=[CheckpointCallback()]
    ).train()
    events = told()
    saves = [one for one in events if one["operation"] == "save"]
    assert [one["step"] for one in saves] == [2, 4, 6]
    assert [Path(one["path"]).name for one in events if one["operation"] == "remove"] == [
        "checkpoint-2", "checkpoint-4",
    ]  # fmt: skip
    last = Path(saves[-1]["path"])
    assert saves[-1]["size"] == sum(f.stat().st_size for f in last.rglob("*") if f.is_file())
    assert all(0 < one["duration"] < 30 for one in saves)
