"""What the user chose, and where: an argument, then a setting, then the environment.

`TRACKLAB_*` wins over wandb's name for the same thing. The environment is read at each
`init()`, so a notebook can change it between runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, get_type_hints

from tracklab.errors import SettingsError

__all__ = ["Settings", "data_root"]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True)
class Settings:
    """How a run behaves. Every field is also `TRACKLAB_<FIELD>` in the environment.

    Attributes:
        mode: `online` or `offline` (both write the same files), or `disabled`.
        console: `wrap` records what Python prints, `off` does not.
        monitor_interval: seconds between two samples of the machine.
        enable_cpu_monitoring: sample CPU and load. This process is always sampled.
        enable_memory_monitoring: sample memory and swap.
        enable_gpu_monitoring: sample GPUs through NVML, where there are any.
        enable_network_monitoring: sample network counters.
        sync_interval: seconds between two `fdatasync`; what is older survives a power cut.
        heartbeat_interval: seconds of silence after which a sign of life is written.
        segment_bytes: size at which a segment is sealed.
        segment_age: age in seconds at which a segment is sealed.
        file_mode: permission bits of files, octal; 640 lets a group's log shipper read them.
        silent: print nothing but errors.
    """

    mode: str = "online"
    console: str = "wrap"
    monitor_interval: float = 5.0
    enable_cpu_monitoring: bool = True
    enable_memory_monitoring: bool = True
    enable_gpu_monitoring: bool = True
    enable_network_monitoring: bool = True
    sync_interval: float = 1.0
    heartbeat_interval: float = 10.0
    segment_bytes: int = 64 * 1024 * 1024
    segment_age: float = 24 * 3600.0
    file_mode: int = 0o600
    silent: bool = False

    def __post_init__(self) -> None:
        """Refuse values that would only fail later, inside a run."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"The setting {name} cannot be {getattr(self, name)!r}. It is one of "
                    f"{', '.join(allowed)}."
                )
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise SettingsError(
                    f"The setting {name} cannot be {getattr(self, name)!r}. It is a number of at "
                    f"least {least}."
                )

    @classmethod
    def load(cls, given: Settings | dict[str, Any] | None = None) -> Settings:
        """Return the environment's settings, overridden by `given`.

        Args:
            given: settings of `init()`: a whole `Settings`, or a dict of some fields.

        Raises:
            SettingsError: a field is unknown, or its value cannot be used.
        """
        if isinstance(given, Settings):
            return given
        hints = get_type_hints(cls)
        chosen: dict[str, Any] = {}
        for field in fields(cls):
            text = os.environ.get(f"TRACKLAB_{field.name.upper()}")
            if text is not None:
                chosen[field.name] = _parsed(field.name, text, hints[field.name])
        for name, value in (given or {}).items():
            if name not in hints:
                raise SettingsError(
                    f"There is no setting {name!r}. The settings are {', '.join(sorted(hints))}."
                )
            chosen[name] = _parsed(name, value, hints[name]) if isinstance(value, str) else value
        chosen["mode"] = _MODE_NAMES.get(chosen.get("mode", ""), chosen.get("mode", cls.mode))
        return replace(cls(), **chosen)


_CHOICES: Final = {"mode": ("online", "offline", "disabled"), "console": ("wrap", "off")}
_LEAST: Final = {
    "monitor_interval": 0.1,
    "sync_interval": 0.05,
    "heartbeat_interval": 1,
    "segment_bytes": 4096,
    "segment_age": 1,
}
# wandb's older names of two modes.
_MODE_NAMES: Final = {"run": "online", "dryrun": "offline"}


def data_root(explicit: str | os.PathLike[str] | None = None) -> Path:
    """Return where runs live: `explicit`, else TRACKLAB_DATA_DIR, WANDB_DIR, ./tracklab_logs."""
    chosen = explicit or os.environ.get("TRACKLAB_DATA_DIR") or os.environ.get("WANDB_DIR")
    return Path(chosen or "tracklab_logs").expanduser().absolute()


def _parsed(name: str, text: str, kind: type) -> Any:
    word = text.strip().lower()
    try:
        if kind is bool and word in _TRUE | _FALSE:
            return word in _TRUE
        if kind is not bool:
            return int(text, 8) if name == "file_mode" else kind(text)
    except ValueError:
        pass  # the reply below tells more than int() or float() would
    raise SettingsError(
        f"The setting {name} cannot be {text!r}. It is a {kind.__name__}. Correct it in init() "
        f"or in TRACKLAB_{name.upper()}."
    )
