"""Every fenced block of the documentation does what its page says."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from tests.docs.pages import DOCS, ROOT, Block, blocks, name_of, pages
from tests.docs.play import missing

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = [block for page in pages() for block in blocks(page)]
SCHEMA = json.loads((DOCS / "reference/format/line.schema.json").read_text(encoding="utf-8"))

#: Each language with its marks; a typing error in a mark must not switch a check off.
MARKS = {
    "python": {"", "file", "no-run", "signature"},
    "bash": {"", "run", "serve"},
    "console": {"", "run"},
    "json": {"", "line"},
    "yaml": {""},
    "toml": {""},
    "text": {""},
    "sh": {""},
    "": {""},
}


def played() -> list[Path]:
    """Return the pages that hold a block which runs."""
    runs = {("python", ""), ("bash", "run"), ("bash", "serve"), ("console", "run")}
    return [
        page
        for page in pages()
        if any((block.language, block.mark) in runs for block in blocks(page))
    ]


def of(*languages: str) -> list[Block]:
    """Return the blocks of some languages."""
    return [block for block in BLOCKS if block.language in languages]


@pytest.mark.functional
@pytest.mark.parametrize("page", played(), ids=name_of)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    """Its blocks run one after the other, in a fresh directory, and none fails."""
    if missing(page):
        pytest.skip(f"not installed: {', '.join(missing(page))}")
    command = [sys.executable, "-W", "error", "-m", "tests.docs.play", str(page), str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{name_of(page)}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_says_what_it_is(block: Block) -> None:
    """Language and mark are known ones, and a block that does not run says why."""
    assert block.mark in MARKS.get(block.language, set())
    assert block.mark != "no-run" or block.note


@pytest.mark.parametrize("block", of("python"), ids=lambda block: block.place)
def test_python_is_python(block: Block) -> None:
    """What does not run compiles at least."""
    if block.mark != "signature":
        compile(block.text, block.place, "exec")


@pytest.mark.integration
@pytest.mark.parametrize("block", of("bash", "sh"), ids=lambda block: block.place)
def test_shell_is_shell(block: Block) -> None:
    """What does not run is checked for its syntax."""
    done = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.integration
@pytest.mark.parametrize("block", of("console"), ids=lambda block: block.place)
def test_a_console_shows_commands(block: Block) -> None:
    """Each line after `$ ` is one, and there is at least one."""
    commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    assert commands
    done = subprocess.run(
        ["bash", "-n"], input="\n".join(commands), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize("block", of("json"), ids=lambda block: block.place)
def test_json_is_json(block: Block) -> None:
    """An example of a line is also a line by the schema."""
    record = json.loads(block.text)
    if block.mark == "line":
        jsonschema.Draft202012Validator(SCHEMA).validate(record)


@pytest.mark.parametrize("block", of("yaml"), ids=lambda block: block.place)
def test_yaml_is_yaml(block: Block) -> None:
    """It holds a mapping."""
    assert isinstance(yaml.safe_load(block.text), dict)
