"""The demo's verdict: a difference is found, named and shown."""

from __future__ import annotations

from tracklab.demo.check import Finding, table


def test_the_table_has_a_line_per_run_and_shows_what_differs() -> None:
    """A right count is shown once, a wrong one beside the count it should be."""
    findings = [
        Finding("first", "values", counted=10, served=10),
        Finding("second", "values", counted=10, served=9),
        Finding("second", "LLM calls", counted=3, served=3),
    ]

    assert [finding.right for finding in findings] == [True, False, True]
    assert table(findings).splitlines() == [
        "   run     values  LLM calls",
        " first         10           ",
        "second  9, NOT 10          3",
    ]
