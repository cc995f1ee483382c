"""Threads, forks, signals, finalisers and the interpreter's end, all at once: no deadlock.

Each program runs in a process of its own under a watchdog that prints every stack and exits
after `WATCHDOG_S` seconds; whatever happens, each row that was logged is there exactly once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.evidence import Evidence, evidence
from tests.sdk.test_console import kept, printed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

WATCHDOG_S = 20
START = f"""
import atexit, faulthandler, gc, itertools, json, multiprocessing, os, signal, sys, threading, time
faulthandler.dump_traceback_later({WATCHDOG_S}, exit=True)
import tracklab
run = tracklab.init(project="p", id="r", dir=sys.argv[1], settings={{
    "console": "off", "segment_bytes": 50_000, "monitor_interval": 0.1, "sync_interval": 0.05}})
log = run.log

def rows(source, count):
    for n in range(count):
        log({{"source": source, "n": n}})
"""
FORKS_WHILE_THREADS_LOG = """
threads = [threading.Thread(target=rows, args=(f"thread{n}", 3_000)) for n in range(4)]
for thread in threads:
    thread.start()
for n in range(20):  # some thread holds the lock at most of these
    child = os.fork()
    if child == 0:
        rows(f"child{n}", 50)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
for thread in threads:
    thread.join()
"""
FORKS_BESIDE_A_PRINTING_THREAD = """
stop = []
def work():
    while not stop: print("thread")
threading.Thread(target=work).start()
for _ in range(50):
    child = os.fork()
    if child == 0:
        sys.stderr.write("child\\n"); sys.stderr.flush()
        run.finished or print("child", file=sys.stderr)
        os._exit(0)
    os.waitpid(child, 0)
stop.append(1)
"""
SIGNALS_AND_FINALISERS = """
class Dying:
    def __init__(self):
        self.itself = self  # only the collector ends it, at any allocation
    def __del__(self):  # in whichever thread collects
        log({"source": "finaliser", "n": next(finalised)})
        ended.append(None)

def handle(*_):
    log({"source": "signal", "n": next(handled), "text": "the careful way"})

finalised, handled, ended = itertools.count(), itertools.count(), []
gc.set_threshold(50, 2, 2)
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
worker = threading.Thread(target=rows, args=("thread", 5_000))
worker.start()
for n in range(5_000):
    Dying()
    log({"source": "main", "n": n})
worker.join()
signal.setitimer(signal.ITIMER_REAL, 0)
while len(ended) < 5_000:  # `collect` does nothing while another thread collects
    gc.collect()
    time.sleep(0.01)
print(next(handled), next(finalised))
"""
INTERRUPTS = """
def interrupt(_, frame):
    while frame is not None and frame.f_code is not attempt.__code__:
        frame = frame.f_back
    if frame is not None:  # else nobody would catch it
        raise KeyboardInterrupt

def attempt():
    global done
    signal.setitimer(signal.ITIMER_REAL, 1e-6 * next(waits_us))
    while done < 10_000:
        log({"source": "main", "n": done})
        done += 1

signal.signal(signal.SIGALRM, interrupt)
done = caught = 0
waits_us = itertools.cycle(range(1, 100))
while done < 10_000:
    try:
        attempt()
    except KeyboardInterrupt:
        caught += 1
print(caught)
"""
ENDS_FROM_HANDLERS = """
def end(*_):
    began = time.monotonic()
    current.finish()
    took.append(time.monotonic() - began)

signal.signal(signal.SIGALRM, end)
took, acknowledged = [], {}
for number in range(100):
    current = tracklab.init(project="p", id=f"ended{number}", dir=sys.argv[1], reinit="create_new",
                            system_monitor=number % 2 == 0, settings={"console": "off"})
    signal.setitimer(signal.ITIMER_REAL, 0.002)
    try:
        for n in itertools.count():
            current.log({"n": n})
            acknowledged[number] = n
    except tracklab.UsageError:
        pass  # the run is finished
print(max(took), json.dumps(acknowledged))
"""
CHILDREN_END_FROM_HANDLERS = """
def work(number, own):
    ours = tracklab.init(project="p", id=f"own{number}", dir=sys.argv[1], reinit="create_new",
                         settings={"console": "off"}) if own else run
    def end(*_):
        ours.finish()
        sys.exit(0)
    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 0.002)
    while True:
        ours.log({"n": number})

for number in range(20):
    child = multiprocessing.get_context("fork").Process(target=work, args=(number, number % 2))
    child.start()
    child.join()
    assert child.exitcode == 0
"""
LISTENED = """
import logging
class Slow(logging.Handler):
    def emit(self, record):
        time.sleep(0.02)  # with the handler's lock
def end(*_):
    began = time.monotonic()
    run.finish()
    print(time.monotonic() - began)
    sys.exit(0)
logging.getLogger(f"tracklab.run.{run.id}").addHandler(Slow())
signal.signal(signal.SIGALRM, end)
signal.setitimer(signal.ITIMER_REAL, 0.1)
rows("main", 10**9)
"""
HELD_UP = """
import logging
class Slow(logging.Handler):
    def emit(self, record):
        if threading.current_thread() is not threading.main_thread():
            return
        helpers = [one.ident for one in threading.enumerate() if one.name == "tracklab-sampler"]
        while not any(map(run.is_telling, helpers)):
            time.sleep(0.005)  # until it waits for the lock that is held here
        signal.raise_signal(signal.SIGALRM)
def end(*_):
    began = time.monotonic()
    run.finish()
    print(time.monotonic() - began)
    sys.exit(0)
logging.getLogger(f"tracklab.run.{run.id}").addHandler(Slow())
signal.signal(signal.SIGALRM, end)
rows("main", 1)
"""
#: A listener of the run's own thread that never comes back, raises, or logs itself first.
STUCK = """
import logging
class Odd(logging.Handler):
    def createLock(self):
        self.lock = None
    def emit(self, record):
        if threading.current_thread().name == "tracklab-sampler" and not busy.is_set():
            busy.set()
            {}
busy = threading.Event()
logging.getLogger(f"tracklab.run.{{run.id}}").addHandler(Odd())
log({{"t": tracklab.Table(columns=["a"], data=[[1]])}})
busy.wait(30)
rows("main", 1)
began = time.monotonic()
run.finish()
print(time.monotonic() - began, flush=True)
os._exit(0)
"""
INTERPRETER_END = """
atexit.register(rows, "atexit", 10)
for n in range(3):
    threading.Thread(target=rows, args=(f"daemon{n}", 10**9), daemon=True).start()
rows("main", 500)
"""
WORKERS = """
def work(n):
    rows(f"worker{n}", 20)
    return n

with multiprocessing.get_context("fork").Pool(4) as pool:
    assert sorted(pool.map(work, range(40), chunksize=1)) == list(range(40))
    pool.close()
    pool.join()
"""


def logged(root: Path, body: str, **environment: str) -> tuple[str, Evidence]:
    """Run a program; it must end well and say nothing. Return its output and its run's lines."""
    done = subprocess.run(
        [sys.executable, "-c", START + body, str(root)], env={**os.environ, **environment},
        capture_output=True, text=True, check=False, timeout=WATCHDOG_S + 10,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = evidence(root / "p/r")
    assert (found.bad, found.torn) == ([], [])
    return done.stdout, found


def counts(found: Evidence) -> dict[str, int]:
    """Return how many rows each source logged; each must be there once."""
    pairs = [(row["source"], row["n"]) for row in found.rows]
    assert len(pairs) == len(set(pairs))
    return {source: sum(s == source for s, _ in pairs) for source in {s for s, _ in pairs}}


@pytest.fixture(params=["sync", "thread"])
def write_mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return each write mode, chosen for the programs that the test starts."""
    monkeypatch.setenv("TRACKLAB_WRITE_MODE", request.param)
    # Threads that log in a loop take turns with the one that writes the end: on a busy machine
    # that may take longer than a user should wait, and then a line would be printed.
    monkeypatch.setenv("TRACKLAB_FINISH_TIMEOUT", "15")
    return str(request.param)


def test_forks_while_threads_log(root: Path, write_mode: str) -> None:
    """20 children of a process with four logging threads; a lock held at the fork stops none."""
    body = FORKS_WHILE_THREADS_LOG
    if write_mode == "thread":  # `os._exit` is what this mode does not survive
        body = body.replace("os._exit(0)", "run._writer.settle(); os._exit(0)")
    _, found = logged(root, body)
    expected = {f"thread{n}": 3_000 for n in range(4)} | {f"child{n}": 50 for n in range(20)}
    assert counts(found) == expected
    assert [found.unaccounted(name) for name in found.numbers] == [set()] * 21


@pytest.mark.parametrize("how", ["wrap", "redirect"])
def test_a_fork_beside_a_printing_thread_does_not_hang(root: Path, how: str) -> None:
    """A lock of the console's that is held at the fork is nobody's in the child."""
    code, _, _ = printed(root, FORKS_BESIDE_A_PRINTING_THREAD, how)
    assert code == 0
    assert kept(root, "stderr").count(b"child\n") == 100


def test_signal_handlers_and_finalisers_log(root: Path, write_mode: str) -> None:
    """They interrupt a call that holds the lock, in its own thread."""
    said, found = logged(root, SIGNALS_AND_FINALISERS)
    signals, finalisers = map(int, said.split())
    assert signals > 10
    assert finalisers == 5_000
    expected = {"main": 5_000, "thread": 5_000, "signal": signals, "finaliser": finalisers}
    assert counts(found) == expected
    assert found.unaccounted() == set()


def test_an_interrupt_at_any_moment_loses_no_acknowledged_row(root: Path, write_mode: str) -> None:
    """Ctrl-C again and again while rows are written; the program goes on each time.

    No number stays without a line either, so nothing looks as if it had been lost.
    """
    said, found = logged(root, INTERRUPTS)
    assert int(said) > 100
    assert {row["n"] for row in found.rows} == set(range(10_000))
    assert (found.unaccounted(), found.gaps()) == (set(), [])


def test_a_handler_ends_the_run_in_the_middle_of_a_call(root: Path, write_mode: str) -> None:
    """Where the interrupted call holds the lock too: no wait, and no acknowledged row is lost."""
    said, _ = logged(root, ENDS_FROM_HANDLERS)
    longest_s, acknowledged = said.split(maxsplit=1)
    assert float(longest_s) < 5
    for number, last in json.loads(acknowledged).items():
        found = evidence(root / f"p/ended{number}")
        assert {row["n"] for row in found.rows} >= set(range(last + 1))
        assert [event["message"] for event in found.events][-1] == "finish"


def test_a_handler_ends_the_run_in_a_child(root: Path, write_mode: str) -> None:
    """A fork's part of its parent's run, and a worker's own: each end is told, by its writer."""
    logged(root, CHILDREN_END_FROM_HANDLERS)
    parents = evidence(root / "p/r")
    told = [event for event in parents.events if event["message"] == "finish"]
    assert len(told) == 1 + 10
    for number in range(1, 20, 2):
        assert evidence(root / f"p/own{number}").events[-1]["message"] == "finish"


@pytest.mark.parametrize("program", [LISTENED, HELD_UP], ids=["alone", "awaited"])
def test_a_handler_ends_a_run_whose_listener_is_busy(
    root: Path, write_mode: str, program: str
) -> None:
    """The interrupted thread holds the listener's lock, for which the run's own thread may wait."""
    said, found = logged(root, program)
    assert float(said) < 5
    assert found.events[-1]["message"] == "finish"


@pytest.mark.parametrize(
    "deed", ["time.sleep(60)", "sys.exit('x')", "run.event('app', 'heard'); time.sleep(60)"]
)
def test_a_listener_of_the_runs_own_thread_costs_no_end(
    root: Path, write_mode: str, deed: str
) -> None:
    """It is stuck while a table is stored, raises what ends a thread, or logs itself."""
    done = subprocess.run(
        [sys.executable, "-c", START + STUCK.format(deed), str(root)],
        capture_output=True, text=True, check=False, timeout=WATCHDOG_S + 10,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 15
    assert evidence(root / "p/r").events[-1]["message"] == "finish"


def test_the_end_of_the_interpreter_is_survived(root: Path, write_mode: str) -> None:
    """`atexit` logs, and daemon threads log on until they are stopped: nothing hangs or prints."""
    _, found = logged(root, INTERPRETER_END)
    found_counts = counts(found)
    assert found_counts["main"] == 500
    assert found_counts["atexit"] == 10
    assert found.unaccounted() == set()


def test_a_pool_of_workers_logs(root: Path, write_mode: str) -> None:
    """Forked workers write as writers of their own and end without `atexit`."""
    _, found = logged(root, WORKERS)
    assert counts(found) == {f"worker{n}": 20 for n in range(40)}
