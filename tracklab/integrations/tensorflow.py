"""TensorFlow: the files of events that it writes out of Python's sight, read as they grow."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracklab.sdk.terminal import termwarn
from tracklab.transfer.framing import Damage, tf_records

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Tail"]

_EVERY_S: Final = 2.0


class Tail:
    """Reads what is written to the files of events of a directory from now on.

    Args:
        directory: where they lie, or will lie; what is in them now is left alone.
        take: gets each event, as bytes.
        write_out: makes the writer write what it still has.
    """

    def __init__(
        self, directory: str, take: Callable[[bytes], None], write_out: Callable[[], Any]
    ) -> None:
        self._directory = Path(os.path.abspath(directory))  # noqa: PTH100 - the program may change its own
        self._take = take
        self._write_out = write_out
        self._read_bytes = {path: path.stat().st_size for path in self._files()}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="tracklab-tfevents", daemon=True).start()

    def get_logdir(self) -> str:
        """Return the directory."""
        return str(self._directory)

    def flush(self) -> None:
        """Read all that was written so far."""
        self._write_out()
        self._read()

    def stop(self) -> None:
        """Read no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_S):
            self._read()

    def _read(self) -> None:
        with self._lock:
            for path in self._files():
                start = self._read_bytes.get(path, 0)
                try:
                    with open(path, "rb") as file:
                        file.seek(start)
                        for end, event in tf_records(file, Damage()):
                            self._read_bytes[path] = start + end
                            self._take(event)
                except OSError as error:
                    termwarn(f"cannot read events of TensorFlow's ({error}): {path}", repeat=False)

    def _files(self) -> list[Path]:
        return sorted(self._directory.glob("*tfevents*"))
