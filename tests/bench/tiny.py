"""A tiny server to try the bench on: it keeps addresses in a file, and the path says how it answers."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FILE = Path(sys.argv[2])
kept = FILE.read_text().splitlines() if FILE.exists() else []


class Handler(BaseHTTPRequestHandler):
    """Answers with all that is kept: with its length, in chunks (/chunked), or till the end (/closing)."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: apart, each answer waits for the client's delayed ACK

    def do_GET(self) -> None:
        """Answer the list."""
        body = json.dumps(kept).encode()
        refused = self.path == "/sometimes" and len(kept) % 3 == 0
        self.send_response(503 if refused else 200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            half = len(body) // 2
            for piece in (body[:half], body[half:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/closing":
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def do_POST(self) -> None:
        """Keep what is sent, and answer the list."""
        kept.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["url"])
        with FILE.open("a") as file:
            file.write(f"{kept[-1]}\n")
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """One that does not wait for connections that are kept."""

    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
