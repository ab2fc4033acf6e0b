"""Where in a text the URLs are, as a person would see it. Pure, and linear in the text's length.

A URL in a text has no end mark. It ends at white space, at a quotation mark, at a bracket that it
did not open, where another URL begins, and before the punctuation of the sentence around it. In
scripts that put no spaces between words it ends where ASCII turns into the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from linkhold.errors import NotALink
from linkhold.links import hosts
from linkhold.links.identity import identify

INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069"
# Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
UNSPACED += "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
ENDS = (
    r'\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffc\ufffd<>"`\\'
    "“”„‟«»‹›「」『』【】《》〈〉〔〕（）［］｛｝。，、；：！？…‥•،؛؟۔।॥￼"
    "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff" + INVISIBLE
)
RUN = re.compile(f"[^{ENDS}]+")
"""What holds together, and may be a URL or have some in it."""

# What a name begins after, and ends before, when it is a name: not inside a path, an e-mail address,
# a hashtag, a call.
NOT_AFTER, NOT_BEFORE = "@./\\#$&=+~%_", "@(=_"
LETTER = rf"[\w{hosts.MARKS}-]"
NAME = re.compile(rf"(?<!{LETTER})(?:localhost(?=:[0-9])|{LETTER}++(?:\.{LETTER}++)++)", re.IGNORECASE)
PORT = re.compile(r":[0-9]{1,5}(?![0-9])")
GLUED_BEFORE = re.compile(f"[{UNSPACED}]+(?=[A-Za-z0-9])")
GLUED_AFTER = re.compile(f"(?<=[A-Za-z0-9])[{UNSPACED}]")

# After these another URL is a part of the one before it: `…/web/2020/https://…`, `…?url=https://…`.
JOINS = "/=?&:#%+!@*"
PAIRS = {")": "(", "]": "[", "}": "{"}
TRAILING = ".,;:!?'’‘‚|–—([{"
EMPHASIS = "*_~"
ALONE = 8
"""How far around a name it is looked whether the name stands alone on its line: a bullet and a space."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which URLs are links: their schemes, and how long one may be."""

    schemes: frozenset[str] = field(default_factory=lambda: frozenset({"http", "https"}))
    longest: int = 8192

    def accepts(self, url: str) -> bool:
        """Tell whether a URL is a link."""
        if len(url) > self.longest:
            return False
        try:
            identify(url, self.schemes)
        except NotALink:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in a text: from where to where it stands, and what it is in full."""

    start: int
    end: int
    url: str


def find(text: str, rule: Rule, *, beside_links: bool = False) -> list[Address]:
    """Return the URLs of a text in their order.

    A site's name alone (`example.com`) is a link where there is no other, or on a line of its own;
    beside a full URL, in the text or as `beside_links` says, it is the name of a site.
    """
    full = [each for run in RUN.finditer(text) for each in _full(text, run.start(), run.end(), rule)]
    found: list[Address] = []
    at = 0
    beside = beside_links or bool(full)
    for address in (*full, Address(len(text), len(text), "")):
        found += _bare(text, at, address.start, rule, beside=beside)
        if address.url:
            found.append(address)
        at = address.end
    return found


def whole(text: str, rule: Rule) -> str | None:
    """Return the URL that all of a text is, or None."""
    text = text.strip().strip("\u200b\u200e\u200f\u2060\ufeff")
    if _patterns(rule.schemes)[0].match(text) and not re.search(r"\s", text):
        return text if rule.accepts(text) else None
    found = find(text, rule)
    return found[0].url if len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)) else None


@cache
def _patterns(schemes: Iterable[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a URL begins with, and what can happen on the way to its end."""
    begins = f"(?:{'|'.join(re.escape(each) for each in sorted(schemes))})://"
    happens = (
        rf"(?P<begins>{begins})|(?P<wiki>/wiki/)|(?P<opens>[(\[{{])|(?P<closes>[)\]}}])"
        rf"|(?P<glued>(?<=[A-Za-z0-9)])[{UNSPACED}])"
    )
    return re.compile(begins, re.IGNORECASE), re.compile(happens, re.IGNORECASE)


def _full(text: str, start: int, stop: int, rule: Rule) -> Iterator[Address]:
    begins, _ = _patterns(rule.schemes)
    at = start
    while match := begins.search(text, at, stop):
        at = _end(text, match.end(), stop, rule)
        end = _trimmed(text, match.start(), at)
        url = text[match.start() : end]
        if end > match.end() and rule.accepts(url):
            yield Address(match.start(), end, url)


def _end(text: str, start: int, stop: int, rule: Rule) -> int:
    """Return where a URL that goes on at `start` ends, at the latest at `stop`."""
    opened: list[str] = []
    wiki = False
    for event in _patterns(rule.schemes)[1].finditer(text, start, stop):
        at, what = event.start(), event.lastgroup
        if what == "opens":
            opened.append(event[0])
        elif what == "wiki":
            # The one place where titles in such scripts are written into URLs, glued to anything.
            wiki = True
        elif what == "closes" and opened and opened[-1] == PAIRS[event[0]]:
            opened.pop()
        elif what == "closes" or (what == "glued" and not wiki) or _begins_anew(text, event):
            return at
    return stop


def _begins_anew(text: str, event: re.Match[str]) -> bool:
    return event.lastgroup == "begins" and text[event.start() - 1] not in JOINS


def _trimmed(text: str, start: int, end: int) -> int:
    """Return the end of a URL without the punctuation of its sentence."""
    around = text[start - 1] if start else ""
    emphasis = around if around in EMPHASIS else ""
    while end > start and text[end - 1] in TRAILING + emphasis:
        end -= 1
    return end


def _bare(text: str, start: int, stop: int, rule: Rule, *, beside: bool) -> Iterator[Address]:
    """Yield the URLs that lack their scheme."""
    at = start
    while match := NAME.search(text, at, stop):
        at = match.end()
        address = _named(text, match, stop, rule)
        if address is None:
            continue
        name_only = address.end <= match.end() and not match[0].lower().startswith("www.")
        if name_only and beside and not _is_alone(text, address):
            continue
        at = max(at, address.end)
        yield address


def _named(text: str, match: re.Match[str], stop: int, rule: Rule) -> Address | None:
    start, end = match.span()
    if start and text[start - 1] in NOT_AFTER:
        return None
    glued = GLUED_BEFORE.match(text, start, end)
    start = glued.end() if glued else start
    start += len(text[start:end]) - len(text[start:end].lstrip("-"))
    after = GLUED_AFTER.search(text, text.rfind(".", start, end) + 1, end)
    name = text[start : after.start() if after else end]
    if not after and text[end : end + 1] and text[end] in NOT_BEFORE:
        return None
    tail = start + len(name) if after else _tail(text, end, stop, rule)
    more = text[start + len(name) : tail]
    if hosts.is_machine(name):
        url = f"http://{name}{more}"
        return Address(start, tail, url) if more and rule.accepts(url) else None
    if not hosts.is_site(name) or not ("/" in more or hosts.is_site_by_itself(name)):
        return None
    url = f"https://{name}{more}"
    return Address(start, tail, url) if rule.accepts(url) else None


def _tail(text: str, at: int, stop: int, rule: Rule) -> int:
    """Return where a URL ends whose host's name ends at `at`."""
    port = PORT.match(text, at, stop)
    begin = port.end() if port else at
    run = RUN.match(text, begin, stop)
    if run is None or text[begin] not in "/?#":
        return begin
    return _trimmed(text, begin, _end(text, begin + 1, run.end(), rule))


def _is_alone(text: str, address: Address) -> bool:
    before = text[max(0, address.start - ALONE) : address.start].rpartition("\n")
    after = text[address.end : address.end + ALONE].partition("\n")
    begins_line = bool(before[1]) or address.start <= ALONE
    ends_line = bool(after[1]) or address.end + ALONE >= len(text)
    bullet = before[2].strip(" \t-*•·>–")
    return begins_line and ends_line and not bullet and not after[0].strip(" \t\r.,;")
