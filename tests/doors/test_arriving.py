"""A body is read in pieces, and it is known who waits for one."""

from __future__ import annotations

import io
import threading
import time

import pytest

from linkhold.doors import arriving
from linkhold.doors.arriving import PIECE, Arriving
from patience import until

BODY = bytes(range(256)) * (PIECE // 100)


@pytest.mark.parametrize("size", [-1, 0, 1, PIECE, PIECE + 1, len(BODY) + 5])
def test_what_is_asked_for_is_read_and_not_more(size: int) -> None:
    source = io.BytesIO(BODY)
    asked = len(BODY) if size < 0 else size
    assert Arriving(source).read(size) == BODY[:asked]
    assert source.tell() == min(asked, len(BODY))


class Slow(io.BytesIO):
    """A client that sends the next piece when it is let."""

    def __init__(self) -> None:
        super().__init__(BODY)
        self.let = threading.Semaphore(0)

    def read(self, size: int | None = -1, /) -> bytes:
        self.let.acquire()
        return super().read(size)


def test_who_waits_for_a_piece_is_counted_from_the_last_one_on() -> None:
    slow = Slow()
    reader = threading.Thread(target=Arriving(slow).read)
    reader.start()
    while not arriving.stuck(0.1):
        time.sleep(0.01)
    assert (arriving.stuck(0.1), arriving.stuck(30)) == (1, 0)
    began = time.monotonic()
    slow.let.release()
    while slow.tell() == 0:
        time.sleep(0.001)
    until(lambda: arriving.stuck(time.monotonic() - began) == 0)
    for _ in range(len(BODY) // PIECE + 1):
        slow.let.release()
    reader.join()
    assert arriving.stuck(0) == 0
