"""The API's document: every route has examples, every one is answered, and answers are as told."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import jsonschema
import orjson
import pytest

from tests.server.answering import every_answer, logged
from tracklab.server.app import create_app
from tracklab.server.examples import example_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.serving import Client

pytestmark = pytest.mark.integration

#: What only an answer tells: where a page ended, how far a run had grown.
TOLD = {"after", "cursor", "since"}
#: Parts of addresses of what the run here does not have.
ABSENT = ("{view_id}", "/restore", "{type}", "{sweep}")


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


def check(document: dict[str, Any], answer: dict[str, Any], kind: str, value: Any) -> None:
    """Fail if a value is not what the document says of it, or more than that."""
    components = copy.deepcopy(document["components"])
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    schema = {**answer["content"][kind].get("schema", {}), "components": components}
    jsonschema.Draft202012Validator(schema).validate(value)


def test_every_answer_is_what_the_document_says(tmp_path: Path) -> None:
    """Status, type and each field, about runs that a program logged; a tag where one is told."""
    document = create_app(tmp_path).openapi()
    asked = set()
    with logged(tmp_path):
        for told in every_answer(tmp_path):
            method, path, status, kind, headers, body = told
            answers = document["paths"][path][method.lower()]["responses"]
            assert str(status) in answers, told
            assert ("304" in answers) == ("etag" in headers and method == "GET"), told
            kinds = answers[str(status)].get("content", {"": None})
            assert kind in kinds or "*/*" in kinds, told
            if kind == "application/json":
                check(document, answers[str(status)], kind, orjson.loads(body))
            asked.add((method.lower(), path))
    assert asked == {(method, path) for path, told in document["paths"].items() for method in told}


def test_every_answer_has_an_example(client: Client) -> None:
    """`python -m tests.server.answering` writes those that are missing or no longer true."""
    document = client.get("/openapi.json").json()
    for method, path, operation in operations(client):
        answer = next(one for code, one in operation["responses"].items() if code < "3")
        for kind in {"application/json", "text/csv", "text/plain"} & set(answer.get("content", {})):
            assert "example" in answer["content"][kind], (method, path, kind)
            if kind == "application/json":
                check(document, answer, kind, answer["content"][kind]["example"])


def test_the_document_says_who_may_ask_and_when_to_come_again(client: Client) -> None:
    """Each route may want the token, be asked too often, or have no time."""
    document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert document["security"] == [{"token": []}, {}]
    for status, header in {
        "401": "WWW-Authenticate",
        "429": "Retry-After",
        "503": "Retry-After",
    }.items():
        answer = document["components"]["responses"][f"Problem{status}"]
        assert header in answer["headers"]
        check(
            document,
            answer,
            "application/problem+json",
            answer["content"]["application/problem+json"]["example"],
        )
        for *_, operation in operations(client):
            assert operation["responses"][status] == {
                "$ref": f"#/components/responses/Problem{status}"
            }


def test_a_part_of_a_file_is_in_the_document(client: Client) -> None:
    """As it comes."""
    files = "/api/runs/{run}/files/{path}"
    answers = client.get("/openapi.json").json()["paths"][files]["get"]["responses"]
    part = client.get("/api/runs/vision/demo1/files/files/note.txt", headers={"Range": "bytes=1-2"})
    assert part.status_code == 206
    assert set(answers["206"]["headers"]) == {"Content-Range"}
    assert part.headers["content-range"] == "bytes 1-2/5"
