"""HTML pages and fragments, shown in a frame of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracklab.errors import UsageError
from tracklab.media.value import BatchableMedia

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Html"]


class Html(BatchableMedia):
    """A page to log: `run.log({"report": Html("<h1>Done</h1>")})`.

    What it loads from elsewhere is not shown: readers keep it in a sandbox without a network.

    Args:
        data: HTML as a text, an open file with it, or the path of a file that ends in `.html`.
        inject: no effect; wandb adds a stylesheet from its server.
        data_is_not_path: take a text for HTML even if there is a file of that name.

    Raises:
        UsageError: the data are of another kind.
    """

    _type = "html-file"
    _folder = "html"

    def __init__(
        self,
        data: Any,
        inject: bool = True,  # noqa: ARG002 - see above
        data_is_not_path: bool = False,
    ) -> None:
        super().__init__()
        if not data_is_not_path and _is_page(data):
            self.html = Path(data).read_text(encoding="utf-8")
            self._content: bytes | Path = Path(data)
        else:
            self.html = _read(data)
            self._content = self.html.encode(errors="replace")
        self._ending = ".html"

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of pages."""
        records = [value.to_record(place) for value in values]
        return {"_type": "html", "count": len(values), "html": records}


def _is_page(data: Any) -> bool:
    try:
        return (
            isinstance(data, str | Path) and Path(data).suffix == ".html" and Path(data).is_file()
        )
    except (OSError, ValueError):  # a text too long for a name, or with a NUL, is no path
        return False


def _read(data: Any) -> str:
    if hasattr(data, "read"):
        if hasattr(data, "seek"):
            data.seek(0)
        data = data.read()
    if isinstance(data, bytes):
        data = data.decode(errors="replace")
    if not isinstance(data, str):
        raise UsageError(
            f"data must be a string or an io object; Html() got a {type(data).__name__}. Write "
            'Html("<h1>...</h1>") or Html("page.html").'
        )
    return data
