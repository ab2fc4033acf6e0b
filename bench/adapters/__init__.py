"""The contestants, by name. A peer is one file here and one line in this table."""

from __future__ import annotations

from bench.adapters.bare_flask import BareFlask, BareFlaskSameRows, BareFlaskSqlalchemy
from bench.adapters.linkhold import Linkhold, LinkholdMinimal
from bench.adapters.pgbench import PgbenchBare, PgbenchLinkhold
from bench.adapters.tutorial import Tutorial
from bench.contestant import Contestant

ADAPTERS: dict[str, type[Contestant]] = {
    each.name: each
    for each in (
        Linkhold,
        LinkholdMinimal,
        BareFlask,
        BareFlaskSqlalchemy,
        BareFlaskSameRows,
        Tutorial,
        PgbenchLinkhold,
        PgbenchBare,
    )
}
