"""Saving what a page sends, a link or a share: once for each `Idempotency-Key`, and with the message of it.

A script that could not reach us sends a save again later, with the key of its first attempt, and asks for
JSON.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeAlias

import orjson
from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current, reply, saves
from linkhold.doors.web import addresses, message, speaking
from linkhold.errors import BadInput
from linkhold.links import idempotency, inbox, sharing
from linkhold.links.drafting import Draft
from linkhold.links.idempotency import Answer
from linkhold.links.shares import Share

ON_ITS_WAY = timedelta(minutes=1)
"""How long a share may take to arrive."""
LONGEST_TRIED = 366 * 86400

Kept: TypeAlias = dict[str, Any]
"""What became of it: the `id` of a link, the `batch` of several, or the text in the `inbox`."""


def is_quiet() -> bool:
    """Tell whether a script asks, which shows no page."""
    return request.accept_mimetypes.best_match(["text/html", reply.JSON]) == reply.JSON


def refusal(error: BadInput) -> BaseResponse:
    """Answer a script what is wrong, in words for a person."""
    return reply.json({"fault": speaking.translated(error.message)}, status=400)


def is_for_another() -> bool:
    """Tell whether a save waited on a device for an account that is not the one logged in by now."""
    return request.form.get("account", "") not in {"", str(current.caller().account_id)}


def for_another() -> BaseResponse:
    """Refuse such a save; it goes on waiting."""
    return reply.json({"fault": ""}, status=409)


def answer(wanted: Draft | Share, *, back: str) -> BaseResponse:
    """Save, and lead to the page `back` with the message of it, or to the inbox."""
    begun, owner = clock.now(), current.caller().account_id
    kept = save(wanted)
    if is_quiet():
        return reply.json(kept)
    if "id" in kept:
        with current.runtime().reading() as session:
            done = message.since(session, owner, kept["id"], begun, otherwise="known")
    elif "batch" in kept:
        done = message.of_batch(kept["batch"])
    else:
        return redirect(url_for("web.show_inbox", done=message.of_inbox(kept["inbox"])), code=303)
    return redirect(addresses.plain(back, done=done), code=303)


def save(wanted: Draft | Share) -> Kept:
    """Save a link or a share, once for each key that the request may have."""
    key = request.headers.get("Idempotency-Key")
    if isinstance(wanted, Share):
        return _share(wanted, key)
    if key is None:
        return {"id": saves.save(wanted).link.id}
    given = saves.save_once(
        key,
        wanted,
        fingerprint=_fingerprint(wanted),
        answer=lambda saved: Answer(200, reply.encoded({"id": saved.link.id})),
    )
    return _read(given)


def _share(sent: Share, key: str | None) -> Kept:
    owner = current.caller().account_id
    with current.runtime().transaction() as session:
        if key is None:
            return _shared(session, sent)
        known = idempotency.claim(session, owner, key, fingerprint=_fingerprint(sent))
        if known is not None:
            return _read(known)
        kept = _shared(session, sent)
        idempotency.keep(session, owner, key, Answer(200, reply.encoded(kept)))
        return kept


def _shared(session: Session, sent: Share) -> Kept:
    caller, drafting = current.caller(), current.runtime().drafting
    known = _kept_before(session, sent)
    if known is not None:
        return {"inbox": known}
    shared = sharing.share(session, caller.account_id, sent, drafting=drafting, origin=caller.origin)
    if shared.batch is not None:
        return {"batch": shared.batch.batch_id}
    return {"inbox": shared.item.id if shared.item else None}


def _kept_before(session: Session, sent: Share) -> int | None:
    """Return the text of the inbox that an earlier attempt of this share made, of which nobody heard.

    What an app shares comes first as the browser sends it, without a key. Who tries again says how many
    seconds ago that was.
    """
    tried = request.form.get("tried", type=int)
    if tried is None or not 0 <= tried <= LONGEST_TRIED:
        return None
    since = clock.now() - timedelta(seconds=tried) - ON_ITS_WAY
    return inbox.kept_since(session, current.caller().account_id, sent, since)


def _fingerprint(wanted: Draft | Share) -> bytes:
    """Return what tells one save from another: what was sent, which is the same with each attempt."""
    return hashlib.sha256(reply.encoded(asdict(wanted))).digest()


def _read(answer: Answer) -> Kept:
    kept: Kept = orjson.loads(answer.body)
    return kept
