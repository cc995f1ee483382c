"""What only wandb's cloud answers: a list is empty, and anything else says what to use instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from tracklab.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Cloud"]

_ALERTS = "Write run.alert(title, text) in the program."
_PEOPLE = "Everyone who may read the data directory sees its runs."
_QUEUES = "Start the program yourself: tracklab run train.py."
_REGISTRIES = "Give versions aliases: artifact.aliases.append('production')."
_VIEWS = "Save a view of the runs page in the web UI: tracklab ui."


def _refused(name: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(self: Cloud, *_: Any, **__: Any) -> NoReturn:  # noqa: ARG001 - a method
        raise UnsupportedError(
            f"Api.{name}() needs wandb's cloud, and tracklab has none. {instead}"
        )

    refuse.__name__ = name
    refuse.__qualname__ = f"Api.{name}"
    refuse.__doc__ = f"Refuse. {instead}\n\nRaises:\n    UnsupportedError: always."
    return refuse


def _nothing(name: str, what: str) -> Callable[..., list[Any]]:
    def listing(self: Cloud, *_: Any, **__: Any) -> list[Any]:  # noqa: ARG001 - a method
        return []

    listing.__name__ = name
    listing.__qualname__ = f"Api.{name}"
    listing.__doc__ = f"Return an empty list: there are no {what} here."
    return listing


def _none(name: str, what: str) -> Callable[..., Iterator[Any]]:
    def iterating(self: Cloud, *_: Any, **__: Any) -> Iterator[Any]:  # noqa: ARG001 - a method
        return iter(())

    iterating.__name__ = name
    iterating.__qualname__ = f"Api.{name}"
    iterating.__doc__ = f"Return an iterator over nothing: there are no {what} here."
    return iterating


class Cloud:
    """The part of `Api` that has no local twin."""

    automation = _refused("automation", _ALERTS)
    automations = _none("automations", "automations")
    create_automation = _refused("create_automation", _ALERTS)
    create_custom_chart = _refused("create_custom_chart", _VIEWS)
    create_registry = _refused("create_registry", _REGISTRIES)
    create_run_queue = _refused("create_run_queue", _QUEUES)
    create_team = _refused("create_team", _PEOPLE)
    create_user = _refused("create_user", _PEOPLE)
    delete_automation = _refused("delete_automation", _ALERTS)
    integrations = _none("integrations", "integrations")
    job = _refused("job", _QUEUES)
    list_jobs = _nothing("list_jobs", "jobs")
    organization = _refused("organization", _PEOPLE)
    queued_run = _refused("queued_run", _QUEUES)
    registries = _nothing("registries", "registries")
    registry: Callable[..., NoReturn] = _refused("registry", _REGISTRIES)
    reports = _nothing("reports", "reports")
    run_queue = _refused("run_queue", _QUEUES)
    slack_integrations = _none("slack_integrations", "integrations")
    sync_tensorboard = _refused(
        "sync_tensorboard", "Import the files: tracklab import tensorboard DIRECTORY."
    )
    team = _refused("team", _PEOPLE)
    update_automation = _refused("update_automation", _ALERTS)
    upsert_run_queue = _refused("upsert_run_queue", _QUEUES)
    users = _nothing("users", "accounts")
    webhook_integrations = _none("webhook_integrations", "integrations")

    def user(self, username_or_email: str) -> None:  # noqa: ARG002 - as wandb's
        """Return None: there are no accounts."""
        return
