"""How the search language is written: trees written out, and what stands between quotation marks. Pure."""

from __future__ import annotations

import re

from linkhold.links.trees import EVERYTHING, Added, And, Leaf, Not, Or, Site, State, Tag, Tree, Words

QUOTED = r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?\Z)'
"""A pattern of what is quoted; the end of the search ends it as well."""
INSIDE = re.compile(r'"((?:[^"\\]|\\[\s\S])*)("?)')
# A backslash before anything else is one: nobody has to know of it who types a Windows path.
ESCAPED = re.compile(r'\\(["\\])')
MUST_BE_QUOTED = re.compile(r'[\s()"]')


def written(tree: Tree) -> str:
    """Return a tree in the language; reading that gives the same again."""
    return "" if tree == EVERYTHING else _written(tree, inside=False)


def quoted(text: str) -> str:
    """Return a text between quotation marks."""
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def unquoted(text: str) -> tuple[str, bool]:
    """Return what `QUOTED` matched without its marks, and whether they were closed."""
    inside = INSIDE.match(text)
    if inside is None:  # pragma: no cover - it begins with a quotation mark
        raise ValueError(text)
    return ESCAPED.sub(r"\1", inside[1]), bool(inside[2])


def _written(tree: Tree, *, inside: bool) -> str:
    if isinstance(tree, Not):
        return f"not {_written(tree.part, inside=True)}"
    if isinstance(tree, And | Or):
        operator = " and " if isinstance(tree, And) else " or "
        text = operator.join(_written(part, inside=True) for part in tree.parts)
        return f"({text})" if inside else text
    return _leaf(tree)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Words(text, field, exact):
            said = quoted(text) if exact else text.replace(" ", ".")
            return f"{field}:{said}" if field else said
        case Tag(key):
            return f"#{_name(key)}"
        case Site(domain):
            return f"site:{_name(domain)}"
        case State(name):
            return f"is:{name}"
        case Added(text=text):
            return text


def _name(text: str) -> str:
    return quoted(text) if MUST_BE_QUOTED.search(text) else text
