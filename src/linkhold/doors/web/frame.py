"""What the pages of a library share: the side column, the message of what was just done, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current
from linkhold.doors.web import addresses, message
from linkhold.links import saved_searches, tag_counts, tag_tree
from linkhold.links.models import SavedSearch
from linkhold.links.tag_tree import Branch

READ_TAGS, MOST_TAGS = 40, 12
"""How many tags are read, and how many of them stand in the side column, those below them apart."""


@dataclass(frozen=True, slots=True)
class Side:
    """The side column."""

    searches: Sequence[SavedSearch]
    tags: list[Branch]
    more: bool
    """Whether the library has more tags than are shown here."""


def page(template: str, *, status: int = 200, **values: Any) -> BaseResponse:  # noqa: ANN401 - a template's values
    """Answer a page of the caller's library."""
    caller = current.caller()
    with current.runtime().reading() as session:
        searches = saved_searches.every(session, caller.account_id)
        most_used = tag_counts.most_used(session, caller.account_id, limit=READ_TAGS + 1)
    tags = tag_tree.tree(most_used[:READ_TAGS])
    side = Side(
        searches, tag_tree.largest(tags, MOST_TAGS), more=len(most_used) > READ_TAGS or len(tags) > MOST_TAGS
    )
    shared = {
        "side": side,
        "person": caller.person,
        "account_id": caller.account_id,
        "here": here(),
        "message": message.read(),
    }
    return make_response(render_template(template, **{**shared, **values}), status)


def here() -> str:
    """Return the address of this page, to come back to."""
    return addresses.plain(request.full_path.rstrip("?"))


def back(done: str, *, left: int = 0) -> BaseResponse:
    """Lead back to the page that the form came from, with the message of what was done."""
    wanted = request.form.get("back", "/")
    said: dict[str, str | int] = {"done": done, "left": left} if left else {"done": done}
    return redirect(addresses.plain(wanted, **said), code=303)
