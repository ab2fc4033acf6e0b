"""Links that markup names, in shared text: Markdown, what is left of HTML, chats, forums. Pure, linear.

Each pattern stops at the next beginning of its own kind, or after a bounded length, and never goes back.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

LABELLED = re.compile(
    r"""
    !?\[(?P<md_label>(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}+\]){0,500}+)\]
        \([ ]{0,4}+<?(?P<md_url>(?:[^\s()<>]|\([^\s()<>]{0,500}+\)){1,9000}+)>?
        (?:\s{1,4}+(?P<tip>"[^"\n]{0,500}+"|'[^'\n]{0,500}+'))?[ ]{0,4}+\)
    | <a\s(?P<attributes>[^<>]{1,9000}+)>(?P<a_label>(?:[^<]|<(?!/?a[\s>])){0,2000}+)</a\s{0,4}+>
    | <(?P<chat_url>https?://[^<>|\s]{1,9000}+)\|(?P<chat_label>[^<>\n]{0,500}+)>
    | \[\[(?P<org_url>[^\s\[\]]{1,9000}+)\](?:\[(?P<org_label>[^\[\]]{0,500}+)\])?\]
    | \[url=["']?(?P<forum_url>[^\s\]"']{1,9000}+)["']?\](?P<forum_label>[^\[\]]{0,500}+)\[/url\]
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
HREF = re.compile(r"""(?<![\w-])href\s{0,4}=\s{0,4}["']?([^\s"'<>]++)""", re.IGNORECASE)
ATTRIBUTES = r"""(?:\s++[\w:-]++\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=]++))*+"""
BLOCKS = "p|br|div|ul|ol|li|blockquote|h[1-6]|table|tr|html|body|head"
INLINE = "a|b|i|u|em|strong|span|small|font|td"
BLOCK = re.compile(rf"</?(?:{BLOCKS}){ATTRIBUTES}\s*+/?>", re.IGNORECASE)
TAG = re.compile(rf"</?(?:{INLINE}){ATTRIBUTES}\s*+>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
ESCAPED = re.compile(r"\\([\[\]()*_\\])")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A link as markup names it: the URL and the words that stand for it."""

    url: str
    label: str
    written: str
    """The markup as it stands in the text."""
    tip: str = ""
    """More words, which show when one points at the link."""


def pieces(text: str) -> Iterator[str | Labelled]:
    """Yield a text's links that markup names, and the texts between them as they are."""
    at = 0
    for match in LABELLED.finditer(text):
        found = _labelled(match)
        if found is None:
            continue
        yield text[at : match.start()]
        yield found
        at = match.end()
    yield text[at:]


def plain(text: str) -> str:
    """Return a text without tags, and with the characters that entities stand for."""
    if "<" in text:
        text = TAG.sub("", BLOCK.sub("\n", text))
    if "&" in text:
        text = ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def _labelled(match: re.Match[str]) -> Labelled | None:
    found = match.groupdict()
    if found["md_url"]:
        label, tip = plain(ESCAPED.sub(r"\1", found["md_label"])), plain((found["tip"] or "")[1:-1])
        return Labelled(plain(found["md_url"]), label, match[0], tip)
    if found["attributes"]:
        href = HREF.search(found["attributes"])
        return None if href is None else Labelled(plain(href[1]), plain(found["a_label"]), match[0])
    name = next(name for name in ("chat", "org", "forum") if found[f"{name}_url"])
    return Labelled(plain(found[f"{name}_url"]), plain(found[f"{name}_label"] or ""), match[0])
