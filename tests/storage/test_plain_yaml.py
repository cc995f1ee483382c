"""The quick parser of plain YAML says what PyYAML says, or nothing."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENT
from tracklab.storage.plain_yaml import parse_plain

PLAIN = b"""lr: 0.001
model:
  layers: 12
  name: vit base
  betas:
  - 0.9
  - 1.0e-05
  head: {}
  width: '512'
resume: false
seed: null
"""
#: Scalars that YAML reads in many ways, beside those that we write.
SCALARS = [
    "1", "0.5", "-3", "1.0e-05", "1e5", "-0.0", "010", "0x1f", "1_000", "12:30:00", "2026-11-20",
    ".5", "5.", ".inf", ".nan", "1.2.3", "1.5e10", "1.5e+10", "99999999999999999999",
    "null", "Null", "~", "true", "True", "TRUE", "yes", "No", "on", "y", "word", "a b", "a#b",
    "a:b", "/data/x", "-x", "@x", "*a", "&a", "!t", "|", ">", "=", "<<", "?", ",", "#c", "é",
    "'q'", "'q''r'", "'1'", '"d"', '"d\\n"', "[]", "{}", "[1]", "{a: 1}",
]  # fmt: skip
KEYS = ["a", "lr", "a.b", "a-b", "_x", "yes", "on", "'q'", "1", "null", "-", "<<", "?", "é"]
INDENTS = st.sampled_from(["", "", "  ", "    ", " "])
VALUES = st.sampled_from([*SCALARS, "", " ", "two words", "a #b", "a: b", "trailing "])
LINES = st.one_of(
    st.builds("{}- {}".format, INDENTS, VALUES),
    st.builds("{}{}: {}".format, INDENTS, st.sampled_from(KEYS), VALUES),
    st.builds("{}{}:".format, INDENTS, st.sampled_from(KEYS[:5])),
    st.sampled_from(["", "---", "...", "# c", "word", "- - 1", "- a: 1", "\t", "a:1", "a:  1"]),
)
CONFIGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(SCALARS) | st.just("many words " * 20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "lr", "n_x", "é", ""]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def by_pyyaml(content: bytes) -> Any:
    """Return what PyYAML reads, as a text that tells types, orders and signs apart."""
    try:
        return repr(yaml.load(content, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        return error


def test_what_we_write_is_plain() -> None:
    """A configuration of numbers, words and lists needs no other parser."""
    assert repr(parse_plain(PLAIN)) == by_pyyaml(PLAIN)
    assert parse_plain(b"{}\n") == {}


@settings(PATIENT, max_examples=300)
@given(st.lists(LINES, max_size=6), st.sampled_from(["\n", ""]))
def test_lines_of_any_kind_are_read_alike_or_left(lines: list[str], end: str) -> None:
    """Odd indentations, words that are no texts, numbers of every spelling, comments."""
    content = ("\n".join(lines) + end).encode()
    found = parse_plain(content)
    assert found is None or repr(found) == by_pyyaml(content)


@settings(PATIENT, max_examples=200)
@given(st.dictionaries(st.sampled_from(["lr", "model", "seed", "name"]), CONFIGS, max_size=4))
def test_dumped_configurations_are_read_alike_or_left(config: dict[str, Any]) -> None:
    """Whatever the writer's library makes of the values."""
    content = yaml.dump(config, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    found = parse_plain(content.encode())
    assert found is None or repr(found) == by_pyyaml(content.encode())
