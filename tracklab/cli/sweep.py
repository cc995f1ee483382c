"""`tracklab sweep`: begin a sweep, show what came of it, and let no further trial begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, json_flag, print_json, printable, short
from tracklab.records.secrets import masked_values

if TYPE_CHECKING:
    from tracklab.storage.sweeps import Sweep

__all__ = ["command"]

_YAML = (".yaml", ".yml", ".json")


@click.command("sweep")
@click.argument("target", required=False)
@data_dir
@click.option("--project", "-p", help="Project of the sweep; only its sweeps, without TARGET.")
@click.option("--entity", "-e", help="Whose runs its trials are: a label.")
@click.option("--name", help="Name of the sweep.")
@click.option("--prior-run", "-R", "prior_runs", multiple=True, help="A run to learn from, too.")
@click.option("--stop", is_flag=True, help="Let no further trial of the sweep begin.")
@json_flag
def command(
    target: str | None,
    root: Path | None,
    *,
    project: str | None,
    entity: str | None,
    name: str | None,
    prior_runs: tuple[str, ...],
    stop: bool,
    as_json: bool,
) -> None:
    r"""Begin a sweep over parameters, and show sweeps.

    \b
      tracklab sweep sweep.yaml       begin the sweep that the file describes
      tracklab sweep PROJECT/ID       show its trials
      tracklab sweep                  list all sweeps
    """
    from tracklab.sweeps.places import find_sweep, writing  # noqa: PLC0415 - `tracklab --help` needs none

    names_file = target is not None and (target.endswith(_YAML) or Path(target).is_file())
    if stop and (target is None or names_file):
        raise click.UsageError("--stop takes the sweep that is to stop: PROJECT/ID.")
    if target is None:
        _print_list(root, project, as_json=as_json)
    elif names_file:
        begun = _begun(
            target, name=name, project=project, entity=entity, prior_runs=prior_runs, root=root
        )
        told = {"id": begun.sweep_id, "sweep": begun.address, "path": str(begun.path)}
        if as_json:
            print_json(told)
        else:
            click.echo(f"sweep  {begun.address}\nagent  tracklab agent {begun.address}")
    else:
        found = find_sweep(target, project=project, root=root)
        if stop:
            with writing(found.path, by="tracklab sweep --stop"):
                found.stop()
        _print_trials(found, as_json=as_json)


def _begun(target: str, *, name: str | None, **options: Any) -> Sweep:
    from tracklab.sweeps.beginning import begin  # noqa: PLC0415 - needs YAML
    from tracklab.sweeps.configuration import read_config  # noqa: PLC0415 - as above

    config = dict(read_config(target))
    return begin({**config, "name": name} if name else config, **options)


def _print_list(root: Path | None, project: str | None, *, as_json: bool) -> None:
    from tracklab.settings import data_root  # noqa: PLC0415 - as above
    from tracklab.storage.progress import standing_of  # noqa: PLC0415 - as above
    from tracklab.storage.sweeps import find_sweeps  # noqa: PLC0415 - as above

    found = [(sweep, standing_of(sweep)) for sweep in find_sweeps(data_root(root), project=project)]
    if as_json:
        print_json([{"sweep": sweep.address, **standing.to_data()} for sweep, standing in found])
        return
    from tracklab.cli.tables import print_table  # noqa: PLC0415 - needs rich

    rows = [
        [
            sweep.address, printable(str(sweep.config.get("name") or "")), sweep.config["method"],
            standing.state, f"{len(standing.trials)}{_of(standing.limit)}",
        ]
        for sweep, standing in found
    ]  # fmt: skip
    print_table(["sweep", "name", "method", "state", "trials"], rows)


def _print_trials(sweep: Sweep, *, as_json: bool) -> None:
    from tracklab.storage.progress import standing_of  # noqa: PLC0415 - as above

    standing = standing_of(sweep)
    if as_json:
        print_json({"sweep": sweep.address, "config": sweep.config, **standing.to_data()})
        return
    from tracklab.cli.tables import print_table  # noqa: PLC0415 - needs rich

    click.echo(
        f"{sweep.address}  {sweep.config['method']}  {standing.state}, "
        f"{len(standing.trials)}{_of(standing.limit)} trials"
    )
    best = standing.best
    rows = [
        [
            str(trial.number), trial.run_id, standing.states[trial.number],
            "" if trial.value is None else short(trial.value) + (" best" if trial is best else ""),
            short(masked_values(trial.parameters)),
        ]
        for trial in standing.trials
    ]  # fmt: skip
    metric = (sweep.config.get("metric") or {}).get("name", "metric")
    print_table(["trial", "run", "state", printable(metric), "parameters"], rows)


def _of(limit: int | None) -> str:
    return "" if limit is None else f" of {limit}"
