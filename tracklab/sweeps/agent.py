"""An agent: claims one trial after the other, and lets a function or a program run it."""

from __future__ import annotations

import math
import os
import signal
import threading
import traceback
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tracklab import clock
from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.sdk import current
from tracklab.sdk.current import of_environment
from tracklab.sdk.exits import exit_code
from tracklab.sdk.terminal import termerror
from tracklab.sdk.trials import TrialStopped
from tracklab.sweeps.notices import notices, told_parameters
from tracklab.sweeps.places import find_sweep
from tracklab.sweeps.programs import Programs
from tracklab.sweeps.results import Outcome, conclude
from tracklab.sweeps.search import claim_next

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tracklab.storage.sweeps import Sweep, Trial

__all__ = ["agent", "work"]

#: So many failures in so many seconds from the start: then it is not the parameters.
_FLAPPING_FAILURES: Final = 3
_FLAPPING_S: Final = 60.0
_SIGNALLED: Final = 128  # as shells have it: and the signal's number
_calling: Final = threading.RLock()  # a function may itself run an agent of another sweep


def agent(  # noqa: PLR0917 - as wandb's
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,  # noqa: ARG001 - a label: it does not tell where a sweep lies
    project: str | None = None,
    count: int | None = None,
    forward_signals: bool = False,  # noqa: ARG001, FBT001, FBT002 - a program always gets them
    term_timeout: int | None = None,
    max_consecutive_failed_runs: int | None = None,
) -> None:
    """Run trials of a sweep until none is left; any number of agents work on one sweep.

    Args:
        sweep_id: a sweep: its id, `project/id` or `entity/project/id`.
        function: what runs a trial, in this thread: it calls `init()` and reads `run.config`.
            None starts the program or command of the sweep's configuration.
        entity: without effect.
        project: where an id alone is looked for first.
        count: most trials of this agent; None for no limit.
        forward_signals: without effect: signals are always passed on to a program.
        term_timeout: seconds that a program may take to end after a signal was passed on; then
            it is killed. None waits.
        max_consecutive_failed_runs: end after so many failures in a row; None for no limit.

    It also ends when three trials fail in its first 60 s, unless WANDB_AGENT_DISABLE_FLAPPING
    is `true`.

    Raises:
        SweepNotFoundError: a CommError: there is no such sweep.
        UsageError: an argument cannot be used, there is neither function nor program, or another
            thread runs an agent with a function.
        ArgumentTypeError: an argument has the wrong type.
        StorageError: the sweep's files cannot be written.
    """
    if not (function is None or callable(function)):
        raise ArgumentTypeError(
            f"agent() takes a function without arguments; got {function!r}. Write "
            "agent(sweep_id, function=train)."
        )
    work(
        find_sweep(sweep_id, project=project), function, count=count, term_timeout=term_timeout,
        max_consecutive_failed_runs=max_consecutive_failed_runs,
    )  # fmt: skip


def work(
    sweep: Sweep,
    function: Callable[[], Any] | None = None,
    *,
    count: int | None = None,
    term_timeout: float | None = None,
    max_consecutive_failed_runs: int | None = None,
) -> int:
    """Run trials; arguments as for `agent`.

    Returns:
        0 if no trial was left or `count` is reached, 1 after too many failures, 128 and the
        signal's number after a signal.
    """
    _check_count("count", count)
    _check_count("max_consecutive_failed_runs", max_consecutive_failed_runs)
    if function is None:
        run = partial(_start, Programs(sweep, term_timeout_s=term_timeout))
        return _work(sweep, run, count, max_consecutive_failed_runs)
    with _alone(sweep):
        return _work(sweep, partial(_call, function), count, max_consecutive_failed_runs)


def _work(
    sweep: Sweep,
    run: Callable[[Sweep, Trial], Outcome],
    count: int | None,
    most_in_a_row: int | None,
) -> int:
    tell = notices()
    failures = _Failures(most_in_a_row=most_in_a_row or math.inf)
    done = 0
    while count is None or done < count:
        trial = claim_next(sweep)
        if trial is None:
            tell(f"No trial of sweep {sweep.address} is left.")
            break
        chosen = told_parameters(trial.parameters)
        tell(f"Trial {trial.number} is run {trial.run_id} with {chosen}")
        outcome = conclude(sweep, trial, run(sweep, trial))
        if outcome.error is not None:
            raise outcome.error
        done += 1
        if outcome.signal is not None:
            tell(f"The agent of sweep {sweep.address} was told to end.")
            return _SIGNALLED + outcome.signal
        reason = failures.after(outcome)
        if reason:
            termerror(f"The agent of sweep {sweep.address} ends: {reason}.")
            return 1
    return 0


class _Failures:
    """Counts what went wrong, to tell when going on is of no use."""

    def __init__(self, *, most_in_a_row: float) -> None:
        self._most_in_a_row = most_in_a_row
        self._in_a_row = 0
        self._in_all = 0
        self._began_s = clock.monotonic()

    def after(self, outcome: Outcome) -> str | None:
        """Return why the agent ends after this trial; None if it goes on."""
        self._in_a_row = self._in_a_row + 1 if outcome.failed else 0
        self._in_all += outcome.failed
        if self._in_a_row >= self._most_in_a_row:
            return f"{self._in_a_row} trials in a row have failed"
        early = clock.monotonic() - self._began_s < _FLAPPING_S
        quiet = of_environment("AGENT_DISABLE_FLAPPING") == "true"
        if outcome.failed and early and self._in_all >= _FLAPPING_FAILURES and not quiet:
            return (
                f"{self._in_all} trials have failed in its first {_FLAPPING_S:g} s "
                "(WANDB_AGENT_DISABLE_FLAPPING=true goes on)"
            )
        return None


def _start(programs: Programs, sweep: Sweep, trial: Trial) -> Outcome:
    """Run a trial in a program of its own, which finds us as `wandb`."""
    return programs.run(
        trial.parameters, {**os.environ, **_told_of(sweep, trial), "TRACKLAB_AS_WANDB": "1"}
    )


def _call(function: Callable[[], Any], sweep: Sweep, trial: Trial) -> Outcome:
    """Run a trial in this thread, and end the run that it leaves."""
    current.finish()  # the agent's own: the trial is another run
    with _environment(_told_of(sweep, trial)):
        try:
            function()
        except TrialStopped:
            current.finish()
            return Outcome(0, stopped=True)
        except BaseException as error:  # noqa: BLE001 - the user's code
            return _after_error(error)
        current.finish()
        return Outcome(0)


def _after_error(error: BaseException) -> Outcome:
    if not isinstance(error, SystemExit):
        traceback.print_exception(error)
    run = current.run()
    if run is not None:
        run.fail(type(error), error, error.__traceback__)
    code = exit_code(type(error), error)
    if isinstance(error, Exception | SystemExit):
        return Outcome(code)
    if isinstance(error, KeyboardInterrupt):
        return Outcome(code, signal=signal.SIGINT)
    return Outcome(code, error=error)  # a task that is cancelled, a generator that is closed


@contextmanager
def _alone(sweep: Sweep) -> Iterator[None]:
    """Refuse a second thread: the environment and the current run are the process's."""
    if not _calling.acquire(blocking=False):
        raise UsageError(
            f"agent() got a function for sweep {sweep.address} while another thread runs an agent "
            "with a function; a process has one at a time. Start the other one in a process of "
            "its own."
        )
    try:
        yield
    finally:
        _calling.release()


def _told_of(sweep: Sweep, trial: Trial) -> dict[str, str]:
    """Return the variables that say which trial this is, for `init()`."""
    told = {
        "TRACKLAB_SWEEP_ID": sweep.sweep_id, "WANDB_SWEEP_ID": sweep.sweep_id,
        "TRACKLAB_RUN_ID": trial.run_id, "WANDB_RUN_ID": trial.run_id,
        "TRACKLAB_PROJECT": sweep.project, "WANDB_PROJECT": sweep.project,
        "TRACKLAB_SWEEP_PARAM_PATH": str(trial.parameters_path),
        "WANDB_SWEEP_PARAM_PATH": str(trial.parameters_path),
        "TRACKLAB_DATA_DIR": str(sweep.root),
    }  # fmt: skip
    entity = sweep.first.get("entity")
    return {**told, "TRACKLAB_ENTITY": entity, "WANDB_ENTITY": entity} if entity else told


@contextmanager
def _environment(told: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _check_count(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError(
            f"agent() takes {name} as a whole number of 1 or more; got {value!r}. Leave it out for "
            "no limit."
        )
    if value < 1:
        raise UsageError(
            f"agent() takes {name} of 1 or more; got {value}. Leave it out for no limit."
        )
