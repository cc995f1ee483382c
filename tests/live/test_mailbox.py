"""What waits for one client is bounded, coalesced and never lost silently."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from tests.query.test_frames import decode
from tracklab.live.mailbox import Mailbox, encode


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Return the present."""
        return self.now_s


def take(mailbox: Mailbox) -> dict[str, Any]:
    """Return the next message, which must be there already."""
    found: dict[str, Any] = orjson.loads(asyncio.run(asyncio.wait_for(mailbox.take(), 1)))
    return found


def nothing_waits(mailbox: Mailbox) -> bool:
    """Return whether no message may be sent now."""

    async def look() -> bool:
        try:
            await asyncio.wait_for(mailbox.take(), 0.01)
        except asyncio.TimeoutError:
            return True
        return False

    return asyncio.run(look())


def test_rows_of_one_run_are_paced() -> None:
    """The first come at once; those of the next moment come together."""
    clock = Clock()
    mailbox = Mailbox(clock_s=clock)
    mailbox.put_rows("p/a", [b'{"_step":1}'], since="0", rev="1")
    assert take(mailbox)["data"] == {"run": "p/a", "rev": "1", "rows": [{"_step": 1}]}
    mailbox.put_rows("p/a", [b'{"_step":2}'], since="1", rev="2")
    mailbox.put_rows("p/a", [b'{"_step":3}'], since="2", rev="3")
    assert nothing_waits(mailbox)
    clock.now_s += 0.3
    assert take(mailbox)["data"] == {
        "run": "p/a", "rev": "3", "rows": [{"_step": 2}, {"_step": 3}],
    }  # fmt: skip


def test_another_run_does_not_wait() -> None:
    """The pace is kept run by run."""
    mailbox = Mailbox(clock_s=Clock())
    mailbox.put_rows("p/a", [b"{}"], since="0", rev="1")
    mailbox.put_rows("p/b", [b"{}"], since="0", rev="1")
    assert {take(mailbox)["data"]["run"], take(mailbox)["data"]["run"]} == {"p/a", "p/b"}


def test_summary_values_merge_to_the_newest() -> None:
    """A client without a subscription gets the last value of each key."""
    mailbox = Mailbox(clock_s=Clock())
    mailbox.put_summary("p/a", {"loss": 2.0, "acc": 0.1}, since="0", rev="1")
    mailbox.put_summary("p/a", {"loss": 1.0}, since="1", rev="2")
    assert take(mailbox)["data"] == {"run": "p/a", "summary": {"loss": 1.0, "acc": 0.1}}


def test_a_message_takes_the_place_of_an_older_one() -> None:
    """Only the newest state of a thing is sent."""
    mailbox = Mailbox()
    for value in (1, 2):
        mailbox.put("system", encode("system_metrics", {"cpu_percent": value}))
    assert take(mailbox)["data"] == {"cpu_percent": 2}
    assert nothing_waits(mailbox)


def test_rows_beyond_the_bound_are_dropped_and_named() -> None:
    """The client learns the rev before the first row it will not get, once."""
    mailbox = Mailbox(limit_bytes=1000, clock_s=Clock())
    mailbox.put_rows("p/a", [b"1" * 600], since="r0", rev="r1")
    mailbox.put_rows("p/a", [b"2" * 600], since="r1", rev="r2")
    mailbox.put_rows("p/a", [b"3"], since="r2", rev="r3")
    assert take(mailbox) == {"type": "stale", "data": {"run": "p/a", "rev": "r0"}}
    assert take(mailbox)["data"] == {"run": "p/a", "rev": "r3", "rows": [3]}
    mailbox.put_rows("p/a", [b"2" * 900], since="r3", rev="r4")
    assert nothing_waits(mailbox)


def test_other_messages_beyond_the_bound_are_named_too() -> None:
    """A dropped status says which run to look at again."""
    mailbox = Mailbox(limit_bytes=100)
    mailbox.put("first", b"1")
    mailbox.put("a", b"x" * 200, run="p/a")
    mailbox.put("b", b"x" * 200)
    assert asyncio.run(mailbox.take()) == "1"
    assert take(mailbox) == {"type": "stale", "data": {"run": "p/a", "rev": None}}
    assert nothing_waits(mailbox)


def test_one_message_may_be_as_large_as_it_is() -> None:
    """The machines of a very large cluster are told; only where nothing else waits."""
    mailbox = Mailbox(limit_bytes=100)
    for size in (200, 300):
        mailbox.put("cluster", b"1" * size)
    mailbox.put("other", b"2")
    assert asyncio.run(mailbox.take()) == "1" * 300
    assert nothing_waits(mailbox)


def test_rows_come_as_numbers_to_who_wants_them_so() -> None:
    """In a frame, with the rev behind them; all else stays text."""
    mailbox = Mailbox(clock_s=Clock())
    mailbox.binary = True
    mailbox.put_rows("p/a", [b'{"_step":1,"loss":0.5,"note":"x"}'], since="0", rev="1")
    mailbox.put_rows("p/a", [b'{"_step":2,"loss":"NaN"}'], since="1", rev="2")
    frame = asyncio.run(mailbox.take())
    assert isinstance(frame, bytes)
    told = decode(frame)
    assert told["revs"] == {"p/a": "2"}
    assert [(one["key"], one["x"], one["last"]) for one in told["series"]] == [
        ("loss", [1.0], [0.5])
    ]
    mailbox.put_stale("p/a", "2")
    assert take(mailbox)["type"] == "stale"


def test_forgotten_rows_make_room() -> None:
    """A run that is no longer wanted costs nothing."""
    mailbox = Mailbox(limit_bytes=100, clock_s=Clock())
    mailbox.put_rows("p/a", [b"x" * 90], since="0", rev="1")
    mailbox.forget("p/a")
    mailbox.put_rows("p/b", [b'"' + b"x" * 88 + b'"'], since="0", rev="1")
    assert take(mailbox)["data"]["run"] == "p/b"


def test_a_patient_sender_waits_until_its_message_is_taken() -> None:
    """Console text is not read on while the client has not taken the last."""

    async def scene() -> list[str]:
        order, mailbox = [], Mailbox()
        mailbox.put("log", b'"1"')
        waiting = asyncio.create_task(mailbox.settled("log"))
        await asyncio.sleep(0)
        order.append("waits" if not waiting.done() else "went on")
        await mailbox.take()
        await waiting
        return [*order, "settled"]

    assert asyncio.run(scene()) == ["waits", "settled"]
