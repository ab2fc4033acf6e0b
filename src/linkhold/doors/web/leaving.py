"""Leaving: everything that an account holds in one file, and the account destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.accounts import accounts
from linkhold.doors import current, reply
from linkhold.doors.web import cookies, frame
from linkhold.doors.web.account import check_password
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, Conflict, Throttled
from linkhold.links import inbox, library, saved_searches, search
from linkhold.links.language import parse
from linkhold.runtime import Runtime

AT_ONCE = 1000
LINK = (
    *("id", "url", "title", "description", "notes", "tags", "unread", "archived", "shared"),
    *("created_at", "changed_at", "trashed_at"),
)
INBOX = ("id", "title", "text", "tags", "unread", "received_at", "trashed_at")


@bp.get("/account/delete")
def show_leaving() -> BaseResponse:
    """Show what leaving destroys, and offer an export first."""
    return _page({})


@bp.post("/account/delete")
def leave() -> BaseResponse:
    """Destroy the account with its library, for who gives its name and password."""
    owner = current.caller().account_id
    try:
        _check_name()
        check_password("password")
        with current.runtime().transaction() as session:
            accounts.remove(session, accounts.by_id(session, owner))
            library.destroy(session, owner)
    except BadInput as error:
        return _page(dict(error.faults), status=400)
    except Throttled as error:
        return _page({"password": error.message}, status=429)
    except Conflict as error:
        return _page({"all": error.message}, status=409)
    # A save that was on its way when the account went may have come in behind us.
    with current.runtime().transaction() as session:
        library.destroy(session, owner)
    return cookies.without_session(redirect(url_for("web.login"), code=303))


@bp.get("/account/export")
def export() -> BaseResponse:
    """Answer everything that the account holds, a JSON object a line: links, inbox, saved searches."""
    runtime, owner, person = current.runtime(), current.caller().account_id, current.person()
    head = {"linkhold": "export", "account": person.name if person else "", "made_at": clock.now()}
    # What is streamed is read when the request is over: it is given the runtime.
    lines = chain(
        [head],
        _links(runtime, owner, ""),
        _links(runtime, owner, "is:trashed"),
        _inbox(runtime, owner),
        _searches(runtime, owner),
    )
    answer = reply.lines(reply.encoded(line) + b"\n" for line in _told(lines))
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"linkhold-{clock.now():%Y-%m-%d}.ndjson"
    )
    return answer


def _told(lines: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the lines, and at the end how many they were, so that a cut file shows."""
    count = 0
    for line in lines:
        count += 1
        yield line
    yield {"linkhold": "end", "lines": count}


def _links(runtime: Runtime, owner: int, query: str) -> Iterator[dict[str, Any]]:
    """Give the links that a search finds, a thousand at a time: no connection is held meanwhile."""
    after = None
    while True:
        with runtime.reading() as session:
            statistics = runtime.statistics.current(session)
            found = search.find(
                session, owner, parse(query), limit=AT_ONCE, after=after, statistics=statistics
            )
        for link in found.links:
            yield {"link": {name: getattr(link, name) for name in LINK}}
        after = found.next
        if after is None:
            return


def _inbox(runtime: Runtime, owner: int) -> Iterator[dict[str, Any]]:
    for trashed in (False, True):
        before = None
        while True:
            with runtime.reading() as session:
                found = inbox.newest(session, owner, limit=AT_ONCE, before=before, trashed=trashed)
            yield from ({"inbox": {name: getattr(item, name) for name in INBOX}} for item in found)
            if len(found) < AT_ONCE:
                break
            before = found[-1].id


def _searches(runtime: Runtime, owner: int) -> Iterator[dict[str, Any]]:
    with runtime.reading() as session:
        found = saved_searches.every(session, owner)
    yield from ({"search": {"name": each.name, "query": each.query}} for each in found)


def _check_name() -> None:
    person = current.person()
    if person is None or request.form.get("name", "") != person.name:
        raise BadInput("This is not the name of the account.", field="name")


def _page(faults: dict[str, str], *, status: int = 200) -> BaseResponse:
    with current.runtime().reading() as session:
        counted = library.count(session, current.caller().account_id)
    return frame.page("leaving.html", status=status, faults=faults, counted=counted)
