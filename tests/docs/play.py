"""Play one page as its reader would: every block that runs, in order, in one directory.

    python -m tests.docs.play docs/tutorials/first-run.md "$(mktemp -d)"

A page that starts the server says `localhost:8000`; what is asked is the port that it found.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.pages import Block, blocks

PORT = "localhost:8000"
_URL = re.compile(r"http://([\w.]+:\d+)/")
_ELLIPSIS = re.compile(r"(?:\\ )*\\\.\\\.\\\.(?:\\ )*")  # as re.escape writes ` ... `


class Player:
    """Plays the blocks of one page; the names of its python blocks live as long as it does."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.served = PORT
        self.servers: list[subprocess.Popen[str]] = []

    def play(self, block: Block) -> None:
        """Do what one block says."""
        if block.language == "python" and not block.mark:
            padding = "\n" * (block.line - 1)  # so that a traceback shows the line of the page
            code = compile(padding + block.text, str(block.page), "exec")
            exec(code, self.names)  # noqa: S102 - running the page is the point
        elif block.mark == "file":
            Path(block.note).write_text(block.text, encoding="utf-8")
        elif block.language == "bash" and block.mark == "serve":
            self.serve(block)
        elif block.language == "bash" and block.mark == "run":
            self.shell(block.text, place=block.place)
        elif block.language == "console" and block.mark == "run":
            self.compare(block)
        sys.stdout.flush()

    def shell(self, text: str, *, place: str) -> str:
        """Run shell commands and return what they print; the first that fails ends the page."""
        command = ["bash", "-euo", "pipefail", "-c", text.replace(PORT, self.served)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{place}: {done.stdout}{done.stderr}"
        return done.stdout

    def compare(self, block: Block) -> None:
        """Run each command of a console block and compare what it prints; `...` is anything."""
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            printed = self.shell(command, place=block.place)
            pattern = _ELLIPSIS.sub(".*", re.escape(shown.strip()))
            assert re.fullmatch(pattern, printed.strip(), re.DOTALL), (
                f"{block.place}: `{command}` printed\n{printed}instead of\n{shown}"
            )

    def serve(self, block: Block) -> None:
        """Start a server that says where it is, and leave it running."""
        server = subprocess.Popen(
            shlex.split(block.text, comments=True), stdout=subprocess.PIPE, text=True
        )
        self.servers.append(server)
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            found = _URL.search(line)
            if found:
                self.served = found[1]
                return
        raise AssertionError(f"{block.place}: no address in {said!r}")

    def end(self) -> None:
        """End what still runs."""
        for server in self.servers:
            server.terminate()
            server.communicate()


def missing(page: Path) -> list[str]:
    """Return the programs that a page names in `run: jq curl` and that are not installed."""
    run = [block for block in blocks(page) if block.mark == "run"]
    named = {program for block in run for program in block.note.split()}
    return sorted(program for program in named if shutil.which(program) is None)


def main(page: Path, directory: Path) -> None:
    """Play a page in `directory`."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["TRACKLAB_API_PORT"] = "0"  # any that is free
    os.environ["TRACKLAB_DATA_DIR"] = str(directory / "tracklab_logs")  # where it would be anyway
    os.chdir(directory)
    player = Player()
    try:
        for block in blocks(page):
            player.play(block)
    finally:
        player.end()


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
