"""Ranks of a distributed job: each its own writer, all of them one run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

import tracklab
from tracklab import clock
from tracklab.query.addresses import Place
from tracklab.query.engines.local import LocalEngine
from tracklab.query.verification import verify
from tracklab.sdk.facts import RANK_VARIABLES, job_rank, rank_facts
from tracklab.storage.identity import this_process

# Every rank waits for the others, so that all call init() at the same instant.
RANK = """
import os, sys, tracklab
rank, options = int(os.environ["RANK"]), eval(sys.argv[1])
print("ready", flush=True); sys.stdin.readline()
run = tracklab.init(project="p", config={"lr": 0.1, "of": rank}, **options)
print(f"rank {rank}")
for step in range(5):
    run.log({f"loss_{rank}": step})
run.event("app", "hello")
print("logged", flush=True); sys.stdin.readline()
sys.exit(rank if "--fail" in sys.argv else 0)
"""


def launch(root: Path, options: str, *flags: str, ranks: range = range(8)) -> None:
    """Run a job whose ranks begin, log and end together."""
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, options, *flags],
            env={
                **os.environ,
                "TRACKLAB_DATA_DIR": str(root),
                "RANK": str(rank),
                "TRACKLAB_RUN_ID": "job",
                "TRACKLAB_MONITOR_INTERVAL": "0.2",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in ranks
    ]
    try:
        for word in ("ready", "logged"):
            for job in jobs:
                assert job.stdout is not None
                while job.stdout.readline().strip() != word:
                    assert job.poll() is None
            for job in jobs:
                assert job.stdin is not None
                job.stdin.write("\n")
                job.stdin.flush()
        expected = [rank if flags else 0 for rank in ranks]
        assert [job.wait(60) for job in jobs] == expected
    finally:
        for job in jobs:
            job.kill()
            job.communicate()


def lines(run_dir: Path, stream: str) -> list[dict[str, Any]]:
    """Return all lines of a stream but the headers."""
    found = []
    for path in sorted(run_dir.glob(f"{stream}*.jsonl")):
        found += [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [line for line in found if line.get("logger") != "tracklab.segment"]


def headers(run_dir: Path, pattern: str) -> list[dict[str, Any]]:
    """Return the first lines of segments."""
    return [orjson.loads(path.read_bytes().split(b"\n")[0]) for path in run_dir.glob(pattern)]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"RANK": "3"}, 3),
        ({"SLURM_PROCID": "4"}, 4),
        ({"OMPI_COMM_WORLD_RANK": "5", "PMI_RANK": "6"}, 5),
        ({"PMI_RANK": "6"}, 6),
        ({"RANK": "1", "TRACKLAB_RANK": "7"}, 7),
        ({"RANK": "one", "SLURM_PROCID": "2"}, 2),
        ({"RANK": "-1"}, None),
        ({"RANK": "\N{SUPERSCRIPT TWO}"}, None),
        ({"RANK": ""}, None),
        ({"RANK": "9" * 5_000}, None),
        ({"LOCAL_RANK": "1"}, None),
    ],
)
def test_the_rank_comes_from_the_launcher(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: int | None
) -> None:
    """An explicit one wins; what is no number is passed over; a local rank is a detail."""
    for name in RANK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert job_rank() == expected
    assert rank_facts().get("local_rank") == (1 if "LOCAL_RANK" in environment else None)


@pytest.fixture(scope="module", params=["{}", "{'resume': 'allow'}"])
def job(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run that 8 ranks began at the same instant."""
    root = tmp_path_factory.mktemp("runs")
    launch(root, request.param)
    return root / "p" / "job"


@pytest.mark.integration
def test_ranks_that_begin_at_the_same_instant_join_one_run(job: Path) -> None:
    """None fails; one directory, one attempt, one start per rank, and its steps begin at 0."""
    run_dir = job
    assert [path.name for path in run_dir.parent.iterdir()] == ["job"]
    rows = lines(run_dir, "history")
    assert {(key, row["_step"]) for row in rows for key in row if key.startswith("loss_")} == {
        (f"loss_{rank}", step) for rank in range(8) for step in range(5)
    }
    facts = [header["data"] for header in headers(run_dir, "*.jsonl")]
    assert {fact["attempt"] for fact in facts} == {0}
    assert {fact["rank"] for fact in facts} == set(range(8))
    told = [event for event in lines(run_dir, "events") if event["message"] == "hello"]
    assert sorted(event["rank"] for event in told) == list(range(8))
    assert {row["_rank"] for row in lines(run_dir, "system_metrics")} == set(range(8))


@pytest.mark.integration
def test_lines_of_ranks_follow_the_published_schema(job: Path) -> None:
    """Headers, starts beside others, and rows with their rank."""
    schema = Path(__file__).parents[2] / "docs/reference/format/line.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
    found = [line for path in job.glob("*.jsonl") for line in path.read_bytes().splitlines()]
    for line in found:
        validator.validate(orjson.loads(line))
    assert any(b'"beside":[' in line for line in found)


@pytest.mark.integration
def test_the_creator_alone_writes_the_documents(job: Path) -> None:
    """Whichever rank that is; the run's facts are its facts, and so is its configuration."""
    run_dir = job
    metadata = json.loads((run_dir / "metadata.json").read_text())
    (header,) = headers(run_dir, "events.jsonl")
    assert (metadata["rank"], metadata["writer"]) == (header["data"]["rank"], header["writer"])
    run = LocalEngine(run_dir.parent.parent).run("p/job").run
    assert (run.config["of"], run.pid) == (metadata["rank"], metadata["pid"])
    assert (run.status, run.writers) == ("finished", 8)
    names = {path.name for path in (run_dir / "logs").iterdir()}
    assert names >= {f"rank-{rank}" for rank in range(1, 8)}
    assert (run_dir / "logs/rank-3/stdout.log").read_text() == "rank 3\nlogged\n"


@pytest.mark.integration
def test_a_run_of_ranks_fails_if_one_of_them_does(root: Path) -> None:
    """Whatever the creator's document says; and the worst exit code is the run's."""
    launch(root, "{}", "--fail", ranks=range(3))
    run = LocalEngine(root).run("p/job").run
    assert (run.status, run.exit_code) == ("failed", 2)


@pytest.mark.integration
def test_a_resumed_job_takes_over_as_a_whole(root: Path) -> None:
    """All new ranks count, none of the old ones does, and steps go on."""
    launch(root, "{}", "--fail", ranks=range(4))
    launch(root, "{'resume': 'allow'}", ranks=range(3))
    run = LocalEngine(root).run("p/job").run
    assert (run.status, run.exit_code, run.writers) == ("finished", 0, 7)
    steps = [row["_step"] for row in lines(root / "p/job", "history") if "loss_1" in row]
    assert sorted(steps) == list(range(10))


@pytest.mark.integration
def test_a_job_that_takes_its_id_anew_is_one_new_attempt(root: Path) -> None:
    """Of all ranks together, not one for each."""
    launch(root, "{}", ranks=range(2))
    launch(root, "{}", ranks=range(5))
    found = headers(root / "p" / "job", "history*.jsonl")
    assert sorted(header["data"]["attempt"] for header in found) == [0, 0, 1, 1, 1, 1, 1]
    assert LocalEngine(root).glance("p/job").status == "finished"


@pytest.mark.integration
def test_ranks_of_a_new_attempt_begin_at_step_0(root: Path) -> None:
    """Whoever of them comes first, and wherever the attempt before had got to."""
    launch(root, "{}", ranks=range(3))
    launch(root, "{}", ranks=range(3))
    for rank in range(3):
        rows = lines(root / "p/job", "history")
        steps = [row["_step"] for row in rows if f"loss_{rank}" in row]
        assert sorted(steps) == sorted([*range(5)] * 2)


@pytest.mark.integration
@pytest.mark.parametrize("order", [(1, 0), (0, 1)])
def test_ranks_on_two_machines_merge_without_loss(root: Path, order: tuple[int, ...]) -> None:
    """In any order; rank 1 alone is a whole run too, and in the merged one rank 0 counts."""
    nodes = [root / "node0", root / "node1"]
    for rank, node in enumerate(nodes):
        launch(node, "{}", *["--fail"] * rank, ranks=range(rank, rank + 1))
    alone = LocalEngine(nodes[1]).run("p/job").run
    assert (alone.status, alone.exit_code, alone.config["of"]) == ("failed", 1, 1)
    for rank in order:
        shutil.copytree(nodes[rank], root / "merged", dirs_exist_ok=True)
    run_dir = root / "merged/p/job"
    verdict = verify(Place("p", "job", run_dir), here=this_process(), now_s=clock.now())
    assert (verdict.faults, len(verdict.writers)) == ([], 2)
    run = LocalEngine(root / "merged").run("p/job").run
    assert (run.status, run.exit_code, run.writers, run.config["of"]) == ("failed", 1, 2, 0)
    first = LocalEngine(nodes[0]).run("p/job").run
    assert (run.name, run.pid) == (first.name, first.pid)
    rows = lines(run_dir, "history")
    assert {key for row in rows for key in row} >= {"loss_0", "loss_1"}


@pytest.mark.integration
def test_rank_0_leads_a_run_that_another_rank_began(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One attempt, with the names, the configuration and the documents of rank 0."""
    options: Any = {"dir": root, "project": "p", "id": "job", "system_monitor": False,
                    "reinit": "create_new", "settings": {"console": "off"}}  # fmt: skip
    runs = []
    for rank in (1, 0):
        monkeypatch.setenv("RANK", str(rank))
        runs.append(tracklab.init(name=f"rank {rank}", config={"of": rank}, **options))
        runs[-1].log({f"loss_{rank}": rank})
    assert [run.writer is None for run in runs] == [False, True]
    for run in runs:
        run.finish()
    run_dir = root / "p/job"
    facts = [header["data"] for header in headers(run_dir, "history*.jsonl")]
    assert {fact["attempt"] for fact in facts} == {0}
    for _ in range(2):  # with the documents and without
        read = LocalEngine(root).run("p/job").run
        assert (read.name, read.config["of"], read.status) == ("rank 0", 0, "finished")
        for name in ("metadata.json", "config.yaml"):
            (run_dir / name).unlink(missing_ok=True)


def test_a_rank_without_a_shared_id_has_a_run_of_its_own(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As each process has that calls init(); its rank is told all the same."""
    monkeypatch.setenv("RANK", "2")
    quiet: Any = {"dir": root, "project": "p", "system_monitor": False, "reinit": "create_new"}
    runs = [tracklab.init(**quiet, settings={"console": "off"}) for _ in range(2)]
    for run in runs:
        run.finish()
    assert len({run.id for run in runs}) == 2
    assert [run.rank for run in runs] == [2, 2]
    assert json.loads((runs[0].run_dir / "metadata.json").read_text())["rank"] == 2
