"""Checkpoints of the real torch: what is on disk, and what we say of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import tracklab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Told = Callable[[], list[dict[str, Any]]]

torch: Any = pytest.importorskip("torch")
dcp: Any = pytest.importorskip("torch.distributed.checkpoint")
safetensors: Any = pytest.importorskip("safetensors.torch")

pytestmark = [pytest.mark.compat, pytest.mark.filterwarnings("default")]

STATE_BYTES = 4 * 256 * 1024


@pytest.fixture
def state() -> dict[str, Any]:
    """Return a megabyte of tensors."""
    return {"weight": torch.arange(256 * 1024, dtype=torch.float32)}


@pytest.fixture
def logged() -> Iterator[None]:
    """Log what torch saves and loads, for one test."""
    with tracklab.autolog("torch"):
        yield


def weight(path: Path) -> int:
    """Return the bytes of a file, or of all files below a directory."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)


@pytest.mark.usefixtures("logged")
def test_torch_save_and_load_are_timed(told: Told, tmp_path: Path, state: dict[str, Any]) -> None:
    """By a path as text or as an object; the tensors come back as they were."""
    path = tmp_path / "model.pt"
    torch.save(state, path)
    found = torch.load(str(path), weights_only=True)
    saved, loaded = told()
    assert torch.equal(found["weight"], state["weight"])
    assert (saved["operation"], saved["format"], saved["size"]) == ("save", "torch", weight(path))
    assert (loaded["operation"], loaded["path"]) == ("load", str(path))
    assert saved["size"] > STATE_BYTES


@pytest.mark.usefixtures("logged")
def test_safetensors_are_timed(told: Told, tmp_path: Path, state: dict[str, Any]) -> None:
    """Saves and loads, by position and by name."""
    path = tmp_path / "model.safetensors"
    safetensors.save_file(state, path)
    assert torch.equal(safetensors.load_file(filename=path)["weight"], state["weight"])
    assert [(one["operation"], one["format"], one["size"]) for one in told()] == [
        ("save", "safetensors", weight(path)), ("load", "safetensors", weight(path)),
    ]  # fmt: skip


@pytest.mark.usefixtures("logged")
def test_a_distributed_checkpoint_is_timed(
    told: Told, tmp_path: Path, state: dict[str, Any]
) -> None:
    """A directory of several files, saved and loaded once each."""
    path = tmp_path / "step-1"
    dcp.save(state, checkpoint_id=path)
    into = {"weight": torch.zeros_like(state["weight"])}
    dcp.load(into, checkpoint_id=str(path))
    assert torch.equal(into["weight"], state["weight"])
    assert [(one["operation"], one["format"], one["size"]) for one in told()] == [
        ("save", "dcp", weight(path)), ("load", "dcp", weight(path)),
    ]  # fmt: skip


@pytest.mark.usefixtures("logged")
def test_an_asynchronous_save_is_durable_later(
    told: Told, tmp_path: Path, state: dict[str, Any]
) -> None:
    """Training waited for the copy only; the size is that of the finished directory."""
    path = tmp_path / "step-2"
    dcp.async_save(state, checkpoint_id=path, no_dist=True).result(60)
    tracklab.finish()
    (saved,) = told()
    assert (saved["size"], saved["success"]) == (weight(path), True)
    assert 0 < saved["blocked"] <= saved["duration"]


def test_an_asynchronous_save_may_be_measured_by_hand(
    told: Told, tmp_path: Path, state: dict[str, Any]
) -> None:
    """Its future ends the block's event."""
    with tracklab.checkpoint(tmp_path / "a", step=5) as saved:
        future = saved.until(dcp.async_save(state, checkpoint_id=tmp_path / "a", no_dist=True))
    future.result(60)
    tracklab.finish()
    (event,) = told()
    assert (event["step"], event["format"], event["size"]) == (5, "dcp", weight(tmp_path / "a"))


@pytest.mark.usefixtures("logged")
def test_a_failed_save_is_recorded_and_raised(told: Told, tmp_path: Path) -> None:
    """With the type of the error; nothing lies on disk."""
    with pytest.raises(RuntimeError):
        torch.save({}, tmp_path / "missing" / "model.pt")
    (event,) = told()
    assert (event["success"], event["error_type"], event["size"]) == (False, "RuntimeError", None)


@pytest.mark.usefixtures("logged")
def test_buffers_and_measured_blocks_are_left_alone(
    told: Told, tmp_path: Path, state: dict[str, Any]
) -> None:
    """A block measures what is saved inside it once, as itself."""
    torch.save(state, io.BytesIO())
    path = tmp_path / "step-3"
    path.mkdir()
    with tracklab.checkpoint(path, step=3):
        torch.save(state, path / "a.pt")
        torch.save(state, path / "b.pt")
    assert [(one["path"], one["size"]) for one in told()] == [(str(path), weight(path))]


def test_removing_the_hooks_leaves_torch_as_it_was(
    told: Told, tmp_path: Path, state: dict[str, Any]
) -> None:
    """The same functions as before, and no event."""
    before = (torch.save, torch.load, dcp.save, dcp.async_save, safetensors.save_file)
    handle = tracklab.autolog("torch")
    taken = torch.save
    handle.remove()
    assert before == (torch.save, torch.load, dcp.save, dcp.async_save, safetensors.save_file)
    taken(state, tmp_path / "model.pt")
    assert (tmp_path / "model.pt").exists()
    assert told() == []
