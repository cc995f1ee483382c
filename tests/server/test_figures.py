"""Figures of other libraries: drawn by their own JavaScript, in a frame that reaches nothing."""

from __future__ import annotations

import sys
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import pytest

from tracklab.errors import NotFoundError
from tracklab.server import figures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.serving import Client

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("library", figures.LIBRARIES)
def test_the_library_is_the_one_that_is_installed(client: Client, library: str) -> None:
    """Each of its files, whole and in order, sent once."""
    pytest.importorskip(library, reason=f"{library} is not installed")
    reply = client.get(f"/api/figures/{library}")
    files = [distribution(library).locate_file(f"{library}/{name}")
             for name in figures.LIBRARIES[library]]  # fmt: skip
    assert reply.content == b"\n;\n".join(file.read_bytes() for file in files)  # type: ignore[attr-defined]
    assert reply.headers["content-type"].startswith("text/javascript")
    tag = {"If-None-Match": reply.headers["etag"]}
    assert client.get(f"/api/figures/{library}", headers=tag).status_code == 304


@pytest.mark.parametrize("name", ["numpy", "os", "plotly.js", "..", "tracklab", "a%2fb", "Plotly"])
def test_nothing_else_that_is_installed_is_served(client: Client, name: str) -> None:
    """Only libraries that draw figures, by their names."""
    reply = client.get(f"/api/figures/{name}")
    assert reply.status_code == 404
    assert "javascript" not in reply.headers["content-type"]


def test_a_library_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that brings it."""
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "plotly", raising=False)
    with pytest.raises(NotFoundError, match="pip install plotly"):
        figures.script_files("plotly")


def test_the_frame_has_no_origin_and_no_network(client: Client) -> None:
    """It may run scripts, and that is all; it is the page around it that fetches."""
    reply = client.get("/api/figures/frame")
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert "http" not in reply.text
    assert reply.headers["content-type"].startswith("text/html")
