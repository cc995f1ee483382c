"""References to objects in stores: `s3://`, `gs://` and others that fsspec has a driver for.

A store is asked when a reference is added with a checksum, and when it is downloaded; each time
anew, not out of a listing that the driver remembers.
"""

from __future__ import annotations

import os
import re
from contextlib import closing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tracklab.artifacts.manifest import ArtifactManifestEntry, inner_path
from tracklab.errors import CommError, MissingPackageError, TrackLabError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stored_blocks", "stored_objects"]

_BLOCK_BYTES: Final = 1 << 20
#: What to install for each scheme.
_REMOTE: Final = "'tracklab-local[remote]'"
_PACKAGES: Final = {
    "s3": _REMOTE, "gs": _REMOTE, "gcs": _REMOTE, "az": "fsspec adlfs", "abfs": "fsspec adlfs",
}  # fmt: skip
#: How an address names a version of an object, and how a driver is told of it.
_VERSION: Final = {
    "s3": (re.compile(r"\?versionId=([^&]+)\Z"), "?versionId="),
    "gs": (re.compile(r"#(\d+)\Z"), "#"),
    "gcs": (re.compile(r"#(\d+)\Z"), "#"),
}


def stored_objects(
    uri: str, *, name: str | None, checksum: bool, most: int
) -> list[ArtifactManifestEntry]:
    """Return the entries for an object, or for each object below a prefix, by name.

    Raises:
        UsageError: there is no such object, or there are more than `most`.
        MissingPackageError: the store's driver is not installed.
        CommError: the store does not answer, or refuses.
    """
    bare, version = _split(uri)
    key = bare.partition("://")[2].partition("/")[2]
    if not checksum:
        path = inner_path(name if name is not None else key or bare.partition("://")[2])
        return [ArtifactManifestEntry(path, digest=bare, ref=bare, extra=_named(version))]
    with _asking(bare, "add_reference()"):
        store, place = _store(bare, version)
        told = store.info(_at(bare, place, version))
        if told["type"] != "directory":
            path = name if name is not None else place.rpartition("/")[2]
            return [_entry(path, bare, told, version)]
        found = sorted(store.find(place, detail=True).items())
    if not found or len(found) > most:
        raise UsageError(
            f"Exceeded {most} objects tracked, pass max_objects to add_reference. {len(found):,} "
            f"lie below it. {uri}"
            if found
            else f"add_reference() found no object. Give the address of one, or of several. {uri}"
        )
    top, above = place.rstrip("/"), f"{name}/" if name is not None else ""
    return [
        _entry(f"{above}{inner}", f"{bare.rstrip('/')}/{inner}", one, None)
        for inner, one in ((path.removeprefix(f"{top}/"), one) for path, one in found)
    ]


def stored_blocks(entry: ArtifactManifestEntry) -> Iterator[bytes]:
    """Yield what an entry refers to, if it is still what it was, or its version is still there.

    Raises:
        UsageError: it has changed, or is gone.
        MissingPackageError: the store's driver is not installed.
        CommError: the store does not answer, or refuses.
    """
    uri, version = entry.ref_target(), entry.extra.get("versionID")
    untold = entry.digest == uri  # then only a version tells one content from another
    with _asking(uri, "download()"):
        for known in [version] if untold else dict.fromkeys([None, version]):
            store, place = _store(uri, known)
            place = _at(uri, place, known)
            if untold or _tag_at(store, place) == entry.digest:
                with closing(store.open(place, "rb")) as reply:
                    while block := reply.read(_BLOCK_BYTES):
                        yield block
                return
    raise UsageError(
        f"Digest mismatch: {entry.path!r} refers to an object that has changed since, or is gone; "
        f"it was {entry.digest!r}. Add the reference to a new version. {uri}"
    )


def _tag_at(store: Any, place: str) -> str | None:
    try:
        return _tag(store.info(place))
    except FileNotFoundError:
        return None


def _split(uri: str) -> tuple[str, str | None]:
    """Return an address without the version that it names, and that."""
    pattern, _ = _VERSION.get(uri.partition("://")[0], (None, ""))
    found = pattern.search(uri) if pattern else None
    return (uri[: found.start()], found[1]) if found else (uri, None)


def _at(uri: str, place: str, version: str | None) -> str:
    """Return how a driver is told where a version of an object lies."""
    return f"{place}{_VERSION[uri.partition('://')[0]][1]}{version}" if version else place


def _store(uri: str, version: str | None) -> tuple[Any, str]:
    """Return the store of an address, and where in it that lies."""
    options: dict[str, Any] = {"use_listings_cache": False}
    if version is not None:
        options["version_aware"] = True
    endpoint = os.environ.get("AWS_S3_ENDPOINT_URL")
    if endpoint and uri.startswith("s3:"):  # as for wandb
        options["endpoint_url"] = endpoint
    store, place = import_module("fsspec.core").url_to_fs(uri, **options)
    return store, place


def _entry(path: str, uri: str, told: dict[str, Any], version: str | None) -> ArtifactManifestEntry:
    tag = _tag(told)
    generation = version or told.get("generation")
    extra = {**({"etag": tag} if tag else {}), **_named(generation)}
    return ArtifactManifestEntry(
        inner_path(path), digest=tag or uri, size=told.get("size"), ref=uri, extra=extra
    )


def _tag(told: dict[str, Any]) -> str | None:
    """Return what a store tells a content by."""
    tag = told.get("ETag") or told.get("etag") or told.get("md5Hash")
    return str(tag).strip('"') if tag else None


def _named(version: str | None) -> dict[str, str]:
    return {"versionID": str(version)} if version else {}


@contextmanager
def _asking(uri: str, what: str) -> Iterator[None]:
    """Turn what drivers raise, each errors of its own, into ours."""
    scheme = uri.partition("://")[0]
    try:
        yield
    except TrackLabError:
        raise
    except FileNotFoundError as error:
        kind = UsageError if what == "add_reference()" else CommError
        raise kind(
            f"{what} found no object of this address ({error}). Check bucket and key. {uri}"
        ) from None
    except ImportError as error:
        raise MissingPackageError(
            f"{scheme}:// references need a package for that store: {error.name or 'fsspec'} is "
            f"not installed. Run `pip install {_PACKAGES.get(scheme, 'fsspec')}`, or pass "
            f"checksum=False. {uri}"
        ) from None
    except Exception as error:  # noqa: BLE001 - drivers have no common error
        raise CommError(
            f"{what} cannot ask the store ({type(error).__name__}: {error}). Check credentials and "
            f"endpoint, or pass checksum=False to refer to it without. {uri}",
            error,
        ) from None
