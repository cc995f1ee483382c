"""Versions: when there is a new one, what they are called, and what can be had of them."""

from __future__ import annotations

import math
import os
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import PIL.Image
import pytest

import tracklab
from tests.artifacts.conftest import artifact, begin
from tracklab.artifacts.exceptions import ArtifactFinalizedError
from tracklab.errors import CommError, StorageError, UsageError
from tracklab.media.joined import JoinedTable, PartitionedTable
from tracklab.media.value import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracklab.sdk.run import Run


def told(run: Run) -> list[tuple[str, str]]:
    """Return what the run's events say of artifacts: what it did, and with which."""
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    found = [line["data"] for line in lines if line["logger"] == "tracklab.artifact"]
    return [(data["op"], f"{data['type']}/{data['name']}:{data['version']}") for data in found]


def test_only_another_content_makes_a_new_version(run: Run) -> None:
    """The same again moves aliases and makes none."""
    first = run.log_artifact(artifact("a", x="1"), aliases=["one"])
    again = run.log_artifact(artifact("a", x="1"), aliases="best")
    other = run.log_artifact(artifact("a", x="2"))
    assert [one.name for one in (first, again, other)] == ["a:v0", "a:v0", "a:v1"]
    assert run.use_artifact("a:best").aliases == ["best", "one"]
    assert run.use_artifact("a").aliases == ["latest"]


def test_bytes_come_back_as_they_were(run: Run, tree: Path) -> None:
    """Each file at its path, in a directory that `verify` agrees with."""
    run.log_artifact(tree, name="t", type="dataset")
    found = run.use_artifact("t:latest")
    place = Path(found.download())
    assert place == Path("artifacts/t:v0")
    for path in ("a.txt", "b.bin", "sub/c.txt"):
        assert (place / path).read_bytes() == (tree / path).read_bytes()
    found.verify()
    (place / "a.txt").write_text("changed")
    with pytest.raises(ValueError, match=r"a\.txt"):
        found.verify()
    assert found.download() == str(place)
    found.verify()


def test_an_alias_moves_and_can_be_taken_away(run: Run) -> None:
    """It names one version at most, and does not come back when that one is deleted."""
    first = run.log_artifact(artifact("a", x="1"), aliases=["best"])
    second = run.log_artifact(artifact("a", x="2"), aliases=["best"])
    assert run.use_artifact("a:best").version == "v1"
    second.delete(delete_aliases=True)
    with pytest.raises(CommError, match="no artifact 'a:best'"):
        run.use_artifact("a:best")
    assert (run.use_artifact("a:latest").version, second.state) == ("v0", "DELETED")
    first.aliases = []
    assert run.use_artifact("a:v0").aliases == ["latest"]


def test_a_number_is_never_given_twice(run: Run) -> None:
    """Not even that of the newest version when it was deleted."""
    run.log_artifact(artifact("a", x="1"))
    run.log_artifact(artifact("a", x="2")).delete()
    assert run.log_artifact(artifact("a", x="2")).version == "v2"


def test_a_version_with_aliases_is_not_deleted_by_mistake(run: Run) -> None:
    """Somebody may count on them."""
    made = run.log_artifact(artifact("a", x="1"), aliases=["prod"])
    with pytest.raises(UsageError, match="delete_aliases=True"):
        made.delete()


def test_what_is_said_of_a_version_can_change(run: Run) -> None:
    """By assignment, and in place with `save()`; another program sees it."""
    made = run.log_artifact(artifact("a", x="1"), tags=["t1"])
    made.description, made.ttl = "good", timedelta(days=3)
    made.metadata["accuracy"] = 0.9
    made.tags.append("t2")
    made.aliases.append("prod")
    made.save()
    found = run.use_artifact("a:prod")
    assert (found.description, found.metadata, found.tags) == (
        "good", {"accuracy": 0.9}, ["t1", "t2"],
    )  # fmt: skip
    assert (found.ttl, found.aliases) == (timedelta(days=3), ["latest", "prod"])
    assert found.digest == made.digest


def test_what_a_version_holds_cannot_change(run: Run) -> None:
    """A draft with the same files can."""
    made = run.log_artifact(artifact("a", x="1"))
    with pytest.raises(ArtifactFinalizedError):
        made.add_reference("s3://a/b", checksum=False)
    draft = made.new_draft()
    draft.add_reference("s3://a/b", checksum=False)
    draft.remove("x")
    assert run.log_artifact(draft).version == "v1"
    assert list(run.use_artifact("a:v1").manifest.entries) == ["b"]


def test_an_incremental_artifact_goes_on_from_the_newest(run: Run) -> None:
    """Files that it does not name stay."""
    run.log_artifact(artifact("a", x="1", y="1"))
    made = tracklab.Artifact("a", "dataset", incremental=True)
    with made.new_file("y") as file:
        file.write("2")
    run.log_artifact(made)
    place = Path(run.use_artifact("a").download())
    assert [(place / name).read_text() for name in ("x", "y")] == ["1", "2"]


def test_projects_share_numbers_and_nothing_else(run: Run, root: Path) -> None:
    """A name is looked up in the run's own project first; aliases belong to a project."""
    run.log_artifact(artifact("a", x="1"), aliases=["best"])
    with begin(root, "second", project="q") as other:
        assert other.use_artifact("a:best").project == "p"
        mine = other.log_artifact(artifact("a", x="1"), aliases=["best"])
        assert (mine.version, other.use_artifact("a:best").project) == ("v1", "q")
        with pytest.raises(CommError, match="p/a:v0"):
            other.use_artifact("a:v0")
        assert other.use_artifact("p/a:v0").project == "p"
        assert other.use_artifact(f"{other.entity}/p/a:best").version == "v0"
    assert run.use_artifact("a:latest").version == "v0"


def test_one_name_of_two_types_needs_the_type(run: Run) -> None:
    """The message says which there are."""
    run.log_artifact(artifact("a", x="1"))
    model = tracklab.Artifact("a", "model")
    run.log_artifact(model)
    with pytest.raises(CommError, match="not unique"):
        run.use_artifact("a:latest")
    assert run.use_artifact("a:latest", type="model").type == "model"


def test_runs_and_versions_know_each_other(run: Run, root: Path) -> None:
    """Three runs and two artifacts, told by the runs' own lines."""
    data = run.log_artifact(artifact("data", x="1"))
    with begin(root, "train") as train:
        train.use_artifact("data:latest")
        train.log_artifact(artifact("model", w="1"))
    with begin(root, "eval") as last:
        last.use_artifact("data:v0")
        model = last.use_artifact("model:latest")
    producer = model.logged_by()
    assert producer is not None
    assert (producer.address, producer.path[1:]) == ("p/train", ["p", "train"])
    assert [user.id for user in data.used_by()] == ["eval", "train"]
    assert told(run) == [("log", "dataset/data:v0")]
    assert told(train) == [("use", "dataset/data:v0"), ("log", "dataset/model:v0")]


def test_a_link_is_a_version_of_another_collection(run: Run) -> None:
    """It knows where it comes from, and unlinking leaves that."""
    made = run.log_artifact(artifact("a", x="1"))
    link = run.link_artifact(made, "model-registry/Best", aliases=["prod"])
    assert (link.qualified_name, link.is_link, link.source_name) == (
        f"{run.entity}/model-registry/Best:v0", True, "a:v0",
    )  # fmt: skip
    assert [one.name for one in made.linked_artifacts] == ["Best:v0"]
    assert run.use_artifact("model-registry/Best:prod").digest == made.digest
    link.unlink()
    assert made.linked_artifacts == []
    with pytest.raises(UsageError, match="linked version"):
        made.unlink()


def test_models_are_paths_in_and_paths_out(run: Run, tree: Path) -> None:
    """One file comes back as a file, several as their directory."""
    run.log_model(tree / "a.txt", name="m")
    assert Path(run.use_model("m:latest")).read_text() == "hello"
    run.log_model(tree, name="m")
    assert sorted(os.listdir(run.use_model("m:latest"))) == ["a.txt", "b.bin", "sub"]
    linked = run.link_model(tree, "registered")
    assert (linked.project, linked.type) == ("model-registry", "model")
    run.log_artifact(artifact("d", x="1"))
    with pytest.raises(AssertionError, match="model"):
        run.use_model("d:latest")


def test_several_runs_make_one_artifact(run: Run, root: Path) -> None:
    """Each adds a part; whoever finishes it makes one version of all."""
    run.upsert_artifact(artifact("a", x="1"), distributed_id="job")
    with begin(root, "second") as other:
        other.upsert_artifact(artifact("a", y="2"), distributed_id="job")
        made = other.finish_artifact(artifact("a", z="3"), distributed_id="job")
    assert (made.version, sorted(made.manifest.entries)) == ("v0", ["x", "y", "z"])
    assert run.finish_artifact(artifact("a", z="3"), distributed_id="job").file_count == 1
    with pytest.raises(UsageError, match="distributed_id"):
        run.upsert_artifact(artifact("a", x="1"))


def test_a_reference_is_fetched_if_it_is_what_it_was(run: Run, tree: Path) -> None:
    """A file that has changed since is refused, and may be left out."""
    made = tracklab.Artifact("a", "dataset")
    made.add_reference(f"file://{tree}/a.txt")
    run.log_artifact(made)
    found = run.use_artifact("a:latest")
    assert Path(found.download(), "a.txt").read_text() == "hello"
    (tree / "a.txt").write_text("changed")
    with pytest.raises(ValueError, match="Digest mismatch"):
        found.download(root="again")
    assert os.listdir(found.download(root="again", allow_missing_references=True)) == []


def test_an_entry_of_another_artifact_can_be_referred_to(run: Run) -> None:
    """Its content is found where it is."""
    source = run.log_artifact(artifact("a", x="1"))
    made = tracklab.Artifact("b", "dataset")
    made.add_reference(source.get_entry("x"), name="y")
    run.log_artifact(made)
    assert Path(run.use_artifact("b").download(), "y").read_text() == "1"


def test_objects_come_back_from_an_artifact(run: Run) -> None:
    """A table and a page, by the name they were added under; the same object can be logged."""
    made = tracklab.Artifact("a", "dataset")
    page = tracklab.Html("<b>x</b>")
    made.add(tracklab.Table(columns=["n", "t"], data=[[1, "x"]]), "rows")
    made["page"] = page
    run.log_artifact(made)
    del made
    found = run.use_artifact("a:latest")
    assert (found.get("rows").columns, found.get("rows").data) == (["n", "t"], [[1, "x"]])
    assert (found["page"].html, found.get("none")) == ("<b>x</b>", None)
    run.log({"page": page})


def test_objects_come_back_whole(run: Run) -> None:
    """Numbers that JSON cannot say, and what is drawn over an image."""
    cells = [[math.nan], [math.inf], [None]]
    box = {"position": {"minX": 0.0, "maxX": 0.5, "minY": 0.0, "maxY": 0.5}, "class_id": 1}
    made = tracklab.Artifact("a", "dataset")
    made.add(tracklab.Table(columns=["n"], data=cells), "rows")
    image = tracklab.Image(
        np.zeros((4, 4), np.uint8), caption="c", classes=[{"id": 1, "name": "cat"}],
        masks={"m": {"mask_data": np.eye(4), "class_labels": {1: "cat"}}},
        boxes={"b": {"box_data": [box], "class_labels": {1: "cat"}}},
    )  # fmt: skip
    made.add(image, "image")
    run.log_artifact(made)
    found = run.use_artifact("a")
    assert str(found.get("rows").data) == "[[nan], [inf], [None]]"
    again = tracklab.Artifact("b", "dataset")
    again.add(found.get("image"), "image")
    run.log_artifact(again)
    assert documents(run.use_artifact("b")) == documents(found)


def documents(artifact: tracklab.Artifact) -> Any:
    """Return what an artifact says of its image, and the files that belong to it."""
    told = orjson.loads((artifact.stored_files / "image.image-file.json").read_bytes())
    boxes = orjson.loads((artifact.stored_files / told["boxes"]["b"]["path"]).read_bytes())
    shas = [told["sha256"], told["masks"]["m"]["sha256"]]
    labels = [told[kind][name]["class_labels"] for kind, name in (("boxes", "b"), ("masks", "m"))]
    assert labels == [{"1": "cat"}] * 2
    return boxes, shas, told["classes"], told["caption"]


def test_threads_download_at_once(run: Run) -> None:
    """Each gets whole files, of the longest name, too, and nothing else is left."""
    name = "n" * 255
    made = run.log_artifact(artifact("a", **{name: "x" * 100_000}))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: made.download("out"), range(40)))
    assert os.listdir("out") == [name]
    assert Path("out", name).read_text() == "x" * 100_000


def test_a_time_to_live_ends_on_a_date(run: Run) -> None:
    """Else it is refused when it is set."""
    made = run.log_artifact(artifact("a", x="1"))
    with pytest.raises(UsageError, match="at most"):
        made.ttl = timedelta.max
    assert run.use_artifact("a").ttl is None


def test_checkout_leaves_nothing_else(run: Run) -> None:
    """Unlike `download`."""
    made = run.log_artifact(artifact("a", x="1"))
    Path("out").mkdir()
    Path("out/old").write_text("old")
    made.checkout("out")
    assert os.listdir("out") == ["x"]
    assert made.file("one") == "one/x"
    assert [file.name for file in made.files()] == ["x"]


@pytest.mark.parametrize(
    "call",
    [
        lambda run: run.log_artifact("nowhere"),
        lambda run: run.log_artifact(3),
        lambda run: run.log_artifact(artifact("a", x="1"), aliases=["a/b"]),
        lambda run: run.log_artifact(artifact("a", x="1"), tags=["a.b"]),
        lambda run: run.log_artifact(artifact("a", x="1"), type="other"),
        lambda run: run.use_artifact("a b:c"),
        lambda run: run.link_model("nowhere", "a/b"),
    ],
)
def test_mistakes_are_told_at_the_call(run: Run, call: Callable[[Any], Any]) -> None:
    """And nothing is kept."""
    with pytest.raises(ValueError, match=r"\w"):
        call(run)
    assert told(run) == []


def test_a_path_has_the_names_that_wandb_gives_it(run: Run, tree: Path) -> None:
    """Of the run and the file, and an unspecified type."""
    made = run.log_artifact(tree / "a.txt")
    assert (made.name, made.type) == ("run-first-a.txt:v0", "unspecified")


def test_a_finished_run_logs_nothing(run: Run) -> None:
    """As for rows."""
    run.finish()
    with pytest.raises(UsageError, match="is finished"):
        run.log_artifact(artifact("a", x="1"))


def test_a_disabled_run_takes_any_call() -> None:
    """What it returns takes any call, too."""
    with tracklab.init(mode="disabled") as run:
        run.log_artifact("nowhere").wait()
        run.log_model("nowhere")
        answers: list[Any] = [run.use_artifact("a:v0"), run.use_model("a:v0")]
        assert answers == [None, None]


@contextmanager
def full_disk(most_bytes: int = 10) -> Iterator[None]:
    """Let no file of this process grow any further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_does_not_stop_training(run: Run) -> None:
    """The draft stays one, `wait` raises, and it can be logged again."""
    made = artifact("a", x="1" * 5_000)
    with full_disk():
        run.log_artifact(made)
    assert made.state == "PENDING"
    with pytest.raises(StorageError, match="log it again"):
        made.wait()
    assert run.log_artifact(made).wait().version == "v0"


def test_what_the_disk_has_not_taken_is_missed(
    run: Run, tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A draft that lacks files never becomes a version; added again, it does."""
    made = tracklab.Artifact("a", "dataset")
    with full_disk():
        made.add_file(tree / "b.bin")
        with made.new_file("new") as file:
            file.write("1" * 5_000)
        made.add_dir(tree, name="d")
    assert run.log_artifact(made) is made
    assert failures(run) == [("a", "EFBIG")]
    assert capfd.readouterr().err.count("b.bin") == 1
    with pytest.raises(StorageError, match=r"'b\.bin' was added, so add it again"):
        made.wait()
    made.add_file(tree / "b.bin")
    made.add_dir(tree, name="d")
    made.remove("new")
    assert run.log_artifact(made).wait().file_count == 4


def test_objects_are_lost_softly(run: Run) -> None:
    """A table of which a picture or the rows do not fit; added again, it is whole."""
    pixels = os.urandom(30_000)
    picture = tracklab.Image(PIL.Image.frombytes("RGB", (100, 100), pixels))
    table = tracklab.Table(columns=["x"], data=[[picture]], log_mode="INCREMENTAL")
    long = tracklab.Table(columns=["x"], data=[["1" * 5_000]])
    made = tracklab.Artifact("a", "dataset")
    with full_disk(1_000):
        made.add(table, "rows")
        made.add(long, "long")
    assert run.log_artifact(made).state == "PENDING"
    made.add(table, "rows")
    made.add(long, "long")
    assert run.log_artifact(made).wait().file_count == 3
    assert made.get("rows").data[0][0].image.tobytes() == pixels
    run.log({"t": table})
    _, row = (run.run_dir / "history.jsonl").read_bytes().splitlines()
    inside = orjson.loads(row)["t"]["path"]
    assert len(orjson.loads((run.run_dir / inside).read_bytes())["data"]) == 1


def test_tables_of_tables_come_back(run: Run) -> None:
    """Two that are joined, and one in parts that lie in the same artifact."""
    left, right = (tracklab.Table(columns=["id", c], data=[[1, c]]) for c in "ab")
    made = tracklab.Artifact("a", "dataset")
    made.add(JoinedTable(left, right, "id"), "joined")
    made.add(PartitionedTable("parts"), "whole")
    made.add(left, "parts/1")
    made.add(left, "parts/2")
    run.log_artifact(made)
    joined = made.get("joined").to_record(Place(run.run_dir, 0, print, 0o600, key="k"))
    assert (joined["join_key"], joined["table2"]["nrows"]) == ("id", 1)
    assert list(made.get("whole").iterrows()) == [(0, [1, "a"]), (1, [1, "a"])]
    run.log({"j": JoinedTable(left, right, "id")})
    found = run.use_artifact(f"run-{run.id}-j:latest")
    assert found.get("j").to_record(Place(run.run_dir, 0, print, 0o600, key="k")) == joined


def test_links_are_lost_softly(run: Run, tree: Path) -> None:
    """The version, the link to it, or an alias; it can be linked later."""
    (tree / "b.bin").write_bytes(bytes(200_000))
    whole = tracklab.Artifact("w", "dataset", metadata={"x": "1" * 200_000})
    run.log_artifact(whole)
    with full_disk(100_000):
        drafts = [
            run.link_model(tree / "b.bin", "best", name="m"),
            run.link_artifact(artifact("d", x="1" * 200_000), "shelf"),
            run.link_artifact(whole, "shelf"),
        ]
        run.log_artifact(whole, aliases=["good"])
    for draft in drafts:
        with pytest.raises(StorageError, match="again"):
            draft.wait()
    assert whole.aliases == ["latest"]
    assert failures(run) == [(name, "EFBIG") for name in ("m", "d", "shelf", "w:v0")]
    assert run.link_artifact(whole, "shelf").qualified_name.endswith("model-registry/shelf:v0")


def test_an_error_without_a_number_is_the_disks_if_the_disk_is_full(run: Run) -> None:
    """Libraries raise such; the disk is asked whether it takes more."""
    made = tracklab.Artifact("a", "dataset")

    def encode(name: str) -> None:
        with made.new_file(name) as file:
            file.write("1" * 5_000)
            raise OSError("cannot write mode F as PNG")

    with full_disk(6_000):
        encode("x")
    with pytest.raises(OSError, match="mode F"):
        encode("y")
    assert run.log_artifact(made).state == "PENDING"
    assert failures(run) == [("a", "EFBIG")]


class Page(BaseHTTPRequestHandler):
    """A page that is told by its content."""

    content = b"old"

    def do_GET(self) -> None:
        """Answer with the content, or without for HEAD."""
        self.send_response(200)
        self.send_header("ETag", f'"{self.content.decode()}"')
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(self.content)

    do_HEAD = do_GET  # noqa: N815 - as above

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_a_page_that_has_changed_is_told(run: Run) -> None:
    """By its entity tag."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made = tracklab.Artifact("web", "t")
        made.add_reference(f"http://127.0.0.1:{server.server_port}/x.txt")
        run.log_artifact(made)
        text = Path(made.download("a"), "x.txt").read_text()
        Page.content = b"new"
        with pytest.raises(UsageError, match="has changed since"):
            made.download("b")
        server.shutdown()
        thread.join()
    assert text == "old"


def test_paths_are_lost_softly(run: Run, tree: Path) -> None:
    """By every call that takes one; a missing path is a mistake."""
    (tree / "b.bin").write_bytes(bytes(200_000))
    with full_disk(100_000):
        drafts = [
            run.log_artifact(tree / "b.bin"),
            run.log_model(tree / "b.bin", name="m"),
            run.upsert_artifact(str(tree / "b.bin"), "p", distributed_id="j"),
        ]
        assert run.save(tree / "b.bin", base_path=tree, policy="now") == []
    for draft in drafts:
        with pytest.raises(StorageError, match="log it again"):
            draft.wait()
    names = ["run-first-b.bin", "m", "p", "b.bin"]
    assert failures(run) == [(name, "EFBIG") for name in names]
    assert os.listdir(run.dir) == []


def failures(run: Run) -> list[tuple[str, str]]:
    """Return what the run's events say the disk has not taken, each of level ERROR."""
    lines = map(orjson.loads, (run.run_dir / "events.jsonl").read_bytes().splitlines())
    found = [line for line in lines if line["logger"] == "tracklab.artifact"]
    assert {line["level"] for line in found if line["data"]["op"] == "fail"} <= {"ERROR"}
    return [(d["name"], d["reason"]) for d in (line["data"] for line in found) if d["op"] == "fail"]


def test_a_store_that_cannot_be_written_is_told(run: Run, root: Path) -> None:
    """The draft is still one, to be logged again."""
    made = artifact("a", x="1")
    (root / "artifacts/dataset").write_text("in the way")
    with pytest.raises(StorageError, match="still a draft"):
        run.log_artifact(made)
    (root / "artifacts/dataset").unlink()
    assert run.log_artifact(made).version == "v0"


def test_the_same_source_is_the_same_version(run: Run, root: Path, tmp_path: Path) -> None:
    """`log_code` makes an artifact of type `code` beside the copies in the run."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("x = 1\n")
    run.log_code(tmp_path / "src", name="mine")
    with begin(root, "second") as other:
        other.log_code(tmp_path / "src", name="mine")
        assert told(other) == told(run) == [("log", "code/mine:v0")]
        assert list(other.use_artifact("mine").manifest.entries) == ["train.py"]


def test_a_version_answers_for_itself(run: Run) -> None:
    """What programs ask of one, also if they seldom do."""
    run.log({"loss": 1.0}, step=7)
    draft = artifact("a", x="1")
    assert draft.get_added_local_path_name("none") is None
    made = run.log_artifact(draft)
    assert (made.history_step, made.commit_hash, made.linked_at) == (7, made.digest, None)
    assert (made.source_name, made.source_version, made.source_project) == ("a:v0", "v0", "p")
    assert made.source_qualified_name == f"{made.source_entity}/p/a:v0"
    assert (made.source_collection.name, made.collection.aliases) == ("a", ["latest"])
    assert [one.name for one in made.collection.artifacts()] == ["a:v0"]
    assert made.json_encode()["sequenceName"] == "a"
    entry = made.get_path("x")
    assert entry.parent_artifact() is made
    assert Path(entry.download("there")).read_text() == "1"
    assert made.url.endswith("/artifacts/dataset/a/v0")
    with pytest.raises(KeyError):
        made.get_entry("none")
    with pytest.raises(UsageError, match="reference"):
        entry.ref_target()
