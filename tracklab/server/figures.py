"""What draws figures of plotly and bokeh: their own JavaScript, as they are installed here.

The UI fetches it like everything else, with the reader's proof, and hands it to a frame that has
an origin of its own and no network. So nothing is opened for other origins.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tracklab.errors import NotFoundError
from tracklab.server.replies import etag

__all__ = ["FRAME", "LIBRARIES", "script", "script_files", "script_tag"]

#: The page that draws one figure.
FRAME: Final = Path(__file__).with_name("figure.html")

_BOKEH: Final = ("bokeh", "bokeh-gl", "bokeh-widgets", "bokeh-tables", "bokeh-mathjax")
#: Files of each package that together are its library, in the order in which they are run.
LIBRARIES: Final[dict[str, tuple[str, ...]]] = {
    "plotly": ("package_data/plotly.min.js",),
    "bokeh": tuple(f"server/static/js/{part}.min.js" for part in _BOKEH),
}


def script_files(library: str) -> list[Path]:
    """Return the files of a library, found without importing its package.

    Raises:
        NotFoundError: it draws nothing that we know, or is not installed where this runs.
    """
    if library not in LIBRARIES:
        raise NotFoundError(
            f"No figures are drawn by {library[:80]!r}. Known are {', '.join(LIBRARIES)}."
        )
    spec = find_spec(library)
    if spec is not None and spec.origin is not None:
        files = [Path(spec.origin).parent / name for name in LIBRARIES[library]]
        if all(file.is_file() for file in files):
            return files
    raise NotFoundError(
        f"The server draws figures of {library} with its own library, which is not installed "
        f"here. Run `pip install {library}` where the server runs."
    )


def script_tag(files: list[Path]) -> str:
    """Return an entity tag that changes with the files. Cost: a `stat` of each."""
    states = [file.stat() for file in files]
    return etag("figures", *(f"{state.st_size} {state.st_mtime_ns}" for state in states))


def script(files: list[Path]) -> bytes:
    """Return the files as one script. Cost: reads some 4 MB."""
    # A file may end with a comment, or without a semicolon.
    return b"\n;\n".join(file.read_bytes() for file in files)
