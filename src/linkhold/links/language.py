"""The search language: what a person types, read as a tree. Pure.

Nothing that is typed is an error. What makes no sense is read as well as it can be, and `Query`
says how it was understood and what was passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from linkhold.links import notation, terms
from linkhold.links.terms import FIELDS, READERS, Value
from linkhold.links.trees import And, Not, Or, Sort, State, Tree, joined, leaves

LONGEST_QUERY = 2000
MOST_TERMS = 100
DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood."""

    tree: Tree
    sort: Sort | None
    remarks: tuple[str, ...]
    """What was passed over or read in another way than it was typed: sentences for a person."""

    def __str__(self) -> str:
        """Return it in the language, written out; reading that gives the same again."""
        tree = notation.written(self.tree)
        return f"{tree} sort:{self.sort}".strip() if self.sort else tree

    def asks_for(self, state: str) -> bool:
        """Tell whether a state is named anywhere in it."""
        return any(leaf == State(state) for leaf in leaves(self.tree))


def parse(text: str) -> Query:
    """Read a search; every text is one."""
    reader = _Reader(text)
    return Query(reader.read(), reader.sort, tuple(reader.remarks))


TOKEN = re.compile(
    rf"""\s*(?:
      (?P<open>\() | (?P<close>\))
    | (?P<minus>-)(?=[^\s)])
    | (?P<url>[A-Za-z][A-Za-z0-9+.-]*://\S+)
    | (?P<of_group>(?i:{"|".join((*FIELDS, *READERS))})):(?=\()
    | (?P<name>[A-Za-z]+):(?P<value>{notation.QUOTED}|[^\s()"]*)
    | (?P<phrase>{notation.QUOTED})
    | \#(?P<tag>{notation.QUOTED}|[^\s()"][^\s()]*)
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
        self.name: str | None = None
        """What stands before the parentheses that are being read, like `title` of `title:(a or b)`."""

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
        return joined(And, parts)

    def _is(self, group: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][group] is not None

    def _is_word(self, *operators: str) -> bool:
        return self._is("word") and self.tokens[self.at]["word"].lower() in operators

    def _takes(self, *operators: str) -> bool:
        """Take an operator if it comes next."""
        if self._is_word(*operators):
            self.at += 1
            return True
        return False

    def _any(self) -> Tree | None:
        parts = [self._all()]
        while self._takes("or", "|"):
            parts.append(self._all())
        if len(parts) > 1 and None in parts:
            self.remark("An “or” with nothing on one side was passed over.")
        return joined(Or, parts) if any(part is not None for part in parts) else None

    def _all(self) -> Tree | None:
        parts: list[Tree | None] = []
        wants, loose = True, False  # whether something has to come, and whether an “and” came instead
        while self.at < len(self.tokens) and not self._is("close") and not self._is_word("or", "|"):
            if self._takes("and", "&"):
                loose, wants = loose or wants, True
                continue
            parts.append(self._one())
            wants = False
        if loose or (wants and parts):
            self.remark("An “and” with nothing on one side was passed over.")
        return joined(And, parts) if any(part is not None for part in parts) else None

    def _one(self) -> Tree | None:
        negations = 0
        while self._is("minus") or self._is_word("not"):
            negations += 1
            self.at += 1
        part = self._named_group() if self._is("of_group") else self._simple()
        if part is None and negations:
            self.remark("A “not” with nothing after it was passed over.")
        return Not(part) if part is not None and negations % 2 else part

    def _simple(self) -> Tree | None:
        return self._group() if self._is("open") else self._term()

    def _named_group(self) -> Tree | None:
        """Read `title:(a or b)`, where the name belongs to each word inside."""
        outer, self.name = self.name, self.tokens[self.at]["of_group"].lower()
        self.at += 1
        part = self._group()
        self.name = outer
        return part

    def _group(self) -> Tree | None:
        self.at += 1
        if self.depth == DEEPEST:
            self.remark(f"Parentheses deeper than {DEEPEST} were passed over.")
            return None
        if self._is("close"):
            self.remark("Parentheses with nothing between them were passed over.")
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
            case "tag":
                return terms.tag(self._value(token["tag"]), self.remark)
            case "url":
                return terms.address(Value(token["url"]), self.remark)
            case "value":
                return self._named(token["name"].lower(), self._value(token["value"]))
            case kind:
                value = self._value(token[kind or "word"])
        if self.name is not None:
            return self._named(self.name, value)
        return terms.text(value, self.remark) if value.exact else terms.word(value, self.remark)

    def _named(self, name: str, value: Value) -> Tree | None:
        if name == "sort":
            self.sort = terms.sort(value, self.remark) or self.sort
            return None
        return terms.named(name, value, self.remark)

    def _value(self, typed: str) -> Value:
        if not typed.startswith('"'):
            return Value(typed)
        text, closed = notation.unquoted(typed)
        if not closed:
            self.remark("A quotation mark was not closed.")
        return Value(text, exact=True)
