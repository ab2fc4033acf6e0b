"""Every page: no code inside, nothing of another host, landmarks, one heading, a name for each field."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

import pages
from conftest import ORIGIN, PASSWORD, add_account
from linkhold.accounts import accounts, feeds, invitations
from linkhold.links import inbox, saved_searches, trash
from linkhold.links.models import Link
from linkhold.runtime import Runtime

SCRIPT = re.compile(r'<script type="module" src="/static-[0-9a-f]{12}/(app|close|copy|kept).js"></script>')


@pytest.fixture
def every_page(
    client: FlaskClient, runtime: Runtime, make_link: Callable[..., Link]
) -> Callable[[], Iterator[tuple[str, str]]]:
    """Return a function that gives every page of a library with something in it, by its address."""
    ada = add_account(runtime, "ada")
    tags, notes = ["reading", "numbers", "a/b"], "![x](https://pixel.example/)"
    link = make_link(ada, "https://example.com/", tags=tags, notes=notes, unread=True, shared=True)
    trashed = make_link(ada, "https://trashed.example/")
    with runtime.transaction() as session:
        account = accounts.by_id(session, ada.id)
        account.is_admin = account.is_public = True
        trash.trash(session, ada.id, trashed.id, origin=ORIGIN)
        inbox.keep(session, ada.id, "only words", origin=ORIGIN)
        feeds.issue(session, ada.id, name="Mine", query="", longest=9)
        saved_searches.add(session, ada.id, name="To read", query="is:unread")
        invitations.issue(session, ada.id, label="for Bob", days=1)
    client.post("/login", data={"name": "ada", "password": PASSWORD})

    def opened() -> Iterator[tuple[str, str]]:
        for path in itertools.chain(*pages.PAGES.values(), pages.OTHERS):
            address = path.format(link=link.id, trashed=trashed.id)
            yield address, client.get(address).text

    return opened


Every = Callable[[], Iterator[tuple[str, str]]]


def test_pages_have_no_code_inside_and_ask_nothing_of_another_host(every_page: Every) -> None:
    for path, page in every_page():
        for inline in ("<style", " style=", " onclick=", " onload=", "javascript:"):
            # The bookmarklet is such an address: it is kept as a bookmark, and does nothing where it stands.
            assert inline not in page or (path, inline) == ("/tools", "javascript:"), f"{path} has {inline}"
        for script in re.findall(r"<script.*?</script>", page, re.DOTALL):
            assert SCRIPT.fullmatch(script), path
        for asked in re.findall(r'<(?:link|script|img|use)[^>]*(?:href|src)="([^"]*)"', page):
            assert asked.startswith("/"), f"{path} asks for {asked}"


def test_every_page_has_its_landmarks_one_heading_and_a_name_for_each_field(every_page: Every) -> None:
    for path, page in every_page():
        assert page.count("<h1") == 1, path
        assert page.count("<main") == 1, path
        labelled = set(re.findall(r'<label [^>]*for="([^"]+)"', page))
        # What stands within its label needs no id.
        bare = re.sub(r"<label(?![^>]* for=).*?</label>", "", page, flags=re.DOTALL)
        for field in re.findall(r"<(?:input|select|textarea)(?![^>]*(?:type=.hidden|\bhidden>))[^>]*>", bare):
            named = re.search(r' id="([^"]+)"', field)
            assert "aria-label" in field or (named and named[1] in labelled), f"{path}: {field}"
