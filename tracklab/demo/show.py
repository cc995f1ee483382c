"""The whole demo: a search of models, a service with the best of them, and a UI beside it."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path

from tracklab.demo.check import check, table
from tracklab.demo.jobs import Job, Jobs, clear
from tracklab.demo.recipes import LONG_RUN, RECIPES
from tracklab.demo.tally import Tally

__all__ = ["run_demo"]

_AT_A_TIME = 2  # trainings
_UI_PORT = 8000
_ONCE_CALLS, _ONCE_PER_S = 300, 40.0
_FIRST_CALLS, _FIRST_PER_S = 300, 8.0  # when somebody watches
_ON_AND_ON_PER_S = 2.0
_ONCE_SCALE, _WATCHED_SCALE = 0.5, 2.5  # so many times the steps


def run_demo(root: Path, *, once: bool = False, port: int | None = None) -> int:
    """Show what TrackLab does, on real work.

    Args:
        root: the data directory; made if it is not there.
        once: do everything a little shorter, check it over HTTP, print a table and end;
            otherwise go on until Ctrl-C.
        port: of the UI; None takes 8000, or the next free one.

    Returns:
        0, or 1 if something is missing from what the server says.
    """
    root = root.absolute()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # a closed terminal ends the jobs too
    with tempfile.TemporaryDirectory(prefix="tracklab-demo-") as place:
        demo = _Demo(root, Path(place))
        try:
            with Jobs(Path(place)) as jobs:
                return demo.play(jobs, once=once, port=port)
        except KeyboardInterrupt:
            say(f"Stopped. The runs stay; see them again with: tracklab ui --data-dir {root}")
            return 130 if once else 0
        except (RuntimeError, OSError) as error:
            say(f"The demo cannot go on. {error}")
            return 1


class _Demo:
    """One showing: where its runs go, and what they counted."""

    def __init__(self, root: Path, place: Path) -> None:
        self._root = root
        self._place = place
        self._tallies: dict[str, Tally] = {}

    def play(self, jobs: Jobs, *, once: bool, port: int | None) -> int:
        """Play all of it, and return the exit status."""
        began_s = time.monotonic()
        url = self._start_ui(jobs, port)
        say(f"The UI is at {url}  (runs are written to {self._root})")
        self._train(jobs, scale=_ONCE_SCALE if once else _WATCHED_SCALE)
        service = self._start_service(jobs)
        calls, per_s = (_ONCE_CALLS, _ONCE_PER_S) if once else (_FIRST_CALLS, _FIRST_PER_S)
        users = self._start_users(jobs, service, "--calls", str(calls), per_s=per_s)
        self._finish(jobs, [users])
        say("Asking the server for all of it ...")
        findings = check(url, list(self._tallies.values()))
        say(table(findings))
        wrong = sum(not finding.right for finding in findings)
        verdict = f"{wrong} are wrong" if wrong else "all of them are served"
        seconds = time.monotonic() - began_s
        say(f"{len(findings)} counts of {len(self._tallies)} runs: {verdict}. {seconds:.0f} s.")
        if not once:
            self._go_on(jobs, service, url)
        return 1 if wrong else 0

    def _start_ui(self, jobs: Jobs, port: int | None) -> str:
        """Start the server that every user starts, and return its address."""
        self._root.mkdir(parents=True, exist_ok=True)
        ui = jobs.start(
            "server", "tracklab.ui.backend.app",
            "--data-dir", str(self._root), "--port", str(_UI_PORT if port is None else port),
        )  # fmt: skip
        return ui.address()

    def _train(self, jobs: Jobs, *, scale: float) -> None:
        """Train all recipes, two at a time."""
        waiting, running = list(RECIPES), list[Job]()
        say(f"Training {len(waiting)} small language models on a novel, {_AT_A_TIME} at a time:")
        while waiting or running:
            while waiting and len(running) < _AT_A_TIME:
                running.append(self._start_training(jobs, waiting.pop(0).name, scale))
            jobs.show(running)
            ended = [job for job in running if not job.running]
            self._finish(jobs, ended)
            running = [job for job in running if job not in ended]

    def _start_training(self, jobs: Jobs, recipe: str, scale: float) -> Job:
        return jobs.start(
            recipe, "tracklab.demo.training", recipe, *self._common(recipe), "--scale", str(scale)
        )

    def _start_service(self, jobs: Jobs) -> str:
        """Serve the last checkpoints of the two best models, and return the service's address."""
        judged = [tally for tally in self._tallies.values() if tally.checkpoints]
        best = sorted(judged, key=lambda tally: tally.score or float("inf"))[:2]
        models = [f"{tally.name}={list(tally.checkpoints)[-1]}" for tally in best]
        url = jobs.start("models", "tracklab.demo.service", *models).address()
        say(f"The best two, {best[0].name} and {best[1].name}, are served at {url}")
        return url

    def _start_users(
        self, jobs: Jobs, service: str, *more: str, per_s: float, name: str = "service"
    ) -> Job:
        return jobs.start(
            name, "tracklab.demo.client", service, "--name", name, "--per-s", str(per_s),
            *more, *self._common(name),
        )  # fmt: skip

    def _common(self, name: str) -> list[str]:
        return ["--root", str(self._root), "--tally", str(self._place / f"{name}.json")]

    def _finish(self, jobs: Jobs, ended: list[Job]) -> None:
        """Wait for jobs, and take over what they counted."""
        for job in ended:
            while job.running:
                jobs.show([job])
            try:
                tally = Tally.load(self._place / f"{job.name}.json")
            except OSError:
                raise RuntimeError(f"{job.name} broke off. It said: {job.complaint()}") from None
            failed = job.process.returncode != 0
            if failed != (tally.state == "failed"):
                raise RuntimeError(f"{job.name} broke off. It said: {job.complaint()}")
            self._tallies[job.name] = tally
            clear()
            end = job.complaint().splitlines()[-1] if failed else job.last_words()
            end = end.removeprefix(job.name).strip()
            say(f"{job.name:>14}  {job.seconds:5.1f} s  {end}")

    def _go_on(self, jobs: Jobs, service: str, url: str) -> None:
        """Keep a light stream of everything going for whoever watches."""
        say(f"Going on with a long training and a few calls a second. Watch it at {url}")
        say("Ctrl-C ends it.")
        watched = [
            self._start_training(jobs, LONG_RUN.name, 1.0),
            self._start_users(jobs, service, per_s=_ON_AND_ON_PER_S, name="night-service"),
        ]
        while True:
            jobs.show(watched)


def say(text: str) -> None:
    """Print a line that stays."""
    clear()
    print(text, flush=True)
