"""Everything that can go wrong, as one small tree.

    TrackLabError
    ├── UsageError      (ValueError)   a call was made wrongly
    │   └── MissingPackageError (ImportError)  it needs a package that is not installed
    ├── ArgumentTypeError (TypeError)  a call got an argument of the wrong type
    ├── SettingsError   (ValueError)   a setting has a value we cannot use
    ├── RecordError     (ValueError)   a line does not follow the format
    ├── StorageError    (OSError)      a directory or file cannot be used
    └── QueryError      (ValueError)   a question cannot be answered as asked
        └── NotFoundError (LookupError)  what was asked for does not exist

Each child also inherits the builtin a caller would expect, so code that knows nothing of
TrackLab can still catch it. A message says what failed, what was received, what is accepted
and what to do; paths come last.
"""

__all__ = [
    "ArgumentTypeError",
    "MissingPackageError",
    "NotFoundError",
    "QueryError",
    "RecordError",
    "SettingsError",
    "StorageError",
    "TrackLabError",
    "UsageError",
]


class TrackLabError(Exception):
    """Root of every error that TrackLab raises on purpose."""


class UsageError(TrackLabError, ValueError):
    """A call was made wrongly: a bad value, a wrong order, a finished run."""


class MissingPackageError(UsageError, ImportError):
    """A call, or a module, needs a package that is not installed."""


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
