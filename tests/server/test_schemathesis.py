"""What nobody would think of asking: no answer is a fault of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.serving import running
from tracklab.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

pytestmark = pytest.mark.system


@pytest.fixture
def served(root: Path, run: Path) -> Iterator[str]:
    """Yield the address of a server with one run."""
    with running(create_app(root, insecure=True)) as port:
        yield f"http://localhost:{port}"


def test_no_question_makes_the_server_fail(served: str) -> None:
    """Every operation of the document, asked within and beyond what it says it takes."""
    import hypothesis  # noqa: PLC0415 - beside its only use

    schema = schemathesis.openapi.from_url(f"{served}/openapi.json")
    failed: list[str] = []
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if (
            operation.path == "/api/query"
        ):  # a process for each: its refusals have tests of their own
            continue

        @hypothesis.settings(
            max_examples=40,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            reply = case.call(timeout=60)
            if reply.status_code >= 500:
                failed.append(f"{case.as_curl_command()}: {reply.text}")

        ask()
    assert failed == []
    assert asked > 1_000
