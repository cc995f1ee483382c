"""`tracklab export --clickhouse` against a real server, where one is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.query.files import event, segment
from tests.transfer.receivers import Reply, receiving
from tests.transfer.tables import ask, lines_of, two_runs
from tracklab.query.addresses import resolve
from tracklab.transfer.clickhouse import Table, table_of
from tracklab.transfer.outgoing import Outgoing
from tracklab.transfer.posting import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

PROGRAM = shutil.which("clickhouse-server", path=f"{os.environ['PATH']}:/usr/sbin:/usr/bin")
CONFIG = """<yandex>
 <logger><level>warning</level><console>1</console></logger>
 <http_port>{http}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
 <path>{place}/data/</path><tmp_path>{place}/tmp/</tmp_path>
 <format_schema_path>{place}/formats/</format_schema_path><mark_cache_size>1000000</mark_cache_size>
 <users_config>{place}/users.xml</users_config>
 <default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<yandex><profiles><default/></profiles><quotas><default/></quotas><users><me>
 <password>s3cret</password><networks><ip>127.0.0.1</ip></networks>
 <profile>default</profile><quota>default</quota></me></users></yandex>"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server of our own, with its data in a directory of the test; return its address."""
    if PROGRAM is None:
        pytest.skip("no clickhouse-server is installed")
    place, http = tmp_path_factory.mktemp("clickhouse"), free_port()
    (place / "config.xml").write_text(CONFIG.format(http=http, tcp=free_port(), place=place))
    (place / "users.xml").write_text(USERS)
    words = [PROGRAM, f"--config-file={place}/config.xml"]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=place, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{http}/ping", process)
        yield f"http://me:s3cret@127.0.0.1:{http}"
    finally:
        process.kill()
        process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when a server answers."""
    until = time.monotonic() + 120
    while True:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=10).close()  # noqa: S310 - loopback
        except OSError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
        else:
            return


def asking(server: str) -> str:
    """Return the address for questions."""
    return server.replace("me:s3cret@", "") + "/?user=me&password=s3cret"


@pytest.mark.functional
def test_every_line_is_in_the_table_once(
    root: Path, server: str, tracklab: Callable[..., Result]
) -> None:
    """Byte for byte, also when it was sent twice; a line that no number names, too."""
    two_runs(root)
    for _ in range(2):
        done = tracklab("export", "--clickhouse", server, "--json")
        assert done.exit_code == 0, done.output
    answer = orjson.loads(done.stdout)
    found = ask(asking(server), "SELECT * FROM tracklab_lines FINAL FORMAT JSONEachRow")
    expected = lines_of(root)
    assert {(one["run_id"], one["line"]) for one in found} == expected
    assert len(found) == len(expected) == answer["taken"]["lines"] == answer["lines"]
    assert (answer["bad_lines"], answer["runs"]) == (2, 2)
    assert "s3cret" not in done.output


@pytest.mark.functional
def test_columns_say_what_the_line_says(
    root: Path, server: str, tracklab: Callable[..., Result]
) -> None:
    """In another table, of one run, which is made where it is missing."""
    two_runs(root)
    sent = tracklab("export", "demo/b", "--clickhouse", f"{server}/default/other")
    assert sent.exit_code == 0, sent.output
    sql = (
        "SELECT toString(timestamp) AS at, project, logger, level, writer, toString(seq) AS n "
        "FROM other FINAL WHERE line LIKE {!r} FORMAT JSONEachRow"
    )

    def columns(part: str) -> list[Any]:
        (row,) = ask(asking(server), sql.format(f"%{part}%"))
        return [row["at"][:19], *list(row.values())[1:]]

    at = "2026-11-20 17:40:0"
    assert columns('"k"') == [f"{at}0", "demo", "app", "ERROR", "", "20"]
    assert columns("7.5") == [f"{at}1", "demo", "history", "", "n1-7-0", "1"]
    assert columns('"loss":3') == [
        f"{at}0",
        "demo",
        "history",
        "",
        "history.other-1.000000.jsonl",
        "0",
    ]
    assert columns('"loss":4')[0] in {"1970-01-01 00:00:00", "0000-00-00 00:00:00"}
    assert columns('"stream": "llm"') == [f"{at}0", "demo", "tracklab.segment", "INFO", "", "33"]


@pytest.mark.functional
def test_a_server_that_lets_nobody_in_is_one_sentence(
    root: Path, server: str, tracklab: Callable[..., Result]
) -> None:
    """With what it says, and exit status 1."""
    two_runs(root)
    refused = tracklab("export", "--clickhouse", server.replace("s3cret", "wrong"))
    assert refused.exit_code == 1
    assert "Wrong password" in refused.output or "Authentication failed" in refused.output
    assert "0 lines taken" in refused.output


@pytest.mark.integration
def test_the_table_can_be_seen_before_it_is_made(
    root: Path, tracklab: Callable[..., Result]
) -> None:
    """Nothing is sent: nobody listens there."""
    shown = tracklab("export", "--clickhouse", "http://127.0.0.1:9/own/lines", "--dry-run")
    assert shown.exit_code == 0
    assert shown.output.startswith("CREATE TABLE IF NOT EXISTS `own`.`lines` (")
    assert shown.output.endswith("ORDER BY (project, logger, run_id, writer, seq);\n")


@pytest.mark.integration
def test_the_table_can_be_seen_by_programs(root: Path, told: Callable[..., Any]) -> None:
    """The same statement, as JSON."""
    answer = told("export", "--clickhouse", "http://me:s3cret@127.0.0.1:9/own/lines", "--dry-run")
    assert answer == {
        "to": "http://127.0.0.1:9", "sql": Table("own", "lines").ddl(),
    }  # fmt: skip


@pytest.mark.integration
@pytest.mark.parametrize(
    ("answers", "words"),
    [([b"<p>hi"], "answers with a number"), ([b""], "answers with a number"),
     ([b"1\n", b"1\n"], "answers with nothing"),
     ([b"1\n", b"", b"Code: 27. Cannot parse"], "answers with nothing")],
)  # fmt: skip
def test_another_server_is_no_clickhouse(
    root: Path, tracklab: Callable[..., Result], answers: list[bytes], words: str
) -> None:
    """Whatever it says with a status of success: nothing counts as taken."""
    two_runs(root)
    with receiving() as server:
        server.replies = [Reply(200, body) for body in answers]
        done = tracklab("export", "--clickhouse", server.url, "--json")
    answer = orjson.loads(done.stdout)
    assert (done.exit_code, answer["taken"]) == (1, {"lines": 0})
    assert words in answer["error"]


@pytest.mark.integration
def test_no_two_lines_have_one_name(root: Path) -> None:
    """Also where programs count for themselves, one of them twice, in a file of ours or theirs."""
    lines = [{**event("app", f"{writer} {number}", seq=number), "writer": writer}
             for writer in ("w1", "w2", "w1") for number in range(3)]  # fmt: skip
    segment(root / "demo/a", [*lines, event("app", "ours", seq=5)], stream="events")
    texts = [orjson.dumps(event("app", "twice", seq=number % 2)) for number in range(4)]
    (root / "demo/a/events.jsonl").rename(root / "demo/a/events.n1-7-0.000000.jsonl")
    (root / "demo/a/events.jsonl").write_bytes(b"\n".join(texts) + b"\n")
    outgoing = Outgoing([resolve(root, "demo/a")], ["events"])
    found = [line.name for _, _, lines in outgoing.streams() for line in lines]
    assert len(found) == len(set(found)) == 15
    assert ("n1-7-0", "5") in found


@pytest.mark.parametrize(
    ("path", "name"),
    [("", "default.tracklab_lines"), ("/a", "a.tracklab_lines"), ("/a/b/", "a.b"), ("/a/b/c", None),
     ("/a`b", None), ("/a/b;c", None), ("/a/s3cret!", None)],
)  # fmt: skip
def test_a_path_names_the_table(path: str, name: str | None) -> None:
    """Of a database, both optional; what is no name is refused."""
    address = address_of(f"http://h:8123{path}", by="--clickhouse")
    if name is None:
        with pytest.raises(ValueError, match="Write http://HOST:8123/DATABASE/TABLE") as refused:
            table_of(address)
        assert "s3cret" not in str(refused.value)
    else:
        server, table = table_of(address)
        assert (server.shown, f"{table.database}.{table.name}") == ("http://h:8123", name)
