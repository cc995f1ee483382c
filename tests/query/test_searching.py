"""Search: what a reader of all lines would find, a page and a moment at a time."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.patience import PATIENT
from tests.query.files import START_S, event, segment
from tracklab.errors import QueryError
from tracklab.query.patterns import pattern_of
from tracklab.query.searching import Search, search_run
from tracklab.storage.compression import pack

if TYPE_CHECKING:
    from pathlib import Path

    from tracklab.query.answers.text import FoundLine
    from tracklab.query.engine import Engine

pytestmark = pytest.mark.integration

_WORDS = (
    "loss",
    "Loss is NaN",
    "straße",
    "a\tb",
    '"quoted"',
    "\\",
    "1e-05",
    "ok",
    "",
    "\u212a",
    "µ",
)


def printed(run_dir: Path, content: bytes, name: str = "stdout.log") -> None:
    """Write captured text."""
    (run_dir / "logs").mkdir(parents=True, exist_ok=True)
    (run_dir / "logs" / name).write_bytes(content)


def searched(run_dir: Path, search: Search, **more: Any) -> list[FoundLine]:
    """Return all lines, page after page; coverage grows to 1."""
    found: list[FoundLine] = []
    after, before = None, 0.0
    while True:
        page = search_run(run_dir, search, after=after, **more)
        found += page.lines
        assert before <= page.coverage <= 1
        after, before = page.cursor, page.coverage
        if after is None:
            assert page.coverage == 1
            return found


@given(
    lines=st.lists(st.sampled_from(_WORDS), max_size=30),
    q=st.sampled_from([*_WORDS, "LOSS", "ß", "k", "e-0", "NaN {", "quoted"]),
    limit=st.integers(1, 7),
    descending=st.booleans(),
    hurried=st.booleans(),
)
@PATIENT
def test_every_line_that_holds_the_text_is_found_once(  # noqa: PLR0917 - drawn
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], q: str, limit: int,
    descending: bool, hurried: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """In console text and events, however it is paged, forward and backward."""
    run_dir = tmp_path_factory.mktemp("run")
    printed(run_dir, b"".join(line.encode() + b"\n" for line in lines[::2]))
    printed(run_dir, b"".join(line.encode() + b"\n" for line in lines[1::2]), "stderr.log")
    logged = [event("app", line, {"n": 1e-5} if line else {}, seq=seq)
              for seq, line in enumerate(lines, 1)]  # fmt: skip
    segment(run_dir, logged[:5], stream="events")
    segment(run_dir, logged[5:], stream="events", number=1)

    shown = [f'{line} {{"n":0.00001}}' if line else line for line in lines]
    every = [line for line in [*lines[::2], *lines[1::2]] if line and not line.isspace()] + shown
    fold = str.lower if q.isascii() else str.casefold
    expected = [line for line in every if _ascii(fold, q) in _ascii(fold, line)]
    more = {"limit": limit, "descending": descending, "budget_s": -1.0 if hurried else 9.0}
    found = [line.text for line in searched(run_dir, Search(q=q), **more)]
    assert found == (expected[::-1] if descending else expected)


def _ascii(fold: Any, text: str) -> str:
    """Return the text in one case; of an ASCII search only ASCII letters have two."""
    if fold is str.casefold:
        return text.casefold()
    return "".join(char.lower() if char.isascii() else char for char in text)


def test_text_is_searched_as_a_terminal_shows_it(engine: Engine, run_dir: Path) -> None:
    """Without colours, and without what a progress bar has overwritten."""
    segment(run_dir, [])
    printed(run_dir, b"10% err\r100% done\n\x1b[31mer\x1b[0mror: x\nplain err\n")
    found = engine.search("r", q="err").lines
    assert [(line.offset, line.text) for line in found] == [(18, "error: x"), (36, "plain err")]


def test_a_byte_that_is_no_text_stands_for_one_character(engine: Engine, run_dir: Path) -> None:
    """An expression sees what a reader sees."""
    segment(run_dir, [])
    printed(run_dir, b"caf\xe9 ready\nok\n")
    for expression in ("caf. ready", r"caf\W", "caf\ufffd"):
        assert [line.text for line in engine.search("r", re=expression).lines] == [
            "caf\ufffd ready"
        ]


def test_offsets_go_on_over_the_parts_of_a_text(engine: Engine, run_dir: Path) -> None:
    """An offset names a byte of the whole text, also where its middle is gone."""
    segment(run_dir, [])
    printed(run_dir, b"first\n")
    printed(run_dir, b"second\n", f"stdout.{1000:015}.log")
    assert [line.offset for line in engine.search("r", q="s").lines] == [0, 1000]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("^step [0-9]+$", ["step 1", "step 22"]),
        ("(?i)STEP 1", ["step 1"]),
        (r"\Astep 1\z", ["step 1"]),
        (r"p\s2", ["step 22"]),
        ("[^a]end", []),
        ("", ["step 1", "end", "step 22", "µ"]),
        ("µ", ["µ"]),
    ],
)
def test_regular_expressions_see_one_line_at_a_time(
    engine: Engine, run_dir: Path, expression: str, found: list[str]
) -> None:
    """In console text and in what was logged alike."""
    lines = ["step 1", "end", "step 22", "µ"]
    printed(run_dir, "\n".join([*lines, ""]).encode())
    segment(run_dir, [event("app", line, seq=n) for n, line in enumerate(lines)], stream="events")
    for stream in ("stdout", "app"):
        page = engine.search("r", re=expression, streams=[stream])
        assert [line.text for line in page.lines] == found
    if "z" not in expression:  # Python spells it otherwise
        assert [line for line in lines if re.search(expression, line)] == found


_SAID: tuple[Any, ...] = (
    "ab cd", "AB", "a", "cd", "abc", "abcd", "abs", "ab\u017f", "null", "a\nb", "", 5, None, ["ab"],
)  # fmt: skip
_PIECES = (
    "ab", "bc", "cd", "bs", "null", "d", " ", ".", "[a-c]", "[[:alpha:]s]", "[]x]", r"\s", r"\.",
    r"\b", "^", "$", "5", '"', r"\x61", r"\Qab\E", r"\n",
)  # fmt: skip
_EXPRESSIONS = st.recursive(
    st.sampled_from(_PIECES),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("{}|{}".format, inner, inner),
        st.builds("(?i){}".format, inner),
        st.builds("{}(?i)".format, inner),
        st.builds("{}{}".format, inner, st.sampled_from(["*", "+", "?", "{0,2}", "{2}", "{,1}"])),
    ),
    max_leaves=6,
)


@given(
    expression=_EXPRESSIONS,
    data=st.sampled_from([{}, {"ab": None}, {"x": 1e30, "v": math.nan}]),
    ours=st.booleans(),
)
@example(expression="(?i)abs", data={}, ours=True)
@example(expression="abc(?i)?", data={}, ours=True)
@PATIENT
def test_every_line_that_fits_an_expression_is_found(
    tmp_path_factory: pytest.TempPathFactory, expression: str, data: dict[str, Any],
    ours: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Whatever lines are passed over at a glance, they are those that do not fit."""
    try:
        pattern = pattern_of(None, expression)
    except QueryError:
        return
    run_dir = tmp_path_factory.mktemp("run")
    lines = [event("app", text, data) for text in _SAID for _ in range(3)]
    raw = [json.dumps(line, ensure_ascii=not ours).encode() for line in lines]
    segment(run_dir, raw, stream="events")

    every = searched(run_dir, Search(streams=["app"]))
    found = searched(run_dir, Search(re=expression, streams=["app"]))
    assert len(every) == len(lines)
    assert found == [line for line in every if pattern.fits(line.text)]


def test_a_hostile_expression_takes_no_longer_than_a_kind_one() -> None:
    """What keeps Python's engine busy for hours is nothing to RE2."""
    pattern = pattern_of(None, "(a+)+$")
    assert pattern.fits("a" * 100_000)
    assert not pattern.fits("a" * 100_000 + "b")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"re": "("}, "no regular expression of RE2: missing"),
        ({"re": r"(a)\1"}, "no regular expression"),
        ({"re": "(?:x{1000}){1000}"}, "no regular expression"),
        ({"q": "a", "re": "b"}, "not for both"),
        ({"q": "a" * 1_001}, "at most 1,000"),
        ({"level": "loud"}, "level is one of"),
        ({"streams": ["nothing"]}, "stream is some of"),
        ({"streams": ["stdout"], "level": "ERROR"}, "neither level nor time"),
        ({"after": "nonsense"}, "no cursor"),
    ],
)
def test_what_cannot_be_searched_for_says_why(
    engine: Engine, run_dir: Path, asked: dict[str, Any], why: str
) -> None:
    """Each with what is accepted."""
    segment(run_dir, [], stream="events")
    with pytest.raises(QueryError, match=why):
        engine.search("r", **asked)


def test_events_are_chosen_by_level_time_and_kind(engine: Engine, run_dir: Path) -> None:
    """Console text is left out where it cannot be chosen."""
    printed(run_dir, b"hello\n")
    told = [("app", "DEBUG"), ("app", "ERROR"), ("tracklab.alert", "WARNING"),
            ("tracklab.gap", "ERROR")]  # fmt: skip
    lines = [event(logger, "hello", seq=n, at_s=n, level=level)
             for n, (logger, level) in enumerate(told)]  # fmt: skip
    segment(run_dir, lines, stream="events")

    def kinds(**asked: Any) -> list[str]:
        return [f"{line.stream} {line.level}" for line in engine.search("r", **asked).lines]

    assert kinds() == ["stdout None", "app DEBUG", "app ERROR", "alerts WARNING"]
    assert kinds(level="warning") == ["app ERROR", "alerts WARNING"]
    assert kinds(x0=START_S + 1, x1=START_S + 1) == ["app ERROR"]
    assert kinds(streams=["events"]) == ["events ERROR"]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_compressed_segments_are_searched_too(engine: Engine, run_dir: Path, order: Any) -> None:
    """Each line once, and a cursor from before still holds."""
    for number in range(3):
        lines = [event("app", f"n {number} {n}", seq=n) for n in range(50)]
        path = segment(run_dir, lines, stream="events", number=number)
        if number == 1:
            first = engine.search("r", q="n 1", limit=5, order=order)
            pack(path, "gz")
    rest = engine.search("r", q="n 1", after=first.cursor, order=order)
    texts = [line.text for line in first.lines + rest.lines]
    assert texts == [f"n 1 {n}" for n in (range(50) if order == "asc" else range(49, -1, -1))]


def test_damaged_lines_are_counted_and_passed_over(engine: Engine, run_dir: Path) -> None:
    """What is no record is not found, also where it holds the text."""
    lines = [json.dumps(event("app", "hello")).encode(), b"hello {", b"\0\0\0"]
    segment(run_dir, lines, stream="events")
    page = engine.search("r", q="hello", streams=["app"])
    assert (len(page.lines), page.bad_lines) == (1, 1)


def test_a_search_ends_in_time_and_goes_on(run_dir: Path) -> None:
    """One block is read, whatever the budget; the cursor stands behind it."""
    printed(run_dir, b"nothing to see\n" * 100_000 + b"needle\n")
    page = search_run(run_dir, Search(q="needle"), budget_s=-1.0)
    assert (page.lines, page.coverage < 0.5) == ([], True)
    assert [line.text for line in searched(run_dir, Search(q="needle"), budget_s=-1.0)] == [
        "needle"
    ]


def test_what_every_rank_printed_is_searched(run_dir: Path) -> None:
    """And each line names its own, page by page, in either order."""
    segment(run_dir, [{**event("app", "hello, too"), "rank": 3}], stream="events")
    printed(run_dir, b"hello from 0\n")
    for rank in (1, 12):
        (run_dir / "logs" / f"rank-{rank}").mkdir()
        printed(run_dir, f"hello from {rank}\n".encode(), f"rank-{rank}/stdout.log")
    expected = [(0, "hello from 0"), (1, "hello from 1"), (12, "hello from 12"), (3, "hello, too")]
    for descending in (False, True):
        found = searched(run_dir, Search(q="hello"), limit=1, descending=descending)
        lines = [(line.rank, line.text) for line in found]
        assert (lines[::-1] if descending else lines) == expected


@pytest.mark.parametrize("descending", [False, True])
def test_a_page_of_long_lines_ends_early(run_dir: Path, *, descending: bool) -> None:
    """Whatever its limit: the next one goes on behind it."""
    lines = [f"{n} {'x' * 9_000}" for n in range(600)]
    printed(run_dir, "\n".join([*lines, ""]).encode())
    page = search_run(run_dir, Search(q="x"), limit=10_000, descending=descending)
    assert 400 < len(page.lines) < 500
    found = searched(run_dir, Search(q="x"), limit=10_000, descending=descending)
    assert [one.text for one in found] == (lines[::-1] if descending else lines)
