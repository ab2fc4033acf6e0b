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


class Answer(list[bytes]):
    closed = False

    def close(self) -> None:
        self.closed = True


LENGTH = {"CONTENT_LENGTH": str(len(BODY))}
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}
TWICE = BODY + BODY


def lingered(source: object, environ: dict[str, str], *, most: int = len(TWICE)) -> Answer:
    """Send an answer, as a server does, and return it."""
    answer = Answer([b"re", b"fused"])
    sent = arriving.lingering(answer, {"wsgi.input": source, **environ}, most=most)
    assert b"".join(sent) == b"refused"
    sent.close()  # type: ignore[attr-defined]  # an answer may have it, by PEP 3333
    return answer


def rest(environ: dict[str, str], *, most: int = len(TWICE)) -> bytes:
    """Return what of a body is left when an answer that did not look at it was sent."""
    source = io.BytesIO(TWICE)
    assert lingered(source, environ, most=most).closed
    return source.read()


def test_what_was_not_read_before_the_answer_is_read_after_it() -> None:
    assert rest(LENGTH) == BODY
    assert rest(CHUNKED) == b""


def test_what_is_too_much_or_is_not_sent_is_not_waited_for() -> None:
    assert rest(LENGTH, most=len(BODY) - 1) == TWICE
    assert rest(CHUNKED, most=len(BODY) + 5) == TWICE[len(BODY) + 5 :]
    assert rest(LENGTH | {"HTTP_EXPECT": "100-continue"}) == TWICE
    assert rest({}) == TWICE
    assert rest({"CONTENT_LENGTH": ""}) == TWICE


def test_a_body_that_was_read_is_not_asked_for_again() -> None:
    source = io.BytesIO(TWICE)
    body = Arriving(source)
    body.read(len(BODY))
    lingered(body, LENGTH)
    assert source.tell() == len(BODY)


def test_an_answer_that_is_given_up_before_it_is_sent_is_closed_as_well() -> None:
    answer, source = Answer([b"refused"]), io.BytesIO(BODY)
    arriving.lingering(answer, {"wsgi.input": source, **LENGTH}, most=len(BODY)).close()  # type: ignore[attr-defined]
    assert answer.closed


def test_a_client_that_goes_while_it_is_waited_for_is_no_fault() -> None:
    class Gone(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError(size)

    assert lingered(Gone(), LENGTH).closed
