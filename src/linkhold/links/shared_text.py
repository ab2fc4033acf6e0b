"""What a person meant by the text that an app shared: its links, each with the words beside it. Pure.

No word is dropped: what is no URL becomes a title (one short line that stands by a link) or notes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from linkhold.links import addresses, markup, phrases
from linkhold.links.addresses import Rule
from linkhold.links.found import Found, united

LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Invisible characters that allow a line to break, where one would: inside a URL they are no end.
HIDDEN = "[\u00ad\u200b\u2060\ufeff]+"
BREAKS = re.compile(rf"(?<=[/?#&=._%-]){HIDDEN}(?=\w)|(?<=\w){HIDDEN}(?=[/?#&=._%-])")
PROSE = 1000
"""The longest line that is kept with each of its links and not with the first alone."""


@dataclass(slots=True)
class _Beside:
    """What stands beside one link, before it is decided what becomes of it."""

    url: str
    written: str
    """What stands in the text: the URL as it was written, or the words that markup has for it."""
    label: str = ""
    above: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    """Words of the link's own line; the first may be its title."""
    announced: bool = False
    """Whether those words only say that a URL follows."""
    prose: str = ""
    """The whole line, where the link stands in the midst of a sentence."""
    below: list[str] = field(default_factory=list)
    heading: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    """A line: texts, and the links between them; there is one more text than links."""

    texts: list[str] = field(default_factory=lambda: [""])
    links: list[_Beside] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [phrases.tidy(text) for text in self.texts]

    @property
    def is_blank(self) -> bool:
        return not self.links and not self.words[0]

    def __str__(self) -> str:
        shown = [link.label or link.written for link in self.links]
        both = (part for pair in zip(self.texts, [*shown, ""], strict=True) for part in pair)
        return phrases.visible("".join(both))


def read(text: str, rule: Rule) -> list[Found]:
    """Return the links of a text in their order, each once; none when there is none."""
    lines = _lines(BREAKS.sub("", text), rule)
    linked = [number for number, line in enumerate(lines) if line.links]
    if not linked:
        return []
    for number in linked:
        _share_line(lines[number])
    _share_blocks(lines, linked)
    return united(_found(link) for number in linked for link in lines[number].links)


def read_beside(url: str, text: str, rule: Rule) -> Found:
    """Return a link that was sent apart from its text, with the words of the text, which has no link."""
    return _found(_Beside(url, url, below=_text(_lines(text, rule))))


def _lines(text: str, rule: Rule) -> list[_Line]:
    """Return a text as lines in which the links are known."""
    lines = [_Line()]
    pieces = list(markup.pieces(text))
    beside = any(not isinstance(each, str) for each in pieces)
    for piece in pieces:
        if isinstance(piece, str):
            _add_text(lines, markup.plain(piece), rule, beside=beside)
            continue
        url = addresses.whole(piece.url, rule)
        if url is None:
            _add_text(lines, markup.plain(piece.written), rule, beside=beside)
        else:
            names = phrases.tidy(piece.label) if addresses.whole(piece.label, rule) is None else ""
            _add_link(lines, _Beside(url, url, names))
            more = piece.tip if names or piece.label in {url, piece.url} else f"{piece.label} {piece.tip}"
            _add_words(lines, f" {more} " if more else "")
    return lines


def _add_text(lines: list[_Line], text: str, rule: Rule, *, beside: bool) -> None:
    at = 0
    for address in addresses.find(text, rule, beside_links=beside):
        start, end = phrases.unwrapped(text, address.start, address.end, at)
        _add_words(lines, text[at:start])
        _add_link(lines, _Beside(address.url, text[address.start : address.end]))
        at = end
    _add_words(lines, text[at:])


def _add_words(lines: list[_Line], text: str) -> None:
    first, *others = LINE_END.split(text)
    lines[-1].texts[-1] += first
    lines.extend(_Line([other]) for other in others)


def _add_link(lines: list[_Line], link: _Beside) -> None:
    lines[-1].links.append(link)
    lines[-1].texts.append("")


def _share_line(line: _Line) -> None:
    """Give the words of a line to its links."""
    words, links = line.words, line.links
    if not any(words):
        return
    if len(links) > 1:
        _share_long_line(line)
    elif all(words) and not phrases.are_apart(line.texts[0], line.texts[1]):
        links[0].prose = str(line)
    else:
        links[0].own = [each for each in words if each]
        links[0].announced = phrases.announces(line.texts[0])


def _share_long_line(line: _Line) -> None:
    """Give each of many links its own words, or, where they are one sentence, the sentence."""
    words, links = line.words, line.links
    if not any(words[1:]):
        links[0].own = [words[0]]
        return
    mine = words[:-1] if words[0] else words[1:]
    each_has_its_own = (
        all(map(phrases.are_parted, line.texts[1:-1]))
        and all(map(phrases.could_name, mine))
        and not any(link.label for link in links)
    )
    if not each_has_its_own:
        prose = str(line)
        for link in links if len(prose) <= PROSE else links[:1]:
            link.prose = prose
        return
    for link, own in zip(links, mine, strict=True):
        link.own = [own]
    if words[0] and words[-1]:
        links[-1].own.append(words[-1])


def _share_blocks(lines: Sequence[_Line], linked: Sequence[int]) -> None:
    """Give the lines between lines with links to the links before or after them."""
    first, last = linked[0], linked[-1]
    above = _text(lines[:first])
    leads = any(above) and not any(lines[first].words)
    for one, other in pairwise(linked):
        block = lines[one + 1 : other]
        cut = _cut(block, leads=leads or (any(lines[one].words) and not any(lines[other].words)))
        lines[one].links[-1].below = _text(block[:cut])
        lines[other].links[0].above = _text(block[cut:])
    lines[last].links[-1].below += _text(lines[last + 1 :])
    others = [link for number in linked for link in lines[number].links][1:]
    if not others:
        lines[first].links[0].above = above
    elif leads and any(link.above for link in others):
        lines[first].links[0].above = _heading_last(above)
    else:
        # A heading of them all is the title of none.
        lines[first].links[0].heading = above


def _cut(block: Sequence[_Line], *, leads: bool) -> int:
    """Return how many lines of a block belong to what is above it: blank lines part, if there are any."""
    blanks = [number for number, line in enumerate(block) if line.is_blank]
    if not blanks:
        return 0 if leads else len(block)
    return blanks[-1]


def _heading_last(above: list[str]) -> list[str]:
    """Return the lines above the first of many links with its title first, and the list's heading after."""
    blanks = [number for number, line in enumerate(above) if not line]
    if not blanks:
        return above
    return [*above[blanks[-1] + 1 :], "", *above[: blanks[-1]]]


def _text(lines: Sequence[_Line]) -> list[str]:
    """Return lines as text, without the blank ones around them."""
    shown = [str(line) for line in lines]
    words = [number for number, line in enumerate(lines) if not line.is_blank]
    return shown[words[0] : words[-1] + 1] if words else []


def _found(link: _Beside) -> Found:
    """Decide which words are the title; all others are notes."""
    title = link.label
    for lines in [] if title else _candidates(link):
        if lines and phrases.could_name(lines[0]):
            title = phrases.tidy(lines.pop(0))
            break
    own = [link.prose] if link.prose else link.own
    shown = "\n".join("\n".join(part) for part in (link.heading, link.above, own, link.below) if part)
    return Found(link.url, title, re.sub(r"\n{3,}", "\n\n", shown).strip("\n"))


def _candidates(link: _Beside) -> list[list[str]]:
    """Return the places whose first line may be the title, the likeliest first."""
    if link.own and not link.announced and phrases.tidy(link.own[0]).casefold() not in phrases.NAMELESS:
        return [link.own, link.above]
    below = [] if link.above or link.prose else link.below
    return [link.above, below, link.own]
