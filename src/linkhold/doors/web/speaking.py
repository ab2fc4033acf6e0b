"""What pages say, in the language of who looks at them, with their days and numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal
from flask import g, request
from markupsafe import Markup, escape

from linkhold import clock, translations
from linkhold.doors import current, english
from linkhold.doors.web.blueprint import bp
from linkhold.translations import Translation

MOMENT = {"en": "d MMMM y, HH:mm zzz", "de": "d. MMMM y, HH:mm zzz"}
SCRIPTS = (
    "Close this message",
    "Completions",
    "Discard: {link}",
    "Everything",
    "Log in",
    "Mend: {link}",
    "What you had written is here again. Cancel forgets it.",
    "What you wrote is kept in this tab, for when you edit that link again.",
    "You are not logged in any more. What you wrote is still here: log in, then send it again.",
    "Linkhold cannot be reached. This may have been done or not: look again later.",
    "Linkhold cannot be reached. Paste it again later.",
    "Linkhold cannot be reached. Try again.",
    "No network: kept on this device, and saved when there is one.",
    "There is nothing here to undo. What was done stands on each link’s own page, or in the history.",
    "This cannot be saved.",
    "Up to which one?",
    "What waits on this device is saved once you are logged in.",
    "{number} saved that waited",
    "{number} selected",
)
"""What the scripts say; a test compares it with them."""
THIS_YEAR, ANY_YEAR = "MMMd", "yMMMd"
REMEMBERED = 4096
THOUSAND, UNITS = 1000, ("B", "kB", "MB", "GB", "TB")


def said() -> Translation:
    """Return what speaks the language of this page: its reader's choice, else what the browser asks for."""
    found: Translation | None = g.get("said")
    if found is None:
        person = current.person()
        own = person.language if person else ""
        found = g.said = translations.to(own or translations.best(request.accept_languages.values()))
    return found


@bp.app_template_global("_")
def gettext(message: str, **values: object) -> str:
    """Return a message in the language of this page; `values` stand where it names them in braces."""
    return said().gettext(message, **values)


@bp.app_template_global()
def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return a message that counts; `{number}` in it is the count as the language writes it."""
    return said().ngettext(one, many, count, **{"number": number(count), **values})


@bp.app_template_global()
def sentence(message: str, **values: object) -> Markup:
    """Return a message as a part of a page; its values may be such parts themselves, and are safe if not."""
    places = {name: f"{{{name}}}" for name in values}
    return escape(said().gettext(message, **places)).format(**values)


@bp.app_template_filter()
def translated(text: str) -> str:
    """Return a sentence of the rooms below, an error or what was done, in the language of this page."""
    return english.translated(said(), text)


@bp.app_template_global()
def script_messages() -> dict[str, str]:
    """Return what the scripts say, by its English, where that is not what this page speaks."""
    translation = said()
    if translation.language == "en":
        return {}
    return {each: translation.catalogue.gettext(each) for each in SCRIPTS}


@bp.app_template_global()
def page_language() -> str:
    """Return the language of this page, for its root element."""
    return said().language


@bp.app_template_global()
def appearance() -> str:
    """Return how its reader wants this page: `light`, `dark`, or blank for what the device is set to."""
    person = current.person()
    return person.appearance if person else ""


@bp.app_template_filter()
def day(moment: datetime) -> str:
    """Return a day as it is written in a list; the year is left out when it is this one."""
    here, now = _local(moment), _local(clock.now())
    return _day(here.date(), THIS_YEAR if here.year == now.year else ANY_YEAR, said().language)


@bp.app_template_filter()
def moment(moment: datetime) -> str:
    """Return a moment in full, with its zone."""
    return _moment(moment, _zone(), said().language)


@bp.app_template_filter()
def ago(moment: datetime) -> str:
    """Return how long ago a moment was, roughly, such as `3 hours ago`."""
    return format_timedelta(moment - clock.now(), add_direction=True, locale=_locale())


@bp.app_template_test()
def past(moment: datetime | None) -> bool:
    """Tell whether there is a moment and it is over."""
    return moment is not None and moment <= clock.now()


@bp.app_template_filter()
def month(first: date) -> str:
    """Return a month with its year."""
    return format_skeleton("yMMMM", first, locale=_locale())


@bp.app_template_filter()
def month_in_short(first: date) -> str:
    """Return a month in a few letters."""
    return format_skeleton("MMM", first, locale=_locale())


@bp.app_template_filter()
def number(value: int) -> str:
    """Return a number as the language writes it."""
    return format_decimal(value, locale=_locale())


@bp.app_template_filter()
def size(octets: int) -> str:
    """Return a number of octets in the unit that makes it short."""
    value, unit = float(octets), 0
    while value >= THOUSAND and unit < len(UNITS) - 1:
        value, unit = value / THOUSAND, unit + 1
    return f"{format_decimal(round(value, 1), locale=_locale())}\N{NO-BREAK SPACE}{UNITS[unit]}"


# A page of links has a hundred of them, and looking up how each is written would be a tenth of its cost.
@lru_cache(maxsize=REMEMBERED)
def _day(day: date, skeleton: str, language: str) -> str:
    return format_skeleton(skeleton, day, locale=_locale_of(language))


@lru_cache(maxsize=REMEMBERED)
def _moment(moment: datetime, zone: tzinfo, language: str) -> str:
    return format_datetime(moment, MOMENT[language], tzinfo=zone, locale=_locale_of(language))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(_zone())


def _zone() -> tzinfo:
    person = current.person()
    return _zone_of(person.time_zone) if person and person.time_zone else UTC


@cache
def _zone_of(name: str) -> tzinfo:
    return ZoneInfo(name)


def _locale() -> Locale:
    return _locale_of(said().language)


@cache
def _locale_of(language: str) -> Locale:
    """Return the locale of a language; days are written day first in English too, as everywhere here."""
    return Locale.parse("en_GB" if language == "en" else language)
