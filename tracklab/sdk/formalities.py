"""What programs do before and after runs because other trackers need it: here it just succeeds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from tracklab.errors import UnsupportedError
from tracklab.sdk import current
from tracklab.sdk.exits import finish_all
from tracklab.sdk.options import Settings
from tracklab.sdk.terminal import without_effect

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "START_TIME",
    "Setup",
    "api",
    "ensure_configured",
    "login",
    "require",
    "set_trace",
    "setup",
    "teardown",
]

START_TIME: Final = time.time()
#: Where a program stops to be looked at.
set_trace: Final = breakpoint
_GRANTED: Final = frozenset({"core", "service"})
_ONCE_KNOWN: Final = frozenset({"legacy-service", "nexus", "report-editing:v0", "launch"})


class Setup:
    """What `setup()` returns: the settings that a run would begin with."""

    @property
    def settings(self) -> Settings:
        """The settings of the environment and the file, as they are now."""
        found = Settings.load()
        return found.completed(
            project=current.of_environment("PROJECT"), entity=current.of_environment("ENTITY")
        )


class Api:
    """Stands where programs look for a key and a server; there is a key, and it opens nothing."""

    api_key = "local"

    @property
    def settings(self) -> dict[str, Any]:
        """The names that the environment gives."""
        return {
            name: current.of_environment(name.upper())
            for name in ("entity", "project", "base_url", "git_remote")
        }

    def set_setting(self, _key: str, _value: Any, *_: Any, **__: Any) -> None:
        """Do nothing: there is no server to tell."""

    def viewer(self) -> dict[str, Any]:
        """Return who is asking: the user of this machine."""
        return {"entity": current.default_entity(), "username": current.default_entity()}


api: Final = Api()


def setup(settings: Any = None) -> Setup:  # noqa: ARG001 - the same call
    """Return the settings that a run would begin with. Nothing needs to be set up."""
    return Setup()


def teardown(exit_code: int | None = None) -> None:
    """End every run of this process.

    Args:
        exit_code: what they end with; None means 0.
    """
    finish_all(exit_code or 0)


def login(  # noqa: PLR0913 - the same call
    key: str | None = None,  # noqa: ARG001 - nothing is asked for it
    relogin: bool | None = None,  # noqa: ARG001 - as above
    host: str | None = None,  # noqa: ARG001 - as above
    force: bool | None = None,  # noqa: ARG001 - as above
    timeout: int | None = None,  # noqa: ARG001 - as above
    verify: bool = True,  # noqa: ARG001 - as above
    referrer: str | None = None,  # noqa: ARG001 - as above
    prompt: bool = True,  # noqa: ARG001 - as above
    anonymous: Any = None,  # noqa: ARG001 - as above
) -> bool:
    """Return True: there is nothing to log in to. What is given is neither kept nor sent."""
    return True


def ensure_configured() -> None:
    """Do nothing: there is nothing to configure."""


def require(
    requirement: str | Iterable[str] | None = None, experiment: str | Iterable[str] | None = None
) -> None:
    """Ask for a way of working that a program relies on.

    Args:
        requirement: `service` or `core`: both are as they should be.
        experiment: the same.

    Raises:
        UnsupportedError: it is unknown.
    """
    asked = requirement or experiment or ()
    for name in [asked] if isinstance(asked, str) else asked:
        if name in _ONCE_KNOWN:
            without_effect(f"require({name!r})")
        elif name not in _GRANTED:
            raise UnsupportedError(
                f"require() unsupported requirement: {name}. It takes 'service' and 'core', which "
                "are always met: remove the call."
            )
