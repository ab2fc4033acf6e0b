"""A believable library, as large as wanted: words, tags and sites as unevenly spread as people's are.

It is made from numbers alone, so that every run has the same one, and written by COPY with the
columns that Linkhold itself would compute.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine

from linkhold.db.engine import driver_url
from linkhold.links import derived, tag_counts
from linkhold.links.derived import Content
from linkhold.links.identity import Identity

FIRST_DAY = datetime(2015, 1, 1, tzinfo=UTC)
SECONDS_BETWEEN = 330  # a million links are ten years of them
VOCABULARY, TAGS, SITES = 60_000, 2_000, 20_000
PROCESSES = 2
PIECE = 20_000

ONSETS = "b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl sp st t th tr v w".split()
VOWELS = "a e i o u ai ea ee io oa ou".split()
CODAS = " d ck l ll m n nd ng nt p r rd rk s sh ss st t x".split(" ")

LINK_COLUMNS = (
    "owner_id, id, url, identity, identity_hash, identity_version, title, description, notes, tags, unread,"
    " archived, shared, created_at, changed_at, version, title_key, resembles, search"
)
CHANGE_COLUMNS = "owner_id, link_id, kind, door, token, made_at, before, after"


class Uneven:
    """Things of which the first are common and the last are rare (Zipf's law)."""

    def __init__(self, things: Sequence[str]) -> None:
        self.things = things
        self._sums = list(itertools.accumulate(1 / rank for rank in range(1, len(things) + 1)))

    def pick(self, chance: random.Random) -> str:
        """Return one by chance."""
        return self.things[bisect.bisect(self._sums, chance.random() * self._sums[-1])]


@dataclass(frozen=True)
class World:
    """What titles, tags and addresses are made of."""

    words: Uneven
    tags: Uneven
    sites: Uneven


@cache
def world() -> World:
    """Return the one world of all runs."""
    chance = random.Random(1)
    words = _distinct(VOCABULARY, lambda: _word(chance))
    tags = [
        word if number % 3 else f"{words[number % 40]}/{word}" for number, word in enumerate(words[:TAGS])
    ]
    sites = [f"{word}.{'com org net io de'.split()[number % 5]}" for number, word in enumerate(words[:SITES])]
    return World(Uneven(words), Uneven(tags), Uneven(sites))


def _distinct(count: int, make: Callable[[], str]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[make()] = None
    return list(found)


def _word(chance: random.Random) -> str:
    syllables = chance.choice((1, 2, 2, 2, 3, 3))
    return "".join(
        chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS) for _ in range(syllables)
    )


Address = Callable[[int], str]


def content(number: int, address: Address | None = None) -> tuple[Content, datetime]:
    """Return the link of a number, and when it was saved; `address` says to which address."""
    chance, of = random.Random(number), world()
    title = " ".join(of.words.pick(chance) for _ in range(chance.randint(4, 10)))
    slug = "-".join(title.split()[:5])
    notes = " ".join(of.words.pick(chance) for _ in range(chance.randint(10, 60))) if number % 10 == 0 else ""
    tags = list(dict.fromkeys(of.tags.pick(chance) for _ in range(chance.randint(0, 4))))
    saved = FIRST_DAY + timedelta(seconds=SECONDS_BETWEEN * number + chance.randrange(SECONDS_BETWEEN))
    link = Content(
        identity=address(number)
        if address
        else f"https://{of.sites.pick(chance)}/{chance.randint(2005, 2026)}/{slug}-{number}",
        title=title.capitalize(),
        notes=notes,
        tags=tags,
        unread=chance.random() < 0.2,
        archived=chance.random() < 0.05,
        shared=chance.random() < 0.02,
    )
    return link, saved


def write(url: str, owners: Sequence[int], first: int, count: int, *, address: Address | None = None) -> None:
    """Write so many links, in turn to each owner, with their first changes and the tag counts."""
    with psycopg.connect(url) as connection:
        (last_id,) = connection.execute("SELECT coalesce(max(id), 0) FROM links").fetchall()[0]
    starts = range(first, first + count, PIECE)
    numbers = [range(start, min(start + PIECE, first + count)) for start in starts]
    write_piece = partial(_write_piece, url, tuple(owners), ids_from=last_id + 1 - first, address=address)
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(write_piece, numbers))
    with psycopg.connect(url) as connection:
        connection.execute("SELECT setval(pg_get_serial_sequence('links', 'id'), max(id)) FROM links")
    engine = create_engine(driver_url(url))
    with engine.begin() as counting:
        tag_counts.count_all(counting)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE links, changes, tags")
        connection.execute("SELECT gin_clean_pending_list('ix_links_search')")


def _write_piece(
    url: str, owners: tuple[int, ...], numbers: range, *, ids_from: int, address: Address | None
) -> None:
    made = [
        (owners[number % len(owners)], number + ids_from, *content(number, address)) for number in numbers
    ]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY links ({LINK_COLUMNS}) FROM STDIN") as copy:
            for row in _link_rows(made):
                copy.write_row(row)
        with cursor.copy(f"COPY changes ({CHANGE_COLUMNS}) FROM STDIN") as copy:
            for owner, link_id, link, saved in made:
                after = Jsonb({"url": link.identity, "title": link.title, "tags": link.tags})
                copy.write_row((owner, link_id, "added", "v1", "bench", saved, Jsonb({}), after))


def _link_rows(made: Sequence[tuple[int, int, Content, datetime]]) -> Iterator[tuple[object, ...]]:
    for owner, link_id, link, saved in made:
        own = derived.columns(owner, link)
        yield (
            *(owner, link_id, link.identity, link.identity, Identity(link.identity).hash, 1),
            *(link.title, link.description, link.notes, link.tags, link.unread, link.archived, link.shared),
            *(saved, saved, 1, own["title_key"], own["resembles"], own["search"]),
        )
