"""Settings: an argument, then the environment, then the default; mistakes are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracklab.errors import SettingsError
from tracklab.settings import Settings, data_root


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MONITOR_INTERVAL", "2.5", 2.5),
        ("ENABLE_GPU_MONITORING", "no", False),
        ("ENABLE_CPU_MONITORING", "0", False),
        ("ENABLE_MEMORY_MONITORING", "off", False),
        ("ENABLE_NETWORK_MONITORING", "true", True),
        ("SEGMENT_BYTES", "8192", 8192),
        ("FILE_MODE", "640", 0o640),
        ("MODE", "dryrun", "offline"),
        ("CONSOLE", "off", "off"),
    ],
)
def test_the_environment_sets_a_field(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    """Texts become the field's type."""
    monkeypatch.setenv(f"TRACKLAB_{name}", text)
    assert getattr(Settings.load(), name.lower()) == value


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "sideways"}, {"console": "loud"}, {"monitor_interval": 0}, {"unknown": 1},
        {"segment_bytes": "many"}, {"silent": "perhaps"}, {"segment_age": float("nan")},
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused(given: dict[str, Any]) -> None:
    """At the call, naming the setting."""
    with pytest.raises(SettingsError, match=next(iter(given))):
        Settings.load(given)


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a whole Settings over both."""
    monkeypatch.setenv("TRACKLAB_MONITOR_INTERVAL", "7")
    assert Settings.load({"monitor_interval": 3}).monitor_interval == 3
    assert Settings.load(Settings()).monitor_interval == 5


def test_the_root_has_its_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Argument, TRACKLAB_DATA_DIR, WANDB_DIR, ./tracklab_logs."""
    monkeypatch.chdir(tmp_path)
    assert data_root() == tmp_path / "tracklab_logs"
    monkeypatch.setenv("WANDB_DIR", "/w")
    assert data_root() == Path("/w")
    monkeypatch.setenv("TRACKLAB_DATA_DIR", "/t")
    assert data_root() == Path("/t")
    assert data_root("/a") == Path("/a")
