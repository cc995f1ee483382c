"""`tracklab export --clickhouse` and the engine of today's ClickHouse."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests import brute_force
from tests.docs.pages import DOCS, blocks
from tests.transfer.tables import ask, lines_of, two_runs
from tracklab.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("chdb")

pytestmark = pytest.mark.compat


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Run the engine in a process and a directory of its own; return its address."""
    program = Path(__file__).with_name("clickhouse_door.py")
    words = [sys.executable, str(program), str(tmp_path / "data")]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@pytest.fixture
def sent(root: Path, server: str) -> str:
    """Send two runs twice; return where they were sent."""
    two_runs(root)
    for _ in range(2):
        words = ["export", "--clickhouse", server, "--dir", str(root)]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
    return server


def documented(word: str, **names: str) -> str:
    """Return the statement of the page that has a word, with other names in it."""
    found = [block.text for block in blocks(DOCS / "how-to/ship-logs.md") if word in block.text]
    (statement,) = [text for text in found if text.startswith(("SELECT", "CREATE"))]
    for name, other in names.items():
        statement = statement.replace(name, other)
    return statement


def losses(run_dir: Path) -> dict[int, float]:
    """Return the last loss of each step that a line of ours tells, by time."""
    rows = [row for _, _, row in brute_force.lines(run_dir, "history") if "_step" in row]
    rows.sort(key=lambda row: row["_timestamp"])
    return {row["_step"]: row["loss"] for row in rows if row["loss"] == row["loss"]}


def test_every_line_is_in_the_table_once(root: Path, sent: str) -> None:
    """Byte for byte, and with its time to the microsecond."""
    found = ask(sent, "SELECT * FROM tracklab_lines FINAL FORMAT JSONEachRow")
    assert {(one["run_id"], one["line"]) for one in found} == lines_of(root)
    assert len(found) == len(lines_of(root))
    times = {one["timestamp"] for one in found if '"_step": 3' in one["line"]}
    assert times == {"2026-11-20 17:40:03.123456"}


def test_the_table_is_as_the_page_says(sent: str) -> None:
    """What the server says of it, but for spaces and what it adds."""
    (made,) = ask(sent, "SELECT create_table_query AS q FROM system.tables "
                        "WHERE name = 'tracklab_lines' FORMAT JSONEachRow")  # fmt: skip
    wanted = re.sub(r"\s+", " ", documented("CREATE").replace("IF NOT EXISTS ", ""))
    plain = re.sub(r"[`\s]+", "", made["q"].partition(" SETTINGS")[0])
    assert plain == re.sub(r"[`\s]+", "", wanted)


def test_the_last_value_and_a_series_are_as_in_the_files(root: Path, sent: str) -> None:
    """By the questions of the page."""
    last: dict[str, Any] = {}
    for one in ask(sent, documented("AS last") + "FORMAT JSONEachRow"):
        last[one["run_id"]] = one["last"]
    expected = losses(root / "demo/a")
    assert last == dict.fromkeys(("a", "b"), expected[max(expected)])
    series = ask(sent, documented("AS loss", k3x9qd2f="b") + "FORMAT JSONEachRow")
    assert {int(one["step"]): one["loss"] for one in series} == losses(root / "demo/b")
