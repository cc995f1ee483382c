"""What other packages ask of wandb, and integrations without their framework."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

import tracklab
from tracklab.errors import MissingPackageError, UsageError
from tracklab.integrations import openai, weave
from tracklab.integrations.boosting import log_importances

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def test_weave_is_told_which_run_it_is(root: Path) -> None:
    """Its entity, project and id; nothing without a run that writes."""
    assert weave.active_run_path() is None
    with tracklab.init(
        entity="us", project="p/q", dir=root, system_monitor=False, settings={"console": "off"}
    ) as run:
        assert weave.active_run_path() == weave.RunPath("us", "p/q", run.id)
    with tracklab.init(mode="disabled"):
        assert weave.active_run_path() is None


def test_autolog_of_openai_begins_a_run_and_leaves_it(root: Path) -> None:
    """Twice is once, and switching it off twice as well."""
    options = {"project": "calls", "dir": root, "settings": {"console": "off"}}
    openai.autolog({**options, "system_monitor": False})
    openai.autolog()
    run = tracklab.run
    openai.autolog.disable()
    openai.autolog.disable()
    assert run is not None
    assert (run.project, tracklab.run is run) == ("calls", True)


def test_importances_are_a_chart_of_a_table(root: Path) -> None:
    """Names and numbers, as the model has them."""
    with tracklab.init(dir=root, system_monitor=False, settings={"console": "off"}) as run:
        log_importances(run, [("width", 3), ("height", 1.5)], commit=True)
    written = (run.run_dir / "history.jsonl").read_text()
    (table,) = run.run_dir.rglob("*.table.json")
    assert '"Feature Importance_table"' in written
    assert '"data":[["width",3.0],["height",1.5]]' in table.read_text().replace(", ", ",")


@pytest.mark.parametrize(
    ("module", "package", "command"),
    [
        ("keras", "keras", "keras"),
        ("xgboost", "xgboost", "xgboost"),
        ("sb3", "stable_baselines3", "stable-baselines3"),
        ("sacred", "sacred", "sacred"),
        ("fabric", "lightning", "lightning"),
    ],
)
def test_a_framework_that_is_missing_is_named_with_its_command(
    module: str, package: str, command: str
) -> None:
    """Whoever catches ImportError catches it."""
    if find_spec(package) is not None:
        pytest.skip(f"{package} is here")
    with pytest.raises(ImportError, match=f"Install it with: pip install {command}"):
        import_module(f"tracklab.integrations.{module}")


def test_charts_of_scikit_learn_need_it() -> None:
    """They are imported without it, as its users may only import them."""
    from tracklab.integrations import sklearn  # noqa: PLC0415 - loads numpy

    if find_spec("sklearn") is not None:
        pytest.skip("scikit-learn is here")
    assert len(sklearn.__all__) == 15
    with pytest.raises(MissingPackageError, match="pip install scikit-learn"):
        sklearn.plot_roc([0, 1], [[1, 0], [0, 1]])


@pytest.mark.parametrize("module", ["catboost", "lightgbm"])
def test_a_summary_of_a_model_needs_a_run(module: str) -> None:
    """Before anything is computed."""
    with pytest.raises(UsageError, match="You must call"):
        import_module(f"tracklab.integrations.{module}").log_summary(object())
