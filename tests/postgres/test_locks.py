"""Who waits for another process is told of it, and need not wait for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from linkhold.postgres import locks
from patience import until

pytestmark = pytest.mark.embedded


def test_a_wait_for_another_process_is_spoken_of(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_SPEAK_AFTER", 0.1)
    entered = threading.Event()

    def hold() -> None:
        with locks.exclusive(tmp_path / "lock", print):
            entered.set()
            until(lambda: said)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    with locks.exclusive(tmp_path / "lock", said.append):
        pass
    holder.join()
    assert said == ["Waiting for another linkhold process that is starting or stopping PostgreSQL."]


def test_a_wait_can_have_an_end(tmp_path: Path) -> None:
    with (
        locks.exclusive(tmp_path / "lock", print),
        pytest.raises(locks.Busy),
        locks.exclusive(tmp_path / "lock", print, seconds=0.05),
    ):
        pass
