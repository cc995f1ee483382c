"""What boosted trees have in common: best values, importances of features, the model as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.artifacts.artifact import Artifact
from tracklab.media.table import Table
from tracklab.plot import bar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from tracklab.sdk.run import Run

__all__ = ["define_best", "keep_model", "log_importances"]


def define_best(
    run: Run, key: str, metric: str, *, small: Collection[str], large: Collection[str]
) -> None:
    """Let the summary keep the best value of a metric instead of the last.

    Args:
        run: whose summary.
        key: the metric's name in the rows.
        metric: what the framework calls it. What is in none of the two keeps its last value.
        small: metrics that are best when small; every `loss` is.
        large: metrics that are best when large.
    """
    name = metric.lower()
    if "loss" in name or name in small:
        run.define_metric(key, summary="min")
    elif name in large:
        run.define_metric(key, summary="max")


def log_importances(run: Run, features: Iterable[tuple[str, Any]], *, commit: bool = False) -> None:
    """Log the chart `Feature Importance`, of names and how much each counts."""
    table = Table(
        columns=["Feature", "Importance"], data=[[name, float(value)] for name, value in features]
    )
    chart = bar(table, "Feature", "Importance", title="Feature Importance")
    run.log({"Feature Importance": chart}, commit=commit)


def keep_model(run: Run, path: Path, name: str, *, aliases: Sequence[str] = ()) -> None:
    """Keep a model's file as a version of an artifact of type `model`."""
    artifact = Artifact(name, type="model")
    artifact.add_file(str(path))
    run.log_artifact(artifact, aliases=list(aliases))
