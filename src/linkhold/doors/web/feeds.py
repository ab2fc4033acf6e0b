"""What an account gives out: its public page, and private feeds at secret addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.accounts import accounts, feeds, throttle
from linkhold.accounts.models import PrivateFeed
from linkhold.doors import current
from linkhold.doors.web import atom, briefly, finding, frame
from linkhold.doors.web.atom import Feed
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, NotFound
from linkhold.links import language, publishing, search
from linkhold.links.publishing import Published

ENTRIES = 50


@bp.get("/feeds")
def show_feeds() -> BaseResponse:
    """Show the public page's switch, and the private feeds."""
    return _page()


@bp.post("/feeds/public")
def set_public() -> BaseResponse:
    """Open the public page, or close it."""
    with current.runtime().transaction() as session:
        accounts.set_public(session, current.caller().account_id, "public" in request.form)
    done = "page-opened" if "public" in request.form else "page-closed"
    return redirect(url_for("web.show_feeds", done=done), code=303)


@bp.post("/feeds")
def add_feed() -> BaseResponse:
    """Make a private feed, and lead to where its address is shown."""
    name, query = request.form.get("name", ""), request.form.get("query", "")
    try:
        with current.runtime().transaction() as session:
            owner, longest = current.caller().account_id, language.LONGEST_QUERY
            _, secret = feeds.issue(session, owner, name=name, query=query, longest=longest)
    except BadInput as error:
        return _page(faults=dict(error.faults), status=400)
    return briefly.shown_at(url_for("web.show_feeds"), secret)


@bp.post("/feeds/<id:feed_id>/revoke")
def revoke_feed(feed_id: int) -> BaseResponse:
    """Make the address of a private feed worthless."""
    with current.runtime().transaction() as session:
        feeds.revoke(session, current.caller().account_id, feed_id)
    return redirect(url_for("web.show_feeds", done="feed-revoked"), code=303)


@bp.get("/feed/<secret>/atom.xml")
def private_feed(secret: str) -> Response:
    """Answer the newest links that the search of a private feed finds."""
    runtime = current.runtime()
    with runtime.reading() as session:
        feed = feeds.find(session, secret)
        author = accounts.by_id(session, feed.owner_id).name if feed else ""
    if feed is None:
        with runtime.transaction() as session:
            throttle.attempt(session, [throttle.address(request.remote_addr or "")])
        raise NotFound
    about = Feed(
        id=atom.tag_uri(feed.created_at, "feed", feed.owner_id, feed.id),
        title=feed.name,
        author=author,
        address=url_for("web.private_feed", secret=secret, _external=True),
        page=url_for("web.home", q=feed.query or None, _external=True),
        begun=feed.created_at,
    )
    answer = atom.answer(about, _newest(feed), feed.owner_id)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return atom.unless_known(answer, cache="private, no-cache")


def _newest(feed: PrivateFeed) -> list[Published]:
    query = replace(finding.wanted(language.parse(feed.query)), sort="added")
    runtime = current.runtime()
    with runtime.reading() as session:
        statistics = runtime.statistics.current(session)
        found = search.find(session, feed.owner_id, query, limit=ENTRIES, statistics=statistics)
    return [publishing.published(link) for link in found.links]


def _page(*, faults: Mapping[str, str] | None = None, status: int = 200) -> BaseResponse:
    owner, secret = current.caller().account_id, briefly.secret()
    with current.runtime().reading() as session:
        made = feeds.known(session, owner, secret)
        account, kept = accounts.by_id(session, owner), feeds.of_account(session, owner)
    form = request.form if faults else {}
    return frame.page(
        "feeds.html",
        status=status,
        account=account,
        feeds=kept,
        made=made,
        address=url_for("web.private_feed", secret=secret, _external=True) if made else "",
        form=form,
        faults=faults or {},
    )
