"""Logs of binary records: whatever is whole comes, whatever is not is counted."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transfer.encoding import BLOCK, level_log, tf_log
from tracklab.transfer.checksums import masked_crc32c, masked_crc32c_of_all
from tracklab.transfer.framing import Damage, level_records, tf_records

HEADER = b":W&B\xe1\xbe\x00"
RECORDS = st.lists(
    st.one_of(st.binary(max_size=80), st.integers(0, 2 * BLOCK).map(lambda n: b"x" * n)), max_size=4
)


def level(data: bytes) -> tuple[list[bytes], Damage]:
    """Return the records of a log in LevelDB's form, and what is damaged."""
    damage = Damage()
    found = level_records(io.BytesIO(data), damage, header_bytes=len(HEADER))
    return [record for _, record in found], damage


def tf(data: bytes) -> tuple[list[bytes], Damage]:
    """Return the records of a TFRecord file, and what is damaged."""
    damage = Damage()
    return [record for _, record in tf_records(io.BytesIO(data), damage)], damage


@settings(max_examples=40)
@given(RECORDS)
def test_what_is_framed_comes_back(records: list[bytes]) -> None:
    """In both forms, whatever its length, and nothing is called damaged."""
    assert level(level_log(records)) == (records, Damage())
    assert tf(tf_log(records)) == (records, Damage())


@settings(max_examples=40)
@given(RECORDS, st.data())
def test_a_log_that_is_cut_gives_what_is_whole(records: list[bytes], data: st.DataObject) -> None:
    """Cut at any byte: the records before it come, and the rest is told."""
    for whole, read, least in ((level_log(records), level, 7), (tf_log(records), tf, 0)):
        cut = data.draw(st.integers(least, len(whole)))
        found, damage = read(whole[:cut])
        assert found == records[: len(found)]
        assert damage.records == damage.lost_bytes == 0
        assert (
            damage.torn_bytes or len(found) == len(records) or found == read(whole)[0][: len(found)]
        )


@settings(max_examples=40)
@given(RECORDS, st.data())
def test_a_damaged_byte_never_makes_up_a_record(records: list[bytes], data: st.DataObject) -> None:
    """What comes was written, in its order, and the damage is told."""
    for whole, read, least in ((level_log(records), level, 7), (tf_log(records), tf, 0)):
        if len(whole) <= least:
            continue
        at = data.draw(st.integers(least, len(whole) - 1))
        broken = bytearray(whole)
        broken[at] ^= data.draw(st.integers(1, 255))
        found, damage = read(bytes(broken))
        remaining = iter(records)
        assert all(record in remaining for record in found)
        assert found == records or str(damage)


def test_damage_costs_the_block_it_is_in() -> None:
    """LevelDB's form goes on with the next block; TFRecord's with the next record."""
    records = [bytes([n]) * 10_000 for n in range(20)]
    broken = bytearray(level_log(records))
    broken[50] ^= 1
    found, damage = level(bytes(broken))
    assert found == records[4:]
    assert damage.records == 1
    broken = bytearray(tf_log(records))
    broken[50] ^= 1
    assert tf(bytes(broken)) == (records[1:], Damage(records=1))


def test_what_lies_behind_a_damaged_length_is_lost_and_counted() -> None:
    """Nothing says where the next record of a TFRecord file begins."""
    broken = bytearray(tf_log([b"a" * 10, b"b" * 10]))
    broken[26] ^= 1
    found, damage = tf(bytes(broken))
    assert found == [b"a" * 10]
    assert (damage.lost_bytes, damage.torn_bytes) == (26, 0)


@pytest.mark.parametrize(
    ("text", "crc"),
    [(b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)],
)
def test_the_checksum_is_the_published_one(text: bytes, crc: int) -> None:
    """Source of the values: RFC 3720, appendix B.4."""
    assert masked_crc32c(text) == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@settings(max_examples=30)
@given(
    st.lists(st.one_of(st.binary(max_size=40), st.binary(min_size=1000, max_size=3000)), max_size=5)
)
def test_checksums_together_are_those_of_each(texts: list[bytes]) -> None:
    """By a loop over bits, which shares nothing with the tables."""
    assert masked_crc32c_of_all(texts) == [masked_by_bits(text) for text in texts]


def masked_by_bits(text: bytes) -> int:
    """Return the checksum bit by bit."""
    crc = 0xFFFFFFFF
    for byte in text:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
