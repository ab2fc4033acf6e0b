"""Runtime: one value with the parts that a process works with; made once, closed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Self, cast

from sqlalchemy import Engine, QueuePool
from sqlalchemy.orm import Session, sessionmaker

from linkhold import waiting
from linkhold.accounts import recent
from linkhold.accounts.passwords import Verifier
from linkhold.accounts.recent import RecentTokens
from linkhold.config import Settings
from linkhold.db import engine as engines
from linkhold.db import migrate
from linkhold.db.listening import Ear, Listener
from linkhold.db.pool import Direct
from linkhold.links import feed
from linkhold.links.counting import Counts
from linkhold.links.drafting import Drafting, Limits
from linkhold.links.estimating import Fresh
from linkhold.links.gathering import Gathering
from linkhold.postgres import server
from linkhold.postgres.lease import Lease
from linkhold.waiting import Bell, Waiters

# The command line needs a connection or two; only a web process needs one for each thread.
FEW_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class Runtime:
    """The settings, the database, and what is made from them."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    """Makes sessions for transactions."""
    readers: sessionmaker[Session]
    """Makes sessions in which each statement is its own transaction: no BEGIN, no COMMIT."""
    lend: Callable[[], AbstractContextManager[Direct]]
    """Lends a connection without SQLAlchemy's part, in autocommit."""
    drafting: Drafting
    listener: Listener
    recent_tokens: RecentTokens
    bell: Bell
    waiters: Waiters
    statistics: Fresh = field(default_factory=Fresh)
    counts: Counts = field(default_factory=Counts)
    passwords: Verifier = field(default_factory=Verifier)
    gathering: Gathering = field(default_factory=Gathering)
    lease: Lease | None = None
    """This process's use of the embedded PostgreSQL, when that is what is used."""

    @classmethod
    def open(
        cls, settings: Settings, *, say: Callable[[str], None], connections: int = FEW_CONNECTIONS
    ) -> Self:
        """Connect to the database of the settings, starting the embedded one if it does not run.

        `say` is told what takes long. Raises what `server.acquire` raises.
        """
        lease = None
        if settings.database_url is None:
            lease = server.acquire(settings.data_dir, say=say)
            url = lease.url
        else:
            url = settings.database_url.get_secret_value()
        engine = engines.make_engine(
            url,
            pool_size=connections,
            statement_timeout=settings.statement_timeout,
            pooled=settings.database_pooler != "none",
        )
        return cls.on(engine, settings, lease=lease)

    @classmethod
    def on(cls, engine: Engine, settings: Settings, *, lease: Lease | None = None) -> Self:
        """Return a runtime on an engine that exists."""
        listener = Listener(engine, straight=_straight_way(settings))
        recent_tokens = RecentTokens(lambda: listener.listening)
        forget = recent_tokens.forget
        listener.hear(recent.CHANNEL, Ear(told=lambda _: forget(), missed=forget))
        bell = Bell(engine)
        listener.hear(waiting.CHANNEL, bell.ear)
        return cls(
            settings=settings,
            engine=engine,
            sessions=sessionmaker(engines.transactional(engine), expire_on_commit=False),
            readers=sessionmaker(engine, expire_on_commit=False),
            lend=partial(engines.borrowed, engine),
            drafting=Drafting(limits(settings)),
            listener=listener,
            recent_tokens=recent_tokens,
            bell=bell,
            waiters=Waiters(min(settings.waiters, settings.threads - 1)),
            lease=lease,
        )

    def prepare(self) -> tuple[str | None, str]:
        """See that the database can be relied on, and migrate it; returns the revisions from and to."""
        engines.check(self.engine)
        outdated = migrate.pending(self.engine)
        if self.lease is not None and outdated is not None:
            # Whatever a migration may do wrong, what was there before it can be put back.
            self.lease.dump_unless_recent(f"schema-{outdated}")
        revisions = migrate.upgrade(self.engine)
        with engines.translated(), engines.transactional(self.engine).begin() as connection:
            feed.renew(connection)
        return revisions

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction; it is committed, durably, when the block ends without an error.

        Raises `DatabaseAway` when the database cannot be reached.
        """
        with engines.translated(), self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for statements that stand alone: a look-up, a page of a listing."""
        with engines.translated(), self.readers() as session:
            yield session

    @contextmanager
    def direct(self) -> Iterator[Direct]:
        """Lend a connection for a statement that every request pays for; see `engines.borrowed`."""
        with engines.translated(), self.lend() as connection:
            yield connection

    def connections_used(self) -> int:
        """Return how many connections of the pool are in use."""
        return cast("QueuePool", self.engine.pool).checkedout()

    def listen(self) -> None:
        """Hear what other processes tell, and tell them. For a process that serves; again after a fork."""
        # Through a pooler a LISTEN would stay on a connection that others use, and hear nothing.
        if self.settings.has_straight_way:
            self.listener.start()
        self.bell.start()

    def forked(self) -> None:
        """Make the copy in a process that was just forked fit for use: connections are not inherited."""
        self.engine.dispose(close=False)
        if self.lease is not None:
            self.lease.forked()

    def close(self, *, within: float = math.inf) -> None:
        """Give back the connections, and the embedded server if this was its last user.

        Its end is waited for up to so many seconds; after them it ends by itself.
        """
        self.listener.stop()
        self.bell.stop()
        self.engine.dispose()
        if self.lease is not None:
            self.lease.close(within=within)


def _straight_way(settings: Settings) -> Callable[[], AbstractContextManager[Direct]] | None:
    """Return what opens a connection past the pooler; None where the settings name no such way."""
    if settings.database_direct_url is None:
        return None
    url = engines.driver_url(settings.database_direct_url.get_secret_value(), setting="database_direct_url")
    return partial(engines.opened, url, statement_timeout=settings.statement_timeout)


def limits(settings: Settings) -> Limits:
    """Return the limits on a link that the settings name."""
    return Limits(
        url=settings.max_url_length,
        title=settings.max_title_length,
        description=settings.max_description_length,
        notes=settings.max_notes_length,
        tags=settings.max_tags,
        tag=settings.max_tag_length,
        schemes=frozenset(settings.url_schemes.split(",")),
    )
