"""`wandb.sdk.lib.hashutil`: the digests that manifests of artifacts name files by."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tracklab.shim.paths import StrPath

__all__ = ["b64_to_hex_id", "hex_to_b64_id", "md5_file_b64", "md5_file_hex", "md5_string"]

_BLOCK_BYTES: Final = 1 << 20


def b64_to_hex_id(string: str) -> str:
    """Return a digest in base64 as hex digits."""
    return base64.b64decode(string).hex()


def hex_to_b64_id(encoded_string: str | bytes) -> str:
    """Return a digest in hex digits as base64."""
    text = encoded_string if isinstance(encoded_string, str) else encoded_string.decode()
    return base64.b64encode(bytes.fromhex(text)).decode()


def md5_string(string: str) -> str:
    """Return the MD5 of a text in UTF-8, as base64."""
    return hex_to_b64_id(hashlib.md5(string.encode(), usedforsecurity=False).hexdigest())


def md5_file_b64(*paths: StrPath) -> str:
    """Return the MD5 of files, as base64; see `md5_file_hex`."""
    return hex_to_b64_id(md5_file_hex(*paths))


def md5_file_hex(*paths: StrPath) -> str:
    """Return the MD5 of files one after the other, in the order of their paths, as hex digits.

    Raises:
        OSError: one cannot be read.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    for path in sorted(map(str, paths)):
        with open(path, "rb", buffering=0) as file:
            while block := file.read(_BLOCK_BYTES):
                md5.update(block)
    return md5.hexdigest()
