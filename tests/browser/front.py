"""What stands before a Linkhold, as nginx does: it can say that Linkhold is away, or that it was updated."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import urllib3

NGINX = Path(__file__).parents[2] / "deploy/nginx"
MARK = re.compile(rb"static-[0-9a-f]{12}|(?<=MARK = \")[0-9a-f]{12}")


@dataclass
class Front:
    """A proxy, and what it is to do."""

    url: str = ""
    is_away: bool = False
    mark: str = ""
    """What marks the static files instead of their own mark, as another version would."""


@contextmanager
def before(home: str) -> Iterator[Front]:
    """Stand before a Linkhold."""
    front = Front()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(front, home))
    front.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(front: Front, home: str) -> type[BaseHTTPRequestHandler]:
    mark, pool = _mark(home), urllib3.PoolManager(maxsize=20)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if front.is_away:
                page = "away.html" if self.command == "GET" else "unsent.html"
                self.reply(503, {"Content-Type": "text/html"}, (NGINX / page).read_bytes())
                return
            headers = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
            path = re.sub("^/static-[0-9a-f]{12}", f"/static-{mark}", self.path)
            answer = pool.request(
                self.command, home + path, body=sent, headers=headers, redirect=False, retries=False
            )
            self.reply(answer.status, answer.headers, answer.data)

        def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            if front.mark and "text" in headers.get("Content-Type", ""):
                body = MARK.sub(lambda found: found[0][:-12] + front.mark.encode(), body)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        do_GET = do_POST = handle_any  # noqa: N815 - http.server looks for these

    return Handler


def _mark(home: str) -> str:
    """Return the mark that stands in the addresses of the static files."""
    found = re.search(r"static-([0-9a-f]{12})", urllib3.request("GET", f"{home}/offline").data.decode())
    assert found is not None
    return found[1]
