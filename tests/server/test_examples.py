"""Examples of the API's document: every route has them, and every one is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tracklab.server.examples import example_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.serving import Client

pytestmark = pytest.mark.integration

#: What only an answer tells: where a page ended, how far a run had grown.
TOLD = {"after", "cursor", "since"}
#: Parts of addresses of what the run here does not have.
ABSENT = ("{view_id}", "/restore", "{type}")


def operations(client: Client) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every route."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_parameter_and_every_body_has_an_example(client: Client) -> None:
    """A reader of the document can try each route at once; they stand in `server.examples`."""
    for method, path, operation in operations(client):
        parameters = operation.get("parameters", [])
        missing = {one["name"] for one in parameters if "example" not in one}
        assert missing <= TOLD, path
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["example"], (
                method,
                path,
            )


@pytest.mark.usefixtures("run")
def test_every_example_is_answered(client: Client) -> None:
    """With what each route cannot do without; and what may be said is understood, one by one."""
    for method, path, operation in operations(client):
        if method not in {"GET", "POST"} or any(part in path for part in ABSENT):
            continue
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        address = example_of(path, operation)
        reply = client.request(method, address, json=content.get("example", {}))
        assert reply.status_code in {200, 201}, (address, reply.text)
        for one in operation.get("parameters", []):
            if one["in"] == "query" and not one["required"] and "example" in one:
                sign = "&" if "?" in address else "?"
                asked = f"{address}{sign}{one['name']}={one['example']}"
                reply = client.request(method, asked, json=content.get("example", {}))
                assert reply.status_code in {200, 201}, (asked, reply.text)
