"""What the user chose, and where: an argument, then a setting, the environment, then a file.

`TRACKLAB_*` wins over wandb's name for the same thing. The environment is read at each
`init()`, so a notebook can change it between runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, get_type_hints

from tracklab.errors import SettingsError

__all__ = ["Settings", "data_root", "of_directory", "retention_days", "settings_file"]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_RETENTION: Final = "data_retention_days"
_RETENTION_DAYS: Final = 30.0
#: What the settings' file may say beside a run's settings: about all that is done in a directory.
_OF_DIRECTORY: Final = frozenset({"project", "entity", "dir", "notify", _RETENTION})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True)
class Settings:
    """How a run behaves. Every field is also `TRACKLAB_<FIELD>` in the environment.

    Attributes:
        mode: `online` or `offline` (both write the same files), or `disabled`.
        console: `wrap` records what Python prints, `redirect` whatever is written to standard
            output and error, `off` nothing; `auto` and wandb's other names mean `wrap`.
        console_bytes: most of one stream's text that is kept: its beginning and its newest end.
        monitor_interval: seconds between two samples of the machine.
        enable_cpu_monitoring: sample CPU and load. This process is always sampled.
        enable_memory_monitoring: sample memory and swap.
        enable_gpu_monitoring: sample GPUs and other accelerators, where there are any.
        enable_network_monitoring: sample network counters.
        sync_interval: seconds between two `fdatasync`; what is older survives a power cut.
        heartbeat_interval: seconds of silence after which a sign of life is written.
        segment_bytes: size at which a segment is sealed.
        segment_age: age in seconds at which a segment is sealed.
        file_mode: permission bits of files, octal; 640 lets a group's log shipper read them.
        silent: print nothing but errors.
        auto_ui: `auto` starts a server for people at a terminal or in a notebook, `1` wherever
            the program runs, `0` nowhere.
        save_environment: record packages, accelerators and what plug-ins say, a moment after the
            start.
        save_git: record branch, remote and what the work tree has that its commit has not.
        save_code: keep a copy of the program, or of a notebook's cells.
        record_llm_content: also record what language models were asked and answered.
        write_mode: `sync` writes each line before the call returns; `thread` lets lines wait for
            a thread, and a kill loses what waits; `auto` is `thread` on network disks only.
        batch_size: most lines that the thread of `thread` mode writes with one call.
        finish_timeout: seconds after which `finish()` no longer waits for a disk that stalls.
        database_path: directory of the readers' index; empty for the data directory's own.
        cache_size: runs whose rows the readers' index keeps; the one that was indexed longest ago
            goes first. 0 keeps all.
    """

    mode: str = "online"
    console: str = "wrap"
    console_bytes: int = 64 * 1024 * 1024
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
    auto_ui: str = "auto"
    save_environment: bool = True
    save_git: bool = True
    save_code: bool = False
    record_llm_content: bool = False
    write_mode: str = "sync"
    batch_size: int = 100
    finish_timeout: float = 5.0
    database_path: str = ""
    cache_size: int = 1000

    def __post_init__(self) -> None:
        """Refuse values that would only fail later, inside a run."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                accepted = (*allowed, *(MODE_NAMES if name == "mode" else ()))
                raise SettingsError(
                    f"The setting {name} cannot be {getattr(self, name)!r}. It is one of "
                    f"{', '.join(accepted)}."
                )
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise SettingsError(
                    f"The setting {name} cannot be {getattr(self, name)!r}. It is a number of at "
                    f"least {least}."
                )

    @classmethod
    def load(cls, given: Settings | dict[str, Any] | None = None) -> Settings:
        """Return the file's settings, overridden by the environment's and those by `given`.

        Args:
            given: settings of `init()`: a whole `Settings`, or a dict of some fields.

        Raises:
            SettingsError: a field is unknown, its value cannot be used, or the file cannot be
                read.
        """
        if isinstance(given, Settings):
            return given
        hints = get_type_hints(cls)
        chosen: dict[str, Any] = {}
        for name, value in _of_file().items():
            if name not in _OF_DIRECTORY:
                chosen[name] = _known(name, value, hints)
        for field in fields(cls):
            text = os.environ.get(f"TRACKLAB_{field.name.upper()}")
            if text is not None:
                chosen[field.name] = _parsed(field.name, text, hints[field.name])
        for name, value in (given or {}).items():
            chosen[name] = _known(name, value, hints)
        chosen["mode"] = MODE_NAMES.get(chosen.get("mode", ""), chosen.get("mode", cls.mode))
        return replace(cls(), **chosen)


_CHOICES: Final = {
    "mode": ("online", "offline", "disabled"),
    "console": ("wrap", "redirect", "off", "auto", "wrap_raw", "wrap_emu"),
    "auto_ui": ("auto", "0", "1"),
    "write_mode": ("sync", "thread", "auto"),
}
_LEAST: Final = {
    "monitor_interval": 0.1,
    "sync_interval": 0.05,
    "heartbeat_interval": 1,
    "segment_bytes": 4096,
    "console_bytes": 65_536,
    "segment_age": 1,
    "batch_size": 1,
    "finish_timeout": 0,
    "cache_size": 0,
}
#: wandb's other names of modes, and what they are here.
MODE_NAMES: Final = {"run": "online", "dryrun": "offline", "shared": "online"}


def data_root(explicit: str | os.PathLike[str] | None = None) -> Path:
    """Return where runs live.

    `explicit`, else TRACKLAB_DATA_DIR, WANDB_DIR, `dir` in the settings' file, ./tracklab_logs.

    Raises:
        SettingsError: the file cannot be read.
    """
    chosen = explicit or os.environ.get("TRACKLAB_DATA_DIR") or os.environ.get("WANDB_DIR")
    if not chosen:
        told = of_directory("dir")
        chosen = None if told is None else settings_file().parent / Path(told).expanduser()
    return Path(chosen or "tracklab_logs").expanduser().absolute()


def settings_file() -> Path:
    """Return the settings' file, which need not be there: `tracklab.yaml`, or the one named."""
    return Path(os.environ.get("TRACKLAB_SETTINGS_FILE") or "./tracklab.yaml").expanduser()


def of_directory(name: str) -> str | None:
    """Return what the file says of `project`, `entity`, `dir` or `notify`; None if nothing.

    Raises:
        SettingsError: the file cannot be read.
    """
    value = _of_file().get(name)
    return None if value in {None, ""} else str(value)


def retention_days() -> float:
    """Return how long what may be removed is kept, in days, when a removal is asked for.

    TRACKLAB_DATA_RETENTION_DAYS, else DATA_RETENTION_DAYS, else that of the settings' file,
    else 30.

    Raises:
        SettingsError: what is said is no number of 0 or more, or the file cannot be read.
    """
    names = ("TRACKLAB_DATA_RETENTION_DAYS", "DATA_RETENTION_DAYS")
    told = [(name, os.environ[name]) for name in names if os.environ.get(name)]
    told += [(_RETENTION, value) for name, value in _of_file().items() if name == _RETENTION]
    if not told:
        return _RETENTION_DAYS
    name, value = told[0]
    try:
        days = float(value)
    except (TypeError, ValueError):
        days = -1.0
    if not days >= 0:
        raise SettingsError(
            f"{name} cannot be {value!r}. It is a number of days, 0 or more, such as 30."
        )
    return days


def _of_file() -> dict[str, Any]:
    """Return what the settings' file says; names may be written in capitals."""
    path = settings_file()
    if not os.environ.get("TRACKLAB_SETTINGS_FILE") and not path.is_file():
        return {}
    import yaml  # noqa: PLC0415 - few have such a file

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(
            f"The settings' file cannot be read ({error}). It is YAML, such as `monitor_interval: "
            f"1.0`. Correct it, or TRACKLAB_SETTINGS_FILE: {path}"
        ) from None
    if not isinstance(content, dict | None):
        raise SettingsError(
            f"The settings' file holds a {type(content).__name__}. It takes a name and a value on "
            f"each line, such as `monitor_interval: 1.0`: {path}"
        )
    return {str(name).lower(): value for name, value in (content or {}).items()}


def _known(name: str, value: Any, hints: dict[str, Any]) -> Any:
    if name not in hints:
        raise SettingsError(
            f"There is no setting {name!r}. The settings are {', '.join(sorted(hints))}."
        )
    return _parsed(name, value, hints[name]) if isinstance(value, str) else value


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
