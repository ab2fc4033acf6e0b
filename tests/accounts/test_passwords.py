"""Passwords: argon2id, one cost for known and unknown names, and a short memory."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from linkhold import clock
from linkhold.accounts import passwords
from linkhold.accounts.passwords import Verifier
from linkhold.errors import BadInput, Throttled


def test_the_product_hashes_as_rfc_9106_recommends() -> None:
    # The suite itself uses weaker parameters; these are what argon2-cffi gives the product.
    assert extract_parameters(PasswordHasher().hash("x")) == RFC_9106_LOW_MEMORY
    assert passwords.make_hash("correct horse").startswith("$argon2id$")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(BadInput, match="8 to 1024"):
        passwords.make_hash(password)


@pytest.mark.parametrize("password", ["pässwörter", "🐘" * 8, "\ud800" * 8, "a\0bcdefgh"])
def test_any_characters_make_a_password(password: str) -> None:
    hashed = passwords.make_hash(password)
    assert Verifier().verify(hashed, password)
    assert not Verifier().verify(hashed, password + "x")


def test_an_unknown_name_is_checked_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, *args: Any) -> Any:
            checked.append(args[0])
            return super().verify(*args)

    monkeypatch.setattr(passwords, "HASHER", Watched(time_cost=1, memory_cost=8, parallelism=1))
    assert not Verifier().verify(None, "whatever")
    assert len(checked) == 1


def test_what_was_right_is_remembered_for_a_while_and_for_that_hash_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verifier = Verifier(remembered_for=60)
    hashed = passwords.make_hash("correct horse")
    assert not verifier.remembers(hashed, "correct horse")
    verifier.verify(hashed, "correct horse")
    verifier.verify(hashed, "wrong horse!")
    assert verifier.remembers(hashed, "correct horse")
    assert not verifier.remembers(hashed, "wrong horse!")
    assert not verifier.remembers(passwords.make_hash("correct horse"), "correct horse")
    assert not verifier.remembers(None, "correct horse")
    later = clock.monotonic() + 61
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert not verifier.remembers(hashed, "correct horse")


def test_the_memory_is_bounded() -> None:
    verifier = Verifier(most=2)
    hashes = [passwords.make_hash(f"password {number}") for number in range(3)]
    for number, hashed in enumerate(hashes):
        verifier.verify(hashed, f"password {number}")
    assert [verifier.remembers(each, f"password {n}") for n, each in enumerate(hashes)] == [False, True, True]


def test_too_many_checks_at_once_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with passwords.AT_ONCE, pytest.raises(Throttled):
        Verifier().verify(None, "x")
