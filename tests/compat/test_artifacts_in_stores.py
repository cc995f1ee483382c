"""References to objects of S3 and GCS, by the stores' own clients and servers on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

for package in ("boto3", "gcp_storage_emulator", "gcsfs", "google.cloud.storage", "moto", "s3fs"):
    pytest.importorskip(package)
pytest.importorskip("wandb")

pytestmark = pytest.mark.compat

#: Each prints its port, and ends with its standard input.
SERVERS = {
    "s3": """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
""",
    "gs": """
import sys
from gcp_storage_emulator.server import create_server
server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="bucket")
server.start()
print(server._api._httpd.server_address[1], flush=True)
sys.stdin.read()
server.stop()
""",
}

#: Run apart: these libraries warn as they please, and keep threads.
BEGIN = """
import json, os, sys
from pathlib import Path

kind, top = sys.argv[1], sys.argv[1] + "://bucket"
if kind == "s3":
    import boto3
    client = boto3.client("s3", endpoint_url=os.environ["AWS_S3_ENDPOINT_URL"])
    def put(key, content):
        return client.put_object(Bucket="bucket", Key=key, Body=content).get("VersionId")
else:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage
    client = storage.Client(project="p", credentials=AnonymousCredentials())
    def put(key, content):
        blob = client.bucket("bucket").blob(key)
        blob.upload_from_string(content)
        return blob.generation

def told(made):
    return {path: (entry.digest, entry.size, entry.ref, {k: str(v) for k, v in entry.extra.items()})
            for path, entry in made.manifest.entries.items()}
"""

FILL = """
if kind == "s3":
    client.create_bucket(Bucket="bucket")
put("one.txt", b"1")
put("d/a.bin", b"a" * 1000)
put("d/e/ü #%.bin", b"b" * 3_000_000)
"""

REFER = """
import importlib
module = importlib.import_module(sys.argv[2])
found = []
for inner, options in [
    ("one.txt", {}), ("one.txt", {"name": "n/1.txt"}), ("d", {}), ("d/", {"name": "n"}),
    ("d/a.bin", {"checksum": False}),
]:
    made = module.Artifact("a", "t")
    made.add_reference(f"{top}/{inner}", **options)
    found.append(told(made))
print(json.dumps(found))
"""

LIVE = """
import tracklab

def outcome(call):
    try:
        return call()
    except Exception as error:
        return [type(error).__name__, str(error)]

def draft():
    made = tracklab.Artifact("a", "t")
    made.add_reference(top + "/one.txt")
    made.add_reference(top + "/d", name="d")
    return made

with tracklab.init(system_monitor=False, settings={"console": "off"}) as run:
    first = run.log_artifact(draft())
    again = run.log_artifact(draft())
    first.download("x")
    first.verify("x")
    sizes = {str(p.relative_to("x")): p.stat().st_size for p in Path("x").rglob("*") if p.is_file()}
    put("d/a.bin", b"changed")
    changed = outcome(lambda: first.download("y"))
    first.download("z", allow_missing_references=True)
    second = run.log_artifact(draft())
    second.download("w")
    wrong = tracklab.Artifact("b", "t")
    print(json.dumps({
        "labels": [one.version for one in (first, again, second)], "sizes": sizes,
        "changed": changed, "without": sorted(p.name for p in Path("z").rglob("*") if p.is_file()),
        "new": Path("w/d/a.bin").read_text(),
        "none": outcome(lambda: wrong.add_reference(top + "/none")),
        "many": outcome(lambda: wrong.add_reference(top + "/d", max_objects=1)),
        "bucket": sorted(e.path for e in wrong.add_reference(top)),
    }))
"""

VERSIONS = """
import tracklab
if kind == "s3":
    client.put_bucket_versioning(
        Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
number = put("v.txt", b"old")
made = tracklab.Artifact("v", "t")
address = top + "/v.txt" + ("?versionId=" if kind == "s3" else "#") + str(number)
made.add_reference(address)
with tracklab.init(system_monitor=False, settings={"console": "off"}) as run:
    if kind == "s3":  # the emulator of GCS keeps no versions
        put("v.txt", b"new")
        made.add_reference(address, name="untold", checksum=False)
    place = run.log_artifact(made).download("v")
texts = [Path(place, name).read_text() for name in made.manifest.entries]
print(json.dumps([told(made), str(number), texts]))
"""


@pytest.fixture(scope="module", params=["s3", "gs"])
def store(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the scheme of a store that runs, with objects, and the variables that lead to it."""
    kind = str(request.param)
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVERS[kind]], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRACKLAB", "WANDB"))}
        variables = {
            **kept, "AWS_S3_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "STORAGE_EMULATOR_HOST": url,
            "GOOGLE_CLOUD_PROJECT": "p", "FSSPEC_GS_TOKEN": "anon",
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        }  # fmt: skip
        run_apart(BEGIN + FILL + "print(0)", variables, kind)
        yield kind, variables
        server.communicate()  # closes its input


def run_apart(program: str, variables: dict[str, str], *arguments: str) -> Any:
    """Run a program in a process of its own, and return what it prints last."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments], env=variables,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def here(store: tuple[str, dict[str, str]], tmp_path: Path) -> tuple[str, dict[str, str]]:
    """Return the store for programs that write below a directory of the test."""
    kind, variables = store
    own = {f"WANDB_{name}": str(tmp_path / name) for name in ("DATA_DIR", "CACHE_DIR", "DIR")}
    return kind, {**variables, **own, "TRACKLAB_DATA_DIR": str(tmp_path / "runs")}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs work in a directory of the test."""
    monkeypatch.chdir(tmp_path)


def test_entries_are_those_of_wandb(here: tuple[str, dict[str, str]]) -> None:
    """Paths, tags, sizes and addresses; of GCS the tag stands in `extra`, too."""
    kind, variables = here
    ours = run_apart(BEGIN + REFER, variables, kind, "tracklab")
    theirs = run_apart(BEGIN + REFER, variables, kind, "wandb")
    for made in ours if kind == "gs" else ():
        for digest, _, _, extra in made.values():
            assert extra.pop("etag", digest) == digest
    assert ours == theirs
    assert [len(made) for made in ours] == [1, 1, 2, 2, 1]


def test_references_come_back_while_they_are_what_they_were(
    here: tuple[str, dict[str, str]],
) -> None:
    """A changed object is told, makes a new version, and does not keep the others back."""
    kind, variables = here
    told = run_apart(BEGIN + LIVE, variables, kind)
    assert told["labels"] == ["v0", "v0", "v1"]
    assert told["sizes"] == {"one.txt": 1, "d/a.bin": 1000, "d/e/ü #%.bin": 3_000_000}
    assert told["changed"][0] == "UsageError"
    assert "'d/a.bin' refers to an object that has changed" in told["changed"][1]
    assert (told["without"], told["new"]) == (["one.txt", "ü #%.bin"], "changed")
    assert told["bucket"] == ["d/a.bin", "d/e/ü #%.bin", "one.txt"]
    assert [told[name][0] for name in ("none", "many")] == ["UsageError", "UsageError"]


def test_an_address_can_name_a_version(here: tuple[str, dict[str, str]]) -> None:
    """Which is what comes back, also when there is a newer one, and whatever was asked of it."""
    kind, variables = here
    told, version, texts = run_apart(BEGIN + VERSIONS, variables, kind)
    for _, _, ref, extra in told.values():
        assert (ref, extra["versionID"]) == (f"{kind}://bucket/v.txt", version)
    assert told["v.txt"][1] == 3
    assert texts == ["old"] * (2 if kind == "s3" else 1)
