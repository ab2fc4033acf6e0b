"""The search language: everything is a search, and says how it was read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given

from linkhold.links import language, trees
from links.searches import SEARCHES

DOCS = Path(__file__).parents[2] / "docs" / "search.md"


READ_TOGETHER = "(is:unread or is:shared) and not (added:2024 or added:2025)"


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("", ""),
        ("Flask", "flask"),
        ("flask  postgres", "flask and postgres"),
        ("flask and postgres", "flask and postgres"),
        ("flask OR django", "flask or django"),
        ("flask | django", "flask or django"),
        ("a b or c d", "(a and b) or (c and d)"),
        ("a (b or c)", "a and (b or c)"),
        ("-flask", "not flask"),
        ("not flask", "not flask"),
        ("not not flask", "flask"),
        ("-(a or b)", "not (a or b)"),
        ('"Web  Framework"', '"web framework"'),
        ('-"a b"', 'not "a b"'),
        ("node.js", "node.js"),
        ("#Python/Flask", "#python/flask"),
        ("tag:python/flask", "#python/flask"),
        ('tag:"two words"', "#two-words"),
        ("##x", "#x"),
        ("site:Example.COM", "site:example.com"),
        ("site:https://example.com/path", "site:example.com"),
        ("site:münchen.de", "site:xn--mnchen-3ya.de"),
        ("site:straße.de", "site:xn--strae-oqa.de"),
        ("site:.Example.com:443", "site:example.com"),
        ("site:0::", "site:0.0.0.0"),
        ("site:a：80", "site:a：80"),
        ("title:Flask notes:todo url:docs", "title:flask and notes:todo and url:docs"),
        ('title:"the end"', 'title:"the end"'),
        ("is:unread is:READ", "is:unread and is:read"),
        ("!unread !untagged", "is:unread and is:untagged"),
        ("added:2025-03", "added:2025-03"),
        ("added:2025-06..2025-03", "added:2025-03..2025-06"),
        ("added:2025..", "added:2025.."),
        ("before:2025 after:2024-02-29", "before:2025 and after:2024-02-29"),
        ("flask sort:title", "flask sort:title"),
        ("https://docs.python.org/3/", "url:docs.python.org.3"),
        ("https://a.example/Caf%C3%A9%20x?utm_source=y", "url:a.example.cafe.x"),
        ("https://xn--strae-oqa.de:8080/x", "url:strasse.de.8080.x"),
        ("https://me:secret@a.example/x", "url:a.example.x"),
        ("https://a..b:x/y%20z", "url:a.b.x.y.20z"),
        ("url:https://a.example/caf%C3%A9", "url:a.example.cafe"),
        ("file:///etc/x", "url:etc.x"),
        ("12:30", "12.30"),
        ("東京", "東京"),
        ("🎉", "🎉"),
        ('"or"', '"or"'),
        ("title:(flask or running)", "title:flask or title:running"),
        ('-url:(a ("b c" or #d))', 'not (url:a and (url:"b c" or #d))'),
        ("Title:(a notes:b) c", "title:a and notes:b and c"),
        ("site:(a.example or b.example)", "site:a.example or site:b.example"),
        ("is:(unread or shared) -added:(2024 or 2025)", READ_TOGETHER),
        ('#say"hi', r'#"say\"hi"'),
        (r'#"say\"hi"', r'#"say\"hi"'),
        (r'tag:"back\\slash (x"', r'#"back\\slash (x"'.replace(" ", "-")),
        (r'"C:\dir"', '"c dir"'),
        ('site:"a b"', 'site:"a b"'),
        ("site:a.:80", "site:a"),
    ],
)
def test_what_is_typed_is_understood(typed: str, understood: str) -> None:
    query = language.parse(typed)
    assert (str(query), query.remarks) == (understood, ())


@pytest.mark.parametrize(
    ("typed", "understood", "remark"),
    [
        ("(flask", "flask", "A parenthesis was not closed."),
        ("flask)", "flask", "A closing parenthesis without an opening one was passed over."),
        ('"web frame', '"web frame"', "A quotation mark was not closed."),
        ("flask or", "flask", "An “or” with nothing on one side was passed over."),
        ("not", "", "A “not” with nothing after it was passed over."),
        ("flask !!!", "flask", "There is nothing to look for in “!!!”."),
        ("tag:", "", "A tag without a name was passed over."),
        ("site:", "", "“site:” names no host and was passed over."),
        (
            "is:lost",
            "lost",
            f"“is:lost” is none of {', '.join(trees.STATES)}: it was read as a word.",
        ),
        (
            "added:2025-02-30",
            "",
            "“added:2025-02-30” is no date like 2025, 2025-03 or 2025-03-31, and was passed over.",
        ),
        ("before:..2025", "added:..2025", "“before:..2025” has no beginning: it was read as “added:..2025”."),
        ("-after:2025..", "not added:2025..", "“after:2025..” has no end: it was read as “added:2025..”."),
        ("title:", "", "“title:” has nothing after it and was passed over."),
        ("notes: x", "x", "“notes:” has nothing after it and was passed over."),
        ('url:""', "", "“url:” has nothing after it and was passed over."),
        ("is:", "", f"“is:” is none of {', '.join(trees.STATES)}: it was passed over."),
        ("is:!!!", "", f"“is:!!!” is none of {', '.join(trees.STATES)}: it was passed over."),
        ("title:()", "", "Parentheses with nothing between them were passed over."),
        ("()", "", "Parentheses with nothing between them were passed over."),
        ("a and", "a", "An “and” with nothing on one side was passed over."),
        ("and", "", "An “and” with nothing on one side was passed over."),
        ("a & & b", "a and b", "An “and” with nothing on one side was passed over."),
        ('""', "", "There is nothing to look for in “”."),
        ('tag:"x', "#x", "A quotation mark was not closed."),
        ('"x\\', '"x"', "A quotation mark was not closed."),
        ("sort:size", "", "“sort:size” is none of added, changed, title, relevance and was passed over."),
        ("(" * 50 + "a", "a", "Parentheses deeper than 30 were passed over."),
    ],
)
def test_what_makes_no_sense_is_read_as_well_as_it_can_be(typed: str, understood: str, remark: str) -> None:
    query = language.parse(typed)
    assert str(query) == understood
    assert remark in query.remarks


def test_a_search_without_end_is_cut() -> None:
    query = language.parse("a1 " * 100_000)
    assert len(trees.leaves(query.tree)) <= language.MOST_TERMS
    assert len(query.remarks) == 2


@given(SEARCHES)
def test_nothing_is_an_error_and_reading_it_again_changes_nothing(typed: str) -> None:
    query = language.parse(typed)
    again = language.parse(str(query))
    assert (again.tree, again.sort, again.remarks) == (query.tree, query.sort, ())


@given(SEARCHES)
def test_what_finds_everything_without_saying_so_says_what_was_passed_over(typed: str) -> None:
    query = language.parse(typed)
    says_nothing = not typed.replace("\0", " ").strip()
    assert says_nothing or query.tree != trees.EVERYTHING or query.sort or query.remarks


def test_the_examples_of_the_documentation_are_understood_as_it_says() -> None:
    rows = re.findall(r"^\| `(.+?)` \| `(.*?)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 20
    for typed, understood in rows:
        assert str(language.parse(typed.replace("\\|", "|"))) == understood, typed
