"""What people are told, in their language: the one gate to the catalogues, which gettext reads.

The English words in the code are the keys. `make translations` brings them into the catalogues
beside this file and compiles those; a test holds that none is missing.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent
DOMAIN = "linkhold"
NAMES = {"en": "English", "de": "Deutsch"}
"""The languages that there are, each by its own name; the first is the one of the code."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Says things in one language."""

    language: str
    catalogue: gettext.NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """Return a message in this language, with the values in the places that it names in braces."""
        text = self.catalogue.gettext(message)
        return text.format(**values) if values else text

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Return a message that counts: `one` or `many` of it, by the rule of this language.

        `{number}` in it is the count as it is, unless the values have it as it should be written.
        """
        return self.catalogue.ngettext(one, many, count).format(**{"number": count, **values})


@cache
def to(language: str) -> Translation:
    """Return what says things in a language of `NAMES`; in English for any other."""
    if language not in NAMES or language == next(iter(NAMES)):
        return Translation("en", gettext.NullTranslations())
    return Translation(language, gettext.translation(DOMAIN, CATALOGUES, [language]))


def best(wanted: Iterable[str]) -> str:
    """Return the first language that there is among those wanted (`de-CH`, `de`), else English."""
    for each in wanted:
        language = each.replace("_", "-").partition("-")[0].lower()
        if language in NAMES:
            return language
    return next(iter(NAMES))
