"""Small documents are replaced whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from tracklab.storage.documents import read_json, read_yaml, replace, write_json, write_yaml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "value", [None, 1, 0.5, "text", "nul\u2028l", [1, [2]], {"a": {"b": None}}]
)
def test_documents_come_back_as_they_were(tmp_path: Path, value: Any) -> None:
    """JSON and YAML alike, durable or not."""
    write_json(tmp_path / "a.json", {"v": value}, durable=True)
    write_yaml(tmp_path / "a.yaml", {"v": value})
    assert read_json(tmp_path / "a.json") == read_yaml(tmp_path / "a.yaml") == {"v": value}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.yaml"]


def test_a_number_that_is_not_finite_is_named(tmp_path: Path) -> None:
    """Documents are strict JSON too."""
    write_json(tmp_path / "a.json", {"v": math.nan})
    assert read_json(tmp_path / "a.json") == {"v": None, "_nonfinite": {"v": "NaN"}}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"a: [", b"- 1"])
def test_a_damaged_document_is_none(tmp_path: Path, content: bytes) -> None:
    """A cache that cannot be read is no cache."""
    (tmp_path / "a").write_bytes(content)
    assert read_json(tmp_path / "a") is None
    assert read_yaml(tmp_path / "a") is None
    assert read_json(tmp_path / "absent") is None


def test_a_failed_write_leaves_the_old_document(tmp_path: Path) -> None:
    """And no rubbish beside it."""
    replace(tmp_path / "a", b"old")
    (tmp_path / "a.d").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path / "a.d", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.d"]
