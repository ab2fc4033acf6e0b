"""The words beside a link in shared text: made tidy, and told whether they can name it. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TITLE = 200
LONGEST_ANNOUNCEMENT = 25
HIDDEN = re.compile("[\u00ad\u200b\u2060\ufeff]+")
UNSEEN = "\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffc￼"
BETWEEN = " \t\u00a0\u3000-–—|·•:;,：；，、→›~*=_>`\\" + UNSEEN
"""What people and apps put between a title and a URL."""
LEFT_OVER = re.compile(r"\A[….,!?،؛؟।۔。！？]+\s+")
"""The end of the sentence that the URL ended."""
QUOTES = {"„": "“”", "“": "”", "”": "”", "«": "»", "»": "«", "‚": "‘’", "‘": "’", '"': '"', "'": "'"}
QUOTES |= {"「": "」", "『": "』", "《": "》", "〈": "〉", "‹": "›", "【": "】"}
BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">", "（": "）", "［": "］", "*": "*", "_": "_", "`": "`"}
AROUND = {opening: closing for opening, closing in QUOTES.items() if opening != "”"} | BRACKETS
WRAPPED = QUOTES | BRACKETS
OPENING, CLOSING = "([{<（［「『《〈‹【«", ")]}>）］」』》〉›】»"
PARTNER = dict(zip(OPENING + CLOSING, CLOSING + OPENING, strict=True))
DEEPEST = 4

# Words that apps write before a URL: they say that one follows, and name nothing.
ANNOUNCING = """
    link url source quelle via lien fuente enlace fonte ссылка источник リンク 出典 链接 网址 来源 連結 網址
    來源 링크 출처 رابط المصدر קישור מקור लिंक स्रोत see siehe voir ver 详情 原文
"""
# Words that join the links of a sentence.
JOINING = """
    and or und oder et ou y o e и или と や 和 与 及 或 그리고 و أو ו או और या & + vs / ,
"""
NAMELESS = frozenset((ANNOUNCING + JOINING).split())
ASIDE = re.compile(
    r"\s*(?:via|von|from|por|de|par|da|от|через|通过|来自|출처|מאת|عبر|shared|geteilt|partagé|compartido|@|\#|[(\[（【|·•–—-])",
    re.IGNORECASE,
)
SIGNATURE = re.compile(
    r"(?:sent|shared) (?:from|with|via|by)\b|(?:von meinem .* )?gesendet\b|geteilt (?:mit|über|von)\b"
    r"|envoyé (?:de|depuis)\b|partagé (?:avec|via|depuis)\b|(?:enviado|compartido) (?:desde|con|vía|via)\b"
    r"|inviato da\b|отправлено (?:с|из)\b|get outlook for\b|(?:download|get) the .* app\b|.*から送信"
    r"|发自我的|來自我的|나의 .*에서 보냄|via\b|@\w+\Z",
    re.IGNORECASE,
)
# What stands between the words of one link and the next where each has its own.
PARTED = re.compile(r"\s*(?:[,;|·•/、，；–—(\[【（:：-]|\s\s|[0-9]+[.)])|.*[:：|–—-]\s*\Z", re.DOTALL)
SENTENCE_ENDS = re.compile(r"[:|–—»”\"’」』》】.!?。！？…-]\s*\Z")


def visible(text: str) -> str:
    """Return a line with single spaces, and without what is not seen, but for marks inside words."""
    return " ".join(HIDDEN.sub("", text).split()).strip(UNSEEN + " ")


def tidy(text: str) -> str:
    """Return words without what parted them from the URL, and without quotation marks around all of them."""
    text = visible(text)
    for _ in range(DEEPEST):
        bare = LEFT_OVER.sub("", _unwrapped(_undangled(text.strip(BETWEEN))))
        if bare == text:
            break
        text = bare
    return text if any(map(str.isalnum, text)) or _is_symbol(text) else ""


def _undangled(text: str) -> str:
    """Return words without a bracket at their edge whose partner is gone with the URL."""
    if text and (text[0] in CLOSING or (text[0] in OPENING and PARTNER[text[0]] not in text)):
        text = text[1:]
    if text and (text[-1] in OPENING or (text[-1] in CLOSING and PARTNER[text[-1]] not in text)):
        text = text[:-1]
    return text


def _is_symbol(text: str) -> bool:
    """Tell whether a text without letters says something all the same, as an emoji does."""
    return any(unicodedata.category(char) == "So" for char in text)


def _unwrapped(text: str) -> str:
    """Return words without the pair of quotation marks or brackets that is around all of them."""
    if len(text) <= len("()"):
        return text
    inner, closing = text[1:-1], WRAPPED.get(text[0], "")
    if text[-1] in closing and text[0] not in inner and not any(mark in inner for mark in closing):
        return inner
    return text


def could_name(text: str) -> bool:
    """Tell whether words can be a title: short, with a letter, and neither a signature nor "Link:"."""
    words = tidy(text)
    if not words or len(words) > LONGEST_TITLE or not any(map(str.isalpha, words)):
        return False
    return words.casefold() not in NAMELESS and SIGNATURE.match(words) is None


def are_apart(before: str, after: str) -> bool:
    """Tell whether a URL parts the words around it, and does not stand in the midst of a sentence."""
    if not any(map(str.isalnum, before)) or not any(map(str.isalnum, after)):
        return True
    return ASIDE.match(after) is not None or SENTENCE_ENDS.search(before[-20:]) is not None


def are_parted(text: str) -> bool:
    """Tell whether a text between two links has a mark that says where one ends and the next begins."""
    return PARTED.match(text[:LONGEST_TITLE]) is not None


def announces(text: str) -> bool:
    """Tell whether words only say that a URL follows: "Learn more:"."""
    return len(text) <= LONGEST_ANNOUNCEMENT and visible(text).endswith((":", "："))


def unwrapped(text: str, start: int, end: int, least: int) -> tuple[int, int]:
    """Return from where to where a URL stands with the quotation marks or brackets right around it."""
    for _ in range(DEEPEST):
        if start <= least or end >= len(text) or text[end] not in AROUND.get(text[start - 1], ""):
            break
        start, end = start - 1, end + 1
    return start, end
