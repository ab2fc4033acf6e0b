"""What the rooms below say in English, as templates, so that pages can say it in another language.

Errors, remarks on a search and the summaries of what was done are made far from any reader, and some
are stored. A page finds the template that a sentence was made from and says that one with the same
values. A test holds that none of those sentences is missing here.
"""

from __future__ import annotations

import re
from functools import cache

from linkhold.translations import Translation


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


SENTENCES = (
    # Accounts.
    _("A name has 1 to 64 letters, digits or any of . _ @ + - in it."),
    _("A password has {shortest} to {longest} characters."),
    _("A token's name has 1 to {longest} printable characters."),
    _("There is an account by that name already: choose another."),
    _("This account is gone."),
    _("This address was used already, or has expired: ask for a new one."),
    _("This address was used already, or is no longer valid. The one that was given last counts."),
    _("Too many failed attempts: wait a little, then try again."),
    _("Too many log-ins at this moment: try again shortly."),
    _("A token has one or more of the scopes {scopes}."),
    _("The trash keeps for 1 to {longest} days, or for ever."),
    _("There is a light and a dark appearance."),
    _("There is no such time zone: write it like Europe/Berlin."),
    _("This account has no token {number}: `linkhold token list` shows its tokens."),
    _("This browser is logged out already."),
    _("This is not the name of the account."),
    _("This is not the password of the account."),
    _("This is the only administrator: make another account one first."),
    _("This language is not spoken here."),
    _("account made"),
    _("account removed"),
    _("administrator"),
    _("command line"),
    _("feed added"),
    _("feed revoked"),
    _("first token"),
    _("log-in refused"),
    _("invitation made"),
    _("invitation withdrawn"),
    _("key renewed"),
    _("logged in"),
    _("logged out"),
    _("password set"),
    _("phone paired"),
    _("public page closed"),
    _("public page opened"),
    _("This code was used already, or is older than ten minutes: make a new one."),
    _("token added"),
    _("token revoked"),
    _("A feed's name has 1 to {longest} printable characters."),
    _("An account can have at most {most} private feeds."),
    _("This account has no such feed."),
    _("A note has up to {longest} printable characters."),
    _("Choose for how long the invitation is good."),
    _("Remove your own account on its own page."),
    _("This invitation was used, or withdrawn already."),
    _("made an administrator"),
    _("no administrator any more"),
    # Whatever was asked.
    _("A value is larger than this server accepts."),
    _("Linkhold failed to answer. Its log says why."),
    _("Something went wrong."),
    _("That is not an address that can be kept as a link."),
    _("The database cannot be used."),
    _("The request is not valid."),
    _("This cannot be done to the thing as it now is."),
    _("This request is refused."),
    # What is sent.
    _("A link can have at most {most} tags."),
    _("A tag cannot contain {what}: {name}."),
    _("A tag contains a character that text cannot hold."),
    _("A tag has at most {most} parts with / between them."),
    _("A tag is longer than {longest} characters."),
    _("A tag needs a name."),
    _("Choose the link to keep."),
    _("Choose what is to become of the link."),
    _("Choose what is to become of the links."),
    _("Confirm that the links in the trash are to be destroyed for good."),
    _("Nothing was done, because not all of the search was understood. {reason}"),
    _("Name at least one other link to merge."),
    _("Name at least one tag."),
    _("Only {allowed} addresses can be kept; this one is {scheme}."),
    _("Select at least one link."),
    _("Select at least one tag."),
    _("The {field} contains a character that text cannot hold."),
    _("The {field} is longer than {longest} characters."),
    _("The URL contains a character that text cannot hold."),
    _("The URL is empty."),
    _("There is nothing to save: send a text or a url."),
    _("This address names no host."),
    _("This is not a valid URL."),
    _("This is not a valid URL: a full address begins with https:// or http://."),
    # What cannot be done.
    _("A tag cannot be moved below itself."),
    _("Another link has the URL that this one had before."),
    _("Another link of your library has this URL."),
    _("It was changed since: {fields}."),
    _("Link {number} is not in your library."),
    _("Link {number} would have {count} tags: a link can have at most {most}."),
    _("Link {number} of your library has this URL."),
    _("Link {number} of your library, in the trash, has this URL."),
    _("Links kept appearing by the URLs that others had before. Try again."),
    _("No link of your library has this tag."),
    _("No link of your library has this address."),
    _("Nothing of this batch can be undone. {reason}"),
    _("The link was changed since you last saw it: get it again, then decide."),
    _("There is a tag {name} already: merge the two if they are to be one."),
    _("There is no action by this number."),
    _("There is no batch by this id in your library."),
    _("There is no link by this id in your library."),
    _("There is nothing here by that address."),
    _("There is nothing in your inbox by this id."),
    _("This link has no change by this id."),
    _("This link is in the trash: restore it first."),
    _("This link kept appearing and vanishing while it was saved. Try again."),
    _("This request came from another web site, and was not carried out."),
    _("This text has left the inbox: restore it first."),
    _("The body broke off before its end, and nothing of it was kept: send it again."),
    _("Something else is changing the same links, so nothing was done: try again. Repeating a save is safe."),
    _("The database cannot be reached at the moment. Try again shortly: repeating a request is safe."),
    # Saved searches and their language.
    _("A closing parenthesis without an opening one was passed over."),
    _("A library can have at most {most} saved searches."),
    _("A parenthesis was not closed."),
    _("A quotation mark was not closed."),
    _("A saved search needs a name."),
    _("A tag without a name was passed over."),
    _("An “and” with nothing on one side was passed over."),
    _("An “or” with nothing on one side was passed over."),
    _("A “not” with nothing after it was passed over."),
    _("Only the first {number} characters were read."),
    _("Only the first {number} terms were read."),
    _("Parentheses deeper than {number} were passed over."),
    _("Parentheses with nothing between them were passed over."),
    _("There is no saved search by this id in your library."),
    _("There is nothing to look for in “{text}”."),
    _("“after:{text}” has no end: it was read as “added:{same}”."),
    _("“before:{text}” has no beginning: it was read as “added:{same}”."),
    _("“is:{text}” is none of {states}: it was passed over."),
    _("“is:{text}” is none of {states}: it was read as a word."),
    _("“site:{text}” names no host and was passed over."),
    _("“sort:{text}” is none of {orders} and was passed over."),
    _("“{name}:” has nothing after it and was passed over."),
    _("“{name}:{text}” is no date like 2025, 2025-03 or 2025-03-31, and was passed over."),
    # What was done.
    _("added"),
    _("added tag {names}"),
    _("added tags {names}"),
    _("applied version {version} of the identity rule"),
    _("archived"),
    _("deleted tag {name}"),
    _("description added"),
    _("description changed"),
    _("description removed"),
    _("destroyed with the trash"),
    _("edited"),
    _("identity computed anew"),
    _("made private"),
    _("marked read"),
    _("marked unread"),
    _("merged {number} link into link {keep}"),
    _("merged {number} links into link {keep}"),
    _("merged tags {names} into {name}"),
    _("moved to the trash"),
    _("notes added"),
    _("notes changed"),
    _("notes removed"),
    _("removed tag {names}"),
    _("removed tags {names}"),
    _("renamed tag {before} to {after}"),
    _("respelled tag {names}"),
    _("respelled tags {names}"),
    _("saved again"),
    _("sent as {new}"),
    _("shared a link"),
    _("shared {number} links"),
    _("shared"),
    _("taken out of the archive"),
    _("taken out of the trash"),
    _("text added to the description"),
    _("text added to the notes"),
    _("undid a change"),
    _("undid: {what}"),
    _("undid everything since {moment}"),
    _("undone"),
    _("{field} from {old} to {new}"),
    # The words that stand in them.
    _("a comma"),
    _("description"),
    _("notes"),
    _("nothing"),
    _("search"),
    _("tags"),
    _("text"),
    _("the control character {code}"),
    _("title"),
    _("trash"),
    _("url"),
)
# These would be found in too many sentences: they are asked for by name.
QUOTED, BOTH = _("“{text}”"), _("{first} and {last}")
VALUE = re.compile(r"\{(\w+)\}")
OURS = {"field", "fields", "reason", "what"}
TEXTS, NOTHING = {"old", "new"}, "nothing"
MAY_BE_BLANK = {"text"}
"""What a person typed, which may be nothing at all."""
LISTED = {"names"}
"""What holds no semicolon, which stands between sentences."""
BETWEEN = ("; ", ", ")
"""What stands between the sentences of a summary; looked for only when the whole is not known."""


def known(sentence: str) -> bool:
    """Tell whether a sentence is one of these."""
    return _found(sentence) is not None


def translated(said: Translation, sentence: str) -> str:
    """Return a sentence of the rooms below in another language; as it is, if it is none of these."""
    found = _found(sentence)
    if found is not None:
        template, values = found
        return said.gettext(template, **{name: _value(said, name, value) for name, value in values.items()})
    for between in BETWEEN:
        parts = sentence.split(between)
        if len(parts) > 1 and all(map(known, parts)):
            return between.join(translated(said, part) for part in parts)
    return sentence


def _value(said: Translation, name: str, value: str) -> str:
    """Return what stands in a sentence: some of it is a sentence or a word of ours, all else somebody's."""
    if name in OURS or (name in TEXTS and value == NOTHING):
        return translated(said, value)
    if name in TEXTS:
        return said.gettext(QUOTED, text=value.removeprefix("“").removesuffix("”"))
    if name == "allowed" and " and " in value:
        first, _between, last = value.rpartition(" and ")
        return said.gettext(BOTH, first=first, last=last)
    return value


def _found(sentence: str) -> tuple[str, dict[str, str]] | None:
    whole, patterns = _templates()
    if sentence in whole:
        return sentence, {}
    for template, pattern in patterns:
        match = pattern.fullmatch(sentence)
        if match is not None:
            return template, match.groupdict()
    return None


@cache
def _templates() -> tuple[frozenset[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    """Return the messages without values, and the patterns of those with some."""
    whole = frozenset(each for each in SENTENCES if not VALUE.search(each))
    patterns = [(each, _pattern(each)) for each in SENTENCES if each not in whole]
    return whole, tuple(patterns)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = VALUE.split(template)
    # Every second piece is the name of a value.
    return re.compile(
        "".join(_group(each) if at % 2 else re.escape(each) for at, each in enumerate(pieces)), re.DOTALL
    )


def _group(name: str) -> str:
    return f"(?P<{name}>{'[^;]' if name in LISTED else '.'}{'*' if name in MAY_BE_BLANK else '+'}?)"
