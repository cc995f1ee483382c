"""SQL over HTTP: the answer, the refusal, and a server that stays responsive meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.serving import ADDRESS, Client

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def test_a_select_is_answered(client: Client) -> None:
    """Columns with their types, rows, and whether there were more."""
    sql = "SELECT run, count(*) n, max(loss) top FROM history GROUP BY run"
    reply = client.request("POST", "/api/query", json={"sql": sql})

    assert reply.status_code == 200
    assert reply.json() == {
        "columns": [
            {"name": "run", "type": "VARCHAR"},
            {"name": "n", "type": "BIGINT"},
            {"name": "top", "type": "DOUBLE"},
        ],
        "rows": [[ADDRESS, 10, 1.0]],
        "truncated": False,
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sql": "DROP TABLE runs"}, 400),
        ({"sql": "SELECT * FROM read_text('/etc/passwd')"}, 400),
        ({"sql": "SELECT 1", "runs": ["nobody"], "f": ""}, 200),
        ({"sql": "SELECT * FROM history", "runs": ["nobody"]}, 404),
        ({"sql": "SELECT * FROM history", "project": "nothing"}, 404),
        ({"sql": "SELECT * FROM duckdb_extensions()"}, 400),
        ({"sql": ""}, 422),
        ({"sql": "SELECT 1", "memory_mb": 10**6}, 422),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: Client, body: dict[str, object], status: int
) -> None:
    """A reason without a path or a traceback."""
    reply = client.request("POST", "/api/query", json=body)
    assert reply.status_code == status
    if status != 200:
        assert reply.headers["content-type"] == "application/problem+json"
        assert "/etc" not in reply.text.replace("/etc/passwd", "")
        assert "Traceback" not in reply.text


def test_a_question_that_takes_too_long_can_be_asked_again_later(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """It is refused as every other such question is, and that is no fault for the log."""
    sql = "SELECT count(*) FROM range(100000000000) a, range(99) b"
    reply = client.request("POST", "/api/query", json={"sql": sql})
    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "5"
    assert "took too long" in reply.json()["detail"]
    assert "POST /api/query refused: This question took too long" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_process_that_cannot_start_is_the_servers_fault(
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it said, which may tell where things lie, is in the log alone."""
    (tmp_path / "duckdb.py").write_text("raise ImportError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reply = client.request("POST", "/api/query", json={"sql": "SELECT 1"})
    assert reply.status_code == 500
    assert "broken" not in reply.text
    assert str(tmp_path / "duckdb.py") in caplog.text


def test_a_long_answer_is_cut_and_says_so(client: Client) -> None:
    """At 64 MiB, beside its columns."""
    body = {"sql": "SELECT repeat(chr(120), 3000) FROM range(100000)", "limit": 100_000}
    reply = client.request("POST", "/api/query", json=body)
    assert 60 << 20 < len(reply.content) <= (64 << 20) + 1_000
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert reply.json()["truncated"] is True
