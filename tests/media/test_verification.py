"""A copy of a run is checked with its media: each file against what its record says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tracklab.errors import MissingPackageError
from tracklab.media.audio import Audio
from tracklab.media.html import Html
from tracklab.media.image import Image
from tracklab.query.attachments import attachments, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracklab.sdk.run import Run


def test_every_file_of_a_record_is_checked(
    run: Run, rows: Callable[[], list[dict[str, Any]]]
) -> None:
    """Of one value, of lists of records, of lists of names."""
    try:
        images = [Image(np.full((3, 3), shade)) for shade in (1, 2)]
    except MissingPackageError as error:
        pytest.skip(str(error))
    run.log({"page": Html("a"), "sounds": [Audio([0.0], 8), Audio([0.1], 8)], "images": images})
    found = list(attachments(rows()[0], run.run_dir))
    assert len(found) == 5
    assert {fault_of(one) for one in found} == {None}
    for one in found:
        one.path.write_bytes(b"other")
        assert fault_of(one) == "damaged"
        one.path.unlink()
        assert fault_of(one) == "missing"
