"""What lies in the repository: sources only, and nothing of the machine they were written on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Files of which nobody but the project itself decides the contents.
TOP_LEVEL = {
    ".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md",
    "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "README.zh-CN.md",
    "SECURITY.md",
    "changelog.d", "config", "dashboards", "docs", "hatch_build.py", "pyproject.toml", "tests",
    "tracklab",
}  # fmt: skip

#: Written so that no pattern finds itself.
FOREIGN = {
    "a registry's host": re.compile(
        r"registry\.npmjs|registry\.yarnpkg|npmmirror\.|files\.pythonhosted|pypi\.org/simple"
        r"|deb\.debian\.org",
        re.MULTILINE,
    ),
    "a setting that names a registry": re.compile(
        r"(?:extra-)?index[-_]url|find[-_]links|^\s*registry\s*=", re.MULTILINE
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:work|farm|root|Users|home/\w+)/|(?<![\w.])/tmp/\w+/"
    ),
    "the address of a locked package": re.compile(r"\"resolved\"\s*:"),
}

#: Output of a build, of a test run or of the product, by what its path looks like.
BUILT = re.compile(
    r"(^|/)(node_modules|__pycache__|dist|build|static|test-results|tracklab_logs)/"
    r"|\.(pyc|whl|gz|so|jsonl\.tmp)$|\.egg-info(/|$)"
)
MAX_BYTES = 1_000_000


def tracked() -> list[str]:
    """Return the files that git has or would take, relative to the repository."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(name: str) -> str:
    """Return a file's text; a picture or font has none."""
    content = (ROOT / name).read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", "replace")


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names_anything_of_the_machine_it_was_written_on(what: str) -> None:
    """A clone works behind any registry and in any directory."""
    found = {
        f"{name}: {match[0]!r}"
        for name in tracked()
        for match in FOREIGN[what].finditer(text_of(name))
    }

    assert found == set(), f"{what} does not belong into the repository"


def test_no_file_is_the_output_of_a_build() -> None:
    """Only sources and locks are kept; everything else can be made again."""
    assert [name for name in tracked() if BUILT.search(name)] == []


def test_no_file_is_large() -> None:
    """A megabyte of source is either generated or belongs elsewhere."""
    assert [name for name in tracked() if (ROOT / name).stat().st_size > MAX_BYTES] == []


def test_the_top_level_is_the_one_that_was_decided() -> None:
    """A new folder at the top is a decision, not an accident."""
    assert {name.split("/", 1)[0] for name in tracked()} == TOP_LEVEL


def test_every_lock_is_complete() -> None:
    """Each locked package has its content's hash, so that a registry cannot change it."""
    locks = [name for name in tracked() if name.endswith("package-lock.json")]

    assert locks
    for name in locks:
        packages = re.findall(r'"node_modules/[^"]+": \{[^}]*', text_of(name))
        assert [entry[:80] for entry in packages if '"integrity"' not in entry] == []
