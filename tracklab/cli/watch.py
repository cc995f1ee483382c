"""`tracklab watch`: alerts, and runs that end badly, are told to people and programs."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracklab.cli.options import data_dir, engine_for, json_flag, printable
from tracklab.cli.quantities import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracklab.alerts.courier import Courier
    from tracklab.alerts.looking import Lookout
    from tracklab.alerts.notices import Notice
    from tracklab.alerts.rules import Rule
    from tracklab.alerts.targets import Target

__all__ = ["command"]

_LEVELS = ("info", "warning", "error")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ON = "failed,crashed,killed,stalled"


@click.command("watch")
@click.argument("scope", metavar="[PROJECT|RUN]...", nargs=-1)
@data_dir
@click.option(
    "--notify", "urls", metavar="URL", multiple=True,
    help="Tell this service; several times for several. Default: TRACKLAB_NOTIFY.",
)  # fmt: skip
@click.option("--command", "commands", metavar="CMD", multiple=True, help="Run this program.")
@click.option(
    "--level", type=click.Choice(_LEVELS, case_sensitive=False), default="info", show_default=True,
    help="Alerts of this level, or graver.",
)  # fmt: skip
@click.option(
    "--on", default=_ON, show_default=True, metavar="STATES",
    help="Runs that get into one of these states; also preempted, stale, finished, or none.",
)  # fmt: skip
@click.option(
    "--rules", "rules_file", metavar="FILE", type=click.Path(path_type=Path),
    help="Also tell of metrics that break the rules of this file.",
)  # fmt: skip
@click.option("--since", help="Begin at this time: 2026-11-20, or an age as 1h. Default: now.")
@click.option("--from-start", is_flag=True, help="Begin with the first line of each run.")
@click.option("--once", is_flag=True, help="Tell what there is and end; 1 if a target fails.")
@json_flag
def command(  # noqa: PLR0913 - one argument for each option
    scope: tuple[str, ...],
    root: Path | None,
    *,
    urls: tuple[str, ...],
    commands: tuple[str, ...],
    level: str,
    on: str,
    rules_file: Path | None,
    since: str | None,
    from_start: bool,
    once: bool,
    as_json: bool,
) -> None:
    """Tell of alerts that runs raise, and of runs that end badly or stand still.

    With --rules also of metrics, as config/alerts.yaml shows.

    Without PROJECT or RUN, of all runs. Without --notify and --command it prints them, one JSON
    line each with --json; then it begins now each time, or where --since says.

    A service is an address as apprise takes it, such as mailtos://user:password@host. A program
    gets the alert as JSON on standard input, and its parts in TRACKLAB_ALERT_TITLE and others.
    How far each of them was told is kept: a restart goes on from there.

    It runs until a signal ends it, then with exit status 0.
    """
    from tracklab.alerts.looking import Lookout  # noqa: PLC0415 - `tracklab --help` needs none

    choices: dict[str, Any] = {
        "states": _states(on),
        "rules": _rules(rules_file),
        "level": level.upper(),
    }
    since_s = 0.0 if from_start else moment(since)
    place = engine_for(root).root
    targets = dict(_targets(urls or _chosen_urls(), commands))
    if as_json or not targets:
        targets[""] = _terminal(as_json=as_json)
    couriers = [
        _courier(place, scope, spec, target, since_s=since_s, **choices)
        for spec, target in targets.items()
    ]
    with _ending(couriers):
        streams = ("events", "history") if choices["rules"] else ("events",)
        lookout = Lookout(engine_for(place), scope, streams=streams)
        told = _watch(lookout, place, scope, couriers, once=once)
    _leave(targets.values(), 0 if told else 1)


def _leave(targets: Iterable[Target], status: int) -> None:
    """End; a service that has not answered yet, and its threads, are not waited for."""
    from tracklab.alerts.services import Service  # noqa: PLC0415 - as above

    if any(isinstance(target, Service) and target.stuck for target in targets):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    click.get_current_context().exit(status)


def _watch(
    lookout: Lookout, root: Path, scope: Sequence[str], couriers: list[Courier], *, once: bool
) -> bool:
    from tracklab.alerts.watching import watch  # noqa: PLC0415 - `tracklab --help` needs none

    def begun() -> None:
        told = ", ".join(courier.target.label for courier in couriers)
        what = ", ".join(scope) if scope else "all runs"
        _say(f"Watching {what} in {root}: {lookout.living} alive. Told: {told}.")

    try:
        return watch(lookout, couriers, once=once, begun=(lambda: None) if once else begun)
    except KeyboardInterrupt:
        return True


@contextmanager
def _ending(couriers: Sequence[Courier]) -> Iterator[None]:
    """Let a signal end what is done, and have the positions written whole."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for courier in couriers:
            courier.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _states(text: str) -> frozenset[str]:
    from tracklab.alerts.notices import STATES  # noqa: PLC0415 - as above

    named = {word.strip() for word in text.split(",")} - {"", "none"}
    unknown = sorted(named.difference(STATES))
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]!r} is none. Write none, or some of {', '.join(STATES)}.",
            param_hint="--on",
        )
    return frozenset(named)


def _rules(path: Path | None) -> list[Rule]:
    from tracklab.alerts.rules import load_rules  # noqa: PLC0415 - as above

    return [] if path is None else load_rules(path)


def _chosen_urls() -> list[str]:
    """Return the addresses that the environment or the settings' file names."""
    from tracklab.alerts.targets import SECRETS  # noqa: PLC0415 - as above
    from tracklab.settings import of_directory  # noqa: PLC0415 - as above

    return (os.environ.get(SECRETS) or of_directory("notify") or "").split()


def _targets(urls: Sequence[str], commands: Sequence[str]) -> Iterator[tuple[str, Target]]:
    """Yield who is told, each with what names it for ever."""
    from tracklab.alerts.services import Service  # noqa: PLC0415 - as above
    from tracklab.alerts.targets import Command  # noqa: PLC0415 - as above

    for number, url in enumerate(urls, 1):
        yield f"service {url}", Service(url, number=number)
    for words in commands:
        yield f"command {words}", Command(words)


def _courier(
    root: Path, scope: Sequence[str], spec: str, target: Target, *, since_s: float | None,
    **choices: Any,
) -> Courier:  # fmt: skip
    from tracklab import clock  # noqa: PLC0415 - as above
    from tracklab.alerts.courier import Courier  # noqa: PLC0415 - as above
    from tracklab.alerts.positions import Positions, place_of  # noqa: PLC0415 - as above

    since_s = clock.now() if since_s is None else since_s
    path = place_of(root, scope, spec) if spec else None
    if path is not None and not _is_ours(path):
        raise click.ClickException(
            f"{target.label} is told by another `tracklab watch` of the same runs already. End "
            "that one, or watch other runs."
        )
    return Courier(target, Positions(path, since_s=since_s), say=_say, **choices)


def _is_ours(path: Path) -> bool:
    """Return whether this command may tell a target; it holds the lock until it ends."""
    from tracklab.storage.locks import take_lock  # noqa: PLC0415 - as above

    try:
        lock = take_lock(path.with_suffix(".lock"))
    except OSError as error:
        raise click.ClickException(
            f"How far targets were told cannot be kept ({error.strerror}). Name a directory that "
            f"can be written with TRACKLAB_INDEX_DIR: {path.parent}"
        ) from None
    if lock is not None:
        click.get_current_context().call_on_close(partial(os.close, lock))
    return lock is not None


def _terminal(*, as_json: bool) -> Target:
    from tracklab.alerts.targets import Terminal  # noqa: PLC0415 - as above

    return Terminal(lambda notice: click.echo(_json(notice) if as_json else _text(notice)))


def _json(notice: Notice) -> bytes:
    import orjson  # noqa: PLC0415 - only for --json

    return orjson.dumps(notice)


def _text(notice: Notice) -> str:
    at = (notice.timestamp or "")[:19].replace("T", " ")
    text = f": {notice.text}" if notice.text else ""
    return printable(f"{at} {notice.level:<8} {notice.run} {notice.title}{text}")


def _say(text: str) -> None:
    click.echo(printable(text), err=True)
