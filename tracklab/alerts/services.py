"""A service that is told through apprise: mail, chat, push, webhooks, each by its address.

An address holds secrets, anywhere in it. So it is shown nowhere: a service is called by the
number of its address and by the name of its kind.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from tracklab.errors import MissingPackageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracklab.alerts.notices import Notice

__all__ = ["Service"]

_LIMIT_S: Final = 60.0
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)
_BREAKS: Final = re.compile(r"[/:@?&=,#+%\s]+")
_SHORTEST: Final = 3
_GRAVITY: Final = {
    "DEBUG": "info", "INFO": "info", "WARNING": "warning", "ERROR": "failure",
    "CRITICAL": "failure",
}  # fmt: skip


class Service:
    """One service.

    Args:
        url: its address, as apprise writes it.
        number: which of the addresses that were given, counted from 1.
        limit_s: seconds after which it counts as one that does not take what it is told.

    Raises:
        MissingPackageError: apprise is not installed.
        UsageError: it is no address of a service that apprise knows.
    """

    def __init__(self, url: str, *, number: int, limit_s: float = _LIMIT_S) -> None:
        apprise = _apprise()
        scheme = _SCHEME.match(url)
        kind = f" ({scheme[1].lower()})" if scheme else ""
        self.label = f"Service {number}{kind}"
        self._limit_s = limit_s
        self._ended = threading.Event()
        self._ended.set()
        self._words = sorted(_words(url), key=len, reverse=True)
        # Redirects are not followed: nothing is sent to an address that nobody gave. Nothing is
        # kept on disk, no text is taken for a template.
        asset = apprise.AppriseAsset(
            storage_mode="memory", allow_templates=False, async_mode=False, http_redirects=False
        )
        self._service = apprise.Apprise(asset=asset)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports whatever some service may need
            known = self._service.add(url)
        if not known:
            raise UsageError(
                f"The address of {self.label.lower()} cannot be used; it is not shown, since it "
                "may hold secrets. Write it as apprise does, such as "
                "mailtos://user:password@host or json://host:port/path."
            )

    def send(self, notice: Notice) -> str | None:
        """Tell the service.

        One that answers byte by byte never ends by itself: the thread that waits for it is left
        alone.
        """
        faults: list[str | None] = []
        ended = self._ended = threading.Event()

        def tell() -> None:
            faults.append(self._fault(notice))
            ended.set()

        threading.Thread(target=tell, name="tracklab-notify", daemon=True).start()
        ended.wait(self._limit_s)
        return faults[0] if faults else f"it took longer than {self._limit_s:g} s"

    @property
    def stuck(self) -> bool:
        """Whether what it was told last has not ended yet."""
        return not self._ended.is_set()

    def _fault(self, notice: Notice) -> str | None:
        try:
            result = self._service.notify(
                title=" ".join(f"[{notice.level}] {notice.title}".split()),
                body=notice.body,
                notify_type=_GRAVITY.get(notice.level, "info"),
                body_format="text",
            )
        except Exception as error:  # noqa: BLE001 - of a hundred services; it may hold secrets
            return f"it failed with {type(error).__name__}"
        if result:
            return None
        said = [entry.message for entry in result.logs()]
        return self._without_secrets(said[-1]) if said else "it did not say why"

    def _without_secrets(self, text: str) -> str:
        for word in self._words:
            text = text.replace(word, "***")
        return text.strip().rstrip(".")


def _words(url: str) -> Iterator[str]:
    """Yield whatever may be a secret in an address, as it stands there and as it is meant."""
    for text in (url.partition("://")[2], unquote(url.partition("://")[2])):
        yield from (word for word in _BREAKS.split(text) if len(word) >= _SHORTEST)


def _apprise() -> Any:
    try:
        import apprise  # noqa: PLC0415 - few who watch runs have services
    except ImportError:
        raise MissingPackageError(
            "Telling a service needs the package apprise, which is not installed. Run "
            "pip install 'tracklab-local[notify]', or use --command."
        ) from None
    # Their logs hold addresses. What went wrong is in what `notify` returns.
    for name in (apprise.LOGGER_NAME, "urllib3"):
        log = logging.getLogger(name)
        log.setLevel(logging.WARNING)
        log.propagate = False
        log.addHandler(logging.NullHandler())
    return apprise
