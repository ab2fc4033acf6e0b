"""What a link is found by: its marks, and how much of it."""

from __future__ import annotations

from linkhold.links import indexing
from linkhold.links.derived import Content


def test_marks_cannot_be_forged_by_words() -> None:
    """What a person writes is never read as a mark: not a state, not another's ownership."""
    content = Content(
        "https://a.example/", title="@2 ~2 !shared #tag .com =run '@2' \\'@2", tags=["@2", "'x"]
    )
    marks = indexing.marks(1, content)
    assert "@2" not in marks
    assert "!shared" not in marks
    assert all(not word.startswith(("'@2", "'~2", "'!shared", "'=run")) for word in indexing._words(content))


def test_what_is_found_of_a_link_has_a_limit() -> None:
    many = " ".join(f"w{number:060d}" for number in range(60_000))
    assert len(indexing.vector(1, Content("https://a.example/", notes=many))) < 1_200_000
    deep = ["/".join(["é" * 15] * 16) + str(number) for number in range(256)]
    assert len(indexing.vector(1, Content("https://a.example/", tags=deep)).encode()) < 1_000_000
