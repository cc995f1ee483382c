"""`tracklab show RUN`: everything about one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, print_json, short

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["command"]

_ALWAYS = ("status", "exit_code", "created_at", "ended_at", "duration_s", "step", "bad_lines")
_IF_ANY = (
    "stalled",
    "silent_s",
    "tags",
    "notes",
    "group",
    "job_type",
    "host",
    "pid",
    "program",
    "git_commit",
    "python_version",
    "gaps",
    "checkpoints",
    "llm_calls",
)


@click.command("show")
@click.argument("run")
@data_dir
@json_flag
def command(run: str, root: Path | None, *, as_json: bool) -> None:
    """Show one run: RUN is project/run_id, or a run id that is unique."""
    detail = engine_for(root).run(run)
    if as_json:
        from tracklab.query.plain import plain  # noqa: PLC0415 - needs numpy

        fields = plain(detail)
        print_json({**fields.pop("run"), **fields})
        return
    from tracklab.records.flat import flatten  # noqa: PLC0415 - only here

    found = detail.run
    click.secho(f"{short(found.run)}  {short(found.name)}", bold=True)
    _print({name: getattr(found, name) for name in _ALWAYS})
    _print({name: getattr(found, name) for name in _IF_ANY if getattr(found, name)})
    _print(_surroundings(detail.metadata), title="surroundings")
    _print(flatten(found.config), title="config")
    _print({k: v for k, v in sorted(found.summary.items()) if k[:1] != "_"}, title="summary")
    sizes = {
        name: f"{size.lines} lines, {size.bytes} bytes, {size.segments} segments"
        for name, size in detail.streams.items()
        if size.segments
    }
    _print(sizes, title="streams")


def _surroundings(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return what was recorded of source and machine, in a line each; what is not there is not."""
    git, environment = _object(metadata.get("git")), _object(metadata.get("environment"))
    lines = {name: git.get(name) for name in ("branch", "remote")}
    if "dirty" in git:
        changed, untracked = git.get("changed", 0), git.get("untracked_count", 0)
        files = f"{changed} files changed, {untracked} not tracked"
        lines["git_dirty"] = f"{'yes' if git['dirty'] else 'no'}: {files}"
        lines["git_patch"] = git.get("patch")
    for kind in ("packages", "conda"):
        listed = _object(environment.get(kind))
        if listed:
            lines[kind] = f"{listed.get('count')}: {listed.get('path')}"
    cards = environment.get("accelerators")
    if isinstance(cards, list):
        lines["accelerators"] = ", ".join(str(_object(card).get("name")) for card in cards)
    return {name: str(text) for name, text in lines.items() if text}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _print(values: Mapping[str, Any], *, title: str | None = None) -> None:
    if not values:
        return
    if title:
        click.echo()
        click.secho(title, bold=True)
    width = max(map(len, values))
    for name, value in values.items():
        click.echo(f"  {short(name):<{width}}  {'-' if value is None else short(value)}")
