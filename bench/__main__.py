"""The command of the bench: `python -m bench saves`, or another measure, or all of them."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
from pathlib import Path

import click

from bench import machine
from bench.adapters import ADAPTERS
from bench.contestant import Shape
from bench.load import Load
from bench.measures import MEASURES
from bench.plan import Plan
from bench.report import progress
from linkhold.config import Settings

DEFAULTS = Settings()


def sizes(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, ...]:
    """Read numbers with commas between."""
    return tuple(int(each) for each in value.split(","))


@click.command(context_settings={"show_default": True})
@click.argument("measure", type=click.Choice([*MEASURES, "all"]))
@click.option("--seconds", default=10.0, help="How long a turn of saves is.")
@click.option("--warm-up", default=3.0, help="Seconds of saves before it that do not count.")
@click.option("--connections", default=16, help="How many requests are under way at once.")
@click.option("--rounds", default=5, help="How often each has its turn.")
@click.option("--only", multiple=True, type=click.Choice(list(ADAPTERS)), help="Who; can be given again.")
@click.option("--rows", default=10_000, help="How many saves `first` is about.")
@click.option("--sizes", default="10000,100000", callback=sizes, help="How long the lists of `list` are.")
@click.option("--many", default=1_000_000, help="How many links `million` begins with.")
@click.option("--workers", default=DEFAULTS.workers, help="Processes of Linkhold and of bare Flask.")
@click.option("--threads", default=DEFAULTS.threads, help="Threads of each.")
@click.option("--quiet", type=float, help="Repeat turns in which others kept more cores than this busy.")
@click.option(
    "--directory",
    default=Path(tempfile.gettempdir()),
    type=click.Path(exists=True, file_okay=False, writable=True, resolve_path=True, path_type=Path),
    help="Where the databases are made, and removed at the end: a real disk.",
)
def main(  # noqa: PLR0913, PLR0917 - each option is an argument
    measure: str,
    seconds: float,
    warm_up: float,
    connections: int,
    rounds: int,
    only: tuple[str, ...],
    rows: int,
    sizes: tuple[int, ...],
    many: int,
    workers: int,
    threads: int,
    quiet: float | None,
    directory: Path,
) -> None:
    """Measure, and print the result as Markdown."""
    # Told to end, it still stops what it has started, and removes what it has made.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    load = Load(connections=connections, seconds=seconds, warm_up=warm_up)
    plan = Plan(directory, Shape(workers, threads), load, rounds, only, rows, sizes, many, quiet)
    if not machine.keeps(directory):
        progress(f"{directory} is in memory: a durable save costs nothing there. Give another --directory.")
    print(f"    python -m bench {shlex.join(sys.argv[1:])}\n\n{machine.describe(directory)}\n")
    for name in only or ADAPTERS:
        print(f"- **{name}**: {ADAPTERS[name].note}")
    for name in MEASURES if measure == "all" else [measure]:
        progress(name)
        print(f"\n{MEASURES[name](plan)}", flush=True)


main()
