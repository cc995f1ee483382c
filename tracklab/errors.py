"""Everything that can go wrong, as one small tree.

    TrackLabError = Error
    ├── UsageError      (ValueError)   a call was made wrongly
    │   ├── MissingPackageError (ImportError)  it needs a package that is not installed
    │   └── UnsupportedError   it needs a service that tracklab has not
    ├── CommError       a question about other runs has no answer
    │   └── AuthenticationError   never raised: there is no login
    ├── WaitTimeoutError  something took longer than was allowed
    ├── WandbCoreNotAvailableError  never raised: there is no second program
    ├── ArgumentTypeError (TypeError)  a call got an argument of the wrong type
    ├── SettingsError   (ValueError)   a setting has a value we cannot use
    ├── RecordError     (ValueError)   a line does not follow the format
    ├── StorageError    (OSError)      a directory or file cannot be used
    └── QueryError      (ValueError)   a question cannot be answered as asked
        └── NotFoundError (LookupError)  what was asked for does not exist

Each child also inherits the builtin a caller would expect, so code that knows nothing of
TrackLab can still catch it. `Error` and those that are never raised are there for programs written
for wandb, which catch them. A message says what failed, what was received, what is accepted
and what to do; paths come last.
"""

__all__ = [
    "ArgumentTypeError",
    "AuthenticationError",
    "CommError",
    "Error",
    "MissingPackageError",
    "NotFoundError",
    "QueryError",
    "RecordError",
    "SettingsError",
    "StorageError",
    "TrackLabError",
    "UnsupportedError",
    "UsageError",
    "WaitTimeoutError",
    "WandbCoreNotAvailableError",
]


class TrackLabError(Exception):
    """Root of every error that TrackLab raises on purpose."""

    @property
    def message(self) -> str:
        """What it says."""
        return str(self)


#: The root's name in programs written for wandb.
Error = TrackLabError


class UsageError(TrackLabError, ValueError):
    """A call was made wrongly: a bad value, a wrong order, a finished run."""


class MissingPackageError(UsageError, ImportError):
    """A call, or a module, needs a package that is not installed."""


class UnsupportedError(UsageError):
    """A call needs a service in the cloud; the message names what to use instead."""


class CommError(TrackLabError):
    """A question about other runs has no answer.

    Attributes:
        exc: the error behind it, if any.
    """

    def __init__(self, message: str = "", exc: BaseException | None = None) -> None:
        super().__init__(message)
        self.exc = exc


class AuthenticationError(CommError):
    """A login was refused. Nothing raises it: there is no login."""


class WaitTimeoutError(TrackLabError):
    """Something took longer than was allowed."""


class WandbCoreNotAvailableError(TrackLabError):
    """A second program is missing. Nothing raises it: there is none."""


class ArgumentTypeError(TrackLabError, TypeError):
    """A call got an argument of the wrong type."""


class SettingsError(TrackLabError, ValueError):
    """A setting has a value that cannot be used."""


class RecordError(TrackLabError, ValueError):
    """A line does not follow the record format."""


class StorageError(TrackLabError, OSError):
    """A directory or file cannot be used as asked."""


class QueryError(TrackLabError, ValueError):
    """A question cannot be answered as asked."""


class NotFoundError(QueryError, LookupError):
    """What was asked for does not exist, or its short name is not unique."""
