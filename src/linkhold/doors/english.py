"""What the rooms below say in English, said in the language of who reads it.

Errors, remarks on a search and the summaries of what was done are made far from any reader, and some
are stored. A door finds the template of `wordings` that a sentence was made from, and says that one with
the same values.
"""

from __future__ import annotations

import re
from functools import cache

from linkhold.doors.wordings import SENTENCES
from linkhold.translations import Translation


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


# These would be found in too many sentences: they are asked for by name.
QUOTED, BOTH = _("“{text}”"), _("{first} and {last}")
VALUE = re.compile(r"\{(\w+)\}")
OURS = {"field", "fields", "reason", "what"}
TEXTS, NOTHING = {"old", "new"}, "nothing"
MAY_BE_BLANK = {"text"}
"""What a person typed, which may be nothing at all."""
LISTED = {"names"}
"""What holds no semicolon, which stands between sentences."""
BETWEEN = ("; ", ", ")
"""What stands between the sentences of a summary; looked for only when the whole is not known."""


def known(sentence: str) -> bool:
    """Tell whether a sentence is one of these."""
    return _found(sentence) is not None


def translated(said: Translation, sentence: str) -> str:
    """Return a sentence of the rooms below in another language; as it is, if it is none of these."""
    found = _found(sentence)
    if found is not None:
        template, values = found
        return said.gettext(template, **{name: _value(said, name, value) for name, value in values.items()})
    for between in BETWEEN:
        parts = sentence.split(between)
        if len(parts) > 1 and all(map(known, parts)):
            return between.join(translated(said, part) for part in parts)
    return sentence


def _value(said: Translation, name: str, value: str) -> str:
    """Return what stands in a sentence: some of it is a sentence or a word of ours, all else somebody's."""
    if name in OURS or (name in TEXTS and value == NOTHING):
        return translated(said, value)
    if name in TEXTS:
        return said.gettext(QUOTED, text=value.removeprefix("“").removesuffix("”"))
    if name == "allowed" and " and " in value:
        first, _between, last = value.rpartition(" and ")
        return said.gettext(BOTH, first=first, last=last)
    return value


def _found(sentence: str) -> tuple[str, dict[str, str]] | None:
    whole, patterns = _templates()
    if sentence in whole:
        return sentence, {}
    for template, pattern in patterns:
        match = pattern.fullmatch(sentence)
        if match is not None:
            return template, match.groupdict()
    return None


@cache
def _templates() -> tuple[frozenset[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """Return the messages without values, and the patterns of those with some."""
    whole = frozenset(each for each in SENTENCES if not VALUE.search(each))
    patterns = [(each, _pattern(each)) for each in SENTENCES if each not in whole]
    return whole, tuple(patterns)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = VALUE.split(template)
    # Every second piece is the name of a value.
    return re.compile(
        "".join(_group(each) if at % 2 else re.escape(each) for at, each in enumerate(pieces)), re.DOTALL
    )


def _group(name: str) -> str:
    return f"(?P<{name}>{'[^;]' if name in LISTED else '.'}{'*' if name in MAY_BE_BLANK else '+'}?)"
