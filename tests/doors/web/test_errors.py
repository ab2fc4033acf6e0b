"""What goes wrong, as pages: in the language and the look of who reads, and with their side column."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.doors.web import frame
from linkhold.errors import DatabaseAway


@pytest.fixture
def german(session: Session, account: Account, browser: FlaskClient) -> FlaskClient:
    """Return a browser whose person reads German, in the dark."""
    kept = session.get_one(Account, account.id)
    kept.language, kept.appearance = "de", "dark"
    session.flush()
    return browser


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nothing", 404, "Unter dieser Adresse gibt es nichts."),
        ("GET", "/link/999999", 404, "Es gibt keinen solchen Link in der Bibliothek."),
        ("GET", "/setup?code=spent", 404, "Es zählt die zuletzt ausgegebene."),
        ("PUT", "/tags", 405, "Diese Adresse tut nichts dergleichen."),
        ("POST", "/trash/empty", 400, "endgültig vernichtet werden sollen."),
        ("GET", "/trash?before=x", 400, "Das wurde nicht verstanden"),
    ],
)
def test_an_error_speaks_and_looks_as_its_reader_chose(
    german: FlaskClient, method: str, path: str, status: int, said: str
) -> None:
    answer = german.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert '<html lang="de" data-appearance="dark">' in answer.text
    assert said in answer.text
    assert 'id="side"' in answer.text


def test_a_body_that_is_too_large_is_told_in_words(german: FlaskClient, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10
    answer = german.post("/", data={"url": "x" * 100})
    assert (answer.status_code, "Das ist mehr, als sich auf einmal senden lässt." in answer.text) == (
        413,
        True,
    )


def test_who_is_not_logged_in_is_shown_nothing_but_the_error(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Hier ist nichts" in answer.text
    assert 'id="side"' not in answer.text


def test_a_method_that_is_not_allowed_says_which_are(browser: FlaskClient) -> None:
    assert "POST" in browser.delete("/").headers["Allow"]


def test_while_the_side_column_cannot_be_read_an_error_is_still_told(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object, **_values: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr(frame, "page", away)
    answer = browser.get("/nothing")
    assert (answer.status_code, 'class="status"' in answer.text) == (404, True)


def test_a_fault_of_our_own_is_told_in_the_language_of_the_page(
    german: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise RuntimeError

    monkeypatch.setitem(app.view_functions, "web.show_tags", fails)
    answer = german.get("/tags")
    assert answer.status_code == 500
    assert "Linkhold konnte nicht antworten." in answer.text
