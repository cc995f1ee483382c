"""Artifacts in wandb's logs: each record has the manifest, and says where its files were staged.

wandb copies what is added to an artifact below its own data directory, and leaves it there while it
is offline. A log may name any file of this machine, so only files below that directory and the
source are taken, and none that has another MD5 than the manifest says.

Source: the message descriptors of wandb 0.31.0, and logs that it wrote.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.transfer.things import Content, Lost, Made
from tracklab.transfer.trees import within
from tracklab.transfer.wandb_fields import json_value
from tracklab.transfer.wire import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.transfer.things import Thing

__all__ = ["logged", "used"]

# Numbers of the fields of an ArtifactRecord.
_TYPE, _NAME, _DESCRIPTION, _METADATA, _USED, _ALIASES = 4, 5, 7, 8, 10, 11
_MANIFEST, _FINALIZE, _TAGS, _INCREMENTAL = 12, 14, 19, 100
# Of its manifest, and of an entry in that.
_CONTENTS, _IN_A_FILE = 4, 5
_PATH, _DIGEST, _REF, _SIZE, _LOCAL, _EXTRA = 1, 2, 3, 4, 6, 16


def logged(record: Message, *, tops: tuple[Path, ...], at_s: float) -> Iterator[Thing]:
    """Yield the version that a record tells of, or why it cannot be had."""
    kind, name, manifest = record.text(_TYPE), record.text(_NAME), record.message(_MANIFEST)
    what = f"the artifact {name!r} of type {kind!r}"
    if record.flag(_INCREMENTAL) or not record.flag(_FINALIZE):
        yield Lost(f"{what}: it is a part of one, and the log does not hold the others")
    elif manifest.text(_IN_A_FILE):
        yield Lost(f"{what}: the log does not hold its list of files")
    else:
        allowed = (*tops, _staging())
        metadata = json_value(record.data(_METADATA) or b"{}")
        yield Made(
            kind, name, tuple(_content(Message(one), allowed) for one in manifest.each(_CONTENTS)),
            aliases=tuple(record.texts(_ALIASES)), tags=tuple(record.texts(_TAGS)),
            description=record.text(_DESCRIPTION) or None,
            metadata=metadata if isinstance(metadata, dict) else {},
            used=record.flag(_USED), timestamp_s=at_s,
        )  # fmt: skip


def used(record: Message) -> Iterator[Thing]:
    """Yield that a version of wandb's server was used: which of ours that is nobody can tell."""
    yield Lost(
        f"that the run used the artifact {record.text(3)!r} of type {record.text(2)!r}: the log "
        "does not say what that held"
    )


def _staging() -> Path:
    """Return where wandb keeps what was added to artifacts of this user."""
    told = os.environ.get("WANDB_DATA_DIR")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(told or Path(data, "wandb")) / "artifacts" / "staging"


def _content(entry: Message, tops: tuple[Path, ...]) -> Content:
    path, ref, local = entry.text(_PATH), entry.text(_REF), Path(entry.text(_LOCAL))
    extra = (Message(item) for item in entry.each(_EXTRA))
    places = (local, *(top / local.name for top in tops))  # a name that nothing else has
    there = next((one for one in places if within(one, *tops)), None) if local.name else None
    missing = ""
    if there is None and within(local, Path(local.anchor or "/")):
        missing = f"its file {path!r} lies elsewhere and comes with --files-from {local.parent}"
    return Content(
        path, entry.text(_DIGEST), size_bytes=entry.whole(_SIZE) if _SIZE in entry else None,
        ref=ref or None, extra=_told(extra), local=there, missing=missing,
    )  # fmt: skip


def _told(items: Iterator[Message]) -> tuple[tuple[str, Any], ...]:
    return tuple((item.text(1), json_value(item.data(2))) for item in items)
