"""A run goes through an archive unchanged, and nothing else comes out of one."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tracklab as package
from tests.transfer.test_landing import content
from tracklab.cli.main import main
from tracklab.errors import TrackLabError
from tracklab.storage.zstd import zstandard
from tracklab.transfer.archives import unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.integration

PART = "demo/r1/history.jsonl"


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """Return another data directory with a run that has a blob, files and a child's directory."""
    root = tmp_path / "logged"
    with package.init(
        project="team/demo", id="r1", dir=root, system_monitor=False, settings={"console": "off"}
    ) as run:
        run.log({"x": 1, "long": ["value"] * 10_000})
        (run.run_dir / "files/a/.env").parent.mkdir(parents=True)
        (run.run_dir / "files/a/.env").write_text("ü" * 200)
        (run.run_dir / ("files/" + "long" * 50 + ".txt")).write_text("x")
        (run.run_dir / "files/link").symlink_to("/etc/hostname")
    return root


def entry(name: str, data: bytes = b"x", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member and its content."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def manifest(**files: bytes) -> tuple[tarfile.TarInfo, bytes]:
    """Return the member that says what must be in `demo/r1`."""
    told = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in files.items()
    ]
    runs = [{"project": "demo", "run_id": "r1", "files": told}]
    return entry("tracklab-archive.json", json.dumps({"format": 1, "runs": runs}).encode())


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """Write an archive of these members, whatever they are."""
    with tarfile.open(path, "w") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.zst"])
def test_a_run_is_equal_afterwards(
    ending: str, logged: Path, tmp_path: Path, root: Path, tracklab: Callable[..., Result],
) -> None:  # fmt: skip
    """Every byte of it; the same archive again adds nothing; links stay behind, and it is said."""
    file = tmp_path / f"run.{ending}"
    wanted = ["export", "team/demo/r1", "-o", str(file), "--dir", str(logged)]
    done = CliRunner().invoke(main, wanted)
    assert (done.exit_code, "files/link" in done.stderr) == (0, True)
    assert tracklab("import", "archive", file).output.startswith("new ")
    (logged / "team/demo/r1/files/link").unlink()
    assert content(root) == {k: v for k, v in content(logged).items() if k.startswith("team/")}
    assert tracklab("import", "archive", file).output.startswith("unchanged ")
    assert tracklab("verify", "team/demo/r1").exit_code == 0
    assert not list(tmp_path.glob(".*"))


BAD = {
    "traversal": entry("demo/r1/../../../evil"),
    "dots": entry("demo/r1/./evil"),
    "absolute": entry("/demo/r1/evil"),
    "empty part": entry("demo//r1/evil"),
    "backslash": entry("demo/r1/..\\evil"),
    "too short": entry("evil"),
    "in no run": entry("demo/evil"),
    "reserved": entry(".tracklab/trash/evil"),
    "id": entry("demo/-r/evil"),
    "symlink": entry("demo/r1/evil", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard link": entry("demo/r1/evil", b"", type=tarfile.LNKTYPE, linkname=PART),
    "device": entry("demo/r1/evil", b"", type=tarfile.CHRTYPE),
    "fifo": entry("demo/r1/evil", b"", type=tarfile.FIFOTYPE),
    "directory": entry("demo/r1/evil", b"", type=tarfile.DIRTYPE),
    "sparse": entry(
        "demo/r1/evil", b"", type=tarfile.REGTYPE,
        pax_headers={"GNU.sparse.map": "0,0", "GNU.sparse.size": "999999999999"},
    ),
    "long name": entry("demo/r1/" + "x" * 300),
    "deep": entry("demo/r1/" + "x/" * 100 + "evil"),
    "twice": entry(PART),
    "below a file": entry(PART + "/evil"),
    "not told": entry("demo/r1/evil"),
    "not told, hidden": entry("demo/r1/.evil"),
    "not told, elsewhere": entry("demo/r2/evil"),
    "no UTF-8": entry("demo/r1/evil\udcff"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_must_not_be_in_an_archive_is_refused(
    name: str, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """And nothing of it is kept, here or elsewhere."""
    file = tar(tmp_path / "bad.tar", entry(PART), BAD[name], manifest(**{"history.jsonl": b"x"}))
    before = content(tmp_path)
    done = tracklab("import", "archive", file)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert content(tmp_path) == before
    assert list(root.rglob("*")) in ([], [root / ".tracklab"])


FAULTS = {
    "no manifest": [entry(PART)],
    "missing": [manifest(**{"history.jsonl": b"x"})],
    "other content": [entry(PART, b"y"), manifest(**{"history.jsonl": b"x"})],
    "behind": [manifest(), entry(PART)],
    "no JSON": [entry("tracklab-archive.json", b"{")],
    "other shape": [entry("tracklab-archive.json", b'{"format": 1, "runs": [{"project": 5}]}')],
    "other names": [
        entry("tracklab-archive.json", b'{"format": 1, "runs": [{"project": "../x"}]}')
    ],
    "newer": [entry("tracklab-archive.json", b'{"format": 99, "runs": []}')],
    "no runs": [entry("tracklab-archive.json", b'{"format": 1, "runs": []}')],
    "no run": [entry("demo/r1/x", b"x"), manifest(x=b"x")],
    "longer than it says": [
        entry("tracklab-archive-size.json", b'{"format": 1, "size_bytes": 2048}'),
        entry(PART, b"x" * 9_999),
        manifest(**{"history.jsonl": b"x" * 9_999}),
    ],
    "no room": [entry("tracklab-archive-size.json", b'{"format": 1, "size_bytes": %d}' % 2**60)],
    "size last": [entry(PART), entry("tracklab-archive-size.json", b'{"format": 1}'), manifest()],
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_archive_that_is_not_what_its_manifest_says_is_refused(
    name: str, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """By one sentence."""
    done = tracklab("import", "archive", tar(tmp_path / "bad.tar", *FAULTS[name]))
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert content(root) == {}


def test_a_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """Ten kilobytes that unpack to ten thousand times that; and a header of that size."""
    zeros = 100 * 1024 * 1024
    for number, kind in enumerate((tarfile.REGTYPE, tarfile.XHDTYPE)):
        info = tarfile.TarInfo(PART)
        info.size, info.type = zeros, kind
        file = tmp_path / f"{number}.tar.zst"
        with file.open("wb") as target:
            packed = zstandard().writer(target, zeros + 512)
            packed.write(info.tobuf())
            for _ in range(zeros >> 20):
                packed.write(bytes(1 << 20))
            packed.close()
        done = tracklab("import", "archive", file)
        assert (done.exit_code, content(root)) == (1, {})
        assert "holds more than" in done.stderr


def test_zeros_of_our_own_come_back(
    logged: Path, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """The archive says before all else how much comes; the disk alone decides."""
    zeros = logged / "team/demo/r1/files/zeros.bin"
    with zeros.open("wb") as file:
        file.truncate(96_000_000)
    archive = tmp_path / "run.tar.zst"
    CliRunner().invoke(main, ["export", "team/demo/r1", "-o", str(archive), "--dir", str(logged)])
    assert archive.stat().st_size * 1_000 < zeros.stat().st_size
    assert tracklab("import", "archive", archive).output.startswith("new ")
    assert (root / "team/demo/r1/files/zeros.bin").stat().st_size == 96_000_000


def test_names_that_no_archive_may_have_stay_behind(
    logged: Path, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """And each is told; hidden files are files as any other."""
    run_dir = logged / "team/demo/r1"
    (run_dir / ".hidden").write_text("h")
    for name in (b"b\xff.txt", b"a\\b"):
        (run_dir / os.fsdecode(name)).write_text("x")
    (run_dir / "linked").symlink_to(tmp_path)
    archive = tmp_path / "run.tar"
    wanted = ["export", "team/demo/r1", "-o", str(archive), "--dir", str(logged)]
    done = CliRunner().invoke(main, wanted)
    assert (done.exit_code, done.stderr.count("left out: team/demo/r1/")) == (0, 4)
    assert "b\N{REPLACEMENT CHARACTER}.txt is no name in UTF-8" in done.stderr
    assert tracklab("import", "archive", archive).output.startswith("new ")
    assert (root / "team/demo/r1/.hidden").read_text() == "h"


def two_runs(tmp_path: Path, *addresses: str) -> Path:
    """Return an archive of runs with one line each."""
    told = {"path": "history.jsonl", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    runs = []
    for address in addresses:
        project, _, run_id = address.rpartition("/")
        runs.append({"project": project, "run_id": run_id, "files": [told]})
    last = entry("tracklab-archive.json", json.dumps({"format": 1, "runs": runs}).encode())
    return tar(tmp_path / "two.tar", *(entry(f"{one}/history.jsonl") for one in addresses), last)


@pytest.mark.parametrize(
    ("addresses", "options"),
    [(("a/r1", "b/r1"), ("-p", "p")), (("a/r1", "a/r1/r2"), ()), (("z/r2", "mine/r1/r2"), ())],
)
def test_runs_come_to_places_of_their_own_or_not_at_all(
    addresses: tuple[str, ...], options: tuple[str, ...], tmp_path: Path, root: Path,
    tracklab: Callable[..., Result],
) -> None:  # fmt: skip
    """Not two to one place, none into another of the archive or into one that is there."""
    (root / "mine/r1").mkdir(parents=True)
    (root / "mine/r1/history.jsonl").write_bytes(b"mine")
    done = tracklab("import", "archive", two_runs(tmp_path, *addresses), *options)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "Nothing was changed" in done.stderr
    assert content(root) == {"mine/r1/history.jsonl": b"mine"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_archive_is_whole_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    """Cut or changed anywhere, it leaves the run as it was packed, or nothing."""
    whole = tar(tmp_path / "a.tar", entry(PART, b"line\n" * 300),
                manifest(**{"history.jsonl": b"line\n" * 300})).read_bytes()  # fmt: skip
    packed = gzip.compress(whole, mtime=0) if data.draw(st.booleans()) else whole
    at = data.draw(st.integers(0, len(packed) - 1))
    cut = data.draw(st.booleans())
    changed = packed[:at] if cut else packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]
    file = tmp_path / "changed.tar"
    file.write_bytes(changed)
    root = tmp_path / f"root-{os.urandom(8).hex()}"
    try:
        unpack(file, root)
    except TrackLabError:
        assert content(root) == {}
    else:
        assert content(root) == {PART: b"line\n" * 300}


def test_another_run_of_that_address_is_left_alone(
    logged: Path, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """The archive goes to another project then."""
    file = tar(tmp_path / "a.tar", entry(PART), manifest(**{"history.jsonl": b"x"}))
    (root / PART).parent.mkdir(parents=True)
    (root / PART).write_bytes(b"mine")
    done = tracklab("import", "archive", file)
    assert (done.exit_code, content(root)) == (1, {PART: b"mine"})
    assert tracklab("import", "archive", file, "-p", "a/b", "--dry-run").exit_code == 0
    assert content(root) == {PART: b"mine"}
    assert tracklab("import", "archive", file, "-p", "a/b").exit_code == 0
    assert content(root) == {PART: b"mine", "a/b/r1/history.jsonl": b"x"}


@pytest.mark.parametrize(
    ("name", "says"), [("newer", "newer version"), ("no runs", "no run"), ("no run", "no run")]
)
def test_an_archive_that_cannot_be_runs_says_why(
    name: str, says: str, tmp_path: Path, root: Path, tracklab: Callable[..., Result]
) -> None:
    """What it is in place of runs; and none is written without a run."""
    done = tracklab("import", "archive", tar(tmp_path / "bad.tar", *FAULTS[name]))
    assert says in done.stderr
    written = tracklab("export", "-o", root / "none.tar")
    assert (written.exit_code, content(root)) == (1, {})
    assert "found no run" in written.stderr


def test_an_archive_needs_a_name_of_one(root: Path, tracklab: Callable[..., Result]) -> None:
    """Its ending says how it is compressed."""
    for name in ("run.zip", "run.csv"):
        done = tracklab("export", "--format", "tar", "-o", root / name)
        assert (done.exit_code, content(root)) == (2, {})
        assert ".tar.zst" in done.stderr
