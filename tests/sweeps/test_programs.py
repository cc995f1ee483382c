"""An agent with a program: command lines, signals, exit codes, and many agents on one folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tracklab
from tracklab.errors import UsageError
from tracklab.storage.progress import standing_of
from tracklab.sweeps.programs import command_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracklab.storage.sweeps import Sweep

TRACKLAB = str(Path(sys.executable).with_name("tracklab"))
VALUES = {"lr": 0.1, "on": True, "off": False, "sizes": [1, 2]}

#: Says which trial it is, in a file that nobody else makes; `x` is what it tries.
TELL = """
import os, sys, time, wandb
run = wandb.init(settings={"silent": True, "x_disable_stats": True})
open(f"ran-{run.config.x}-{run.id}", "x").close()
run.log({"loss": run.config.x})
"""


#: As it stands in many notebooks.
FOR_WANDB = """
import wandb
from wandb.apis.public import Sweep
def train():
    with wandb.init(config={"lr": 9, "epochs": 2}) as run:
        for epoch in range(wandb.config.epochs):
            wandb.log({"loss": wandb.config.lr / (epoch + 1)})
config = {"method": "grid", "metric": {"name": "loss", "goal": "minimize"},
          "parameters": {"lr": {"values": [0.3, 0.1]}}}
sweep_id = wandb.sweep(sweep=config, project="demo")
wandb.agent(sweep_id, function=train, count=5)
sweep = wandb.Api().sweep("demo/" + sweep_id)
best = sweep.best_run()
print(isinstance(sweep, Sweep), sweep.state, best.config, best.summary["loss"], wandb.run)
"""


def agent(sweep: Sweep, place: Path, *options: str, **more: Any) -> subprocess.Popen[bytes]:
    """Start an agent in `place`."""
    return subprocess.Popen(
        [TRACKLAB, "agent", sweep.address, "--dir", str(sweep.root), *options], cwd=place,
        stderr=subprocess.DEVNULL, **more,
    )  # fmt: skip


def wait_for(found: Callable[[], bool]) -> None:
    """Wait until something is so, at most a minute."""
    due_s = time.monotonic() + 60
    while not found():
        assert time.monotonic() < due_s
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["${program}", "${args}"], ["--lr=0.1", "--on=True", "--off=False", "--sizes=[1, 2]"]),
        (["${program}", "${args_no_hyphens}"], ["lr=0.1", "on=True", "off=False", "sizes=[1, 2]"]),
        (
            ["${program}", "${args_no_boolean_flags}"],
            ["--lr=0.1", "--on", "--sizes=[1, 2]"],
        ),
        (["${program}", "--at", "${envvar:PLACE}/x", 3], ["--at", "here/x", "3"]),
        (["${program}", "${args_json}"], [json.dumps(VALUES, separators=(",", ":"))]),
        (["${program}", "plain $ {text}"], ["plain $ {text}"]),
    ],
)
def test_macros_are_filled_in(command: list[Any], line: list[str]) -> None:
    """Each stands for arguments of its own."""
    config = {"program": "train.py", "command": command}
    assert command_line(config, VALUES, environment={"PLACE": "here"}) == ["train.py", *line]


def test_a_program_is_run_by_this_interpreter() -> None:
    """Unless the configuration has a command."""
    env, *rest = command_line({"program": "a.py"}, {"x": 1}, environment={})
    assert Path(env).name == "env"
    assert rest == [sys.executable, "a.py", "--x=1"]


def test_a_macro_that_is_unknown_is_refused() -> None:
    """With those that there are; `${program}` is one only where there is a program."""
    for command in (["${pogram}"], ["${program}"]):
        with pytest.raises(UsageError, match=r"has the macro .*; there are \$\{env\}, "):
            command_line({"command": command}, {}, environment={})


@pytest.mark.functional
def test_two_agents_run_each_trial_once(begun: Callable[..., Sweep], tmp_path: Path) -> None:
    """Processes that know nothing of each other; a program written for wandb, unchanged."""
    (tmp_path / "train.py").write_text(TELL)
    grid = {"x": {"min": 1, "max": 5}}
    sweep = begun(program="train.py", parameters=grid, metric={"name": "loss"})
    agents = [agent(sweep, tmp_path) for _ in range(2)]
    assert [process.wait(120) for process in agents] == [0, 0]
    ran = [path.name.split("-") for path in tmp_path.glob("ran-*")]
    assert sorted(int(x) for _, x, _ in ran) == [1, 2, 3, 4, 5]
    assert {run_id for _, _, run_id in ran} == {trial.run_id for trial in sweep.trials}
    assert [trial.value for trial in sweep.trials] == [1, 2, 3, 4, 5]


@pytest.mark.functional
def test_a_script_for_wandb_sweeps_unchanged(here: Path, tmp_path: Path) -> None:
    """With `import wandb`, under `tracklab run`."""
    (tmp_path / "script.py").write_text(FOR_WANDB)
    done = subprocess.run(
        [TRACKLAB, "run", "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip
    assert done.stdout == "True FINISHED {'lr': 0.1, 'epochs': 2} 0.05 None\n"
    assert len(list((here / "demo").glob("*/metadata.json"))) == 2


@pytest.mark.functional
def test_a_killed_trial_has_failed_and_is_not_run_again(
    begun: Callable[..., Sweep], tmp_path: Path
) -> None:
    """Agent and program get SIGKILL in the middle; another agent runs the others."""
    (tmp_path / "train.py").write_text(
        TELL + "if run.config.x == 1:\n    open(f'pid-{os.getpid()}', 'x')\n    time.sleep(600)\n"
    )
    sweep = begun(program="train.py", parameters={"x": {"min": 1, "max": 3}})
    with agent(sweep, tmp_path) as first:
        wait_for(lambda: bool(list(tmp_path.glob("pid-*"))))
        (told,) = tmp_path.glob("pid-*")
        first.kill()
        os.kill(int(told.name.partition("-")[2]), signal.SIGKILL)
    wait_for(lambda: "running" not in standing_of(sweep).states.values())
    assert agent(sweep, tmp_path).wait(120) == 0
    standing = standing_of(sweep)
    assert list(standing.states.values()) == ["failed", "finished", "finished"]
    assert standing.state == "FINISHED"
    assert len(list(tmp_path.glob("ran-*"))) == 3


@pytest.mark.functional
@pytest.mark.parametrize("ending", ["exit 5", "kill -9 $$"])
def test_a_program_ends_as_it_ends(
    begun: Callable[..., Sweep], tmp_path: Path, ending: str
) -> None:
    """Its exit code is in the log, and after three such the agent's own is 1."""
    sweep = begun(command=["sh", "-c", ending])
    assert agent(sweep, tmp_path).wait(60) == 1
    code = 5 if ending == "exit 5" else 137
    assert [(trial.state, trial.exit_code) for trial in sweep.trials] == [("failed", code)] * 3


@pytest.mark.functional
@pytest.mark.parametrize("ending", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_what_a_program_measured_counts_however_it_ends(
    begun: Callable[..., Sweep], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """As for readers, also where no summary was written; and `import wandb` finds us."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(f"{TELL}\n{ending}\n")
    sweep = begun(program="train.py", parameters={"x": {"value": 4}}, metric={"name": "loss"})
    tracklab.agent(sweep.address)
    (trial,) = sweep.trials
    run = tracklab.Api({"dir": sweep.root}).run(f"demo/{trial.run_id}")
    assert (trial.value, run.summary["loss"]) == (4, 4)


@pytest.mark.functional
def test_a_command_that_is_not_there_fails_its_trial(
    begun: Callable[..., Sweep], tmp_path: Path
) -> None:
    """With the code that shells use."""
    sweep = begun(command=["no-such-command-here"])
    assert agent(sweep, tmp_path, "--count", "1").wait(60) == 0
    assert [trial.exit_code for trial in sweep.trials] == [127]


@pytest.mark.functional
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_program_and_ends_the_agent(
    begun: Callable[..., Sweep], tmp_path: Path, number: signal.Signals
) -> None:
    """The program ends in its own way, and no other trial begins."""
    line = "trap 'exit 5' TERM INT; touch ready; while :; do sleep 0.05; done"
    sweep = begun(command=["bash", "-c", line])
    with agent(sweep, tmp_path) as process:
        wait_for((tmp_path / "ready").exists)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert [(trial.state, trial.exit_code) for trial in sweep.trials] == [("failed", 5)]


@pytest.mark.functional
def test_a_program_that_does_not_end_is_killed(begun: Callable[..., Sweep], tmp_path: Path) -> None:
    """After the seconds that it is given."""
    line = "trap '' TERM; touch ready; while :; do sleep 0.05; done"
    sweep = begun(command=["bash", "-c", line])
    with agent(sweep, tmp_path, "--term-timeout", "0.2") as process:
        wait_for((tmp_path / "ready").exists)
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
    assert [trial.exit_code for trial in sweep.trials] == [137]


@pytest.mark.system
def test_eight_agents_lose_and_double_no_trial(begun: Callable[..., Sweep], tmp_path: Path) -> None:
    """On one folder, one of them killed in a trial: each is claimed once, and all others end."""
    line = "touch ran-$1-$TRACKLAB_RUN_ID; [ $1 != x=30 ] || { echo $$ > held; exec sleep 120; }"
    command = ["bash", "-c", line, "trial", "${args_no_hyphens}"]
    sweep = begun(command=command, parameters={"x": {"min": 1, "max": 160}})
    agents = {process.pid: process for process in (agent(sweep, tmp_path) for _ in range(8))}
    held = tmp_path / "held"
    wait_for(lambda: held.is_file() and bool(held.read_text()))
    killed = agents.pop(sweep.trials[29].by["pid"])
    killed.kill()
    os.kill(int(held.read_text()), signal.SIGKILL)
    assert [process.wait(300) for process in (killed, *agents.values())] == [-9, *[0] * 7]
    standing = standing_of(sweep)
    assert [trial.parameters["x"] for trial in standing.trials] == list(range(1, 161))
    assert {n for n, state in standing.states.items() if state != "finished"} == {29}
    assert standing.states[29] == "failed"
    assert len(list(tmp_path.glob("ran-*"))) == 160
