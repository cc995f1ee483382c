"""Tables: rows of values of any kind, media among them, stored as JSON beside the lines."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.column_types import ANYTHING, Column, column
from tracklab.media.needs import needed, say_once
from tracklab.media.value import Media, WBValue
from tracklab.records.encode import encode_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.media.value import Place

__all__ = ["Table", "TableIndex"]

_MODES: Final = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
_DEFAULT_COLUMNS: Final = ("Input", "Output", "Expected")


class TableIndex(int):
    """The number of a row, which knows its table."""

    _table: Table | None = None

    def set_table(self, table: Table) -> None:
        """Say which table's row it numbers."""
        self._table = table

    def get_row(self) -> dict[Any, Any]:
        """Return the row's values by column; none if the table is not known."""
        if self._table is None:
            return {}
        return dict(zip(self._table.columns, self._table.data[self], strict=True))


class Table(Media):
    """A table to log: `run.log({"predictions": Table(columns=["text", "score"], data=rows)})`.

    Args:
        columns: names of the columns, texts or integers; None for Input, Output, Expected.
        data: rows, a list of them, a numpy array of two dimensions or a pandas data frame.
        rows: an older name of `data`.
        dataframe: a pandas data frame, whose columns count.
        dtype: the type of all columns, or a list with that of each; None lets the first value
            of a column decide.
        optional: whether None fits; one answer, or a list with that of each column.
        allow_mixed_types: let every value fit everywhere.
        log_mode: what logging it again does. `IMMUTABLE`: names the file of the first time;
            `MUTABLE`: writes the table as it is then; `INCREMENTAL`: writes the rows that were
            added since.

    Raises:
        UsageError: a row is too short or too long, or another argument cannot be used.
        ArgumentTypeError: a value does not fit its column.
    """

    #: More rows than this are refused where `table_raise_on_max_row_limit_exceeded` is set.
    MAX_ROWS: ClassVar[int] = 1_000_000
    MAX_ARTIFACT_ROWS: ClassVar[int] = 1_000_000
    _type = "table-file"
    _folder = "table"

    def __init__(
        self,
        columns: list[Any] | None = None,
        data: Any = None,
        rows: list[Any] | None = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: bool | list[bool] = True,
        allow_mixed_types: bool = False,
        log_mode: str | None = "IMMUTABLE",
    ) -> None:
        super().__init__()
        self._ending = ".table.json"
        if log_mode not in _MODES:
            raise UsageError(f"Invalid log_mode: {log_mode!r}. Must be one of {', '.join(_MODES)}.")
        self.log_mode = log_mode
        self._logged_rows = 0  # in files, of an incremental table
        self._increment = -1
        self._fresh = True  # has rows, or columns, that no file has
        self._version: dict[str, str] = {}  # what its record says of the artifact
        frame = dataframe if dataframe is not None else data
        if hasattr(frame, "columns"):
            self.columns, given = _checked(list(frame.columns)), _of_frame(frame)
        else:
            self.columns = _checked(list(_DEFAULT_COLUMNS) if columns is None else columns)
            given = _checked_rows(data if data is not None else rows)
        types = [None if allow_mixed_types else one for one in self._for_each(dtype)]
        self._types: list[Column] = [
            ANYTHING if allow_mixed_types else column(one, optional=may_miss)
            for one, may_miss in zip(types, self._for_each(optional), strict=False)
        ]
        self.data: list[list[Any]] = []
        for row in given:
            self.add_data(*row)

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same columns, of the same types, and the same cells.

        A column of any type, as a table of an artifact has them, is of each. NaN equals nothing.
        """
        if not isinstance(other, Table) or self.columns != other.columns:
            return False
        if not all(map(_may_be_one, self._types, other._types)):
            return False
        return len(self.data) == len(other.data) and all(
            map(_equal, chain.from_iterable(self.data), chain.from_iterable(other.data))
        )

    __hash__ = None  # it may grow

    def add_data(self, *data: Any) -> None:
        """Add a row, one value for each column.

        Raises:
            UsageError: too few or too many values.
            ArgumentTypeError: a value does not fit its column.
        """
        if len(data) != len(self.columns):
            raise UsageError(
                f"This table expects {len(self.columns)} columns: {self.columns}, found "
                f"{len(data)}. Give one value for each column."
            )
        taken = [known.taking(value) for known, value in zip(self._types, data, strict=True)]
        misfits = [at for at, known in enumerate(taken) if known is None]
        if misfits:
            at = misfits[0]
            raise ArgumentTypeError(
                f"Data row contained incompatible types: column {self.columns[at]!r} takes "
                f"{self._types[at]}; got {data[at]!r}, a {type(data[at]).__name__}. Convert it, or "
                "write Table(allow_mixed_types=True)."
            )
        self._types = [known for known in taken if known is not None]
        self.data.append(list(data))
        self._changed()

    def add_row(self, *row: Any) -> None:
        """Add a row; an older name of `add_data`."""
        self.add_data(*row)

    def add_column(self, name: str, data: Any, optional: bool = False) -> None:
        """Add a column.

        Args:
            name: a new name.
            data: a list or an array with a value for each row.
            optional: whether None fits.

        Raises:
            UsageError: the name is taken, the length is another, or the table is incremental.
            ArgumentTypeError: the values are of several types.
        """
        self._refuse_if_incremental("add_column")
        if not isinstance(name, str) or name in self.columns:
            raise UsageError(
                f"add_column() takes a name that is new; got {name!r} beside {self.columns}."
            )
        if not isinstance(data, list) and not hasattr(data, "tolist"):
            raise UsageError(f"add_column() takes a list or an array; got a {type(data).__name__}.")
        if self.columns and len(data) != len(self.data):
            raise UsageError(
                f"Expected length {len(self.data)}, found {len(data)}: add_column() takes one "
                "value for each row."
            )
        values = list(data)
        self._types.append(column(None, optional=optional).taking_all(values, name=name))
        if not self.columns:
            self.data = [[] for _ in values]
        for row, value in zip(self.data, values, strict=True):
            row.append(value)
        self.columns.append(name)
        self._changed()

    def add_computed_columns(self, fn: Callable[[int, dict[Any, Any]], dict[str, Any]]) -> None:
        """Add columns worked out of the others: `fn(index, row)` returns new values by name."""
        self._refuse_if_incremental("add_computed_columns")
        made = [fn(index, index.get_row()) for index in self.get_index()]
        for name in dict.fromkeys(name for row in made for name in row):
            self.add_column(name, [row[name] for row in made])

    def get_column(self, name: Any, convert_to: str | None = None) -> Any:
        """Return a column's values, as a list or, with `convert_to="numpy"`, as an array.

        Raises:
            UsageError: there is no such column, or `convert_to` is another.
        """
        at = self._place_of(name, "get_column()")
        values = [row[at] for row in self.data]
        if convert_to is None:
            return values
        if convert_to != "numpy":
            raise UsageError(f'get_column() converts to "numpy"; got {convert_to!r}.')
        import numpy as np  # noqa: PLC0415 - only someone who asks for arrays pays for numpy

        return np.array(values)

    def get_index(self) -> list[TableIndex]:
        """Return the number of each row, to refer to from other tables."""
        return [self.index_ref(number) for number in range(len(self.data))]

    def index_ref(self, index: int) -> TableIndex:
        """Return the number of one row, to refer to from other tables.

        Raises:
            UsageError: there is no such row.
        """
        if index >= len(self.data):
            raise UsageError(f"index_ref() got row {index} of a table of {len(self.data)}.")
        reference = TableIndex(index)
        reference.set_table(self)
        return reference

    def get_dataframe(self) -> Any:
        """Return the table as a pandas data frame.

        Raises:
            MissingPackageError: pandas is not installed.
        """
        pandas = needed("pandas", by="Table.get_dataframe()", install="pandas")
        return pandas.DataFrame.from_records(self.data, columns=self.columns)

    def iterrows(self) -> Iterator[tuple[TableIndex, list[Any]]]:
        """Yield the number and the values of each row."""
        yield from zip(self.get_index(), self.data, strict=True)

    def cast(self, col_name: Any, dtype: Any, optional: bool = False) -> Column:
        """Change the type of a column.

        Raises:
            UsageError: there is no such column.
            ArgumentTypeError: a value of it does not fit.
        """
        at = self._place_of(col_name, "cast()")
        values = [row[at] for row in self.data]
        found = column(dtype, optional=optional).taking_all(values, name=col_name)
        self._types[at] = found
        return found

    def whole(self) -> Table:
        """Return a table of the same rows that keeps all of them, and has been logged nowhere."""
        made = copy(self)
        made.log_mode, made._kept, made._logged_rows = "IMMUTABLE", None, 0  # noqa: SLF001 - its own
        return made

    def has_been_logged(self) -> bool:
        """Return whether a run has it."""
        return self._kept is not None

    def to_record(self, place: Place | None = None) -> dict[str, Any]:
        """Return the record that stands for it in a row; its file is written by then.

        Raises:
            UsageError: it has more rows than `MAX_ROWS`, and the run's settings refuse that.
        """
        if place is not None and (self._kept is None or self._is_stale(place)):
            self._refuse_if_too_long(place)
            first = self._logged_rows if self.log_mode == "INCREMENTAL" else 0
            inside, media = replace(place, versioned=None), list[dict[str, Any]]()
            rows = [[_cell(value, inside, media) for value in row] for row in self.data[first:]]
            self._content, self._kept = encode_object({"columns": self.columns, "data": rows}), None
            self._increment += 1
            record = super().to_record(place)
            self._version = self._versioned(place, record, media)
        else:
            record = super().to_record(place)
        if self._kept is None:  # the file could not be written: its rows belong to the next one
            self._increment -= 1
        else:
            self._logged_rows, self._fresh = len(self.data), False
        return {**record, **self._version}

    def _facts(self, place: Place) -> dict[str, Any]:  # noqa: ARG002 - its cells have been asked
        facts = {"ncols": len(self.columns), "nrows": len(self.data), "log_mode": self.log_mode}
        if self.log_mode == "INCREMENTAL":
            return {"_type": "incremental-table-file", **facts, "increment_num": self._increment}
        return facts

    def _versioned(
        self, place: Place, record: dict[str, Any], media: list[dict[str, Any]]
    ) -> dict[str, str]:
        """Return what a record says of the artifact that its file is in, too."""
        if place.versioned is None or self._kept is None or self.log_mode == "INCREMENTAL":
            return {}
        return place.versioned(place.key, record, media)

    def _is_stale(self, place: Place) -> bool:
        """Return whether logging it now needs a file of its own."""
        if self._kept is not None and self._kept[0] != place.run_dir:
            return True
        return self._fresh and self.log_mode != "IMMUTABLE"

    def _changed(self) -> None:
        self._fresh = True
        if self.log_mode == "IMMUTABLE" and self._kept is not None:
            say_once(
                "You are mutating a Table with log_mode='IMMUTABLE' that has been logged already. "
                "Subsequent log() calls will have no effect. Set log_mode='MUTABLE' to enable "
                "re-logging after mutations."
            )

    def _refuse_if_incremental(self, what: str) -> None:
        if self.log_mode == "INCREMENTAL":
            raise UsageError(
                f"Operation '{what}' is not supported for tables with log_mode='INCREMENTAL'. Use "
                "a different log mode like 'MUTABLE' or 'IMMUTABLE'."
            )

    def _refuse_if_too_long(self, place: Place) -> None:
        limit = min(self.MAX_ROWS, self.MAX_ARTIFACT_ROWS)
        if place.rows_limited and len(self.data) > limit:
            raise UsageError(
                f"Table row limit exceeded: table has {len(self.data)} rows, limit is {limit}. Set "
                "Table.MAX_ROWS and Table.MAX_ARTIFACT_ROWS to allow more."
            )

    def _place_of(self, name: Any, what: str) -> int:
        if name not in self.columns:
            raise UsageError(f"{what} got {name!r}; the columns are {self.columns}.")
        return self.columns.index(name)

    def _for_each(self, value: Any) -> list[Any]:
        """Return one value for each column."""
        return value if isinstance(value, list) else [value] * len(self.columns)


def _may_be_one(known: Column, other: Column) -> bool:
    return known == other or ANYTHING in {known, other}


def _equal(cell: Any, other: Any) -> bool:
    """Return whether two cells are equal; of arrays, whether all their elements are."""
    try:
        equal = cell == other
    except ValueError:  # arrays of different shapes
        return False
    return bool(equal.all() if hasattr(equal, "all") else equal)


def _checked(columns: Any) -> list[Any]:
    if not isinstance(columns, list) or any(type(name) not in {str, int} for name in columns):
        raise UsageError(
            f"columns argument expects list of strings or ints; Table() got {columns!r}."
        )
    return list(columns)


def _checked_rows(data: Any) -> Any:
    if data is None:
        return []
    if isinstance(data, list) or (hasattr(data, "tolist") and data.ndim == 2):  # noqa: PLR2004 - rows, columns
        return data
    raise UsageError(
        "data argument expects a `list` object, an array of two dimensions or a data frame; "
        f"Table() got a {type(data).__name__}."
    )


def _of_frame(frame: Any) -> Iterator[tuple[Any, ...]]:
    values = [frame[name].to_numpy() for name in frame.columns]
    return zip(*values, strict=True)


def _cell(value: Any, place: Place, media: list[dict[str, Any]]) -> Any:
    """Return what a table's file holds for a value; records of media go into `media`, too."""
    if isinstance(value, WBValue):
        media.append(value.to_record(place))
        return media[-1]
    # Of nanoseconds numpy makes integers, which would be read as numbers.
    return str(value) if type(value).__name__ == "datetime64" else value
