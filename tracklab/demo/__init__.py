"""What a first user sees: a real training and a real service, monitored end to end.

Six small language models learn from a novel, the best two answer calls over HTTP, and every
part uses only what `import tracklab` offers: read `training.py` and `client.py` to see how
little that is. `show.py` plays it all, `check.py` judges it.
"""

from __future__ import annotations

from tracklab.demo.show import run_demo

__all__ = ["run_demo"]
