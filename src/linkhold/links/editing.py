"""Editing a link: what a person changes on purpose replaces what was there; the history keeps it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.errors import Conflict
from linkhold.links import changes, reading, tag_counts
from linkhold.links.changes import Difference, Origin
from linkhold.links.drafting import Edit
from linkhold.links.models import Link
from linkhold.links.reading import Seen

EDITABLE = tuple(field.name for field in fields(Edit) if field.name not in {"identity", "limits"})


def edit(
    session: Session,
    owner: int,
    link_id: int,
    edit: Edit,
    *,
    origin: Origin,
    seen: Seen = None,
) -> Link:
    """Give fields of a link new values and return it.

    `seen` are the versions that the client decided by: `Outdated` is raised when the link has another.
    Raises `NotFound` too, and `Conflict` when the link is in the trash, or when its new URL is that of
    another link of the library, which is named. What is over a limit raises `LimitExceeded`, unless the
    link has it already: merging may have given it more, and that can always be sent back.
    """
    link = reading.locked(session, owner, link_id)
    reading.refuse_outdated(link, seen)
    if link.trashed_at is not None:
        raise Conflict("This link is in the trash: restore it first.")
    if edit.tags:
        edit = replace(edit, tags=tag_counts.claimed(direct(session), owner, edit.tags))
    after = _differences(link, edit)
    edit.refuse_too_much(after, link.tags)
    if "url" in after:
        _refuse_known_url(session, owner, link, edit)
    if after:
        try:
            changes.record(session, owner, [Difference(link, after)], kind="edited", origin=origin)
        except IntegrityError as error:
            # Another save took the URL between the look and the write.
            raise Conflict("Another link of your library has this URL.") from error
    return link


def _differences(link: Link, edit: Edit) -> dict[str, Any]:
    wanted = {name: getattr(edit, name) for name in EDITABLE}
    after = {
        name: value for name, value in wanted.items() if value is not None and value != getattr(link, name)
    }
    if "url" in after and edit.identity is not None and edit.identity.text != link.identity:
        after |= {"identity": edit.identity.text, "identity_version": edit.identity.version}
    return after


def _refuse_known_url(session: Session, owner: int, link: Link, edit: Edit) -> None:
    if edit.identity is None or edit.identity.text == link.identity:
        return
    other = session.execute(
        select(Link.id, Link.trashed_at).where(
            Link.owner_id == owner, Link.identity_hash == edit.identity.hash, Link.id != link.id
        )
    ).first()
    if other is not None:
        where = "" if other.trashed_at is None else ", in the trash,"
        raise Conflict(f"Link {other.id} of your library{where} has this URL.")
