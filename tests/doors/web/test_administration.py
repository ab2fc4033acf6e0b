"""What an administrator may do, and what is not there for anybody else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conftest import PASSWORD, MakeAccount
from linkhold.accounts import accounts, invitations
from linkhold.accounts.models import Account, Audited, Invitation
from linkhold.db import vitals
from linkhold.doors.web import briefly
from linkhold.links.models import Link
from linkhold.runtime import Runtime

MakeLink = Callable[..., Link]
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def administrator(browser: FlaskClient, runtime: Runtime, account: Account) -> FlaskClient:
    """Return the browser, its account made an administrator's beside whichever others there are."""
    with runtime.transaction() as session:
        accounts.by_id(session, account.id).is_admin = True
    return browser


@pytest.fixture
def other(make_account: MakeAccount, account: Account) -> Account:
    return make_account(f"other-of-{account.name}")


def address_on(page: str) -> str:
    [address] = set(re.findall(r"http://localhost(/setup\?code=[\w-]+)", html.unescape(page)))
    return str(address)


def test_for_others_there_is_no_administration(
    browser: FlaskClient, runtime: Runtime, account: Account, other: Account
) -> None:
    with runtime.transaction() as session:
        accounts.by_id(session, account.id).is_admin = False
        invitations.issue(session, account.id, label="", days=1)
    assert "/admin" not in browser.get("/").text
    for answer in (
        browser.get("/admin"),
        browser.post("/admin/invitations", data={"label": "", "days": "7"}),
        browser.post("/admin/invitations/1/withdraw"),
        browser.post(f"/admin/accounts/{other.id}/administrator", data={"yes": "1"}),
        browser.post(f"/admin/accounts/{other.id}/remove", data={"name": other.name}),
    ):
        assert answer.status_code == 404
    with runtime.reading() as session:
        assert not accounts.by_id(session, other.id).is_admin


def test_somebody_is_invited_and_comes_in(administrator: FlaskClient, app: Flask, account: Account) -> None:
    form = {"label": HOSTILE, "days": "7"}
    made = administrator.post("/admin/invitations", data=form, follow_redirects=True)
    assert made.headers["Cache-Control"] == "no-store"
    assert "<script>alert" not in made.text
    address = address_on(made.text)
    administrator.delete_cookie(briefly.COOKIE, path="/admin")
    page = administrator.get("/admin").text
    assert address not in html.unescape(page), "no other browser shows it"
    assert html.escape(HOSTILE).replace("&quot;", "&#34;") in page
    newcomer = app.test_client()
    assert "You are invited" in newcomer.get(address).text
    name = f"guest-of-{account.name}"
    assert newcomer.post(address, data={"name": name, "password": PASSWORD}).status_code == 303
    assert newcomer.get("/").status_code == 200
    assert newcomer.get("/admin").status_code == 404, "an invitation makes no administrator"
    assert newcomer.post(address, data={"name": name + "2", "password": PASSWORD}).status_code == 404
    assert html.escape(HOSTILE).replace("&quot;", "&#34;") not in administrator.get("/admin").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "x" * 101),
        ("label", "a\0b"),
        ("days", "0"),
        ("days", "365"),
        ("days", "soon"),
        ("days", "9" * 99),
    ],
)
def test_an_invitation_that_makes_no_sense_is_told_by_its_field(
    administrator: FlaskClient, field: str, value: str
) -> None:
    answer = administrator.post("/admin/invitations", data={"label": "", "days": "7", field: value})
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text


def test_an_invitation_that_was_withdrawn_is_worth_nothing(
    administrator: FlaskClient, app: Flask, session: Session
) -> None:
    form = {"label": "", "days": "1"}
    address = address_on(administrator.post("/admin/invitations", data=form, follow_redirects=True).text)
    newest = session.scalar(select(func.max(Invitation.id)))
    assert administrator.post(f"/admin/invitations/{newest}/withdraw").status_code == 303
    assert app.test_client().get(address).status_code == 404
    assert administrator.post(f"/admin/invitations/{newest}/withdraw").status_code == 404


def test_what_an_administrator_does_to_the_server_is_kept(
    administrator: FlaskClient, session: Session, account: Account, other: Account
) -> None:
    administrator.post("/admin/invitations", data={"label": "for Bob", "days": "1"})
    newest = session.scalar(select(func.max(Invitation.id)))
    administrator.post(f"/admin/invitations/{newest}/withdraw")
    administrator.post(f"/admin/accounts/{other.id}/remove", data={"name": other.name})
    kept = session.execute(
        select(Audited.act, Audited.detail).where(Audited.owner_id == account.id).order_by(Audited.id)
    ).all()
    assert [tuple(row) for row in kept[-3:]] == [
        ("invitation made", "for Bob"),
        ("invitation withdrawn", "for Bob"),
        ("account removed", other.name),
    ]


def test_administrators_are_made_and_unmade_and_it_is_told_to_them(
    administrator: FlaskClient, session: Session, other: Account
) -> None:
    path = f"/admin/accounts/{other.id}/administrator"
    assert administrator.post(path, data={"yes": "1"}).status_code == 303
    assert administrator.post(path, data={"yes": "1"}).status_code == 303
    session.expire_all()
    assert session.get_one(Account, other.id).is_admin
    assert administrator.post(path).status_code == 303
    session.expire_all()
    assert not session.get_one(Account, other.id).is_admin
    acts = session.scalars(select(Audited.act).where(Audited.owner_id == other.id).order_by(Audited.id)).all()
    assert acts[-2:] == ["made an administrator", "no administrator any more"]


def test_an_account_is_destroyed_by_who_types_its_name(
    administrator: FlaskClient, session: Session, account: Account, other: Account
) -> None:
    name, path = other.name, f"/admin/accounts/{other.id}/remove"
    wrong = administrator.post(path, data={"name": "another"})
    assert wrong.status_code == 409
    assert "not the name" in wrong.text
    session.expire_all()
    assert session.get(Account, other.id) is not None
    assert administrator.post(path, data={"name": name}).status_code == 303
    session.expire_all()
    assert accounts.find(session, name) is None
    assert administrator.post(path, data={"name": name}).status_code == 404
    own = administrator.post(f"/admin/accounts/{account.id}/remove", data={"name": account.name})
    assert own.status_code == 409


def test_an_administrator_sees_nothing_of_a_library(
    administrator: FlaskClient, other: Account, make_link: MakeLink
) -> None:
    link = make_link(other, "https://a.example/", title="what nobody else may see")
    page = administrator.get("/admin").text
    assert other.name in page
    assert "what nobody else may see" not in page
    assert administrator.get(f"/link/{link.id}").status_code == 404


def test_it_tells_what_upkeep_has_yet_to_do(
    administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "work", lambda _: vitals.Work(links_to_destroy=17, counts_to_fold=23))
    told = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)<", administrator.get("/admin").text))
    assert (told["Links to be destroyed"], told["Tag counts to be added up"]) == ("17", "23")
