"""The acts against a plain model in memory: whatever the order, a library is what the model says.

`library_model` is the model, and `library_machine` has what must hold after each act; `library_tags` and
`library_undos` are acts too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import multiple, rule, run_state_machine_as_test
from sqlalchemy import Connection, Engine

from conftest import ORIGIN
from linkhold.db.engine import transactional
from linkhold.errors import BadInput, Conflict, NotFound
from linkhold.links import (
    bulk,
    duplicates,
    editing,
    identities,
    inbox,
    sharing,
    tag_counts,
    tags,
    trash,
)
from linkhold.links.bulk import BulkEdit
from linkhold.links.identity import VERSION, Identity
from linkhold.links.models import Link
from linkhold.links.shares import Share
from links.library_machine import DRAFTING, WHO, Libraries
from links.library_tags import TagActs
from links.library_undos import Undos

# Few of each, so that saves meet; each pair of a row has one identity.
URL = [
    *("https://a.example/", "HTTPS://A.example:443/?utm_source=x"),
    *("https://b.example/x", "https://b.example/%78"),
    *("https://c.example/", "https://c.example/?fbclid=1#"),
]
URLS = st.sampled_from(URL)
WORDS = st.sampled_from(["", "one", "two", "Zwölf", "🐘"])
TAGS = st.lists(st.sampled_from(["a", "A", "b", "c/d", "C/D/e"]), max_size=3)
STATE = st.booleans()
FIELDS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("title", "description", "notes"), WORDS)
    | dict.fromkeys(("unread", "archived", "shared"), STATE)
    | {"tags": TAGS},
)
# What a newer rule may say: the same, one host for two, each the host of the next.
RULES: dict[str, dict[str, str]] = {
    "same": {},
    "one": {"//a.": "//b.", "/x": "/"},
    "round": {"//a.": "//b.", "//b.": "//c.", "//c.": "//a."},
}


class Library(TagActs, Undos):
    """What can be done to two libraries; acts on tags and undos have files of their own."""

    links = Libraries.links
    version = VERSION

    @rule(target=links, who=WHO, url=URLS, fields=FIELDS)
    def save(self, who: int, url: str, fields: dict[str, Any]) -> Any:
        known = set(self.model.links)
        link_id = self.saved(self.owners[who], DRAFTING.draft(url, **fields))
        return multiple() if link_id in known else link_id

    @rule(target=links, who=WHO, urls=st.lists(URLS, min_size=1, max_size=3), names=TAGS, unread=STATE)
    def share(self, who: int, urls: list[str], names: list[str], *, unread: bool) -> Any:
        owner, share = self.owners[who], Share(text="\n".join(urls), tags=names, unread=unread)
        known = set(self.model.links)
        shared = sharing.share(self.session, owner, share, drafting=DRAFTING, origin=ORIGIN)
        before = {i: set(self.model.links[i].fields["tags"]) for i in known}
        self.follow(owner)
        for link in (each.saved.link for each in shared.links):
            kept = self.model.links[link.id]
            keys = {tags.key(tag) for tag in kept.fields["tags"]}
            assert keys >= {tags.key(tag) for tag in (*names, *before.get(link.id, ()))}
            assert (kept.trashed, kept.fields["unread"] or not unread) == (False, True)
        return multiple(*sorted(set(self.model.links) - known))

    @rule(target=links, who=WHO, url=URLS)
    def keep_a_text_and_make_it_a_link(self, who: int, url: str) -> Any:
        owner, known = self.owners[who], set(self.model.links)
        share = Share(text="two words")
        item = sharing.share(self.session, owner, share, drafting=DRAFTING, origin=ORIGIN).item
        assert item is not None
        assert [each.id for each in inbox.newest(self.session, self._other(owner), limit=9)] == []
        inbox.make_link(self.session, owner, item.id, url, drafting=DRAFTING, origin=ORIGIN)
        assert inbox.newest(self.session, owner, limit=9) == []
        self.follow(owner)
        return multiple(*sorted(set(self.model.links) - known))

    @rule(link=links, by_owner=STATE, fields=FIELDS, url=st.none() | URLS)
    def edit(self, link: int, *, by_owner: bool, fields: dict[str, Any], url: str | None) -> None:
        sent, kept = DRAFTING.edit(**fields, url=url), self.model.links.get(link)
        if kept is None or not by_owner:
            owner = self.owners[0] if kept is None else self._other(kept.owner)
            with pytest.raises(NotFound):
                editing.edit(self.session, owner, link, sent, origin=ORIGIN)
            return
        holder = self.model.by_identity(kept.owner, sent.identity.text) if sent.identity else None
        if kept.trashed or holder not in {None, link}:
            with pytest.raises(Conflict):
                editing.edit(self.session, kept.owner, link, sent, origin=ORIGIN)
            return
        editing.edit(self.session, kept.owner, link, sent, origin=ORIGIN)
        kept.fields |= {name: getattr(sent, name) for name in (*fields, *(["url"] if url else []))}
        if sent.tags is not None:
            self.model.retag(kept, self.model.spelled(kept.owner, sent.tags))
        kept.identity = sent.identity.text if sent.identity else kept.identity

    @rule(link=links, by_owner=STATE, restoring=STATE)
    def trash_or_restore(self, link: int, *, by_owner: bool, restoring: bool) -> None:
        kept = self.model.links.get(link)
        act: Callable[..., Link] = trash.restore if restoring else trash.trash
        if kept is None or not by_owner:
            owner = self.owners[0] if kept is None else self._other(kept.owner)
            with pytest.raises(NotFound):
                act(self.session, owner, link, origin=ORIGIN)
            return
        try:
            act(self.session, kept.owner, link, origin=ORIGIN)
        except Conflict:
            assert " " in kept.identity, "only one that gave way stays in the trash"
            return
        kept.trashed = not restoring
        self.follow(kept.owner)

    @rule(who=WHO, some=st.lists(links, max_size=4), restoring=STATE)
    def trash_or_restore_many(self, who: int, some: list[int], *, restoring: bool) -> None:
        owner = self.owners[who]
        mine = self.model.of(owner, some, trashed=restoring)
        act = bulk.restore if restoring else bulk.trash
        assert act(self.session, owner, some, origin=ORIGIN).links <= len(mine)
        for kept in mine:
            kept.trashed = " " in kept.identity if restoring else True
        if any(" " in kept.identity for kept in mine):
            self.follow(owner)

    @rule(who=WHO)
    def empty_the_trash(self, who: int) -> None:
        owner = self.owners[who]
        thrown = [i for i, kept in self.model.links.items() if (kept.owner, kept.trashed) == (owner, True)]
        assert trash.empty(self.session, owner) == len(thrown)
        for link_id in thrown:
            del self.model.links[link_id]

    @rule(who=WHO, some=st.lists(links, max_size=4), add=TAGS, remove=TAGS, archived=st.none() | STATE)
    def edit_many(
        self, who: int, some: list[int], add: list[str], remove: list[str], *, archived: bool | None
    ) -> None:
        owner, wanted = self.owners[who], BulkEdit(add_tags=add, remove_tags=remove, archived=archived)
        if not add and not remove and archived is None:
            with pytest.raises(BadInput):
                bulk.edit(self.session, owner, some, wanted, origin=ORIGIN)
            return
        bulk.edit(self.session, owner, some, wanted, origin=ORIGIN)
        gone, added = {tags.key(tag) for tag in remove}, self.model.spelled(owner, add)
        for kept in self.model.of(owner, some, trashed=False):
            left = [tag for tag in kept.fields["tags"] if tags.key(tag) not in gone]
            self.model.retag(kept, tags.united(left, added))
            kept.fields["archived"] = kept.fields["archived"] if archived is None else archived

    @rule(who=WHO, keep=links, others=st.lists(links, min_size=1, max_size=2))
    def merge_near_duplicates(self, who: int, keep: int, others: list[int]) -> None:
        owner, rest = self.owners[who], set(others) - {keep}
        if not rest or len(self.model.of(owner, {keep, *rest}, trashed=False)) <= len(rest):
            with pytest.raises(NotFound if rest else BadInput):
                duplicates.merge(self.session, owner, keep, others, origin=ORIGIN)
            return
        duplicates.merge(self.session, owner, keep, others, origin=ORIGIN)
        self.model.unite(keep, rest)

    @rule(who=WHO, name=st.sampled_from(sorted(RULES)))
    def compute_identities_anew(self, who: int, name: str) -> None:
        """No tag is lost, and each link that is left has what the rule says of its URL."""
        owner, table = self.owners[who], RULES[name]
        self.version += 1

        def newer(url: str) -> Identity:
            text = identities.current_rule(url).text
            old = next((each for each in table if each in text), None)
            return Identity(text if old is None else text.replace(old, table[old]), self.version)

        before = self.model.counts(owner).keys()
        rule, version = newer, self.version
        identities.recompute(self.session, owner, origin=ORIGIN, rule=rule, version=version)
        self.follow(owner)
        assert before <= self.model.counts(owner).keys()
        for kept in self.model.of(owner, trashed=False):
            assert kept.identity == newer(kept.fields["url"]).text

    @rule(who=WHO)
    def fold_the_counts(self, who: int) -> None:
        tag_counts.fold(self.session, self.owners[who])

    def _other(self, owner: int) -> int:
        return self.owners[1 - self.owners.index(owner)]


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transactional(engine).connect() as connection:
        yield connection


def test_the_acts_agree_with_the_model(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Library, "connection", connection, raising=False)
    run_state_machine_as_test(
        Library,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
