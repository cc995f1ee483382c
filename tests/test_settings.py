"""Settings: an argument, then the environment, then the default; mistakes are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracklab.errors import SettingsError
from tracklab.settings import Settings, data_root, retention_days


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


def test_whatever_a_refusal_names_is_accepted() -> None:
    """Wandb's words of modes among them."""
    with pytest.raises(SettingsError) as refused:
        Settings.load({"mode": "sideways"})
    named = str(refused.value).partition("one of ")[2].rstrip(".").split(", ")
    assert {"shared", "dryrun", "run"} < set(named)
    assert {Settings.load({"mode": word}).mode for word in named} == {
        "online", "offline", "disabled",
    }  # fmt: skip


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


def test_a_file_is_the_last_place_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argument, environment, file, default: each of the monitoring settings, in either spelling."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tracklab.yaml").write_text(
        "MONITOR_INTERVAL: 7\nenable_gpu_monitoring: no\nENABLE_CPU_MONITORING: false\n"
        "enable_memory_monitoring: off\nenable_network_monitoring: 'off'\nbatch_size: 3\n"
    )
    monkeypatch.setenv("TRACKLAB_BATCH_SIZE", "4")
    monkeypatch.setenv("TRACKLAB_ENABLE_CPU_MONITORING", "yes")
    found = Settings.load({"monitor_interval": 9})
    assert (found.monitor_interval, found.batch_size, found.cache_size) == (9, 4, 1000)
    assert found.enable_cpu_monitoring
    off = (found.enable_gpu_monitoring, found.enable_memory_monitoring)
    assert (*off, found.enable_network_monitoring) == (False, False, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("monitor_interval: [", "cannot be read"),
        ("- 1", "holds a list"),
        ("speed: 1", "no setting"),
    ],
)
def test_a_file_that_says_nothing_useful_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    """At the call, as every mistake."""
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    monkeypatch.setenv("TRACKLAB_SETTINGS_FILE", str(path))
    with pytest.raises(SettingsError, match=said):
        Settings.load()


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name must not mean: the defaults."""
    monkeypatch.setenv("TRACKLAB_SETTINGS_FILE", "/nowhere/tracklab.yaml")
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.load()


def test_what_is_kept_is_said_by_the_environment_or_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may hold it beside a run's settings; what is no number of days is refused."""
    monkeypatch.chdir(tmp_path)
    assert retention_days() == 30
    Path("tracklab.yaml").write_text("DATA_RETENTION_DAYS: 5\nMONITOR_INTERVAL: 2\n")
    assert (retention_days(), Settings.load().monitor_interval) == (5, 2)
    monkeypatch.setenv("DATA_RETENTION_DAYS", "7")
    assert retention_days() == 7
    monkeypatch.setenv("DATA_RETENTION_DAYS", "soon")
    with pytest.raises(SettingsError, match="DATA_RETENTION_DAYS cannot be 'soon'"):
        retention_days()
