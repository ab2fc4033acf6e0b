"""Searches as people and machines type them, for properties that hold of every search."""

from __future__ import annotations

from hypothesis import strategies as st

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
