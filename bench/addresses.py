"""Addresses to save: realistic, each different, and all of one length, in Python and in SQL."""

from __future__ import annotations

TITLE = "An article about keeping links"


def address(number: int) -> str:
    """Return the address of a number from 0 to 9999999999."""
    return (
        f"https://www.site{number % 9973:04d}.example/{number % 89:02d}"
        f"/an-article-about-{number:010d}?page={number % 7}"
    )


def sql(number: str) -> str:
    """Return the same as an SQL expression; `number` is an SQL expression of type bigint."""
    return (
        f"format('https://www.site%s.example/%s/an-article-about-%s?page=%s',"
        f" lpad(({number} % 9973)::text, 4, '0'), lpad(({number} % 89)::text, 2, '0'),"
        f" lpad(({number})::text, 10, '0'), {number} % 7)"
    )
