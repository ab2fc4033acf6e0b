"""A database that the services may not talk to is found, though the doctor reaches it."""

from __future__ import annotations

import pytest

from linkhold.doctor import box

LOCAL = "127.0.0.0/8 ::1/128"
ALL = "::/0 0.0.0.0/0"


def shown(name: str, allowed: str, denied: str, state: str = "loaded") -> dict[str, str]:
    """Return what systemd tells of a unit."""
    return {"Id": name, "LoadState": state, "IPAddressAllow": allowed, "IPAddressDeny": denied}


BOXED = [
    shown("linkhold.service", f"{LOCAL} 10.0.0.5/32", ALL),
    shown("linkhold-worker.service", LOCAL, ALL),
]
FREE = [shown("linkhold.service", "", "")]


def test_the_unit_that_may_not_talk_to_the_database_is_named_with_its_mend() -> None:
    well, ill = box.examine(box.read(BOXED), {"db.example": ["10.0.0.5"]})
    assert (well.level, well.state) == ("ok", "linkhold.service may talk to db.example")
    assert (ill.level, ill.state) == ("fault", "linkhold-worker.service may not talk to db.example")
    assert "IPAddressAllow=10.0.0.5" in ill.mend


@pytest.mark.parametrize(
    ("units", "address"), [(BOXED, "127.0.0.1"), (BOXED, "::1"), (FREE, "10.0.0.6"), (FREE, "fe80::1%eth0")]
)
def test_what_is_allowed_or_not_denied_is_in_reach(units: list[dict[str, str]], address: str) -> None:
    found = list(box.examine(box.read(units), {"db": [address]}))
    assert found
    assert all(each.level == "ok" for each in found)


def test_where_there_are_no_such_units_there_is_nothing_to_examine() -> None:
    absent = shown("linkhold.service", "", "", state="not-found")
    nothing: list[dict[str, str]] = [{}]
    for units in ([], nothing, [absent]):
        assert list(box.examine(box.read(units), {"db": ["10.0.0.6"]})) == []
