"""Accounts: made, found, given a new password, removed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import audit, passwords
from linkhold.accounts.models import Account, BrowserSession, Invitation
from linkhold.errors import BadInput, Conflict, NameTaken, NotFound

# No colon, since HTTP Basic (RFC 7617) ends the name at the first one; no space, for the same peace.
NAME = re.compile(r"[\w.@+-]{1,64}")


def name_key(name: str) -> str:
    """Return what a name is matched by: itself composed (NFKC) and without case."""
    return unicodedata.normalize("NFKC", name).casefold()


def create(session: Session, name: str, password: str, *, is_admin: bool = False) -> Account:
    """Make an account; the first of all is an administrator's.

    Raises `BadInput` for a name or a password that is not acceptable, and `NameTaken`.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not NAME.fullmatch(name):
        raise BadInput("A name has 1 to 64 letters, digits or any of . _ @ + - in it.", field="name")
    is_first = not any_exist(session)
    if is_first:
        # The address that was printed for making the first account has done its work.
        session.execute(delete(Invitation))
    account = Account(
        name=name,
        name_key=name_key(name),
        password_hash=passwords.make_hash(password),
        is_admin=is_admin or is_first,
        created_at=clock.now(),
    )
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    audit.record(session, account.id, "account made", detail="administrator" if account.is_admin else "")
    return account


def any_exist(session: Session) -> bool:
    """Tell whether there is an account at all."""
    return bool(session.scalar(select(exists(select(Account.id)))))


def find(session: Session, name: str) -> Account | None:
    """Return the account of a name, without regard to case, or None."""
    # No account has such a name, and PostgreSQL could not even be asked for it.
    if not NAME.fullmatch(unicodedata.normalize("NFC", name)):
        return None
    return session.scalar(select(Account).where(Account.name_key == name_key(name)))


def get(session: Session, name: str) -> Account:
    """Return the account of a name; raises `NotFound`."""
    account = find(session, name)
    if account is None:
        raise NotFound(f"There is no account {name!r}: `linkhold account list` shows those that exist.")
    return account


def by_id(session: Session, account_id: int) -> Account:
    """Return the account of an id; raises `NotFound`."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("This account is gone.")
    return account


def every(session: Session) -> Sequence[Account]:
    """Return all accounts, in the order of their names."""
    return session.scalars(select(Account).order_by(Account.name_key)).all()


def set_password(session: Session, account: Account, password: str) -> None:
    """Give an account a new password, and log its browsers out: whoever knew the old one is out too."""
    account.password_hash = passwords.make_hash(password)
    session.execute(delete(BrowserSession).where(BrowserSession.owner_id == account.id))
    audit.record(session, account.id, "password set")
    session.flush()


def find_public(session: Session, name: str) -> Account | None:
    """Return the account of a name if it has chosen to have a public page, or None."""
    account = find(session, name)
    return account if account is not None and account.is_public else None


def set_public(session: Session, owner: int, public: bool) -> None:  # noqa: FBT001 - it is what is set
    """Give an account a public page of its shared links, or take that away."""
    account = by_id(session, owner)
    if account.is_public != public:
        account.is_public = public
        audit.record(session, owner, "public page opened" if public else "public page closed")
        session.flush()


def remove(session: Session, account: Account, *, by: int | None = None) -> None:
    """Destroy an account with its tokens and sessions; `library.destroy` destroys what it saved.

    `by` is the administrator who does it, if it is one, and not the command line or its owner.

    Raises `Conflict` for the only administrator, while there are others to look after.
    """
    if account.is_admin and is_only_administrator(session, account) and len(every(session)) > 1:
        raise Conflict("This is the only administrator: make another account one first.")
    name = account.name
    session.delete(account)
    session.flush()
    audit.record_administration(session, "account removed", by=by, detail=name)


def is_only_administrator(session: Session, account: Account) -> bool:
    """Tell whether no other account is an administrator's; those are locked until the transaction ends."""
    query = select(Account.id).where(Account.is_admin).order_by(Account.id).with_for_update()
    return all(each == account.id for each in session.scalars(query))


def lock_first(session: Session) -> None:
    """Let one transaction at a time decide whether it makes the first account."""
    session.execute(select(func.pg_advisory_xact_lock(text("hashtext('linkhold.first_account')"))))
