"""Both packages of Lightning: a real fit, whose checkpoints are compared with the disk."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = pytest.importorskip("torch")

pytestmark = [pytest.mark.compat, pytest.mark.filterwarnings("default")]

PACKAGES = (("lightning", "lightning.pytorch"), ("pytorch_lightning", "pytorch_lightning"))


def fit(package: str, module: str, into: Path, **options: Any) -> Any:
    """Train three epochs, keeping the newest checkpoint; return the trainer."""
    pl: Any = pytest.importorskip(module)
    callback = import_module(f"tracklab.integrations.{package}").CheckpointCallback()

    class Line(pl.LightningModule):  # type: ignore[misc] # the package may not be there to check
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch: Any, _index: int) -> Any:
            return self.layer(batch[0]).pow(2).mean()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    keep = pl.callbacks.ModelCheckpoint(into, monitor="step", mode="max", save_top_k=1)
    trainer = pl.Trainer(
        max_epochs=3, accelerator="cpu", devices=1, logger=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[callback, keep], **options,
    )  # fmt: skip
    data = torch.utils.data.TensorDataset(torch.ones(8, 4))
    trainer.fit(Line(), torch.utils.data.DataLoader(data, batch_size=4))
    return trainer


@pytest.mark.parametrize(("package", "module"), PACKAGES)
def test_a_fit_tells_its_checkpoints(
    package: str, module: str, tmp_path: Path, told: Callable[[], list[dict[str, Any]]]
) -> None:
    """Three saves with their steps, two of them removed again; the last one lies on disk."""
    trainer = fit(package, module, tmp_path)
    events = told()
    saves = [one for one in events if one["operation"] == "save"]
    removed = [one["path"] for one in events if one["operation"] == "remove"]
    assert [one["step"] for one in saves] == [2, 4, 6]
    assert removed == [one["path"] for one in saves[:2]]
    assert Path(saves[-1]["path"]).stat().st_size == saves[-1]["size"]
    assert all(one["success"] and one["duration"] > 0 for one in saves)
    assert "save_checkpoint" not in vars(trainer)


@pytest.mark.parametrize(("package", "module"), PACKAGES)
def test_an_asynchronous_plugin_is_durable_later(
    package: str, module: str, tmp_path: Path, told: Callable[[], list[dict[str, Any]]]
) -> None:
    """Training waits less than the save takes, and each has the size of its file."""
    plugins = pytest.importorskip(f"{module}.plugins.io")
    fit(package, module, tmp_path, plugins=[plugins.AsyncCheckpointIO()])
    saves = [one for one in told() if one["operation"] == "save"]
    assert len(saves) == 3
    assert all(one["success"] and 0 < one["blocked"] <= one["duration"] for one in saves)
    assert Path(saves[-1]["path"]).stat().st_size == saves[-1]["size"]
