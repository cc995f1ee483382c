"""References: entries that name something elsewhere, and keep what tells whether it changed.

Nothing but `checksum=True` and `download()` reaches out, and only to the address that was given.
"""

from __future__ import annotations

import base64
import hashlib
import urllib.request
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from tracklab.artifacts.copying import digests_of, hand_out, part_of
from tracklab.artifacts.manifest import ArtifactManifestEntry, inner_path
from tracklab.artifacts.stores import stored_blocks, stored_objects
from tracklab.errors import CommError, UsageError
from tracklab.storage.writer import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["fetch_reference", "referred"]

_MOST_OBJECTS: Final = 10_000_000
_TIMEOUT_S: Final = 30.0
_BLOCK_BYTES: Final = 1 << 20
_WEB: Final = frozenset({"http", "https"})
_STORES: Final = frozenset({"s3", "gs", "gcs", "az", "abfs"})


def referred(
    uri: str, *, name: str | None, checksum: bool, most: int | None
) -> list[ArtifactManifestEntry]:
    """Return the entries for what `uri` names: one, or one for each file of a directory.

    Raises:
        UsageError: it is no URI, names nothing, or needs a name of its own.
        MissingPackageError: asking its keeper needs a package that is not installed.
        CommError: its keeper does not answer, or refuses.
    """
    parts = urlsplit(uri)
    if not parts.scheme:
        raise UsageError(
            "References must be URIs. To reference a local file, use file://. add_reference() "
            f"got {uri!r}."
        )
    if parts.scheme == "file":
        return list(_local(uri, name, checksum=checksum, most=most or _MOST_OBJECTS))
    if parts.scheme not in _WEB | _STORES:
        if name is None:
            raise UsageError(
                'You must pass name="<entry_name>" when tracking references with unknown '
                f"schemes. ref: {uri}"
            )
        say(f"what {uri} refers to cannot be told from what was there before: an unknown scheme.")
        return [ArtifactManifestEntry(inner_path(name), digest=uri, ref=uri)]
    if parts.scheme in _STORES:
        return stored_objects(uri, name=name, checksum=checksum, most=most or _MOST_OBJECTS)
    path = inner_path(name if name is not None else unquote(parts.path).rpartition("/")[2])
    if not checksum:
        return [ArtifactManifestEntry(path, digest=uri, ref=uri)]
    tag, size, extra = _of_web(uri)
    return [ArtifactManifestEntry(path, digest=tag or uri, size=size, ref=uri, extra=extra)]


def fetch_reference(entry: ArtifactManifestEntry, target: Path) -> None:
    """Get what a reference names, if it is still what it was.

    Raises:
        UsageError: it has changed, or nobody knows how to get it.
        MissingPackageError: it needs a package that is not installed.
        CommError: a store does not answer, or refuses.
        OSError: it is gone, or cannot be read or written.
    """
    uri = entry.ref_target()
    scheme = urlsplit(uri).scheme
    if scheme == "file":
        source = _path_of(uri)
        found = digests_of(source).md5
        if entry.digest not in {found, _told(uri)}:
            raise UsageError(
                f"Digest mismatch: {entry.path!r} refers to a file that has changed since. It "
                f"was {entry.digest}, and is {found}. {source}"
            )
        hand_out(source, target)
    elif scheme in _WEB:
        with closing(_asked(uri, "GET")) as reply:
            told = reply.headers.get("ETag")
            if entry.extra.get("etag", told) != told:
                raise UsageError(
                    f"Digest mismatch: {entry.path!r} refers to a page that has changed since. It "
                    f"was {entry.extra['etag']}, and is {told}. {uri}"
                )
            _write(iter(partial(reply.read, _BLOCK_BYTES), b""), target)
    elif scheme in _STORES:
        _write(stored_blocks(entry), target)
    else:
        raise UsageError(f"Nothing here knows how to get {uri!r}. Fetch it with a tool of its own.")


def _write(blocks: Iterable[bytes], target: Path) -> None:
    part = part_of(target)
    try:
        with open(part, "wb") as file:
            file.writelines(blocks)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _local(
    uri: str, name: str | None, *, checksum: bool, most: int
) -> Iterator[ArtifactManifestEntry]:
    source = _path_of(uri)
    if source.is_file():
        path = inner_path(name if name is not None else source.name)
        yield _file(source, path, uri, checksum=checksum)
        return
    if not source.is_dir():
        raise UsageError(f"Path {uri!r} must be a valid file or directory path.")
    found = sorted(file for file in source.rglob("*") if file.is_file())
    if len(found) > most:
        raise UsageError(
            f"Exceeded {most} objects tracked, pass max_objects to add_reference. {len(found)} "
            f"lie below it. {uri}"
        )
    for file in found:
        inner = file.relative_to(source).as_posix()
        place = inner_path(f"{name}/{inner}" if name is not None else inner)
        yield _file(file, place, f"{uri.rstrip('/')}/{inner}", checksum=checksum)


def _file(source: Path, path: str, uri: str, *, checksum: bool) -> ArtifactManifestEntry:
    size = source.stat().st_size
    digest = digests_of(source).md5 if checksum else _told(uri)
    return ArtifactManifestEntry(path, digest=digest, size=size, ref=uri)


def _told(uri: str) -> str:
    """Return what stands for the content of a file that nobody was to read."""
    text = _path_of(uri).absolute().as_uri().encode()
    return base64.b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode()


def _path_of(uri: str) -> Path:
    return Path(uri.removeprefix("file://"))


def _of_web(uri: str) -> tuple[str | None, int | None, dict[str, Any]]:
    try:
        with closing(_asked(uri, "HEAD")) as reply:
            tag, size = reply.headers.get("ETag"), reply.headers.get("Content-Length")
    except OSError as error:
        raise CommError(
            f"add_reference() cannot ask for the entity tag of what it was given ({error}). Pass "
            f"checksum=False to refer to it without. {uri}",
            error,
        ) from None
    bare = tag.strip('"') if tag else None
    return bare, int(size) if size else None, {"etag": tag} if tag else {}


def _asked(uri: str, method: str) -> Any:
    request = urllib.request.Request(uri, method=method)  # noqa: S310 - http or https, see above
    return urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310 - as above
