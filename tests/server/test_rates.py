"""How often one client may ask."""

from __future__ import annotations

import pytest

from tracklab.server.rates import Rates

pytestmark = pytest.mark.unit


class Clock:
    """Seconds that pass when told."""

    now_s = 50.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def test_a_client_that_asks_too_often_is_told_when_to_come_again() -> None:
    """Others are not affected, and the next minute begins anew."""
    clock = Clock()
    rates = Rates(3, now=clock)
    assert [rates.wait_s("192.0.2.1") for _ in range(3)] == [0, 0, 0]
    clock.now_s += 20.5
    assert rates.wait_s("192.0.2.1") == 40
    assert rates.wait_s("2001:db8::1") == 0
    clock.now_s += 39.5
    assert rates.wait_s("192.0.2.1") == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", None])
def test_this_machine_is_not_counted(address: str | None) -> None:
    """Its programs and its browsers may ask as often as they like."""
    rates = Rates(0)
    assert rates.wait_s(address) == 0
    assert rates.wait_s("not an address") > 0


def test_many_addresses_take_bounded_memory() -> None:
    """Those beyond the bound share what one may ask."""
    rates = Rates(2)
    waits = [rates.wait_s(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(10_003)]
    assert len(rates._counts) == 10_001
    assert [bool(wait) for wait in waits[-3:]] == [False, False, True]
