"""Metrics of several processes: whichever is asked tells the numbers of all."""

from __future__ import annotations

import errno
import http.client
import os
import re
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from linkhold import config, keys
from linkhold.cli import counting
from patience import until
from system.served import Served


def total(text: str, name: str) -> float:
    return sum(
        float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? ([0-9.e+]+)$", text, re.MULTILINE)
    )


def asked(served: Served) -> str:
    """Ask on a connection of its own, which any of the processes may take."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    key = keys.path(served.data, keys.METRICS).read_text().strip()
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200, text
    return text


def on_gunicorn(served: Served, *, workers: int) -> list[str]:
    """Return the command that serves by gunicorn, with the configuration that we hand out."""
    return [
        str(Path(served.command[0]).parent / "gunicorn"),
        *("--config", str(Path(__file__).parents[2] / "deploy/gunicorn.conf.py")),
        *("--workers", str(workers), "--bind", f"127.0.0.1:{served.port}", "linkhold.wsgi:app"),
    ]


def are_gone(pids: set[int], served: Served) -> bool:
    return not pids & {worker.pid for worker in served.workers()}


def are_reserved(served: Served, count: int) -> bool:
    """Tell whether so many files are there, none with a hole; each process makes its own as it loads."""
    files = [file.stat() for file in (served.data / "metrics").glob("*/*.db")]
    return len(files) >= count and all(each.st_blocks * 512 >= each.st_size > 0 for each in files)


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_every_process_tells_the_numbers_of_all(make_served: Callable[..., Served], server: str) -> None:
    served = make_served(environment={"LINKHOLD_WORKERS": "3"})
    if server == "gunicorn":
        served.command = on_gunicorn(served, workers=3)
    served.start()
    served.run("key", "show", "metrics")
    for number in range(30):
        assert served.request("POST", "/api/v1/links", {"url": f"https://example.com/{number}"})[0] == 201
    for _ in range(12):
        assert total(asked(served), "linkhold_saves_total") == 30
    if server == "granian":
        # On a full disk, writing to what was not reserved would kill the process.
        until(partial(are_reserved, served, 3 * 3))
        # A process that makes its files at this moment; this one lives.
        [directory] = (served.data / "metrics").iterdir()
        (directory / f"counter_{os.getpid()}.db").touch()
        assert total(asked(served), "linkhold_saves_total") == 30
        workers = served.workers()
        workers[0].kill()
        workers[0].wait(90)
        served.wait_ready()
        text = asked(served)
        assert total(text, "linkhold_saves_total") == 30, "what a killed process counted is still true"
        assert total(text, "linkhold_pool_connections") <= 3 * 8 * 2
    assert served.stop() == 0
    assert list((served.data / "metrics").glob("*")) == []


def test_gunicorns_workers_end_and_the_next_still_share_their_metrics(
    make_served: Callable[..., Served], tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    served = make_served(environment={"TMPDIR": str(temporary)})
    served.command = on_gunicorn(served, workers=2)
    served.start()
    served.run("key", "show", "metrics")
    assert served.process is not None
    for number in range(2):
        before = {worker.pid for worker in served.workers()}
        served.process.send_signal(signal.SIGHUP)
        until(partial(are_gone, before, served))
        served.wait_ready()
        assert served.request("POST", "/api/v1/links", {"url": f"https://example.com/{number}"})[0] == 201
        assert total(asked(served), "linkhold_saves_total") == number + 1
    assert served.stop() == 0
    assert list(temporary.iterdir()) == []


def test_what_a_killed_server_shared_is_removed_by_the_next_and_nothing_is_left_in_tmp(
    make_served: Callable[..., Served], tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    served = make_served(environment={"TMPDIR": str(temporary)})
    served.start()
    served.kill()
    served.start()
    assert served.process is not None
    assert [path.name for path in (served.data / "metrics").iterdir()] == [str(served.process.pid)]
    assert served.stop() == 0
    assert list((served.data / "metrics").glob("*")) == []
    assert list(temporary.iterdir()) == []


def test_where_nothing_can_be_written_it_serves_and_counts_all_the_same(
    make_served: Callable[..., Served], tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    served = make_served(environment={"TMPDIR": str(temporary)})
    served.data.mkdir(exist_ok=True)
    (served.data / "metrics").write_text("in the way")
    served.start()
    assert served.request("POST", "/api/v1/links", {"url": "https://example.com/"})[0] == 201
    served.run("key", "show", "metrics")
    assert total(asked(served), "linkhold_saves_total") == 1
    assert served.stop() == 0
    assert list(temporary.iterdir()) == []


def test_on_a_disk_without_room_a_web_process_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Writing to a mapped file would kill it."""
    monkeypatch.setenv(config.METRICS_DIRECTORY, str(tmp_path))
    counting.join(tmp_path)
    assert config.metrics_directory() == str(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    counting.join(tmp_path)
    assert config.metrics_directory() is None
    assert list(tmp_path.iterdir()) == []
