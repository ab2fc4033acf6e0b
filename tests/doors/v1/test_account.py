"""The account through `/api/v1`."""

from __future__ import annotations

from doors.v1.calls import Call
from linkhold.accounts.models import Account


def test_the_retention_of_the_trash_is_the_accounts(call: Call, account: Account) -> None:
    assert call("GET", "/account") == {
        "name": account.name,
        "trash_days": 30,
        "language": "",
        "time_zone": "",
        "appearance": "",
        "quiet_keys": False,
    }
    assert call("PATCH", "/account", json={"trash_days": None})["trash_days"] is None
    assert call("PATCH", "/account", json={"trash_days": 7})["trash_days"] == 7
    call("PATCH", "/account", 400, json={"trash_days": 0})


def test_the_language_is_the_accounts(call: Call) -> None:
    assert call("PATCH", "/account", json={"language": "de"})["language"] == "de"
    assert call("PATCH", "/account", json={"trash_days": 7})["language"] == "de"
    call("PATCH", "/account", 400, json={"language": "xx"})
    assert call("PATCH", "/account", json={"language": ""})["language"] == ""


def test_the_time_zone_and_the_appearance_are_the_accounts(call: Call) -> None:
    changed = call("PATCH", "/account", json={"time_zone": "Europe/Berlin", "appearance": "dark"})
    assert (changed["time_zone"], changed["appearance"]) == ("Europe/Berlin", "dark")
    problem = call("PATCH", "/account", 400, json={"time_zone": "Atlantis/Capital", "trash_days": 3})
    assert [fault["field"] for fault in problem["errors"]] == ["time_zone"]
    call("PATCH", "/account", 400, json={"appearance": "pink"})
    assert call("PATCH", "/account", json={"quiet_keys": True})["quiet_keys"] is True
    assert call("PATCH", "/account", json={"quiet_keys": None})["quiet_keys"] is False
    assert call("GET", "/account")["trash_days"] == 30, "nothing of a bad request is done"
