"""The acts against a plain model in memory: whatever the order, a library is what the model says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, Engine, cast, select
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from linkhold.accounts import accounts
from linkhold.db.engine import transactional
from linkhold.errors import Conflict, NotFound
from linkhold.links import (
    bulk,
    editing,
    indexing,
    reading,
    saving,
    tag_counts,
    tagging,
    tags,
    trash,
    undoing,
)
from linkhold.links.bulk import BulkEdit
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting
from linkhold.links.models import Change, Link

ORIGIN = Origin("test")
DRAFTING = Drafting()
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WRITTEN = ("url", "title", "description", "notes", "tags", "unread", "archived", "shared")

# Few of each, so that saves meet; each pair of a row has one identity.
URLS = st.sampled_from(
    [
        *("https://a.example/", "HTTPS://A.example:443/?utm_source=x"),
        *("https://b.example/x", "https://b.example/%78"),
        *("https://c.example/", "https://c.example/?fbclid=1#"),
    ]
)
WORDS = st.sampled_from(["", "one", "two", "Zwölf", "🐘"])
TAGS = st.lists(st.sampled_from(["a", "A", "b", "c/d"]), max_size=3)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": WORDS,
        "description": WORDS,
        "notes": WORDS,
        "tags": TAGS,
        "unread": st.booleans(),
        "archived": st.booleans(),
        "shared": st.booleans(),
    },
)


@dataclass
class Kept:
    """A link as the model has it."""

    owner: int
    identity: str
    fields: dict[str, Any]
    trashed: bool = False


@dataclass
class Model:
    links: dict[int, Kept] = field(default_factory=dict)
    spelling: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def by_identity(self, owner: int, identity: str) -> int | None:
        return next(
            (i for i, kept in self.links.items() if (kept.owner, kept.identity) == (owner, identity)), None
        )

    def spelled(self, owner: int, names: list[str], *, note: bool = True) -> list[str]:
        """The first to write a tag decides on its case."""
        known = self.spelling[owner]
        written = tags.united([tags.respelled(name, known) for name in names], [])
        for name in written if note else ():
            for key, part in tags.names(name).items():
                known.setdefault(key, part)
        return written


def _keys(tags: list[str]) -> list[str]:
    return [tag.casefold() for tag in tags]


class Library(RuleBasedStateMachine):
    """Two accounts, of which neither may ever see the other's links."""

    connection: Connection
    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint")
        self.model = Model()

    @initialize()
    def two_accounts(self) -> None:
        self.owners = [
            accounts.create(self.session, name, "correct horse").id for name in ("model-ada", "model-bob")
        ]

    def teardown(self) -> None:
        self.session.close()
        self.outer.rollback()

    @rule(target=links, who=st.integers(0, 1), url=URLS, fields=FIELDS)
    def save(self, who: int, url: str, fields: dict[str, Any]) -> Any:
        owner = self.owners[who]
        draft = DRAFTING.draft(url, **fields)
        saved = saving.save(self.session, owner, draft, origin=ORIGIN)
        known = self.model.by_identity(owner, draft.identity.text)
        assert saved.created == (known is None)
        if known is None:
            values = {name: getattr(draft, name) for name in WRITTEN}
            values["tags"] = self.model.spelled(owner, draft.tags)
            self.model.links[saved.link.id] = Kept(owner, draft.identity.text, values)
            return saved.link.id
        assert saved.link.id == known
        self._merge(self.model.links[known], fields)
        return multiple()

    def _merge(self, kept: Kept, sent: dict[str, Any]) -> None:
        kept.trashed = False
        for name in ("title", "description", "notes"):
            if sent.get(name):
                kept.fields[name] = sent[name]
        for name in ("unread", "archived", "shared"):
            if sent.get(name):
                kept.fields[name] = True
        for tag in self.model.spelled(kept.owner, sent.get("tags", [])):
            if tag.casefold() not in _keys(kept.fields["tags"]):
                kept.fields["tags"] = [*kept.fields["tags"], tag]

    @rule(link=links, by_owner=st.booleans(), fields=FIELDS, url=st.none() | URLS)
    def edit(self, link: int, *, by_owner: bool, fields: dict[str, Any], url: str | None) -> None:
        kept = self.model.links[link]
        sent = DRAFTING.edit(**fields, url=url)
        taken = sent.identity and self.model.by_identity(kept.owner, sent.identity.text) not in {None, link}
        expected = NotFound if not by_owner else Conflict if kept.trashed or taken else None
        owner = kept.owner if by_owner else self._other(kept.owner)
        if expected is not None:
            with pytest.raises(expected):
                editing.edit(self.session, owner, link, sent, origin=ORIGIN)
            return
        editing.edit(self.session, owner, link, sent, origin=ORIGIN)
        kept.fields |= {name: getattr(sent, name) for name in WRITTEN if getattr(sent, name) is not None}
        kept.fields["tags"] = self.model.spelled(kept.owner, kept.fields["tags"])
        if sent.identity:
            kept.identity = sent.identity.text

    @rule(link=links, by_owner=st.booleans(), restoring=st.booleans())
    def trash_or_restore(self, link: int, *, by_owner: bool, restoring: bool) -> None:
        kept = self.model.links[link]
        act: Callable[..., Link] = trash.restore if restoring else trash.trash
        if not by_owner:
            with pytest.raises(NotFound):
                act(self.session, self._other(kept.owner), link, origin=ORIGIN)
            return
        act(self.session, kept.owner, link, origin=ORIGIN)
        kept.trashed = not restoring

    @rule(
        who=st.integers(0, 1),
        some=st.lists(links, max_size=4),
        add=TAGS,
        remove=TAGS,
        archived=st.none() | st.booleans(),
    )
    def edit_many(
        self, who: int, some: list[int], add: list[str], remove: list[str], *, archived: bool | None
    ) -> None:
        owner = self.owners[who]
        wanted = BulkEdit(add_tags=add, remove_tags=remove, archived=archived)
        if not add and not remove and archived is None:
            return
        bulk.edit(self.session, owner, some, wanted, origin=ORIGIN)
        mine = [self.model.links[i] for i in sorted(set(some)) if self.model.links[i].owner == owner]
        mine = [kept for kept in mine if not kept.trashed]
        for kept in mine:
            left = [tag for tag in kept.fields["tags"] if tag.casefold() not in _keys(remove)]
            united = tags.united(left, self.model.spelled(owner, add, note=False))
            kept.fields["tags"] = united
            self.model.spelled(owner, united)
            if archived is not None:
                kept.fields["archived"] = archived

    @rule(
        who=st.integers(0, 1), old=st.sampled_from(["a", "B", "c", "c/d"]), new=st.sampled_from(["a", "x/y"])
    )
    def merge_tags(self, who: int, old: str, new: str) -> None:
        owner, key = self.owners[who], old.casefold()
        mine = [kept for kept in self.model.links.values() if kept.owner == owner]
        tagged = [
            kept
            for kept in mine
            if any(f"{tag}/".casefold().startswith(f"{key}/") for tag in kept.fields["tags"])
        ]
        if key == new:
            return
        if not tagged:
            with pytest.raises(NotFound):
                tagging.merge(self.session, owner, [old], new, origin=ORIGIN)
            return
        tagging.merge(self.session, owner, [old], new, origin=ORIGIN)
        for kept in tagged:
            renamed = [
                f"{new}{tag[len(key) :]}" if f"{tag}/".casefold().startswith(f"{key}/") else tag
                for tag in kept.fields["tags"]
            ]
            kept.fields["tags"] = tags.united(renamed, [])
            self.model.spelled(owner, kept.fields["tags"])

    @rule(who=st.integers(0, 1))
    def undo_everything_and_undo_that(self, who: int) -> None:
        """The first state comes back, which was empty; and undoing the undo brings back the last."""
        owner = self.owners[who]
        undone = undoing.undo_since(self.session, owner, LONG_AGO, origin=ORIGIN)
        # A link of the trash keeps its URL: another cannot have gone back to it.
        assert all(each.reason.startswith("Another link has the URL") for each in undone.left)
        assert reading.newest(self.session, owner, limit=100).links == []
        if undone.done.links:
            again = undoing.undo_batch(self.session, owner, undone.done.batch_id, origin=ORIGIN)
            assert all(each.reason.startswith("Another link has the URL") for each in again.left)

    @invariant()
    def the_index_agrees_with_the_rows(self) -> None:
        for link in self.session.scalars(select(Link)):
            wanted = indexing.vector(link.owner_id, link)
            same = select(Link.search == cast(wanted, TSVECTOR)).where(Link.id == link.id)
            assert self.session.scalar(same), wanted

    @invariant()
    def the_counts_of_tags_agree(self) -> None:
        for owner in getattr(self, "owners", ()):
            wanted: dict[str, tuple[int, int]] = {}
            for kept in self.model.links.values():
                if kept.owner == owner and not kept.trashed:
                    for key, (own, below) in tags.counts(kept.fields["tags"]).items():
                        before = wanted.get(key, (0, 0))
                        wanted[key] = (before[0] + own, before[1] + below)
            counted = tag_counts.every(self.session, owner)
            assert {tags.key(tag.name): (tag.links, tag.below) for tag in counted} == wanted

    @rule(who=st.integers(0, 1))
    def fold_the_counts(self, who: int) -> None:
        tag_counts.fold(self.session, self.owners[who])

    def _other(self, owner: int) -> int:
        return self.owners[1 - self.owners.index(owner)]

    @invariant()
    def the_library_is_what_the_model_says(self) -> None:
        if not hasattr(self, "owners"):
            return
        for owner in self.owners:
            for trashed in (False, True):
                listed = reading.newest(self.session, owner, limit=100, trashed=trashed).links
                found = {link.id: {name: getattr(link, name) for name in WRITTEN} for link in listed}
                assert found == {
                    i: kept.fields
                    for i, kept in self.model.links.items()
                    if (kept.owner, kept.trashed) == (owner, trashed)
                }

    @invariant()
    def the_history_replayed_is_the_library(self) -> None:
        """Nothing happened that was not recorded, and each change starts where the one before ended."""
        blank: dict[str, Any] = {
            name: [] if name == "tags" else "" if name in WRITTEN[:4] else False for name in WRITTEN
        }
        for link_id, kept in self.model.links.items():
            now: dict[str, Any] = dict(blank) | {"trashed_at": None}
            query = select(Change).where(Change.owner_id == kept.owner, Change.link_id == link_id)
            for number, change in enumerate(self.session.scalars(query.order_by(Change.id))):
                if number:
                    before = {name: value for name, value in change.before.items() if name in now}
                    assert before == {name: now[name] for name in before}
                now |= change.after
            assert {name: now[name] for name in WRITTEN} == kept.fields
            assert (now["trashed_at"] is not None) == kept.trashed


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transactional(engine).connect() as connection:
        yield connection


def test_the_acts_agree_with_the_model(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Library, "connection", connection, raising=False)
    run_state_machine_as_test(
        Library,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
