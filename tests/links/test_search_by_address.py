"""A link is found by its own address, in each form in which people come to have it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import language, search
from linkhold.links.estimating import Statistics
from linkhold.links.models import Link

CAFE = "https://de.wikipedia.org/wiki/Caf%C3%A9?utm_source=mail"
SPACED = "https://me:secret@a.example:8443/a%20b/x.pdf?q=c%2Fd&gclid=1#%C3%A9"
STREET = "http://Straße.de:8080/plan"
TOWN = "https://www.xn--mnchen-3ya.de/rathaus"


@pytest.mark.parametrize(
    ("saved", "typed"),
    [
        *((url, url) for url in (CAFE, SPACED, STREET, TOWN)),
        (CAFE, "https://de.wikipedia.org/wiki/Café"),
        (CAFE, "url:https://de.wikipedia.org/wiki/caf%c3%a9?fbclid=2"),
        (CAFE, "https://de.wikipedia.org/wi"),
        (SPACED, "https://a.example:8443/a%20b"),
        (STREET, "https://xn--strae-oqa.de:8080/plan"),
        (STREET, "xn--strae-oqa.de"),
        (STREET, "straße"),
        (STREET, "site:straße.de"),
        (STREET, "site:xn--strae-oqa.de"),
        (TOWN, "https://www.münchen.de/rathaus"),
        (TOWN, "xn--mnchen-3ya.de münchen"),
        (TOWN, "site:https://münchen.de/"),
    ],
)
def test_a_link_is_found_by_its_address(
    session: Session, account: Account, make_link: Callable[..., Link], saved: str, typed: str
) -> None:
    link = make_link(account, saved)
    make_link(account, "https://other.example/strasse")
    make_link(account, "https://strasse.de/plan")
    found = search.find(session, account.id, language.parse(typed), limit=9, statistics=Statistics())
    assert link.id in {each.id for each in found.links}
    assert typed == "straße" or len(found.links) == 1
