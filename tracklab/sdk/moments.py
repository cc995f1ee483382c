"""`fork_from` and `resume_from` name a moment in the middle of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from tracklab.errors import UsageError

__all__ = ["Moment"]

_FORM: Final = re.compile(r"(?P<run_id>[^?]+)\?_step=(?P<step>\d+)")


@dataclass(frozen=True)
class Moment:
    """A step of a run, the last one that still counts."""

    run_id: str
    step: int

    @classmethod
    def parsed(cls, text: Any, *, argument: str) -> Moment | None:
        """Return the moment that `argument` of `init()` names, None if it was not given.

        Raises:
            UsageError: it is not written as one.
        """
        if text is None or isinstance(text, Moment):
            return text
        match = _FORM.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise UsageError(
                f"init() got {argument}={text!r}. It takes a run's id and the last step that "
                "counts, such as 'ans3bsax?_step=123'."
            )
        return cls(match["run_id"], int(match["step"]))
