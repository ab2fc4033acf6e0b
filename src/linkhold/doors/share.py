"""The door `/save`: for a phone's share sheet, for other apps, for curl; it answers with a sentence."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from linkhold import clock, translations
from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.doors import current, english, reply, sentences, share_body
from linkhold.doors.v1 import inbox, shapes
from linkhold.errors import DatabaseFault, NotFound
from linkhold.links import idempotency, sharing
from linkhold.links.idempotency import Answer
from linkhold.links.shares import Share
from linkhold.links.sharing import Shared
from linkhold.translations import Translation

PATH = "/save"
PLAIN = "text/plain"

bp = Blueprint("share", __name__)


@bp.post(PATH)
def save() -> Response:
    """Save all links of what was shared, or keep it in the inbox, and say so in a sentence."""
    sent = share_body.read()
    with current.runtime().transaction() as session:
        answer = _once(session, sent)
    if wants_json():
        return reply.raw_json(answer.body, status=answer.status)
    return Response(orjson.loads(answer.body)["message"], status=answer.status, mimetype=PLAIN)


def wants_json() -> bool:
    """Tell whether the client asks for JSON; whoever asks for nothing gets a sentence."""
    return request.accept_mimetypes.best_match((PLAIN, reply.JSON), PLAIN) == reply.JSON


def in_words(problem: Response, detail: str) -> Response:
    """Return a problem as the sentence that says what is wrong, in the language of the account."""
    own = _account() if problem.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else None
    problem.set_data(english.translated(_language(own), detail))
    problem.mimetype = PLAIN
    return problem


def _once(session: Session, sent: Share) -> Answer:
    """Share and keep the answer by its key, or return the answer that was kept.

    What tells one request from another is what was shared: a form's body differs with each attempt.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _share(session, sent)
    owner = current.caller().account_id
    fingerprint = hashlib.sha256(orjson.dumps(asdict(sent))).digest()
    kept = idempotency.claim(session, owner, key, fingerprint=fingerprint)
    if kept is not None:
        return kept
    answer = _share(session, sent)
    idempotency.keep(session, owner, key, answer)
    return answer


def _share(session: Session, sent: Share) -> Answer:
    caller, drafting = current.caller(), current.runtime().drafting
    shared = sharing.share(session, caller.account_id, sent, drafting=drafting, origin=caller.origin)
    account = accounts.by_id(session, caller.account_id)
    body = {
        "message": sentences.shared(_language(account), shared, _now(account)),
        "links": [shapes.link(each.saved.link) for each in shared.links],
        "inbox": None if shared.item is None else inbox.item(shared.item),
        "batch": _batch(shared),
    }
    return Answer(201 if shared.is_new else 200, reply.encoded(body))


def _batch(shared: Shared) -> int | None:
    return None if shared.batch is None else shared.batch.batch_id


def _account() -> Account | None:
    """Return who calls, if that is known and the database tells."""
    caller = current.found()
    try:
        with current.runtime().reading() as session:
            return None if caller is None else accounts.by_id(session, caller.account_id)
    except (DatabaseFault, NotFound):
        return None


def _language(account: Account | None) -> Translation:
    """Return what speaks the account's language, or else one that the client asks for."""
    own = account.language if account else ""
    return translations.to(own or translations.best(request.accept_languages.values()))


def _now(account: Account) -> datetime:
    """Return the moment as the clock of the account has it, by which a link was saved today or was not."""
    return clock.now().astimezone(ZoneInfo(account.time_zone) if account.time_zone else UTC)
