"""The search language: what a person types, read as a tree. Pure.

Nothing that is typed is an error. What makes no sense is read as well as it can be, and `Query`
says how it was understood and what was passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from linkhold.links import periods, tags, words

LONGEST_QUERY = 2000
MOST_TERMS = 100
DEEPEST = 30

OPERATORS = frozenset({"and", "or", "not"})
FIELDS = ("title", "url", "notes")
STATES = ("unread", "read", "archived", "shared", "trashed", "tagged", "untagged")
Sort: TypeAlias = Literal["added", "changed", "title", "relevance"]
SORTS: tuple[Sort, ...] = ("added", "changed", "title", "relevance")


@dataclass(frozen=True, slots=True)
class Words:
    """Words one after the other; one alone also stands for its inflections, the last for what it begins."""

    text: str
    field: str | None = None
    exact: bool = False
    """Between quotation marks: these words and no others."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, by its key, and all below it."""

    key: str


@dataclass(frozen=True, slots=True)
class Site:
    """A host, and all below it."""

    domain: str


@dataclass(frozen=True, slots=True)
class State:
    """One of `STATES`."""

    name: str


@dataclass(frozen=True, slots=True)
class Added:
    """Saved at or after `start` and before `end`; None is no limit."""

    start: datetime | None
    end: datetime | None
    text: str
    """As it is written in the language."""


@dataclass(frozen=True, slots=True)
class Not:
    """All but these."""

    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    """What all parts find; with no parts, everything."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any part finds."""

    parts: tuple[Tree, ...]


Leaf: TypeAlias = Words | Tag | Site | State | Added
Tree: TypeAlias = Leaf | Not | And | Or

EVERYTHING = And(())


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood."""

    tree: Tree
    sort: Sort | None
    remarks: tuple[str, ...]
    """What was passed over or read in another way than it was typed: sentences for a person."""

    def __str__(self) -> str:
        """Return it in the language, written out; reading that gives the same again."""
        tree = "" if self.tree == EVERYTHING else _written(self.tree)
        return f"{tree} sort:{self.sort}".strip() if self.sort else tree

    def asks_for(self, state: str) -> bool:
        """Tell whether a state is named anywhere in it."""
        return any(leaf == State(state) for leaf in leaves(self.tree))


def leaves(tree: Tree) -> list[Leaf]:
    """Return all leaves of a tree, in order."""
    if isinstance(tree, Not):
        return leaves(tree.part)
    if isinstance(tree, And | Or):
        return [leaf for part in tree.parts for leaf in leaves(part)]
    return [tree]


def parse(text: str) -> Query:
    """Read a search; every text is one."""
    reader = _Reader(text)
    return Query(reader.read(), reader.sort, tuple(reader.remarks))


TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\))
    | (?P<minus>-)(?=[^\s)])
    | (?P<url>[A-Za-z][A-Za-z0-9+.-]*://\S+)
    | (?P<name>[A-Za-z]+):(?P<value>"[^"]*(?:"|$)|[^\s()"]*)
    | "(?P<phrase>[^"]*)(?P<unclosed>$|")
    | (?P<hash>\#)(?P<tag>"[^"]*(?:"|$)|[^\s()"]+)
    | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)


class _Reader:
    """Reads one query: a descent through or, and, not, down to terms."""

    def __init__(self, text: str) -> None:
        self.sort: Sort | None = None
        self.remarks: list[str] = []
        if len(text) > LONGEST_QUERY:
            self.remark(f"Only the first {LONGEST_QUERY} characters were read.")
        # NUL cannot be asked of the database, and means nothing.
        self.tokens = [
            match for match in TOKEN.finditer(text[:LONGEST_QUERY].replace("\0", " ")) if match[0].strip()
        ]
        self.at = 0
        self.depth = 0
        self.terms = 0

    def remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def read(self) -> Tree:
        parts = []
        while self.at < len(self.tokens):
            parts.append(self._any())
            if self._is("close"):
                self.remark("A closing parenthesis without an opening one was passed over.")
                self.at += 1
        return _joined(And, parts)

    def _is(self, group: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][group] is not None

    def _takes(self, *operators: str) -> bool:
        """Take an operator if it comes next."""
        if self._is("word") and self.tokens[self.at]["word"].lower() in operators:
            self.at += 1
            return True
        return False

    def _any(self) -> Tree | None:
        parts = [self._all()]
        while self._takes("or", "|"):
            parts.append(self._all())
        if len(parts) > 1 and None in parts:
            self.remark("An “or” with nothing on one side was passed over.")
        return _joined(Or, parts) if any(part is not None for part in parts) else None

    def _all(self) -> Tree | None:
        parts: list[Tree | None] = []
        while self.at < len(self.tokens) and not self._is("close"):
            if self._takes("and", "&"):
                continue
            if self._is("word") and self.tokens[self.at]["word"].lower() in {"or", "|"}:
                break
            parts.append(self._one())
        return _joined(And, parts) if any(part is not None for part in parts) else None

    def _one(self) -> Tree | None:
        negations = 0
        while self._is("minus") or (self._is("word") and self.tokens[self.at]["word"].lower() == "not"):
            negations += 1
            self.at += 1
        part = self._group() if self._is("open") else self._term()
        if part is None and negations:
            self.remark("A “not” with nothing after it was passed over.")
        return Not(part) if part is not None and negations % 2 else part

    def _group(self) -> Tree | None:
        self.at += 1
        if self.depth == DEEPEST:
            self.remark(f"Parentheses deeper than {DEEPEST} were passed over.")
            return None
        self.depth += 1
        part = self._any()
        self.depth -= 1
        if self._is("close"):
            self.at += 1
        else:
            self.remark("A parenthesis was not closed.")
        return part

    def _term(self) -> Tree | None:
        if self.at >= len(self.tokens) or self._is("close"):
            return None
        token = self.tokens[self.at]
        self.at += 1
        self.terms += 1
        if self.terms > MOST_TERMS:
            self.remark(f"Only the first {MOST_TERMS} terms were read.")
            return None
        return self._read_token(token)

    def _read_token(self, token: re.Match[str]) -> Tree | None:
        match token.lastgroup:
            case "phrase" | "unclosed":
                if not token["unclosed"]:
                    self.remark("A quotation mark was not closed.")
                return self._words(token["phrase"], exact=True)
            case "tag":
                return self._tag(token["tag"])
            case "url":
                return self._words(token["url"].partition("://")[2], field="url")
            case "value":
                return self._named(token["name"].lower(), token["value"])
            case _:
                return self._word(token["word"])

    def _word(self, word: str) -> Tree | None:
        if word.lower() in {"!unread", "!untagged"}:  # linkding's
            return State(word[1:].lower())
        return self._words(word)

    def _named(self, name: str, value: str) -> Tree | None:
        read: dict[str, Callable[[str], Tree | None]] = {
            "tag": self._tag,
            "site": self._site,
            "is": self._state,
            "added": self._added,
            "before": lambda text: self._added(text, before=True),
            "after": lambda text: self._added(text, after=True),
            "sort": self._sort,
        }
        if name in FIELDS:
            return self._words(value.strip('"'), field=name, exact=value.startswith('"'))
        if name in read:
            return read[name](value)
        return self._words(f"{name}:{value}")

    def _words(self, text: str, *, field: str | None = None, exact: bool = False) -> Tree | None:
        found = " ".join(run.text for run in words.runs(text))
        if not found:
            if text.strip():
                self.remark(f"There is nothing to look for in “{text.strip()}”.")
            return None
        return Words(found, field, exact or found in OPERATORS)

    def _tag(self, text: str) -> Tree | None:
        key = tags.key(tags.tidy(text.strip('"')))
        if not key:
            self.remark("A tag without a name was passed over.")
            return None
        return Tag(key)

    def _site(self, text: str) -> Tree | None:
        domain = _domain(text.strip('"'))
        if not domain:
            self.remark(f"“site:{text}” names no host and was passed over.")
            return None
        return Site(domain)

    def _state(self, text: str) -> Tree | None:
        name = text.strip('"').lower()
        if name in STATES:
            return State(name)
        self.remark(f"“is:{text}” is none of {', '.join(STATES)}: it was read as a word.")
        return self._words(name)

    def _added(self, text: str, *, before: bool = False, after: bool = False) -> Tree | None:
        period = periods.parse(text.strip('"'))
        name = "before" if before else "after" if after else "added"
        if period is None:
            self.remark(f"“{name}:{text}” is no date like 2025, 2025-03 or 2025-03-31, and was passed over.")
            return None
        if before:
            return Added(None, period.start, f"before:{period}")
        if after:
            return Added(period.end, None, f"after:{period}")
        return Added(period.start, period.end, f"added:{period}")

    def _sort(self, text: str) -> None:
        wanted = text.strip('"').lower()
        for sort in SORTS:
            if sort == wanted:
                self.sort = sort
                return
        self.remark(f"“sort:{text}” is none of {', '.join(SORTS)} and was passed over.")


def _domain(text: str) -> str:
    """Return a host as identities have it, from a host as people type it, with or without a URL around it."""
    place = text.partition("://")[2] or text
    place = place.partition("/")[0].partition("?")[0].rpartition("@")[2].strip(".").lower()
    if not place.startswith("["):
        place = place.partition(":")[0]
    if place.isascii():
        return place
    try:
        return place.encode("idna").decode()
    except UnicodeError:
        return place


def _joined(kind: type[And | Or], parts: list[Tree | None]) -> Tree:
    """Return the parts as one, without needless levels."""
    flat: list[Tree] = []
    for part in parts:
        if part is None:
            continue
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat)) if flat else EVERYTHING


def _written(tree: Tree, *, inside: bool = False) -> str:
    if isinstance(tree, Not):
        return f"not {_written(tree.part, inside=True)}"
    if isinstance(tree, And | Or):
        operator = " and " if isinstance(tree, And) else " or "
        text = operator.join(_written(part, inside=True) for part in tree.parts)
        return f"({text})" if inside else text
    return _written_leaf(tree)


def _written_leaf(leaf: Leaf) -> str:
    match leaf:
        case Words(text, field, exact):
            written = f'"{text}"' if exact else text.replace(" ", ".")
            return f"{field}:{written}" if field else written
        case Tag(key):
            return f'#"{key}"' if re.search(r'[\s()"]', key) else f"#{key}"
        case Site(domain):
            return f"site:{domain}"
        case State(name):
            return f"is:{name}"
        case Added(text=text):
            return text
