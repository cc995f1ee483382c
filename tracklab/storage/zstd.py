"""Zstandard, from the package or from Python itself, whichever is there."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import StorageError

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Zstandard", "zstandard"]

_LEVEL: Final = 6


class Zstandard:
    """The `zstandard` package, or the module that Python has from 3.14 on, as one."""

    def __init__(self) -> None:
        try:
            self._module: Any = importlib.import_module("compression.zstd")
            self._built_in = True
            self.error: type[Exception] = self._module.ZstdError
        except ImportError:
            self._module = importlib.import_module("zstandard")
            self._built_in = False
            self.error = self._module.ZstdError

    def reader(self, file: BinaryIO) -> Any:
        """Return what reads the content of an open file; closing it leaves the file open."""
        if self._built_in:
            return self._module.ZstdFile(file, "rb")
        decompressor = self._module.ZstdDecompressor()
        return decompressor.stream_reader(file, read_across_frames=True, closefd=False)

    def content_size(self, head: bytes) -> int | None:
        """Return the size that a frame tells of its content, None if it does not."""
        if self._built_in:
            told = self._module.get_frame_info(head).decompressed_size
        else:
            told = self._module.get_frame_parameters(head).content_size
        return told if told is not None and 0 <= told < 1 << 62 else None

    def writer(self, file: BinaryIO, size: int) -> Any:
        """Return what writes one frame of `size` bytes of content, ended by its `close()`."""
        if self._built_in:
            options = {
                self._module.CompressionParameter.compression_level: _LEVEL,
                self._module.CompressionParameter.checksum_flag: 1,
            }
            compressor = self._module.ZstdCompressor(options=options)
            compressor.set_pledged_input_size(size)
            return _BuiltInWriter(file, compressor)
        compressor = self._module.ZstdCompressor(level=_LEVEL, write_checksum=True)
        return compressor.stream_writer(file, size=size, closefd=False)


class _BuiltInWriter:
    """Python's own compressor as a writer that ends its frame when closed."""

    def __init__(self, file: BinaryIO, compressor: Any) -> None:
        self._file = file
        self._compressor = compressor

    def write(self, data: bytes) -> None:
        self._file.write(self._compressor.compress(data))

    def close(self) -> None:
        self._file.write(self._compressor.flush())


def zstandard() -> Zstandard:
    """Return what reads and writes `.zst`.

    Raises:
        StorageError: the package is not installed.
    """
    try:
        return Zstandard()
    except ImportError:
        raise StorageError(
            "A segment compressed as .zst needs the zstandard package, which is not installed. "
            "Install it with pip install 'tracklab-local[zstd]', or compress as gz."
        ) from None
