"""Searches as people and machines type them, and the ways to answer them, for what holds of every search."""

from __future__ import annotations

from hypothesis import strategies as st

from linkhold.links.estimating import Statistics

# Statistics by which the index is always asked, and by which the library is always walked.
SELECTIVE = Statistics(links=1e9, rest=1e-9, lexemes=[], sums=[0.0])
COMMON = Statistics(links=1e6, rest=0.9)

PIECES = st.sampled_from(
    (
        *("a", "b c", "(", ")", '"', "-", "or", "and", "not", "#x", "tag:", "is:read", "added:2025"),
        *("sort:title", "url:", "title:x", "site:a.b", "!", "🎉", "東京", "\0", "\\", "'", "%"),
        *("https://x.y/z", "::", "&", "|", "title:(", "is:(", "()", '#"', '\\"', '"a b"', "site:", "is:"),
        *("before:..2025", "after:2025..", "added:2024..2025", "before:", "is:trashed", "sort:relevance"),
        *("added:0001", "added:9998", "added:", 'site:"', "不", "京都"),
    )
)
SEARCHES = (
    st.lists(PIECES, max_size=12).map(" ".join)
    | st.lists(PIECES, max_size=12).map("".join)
    | st.text()
    | st.text().map("site:{}".format)
    | st.text().map("#{}".format)
)
