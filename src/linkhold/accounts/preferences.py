"""How a person wants to be shown things, and for how long the trash keeps: checked in one place."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from linkhold import translations
from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.errors import BadInput

APPEARANCES = ("", "light", "dark")
LANGUAGES = ("", *translations.NAMES)
LONGEST_RETENTION = 36_500


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the zones that people live in, such as `Europe/Berlin`."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    )


def change(session: Session, owner: int, **wanted: str | int | None) -> Account:
    """Change what is given of how a person is shown things; returns the account.

    That is `language`, `time_zone`, `appearance`, `quiet_keys` and `trash_days`. Blank texts are as in
    `Account`; `trash_days` None keeps trashed links for ever. Raises `BadInput`, with every fault, and
    changes nothing then.
    """
    faults = tuple(_faults(wanted))
    if faults:
        raise BadInput(faults[0][1], faults=faults)
    account = accounts.by_id(session, owner)
    for name, value in wanted.items():
        setattr(account, name, value)
    session.flush()
    return account


def _faults(wanted: dict[str, str | int | None]) -> list[tuple[str, str]]:
    faults = []
    if wanted.get("language", "") not in LANGUAGES:
        faults.append(("language", "This language is not spoken here."))
    if wanted.get("appearance", "") not in APPEARANCES:
        faults.append(("appearance", "There is a light and a dark appearance."))
    zone = wanted.get("time_zone", "")
    if zone and zone not in available_timezones():
        faults.append(("time_zone", "There is no such time zone: write it like Europe/Berlin."))
    days = wanted.get("trash_days")
    if days is not None and not (isinstance(days, int) and 1 <= days <= LONGEST_RETENTION):
        faults.append(("trash_days", f"The trash keeps for 1 to {LONGEST_RETENTION} days, or for ever."))
    return faults
