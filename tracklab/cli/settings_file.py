"""What commands write into the settings' file: single lines, so that the others stay."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["change"]


def change(values: Mapping[str, Any]) -> Path:
    """Put names and values into the settings' file, and return where it is.

    Args:
        values: by name; None takes the name out.

    Raises:
        SettingsError: what would stand there cannot be read or used.
        StorageError: the file cannot be written.
    """
    import yaml  # noqa: PLC0415 - `tracklab --help` needs none of these

    from tracklab.errors import StorageError  # noqa: PLC0415 - as above
    from tracklab.settings import Settings, settings_file  # noqa: PLC0415 - as above

    path = settings_file().absolute()
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    lines = [line for line in (before or "").splitlines() if _name(line) not in values]
    told = {name: value for name, value in values.items() if value is not None}
    added = yaml.safe_dump(told, allow_unicode=True, sort_keys=False) if told else ""
    try:
        _write(path, "".join(f"{line}\n" for line in lines) + added)
        try:
            Settings.load()
        except BaseException:  # whatever it is, the file is left as it was
            _write(path, before)
            raise
    except OSError as error:
        raise StorageError(
            f"The settings' file cannot be written ({error.strerror}). Make room or allow writing "
            f"there, or name another with TRACKLAB_SETTINGS_FILE. {path}"
        ) from None
    return path


def _name(line: str) -> str | None:
    """Return the setting that a line is about, None for none."""
    found = re.match(r"([A-Za-z_]+)\s*:", line)
    return found[1].lower() if found else None


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
