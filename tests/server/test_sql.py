"""SQL over HTTP: the answer, the refusal, and a server that stays responsive meanwhile."""

from __future__ import annotations

import pytest

from tests.server.serving import ADDRESS, Client

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
