"""What a target is told, in which order, how often, and from where on."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.alerts.scenes import Listener, Scene
from tests.query.files import START_S, event, segment
from tracklab.alerts.positions import Positions

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.alerts.notices import Notice

pytestmark = pytest.mark.integration


def alert(title: str, seq: int, *, at_s: int = 0, wait: Any = 0, **more: Any) -> dict[str, Any]:
    """Return an alert as `Run.alert` writes it."""
    data = {"title": title, "text": f"about {title}", "wait_duration": wait}
    return event("tracklab.alert", title, data, seq=seq, at_s=at_s, **more)


def finished(seq: int = 9) -> dict[str, Any]:
    """Return the end of a run."""
    data = {"state": "finished", "exit_code": 0}
    return event("tracklab.lifecycle", "finish", data, seq=seq)


def append(path: Path, record: bytes) -> None:
    """Add bytes to a segment."""
    with open(path, "ab") as file:
        file.write(record)


def test_alerts_are_told_in_order_and_once(root: Path) -> None:
    """Of all writers; what else a run writes is not told."""
    first = [alert("a", 1), event("app", "tracklab.alert", seq=2), alert("b", 3), finished()]
    segment(root / "p/r", first, stream="events")
    segment(root / "p/r", [alert("c", 1)], stream="events", writer="h-1-1")
    scene = Scene(root, listener := Listener())
    assert (scene.look(), scene.look(), listener.titles) == (True, True, ["a", "b", "c"])
    assert listener.told[0].body == "about a\nr (p/r)"


def test_a_title_is_told_again_after_its_wait(root: Path) -> None:
    """By the times of the alerts; all of them stay recorded."""
    waits = [alert("a", n, at_s=n, wait=5) for n in range(1, 9)]
    segment(root / "p/r", [*waits, alert("b", 9, at_s=8, wait=5), finished(10)], stream="events")
    scene = Scene(root, listener := Listener())
    assert scene.look()
    assert [(one.title, one.timestamp) for one in listener.told] == [
        ("a", "2026-11-20T17:40:01.000000Z"), ("a", "2026-11-20T17:40:06.000000Z"),
        ("b", "2026-11-20T17:40:08.000000Z"),
    ]  # fmt: skip


def test_alerts_below_the_level_are_left_out(root: Path) -> None:
    """Graver ones are told."""
    levels = ("INFO", "WARNING", "ERROR", "CRITICAL")
    alerts = [alert(level, n, level=level) for n, level in enumerate(levels, 1)]
    segment(root / "p/r", [*alerts, finished()], stream="events")
    Scene(root, listener := Listener(), level="ERROR").look()
    assert listener.titles == ["ERROR", "CRITICAL"]


def test_a_line_that_is_being_written_is_told_when_it_is_whole(root: Path) -> None:
    """Neither half nor twice."""
    path = segment(root / "p/r", [alert("a", 1)], stream="events")
    scene = Scene(root, listener := Listener())
    append(path, b'{"timestamp":"2026-11-20T17:41:00Z","level":"INFO","logger":"tracklab.alert",')
    scene.look()
    assert listener.titles == ["a"]
    append(path, b'"message":"b","run_id":"r","seq":2,"data":{}}\n')
    scene.look()
    assert listener.titles == ["a", "b"]


def test_a_target_that_fails_is_tried_again_and_loses_nothing(root: Path) -> None:
    """After longer and longer pauses; both is said once."""
    segment(root / "p/r", [alert("a", 1), alert("b", 2), finished()], stream="events")
    scene = Scene(root, listener := Listener(failures=3))
    looks = [scene.look(after_s=pause) for pause in (0, 0.9, 0.2, 1.9, 0.2, 3.9, 0.2)]
    assert (looks, listener.titles) == ([False] * 6 + [True], ["a", "b"])
    assert [text.partition(":")[0] for text in scene.said] == [
        "The listener could not be told", "The listener is told again.",
    ]  # fmt: skip


def test_a_slow_target_leaves_the_others_their_time(root: Path) -> None:
    """What it was not told in its turn comes in the next ones."""
    segment(root / "p/r", [alert(title, n) for n, title in enumerate("abcde", 1)], stream="events")
    scene = Scene(root, listener := Listener())

    def send(notice: Notice) -> None:
        scene.elapsed_s += 3
        listener.told.append(notice)

    listener.send = send  # type: ignore[method-assign]
    looks = [(scene.look(), len(listener.told)) for _ in range(4)]
    assert looks == [(False, 2), (False, 4), (True, 5), (True, 5)]


def test_an_alert_that_is_never_taken_holds_up_no_other(root: Path) -> None:
    """If another one is taken, the target is well: what it does not take is named."""
    segment(root / "p/r", [alert(title, n) for n, title in enumerate("abc", 1)], stream="events")
    segment(root / "p/s", [alert("d", 1), finished()], stream="events")
    scene = Scene(root, listener := Listener(refused={"a", "b"}))
    looks = [scene.look(after_s=300) for _ in range(10)]
    assert looks == [False] * 9 + [True]
    assert listener.titles == ["c", "d"]
    left_out = [text for text in scene.said if "does not take one alert: it is out" in text]
    assert [text[-6:] for text in left_out] == ["p/r: a", "p/r: b"]


def test_a_target_that_is_out_gets_everything_later(root: Path) -> None:
    """However often it was tried, and whatever happened meanwhile."""
    path = segment(root / "p/r", [alert("a", 1), alert("b", 2)], stream="events")
    scene = Scene(root, listener := Listener(failures=40))
    for _ in range(10):
        scene.look(after_s=300)
    append(path, b'{"logger":"tracklab.alert","message":"c","level":"INFO","seq":3,"data":{}}\n')
    for _ in range(30):
        scene.look(after_s=300)
    assert listener.titles == ["a", "b", "c"]
    assert len(scene.said) == 2


@pytest.mark.parametrize("delivered", range(5))
def test_after_a_kill_it_goes_on_from_where_it_was(
    root: Path, tmp_path: Path, delivered: int
) -> None:
    """Nothing is lost and nothing comes twice, whenever it was killed between two deliveries."""
    titles = ["a", "b", "c", "d"]
    segment(root / "p/r", [alert("a", 1), alert("b", 2), finished()], stream="events")
    segment(root / "p/s", [alert("c", 1), alert("d", 2)], stream="events")
    killed = Listener(refused=titles[delivered:])
    Scene(root, killed, kept=tmp_path / "kept.json").look()
    later = Listener()
    Scene(root, later, kept=tmp_path / "kept.json").look()
    assert (killed.titles, later.titles) == (titles[:delivered], titles[delivered:])


def test_it_begins_now_and_then_reads_whatever_comes(root: Path) -> None:
    """What a run said before is left out; what it says later is told whatever its clock says."""
    path = segment(root / "p/r", [alert("a", 1), alert("b", 2, at_s=30)], stream="events")
    scene = Scene(root, listener := Listener(), since_s=START_S + 20)
    scene.look()
    line = b'{"timestamp":"1970-01-01T00:00:00Z","logger":"tracklab.alert","message":"c",'
    append(path, line + b'"level":"INFO","seq":3,"data":{}}\n')
    scene.look()
    assert listener.titles == ["b", "c"]


def test_runs_that_come_from_elsewhere_tell_nothing_old(root: Path, tmp_path: Path) -> None:
    """Neither their alerts nor their ends: an archive was imported after the watcher had begun."""
    scene = Scene(root, listener := Listener(), kept=tmp_path / "kept.json")
    scene.courier.positions.seen_s = START_S + 24 * 3600 + 30
    failed = event("tracklab.lifecycle", "finish", {"exit_code": 1}, seq=3, at_s=20)
    segment(root / "p/r", [alert("a", 1), alert("b", 2, at_s=40), failed], stream="events")
    assert (scene.look(), listener.titles) == (True, ["b"])


def test_only_the_runs_that_are_meant_are_told_of(root: Path) -> None:
    """By project, by address, or by run id."""
    for address in ("p/a", "p/q/b", "pp/c", "s/d", "s/e"):
        segment(root / address, [alert(address, 1), finished()], stream="events")
    Scene(root, listener := Listener(), scope=("p", "s/d", "c")).look()
    assert sorted(listener.titles) == ["p/a", "p/q/b", "pp/c", "s/d"]


def test_positions_that_cannot_be_kept_stop_nothing(root: Path, tmp_path: Path) -> None:
    """It is said once."""
    segment(root / "p/r", [alert("a", 1), alert("b", 2), finished()], stream="events")
    (tmp_path / "kept").mkdir()
    scene = Scene(root, listener := Listener(), kept=tmp_path / "kept" / "kept.json")
    shutil.rmtree(tmp_path / "kept")
    assert (scene.look(), listener.titles, len(scene.said)) == (True, ["a", "b"], 1)


def test_runs_without_number_do_not_fill_the_memory(root: Path, tmp_path: Path) -> None:
    """Those that ended long ago are forgotten, and are not told of again."""
    positions = Positions(tmp_path / "kept.json", since_s=1.0)
    for number in range(10_100):
        position = positions.of(f"p/{number}")
        position.since_s, position.told = None, "" if number < 5 else "finished 1"
    positions.seen_s = 7.0
    positions.save()
    kept = Positions(tmp_path / "kept.json", since_s=2.0)
    assert (kept.since_s, kept.unsettled()) == (7.0, [f"p/{n}" for n in range(5)])
    assert (kept.of("p/50").since_s, kept.of("p/10099").since_s) == (7.0, None)


def test_a_damaged_file_of_positions_counts_as_none(tmp_path: Path) -> None:
    """Also one that holds what no courier wrote."""
    (tmp_path / "kept.json").write_text('{"since": "x", "runs": {"p/r": 1, "p/s": {"offsets": 2}}}')
    assert Positions(tmp_path / "kept.json", since_s=3.0).of("p/r").since_s == 3.0


def test_a_run_that_is_made_anew_is_told_anew(root: Path, tmp_path: Path) -> None:
    """Its old life was deleted; address, segment names, sizes and titles are the same."""
    scene = Scene(root, listener := Listener(), kept=tmp_path / "kept.json")
    for life in range(1, 3):
        alerts = [alert("a", 1, wait=600), alert(f"life {life}", 2), finished()]
        segment(root / "p/r", alerts, stream="events", facts={"id": str(life)})
        (root / "p/r/metadata.json").write_text(f'{{"start_time": "2026-11-20T17:4{life}:00Z"}}')
        scene.look()
        shutil.rmtree(root / "p/r")
        scene.look()
    assert listener.titles == ["a", "life 1", "a", "life 2"]


def test_a_segment_that_has_shrunk_is_read_anew(root: Path) -> None:
    """What was cut off by a crash of the machine is written again, elsewhere in the file."""
    path = segment(root / "p/r", [alert("a", 1), alert("b", 2)], stream="events")
    scene = Scene(root, listener := Listener())
    scene.look()
    segment(root / "p/r", [alert("c", 1)], stream="events")
    os.utime(path.parent, (1, 1))
    scene.look()
    assert listener.titles == ["a", "b", "c"]


def test_refusals_are_counted_across_restarts(root: Path, tmp_path: Path) -> None:
    """From cron each try is a process of its own."""
    segment(root / "p/r", [alert("a", 1), alert("b", 2), finished()], stream="events")
    listener = Listener(refused={"a"})
    looks = [Scene(root, listener, kept=tmp_path / "kept.json").look() for _ in range(6)]
    assert (looks, listener.titles) == ([False] * 4 + [True] * 2, ["b"])


def test_an_outage_that_ends_between_two_tries_drops_nothing(root: Path) -> None:
    """The first alert is tried once more when a later one was taken."""
    segment(root / "p/r", [alert("a", 1), alert("b", 2), finished()], stream="events")
    scene = Scene(root, listener := Listener(failures=5))
    assert [scene.look(after_s=300) for _ in range(5)][-1]
    assert sorted(listener.titles) == ["a", "b"]
    assert "is told again" in scene.said[-1]


def test_a_clock_that_was_ahead_silences_nobody(root: Path, tmp_path: Path) -> None:
    """It was set right, before a restart or while it watched; at worst a day is told again."""
    segment(root / "p/r", [alert("a", 1, at_s=5), finished()], stream="events")
    ahead_s = START_S + 30 * 24 * 3600
    kept = Positions(tmp_path / "kept.json", since_s=ahead_s)
    kept.seen_s = ahead_s
    kept.save()
    for options in ({"kept": tmp_path / "kept.json"}, {"since_s": ahead_s}):
        scene = Scene(root, listener := Listener(), now_s=START_S + 60, **options)
        assert (scene.look(), listener.titles) == (True, ["a"])


def test_writers_with_one_title_are_told_of_once(root: Path) -> None:
    """However far apart their lines lie; the first that is read is told."""
    for rank in range(3):
        alerts = [alert("a", 1, at_s=9 - rank, wait=60)]
        segment(root / "p/r", alerts, stream="events", writer=f"h-{rank}-1")
    assert Scene(root, listener := Listener()).look()
    assert listener.titles == ["a"]
