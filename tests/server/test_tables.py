"""Answers as tables: the same content as JSON, flat, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.serving import ADDRESS, START_S, Client, append, event, row

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

SERIES = f"/api/series?runs={ADDRESS}&keys=loss&x=time"
NON_FINITE = {"n": "NaN", "u": "Infinity", "d": "-Infinity"}


def parsed(text: str) -> list[dict[str, str]]:
    """Return CSV as rows."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("path", "nested"),
    [
        ("/api/runs?limit=5", lambda body: [run["run"] for run in body["runs"]]),
        ("/api/run-groups?by=status", lambda body: [one["values"]["status"] for one in
                                                    body["groups"]]),
        (f"/api/rows?run={ADDRESS}", lambda body: [one["loss"] for one in body["rows"]]),
        (SERIES, lambda body: body["series"][0]["last"]),
        (f"/api/series/means?runs={ADDRESS}&keys=loss", lambda body: body["groups"][0]["mean"]),
        (f"/api/events?run={ADDRESS}", lambda body: [one["message"] for one in body["events"]]),
        (f"/api/llm?run={ADDRESS}", lambda body: [one["model"] for one in body["calls"]]),
        (f"/api/checkpoints?run={ADDRESS}", lambda body: [one["step"] for one in
                                                          body["checkpoints"]]),
    ],
)  # fmt: skip
def test_each_form_says_the_same(client: Client, run: Path, path: str, nested: Any) -> None:
    """JSON, a flat list and CSV, by parameter or by header."""
    append(run / "events.jsonl", event(8, "tracklab.checkpoint", "checkpoint_save", step=3,
                                       duration=1.0, size=10, success=True))  # fmt: skip
    (run / "llm.jsonl").write_bytes((run / "events.jsonl").read_bytes().split(b"\n")[0] + b"\n")
    append(run / "llm.jsonl", event(9, "tracklab.llm", "llm_call", model="m", success=True))
    flat = client.get(f"{path}&format=flat")
    values = nested(client.get(f"{path}&format=json").json())
    assert values
    assert all(not isinstance(value, dict) for row in flat.json() for value in row.values())
    column = next(name for name in flat.json()[0] if [row[name] for row in flat.json()] == values)
    as_csv = client.get(path, headers={"Accept": "text/csv"})
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row[column] for row in parsed(as_csv.text)] == [str(value) for value in values]
    assert as_csv.text == client.get(f"{path}&format=csv").text


def test_a_time_axis_comes_as_a_text_too(client: Client) -> None:
    """Grafana and spreadsheets read it without a rule of their own."""
    first = client.get(f"{SERIES}&format=flat").json()[0]
    assert first == {
        "run": ADDRESS, "key": "loss", "x": START_S, "value": 1.0,
        "time": "2026-09-21T14:13:20.000000Z",
    }  # fmt: skip
    assert client.get(f"/api/rows?run={ADDRESS}&format=flat").json()[0]["time"] == first["time"]


def test_a_page_says_where_the_next_begins(client: Client) -> None:
    """In a header, since a table has no place for it."""
    path = f"/api/rows?run={ADDRESS}&format=csv&limit=4"
    first = client.get(path)
    rest = client.get(f"{path}&after={first.headers['next-cursor']}")
    assert [row["_step"] for row in parsed(rest.text)] == ["4", "5", "6", "7"]
    assert "next-cursor" not in client.get(f"/api/rows?run={ADDRESS}&format=csv").headers


@pytest.mark.parametrize("path", [SERIES, f"/api/rows?run={ADDRESS}"])
def test_forms_have_tags_of_their_own(client: Client, path: str) -> None:
    """And a tag spares sending a table again."""
    tags = {client.get(f"{path}&format={form}").headers["etag"] for form in ("json", "flat", "csv")}
    assert len(tags) == 3
    tag = client.get(f"{path}&format=csv").headers["etag"]
    assert client.get(f"{path}&format=csv", headers={"If-None-Match": tag}).status_code == 304


def test_texts_are_no_formulas(client: Client, run: Path) -> None:
    """What a run logged must not act in a spreadsheet."""
    hostile = {"=cmd|'/c calc'!A1": "=1+1", "plain": "@x", "n": -5.0, "q": 'a,"b"\nc'}
    append(run / "history.jsonl", row(50, **hostile))
    (last,) = parsed(client.get(f"/api/rows?run={ADDRESS}&format=csv&order=desc&limit=1").text)
    assert last["'=cmd|'/c calc'!A1"] == "'=1+1"
    assert (last["plain"], last["n"], last["q"]) == ("'@x", "-5.0", 'a,"b"\nc')


def test_numbers_that_are_not_finite_are_no_texts(client: Client, run: Path) -> None:
    """One begins like a formula; readers of CSV know all three."""
    append(run / "history.jsonl", row(50, _nonfinite=NON_FINITE, **dict.fromkeys(NON_FINITE)))
    (last,) = parsed(client.get(f"/api/rows?run={ADDRESS}&format=csv&order=desc&limit=1").text)
    assert {key: last[key] for key in NON_FINITE} == NON_FINITE


@pytest.mark.parametrize("form", ["csv", "flat"])
def test_values_that_no_line_can_draw_are_points_of_a_table(
    client: Client, run: Path, form: str
) -> None:
    """In their places among the others."""
    odd = {"_nonfinite": {"loss": "-Infinity"}, "loss": None}
    append(run / "history.jsonl", row(10, **odd), row(11, loss=0.5))
    reply = client.get(f"{SERIES}&x0={START_S + 9}&format={form}")
    rows = parsed(reply.text) if form == "csv" else reply.json()
    assert [str(one["value"]) for one in rows] == ["0.1", "-Infinity", "0.5"]


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/api/runs?project=none", {"run", "name", "status"}),
        (f"/api/rows?run={ADDRESS}&keys=none", {"time", "_step", "none"}),
        (f"/api/series?runs={ADDRESS}&keys=none", {"run", "key", "x", "value"}),
        (f"/api/series/means?runs={ADDRESS}&keys=none", {"group", "key", "mean", "n"}),
        (f"/api/events?run={ADDRESS}&search=none", {"timestamp", "level", "message"}),
        (f"/api/llm?run={ADDRESS}", {"run", "model", "response_time"}),
        (f"/api/checkpoints?run={ADDRESS}", {"run", "step", "operation"}),
    ],
)
def test_a_table_without_rows_has_a_head(client: Client, path: str, columns: set[str]) -> None:
    """What reads tables cannot read one without columns."""
    (head,) = csv.reader(io.StringIO(client.get(path, headers={"Accept": "text/csv"}).text))
    assert columns <= set(head)


def test_a_table_of_very_many_columns_is_refused_as_one(client: Client, run: Path) -> None:
    """Cell by cell it would be nearly empty; a list of rows holds the same."""
    wide = ({f"k{step}_{number}": 1 for number in range(30)} for step in range(10, 310))
    append(run / "history.jsonl", *(row(10 + n, **values) for n, values in enumerate(wide)))
    path = f"/api/rows?run={ADDRESS}&limit=1000"
    refused = client.get(f"{path}&format=csv")
    assert (refused.status_code, "format=flat" in refused.json()["detail"]) == (400, True)
    assert len(client.get(f"{path}&format=flat").json()) == 310
