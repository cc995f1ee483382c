"""Tables: what fits a column, what the file holds, what logging again does."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.evaluation import EvalTable
from tracklab.media.html import Html
from tracklab.media.joined import JoinedTable, PartitionedTable
from tracklab.media.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracklab.sdk.run import Run

NAN = float("nan")


@pytest.mark.parametrize(
    "cells",
    [
        (1, 2.5, np.float32(1), np.int8(3), None, NAN),
        ("a", None, "b"),
        (True, np.bool_(0)),
        ([1], (2, 3), {4}, np.zeros(2), []),
        ([[1], [2]], [[]], np.zeros((2, 2))),
        ({"a": 1, "b": [1]}, {"b": [2.5], "a": 3}),
        (np.zeros((2, 3)), np.ones((2, 3)), [[1, 2, 3], [4, 5, 6]]),
        (
            dt.date(2026, 1, 1),
            dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
            np.datetime64("now"),
        ),
        (Html("a"), Html("b"), None),
    ],
)
def test_values_of_one_type_fit_a_column(cells: tuple[Any, ...]) -> None:
    """And None fits everywhere."""
    table = Table(columns=["c"])
    for cell in cells:
        table.add_data(cell)
    assert [row[0] is cell for row, cell in zip(table.data, cells, strict=True)]
    assert len(table.data) == len(cells)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, "a"),
        (1, True),
        ("a", b"a"),
        ([1], ["a"]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": "x"}),
        (np.zeros((2, 3)), np.zeros((3, 3))),
        (Html("a"), 1),
        (1, [1]),
    ],
)
def test_a_value_of_another_type_is_refused(first: Any, second: Any) -> None:
    """Unless types may be mixed; the table stays as it was."""
    table = Table(columns=["c"], data=[[first]])
    with pytest.raises(ArgumentTypeError, match="incompatible types"):
        table.add_data(second)
    assert len(table.data) == 1
    assert len(Table(columns=["c"], data=[[first], [second]], allow_mixed_types=True).data) == 2


@pytest.mark.parametrize(
    ("dtype", "fits", "misfit"),
    [
        (int, 2.5, "a"),
        (str, "a", 1),
        ([[int, str]], "a", True),
        ([[int]], [1], ["a"]),
        ([{"a": int}], {"a": 1}, {"a": "x"}),
        (Html, Html("x"), 1),
        ("yes", "yes", "no"),
    ],
)
def test_the_type_of_a_column_can_be_said(dtype: Any, fits: Any, misfit: Any) -> None:
    """One for all columns, or a list with that of each."""
    assert Table(columns=["c"], data=[[fits]], dtype=dtype).data == [[fits]]
    with pytest.raises(ArgumentTypeError):
        Table(columns=["c"], data=[[misfit]], dtype=dtype)


@pytest.mark.parametrize("missing", [None, NAN])
def test_none_can_be_refused(missing: Any) -> None:
    """A float NaN counts as None."""
    with pytest.raises(ArgumentTypeError):
        Table(columns=["c"], data=[[1], [missing]], optional=False)


@pytest.mark.parametrize(
    "arguments",
    [
        {"columns": ("a",)},
        {"columns": [1.5]},
        {"columns": ["a"], "data": ((1,),)},
        {"columns": ["a"], "data": [[1, 2]]},
        {"log_mode": "OTHER"},
    ],
)
def test_what_is_no_table_is_refused_at_the_call(arguments: Any) -> None:
    """With what is accepted instead."""
    with pytest.raises(UsageError):
        Table(**arguments)


@pytest.mark.parametrize("kind", [list, dict])
def test_a_cell_that_holds_itself_is_refused(kind: Any) -> None:
    """Its type would have no end."""
    cell = kind()
    cell.append(cell) if kind is list else cell.update(inner=cell)
    with pytest.raises(ArgumentTypeError, match="holds itself"):
        Table(columns=["a"], data=[[cell]])


def test_rows_come_from_lists_arrays_and_an_older_name() -> None:
    """The default columns are wandb's."""
    assert Table().columns == ["Input", "Output", "Expected"]
    assert Table(columns=["a", "b"], data=np.eye(2)).data == [[1, 0], [0, 1]]
    assert Table(columns=["a"], rows=[[1]]).data == [[1]]


def test_columns_are_added_and_read() -> None:
    """From lists and arrays, or worked out of the others."""
    table = Table(columns=["a"], data=[[1], [2]])
    table.add_column("b", np.array([3.0, 4.0]))
    table.add_computed_columns(lambda index, row: {"sum": row["a"] + row["b"] + index})
    assert table.get_column("sum") == [4.0, 7.0]
    assert table.get_column("a", convert_to="numpy").tolist() == [1, 2]
    assert [(int(index), row) for index, row in table.iterrows()] == [
        (0, [1, 3.0, 4.0]),
        (1, [2, 4.0, 7.0]),
    ]
    assert table.get_index()[1].get_row() == {"a": 2, "b": 4.0, "sum": 7.0}


@pytest.mark.parametrize(
    ("name", "values", "error"),
    [
        ("a", [1, 2], UsageError),
        ("b", [1], UsageError),
        ("b", (1, 2), UsageError),
        ("b", [1, "x"], ArgumentTypeError),
        ("b", [1, None], ArgumentTypeError),
    ],
)
def test_a_column_that_does_not_fit_leaves_no_trace(
    name: str, values: Any, error: type[Exception]
) -> None:
    """The table is as it was."""
    table = Table(columns=["a"], data=[[1], [2]])
    with pytest.raises(error):
        table.add_column(name, values)
    assert (table.columns, table.data) == (["a"], [[1], [2]])


def test_a_column_can_be_given_another_type() -> None:
    """If its values fit."""
    table = Table(columns=["a"], data=[[1]])
    with pytest.raises(ArgumentTypeError):
        table.cast("a", str)
    assert str(table.cast("a", int, optional=True)) == "None or number"


def test_the_file_holds_columns_and_rows(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Media as records of their own files, and numbers JSON has not beside it."""
    table = Table(columns=["n", "page"], data=[[NAN, Html("<p>")], [np.int8(3), None]])
    record = logged(table)
    assert {name: record[name] for name in ("_type", "ncols", "nrows", "log_mode")} == {
        "_type": "table-file", "ncols": 2, "nrows": 2, "log_mode": "IMMUTABLE",
    }  # fmt: skip
    file = json.loads(content(record))
    page = file["data"][0][1]
    assert (file["columns"], file["data"][1]) == (["n", "page"], [3, None])
    assert (page["_type"], content(page)) == ("html-file", b"<p>")
    assert (file["data"][0][0], file["_nonfinite"]) == (None, {"data.0.0": "NaN"})


def test_an_immutable_table_stays_as_it_was_logged(
    logged: Callable[[Any], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """A line says so when it changes."""
    table = Table(columns=["a"], data=[[1]])
    assert not table.has_been_logged()
    first = logged(table)
    assert table.has_been_logged()
    table.add_data(2)
    assert logged(table)["path"] == first["path"]
    assert "MUTABLE" in capfd.readouterr().err


def test_a_mutable_table_is_written_as_it_is_then(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """And not again while nothing changes."""
    table = Table(columns=["a"], data=[[1]], log_mode="MUTABLE")
    logged(table)
    table.add_data(2)
    second = logged(table)
    assert json.loads(content(second))["data"] == [[1], [2]]
    assert logged(table) == second


def test_an_incremental_table_is_written_in_parts(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Each file has the rows since the one before; together they are the table."""
    table = Table(columns=["a"], log_mode="INCREMENTAL")
    records = []
    for number in range(3):
        table.add_data(number)
        table.add_data(number + 10)
        records.append(logged(table))
    rows = [row for record in records for row in json.loads(content(record))["data"]]
    assert rows == table.data
    assert [record["increment_num"] for record in records] == [0, 1, 2]
    assert records[-1]["_type"] == "incremental-table-file"
    with pytest.raises(UsageError):
        table.add_column("b", [1] * 6)


def test_too_many_rows_are_refused_where_the_settings_say_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is a class attribute, as programs set it."""
    import tracklab  # noqa: PLC0415 - as a program does

    monkeypatch.setattr(Table, "MAX_ROWS", 1)
    settings = {"console": "off", "table_raise_on_max_row_limit_exceeded": True}
    table = Table(columns=["a"], data=[[1], [2]])
    with (
        tracklab.init(dir=root, system_monitor=False, settings=settings) as run,
        pytest.raises(UsageError, match="limit is 1"),
    ):
        run.log({"t": table})


def test_a_data_frame_goes_in_and_comes_out(
    logged: Callable[[Any], Any], content: Callable[[Any], bytes]
) -> None:
    """Its columns count, times stay times."""
    pandas: Any = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "t": pandas.to_datetime(["2026-01-01", "2026-01-02"])})
    table = Table(["other"], dataframe=frame)
    assert json.loads(content(logged(table)))["data"][0][1].startswith("2026-01-01T00:00:00")
    assert table.get_dataframe().equals(frame)
    assert json.loads(content(logged(frame))) == json.loads(content(logged(table)))


def test_joined_tables_are_two_files(logged: Callable[[Any], Any]) -> None:
    """And the column that joins them."""
    left, right = Table(columns=["id", "a"], data=[[1, 2]]), Table(columns=["id"], data=[[1]])
    record = logged(JoinedTable(left, right, "id"))
    assert (record["_type"], record["join_key"]) == ("joined-table", "id")
    assert [record[name]["ncols"] for name in ("table1", "table2")] == [2, 1]
    assert record["artifact_path"].endswith(".joined-table.json")
    with pytest.raises(UsageError):
        JoinedTable(left, right, "a")


def test_a_table_in_parts_is_read_part_by_part(run: Run, logged: Callable[[Any], Any]) -> None:
    """From the directory that it names."""
    for part in range(2):
        run.log({f"part{part}": Table(columns=["a"], data=[[part]])})
    table = PartitionedTable(run.run_dir / "media" / "table")
    assert list(table.iterrows()) == [(0, [0]), (1, [1])]
    assert logged(table)["parts_path"] == table.parts_path


def test_a_table_of_an_evaluation_says_what_its_columns_are(logged: Callable[[Any], Any]) -> None:
    """A column is one of input, output or score, and there."""
    rows = [["q", "a", 1.0]]
    table = EvalTable(["q", "a", "s"], rows, input_columns=["q"], score_columns=["s"])
    record = logged(table)
    assert (record["input_columns"], record["score_columns"]) == (["q"], ["s"])
    with pytest.raises(UsageError):
        EvalTable(columns=["q"], input_columns=["q"], score_columns=["q"])
