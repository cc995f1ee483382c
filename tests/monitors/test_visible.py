"""Which cards a program may use, as CUDA reads its environment."""

from __future__ import annotations

import pytest

from tracklab.monitors.visible import own_card, visible_cards

SAME = [{"index": n, "name": "H100", "uuid": f"GPU-{n}a{n}b", "mig": []} for n in range(4)]
MIXED = [
    {"index": 0, "name": "T4", "uuid": "GPU-aa11"},
    {"index": 1, "name": "H100", "uuid": "GPU-aa22", "mig": [{"uuid": "MIG-77"}]},
]
BUS = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


@pytest.mark.parametrize(
    ("cards", "chosen", "order", "expected"),
    [
        (SAME, None, {}, [0, 1, 2, 3]),
        (SAME, "2,0", {}, [2, 0]),
        (SAME, " 1 , 3 ", {}, [1, 3]),
        (SAME, "", {}, []),
        (SAME, "1,9,2", {}, [1]),
        (SAME, "-1,2", {}, []),
        (SAME, "GPU-2a,GPU-0", {}, [2, 0]),
        (SAME, "GPU-,1", {}, []),
        (SAME, "NoDevFiles", {}, []),
        (MIXED, None, {}, None),
        (MIXED, "0", {}, None),
        (MIXED, "0", BUS, [0]),
        (MIXED, "GPU-aa22", {}, [1]),
        (MIXED, "MIG-77", {}, [1]),
    ],
)
def test_the_list_is_read_as_cuda_reads_it(
    cards: list[dict[str, object]], chosen: str | None, order: dict[str, str], expected: list[int]
) -> None:
    """Numbers, UUIDs and beginnings of them; what names no card ends the list."""
    environment = order if chosen is None else {**order, "CUDA_VISIBLE_DEVICES": chosen}

    assert visible_cards(cards, environment) == expected


@pytest.mark.parametrize(
    ("visible", "local_rank", "expected"),
    [([4], 3, 4), ([4], None, 4), ([2, 5], 1, 5), ([2, 5], None, None), ([2, 5], 2, None),
     ([], 0, None), (None, 0, None)],
)  # fmt: skip
def test_a_process_takes_the_card_of_its_number(
    visible: list[int] | None, local_rank: int | None, expected: int | None
) -> None:
    """Unless it is shown one card alone."""
    assert own_card(visible, local_rank) == expected
