"""The tags as a page: renamed, merged and deleted, each as a batch that can be undone."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current
from linkhold.doors.web import frame, message
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, Conflict, LinkholdError
from linkhold.links import tag_counts, tag_tree, tagging
from linkhold.links import tags as tag_words
from linkhold.links.batches import Done
from linkhold.links.tag_counts import TagCount

ROWS, FEW = 80, 40
"""About how many tags a page has; and how many a library may have for all branches to be unfolded."""


@bp.get("/tags")
def show_tags() -> BaseResponse:
    """Show all tags, and the forms that change the one that is named."""
    return _page(request.args.get("tag", ""))


@bp.post("/tags/rename")
def rename_tag() -> BaseResponse:
    """Give a tag, with those below it, another name."""
    caller, tag = current.caller(), request.form.get("tag", "")
    try:
        name = _name("name")
        with current.runtime().transaction() as session:
            done = tagging.rename(
                session, caller.account_id, tag, name, origin=caller.origin, longest=_longest()
            )
    except (BadInput, Conflict) as error:
        return _page(tag, error)
    return _back(done)


@bp.post("/tags/merge")
def merge_tags() -> BaseResponse:
    """Make tags one."""
    caller, chosen = current.caller(), request.form.getlist("tags")
    if not chosen:
        raise BadInput("Select at least one tag.", field="tags")
    into = _name("into")
    with current.runtime().transaction() as session:
        done = tagging.merge(
            session, caller.account_id, chosen, into, origin=caller.origin, longest=_longest()
        )
    return _back(done)


@bp.post("/tags/delete")
def delete_tag() -> BaseResponse:
    """Take a tag, and those below it, off all links."""
    caller, tag = current.caller(), request.form.get("tag", "")
    with current.runtime().transaction() as session:
        done = tagging.delete(session, caller.account_id, tag, origin=caller.origin)
    return _back(done)


def _page(tag: str, error: LinkholdError | None = None) -> BaseResponse:
    find, after = request.args.get("find", "").strip(), request.args.get("after", "")
    with current.runtime().reading() as session:
        counted = tag_counts.every(session, current.caller().account_id)
    key = tag_words.key(tag_words.tidy(tag))
    tree, following = tag_tree.page(tag_tree.tree(counted), after=after, most=ROWS)
    return frame.page(
        "tags.html",
        status=409 if error else 200,
        any=bool(counted),
        tree=tree,
        following=following,
        after=after,
        find=find,
        matching=_matching(counted, find) if find else [],
        unfolded=len(counted) <= FEW,
        chosen=next((each for each in counted if tag_words.key(each.name) == key), None),
        typed=request.form.get("name"),
        fault=error.message if error else None,
        mergeable=isinstance(error, Conflict),
    )


def _longest() -> int:
    return current.runtime().drafting.limits.tag


def _matching(counted: list[TagCount], find: str) -> list[TagCount]:
    """Return the tags that have what was typed in their names."""
    wanted = tag_words.key(tag_words.tidy(find))
    return [each for each in counted if wanted in tag_words.key(each.name)][:ROWS]


def _name(field: str) -> str:
    names = current.runtime().drafting.tags([request.form.get(field, "")])
    if not names:
        raise BadInput("A tag needs a name.", field=field)
    return names[0]


def _back(done: Done) -> BaseResponse:
    return frame.back(message.of_batch(done.batch_id))
