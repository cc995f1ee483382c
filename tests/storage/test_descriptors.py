"""Descriptors in reserve: lent where there is little else, never another file's."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.integration

START = """
import json, os, resource, signal, threading
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from tracklab.storage import descriptors
from tracklab.storage.descriptors import keep, lent
keep()

def leak():
    found = []
    try:
        while True:
            found.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return found

def room():
    found = leak()
    for one in found:
        os.close(one)
    return len(found)
"""


def told(body: str) -> Any:
    """Return what a program of its own prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", START + body], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_reserve_is_lent_where_nothing_else_is_left_and_taken_back() -> None:
    """Nested blocks and threads share it; afterwards it is whole again."""
    body = """
leaked = leak()
with lent():
    with lent():
        inner = room()
    outer = room()
os.close(leaked.pop())
print(json.dumps([inner, outer, room(), len(descriptors._kept)]))
"""
    assert told(body) == [12, 12, 1, 13]


def test_a_program_that_has_much_left_keeps_the_reserve_whole() -> None:
    """Then nothing is closed and opened again at each call."""
    body = """
before = list(descriptors._kept)
with lent():
    print(json.dumps(descriptors._kept == before))
"""
    assert told(body) is True


def test_a_program_that_closes_everything_gets_another_reserve() -> None:
    """And what it opens under the same numbers stays its own."""
    body = """
numbers = list(descriptors._kept)
os.closerange(3, 256)
mine = [os.dup2(2, number) for number in numbers]
keep()
leaked = leak()
with lent():
    lent_room = room()
open_still = all(os.fstat(number) for number in mine)
print(json.dumps([bool(open_still), lent_room, set(descriptors._kept) & set(mine) == set()]))
"""
    assert told(body) == [True, 12, True]


def test_a_signal_and_a_fork_inside_of_a_block_end_the_loan() -> None:
    """An exception out of a handler leaves the reserve whole, and a child has its own."""
    body = """
leaked = leak()
def stop(*_): raise KeyboardInterrupt
signal.signal(signal.SIGALRM, stop)
try:
    with lent():
        signal.raise_signal(signal.SIGALRM)
except KeyboardInterrupt:
    pass
after = len(descriptors._kept)
with lent():
    child = os.fork()
    if child == 0:
        pass
if child == 0:
    os._exit(len(descriptors._kept))
print(json.dumps([after, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]))
"""
    assert told(body) == [13, 13]
