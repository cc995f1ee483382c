"""`python -m tracklab.server DIRECTORY`: the server that a run starts for whoever watches it.

There is one for each data directory: a second one ends at once. It ends by itself when nobody
has asked it anything for an hour, no page is open and no run is alive.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracklab.server.run import serve

_IDLE_S = 3600.0

if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1]), only_one=True, idle_s=_IDLE_S))
