"""Who asks: there are no accounts, so it is the user of this machine."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["User"]


@dataclass(frozen=True)
class User:
    """A user by name.

    Attributes:
        username: the name of the user of this machine, or the label of a run.
    """

    username: str

    @property
    def name(self) -> str:
        """The same name."""
        return self.username

    @property
    def entity(self) -> str:
        """The label that their runs carry."""
        return self.username

    @property
    def id(self) -> str:
        """The same name."""
        return self.username

    @property
    def email(self) -> None:
        """None: nobody is asked for it."""
        return

    @property
    def admin(self) -> bool:
        """True: the files are theirs."""
        return True

    @property
    def teams(self) -> list[str]:
        """None: there are no teams."""
        return []

    @property
    def api_keys(self) -> list[str]:
        """None: there is nothing to log in to."""
        return []
