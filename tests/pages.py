"""Every page that a person can open, for the tests that hold all of them to something."""

from __future__ import annotations

# Each page that a person can open, by its route: where it stands in each of the states that it has.
# `{link}` is a link with all that a link can have, `{trashed}` one in the trash; the account is ada's.
PAGES: dict[str, tuple[str, ...]] = {
    "web.home": (
        "/",
        "/?q=%23reading+numbers+site:example.com",
        "/?q=nothing-has-this-word",
        "/?q=is:unread+before:xyz",
        "/?done=known.{link}",
    ),
    "web.start": ("/start",),
    "web.new_link": (
        "/bookmarks/new",
        "/bookmarks/new?url=https://known.example/",
        "/bookmarks/new?url=no+link",
    ),
    "web.saved_and_done": ("/bookmarks/close", "/bookmarks/close?done=known.{link}"),
    "web.show_account": ("/account",),
    "web.show_leaving": ("/account/delete",),
    "web.show_inbox": ("/inbox", "/inbox?trashed=1"),
    "web.show_phone": ("/phone",),
    "web.show_administration": ("/admin",),
    "web.offline": ("/offline",),
    "web.kept": ("/kept",),
    "web.show_tools": ("/tools",),
    "web.show_feeds": ("/feeds",),
    "web.login": ("/login",),
    "web.show_link": ("/link/{link}", "/link/{trashed}"),
    "web.show_edit": ("/link/{link}/edit",),
    "web.public_page": ("/public/ada",),
    "web.show_searches": ("/searches",),
    "web.show_tags": ("/tags", "/tags?tag=reading"),
    "web.trashed": ("/trash",),
    "web.near_duplicates": ("/duplicates",),
    "web.show_statistics": ("/statistics",),
    "web.show_history": ("/history",),
}
OTHERS = ("/nothing-is-here", "/link/1/edit?back=/", "/api/v1/docs")
