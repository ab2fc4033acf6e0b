"""What everyone may see of an account that chose so: its shared links, as a page and as a feed."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.doors import current
from linkhold.doors.web import atom
from linkhold.doors.web.atom import Feed
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.speaking import gettext
from linkhold.errors import NotFound
from linkhold.links import publishing
from linkhold.links.places import Place
from linkhold.links.publishing import Page

PAGE = 50
MAY_BE_KEPT = "public, no-cache"


@bp.get("/public/<name>")
def public_page(name: str) -> Response:
    """Show the shared links of an account."""
    after = request.args.get("after")
    account = _account(name)
    page = _shared(account, after=Place.parse(after) if after else None)
    shown = render_template("public.html", name=account.name, page=page, after=after)
    answer = Response(shown, mimetype="text/html")
    answer.vary.add("Accept-Language")
    return atom.unless_known(answer, cache=MAY_BE_KEPT)


@bp.get("/public/<name>/atom.xml")
def public_feed(name: str) -> Response:
    """Answer the newest shared links of an account as a feed."""
    account = _account(name)
    feed = Feed(
        id=atom.tag_uri(account.created_at, "public", account.id),
        title=gettext("Links of {name}", name=account.name),
        author=account.name,
        address=url_for("web.public_feed", name=account.name, _external=True),
        page=url_for("web.public_page", name=account.name, _external=True),
        begun=account.created_at,
    )
    answer = atom.answer(feed, _shared(account).links, account.id)
    answer.vary.add("Accept-Language")
    return atom.unless_known(answer, cache=MAY_BE_KEPT)


def _account(name: str) -> Account:
    with current.runtime().reading() as session:
        account = accounts.find_public(session, name)
    if account is None:
        # Whether there is such an account is nobody's business.
        raise NotFound
    return account


def _shared(account: Account, *, after: Place | None = None) -> Page:
    runtime = current.runtime()
    with runtime.reading() as session:
        statistics = runtime.statistics.current(session)
        return publishing.shared(session, account.id, limit=PAGE, after=after, statistics=statistics)
