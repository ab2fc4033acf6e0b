"""What a link is found by: the words and marks of its `tsvector`. Pure.

Words have positions, for phrases, and weights that tell where they stand: A the title, B the
description and the tags, C the URL, D the notes. Marks have neither, and begin with a character
that no word has: the owner's (`@7`, or `~7` in the trash), `#tag` for each tag and each tag above
it, `.site` for the host and each domain above it, and `!state`. Long texts have `neighbours` as well.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote

from ada_url import idna_to_unicode

from linkhold.links import neighbours, tags, words
from linkhold.links.merging import Kept

STATES = ("unread", "archived", "shared")
WEIGHTS = {"title": "A", "description": "B", "tags": "B", "url": "C", "notes": "D"}

# A phrase must not reach from one field into the next.
GAP = 8
# PostgreSQL's limits (its documentation, 12.11): positions up to 16,383, 256 of them for each word, and
# a megabyte of words and marks. Marks come first, then words, then neighbours, each with a part of it that
# the next cannot take: of very many tags those beyond some thousands have no mark, and notes that are longer
# than some 50,000 different words are found by those.
MOST_BYTES = 600_000
MOST_MARK_BYTES = 700_000
ROOM = MOST_BYTES + neighbours.MOST_BYTES
MOST_POSITIONS = 255
LAST_POSITION = 16_383

LONGEST_MARK = 64


class Indexed(Kept, Protocol):
    """The fields of a link by which it is found; they are only read here."""

    @property
    def identity(self) -> str: ...  # noqa: D102
    @property
    def trashed_at(self) -> datetime | None: ...  # noqa: D102


def vector(owner: int, link: Indexed) -> str:
    """Return the `tsvector` of a link in PostgreSQL's notation."""
    found = marks(owner, link)
    return " ".join([*map(quoted, found), *_words(link, ROOM - sum(map(_size, found)))])


def marks(owner: int, link: Indexed) -> list[str]:
    """Return what is neither text nor date about a link."""
    found = [owner_mark(owner, trashed=link.trashed_at is not None)]
    found += [state_mark(name) for name in STATES if getattr(link, name)]
    found += [site_mark(domain) for domain in domains(host(link.identity))]
    if link.tags:
        found.append(state_mark("tagged"))
        found += _tag_marks(link.tags, MOST_MARK_BYTES - sum(map(_size, found)))
    return found


def _tag_marks(names: Iterable[str], room: int) -> Iterator[str]:
    """Yield the marks of tags and of those above them, each once, as far as there is room."""
    for mark in dict.fromkeys(tag_mark(key) for tag in names for key in tags.lineage(tags.key(tag))):
        room -= _size(mark)
        if room < 0:
            return
        yield mark


def _size(entry: str) -> int:
    """Return how many bytes an entry takes in the index, at the most, with its first place."""
    return 8 + (len(entry) if entry.isascii() else len(entry.encode()))


def owner_mark(owner: int, *, trashed: bool = False) -> str:
    """Return the mark that every link of an owner has, apart from those in the trash, which have another."""
    return f"{'~' if trashed else '@'}{owner}"


def stem_entry(stem: str) -> str:
    """Return the entry of words that have a stem in common; apart from the word that is spelled so."""
    return f"={stem}"


def state_mark(name: str) -> str:
    """Return the mark of a state: unread, archived, shared, tagged."""
    return f"!{name}"


def tag_mark(key: str) -> str:
    """Return the mark of all links with a tag or one below it, by the tag's key."""
    return _short(f"#{key}")


def site_mark(domain: str) -> str:
    """Return the mark of all links to a host or one below it."""
    return _short(f".{domain}")


def domains(site: str) -> list[str]:
    """Return a host and the domains above it: a.b.c, b.c, c. An address of numbers has none above it."""
    if not site or site.startswith("[") or site.replace(".", "").isdigit():
        return [site] if site else []
    labels = site.split(".")
    return [".".join(labels[at:]) for at in range(len(labels))]


def host(identity: str) -> str:
    """Return the host of a link's identity, without its port; international ones are in punycode."""
    place = identity.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    if place.startswith("["):
        return place.partition("]")[0] + "]"
    return place.partition(":")[0]


def url_text(identity: str) -> str:
    """Return what of a URL people read, after its host as it is sent where that is another (IDNA)."""
    sent, read = _place(identity), address_text(identity)
    return read if read.startswith(sent) else f"{sent} {read}"


def address_text(identity: str) -> str:
    """Return a URL as people read it: no scheme and no password, and encodings undone, also the host's."""
    sent = _place(identity)
    rest = identity.partition("://")[2].partition("/")[2]
    return unquote(f"{_readable(sent)}/{rest}")


def quoted(lexeme: str) -> str:
    """Return a mark as PostgreSQL's notation of text search wants it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _place(identity: str) -> str:
    """Return the host of an identity as it is sent, with its port."""
    return identity.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _readable(place: str) -> str:
    """Return a host in its own script, with its port."""
    if "xn--" not in place:
        return place
    name, colon, port = place.partition(":")
    return f"{idna_to_unicode(name)}{colon}{port}"


def _short(mark: str) -> str:
    """Return a mark that is never long: beyond the limit it ends in a hash of the whole."""
    if len(mark) <= LONGEST_MARK:
        return mark
    return mark[: LONGEST_MARK - 32] + hashlib.sha256(mark.encode()).hexdigest()[:32]


def _texts(link: Indexed) -> Iterator[tuple[str, str]]:
    """Yield the texts of a link with their weights; what is cut off, if anything, is at the end."""
    yield link.title, "A"
    yield " ".join(link.tags), "B"
    yield url_text(link.identity), "C"
    yield link.description, "B"
    yield link.notes, "D"


@functools.lru_cache(maxsize=50_000)
def entries(word: str) -> tuple[str, ...]:
    """Return what a word is found by: itself, and its stem where that is another."""
    stem = words.stem(word)
    return (word,) if stem == word else (word, stem_entry(stem))


def _words(link: Indexed, room: int = ROOM) -> Iterable[str]:
    """Return the words of a link in PostgreSQL's notation, `'word':1A,7C`, as many as there is room for."""
    found = _Places(min(room, MOST_BYTES))
    for text, weight in _texts(link):
        found.read(text, weight)
    # No word has a quotation mark or a backslash in it: both separate words.
    entries = [f"'{word}':{places}" for word, places in found.places.items()]
    if found.is_long:
        entries += [quoted(state_mark(neighbours.LONG)), *neighbours.entries(_texts(link), room - found.size)]
    return entries


class _Places:
    """The words that were read so far, each with its places: `1A,7C`."""

    def __init__(self, room: int) -> None:
        self.places: dict[str, str] = {}
        self.size = 0
        self._room = room
        self._position = 1
        self._is_full = False

    @property
    def is_long(self) -> bool:
        """Whether there is more than places can tell, so that phrases need `neighbours`."""
        return self._is_full or self._position > LAST_POSITION

    def read(self, text: str, weight: str) -> None:
        plain = words.plain(text) if text else []
        if plain is not None:
            self._read_words(plain, weight)
        else:
            for run in words.runs(text):
                if run.unspaced:
                    self._read_unspaced(run.text, weight)
                else:
                    self._read_words([run.text], weight)
        if self.size <= self._room:
            self._position += GAP

    def _read_words(self, found: list[str], weight: str) -> None:
        for word in found:
            if self.size > self._room:
                return
            at = self._here(weight)
            for entry in entries(word):
                self._add(entry, at)

    def _read_unspaced(self, run: str, weight: str) -> None:
        for start, char in enumerate(run):
            if self.size > self._room:
                return
            at = self._here(weight)
            self._add(char, at)
            if start + 1 < len(run):
                self._add(run[start : start + 2], at)

    def _here(self, weight: str) -> str:
        position = self._position
        self._position = position + 1
        return f"{position}{weight}" if position < LAST_POSITION else f"{LAST_POSITION}{weight}"

    def _add(self, word: str, at: str) -> None:
        known = self.places.get(word)
        if known is None:
            self.places[word] = at
            self.size += _size(word)
        elif known.count(",") < MOST_POSITIONS - 1:
            self.places[word] = f"{known},{at}"
            self.size += 4
        else:
            self._is_full = True
            # One place in each text is kept, for its weight.
            if known[-1] != at[-1]:
                self.places[word] = f"{known.rpartition(',')[0]},{at}"
