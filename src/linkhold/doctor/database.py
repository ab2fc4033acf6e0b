"""The database: durable, up to date, with room for everybody, and in agreement about the time."""

from __future__ import annotations

from collections.abc import Iterator

from linkhold import clock
from linkhold.config import Settings, variable
from linkhold.db import migrate
from linkhold.db.engine import OLDEST_POSTGRES, session_settings
from linkhold.db.vitals import Conditions
from linkhold.doctor.finding import Finding, fault, ok, warning

SECONDS_APART = 5.0
RESERVED_CONNECTIONS = 5
DURABLE = {"fsync": ("on",), "full_page_writes": ("on",)}
SYNCHRONOUS = ("on", "local", "remote_write", "remote_apply")


def examine(settings: Settings, found: Conditions) -> Iterator[Finding]:
    """Look at what the database told of itself."""
    yield _version(found)
    yield _schema(found)
    yield _writes(found)
    for name, good in DURABLE.items():
        value = found.settings[name]
        if value in good:
            yield ok("durability", f"{name} = {value}")
        else:
            yield fault(
                "durability", f"{name} = {value}", f"Set {name} = on: a crash can lose what was saved."
            )
    yield _synchronous(found)
    yield _standbys(found)
    yield _checksums(found)
    yield _role(found)
    yield _autovacuum(found)
    yield _connections(settings, found)
    yield _session(settings, found)
    yield _time(found)


def examine_straight_way(settings: Settings, *, heard: bool) -> Iterator[Finding]:
    """Look whether what is told through a pooler is `heard` past it; without one there is nothing to say."""
    name = variable("database_direct_url")
    if settings.database_pooler == "none":
        return
    if settings.database_direct_url is None:
        yield warning(
            "pooler",
            "nobody can listen through it: tokens are looked up for every request, and who waits for a"
            " change that another process makes hears of it late",
            f"Let {name} name the same database without the pooler.",
        )
    elif heard:
        yield ok("pooler", f"what is told through it is heard at {name}")
    else:
        yield fault(
            "pooler",
            f"what is told through it is not heard at {name}",
            "Is the database to be reached there? It must be the same one, without the pooler.",
        )


def _version(found: Conditions) -> Finding:
    major = int(found.settings["server_version_num"]) // 10000
    state = f"PostgreSQL {found.settings['server_version']}"
    if major < OLDEST_POSTGRES:
        return fault("PostgreSQL", state, f"Upgrade it: Linkhold needs {OLDEST_POSTGRES} or later.")
    return ok("PostgreSQL", state)


def _schema(found: Conditions) -> Finding:
    standing = found.standing
    if standing.is_served:
        newer = "" if standing.revision == migrate.head() else ", newer than ours, and fit for it"
        return ok("schema", f"{standing.revision}, up to date{newer}")
    return fault("schema", f"{standing.revision or 'none'}, not {migrate.head()}", standing.advice)


def _writes(found: Conditions) -> Finding:
    if not found.read_only:
        return ok("writes", "the database takes saves")
    return fault(
        "writes",
        "the database takes no saves: it is a standby, or default_transaction_read_only is on",
        f"Let {variable('database_url')} name the primary, or set default_transaction_read_only = off.",
    )


def _synchronous(found: Conditions) -> Finding:
    value = found.settings["synchronous_commit"]
    if value in SYNCHRONOUS:
        return ok("durability", f"synchronous_commit = {value}")
    return warning(
        "durability",
        "synchronous_commit = off; Linkhold turns it on for itself",
        "ALTER ROLE … SET synchronous_commit = on, so that other programs of the role are safe too.",
    )


def _standbys(found: Conditions) -> Finding:
    names = found.settings["synchronous_standby_names"]
    if names and not found.standbys:
        return fault(
            "durability",
            f"synchronous_standby_names = {names}, and no standby is connected: every save waits for one",
            "Bring the standby back, or clear synchronous_standby_names and reload PostgreSQL.",
        )
    return ok("durability", f"{found.standbys} standbys" if names else "saves wait for no standby")


def _checksums(found: Conditions) -> Finding:
    if found.settings["data_checksums"] == "on":
        return ok("durability", "data_checksums = on")
    return warning(
        "durability",
        "data_checksums = off",
        "Stop PostgreSQL and run pg_checksums --enable, so that a disk that decays is noticed.",
    )


def _role(found: Conditions) -> Finding:
    if found.superuser:
        return warning(
            "privileges", f"the role {found.role} is a superuser", f"ALTER ROLE {found.role} NOSUPERUSER"
        )
    return ok("privileges", f"the role {found.role} is no superuser")


def _autovacuum(found: Conditions) -> Finding:
    if found.settings["autovacuum"] == "on":
        return ok("upkeep", "autovacuum = on")
    return fault(
        "upkeep", "autovacuum = off", "Set autovacuum = on: without it searches slow down, and it ends."
    )


def _connections(settings: Settings, found: Conditions) -> Finding:
    if settings.database_pooler != "none":
        return ok("connections", "a pooler keeps PostgreSQL's few")
    most = int(found.settings["max_connections"])
    # The pool's, and one that listens for notifications.
    needed = settings.workers * (settings.pool_size + 1) + RESERVED_CONNECTIONS
    state = f"{needed} connections may be wanted, PostgreSQL allows {most}"
    if needed > most:
        names = f"{variable('workers')} × ({variable('threads')} + 3)"
        return fault("connections", state, f"Raise max_connections, or lower {names}.")
    return ok("connections", state)


def _session(settings: Settings, found: Conditions) -> Finding:
    """See that a connection is set as we set it: a pooler may not let us, and then the role must be."""
    wanted = session_settings(settings.statement_timeout)
    other = [name for name, value in wanted.items() if found.settings[name] != str(value)]
    if other:
        return warning(
            "connections",
            "not set as Linkhold sets them: "
            + ", ".join(f"{name} = {found.settings[name]}" for name in other),
            "Give the role what a pooler does not pass on: deploy/postgresql/role.sql",
        )
    return ok("connections", "time-outs and memory are set as Linkhold sets them")


def _time(found: Conditions) -> Finding:
    apart = abs((clock.now() - found.now).total_seconds())
    if apart > SECONDS_APART:
        return fault(
            "clock",
            f"this machine and the database are {apart:.0f} seconds apart",
            "Let both keep time: timedatectl set-ntp true",
        )
    return ok("clock", "this machine and the database agree")
