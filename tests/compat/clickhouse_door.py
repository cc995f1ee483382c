"""A door before ClickHouse's engine that takes requests as its server does: DIRECTORY of data.

Prints its port. A statement is the parameter `query` and the body behind it, which may be
compressed.
"""

from __future__ import annotations

import gzip
import importlib
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

session = importlib.import_module("chdb.session").Session(sys.argv[1])


class Door(BaseHTTPRequestHandler):
    """Gives statements to the engine and answers what it says."""

    def do_POST(self) -> None:
        """Answer one statement."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        begin = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
        statement = f"{begin}\n{body.decode()}" if begin else body.decode()
        try:
            status, answer = 200, session.query(statement, "TabSeparated").bytes() or b""
        except Exception as error:  # noqa: BLE001 - whatever the engine says is the answer
            status, answer = 500, str(error).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Door)
    print(server.server_port, flush=True)  # noqa: T201 - whoever started it reads it
    server.serve_forever()
