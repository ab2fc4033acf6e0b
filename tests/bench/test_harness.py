"""The bench can be run, and tells the truth about a server whose behaviour is known."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.adapters import ADAPTERS
from bench.adapters.linkhold import Linkhold
from bench.addresses import address
from bench.answers import Answer
from bench.contestant import Shape, WebContestant
from bench.load import Load
from bench.measures import MEASURES, bulk, memory, migrate, pages, search
from bench.plan import Plan, running
from bench.request import Request, json_save

from bench import footprint, load, meanwhile, report

ROOT = Path(__file__).parents[2]
SHAPE = Shape(workers=1, threads=2)


class Tiny(WebContestant):
    """A peer, as `bench/README.md` shows one."""

    name = "tiny"
    note = "It keeps lines in a file."

    def command(self) -> list[str]:
        return [
            sys.executable,
            str(Path(__file__).parent / "tiny.py"),
            str(self.port),
            str(self.place / "kept"),
        ]

    def saving(self) -> Request:
        return json_save("/links")

    def listing(self) -> Request:
        return Request("GET", "/links")


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Tiny]:
    with running(Tiny(tmp_path / "tiny", SHAPE)) as contestant:
        assert isinstance(contestant, Tiny)
        yield contestant


def kept(tiny: Tiny) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", tiny.port, timeout=10)
    connection.request("GET", "/links")
    answer: list[str] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@pytest.mark.parametrize("path", ["/links", "/chunked", "/closing"])
def test_each_address_is_sent_once_however_answers_end(tiny: Tiny, path: str) -> None:
    sample = load.run(Load(connections=3, count=40, first=7), json_save(path), tiny.port)
    assert sample.sent == len(sample.latencies) == 40
    assert not sample.errors
    assert sorted(kept(tiny)) == [address(number) for number in range(7, 47)]


def test_a_wrong_status_is_an_error_and_no_save(tiny: Tiny) -> None:
    sample = load.run(Load(connections=1, count=30), json_save("/sometimes"), tiny.port)
    assert sample.errors == {"status 503": 10}
    assert len(sample.latencies) == 20


def test_a_server_that_has_gone_is_no_result(tiny: Tiny) -> None:
    tiny.stop()
    with pytest.raises(RuntimeError, match="ConnectionRefusedError"):
        load.run(Load(connections=2), json_save("/links"), tiny.port)


def test_a_load_lasts_as_long_as_it_is_told_without_the_warm_up(tiny: Tiny) -> None:
    sample = load.put(Load(connections=2, seconds=2, warm_up=0.5), tiny.saving(), tiny.port)
    assert sample.seconds >= 2
    assert 0 < len(sample.latencies) < sample.sent
    assert 0 < sample.percentile(50) <= sample.percentile(99) <= sample.percentile(100)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n12345",
        b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0\\r\\\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_an_answer_is_whole_with_its_last_byte_and_not_before(sent: bytes) -> None:
    answer = Answer()
    assert [answer.feed(sent[at : at + 1]) for at in range(len(sent))] == [False] * (len(sent) - 1) + [True]
    assert Answer().feed(sent)


def test_an_answer_that_is_cut_off_is_not_whole() -> None:
    answer = Answer()
    assert not answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123")
    assert not answer.feed(b"")


def test_a_peer_of_a_few_lines_goes_through_every_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ADAPTERS, "tiny", Tiny)
    monkeypatch.setattr(memory, "REST_SECONDS", 0.1)
    short = Load(connections=2, seconds=1, warm_up=0.0)
    plan = Plan(tmp_path, SHAPE, short, rounds=1, only=("tiny",), rows=20, sizes=(10, 20), many=10)
    for name, measure in MEASURES.items():
        if name in {"search", "pages", "bulk", "migrate"}:
            continue  # they are about Linkhold alone
        rows = [line for line in measure(plan).splitlines() if line.startswith("| tiny")]
        assert len(rows) == (2 if name in {"list", "million"} else 1), name
        assert not any(cell == "0" for row in rows for cell in row.split(" | ")[1:3]), name
    assert not list(tmp_path.iterdir())


# What measures Linkhold itself starts it without settings, and so with its own PostgreSQL.
@pytest.mark.embedded
def test_searches_of_every_kind_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "EACH", 2)
    monkeypatch.setattr(search, "ACCOUNTS", 3)
    found = search.measure(Plan(tmp_path, SHAPE, Load(), many=60))
    for kind in search.searches():
        assert found.count(f"| {kind.name} |") == 2


@pytest.mark.embedded
def test_pages_are_measured_with_all_that_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "EACH", 2)
    found = pages.measure(Plan(tmp_path, SHAPE, Load(), many=600))
    [small, large] = [line for line in found.splitlines() if "| the library |" in line]
    for row in (small, large):
        *_, page, whole = (float(cell) for cell in row.strip("| ").split(" | ")[3:])
        assert 1 < page < whole < 60, "what a phone has to fetch at first"


@pytest.mark.embedded
def test_a_bulk_edit_is_measured_with_the_saves_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meanwhile, "TURN_SECONDS", 0.2)
    found = bulk.measure(Plan(tmp_path, SHAPE, Load(), edited=50))
    assert "| bulk edit of " in found
    assert "| its undo, " in found


@pytest.mark.embedded
def test_a_migration_is_measured_with_the_saves_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meanwhile, "TURN_SECONDS", 0.2)
    found = migrate.measure(Plan(tmp_path, SHAPE, Load(), many=20))
    rows = [line for line in found.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 2 + len(migrate.STEPS)
    assert all(row.endswith("| 0 |") for row in rows), "no save failed"


@pytest.mark.embedded
def test_filling_leaves_behind_what_saves_would(tmp_path: Path) -> None:
    contestant = Linkhold(tmp_path / "linkhold", SHAPE)
    contestant.prepare()
    with running(contestant):
        contestant.fill(20)
        assert contestant.load(Load(connections=2, count=20)).errors == {"status 200": 20}
        assert not contestant.load(Load(connections=2, count=20, first=20)).errors
        database = {each.pid for each in contestant.database_processes()}
        assert database
        assert not database & {each.pid for each in contestant.web_processes()}


@pytest.mark.embedded
def test_the_command_prints_a_table_and_what_it_was_measured_on(tmp_path: Path) -> None:
    arguments = ["saves", "--only", "pgbench-bare", "--seconds", "1", "--warm-up", "0", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments, "--directory", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "| pgbench-bare | " in done.stdout
    assert "PostgreSQL 18" in done.stdout


def test_a_spread_shows_the_median_between_the_extremes() -> None:
    assert report.spread([1200, 1000, 5000.4]) == "1,200 (1,000-5,000)"
    assert report.spread([0.257], digits=2) == "0.26"
    assert report.spread([]) == "-"


def test_memory_is_counted_in_bytes(tiny: Tiny) -> None:
    processes = tiny.web_processes()
    footprint.forget_peaks(processes)
    assert 2**20 < footprint.proportional(processes) <= footprint.resident(processes)
    assert footprint.resident(processes) <= footprint.peaks(processes) < 2**30
