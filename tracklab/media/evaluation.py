"""A table of an evaluation: which columns went in, came out and were judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.media.table import Table

if TYPE_CHECKING:
    from tracklab.media.value import Place

__all__ = ["EvalTable"]


class EvalTable(Table):
    """A table of an evaluation to log: a `Table` that knows what its columns are.

    Args:
        columns: as of `Table`; so are all that follow up to `log_mode`.
        given: arguments of `Table`.
        input_columns: names of what went into the model.
        output_columns: names of what came out.
        score_columns: names of how good it was.
        backend: no effect; there is one.
        unsupported_media_mode: no effect; all media are supported.

    Raises:
        UsageError: a name is none of the columns, or is said to be two things; or as of `Table`.
    """

    def __init__(
        self,
        columns: list[Any] | None = None,
        *given: Any,
        input_columns: list[str] | None = None,
        output_columns: list[str] | None = None,
        score_columns: list[str] | None = None,
        backend: Any = None,  # noqa: ARG002 - see above
        unsupported_media_mode: str = "stub",  # noqa: ARG002 - as above
        **named: Any,
    ) -> None:
        super().__init__(columns, *given, **named)
        self._roles = {
            "input_columns": list(input_columns or ()),
            "output_columns": list(output_columns or ()),
            "score_columns": list(score_columns or ()),
        }
        said = [name for names in self._roles.values() for name in names]
        wrong = [name for name in said if name not in self.columns or said.count(name) > 1]
        if wrong:
            raise UsageError(
                f"EvalTable() got {wrong} as columns of input, output or score; each is one of "
                f"{self.columns}, once."
            )

    def _facts(self, place: Place) -> dict[str, Any]:
        return {
            **super()._facts(place),
            **{name: told for name, told in self._roles.items() if told},
        }
