"""Translations: each message of the code is in each catalogue, and the compiled ones are those."""

from __future__ import annotations

import ast
import gettext
import inspect
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import linkhold
from linkhold import errors, translations
from linkhold.accounts import audit
from linkhold.doors import english, reply
from linkhold.doors.web import failures, speaking
from linkhold.links import changes, completion

PACKAGE = Path(linkhold.__file__).parent
LANGUAGES = [name for name in translations.NAMES if name != "en"]
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None, "sentence": None}
with (Path(__file__).parents[1] / "babel.cfg").open(encoding="utf-8") as mapping:
    METHODS, _ = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # Babel has no types here

SAYING = {
    *("BadInput", "NotALink", "LimitExceeded", "UnsupportedMedia", "NotFound", "Conflict", "Throttled"),
    "remark",
}
NEVER_ON_A_PAGE = {
    "Links kept appearing while identities were computed. Try again.",
    "Nothing that happened since can be undone. 7",
    "Say what to change: add_tags, remove_tags, unread, archived or shared.",
    "There is no account 7: `linkhold account list` shows those that exist.",
    "This cursor belongs to a search with another order.",
    "This cursor is not valid: leave it out to begin anew.",
    "This cursor is not valid: leave it out to begin with the first change.",
    "This cursor is not valid: leave it out to begin with the newest.",
    # The two forms of each of these are there.
    "Link 7 of your library7 has this URL.",
    "This is not a valid URL7.",
}

Key = str | tuple[str, ...]


def path(language: str, ending: str) -> Path:
    return translations.CATALOGUES / language / "LC_MESSAGES" / f"linkhold.{ending}"


def catalogue(language: str) -> Catalog:
    return read_po(BytesIO(path(language, "po").read_bytes()), locale=language)


def messages(catalogue: Catalog) -> dict[Key, Message]:
    """Return the messages of a catalogue by their keys: one, or one and many."""
    return {tuple(each.id) if each.pluralizable else str(each.id): each for each in catalogue if each.id}


def words(message: Message) -> tuple[str, ...]:
    """Return the translations of a message: one, or one for each form of the plural."""
    found = message.string
    return tuple(map(str, found)) if isinstance(found, list | tuple) else (str(found or ""),)


def in_code() -> set[Key]:
    found = extract_from_dir(str(PACKAGE), keywords=KEYWORDS, method_map=METHODS)
    return {message for _, _, message, _, _ in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_no_other_is_there(language: str) -> None:
    translated = messages(catalogue(language))
    assert set(translated) == in_code()
    for key, message in translated.items():
        assert all(words(message)), f"{language} lacks {key}"
        assert not message.fuzzy


def test_pages_bring_along_what_the_scripts_say() -> None:
    scripts = [each for each in METHODS if each[1] == "javascript"]
    found = extract_from_dir(str(PACKAGE), keywords=KEYWORDS, method_map=scripts)
    assert {message for _, _, message, _, _ in found} == set(speaking.SCRIPTS)


def sentences() -> Iterator[tuple[str, str]]:
    """Give every sentence that a page may have to show and that is made in another room, with its file."""
    for path in [
        *PACKAGE.glob("links/*.py"),
        *PACKAGE.glob("accounts/*.py"),
        *PACKAGE.glob("doors/web/*.py"),
        *PACKAGE.glob("doors/share*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0] if node.args and name in SAYING else None
                given = [first, *(each.value for each in node.keywords if each.arg == "summary")]
                for value in given:
                    if isinstance(value, ast.Constant | ast.JoinedStr):
                        yield path.name, sample(value)


def sample(value: ast.Constant | ast.JoinedStr) -> str:
    """Return a text of the code with 7 for each value in it."""
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "7" for each in parts)


def test_pages_can_say_every_sentence_of_the_other_rooms_in_their_language() -> None:
    unknown = {text for name, text in sentences() if not english.known(text) and text not in NEVER_ON_A_PAGE}
    assert not unknown


@pytest.mark.parametrize(
    ("told", "german"),
    [
        ("added tags a, b; archived", "Tags a, b hinzugefügt; archiviert"),
        ("undid: renamed tag added to nothing", "rückgängig: Tag added in nothing umbenannt"),
        ("title from nothing to “added”", "Titel von nichts in „added“ geändert"),
        (
            "saved again; sent as “https://a.example/?x”",
            "noch einmal gespeichert; gesendet als „https://a.example/?x“",
        ),
        ("“site:” names no host and was passed over.", "„site:“ nennt keine Website und wurde übergangen."),
        (
            "Only http and https addresses can be kept; this one is 'ftp'.",
            "Nur Adressen mit http und https können gespeichert werden; diese ist 'ftp'.",
        ),
        ("The title is longer than 64 characters.", "Titel: länger als 64 Zeichen."),
        ("The search is longer than 2000 characters.", "Die Suche ist länger als 2000 Zeichen."),
        ("undid: edited link 5", "rückgängig: Link 5 bearbeitet"),
        (
            "This token may not do that: it lacks the scope 'write'.",
            "Dieses Token darf das nicht: ihm fehlt das Recht 'write'.",
        ),
        ("somebody's own words; archived by her", "somebody's own words; archived by her"),
    ],
)
def test_a_sentence_of_another_room_is_said_with_the_values_that_it_has(told: str, german: str) -> None:
    assert english.translated(translations.to("de"), told) == german
    assert english.translated(translations.to("en"), told) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_on_an_account_is_said_in_every_language(language: str) -> None:
    for act in get_args(audit.Act):
        assert english.translated(translations.to(language), act) != act


def test_every_kind_of_change_can_be_said_to_be_undone() -> None:
    """Any text fits behind `undid:`, so that what stands there has to be known by itself."""
    for kind in get_args(changes.Kind):
        assert english.known(f"{kind} link 7")


def test_every_completion_says_what_it_means_in_every_language() -> None:
    for note in completion.FIXED.values():
        assert english.known(note)


def shown_on_pages() -> list[type[errors.LinkholdError]]:
    """Return the errors that a page may be about; those of a start and of the command are not."""
    of_a_start = errors.InvalidSetting | errors.KeyUnreadable | errors.ServerFault
    of_a_program = errors.NotAuthenticated | errors.ScopeMissing | errors.UnsupportedMedia | errors.KeyReused
    every = [each for each in vars(errors).values() if inspect.isclass(each)]
    own = [each for each in every if issubclass(each, errors.LinkholdError)]
    elsewhere = (
        of_a_start,
        of_a_program,
        errors.CursorExpired | errors.SchemaMismatch | errors.DatabaseUnsafe,
    )
    return [each for each in own if not any(issubclass(each, some) for some in elsewhere)]


def test_every_error_that_a_page_may_show_has_a_heading_and_a_sentence_in_every_language() -> None:
    for row in reply.PROBLEMS:
        assert row[1] in {*failures.FAILURES, 401, 410, 415, 422}
    for error in shown_on_pages():
        assert english.known(inspect.cleandoc(error.__doc__ or "")), error
    for language in LANGUAGES:
        for words in failures.FAILURES.values():
            for text in words:
                assert translations.to(language).gettext(text) != text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_values_that_the_message_names(language: str) -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, message in messages(catalogue(language)).items():
        wanted = values(key if isinstance(key, str) else key[1])
        for translated in words(message):
            assert values(translated) == wanted, translated


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """After a change of a `.po` file, `make translations` compiles it."""
    compiled = messages(read_mo(BytesIO(path(language, "mo").read_bytes())))
    written = messages(catalogue(language))
    assert {key: words(each) for key, each in compiled.items()} == {
        key: words(each) for key, each in written.items()
    }


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-CH", "en"], "de"),
        (["fr", "DE"], "de"),
        (["de_AT.UTF-8"], "de"),
        (["fr", "es"], "en"),
        (["", "*"], "en"),
        ([], "en"),
        (["../de"], "en"),
    ],
)
def test_the_first_language_that_there_is_is_spoken(wanted: list[str], language: str) -> None:
    assert translations.best(wanted) == language


def test_counting_follows_the_language() -> None:
    said = translations.to("de")
    assert said.ngettext("{number} link saved", "{number} links saved", 1) == "1 Link gespeichert"
    assert said.ngettext("{number} link saved", "{number} links saved", 3) == "3 Links gespeichert"
    assert translations.to("en").ngettext("{number} link saved", "{number} links saved", 3) == "3 links saved"


@pytest.mark.parametrize("language", ["", "xx", "../../etc", "en"])
def test_an_unknown_language_is_english(language: str) -> None:
    assert type(translations.to(language).catalogue) is gettext.NullTranslations
