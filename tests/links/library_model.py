"""A library as a plain value in memory, with what each act ought to make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linkhold.links import tags

TEXTS = ("title", "description", "notes")
STATES = ("unread", "archived", "shared")
WRITTEN = ("url", *TEXTS, "tags", *STATES)


@dataclass
class Kept:
    """A link as the model has it."""

    owner: int
    identity: str
    fields: dict[str, Any]
    trashed: bool = False


@dataclass
class Model:
    """The links of all accounts, and how each account writes its tags."""

    links: dict[int, Kept] = field(default_factory=dict)
    spelling: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, owner: int, some: Iterable[int] | None = None, *, trashed: bool | None = None) -> list[Kept]:
        """Return an owner's links, all or those of some ids, by whether they are in the trash."""
        ids = self.links.keys() if some is None else self.links.keys() & set(some)
        kept = [self.links[link_id] for link_id in sorted(ids)]
        return [each for each in kept if each.owner == owner and trashed in {None, each.trashed}]

    def by_identity(self, owner: int, identity: str) -> int | None:
        """Return the link of an identity."""
        return next(
            (i for i, each in self.links.items() if (each.owner, each.identity) == (owner, identity)), None
        )

    def spelled(self, owner: int, names: Sequence[str]) -> list[str]:
        """Return tags as the library writes them: as whoever wrote them first."""
        return tags.united([tags.respelled(name, self.spelling[owner]) for name in names], [])

    def retag(self, kept: Kept, names: Sequence[str]) -> None:
        """Give a link tags."""
        kept.fields["tags"] = list(names)
        for name in names:
            for key, part in tags.names(name).items():
                self.spelling[kept.owner].setdefault(key, part)

    def add(self, link_id: int, kept: Kept) -> None:
        """Add a link."""
        self.links[link_id] = kept
        self.retag(kept, self.spelled(kept.owner, kept.fields["tags"]))

    def merge(self, kept: Kept, sent: Mapping[str, Any]) -> None:
        """Save a known link again."""
        kept.trashed = False
        kept.fields |= {name: sent[name] for name in (*TEXTS, *STATES) if sent.get(name)}
        self.retag(kept, tags.united(kept.fields["tags"], self.spelled(kept.owner, sent.get("tags", []))))

    def unite(self, keep: int, others: Iterable[int]) -> None:
        """Make near-duplicates one."""
        kept, rest = self.links[keep].fields, [self.links[each] for each in sorted(others)]
        for other in rest:
            for name in TEXTS:
                known = {kept["title"], kept["description"], *kept["notes"].split("\n\n")}
                if kept[name] and not known.issuperset(other.fields[name].split("\n\n")):
                    kept["notes"] = "\n\n".join(filter(None, (kept["notes"], other.fields[name])))
                kept[name] = kept[name] or other.fields[name]
            kept["unread"] |= other.fields["unread"]
            kept["shared"] |= other.fields["shared"]
            kept["archived"] &= other.fields["archived"]
            self.retag(self.links[keep], tags.united(kept["tags"], other.fields["tags"]))
            other.trashed = True

    def tagged(self, owner: int, names: Iterable[str], *, trashed: bool | None = None) -> list[Kept]:
        """Return an owner's links that have one of these tags or one below it."""
        heads = [f"{tags.key(name)}/" for name in names]
        return [
            kept
            for kept in self.of(owner, trashed=trashed)
            if any(f"{tags.key(tag)}/".startswith(head) for tag in kept.fields["tags"] for head in heads)
        ]

    def replace_tags(self, owner: int, old: Sequence[str], new: str | None) -> None:
        """Rename tags, with those below them, or take them off (None)."""
        names = dict.fromkeys(map(tags.key, old), new)
        if new is not None and (tags.key(new) in names or not self.tagged(owner, [new], trashed=False)):
            names[tags.key(new)] = new
            self._respell(owner, new)
        known = self._known(owner, [*([new] if new else []), *old], names)
        for kept in self.of(owner):
            renamed = [_renamed(tag, names) for tag in kept.fields["tags"]]
            self.retag(kept, tags.united([tags.respelled(tag, known) for tag in renamed if tag], []))

    def _known(self, owner: int, heads: Iterable[str], names: Mapping[str, str | None]) -> dict[str, str]:
        """Return how tags below some are written, by key: those that stay have the first say."""
        below = [
            written
            for head in heads
            for key, written in sorted(self.spelling[owner].items())
            if f"{key}/".startswith(f"{tags.key(head)}/")
        ]
        known = {tags.key(name): name for name in below if _renamed(name, names) == name}
        for name in filter(None, (_renamed(name, names) for name in below)):
            known.setdefault(tags.key(name), name)
        return known

    def named(self, owner: int, old: Sequence[str], new: str) -> str:
        """Return how a new name of tags is written: as the library has it, or else as it was given."""
        if tags.key(new) not in set(map(tags.key, old)) and self.tagged(owner, [new], trashed=False):
            return self.spelled(owner, [new])[0]
        above, separator, last = new.rpartition("/")
        return f"{self.spelled(owner, [above])[0]}/{last}" if separator else new

    def _respell(self, owner: int, name: str) -> None:
        depth = len(name.split("/"))
        for key, written in self.spelling[owner].items():
            if f"{key}/".startswith(f"{tags.key(name)}/"):
                self.spelling[owner][key] = "/".join([name, *written.split("/")[depth:]])

    def counts(self, owner: int) -> dict[str, tuple[int, int]]:
        """Return on how many links each tag is, alone and with those below."""
        found: dict[str, tuple[int, int]] = {}
        for kept in self.of(owner, trashed=False):
            for key, (own, below) in tags.counts(kept.fields["tags"]).items():
                before = found.get(key, (0, 0))
                found[key] = (before[0] + own, before[1] + below)
        return found


def _renamed(tag: str, names: Mapping[str, str | None]) -> str | None:
    """Return what becomes of a tag; the nearest of those above it decides."""
    parts = tag.split("/")
    for depth in range(len(parts), 0, -1):
        key = tags.key("/".join(parts[:depth]))
        if key in names:
            name = names[key]
            return None if name is None else "/".join([name, *parts[depth:]])
    return tag
