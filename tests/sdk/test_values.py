"""What arrays become in a row; the comparison with wandb itself is in `tests/compat/`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tracklab.sdk.values import row_values


class Tensor:
    """An array of a library that is not here: it has a shape and tells its elements."""

    def __init__(self, values: list[Any]) -> None:
        self._values = np.array(values)
        self.shape, self.ndim = self._values.shape, self._values.ndim

    def tolist(self) -> Any:
        """Return the elements, nested as they lie."""
        return self._values.tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([7]), 7),
        (np.array([[0.5]]), 0.5),
        (np.array([True]), True),
        (np.array(["text"]), "text"),
        (np.array([{"k": [1]}]), {"k": [1]}),
        (np.array([[1], None], dtype=object)[:1], [1]),
        (Tensor([[[0.25]]]), 0.25),
        (Tensor([1, 2]), [1, 2]),
        (np.array([]), []),
        (np.zeros((1, 2)), [[0.0, 0.0]]),
    ],
)
def test_a_lone_element_is_itself_and_some_are_a_list(value: Any, expected: Any) -> None:
    """In dicts as well; the element keeps its type, also one that is a list."""
    found = row_values({"v": value, "in": {"v": value}})
    assert found == {"v": expected, "in": {"v": expected}}
    assert type(found["v"]) is type(expected)
