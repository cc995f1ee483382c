"""Versions as they lie on disk, and which of them an address means.

Each version's own `metadata.json` is the truth, of its aliases too: an alias belongs to the
version whose claim on it has the highest number, so that it moves by the replacement of one file.
`versions.json` says the same for whoever reads it with `jq`; nothing here does.

Names belong to the data directory and versions of one name are numbered through. Aliases belong
to a project: what one project calls `best` is not touched by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracklab.artifacts.layout import collection_dir, collections, version_dirs, version_numbers
from tracklab.artifacts.manifest import ArtifactManifest
from tracklab.artifacts.names import version_number
from tracklab.artifacts.states import ArtifactState
from tracklab.errors import CommError
from tracklab.storage.documents import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tracklab.artifacts.names import Address

__all__ = [
    "LATEST",
    "Version",
    "aliases_of",
    "collection",
    "find_version",
    "last_claim",
    "living",
    "newest_of",
    "read_version",
]

LATEST = "latest"


@dataclass(frozen=True)
class Version:
    """One version of an artifact.

    Attributes:
        kind: its type.
        name: its name.
        number: 3 of `v3`.
        path: its directory.
        told: its `metadata.json`.
    """

    kind: str
    name: str
    number: int
    path: Path
    told: dict[str, Any]

    @property
    def label(self) -> str:
        """`v3`."""
        return f"v{self.number}"

    @property
    def address(self) -> str:
        """`project/name:v3`, which names it in its data directory."""
        return f"{self.project}/{self.name}:{self.label}"

    @property
    def project(self) -> str:
        """The project whose run logged it."""
        return str(self.told.get("project", ""))

    @property
    def digest(self) -> str:
        """The digest over all entries."""
        return str(self.told.get("digest", ""))

    @property
    def deleted(self) -> bool:
        """Whether only its number is left."""
        return self.told.get("state") == ArtifactState.DELETED.value

    @property
    def claims(self) -> dict[str, Any]:
        """What it says of aliases: for each the number of the claim, and whether it is held."""
        claims = self.told.get("aliases")
        return claims if isinstance(claims, dict) else {}

    def manifest(self) -> ArtifactManifest:
        """Return its entries.

        Raises:
            CommError: its manifest is missing or damaged.
        """
        told = read_json(self.path / "manifest.json")
        if told is None or not isinstance(told.get("contents"), dict):
            raise CommError(
                f"The manifest of {self.address} is missing or damaged. `tracklab fsck` says "
                "more, and what can be done."
            )
        return ArtifactManifest.from_manifest_json(told)


def read_version(kind: str, name: str, number: int, path: Path) -> Version | None:
    """Return the version in a directory; None if its metadata are missing or damaged."""
    told = read_json(path / "metadata.json")
    return None if told is None else Version(kind, name, number, path, told)


def collection(root: Path, kind: str, name: str) -> list[Version]:
    """Return the versions of an artifact by number, deleted ones too.

    Cost: a small read for each.
    """
    directory = collection_dir(root, kind, name)
    found = (read_version(kind, name, number, path) for number, path in version_dirs(directory))
    return [version for version in found if version]


def living(root: Path, kind: str, name: str) -> list[Version]:
    """Return the versions of an artifact that were not deleted, by number."""
    return [version for version in collection(root, kind, name) if not version.deleted]


def newest_of(root: Path, kind: str, name: str, project: str) -> Version | None:
    """Return a project's newest version of an artifact; None if it has none.

    Cost: a small read, and one more for each newer version that was deleted or is of another
        project.
    """
    directory = collection_dir(root, kind, name)
    for number in reversed(version_numbers(directory)):
        version = read_version(kind, name, number, directory / f"v{number}")
        if version and not version.deleted and version.project == project:
            return version
    return None


def aliases_of(versions: Sequence[Version]) -> dict[int, list[str]]:
    """Return the aliases of each version by its number, `latest` first.

    Args:
        versions: all of a collection, by number; what deleted ones say of aliases counts, too.
    """
    best: dict[tuple[str, str], tuple[int, int, bool]] = {}
    newest: dict[str, int] = {}
    for version in versions:
        if not version.deleted:
            newest[version.project] = version.number
        for alias, claim in version.claims.items():
            place = (version.project, alias)
            told = (int(claim.get("claim", 0)), version.number, bool(claim.get("held")))
            best[place] = max(best.get(place, told), told)
    found: dict[int, list[str]] = {version.number: [] for version in versions}
    for number in newest.values():
        found[number].append(LATEST)
    for (_, alias), (_, number, held) in sorted(best.items()):
        if held and alias != LATEST:
            found[number].append(alias)
    return found


def last_claim(versions: Iterable[Version]) -> int:
    """Return the highest number of a claim so far."""
    return max(
        (int(claim.get("claim", 0)) for one in versions for claim in one.claims.values()),
        default=0,
    )


def find_version(
    root: Path, address: Address, *, kind: str | None = None, project: str | None = None
) -> Version:
    """Return the version that an address means.

    Args:
        root: the data directory.
        address: what was asked for.
        kind: its type; None for any.
        project: where to look first if the address names no project; if nothing there has the
            name, all projects are looked through.

    Raises:
        CommError: there is none, or several are meant.
    """
    known = [
        collection(root, found, name)
        for found, name, _ in collections(root)
        if name == address.name and kind in {None, found}
    ]
    place = address.project or project
    own = [one for one in known if any(v.project == place and not v.deleted for v in one)]
    searched = [
        [version for version in one if version.project == place] for one in own
    ] if own or address.project else known  # fmt: skip
    matches = [version for one in searched for version in _meant(one, address.alias)]
    if len(matches) == 1:
        return matches[0]
    raise CommError(_why_not(address, kind, matches, [one for every in known for one in every]))


def _meant(versions: list[Version], alias: str) -> list[Version]:
    number = version_number(alias)
    if number is not None:
        return [one for one in versions if one.number == number and not one.deleted]
    held = aliases_of(versions)
    found = [
        one
        for one in versions
        if not one.deleted and (alias in held[one.number] or one.digest == alias)
    ]
    return found[-1:] if alias == LATEST or (found and found[-1].digest == alias) else found


def _why_not(
    address: Address, kind: str | None, matches: list[Version], known: list[Version]
) -> str:
    asked = f"{address.name}:{address.alias}"
    if matches:
        shown = ", ".join(f"{one.address} ({one.kind})" for one in matches[:5])
        return (
            f"The artifact {asked!r} is not unique: {shown} have that name. Write the project "
            "before it, or give its type."
        )
    whose = f" of type {kind!r}" if kind else ""
    where = f" in project {address.project!r}" if address.project else ""
    shown = ", ".join(dict.fromkeys(one.address for one in known[-5:])) or "none"
    return (
        f"There is no artifact {asked!r}{whose}{where}. Versions of that name: {shown}. "
        "`tracklab artifact ls` lists all."
    )
