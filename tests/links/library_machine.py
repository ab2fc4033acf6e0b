"""Two libraries in a database beside their model, and what must hold of them whatever was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold import clock
from linkhold.accounts import accounts
from linkhold.errors import Conflict
from linkhold.links import bulk, indexing, language, saving, search, tag_counts, tags, undoing
from linkhold.links.changes import TYPES
from linkhold.links.derived import CONTENT, Content
from linkhold.links.drafting import Draft, Drafting
from linkhold.links.models import Change, Link, Tag
from linkhold.links.undoing import DESTROYED
from links.library_model import WRITTEN, Kept, Model

DRAFTING = Drafting()
WHO = st.integers(0, 1)
Snapshot = dict[int, dict[str, Any]]

# A library as it is before anything is done: with tags, states, near-duplicates and something in the trash.
FILLING = (
    ("https://a.example/", {"title": "one", "tags": ["a", "c/d"], "unread": True}),
    ("https://b.example/x", {"notes": "two", "tags": ["B"], "archived": True}),
    ("http://www.b.example/x/", {"title": "Zwölf", "tags": ["b", "c/E"], "shared": True}),
    ("https://thrown.example/", {"title": "one", "tags": ["A"]}),
)
SEARCHES = ("", "one", "#a", "#c", "is:archived", "is:trashed", "example", "-#b zwolf")
VECTORS = text("""
    SELECT id FROM unnest(CAST(:ids AS bigint[]), CAST(:vectors AS text[])) AS wanted (id, vector)
    JOIN links USING (id) WHERE links.search <> CAST(wanted.vector AS tsvector)
""")


class Libraries(RuleBasedStateMachine):
    """Two accounts, of which neither may ever see the other's links."""

    connection: Connection
    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint")
        self.model = Model()
        self.owners: list[int] = []
        self.marks: dict[int, tuple[datetime, Snapshot]] = {}

    @initialize(target=links)
    def two_filled_libraries(self) -> Any:
        ids = []
        for name in ("model-ada", "model-bob"):
            owner = accounts.create(self.session, name, "correct horse").id
            self.owners.append(owner)
            ids = [self.saved(owner, DRAFTING.draft(url, **fields)) for url, fields in FILLING]
            bulk.trash(self.session, owner, ids[-1:], origin=ORIGIN)
            self.model.links[ids[-1]].trashed = True
            self.mark_moment(owner)
        return ids[0]

    def teardown(self) -> None:
        try:
            for owner in self.owners:
                self.searches_find_what_is_there(owner)
        finally:
            # Also after a failure: or the next run would fail by it, and hide which one it was.
            self.session.close()
            self.outer.rollback()

    # --- what the rules lean on ---

    def saved(self, owner: int, draft: Draft) -> int:
        """Save a link, as the model does; returns its id."""
        known = self.model.by_identity(owner, draft.identity.text)
        saved = saving.save(self.session, owner, draft, origin=ORIGIN)
        assert saved.created == (known is None)
        values = {name: getattr(draft, name) for name in WRITTEN}
        if known is None:
            self.model.add(saved.link.id, Kept(owner, draft.identity.text, values))
        else:
            assert saved.link.id == known
            self.model.merge(self.model.links[known], values)
        return saved.link.id

    def snapshot(self, owner: int) -> Snapshot:
        """Return every field of every link of an owner; to be in the trash is the same at any moment."""
        columns = [getattr(Link, name) for name in ("id", *TYPES)]
        rows = self.session.execute(select(*columns).where(Link.owner_id == owner)).mappings()
        return {row["id"]: {**row, "trashed_at": row["trashed_at"] is not None} for row in rows}

    def mark_moment(self, owner: int) -> None:
        """Remember a library as it is now, to come back to."""
        self.marks[owner] = clock.now(), self.snapshot(owner)

    def follow(self, owner: int) -> None:
        """Let the model have what the database has, after an act of which other things are asserted."""
        query = select(Tag.key, Tag.name).where(Tag.owner_id == owner)
        self.model.spelling[owner] = {row.key: row.name for row in self.session.execute(query)}
        for link_id in [each for each, kept in self.model.links.items() if kept.owner == owner]:
            del self.model.links[link_id]
        for link_id, values in self.snapshot(owner).items():
            fields = {name: values[name] for name in WRITTEN}
            self.model.links[link_id] = Kept(owner, values["identity"], fields, values["trashed_at"])

    def changes(self, owner: int) -> list[Change]:
        """Return all changes of a library, the newest first."""
        query = select(Change).where(Change.owner_id == owner).order_by(Change.id.desc())
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    # --- going back ---

    @rule(who=WHO)
    def remember(self, who: int) -> None:
        self.mark_moment(self.owners[who])

    @rule(who=WHO)
    def undo_everything_since_and_undo_that(self, who: int) -> None:
        """The library of the moment comes back, each field of each link; and then the last one does."""
        owner = self.owners[who]
        (moment, then), last = self.marks[owner], self.snapshot(owner)
        gone = {change.link_id for change in self.changes(owner) if change.kind == "destroyed"}
        try:
            undone = undoing.undo_since(self.session, owner, moment, origin=ORIGIN)
        except Conflict:
            assert gone
            assert {each: last[each] for each in last.keys() & then.keys()} == without(then, gone)
            return
        assert {each.reason for each in undone.left} <= {DESTROYED}
        now = self.snapshot(owner)
        assert {each: now[each] for each in now.keys() & then.keys()} == without(then, gone)
        assert all(now[each]["trashed_at"] for each in now.keys() - then.keys())
        if undone.done.links:
            again = undoing.undo_batch(self.session, owner, undone.done.batch_id, origin=ORIGIN)
            assert again.left == []
        assert self.snapshot(owner) == last
        self.follow(owner)

    # --- what must hold ---

    @invariant()
    def the_libraries_are_what_the_model_says(self) -> None:
        for owner in self.owners:
            found = {
                link_id: ({name: values[name] for name in WRITTEN}, values["trashed_at"])
                for link_id, values in self.snapshot(owner).items()
            }
            assert found == {
                i: (kept.fields, kept.trashed) for i, kept in self.model.links.items() if kept.owner == owner
            }

    @invariant()
    def the_index_agrees_with_the_rows(self) -> None:
        rows = self.session.execute(
            select(Link.id, Link.owner_id, *(getattr(Link, name) for name in CONTENT))
        )
        wanted = {
            row.id: indexing.vector(row.owner_id, Content(**{name: getattr(row, name) for name in CONTENT}))
            for row in rows
        }
        asked = {"ids": list(wanted), "vectors": list(wanted.values())}
        assert self.session.scalars(VECTORS, asked).all() == []

    @invariant()
    def tags_are_counted_and_each_has_one_spelling(self) -> None:
        for owner in self.owners:
            counted = tag_counts.every(self.session, owner)
            wanted = self.model.counts(owner)
            assert {tags.key(tag.name): (tag.links, tag.below) for tag in counted} == wanted
            names = {
                part
                for kept in self.model.of(owner)
                for tag in kept.fields["tags"]
                for part in tags.lineage(tag)
            }
            assert len(names) == len({tags.key(name) for name in names})
            assert {tag.name for tag in counted} <= names

    @invariant()
    def the_history_replayed_is_the_library(self) -> None:
        """Nothing happened that was not recorded, and each change starts where the one before ended."""
        blank: dict[str, Any] = (
            dict.fromkeys(WRITTEN, "") | dict.fromkeys(("unread", "archived", "shared"), False) | {"tags": []}
        )
        for owner in self.owners:
            replayed: dict[int, dict[str, Any]] = {}
            for change in reversed(self.changes(owner)):
                now = replayed.setdefault(change.link_id, {**blank, "trashed_at": None})
                if change.kind == "destroyed":
                    del replayed[change.link_id]
                    continue
                before = change.before if change.kind != "added" else {}
                assert before == {name: now.get(name, value) for name, value in before.items()}
                now |= change.after
            for kept, now in ((self.model.links[link_id], now) for link_id, now in replayed.items()):
                assert {name: now[name] for name in WRITTEN} == kept.fields
                assert (now["trashed_at"] is not None) == kept.trashed

    def searches_find_what_is_there(self, owner: int) -> None:
        """The whole library or a part of it, and never a link of another account."""
        found = {q: set(search.every_id(self.session, owner, language.parse(q))) for q in SEARCHES}
        mine = {i: kept for i, kept in self.model.links.items() if kept.owner == owner}
        present = {i: kept for i, kept in mine.items() if not kept.trashed}
        assert set().union(*found.values()) <= mine.keys()
        assert found[""] == present.keys()
        assert found["is:trashed"] == mine.keys() - present.keys()
        assert found["is:archived"] == {i for i, kept in present.items() if kept.fields["archived"]}
        for name in ("a", "c"):
            tagged = self.model.tagged(owner, [name], trashed=False)
            assert found[f"#{name}"] == {i for i, kept in present.items() if kept in tagged}
        texts = {i: " ".join(kept.fields[name] for name in WRITTEN[1:4]) for i, kept in present.items()}
        assert found["one"] == {i for i, said in texts.items() if "one" in said}


def without(snapshot: Snapshot, ids: set[int]) -> Mapping[int, dict[str, Any]]:
    """Return a library without those links that were destroyed."""
    return {link_id: values for link_id, values in snapshot.items() if link_id not in ids}
