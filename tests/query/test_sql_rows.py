"""Rows as SQL and as exported: each one that the lines have, with every value that it has."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pyarrow.ipc
import pytest

from tests.brute_force import history, leaves, lines
from tests.query.files import START_S, row, segment
from tracklab.index.building import build_run
from tracklab.index.places import index_root, run_place
from tracklab.query.engines.local import LocalEngine
from tracklab.query.plain import plain
from tracklab.query.sql.outlets import TableOutlet, file_outlet
from tracklab.query.sql.tables import Selection, fill
from tracklab.records.flat import OWN_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

_TIMES = ("_timestamp", "_runtime")
_ODD = (math.nan, math.inf, True, False, None, 7, -(2**40), 0.1, 1e300)


def made_up_values(rng: random.Random, style: str) -> dict[str, Any]:
    """Return what one line holds, `_nonfinite` included."""
    values: dict[str, Any] = {}
    for number in range(rng.randrange(4)):
        key = f"k{rng.randrange(6)}" if style != "wide" else f"w{rng.randrange(500)}"
        values[key] = rng.random() if number else rng.choice(_ODD)
    if style == "mixed" and rng.random() < 0.5:
        values["text"] = rng.choice(["", "a,b", 'it\'s "odd"', "NaN", "ä\n"])
        values["k0"] = rng.choice([1.5, "text", [1, math.nan], math.nan])
        values["n"] = {"x": rng.random(), "deep": {"y": rng.randrange(9)}}
    if style == "texts":
        values = {"text": f"t{rng.random()}", "list": [1, 2.5, "x"]}
    if style == "turns":  # no key is in all lines, and no line is without one
        values = {f"k{rng.randrange(3)}": rng.choice((rng.random(), math.nan))}
    if style == "steady":
        values["k0"] = rng.random()
    odd = {key: value for key, value in values.items() if plain(value) != value}
    named = {key: plain(value) for key, value in odd.items() if isinstance(value, float)}
    shown = {key: None if key in named else plain(value) for key, value in values.items()}
    return shown | ({"_nonfinite": named} if named else {})


def made_up_run(run_dir: Path, rng: random.Random, style: str) -> None:
    """Write a run of up to three writers, two attempts and some segments each."""
    seq = 0
    for attempt in range(rng.choice((1, 1, 2))):
        for writer in rng.choice(((None,), (None,), (None, "b", "c"))):
            step = rng.randrange(60) if attempt else 0
            for number in range(rng.randrange(1, 4)):
                rows = []
                for _ in range(rng.randrange(1, 40)):
                    seq += 1
                    step += rng.choice((0, 0, 1, 1, 3, 2**53 if rng.random() < 0.002 else 1))
                    step -= rng.choice((0, 5)) if style == "back" else 0
                    rows.append(row(max(step, 0), seq, made_up_values(rng, style)))
                named = None if writer is None and not attempt else f"{writer or 'a'}-{attempt}"
                segment(run_dir, rows, writer=named, number=number, attempt=attempt)


def column_of(name: str, kind: str, value: Any) -> Any:
    """Return what a column holds of a value: a number, or a text."""
    if value is None or name in OWN_FIELDS:
        return value
    if kind == "DOUBLE":
        return float(value)
    if isinstance(value, str):
        return value
    told = plain(value)
    return told if isinstance(told, str) else orjson.dumps(told).decode()


def expected(root: Path, runs: list[str]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return columns with their types, and rows, as the judge reads them."""
    kinds: dict[str, str] = {}
    for run in runs:
        for _, _, record in lines(root / run, "history"):
            for key, value in leaves(record):
                if key not in OWN_FIELDS:
                    text = not isinstance(value, (int, float))
                    kinds[key] = "VARCHAR" if text else kinds.get(key, "DOUBLE")
    rows = []
    for run in runs:
        for step, merged in sorted(history(root / run).items()):
            own = {name: merged.get(name) for name in _TIMES}
            values = {key: column_of(key, kinds[key], merged.get(key)) for key in kinds}
            rows.append({"run": run, "_step": step, **own, **values})
    return kinds, rows


def table_of(
    root: Path, columns: frozenset[str] | None = None, table: str = "history"
) -> list[dict[str, Any]]:
    """Return the rows of a table as the database has them."""
    chosen = Selection(LocalEngine(root), columns=columns)
    place = "_step" if table == "history" else "_timestamp"
    with duckdb.connect() as connection:
        fill(connection, table, chosen, into=TableOutlet(connection, table, memory_mb=192))
        found = connection.execute(f"FROM {table} ORDER BY run, {place}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, one, strict=True)) for one in found.fetchall()]


def exported(root: Path, path: Path, form: str) -> list[dict[str, Any]]:
    """Return the rows of history as another program reads them from a file, all in order."""
    with (
        duckdb.connect() as connection,
        file_outlet(connection, path, form, memory_mb=192) as file,
    ):
        fill(connection, "history", Selection(LocalEngine(root)), into=file)
        file.end()
        if form == "arrow":
            told = pyarrow.ipc.open_file(path).read_all()
            rows: list[dict[str, Any]] = told.to_pylist()
        else:
            source = f"read_csv('{path}', all_varchar = true)" if form == "csv" else f"'{path}'"
            found = connection.execute(f"FROM {source}")
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, one, strict=True)) for one in found.fetchall()]
    assert len(rows) == file.rows
    return rows


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Compare rows, NaN with NaN, one by one."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert repr({key: one[key] for key in other}) == repr(other)


STYLES = ("steady", "turns", "sparse", "mixed", "texts", "back")


@pytest.mark.parametrize(
    ("style", "seed"), [*((style, seed) for style in STYLES for seed in "ab"), ("wide", "a")]
)
def test_tables_and_files_hold_every_row_and_value(
    root: Path, tmp_path: Path, style: str, seed: str
) -> None:
    """Whatever was logged, by however many writers, and whether it is indexed or not."""
    rng = random.Random(f"{style}{seed}")  # noqa: S311 - made-up data
    runs = [f"demo/r{number}" for number in range(3)]
    for number, run in enumerate(runs):
        made_up_run(root / run, rng, style)
        if number:
            build_run(root / run, run_place(index_root(root), "demo", f"r{number}"), min_bytes=1)
    kinds, wanted = expected(root, runs)
    same(table_of(root), wanted)
    for form in ("parquet", "arrow"):
        same(exported(root, tmp_path / f"h.{form}", form), wanted)
    texts = exported(root, tmp_path / "h.csv", "csv")
    numbers = [*_TIMES, *(key for key, kind in kinds.items() if kind == "DOUBLE")]
    for told in texts:
        told |= {key: told[key] and float(told[key]) for key in numbers}
        told["_step"] = int(told["_step"])
    same(
        texts,
        [{key: None if value == "" else value for key, value in one.items()} for one in wanted],
    )
    some = frozenset(rng.sample(sorted(kinds), 2))
    kept = {"run", "_step", *some}
    same(table_of(root, some), [{key: one[key] for key in one if key in kept} for one in wanted])


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("lists", [False, True])
def test_samples_of_machines_are_all_there(root: Path, *, indexed: bool, lists: bool) -> None:
    """With numbers alone, or with lists beside them; one without a time is none."""
    rows = []
    for seq in range(200):
        values: dict[str, Any] = {"cpu": seq / 3} | ({"gpu": float(seq)} if seq % 7 else {})
        values |= {"per_core": [seq, 1.5]} if lists else {}
        rows.append({"_timestamp": START_S + seq, "_runtime": float(seq), **values})
    for number, first in enumerate((0, 120)):
        some = rows[first : 120 if first == 0 else None]
        odd = [{"cpu": 1.0}] if lists else []
        segment(root / "demo" / "a", [*some, *odd], stream="system_metrics", number=number)
    if indexed:
        build_run(root / "demo" / "a", run_place(index_root(root), "demo", "a"), min_bytes=1)
    found = table_of(root, table="system")
    for one in rows:
        one["gpu"] = one.get("gpu")
        if lists:
            one["per_core"] = orjson.dumps(one["per_core"]).decode()
    same(found, rows)


def test_a_damaged_index_changes_no_row(root: Path) -> None:
    """Wherever the damage is; the table is begun anew then."""
    rows = [row(step, step, {"a": step / 7, "b": -step}) for step in range(3_000)]
    segment(root / "demo" / "a", rows)
    place = run_place(index_root(root), "demo", "a")
    wanted = [{"_step": one["_step"], "a": one["a"], "b": float(one["b"])} for one in rows]
    for tenth in range(1, 10):
        build_run(root / "demo" / "a", place, min_bytes=1)
        (part,) = place.glob("*.tlx")
        content = bytearray(part.read_bytes())
        content[len(content) * tenth // 10] ^= 255
        part.write_bytes(content)
        same(table_of(root), wanted)
