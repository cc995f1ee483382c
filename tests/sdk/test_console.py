r"""What a program prints lands in the files, whoever prints it, and on its terminal as before."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import psutil
import pytest

import tracklab
from tracklab.storage.console import parts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.functional

START = """
import ctypes, faulthandler, logging, multiprocessing, os, signal, subprocess, sys, threading, time
import tracklab
run = tracklab.init(project="p", id="r", system_monitor=False)
"""
BOTH = pytest.mark.parametrize("how", ["wrap", "redirect"])


def environment(root: Path, how: str) -> dict[str, str]:
    """Return the environment of a program that keeps its console in a way."""
    return {**os.environ, "TRACKLAB_DATA_DIR": str(root), "TRACKLAB_CONSOLE": how}


def printed(root: Path, body: str, how: str = "redirect") -> tuple[int, bytes, bytes]:
    """Run a program; return its exit code and both its outputs."""
    done = subprocess.run(
        [sys.executable, "-c", START + body], env=environment(root, how), capture_output=True,
        stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def kept(root: Path, stream: str = "stdout", run_id: str = "r") -> bytes:
    """Return what the run's files hold of a stream."""
    found = parts(root / "p" / run_id / "logs", stream)
    return b"".join(part.path.read_bytes() for part in found)


@BOTH
def test_what_python_prints_is_kept_and_shown(root: Path, how: str) -> None:
    """In both ways, byte for byte: colours, other alphabets, an open line, rich and click."""
    body = """
import click, rich
print("plain"); print("more")
print("\\x1b[31mred\\x1b[0m \\u00fc")
sys.stdout.writelines(["a\\n", "b\\n"])
rich.print("[red]x[/red]"); click.echo("c"); click.secho("d", err=True)
print("bad", file=sys.stderr); logging.warning("careful")
print("no end", end="")
"""
    code, shown, said = printed(root, body, how)
    expected = "plain\nmore\n\x1b[31mred\x1b[0m \u00fc\na\nb\nx\nc\nno end".encode()
    assert (code, shown, kept(root)) == (0, expected, expected)
    assert said == kept(root, "stderr") == b"d\nbad\nWARNING:root:careful\n"


def test_what_others_print_is_kept_with_redirect(root: Path) -> None:
    """C code, children of all kinds, bytes, whatever stands in for `sys.stdout`."""
    body = """
os.write(1, b"raw\\n")
libc = ctypes.CDLL(None)
libc.printf(b"from %s\\n", b"C"); libc.fflush(None)
subprocess.run(["sh", "-c", "echo child; echo bad >&2"])
os.system("echo system")
sys.stdout.buffer.write(b"\\xff\\n"); sys.stdout.flush()
pool = multiprocessing.get_context("spawn").Pool(1)
pool.map(print, "q")
pool.close(); pool.join()  # else it may be ended before it has written what it printed
if os.fork() == 0:
    print("forked", flush=True); os._exit(0)
os.wait()
class Own:
    write = lambda self, text: os.write(1, text.upper().encode())
    flush = lambda self: None
sys.stdout = Own()
print("own")
libc.printf(b"last of C")
"""
    code, shown, said = printed(root, body)
    expected = b"raw\nfrom C\nchild\nsystem\n\xff\nq\nforked\nOWN\nlast of C"
    assert (code, shown, kept(root)) == (0, expected, expected)
    assert said == kept(root, "stderr") == b"bad\n"


@BOTH
def test_the_traceback_that_ends_a_program_is_kept(root: Path, how: str) -> None:
    """It is the last that is printed, and the first that people look for."""
    code, _, said = printed(root, "1 / 0", how)
    assert code == 1
    assert kept(root, "stderr") == said
    assert said.endswith(b"ZeroDivisionError: division by zero\n")


@BOTH
def test_a_bar_is_folded(root: Path, how: str) -> None:
    """All of its states are shown, few are kept, and the last one is."""
    body = (
        "for n in range(200_000):\n    sys.stderr.write(f'\\r{n:3}%|##| {n}')\n"
        "print('', file=sys.stderr)\n"
    )
    _, _, shown = printed(root, body, how)
    assert shown.count(b"\r") == 200_000
    assert len(kept(root, "stderr")) < 2_000
    assert kept(root, "stderr").endswith(b"199999%|##| 199999\n")


@pytest.mark.parametrize(
    ("how", "ending", "expected"),
    [("wrap", "", 0), ("wrap", "os._exit(7)", 7), ("redirect", "", 0),
     ("redirect", "os._exit(7)", 7), ("redirect", "os.abort()", -6),
     ("redirect", "faulthandler.enable(); ctypes.string_at(0)", -11)],
)  # fmt: skip
def test_a_burst_is_neither_changed_nor_lost(
    root: Path, how: str, ending: str, expected: int
) -> None:
    """Ten megabytes, and then the program ends as it likes."""
    body = f"for n in range(100_000): print(f'{{n:099}}')\nsys.stdout.flush()\n{ending}"
    code, shown, said = printed(root, body, how)
    assert (code, b"Segmentation" in said) == (expected, "fault" in ending)
    assert (shown, said) == (kept(root), kept(root, "stderr"))
    assert len(shown) == 10_000_000


def test_c_code_that_holds_the_lock_does_not_hang(root: Path) -> None:
    """It prints more than any pipe holds, and no thread of Python's can run meanwhile."""
    body = "ctypes.PyDLL(None).write(1, b'x' * 1_000_000, 1_000_000)"
    _, shown, _ = printed(root, body)
    assert shown == kept(root) == b"x" * 1_000_000


def test_what_a_killed_program_wrote_is_shown_and_kept(root: Path) -> None:
    """All of it, also what nobody had read when it died."""
    body = "import itertools\nfor n in itertools.count(): os.write(1, b'%d\\n' % n)"
    with subprocess.Popen(
        [sys.executable, "-c", START + body], env=environment(root, "redirect"),
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        shown = b"".join(process.stdout.readline() for _ in range(50_000))
        process.kill()
        shown += process.stdout.read()
    assert shown == kept(root)
    lines = shown.splitlines()
    assert lines == [b"%d" % n for n in range(len(lines))]


def test_with_wrap_what_a_killed_program_has_shown_is_kept(root: Path) -> None:
    """The file may hold more than the terminal, never less."""
    body = "import itertools\nfor n in itertools.count(): print(n, end=' ', flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", START + body], env=environment(root, "wrap"),
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        shown = process.stdout.read(20_000)
        process.kill()
        shown += process.stdout.read()
    assert kept(root).startswith(shown)


def test_a_reader_that_leaves_ends_the_program_as_always(root: Path) -> None:
    """`program | head -1`: the next text breaks the pipe, and nothing hangs."""
    body = "for n in range(10_000_000): print(n)"
    for how in ("off", "redirect"):
        with subprocess.Popen(
            [sys.executable, "-c", START.replace('"r"', f'"{how}"') + body],
            env=environment(root, how), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read()
        assert b"BrokenPipeError" in said
        assert process.returncode in {1, 120}


def test_the_process_that_carries_the_text_may_die(root: Path) -> None:
    """The program goes on, and what it prints is shown, though no longer kept."""
    body = (
        "import psutil\n"
        "mine = [p for p in psutil.process_iter(['cmdline'])"
        " if 'tracklab.sdk.pump' in ' '.join(p.info['cmdline'] or ()) and"
        " os.getpgid(p.pid) == os.getpgid(0) and p.pid != os.getpid()]\n"
        "[pump] = mine\npump.kill(); pump.wait(10)\n"
        "for n in range(100_000): print(n)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", START + body], env=environment(root, "redirect"),
        stdout=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        shown, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert shown.split() == [b"%d" % n for n in range(100_000)]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@BOTH
def test_closed_descriptors_are_let_alone(root: Path, how: str, closed: str) -> None:
    """A file that got such a number is not taken for the console."""
    body = START + "file = open(sys.argv[1], 'w'); file.write('mine'); file.close(); run.finish()"
    command = f'exec "$0" -c "$1" "$2" {closed}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, body, str(root / "file")],
        env=environment(root, how), stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert (root / "file").read_text() == "mine"
    assert tracklab_status(root) == "finished"


def tracklab_status(root: Path) -> object:
    """Return how the run says that it ended."""
    return re.findall(r'"status": "(\w+)"', (root / "p/r/metadata.json").read_text())[0]


@BOTH
def test_runs_of_one_process_share_the_console(root: Path, how: str) -> None:
    """Each keeps what was printed while it ran, and nobody's descriptors are left over."""
    body = """
run.finish()
def state():
    opened = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    files = sorted(os.readlink(path) for path in opened if os.path.lexists(path))
    return files, sys.stdout, os.stat(1).st_ino
before = state()
for n in range(3):
    a = tracklab.init(project="p", id=f"a{n}", system_monitor=False)
    print("one")
    b = tracklab.init(project="p", id=f"b{n}", reinit="create_new", system_monitor=False)
    print("two"); a.finish(); print("three"); b.finish(); print("four")
time.sleep(0.2)
print(before == state())
"""
    _, shown, _ = printed(root, body, how)
    assert shown == b"one\ntwo\nthree\nfour\n" * 3 + b"True\n"
    assert kept(root, run_id="a2") == b"one\ntwo\n"
    assert kept(root, run_id="b2") == b"two\nthree\n"


def test_a_program_may_wait_for_all_of_its_children(root: Path) -> None:
    """The process that carries the text is none of them."""
    code, shown, _ = printed(root, "try: os.wait()\nexcept ChildProcessError: print('none')")
    assert (code, shown) == (0, b"none\n")


def test_a_child_that_stays_goes_on_printing(root: Path) -> None:
    """`finish()` does not wait for it, and what it prints later is shown."""
    body = (
        "subprocess.Popen(['sh', '-c', 'sleep 0.7; echo late'])\n"
        "print('early')\nt = time.monotonic()\nrun.finish()\nprint(time.monotonic() - t < 0.5)"
    )
    _, shown, _ = printed(root, body)
    assert shown == b"early\nTrue\nlate\n"
    assert kept(root) == b"early\n"


def test_redirect_keeps_what_pytest_takes(
    root: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its streams lead past the descriptors; both are kept, and pytest still has both."""
    monkeypatch.setenv("TRACKLAB_CONSOLE", "redirect")
    with tracklab.init(project="p", id="r", dir=root, system_monitor=False):
        print("printed")  # noqa: T201 - it is what this is about
        os.write(1, b"written\n")
    shown, _ = capfd.readouterr()
    assert set(shown.split()) == {"printed", "written"}
    assert set(kept(root).split()) == {b"printed", b"written"}


# --- a terminal


class Terminal:
    """A program on a terminal of its own, and what a person would see there."""

    def __init__(self, root: Path, body: str, *, how: str = "redirect") -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environ = environment(root, how) | {"TERM": "xterm", "TRACKLAB_AUTO_UI": "0"}
            os.execve(sys.executable, [sys.executable, "-c", START + body], environ)  # noqa: S606
        self.resize(25, 90)
        self.seen = b""

    def resize(self, rows: int, columns: int) -> None:
        """Change the window."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, text: bytes) -> None:
        """Read until a text was shown."""
        due_s = time.monotonic() + 30
        while text not in self.seen and time.monotonic() < due_s:
            if select.select([self.fd], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    self.seen += os.read(self.fd, 65_536)
        assert text in self.seen, self.seen

    def end(self) -> int:
        """Read to the end and return the exit code."""
        with contextlib.suppress(OSError):
            while data := os.read(self.fd, 65_536):
                self.seen += data
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def test_a_terminal_stays_a_terminal(root: Path) -> None:
    """With colours, with its width, also when that changes; and ^C ends the program."""
    body = """
print("go?", flush=True); sys.stdin.readline()
print(os.isatty(1), os.isatty(2), sys.stdout.isatty(), os.get_terminal_size(1).columns)
sizes = []
signal.signal(signal.SIGWINCH, lambda *_: sizes.append(1))
print("ready", flush=True)
while os.get_terminal_size(1).columns != 70: time.sleep(0.01)
print("\\x1b[32mresized\\x1b[0m", bool(sizes), flush=True)
time.sleep(30)
"""
    terminal = Terminal(root, body)
    terminal.wait_for(b"go?")
    os.write(terminal.fd, b"\n")
    terminal.wait_for(b"ready")
    terminal.resize(20, 70)
    terminal.wait_for(b"resized")
    time.sleep(0.05)
    os.write(terminal.fd, b"\x03")
    assert terminal.end() == -signal.SIGINT
    assert b"True True True 90\r\n" in terminal.seen
    assert b"\x1b[32mresized\x1b[0m True" in terminal.seen
    assert b"KeyboardInterrupt" in terminal.seen
    assert kept(root).startswith(b"go?\nTrue True True 90\nready\n\x1b[32mresized")


def test_a_terminal_that_goes_away_does_not_stop_a_program(root: Path) -> None:
    """As under nohup: it goes on, and what it prints is kept."""
    body = """
gone = threading.Event()
signal.signal(signal.SIGHUP, lambda *_: gone.set())
print("go?", flush=True); gone.wait()
for n in range(1_000): print("still", n, flush=True)
run.finish()
"""
    terminal = Terminal(root, body)
    terminal.wait_for(b"go?")
    os.close(terminal.fd)
    os.waitpid(terminal.pid, 0)
    assert kept(root).endswith(b"still 999\n")
    assert tracklab_status(root) == "finished"


@pytest.fixture(autouse=True)
def no_process_is_left() -> object:
    """Whatever a test did, the process that carries text ends with the program."""
    yield
    due_s = time.monotonic() + 10
    while time.monotonic() < due_s and (left := pumps()):
        time.sleep(0.02)
    assert not left


def pumps() -> list[int]:
    """Return processes of ours that still carry text."""
    mine = os.getpgid(0)
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if "tracklab.sdk.pump" in " ".join(process.info["cmdline"] or ()):
            with contextlib.suppress(ProcessLookupError):
                found += [process.pid] * (os.getpgid(process.pid) == mine)
    return found
