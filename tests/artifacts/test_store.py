"""The store: each content once, versions whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import orjson
import pytest

import tracklab
from tests.artifacts.conftest import artifact
from tests.crash.needs import needs_strace
from tracklab.artifacts.copying import link_or_clone
from tracklab.artifacts.layout import blob_path, buildings, pool_dir, pool_lock
from tracklab.artifacts.upkeep import check, collect, plan, repair
from tracklab.artifacts.versions import Version, aliases_of, living
from tracklab.errors import CommError

if TYPE_CHECKING:
    from tracklab.sdk.run import Run

REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 120
LATER_S = 40 * 86_400.0


def blobs(root: Path) -> list[Path]:
    """Return every content in the pool."""
    return sorted(path for path in pool_dir(root).rglob("?" * 64) if path.is_file())


def disk_bytes(path: Path) -> int:
    """Return what a directory takes on disk, each inode once. The judge: `du` counts so."""
    done = subprocess.run(["du", "-s", "-B1", path], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def harmful(root: Path, *, now_s: float | None = None) -> list[str]:
    """Return what cannot be read as it was logged."""
    found = check(root, now_s=now_s or time.time(), grace_s=0)
    return [f"{fault.kind} {fault.path}" for fault in found if fault.harmful]


def logger(root: Path, *arguments: object, under: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start a program that logs versions."""
    command = [*under, sys.executable, "-B", "-m", "tests.artifacts.loggers", str(root)]
    return subprocess.Popen(
        [*command, *map(str, arguments)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


def assert_whole(root: Path, acknowledged: list[str]) -> None:
    """Every version can be read, and those that were acknowledged are there."""
    versions = living(root, "dataset", "a")
    for version in versions:
        paths = version.manifest().entries
        assert sorted(paths) == ["same", "sub/copy", "sub/new"]
        assert version.told["file_count"] == 3
    texts = {version.label: (version.path / "files/sub/new").read_text() for version in versions}
    told = dict(line.split() for line in acknowledged)
    assert told == {label: texts[label] for label in told}
    assert harmful(root) == []


def test_ten_equal_files_cost_one(run: Run, root: Path, tmp_path: Path) -> None:
    """In one version and in ten; `du` agrees."""
    content = os.urandom(1_000_000)
    made = tracklab.Artifact("ten", "dataset")
    for number in range(10):
        (tmp_path / f"{number}.bin").write_bytes(content)
        made.add_file(tmp_path / f"{number}.bin")
    run.log_artifact(made)
    for number in range(9):
        one = tracklab.Artifact(f"one-{number}", "dataset")
        one.add_file(tmp_path / f"{number}.bin")
        run.log_artifact(one)
    del made, one
    assert len(blobs(root)) == 1
    assert disk_bytes(root / "artifacts") < 1_400_000


@pytest.mark.parametrize("name", ["own", "download"])
def test_a_write_to_a_users_file_changes_no_version(
    run: Run, root: Path, tree: Path, name: str
) -> None:
    """Neither to the file that was added nor to a copy that was downloaded."""
    run.log_artifact(tree, name="t", type="dataset")
    found = run.use_artifact("t:latest")
    target = tree / "a.txt" if name == "own" else Path(found.download(), "a.txt")
    assert target.stat().st_nlink == 1
    with open(target, "r+", encoding="utf-8") as file:
        file.write("HELLO")
    assert harmful(root) == []
    assert Path(found.download("again"), "a.txt").read_text() == "hello"


def test_contents_are_read_only(run: Run, root: Path) -> None:
    """Whoever opens a version's own file for writing is refused, unless they are root."""
    run.log_artifact(artifact("a", x="1"))
    file = root / "artifacts/dataset/a/v0/files/x"
    assert file.stat().st_mode & 0o222 == 0
    assert file.stat().st_ino == blobs(root)[0].stat().st_ino


def test_the_whole_layout_is_as_documented(run: Run, root: Path) -> None:
    """Every path of a store with one version."""
    run.log_artifact(artifact("a", **{"d/x": "1"}))
    place = root / "artifacts"
    sha = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    found = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert {path for path in found if ".building" not in path} == {
        ".dedup/.gate", ".dedup/.lock", f".dedup/6b/{sha}", "dataset/a/.lock",
        "dataset/a/versions.json", "dataset/a/v0/manifest.json", "dataset/a/v0/metadata.json",
        "dataset/a/v0/files/d/x",
    }  # fmt: skip


def test_versions_json_can_be_had_again(run: Run, root: Path) -> None:
    """It says what the versions say, and `repair` writes it anew."""
    run.log_artifact(artifact("a", x="1"), aliases=["best"])
    path = root / "artifacts/dataset/a/versions.json"
    told = orjson.loads(path.read_bytes())
    assert [(one["version"], one["aliases"]) for one in told["versions"]] == [
        ("v0", ["latest", "best"])
    ]
    path.write_text("{}")
    faults = check(root, now_s=time.time())
    assert [(fault.kind, fault.harmful) for fault in faults] == [("stale", False)]
    assert repair(root, faults) == faults
    assert orjson.loads(path.read_bytes()) == told


@pytest.mark.functional
def test_loggers_at_once_get_numbers_of_their_own(root: Path) -> None:
    """Eight processes with ten versions each: none is lost, none is overwritten."""
    programs = [logger(root, "a", 10, f"s{seed}") for seed in range(8)]
    said = [program.communicate(timeout=PATIENCE_S)[0].splitlines() for program in programs]
    told = [line for lines in said for line in lines]
    assert len(told) == 80
    assert sorted(int(line.split()[0][1:]) for line in told) == list(range(80))
    assert_whole(root, told)
    held = aliases_of(living(root, "dataset", "a"))
    assert [number for number, aliases in held.items() if "best" in aliases] == [
        max(living(root, "dataset", "a"), key=claim).number
    ]
    assert len(blobs(root)) == 81


def claim(version: Version) -> int:
    """Return the number of a version's claim on the alias that all gave."""
    return int(version.claims["best"]["claim"])


@pytest.mark.functional
def test_a_killed_logger_leaves_no_half_version(root: Path) -> None:
    """Killed at six moments by chance; the next one goes on, and what was begun can go."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    acknowledged: list[str] = []
    for round_ in range(6):
        program = logger(root, "a", 1_000, f"r{round_}")
        assert program.stdout is not None
        acknowledged.append(program.stdout.readline().strip())
        time.sleep(chance.random() / 20)
        program.send_signal(signal.SIGKILL)
        rest = program.communicate(timeout=PATIENCE_S)[0]
        acknowledged += [line for line in rest.splitlines() if line.count("-") == 1]
        assert_whole(root, acknowledged)
    assert_tidy(root)


def assert_tidy(root: Path) -> None:
    """What killed programs left goes, and nothing else."""
    before = [version.label for version in living(root, "dataset", "a")]
    planned = plan(root, now_s=time.time(), grace_s=0)
    assert collect(root, planned, now_s=time.time()) == planned
    assert buildings(root) == []
    assert [version.label for version in living(root, "dataset", "a")] == before
    repair(root, check(root, now_s=time.time(), grace_s=0))
    assert check(root, now_s=time.time(), grace_s=0) == []


CHANGING = ("mkdir", "rename", "link", "unlink", "fsync", "fchmod", "chmod", "flock", "sendfile")


@pytest.mark.system
@needs_strace
@pytest.mark.parametrize("call", CHANGING)
def test_a_crash_at_any_call_leaves_whole_versions(root: Path, call: str) -> None:
    """Killed on the way into each call that changes the disk, until the program comes through."""
    for number in range(1, 200):
        under = (
            "strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}",
            "-e", f"inject={call}:signal=SIGKILL:when={number}",
        )  # fmt: skip
        program = logger(root, "a", 2, f"{call}{number}", under=under)
        said = program.communicate(timeout=PATIENCE_S)[0].splitlines()
        assert_whole(root, [line for line in said if line.count("-") == 1])
        if program.returncode == 0:
            break
    assert program.returncode == 0
    assert_tidy(root)


@pytest.fixture
def kept(run: Run, root: Path) -> Path:
    """Return the path of a content that one version has."""
    run.log_artifact(artifact("a", x="content"))
    [blob] = blobs(root)
    return blob


def test_a_flipped_bit_is_found(kept: Path, root: Path) -> None:
    """Once, with the version that has it; no cure is named that would not help."""
    kept.chmod(0o600)
    kept.write_bytes(b"Content")
    [fault] = check(root, now_s=time.time())
    assert (fault.kind, fault.path) == ("flipped", kept.relative_to(root).as_posix())
    assert fault.detail.endswith(": p/a:v0 x")
    assert "--repair" not in fault.cure
    assert repair(root, [fault]) == []


def test_a_damaged_content_is_cured_with_all_its_names(kept: Path, run: Run, root: Path) -> None:
    """From the one copy that is sound, if it is a file of its own."""
    run.log_artifact(artifact("b", y="content"))
    own = root / "artifacts/dataset/b/v0/files/y"
    own.unlink()
    own.write_text("content")
    kept.chmod(0o600)
    kept.write_bytes(b"Content")
    faults = check(root, now_s=time.time())
    assert [("--repair" in fault.cure) for fault in faults] == [True]
    assert repair(root, faults) == faults
    assert harmful(root) == []
    assert (root / "artifacts/dataset/a/v0/files/x").read_text() == "content"


def test_an_artifact_without_versions_is_no_fault(root: Path) -> None:
    """As a logger that was killed early leaves it."""
    (root / "artifacts/dataset/a").mkdir(parents=True)
    assert check(root, now_s=time.time()) == []


@pytest.mark.parametrize("lost", ["pool", "version"])
def test_a_missing_content_is_taken_from_its_other_place(kept: Path, root: Path, lost: str) -> None:
    """And is then the same again."""
    path = kept if lost == "pool" else root / "artifacts/dataset/a/v0/files/x"
    path.unlink()
    faults = check(root, now_s=time.time())
    assert [(fault.kind, fault.path) for fault in faults] == [
        ("missing", path.relative_to(root).as_posix())
    ]
    assert repair(root, faults) == faults
    assert check(root, now_s=time.time()) == []
    assert path.read_text() == "content"


def test_a_damaged_copy_is_set_aside(kept: Path, root: Path) -> None:
    """Where the file system has no links, one of two copies may be sound."""
    file = root / "artifacts/dataset/a/v0/files/x"
    file.unlink()
    file.write_text("damaged")
    faults = check(root, now_s=time.time())
    assert repair(root, faults) == faults
    assert (file.read_text(), file.with_name("x.damaged").read_text()) == ("content", "damaged")


def test_a_damaged_content_is_not_used_again(kept: Path, run: Run, root: Path) -> None:
    """Whoever logs it again brings a sound one, and the damaged one is set aside."""
    kept.chmod(0o600)
    kept.write_bytes(b"cont")
    run.log_artifact(artifact("b", x="content"))
    assert (root / "artifacts/dataset/b/v0/files/x").read_text() == "content"
    assert kept.with_name(f"{kept.name}.damaged").read_text() == "cont"


def test_a_damaged_content_of_the_same_size_is_not_used_again(
    kept: Path, run: Run, root: Path
) -> None:
    """Neither of the contents is lost."""
    kept.chmod(0o600)
    kept.write_bytes(b"Content")
    run.log_artifact(artifact("b", x="content"))
    assert (root / "artifacts/dataset/b/v0/files/x").read_text() == "content"
    assert (kept.read_text(), kept.with_name(f"{kept.name}.damaged").read_text()) == (
        "content", "Content",
    )  # fmt: skip


def test_a_damaged_version_is_followed_by_a_sound_one(kept: Path, run: Run) -> None:
    """When its content is logged again: it is not taken for the same."""
    kept.chmod(0o600)
    kept.write_bytes(b"Content")
    again = run.log_artifact(artifact("a", x="content"))
    assert (again.version, run.use_artifact("a").version) == ("v1", "v1")
    assert Path(again.download("out"), "x").read_text() == "content"


def test_a_damaged_content_is_not_given_out(kept: Path, run: Run) -> None:
    """The error names the file and the cure, and nothing lies under its name."""
    kept.chmod(0o600)
    kept.write_bytes(b"Content")
    with pytest.raises(CommError, match=r"'x' is damaged.*tracklab fsck"):
        run.use_artifact("a").download("out")
    assert os.listdir("out") == []


def test_tidying_waits_for_no_stream_of_loggers(kept: Path, run: Run, root: Path) -> None:
    """Two programs that log without a pause let it in."""
    run.use_artifact("a:v0").delete()
    loggers = [logger(root, f"l{seed}", 1_000_000, seed) for seed in range(2)]
    try:
        for one in loggers:
            assert one.stdout is not None
            assert one.stdout.readline()
        done = subprocess.run(
            [Path(sys.executable).with_name("tracklab"), "artifact", "gc", "--grace", "0s"],
            env={**os.environ, "TRACKLAB_DATA_DIR": str(root)},
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert all(one.poll() is None for one in loggers)
    finally:
        for one in loggers:
            one.kill()
            one.communicate()
    assert (done.returncode, done.stderr) == (0, "")
    assert "blob" in done.stdout
    assert not kept.exists()


def test_who_comes_later_waits_for_who_tidies(root: Path) -> None:
    """Else those who log would never leave a gap."""
    came: list[str] = []

    def come(name: str, *, exclusive: bool) -> None:
        with pool_lock(root, exclusive=exclusive):
            came.append(name)

    threads = [Thread(target=come, args=("tidy",), kwargs={"exclusive": True}),
               Thread(target=come, args=("later",), kwargs={"exclusive": False})]  # fmt: skip
    with pool_lock(root):
        threads[0].start()
        while not is_locked(pool_dir(root) / ".gate"):
            assert threads[0].is_alive()
        threads[1].start()
        threads[1].join(0.2)
        assert came == []
    for thread in threads:
        thread.join(PATIENCE_S)
    assert came == ["tidy", "later"]


def is_locked(path: Path) -> bool:
    """Return whether somebody keeps all others from a file."""
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_contents_come_across_file_systems(run: Run, root: Path) -> None:
    """As copies that are whole when they have their name: there are no links between two."""
    shared = Path("/dev/shm")  # noqa: S108 - a second file system, on most machines
    if not shared.is_dir() or shared.stat().st_dev == root.stat().st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shared) as elsewhere:
        source = Path(elsewhere, "x")
        source.write_text("content")
        link_or_clone(source, root / "copy")
        made = tracklab.Artifact("a", "dataset")
        made.add_file(source)
        run.log_artifact(made)
    assert (root / "copy").read_text() == "content"
    assert sorted(path.name for path in root.iterdir() if path.is_file()) == ["copy"]
    assert harmful(root) == []


@pytest.mark.parametrize("name", ["manifest.json", "metadata.json"])
def test_an_unreadable_document_stops_a_collection(
    kept: Path, run: Run, root: Path, name: str
) -> None:
    """What the version refers to is not known, so nothing may go; a new version is whole."""
    (root / "artifacts/dataset/a/v0" / name).write_text("{")
    assert harmful(root) == [f"unreadable artifacts/dataset/a/v0/{name}"]
    assert run.log_artifact(artifact("a", x="content")).version == "v1"
    with pytest.raises(tracklab.TrackLabError, match="damaged"):
        plan(root, now_s=time.time() + LATER_S, grace_s=0)


def test_what_no_version_has_goes_after_a_while(kept: Path, run: Run, root: Path) -> None:
    """Not before, and only that; the dry run says exactly what goes."""
    run.use_artifact("a:v0").delete()
    run.log_artifact(artifact("b", y="other"))
    assert plan(root, now_s=time.time()) == []
    planned = plan(root, now_s=time.time(), grace_s=0)
    assert [(waste.kind, waste.path) for waste in planned] == [
        ("blob", kept.relative_to(root).as_posix())
    ]
    assert collect(root, planned, now_s=time.time()) == planned
    assert blobs(root) == [blob_path(root, blobs(root)[0].name)]
    assert harmful(root) == []


def test_what_was_logged_after_the_plan_stays(kept: Path, run: Run, root: Path) -> None:
    """The same content came back meanwhile."""
    run.use_artifact("a:v0").delete()
    planned = plan(root, now_s=time.time(), grace_s=0)
    run.log_artifact(artifact("again", x="content"))
    assert collect(root, planned, now_s=time.time()) == []
    assert harmful(root) == []


def test_a_time_to_live_is_kept_by_the_collection_only(kept: Path, run: Run, root: Path) -> None:
    """Until it is called the version can be used; then it goes, with its content."""
    made = run.use_artifact("a:v0")
    made.ttl = timedelta(days=30)
    later_s = time.time() + LATER_S
    assert plan(root, now_s=time.time(), grace_s=0) == []
    planned = plan(root, now_s=later_s, grace_s=0)
    assert [waste.kind for waste in planned] == ["expired", "blob"]
    collect(root, planned, now_s=later_s)
    assert (living(root, "dataset", "a"), blobs(root)) == ([], [])


def test_a_draft_at_work_is_let_alone(run: Run, root: Path) -> None:
    """Its process lives, whatever its age."""
    made = artifact("a", x="1")
    assert plan(root, now_s=time.time() + 1, grace_s=0) == []
    assert run.log_artifact(made).version == "v0"


def test_a_content_that_is_gone_is_told(kept: Path, run: Run, root: Path) -> None:
    """A new draft of a version needs what that version held; nothing half is made of it."""
    made = run.use_artifact("a:v0")
    draft = made.new_draft()
    kept.unlink()
    with draft.new_file("y") as file:
        file.write("more")
    with pytest.raises(tracklab.StorageError, match="tracklab fsck"):
        run.log_artifact(draft)
    assert [version.label for version in living(root, "dataset", "a")] == ["v0"]
