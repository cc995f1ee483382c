"""The server's old address: `python -m tracklab.ui.backend.app`, and a factory for uvicorn.

Both are promises to users; the work is done in `tracklab.server`. Start it with
`uvicorn tracklab.ui.backend.app:create_app`, which takes the directory from TRACKLAB_DATA_DIR.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tracklab.server.app import create_app
from tracklab.server.run import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["create_app", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve as the command line says; return the exit code.

    Args:
        arguments: without the program's name; None takes those of this process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tracklab.ui.backend.app", description="Serve the runs of one directory."
    )
    parser.add_argument("--data-dir", help="default: TRACKLAB_DATA_DIR, else ./tracklab_logs")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, help="default: TRACKLAB_API_PORT, else 8000")
    parser.add_argument("--token", action="store_true", help="let others in with the token")
    parser.add_argument("--insecure", action="store_true", help="let everybody in")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    asked = parser.parse_args(arguments)
    return serve(
        asked.data_dir,
        host=asked.host,
        port=asked.port,
        token=asked.token,
        insecure=asked.insecure,
        log_level="info" if asked.verbose else None,
    )


if __name__ == "__main__":
    sys.exit(main())
