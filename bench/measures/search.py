"""Finding among very many links: searches of mixed kinds, listings, tags, through HTTP."""

from __future__ import annotations

import http.client
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode

from bench import library
from bench.adapters.linkhold import Linkhold
from bench.plan import Plan, running
from bench.report import progress, table

EACH = 40
ACCOUNTS = 1000
HEADS = ("", "what", "asked", "p50, ms", "p95, ms", "slowest, ms", "found nothing")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request, and a function that makes up one."""

    name: str
    make: Callable[[random.Random], str]


def searches() -> tuple[Kind, ...]:
    """Return the kinds of searches; words are taken from the most common to the rarest alike."""
    of = library.world()
    words, tags, sites = of.words.things, of.tags.things, of.sites.things

    def spread(chance: random.Random, things: list[str] | tuple[str, ...], first: int = 0) -> str:
        # Evenly over the logarithm of the rank: as many from the first ten as from ranks 10,000 on.
        top = len(things) - 1
        return things[min(top, first + int((top - first) ** chance.random()))]

    def word(chance: random.Random) -> str:
        return spread(chance, list(words), COMMONEST)

    def tag(chance: random.Random) -> str:
        return spread(chance, list(tags))

    def phrase(chance: random.Random) -> str:
        title = library.content(chance.randrange(100_000))[0].title.lower().split()
        start = chance.randrange(len(title) - 1)
        return f'"{title[start]} {title[start + 1]}"'

    def month(chance: random.Random) -> str:
        return f"{chance.randint(2015, 2024)}-{chance.randint(1, 12):02}"

    return (
        Kind("one word", word),
        Kind("two words", lambda c: f"{word(c)} {word(c)}"),
        Kind("three words", lambda c: f"{word(c)} {word(c)} {word(c)}"),
        Kind("phrase", phrase),
        Kind("prefix", lambda c: word(c)[: c.randint(2, 4)]),
        Kind("tag", lambda c: f"#{tag(c)}"),
        Kind("tag and word", lambda c: f"#{tag(c)} {word(c)}"),
        Kind("site", lambda c: f"site:{spread(c, list(sites))}"),
        Kind("exclusion", lambda c: f"{word(c)} -{word(c)}"),
        Kind("dates", lambda c: f"added:{month(c)} {word(c)}"),
        Kind("nothing found", lambda c: f"xq{c.randrange(10**6)} {word(c)}"),
    )


# The commonest word of the library that is asked for: it is in about every fifth link.
COMMONEST = 4


class Asking:
    """One keep-alive connection to a contestant."""

    def __init__(self, contestant: Linkhold, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", contestant.port)
        self._headers = {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str) -> tuple[float, dict[str, object]]:
        """Return how many milliseconds an answer took, and the answer."""
        started = time.perf_counter()
        self._connection.request("GET", f"/api/v1{path}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - started) * 1000
        assert answer.status == 200, (path, body[:300])
        return took, json.loads(body)


def measure(plan: Plan) -> str:
    """Ask one account that has all links, and then one of a thousand that share as many."""
    rows: list[tuple[str, ...]] = []
    for accounts in (1, ACCOUNTS):
        with plan.made("linkhold") as contestant, running(contestant):
            assert isinstance(contestant, Linkhold)
            label = f"{plan.many:,} links, {accounts:,} account{'s' if accounts > 1 else ''}"
            progress(f"  filling with {label}")
            contestant.fill_believably(accounts, plan.many)
            progress("  asking")
            rows += [(label if not number else "", *row) for number, row in enumerate(_asked(contestant))]
    conditions = (
        f"{EACH} requests of each kind, one after the other over one connection, 100 links an answer, after"
        " one round that does not count."
    )
    return f"## Search\n\n{conditions}\n\n{table(HEADS, rows)}"


def _asked(contestant: Linkhold) -> Iterator[tuple[str, ...]]:
    with closing(Asking(contestant, contestant.token)) as asking:
        yield from _asked_by(asking)


def _asked_by(asking: Asking) -> Iterator[tuple[str, ...]]:
    everything: list[float] = []
    kinds = [(kind.name, _search(kind)) for kind in searches()]
    for name, path in kinds:
        times, empty = _timed(asking, path)
        everything += times
        yield _row(name, times, empty)
    yield _row("all searches", everything, 0)
    yield _row("newest 100", _timed(asking, lambda _: "/links")[0], 0)
    yield _row("page 50 of all", _timed(asking, _deep(asking))[0], 0)
    completions = library.world().tags.things
    yield _row("a tag completed", _timed(asking, lambda c: f"/tags?typed={c.choice(completions)[:2]}")[0], 0)
    yield _row("all tags", _timed(asking, lambda _: "/tags")[0], 0)


def _search(kind: Kind) -> Callable[[random.Random], str]:
    return lambda chance: "/links?" + urlencode({"q": kind.make(chance)})


def _deep(asking: Asking) -> Callable[[random.Random], str]:
    path = "/links?limit=100"
    for _ in range(49):
        cursor = asking.get(path)[1]["next"]
        if cursor is None:
            break
        path = f"/links?limit=100&cursor={cursor}"
    return lambda _: path


def _timed(asking: Asking, path: Callable[[random.Random], str]) -> tuple[list[float], int]:
    times: list[float] = []
    empty = 0
    for seed in (1, 2):  # the first round warms up, with other requests
        chance, times, empty = random.Random(seed), [], 0
        for _ in range(EACH):
            took, answer = asking.get(path(chance))
            times.append(took)
            empty += answer.get("links") == []
    return times, empty


def _row(name: str, times: list[float], empty: int) -> tuple[str, ...]:
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95)]
    shown = (f"{each:.1f}" for each in (statistics.median(ordered), p95, ordered[-1]))
    return (name, str(len(times)), *shown, str(empty))
