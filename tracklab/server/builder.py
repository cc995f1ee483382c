"""`python -m tracklab.server.builder ROOT [PROJECT/RUN ...]`: build the index of some runs.

Without runs the catalog of all of them is brought up to date. A server starts this beside
itself: building needs a core and memory for a while, and neither belongs to a process that
answers people. Prints one JSON object for every 16 MiB that it read.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tracklab.errors import SettingsError
from tracklab.index.building import BuilderBusyError, build_run, the_builder
from tracklab.index.places import index_root, run_place
from tracklab.index.upkeep import trim
from tracklab.query.cataloguing import update_catalog
from tracklab.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

_NICE = 10


def main(arguments: list[str]) -> int:
    """Build, and return the exit status: 0 done, 1 the index cannot be written, 75 try again."""
    root = Path(arguments[0])
    with suppress(OSError):
        os.nice(_NICE)
    index = index_root(root)
    try:
        with the_builder(index):
            if not arguments[1:]:
                update_catalog(root, index)
            for address in arguments[1:]:
                project, _, run_id = address.rpartition("/")
                built = build_run(
                    root / project / run_id,
                    run_place(index, project, run_id),
                    on_read=_say(address),
                )
                for fault in built.faults:
                    print(f"{address}: {fault.strerror or fault}", file=sys.stderr)  # noqa: T201
            kept = _runs_kept()
            if kept:
                trim(index, kept)
    except BuilderBusyError:
        return os.EX_TEMPFAIL
    except OSError as error:
        print(f"the index cannot be written: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _runs_kept() -> int:
    try:
        return Settings.load().cache_size
    except SettingsError:  # of a run's settings: that is no reason to build nothing
        return Settings.cache_size


def _say(address: str) -> Callable[[int], None]:
    def on_read(count: int) -> None:
        sys.stdout.buffer.write(orjson.dumps({"run": address, "bytes": count}) + b"\n")
        sys.stdout.buffer.flush()

    return on_read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
