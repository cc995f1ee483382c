"""A compressed segment reads as the plain one did, byte for byte and offset for offset."""

from __future__ import annotations

import fcntl
import gzip
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.errors import StorageError
from tracklab.storage.compression import Unpacked, pack
from tracklab.storage.layout import FORMATS, packed_path, segments
from tracklab.storage.reading import (
    Reading,
    line_start,
    open_segment,
    segment_file,
    segment_size,
)

forms = pytest.mark.parametrize("form", FORMATS)
LINES = [b'{"_step":%d}' % number for number in range(20_000)]
CONTENT = b"\n".join([*LINES, b""])


def written(directory: Path, content: bytes = CONTENT) -> Path:
    """Write a plain segment."""
    path = directory / "history.jsonl"
    path.write_bytes(content)
    return path


@forms
@given(content=st.binary(max_size=400), at=st.integers(0, 400))
@PATIENT
def test_any_content_reads_the_same_from_any_offset(form: str, content: bytes, at: int) -> None:
    """Also empty and torn ones; going back works as going on does."""
    with TemporaryDirectory() as place:
        path = written(Path(place), content)
        pack(path, form)
        assert not path.exists()
        assert segment_size(path) == len(content)
        with open_segment(path) as file:
            for start in (at, 0, min(at, len(content))):
                file.seek(min(start, len(content)))
                assert file.read(1000) == content[min(start, len(content)) :]


@forms
def test_lines_and_offsets_are_those_of_the_plain_file(tmp_path: Path, form: str) -> None:
    """A cursor that was taken before goes on after."""
    path = written(tmp_path)
    plain = list(Reading(path).lines())
    middle = plain[12_345][0]
    packed = pack(path, form)
    assert packed.stat().st_size < len(CONTENT) / 4
    assert list(Reading(path).lines()) == plain
    assert list(Reading(path, start=middle).lines()) == plain[12_345:]
    assert line_start(path, middle + 3) == middle


@forms
def test_compressing_keeps_time_and_mode(tmp_path: Path, form: str) -> None:
    """Whether a run lives is judged by when its files grew."""
    path = written(tmp_path)
    path.chmod(0o640)
    os.utime(path, (1_790_000_000, 1_790_000_000))
    packed = pack(path, form)
    assert (packed.stat().st_mtime, packed.stat().st_mode & 0o777) == (1_790_000_000, 0o640)
    assert segment_file(path) == packed
    assert os.listdir(tmp_path) == [packed.name]


def test_of_two_files_of_one_segment_one_is_read(tmp_path: Path) -> None:
    """As a compression that was stopped before its last step leaves them; a part counts nothing."""
    path = written(tmp_path)
    packed_path(path, "gz").write_bytes(gzip.compress(CONTENT))
    (tmp_path / ".history.jsonl.zst.77").write_bytes(b"half")
    assert segments(tmp_path, "history") == [path]
    assert [line for _, line in Reading(path).lines()] == LINES


@forms
def test_what_a_killed_compression_left_is_replaced(tmp_path: Path, form: str) -> None:
    """And while another process is at it, nothing is changed."""
    path = written(tmp_path)
    part = tmp_path / f".history.jsonl.{form}.part"
    part.write_bytes(b"half" * 100_000)
    with open(part, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match="Another process"):
            pack(path, form)
    pack(path, form)
    assert [line for _, line in Reading(path).lines()] == LINES
    assert os.listdir(tmp_path) == [f"history.jsonl.{form}"]


@forms
@pytest.mark.parametrize("kept", [0, 3, 400, -100])
def test_a_cut_file_is_a_fault_and_never_silence(tmp_path: Path, form: str, kept: int) -> None:
    """What comes before the cut may be read; the reading says that it is not all."""
    path = written(tmp_path)
    packed = pack(path, form)
    packed.write_bytes(packed.read_bytes()[:kept])
    reading = Reading(path)
    found = [line for _, line in reading.lines()]
    assert isinstance(reading.fault, OSError)
    assert found == LINES[: len(found)]


@forms
def test_a_flipped_byte_is_a_fault(tmp_path: Path, form: str) -> None:
    """Both formats carry a checksum of the content."""
    packed = pack(written(tmp_path), form)
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 1
    packed.write_bytes(content)
    reading = Reading(tmp_path / "history.jsonl")
    assert [line for _, line in reading.lines()] != LINES
    assert reading.fault is not None


def test_a_file_that_does_not_tell_its_size_is_counted(tmp_path: Path) -> None:
    """As `zstd` writes it out of a pipe."""
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "history.jsonl"
    compressor = zstandard.ZstdCompressor(write_content_size=False)
    packed_path(path, "zst").write_bytes(compressor.compress(CONTENT))
    assert segment_size(path) == len(CONTENT)
    assert len(list(Reading(path).lines())) == len(LINES)


def test_without_the_package_the_message_says_what_to_install(tmp_path: Path) -> None:
    """That segment is unreadable; gzip goes on."""
    pack(written(tmp_path), "zst")
    check = (
        "import sys; sys.modules['zstandard'] = None; sys.modules['compression'] = None;"
        "from pathlib import Path; from tracklab.storage.reading import Reading;"
        "r = Reading(Path(sys.argv[1])); print(list(r.lines()), r.fault)"
    )
    told = subprocess.run(
        [sys.executable, "-c", check, str(tmp_path / "history.jsonl")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "[] " in told.stdout
    assert "pip install 'tracklab-local[zstd]'" in told.stdout


def test_a_copy_that_differs_changes_nothing(tmp_path: Path) -> None:
    """A segment that grew meanwhile is not closed: the plain file stays the only one."""
    path = written(tmp_path)
    with pytest.raises(StorageError, match="nothing was changed"):
        pack(Grown(path), "gz")
    assert os.listdir(tmp_path) == [path.name]


class Grown(type(Path())):  # type: ignore[misc] # the concrete class of this system
    """A path whose file has grown by a line after its size was asked."""

    def stat(self, **options: bool) -> os.stat_result:
        """Tell the size, then let it grow."""
        told: os.stat_result = super().stat(**options)
        with open(self, "ab") as file:
            file.write(b'{"_step":99}\n')
        return told


def test_an_unpacked_file_is_closed_when_it_cannot_be_read(tmp_path: Path) -> None:
    """No descriptor is left behind."""
    path = tmp_path / "x.gz"
    path.write_bytes(b"1")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=r"compressed|file|argument"):
        Unpacked(os.open(path, os.O_RDONLY), "gz")
    assert len(os.listdir("/proc/self/fd")) == before
