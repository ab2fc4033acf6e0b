"""The library as a browser gets it: how long the server takes for a page, and what goes over the wire."""

from __future__ import annotations

import gzip
import html
import http.client
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

from bench import library
from bench.adapters.linkhold import Linkhold
from bench.plan import Plan, running
from bench.report import progress, table

EACH = 100
LONGEST_SECONDS = 10  # of asking for one page
HEADS = (
    "",
    "page",
    "asked",
    "p50, ms",
    "p95, ms",
    "slowest, ms",
    "kB of the page",
    "kB of all that it needs",
)
# Icons of the home screen are no part of a page: a browser asks for them when it is put there.
PARTS = re.compile(r"""(?:href|src)="(/[^"#]*\.(?:css|js|svg|webmanifest))["#]""")
OLDER = re.compile(r'rel="next" href="([^"]+)"')


class Browser:
    """One keep-alive connection, logged in, that takes gzip and keeps what it got."""

    def __init__(self, contestant: Linkhold) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", contestant.port)
        self._headers = {"Accept-Encoding": "gzip", "Accept": "text/html"}
        form = urlencode({"name": "bench", "password": contestant.password})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", "/login", form, kind)
        answer = self._connection.getresponse()
        answer.read()
        cookie = answer.headers["Set-Cookie"]
        assert cookie, answer.status
        self._headers["Cookie"] = cookie.partition(";")[0]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str) -> tuple[float, bytes, int]:
        """Return how many milliseconds an answer took, what it says, and its bytes on the wire."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - started) * 1000
        assert answer.status == http.HTTPStatus.OK, (path, answer.status)
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
        plain = gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body
        return took, plain, len(body) + head

    def parts(self, page: str) -> int:
        """Return the bytes of all that a page names besides itself: styles, scripts, icons."""
        return sum(self.get(path)[2] for path in sorted(set(PARTS.findall(page))))


def measure(plan: Plan) -> str:
    """Ask for pages of a library, and of one ten times as large."""
    rows: list[tuple[str, ...]] = []
    for links in (plan.many // 10, plan.many):
        with plan.made("linkhold") as contestant, running(contestant):
            assert isinstance(contestant, Linkhold)
            progress(f"  filling with {links:,} links")
            contestant.fill_believably(1, links)
            progress("  asking")
            with closing(Browser(contestant)) as browser:
                shown = (_row(browser, *page) for page in _pages(browser))
                rows += [(f"{links:,} links" if not number else "", *row) for number, row in enumerate(shown)]
    conditions = (
        f"Each page {EACH} times (or for {LONGEST_SECONDS} s), one after the other over one connection,"
        " logged in, with gzip, after as many that do not count. Bytes are those of heads and bodies. What a"
        " page needs is itself and the styles, scripts and icons that it names, which a browser asks for"
        " once."
    )
    return f"## Pages\n\n{conditions}\n\n{table(HEADS, rows)}"


def _pages(browser: Browser) -> Iterator[tuple[str, str]]:
    words, tags = library.world().words.things, library.world().tags.things
    yield "the library", "/"
    older, path = "/", "/"
    for _ in range(10):
        found = OLDER.search(browser.get(path)[1].decode())
        if found is None:
            break
        older = path = html.unescape(found[1])
    yield "ten pages on", older
    yield "a tag", "/?" + urlencode({"q": f"#{tags[20]}"})
    yield "a word", "/?" + urlencode({"q": words[200]})
    yield "tags", "/tags"
    yield "statistics", "/statistics"


def _row(browser: Browser, name: str, path: str) -> tuple[str, ...]:
    _asked(browser, path)
    asked = _asked(browser, path)
    times = sorted(took for took, _, _ in asked)
    _, page, size = asked[-1]
    shown = (f"{each:.1f}" for each in (statistics.median(times), times[int(len(times) * 0.95)], times[-1]))
    whole = size + browser.parts(page.decode())
    return (name, str(len(asked)), *shown, f"{size / 1000:.1f}", f"{whole / 1000:.1f}")


def _asked(browser: Browser, path: str) -> list[tuple[float, bytes, int]]:
    answers, until = [browser.get(path)], time.perf_counter() + LONGEST_SECONDS
    while len(answers) < EACH and time.perf_counter() < until:
        answers.append(browser.get(path))
    return answers
