"""Report functions, classes, methods and imports that nothing uses.

vulture's own command also reports every field of a dataclass that is only read by name, for
example when it becomes JSON; such a list teaches people to look away. Variables are ruff's part.
What users call counts as used if a test calls it; anything else must be used in the package.
Settings: `[tool.vulture]` in pyproject.toml.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vulture.config import make_config
from vulture.core import Vulture

if TYPE_CHECKING:
    from vulture.core import Item

REPORTED = {"class", "function", "import", "method", "property", "unreachable_code"}
FOR_USERS = (
    "tracklab/__init__.py",
    "tracklab/api/",
    "tracklab/artifacts/",
    "tracklab/integrations/",
    "tracklab/media/",
    "tracklab/sdk/",
    "tracklab/shim/",
)
TESTS = "tests"


def unused(*paths: str) -> dict[str, Item]:
    """Return what nothing below `paths` uses, by its report."""
    config = make_config([])
    vulture = Vulture(
        ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"]
    )
    vulture.scavenge([*config["paths"], *paths])
    found = [item for item in vulture.get_unused_code() if item.typ in REPORTED]
    return {item.get_report(): item for item in found}


def main() -> int:
    """Print one line for each finding; return 1 if there is one."""
    not_even_tested = unused(TESTS)
    found = [
        report
        for report in unused()
        if report in not_even_tested or not report.startswith(FOR_USERS)
    ]
    print("\n".join([*found, f"{len(found)} unused"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
