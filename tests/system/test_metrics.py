"""Metrics of several processes: whichever is asked tells the numbers of all."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhold import keys
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


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_every_process_tells_the_numbers_of_all(make_served: Callable[..., Served], server: str) -> None:
    served = make_served(environment={"LINKHOLD_WORKERS": "3"})
    if server == "gunicorn":
        config = Path(__file__).parents[2] / "deploy/gunicorn.conf.py"
        served.command = [
            str(Path(served.command[0]).parent / "gunicorn"),
            *("--config", str(config), "--workers", "3", "--bind", f"127.0.0.1:{served.port}"),
            "linkhold.wsgi:app",
        ]
    served.start()
    served.run("key", "show", "metrics")
    for number in range(30):
        assert served.request("POST", "/api/v1/links", {"url": f"https://example.com/{number}"})[0] == 201
    for _ in range(12):
        assert total(asked(served), "linkhold_saves_total") == 30
    if server == "granian":
        workers = served.workers()
        workers[0].kill()
        workers[0].wait(10)
        served.wait_ready()
        text = asked(served)
        assert total(text, "linkhold_saves_total") == 30, "what a killed process counted is still true"
        assert total(text, "linkhold_pool_connections") <= 3 * 8 * 2
    assert served.stop() == 0
