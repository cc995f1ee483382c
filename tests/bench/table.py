"""One row per figure: what was measured, the budget, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure", "markdown"]


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured, with its unit.
        value: what came out.
        budget: what was promised; None where nothing was.
        at_least: the budget is a least value; otherwise a greatest.
        note: how the value came about, such as the two times of a ratio.
    """

    name: str
    value: float
    budget: float | None = None
    at_least: bool = False
    note: str = ""

    def used(self) -> float:
        """Return how much of the budget is used: above 1 it is missed; 0 without a budget."""
        if self.budget is None:
            return 0.0
        if self.at_least:
            return self.budget / self.value
        return self.value / self.budget if self.budget else 1.0 + self.value

    def cells(self) -> tuple[str, str, str, str]:
        """Return the row's cells."""
        if self.budget is None:
            return self.name, f"{_shown(self.value)} {self.note}".rstrip(), "", ""
        sign, missed = "≥" if self.at_least else "≤", self.used() > 1
        budget, verdict = f"{sign} {_shown(self.budget)}", "**no**" if missed else "yes"
        return self.name, f"{_shown(self.value)} {self.note}".rstrip(), budget, verdict


def markdown(figures: list[Figure]) -> str:
    """Return the figures as an aligned Markdown table."""
    rows = [("what", "measured", "budget", "holds"), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
