"""Passwords: argon2id (RFC 9106), and a short memory for the programs that send one with each request."""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from linkhold import clock
from linkhold.errors import BadInput, Throttled

SHORTEST, LONGEST = 8, 1024
# argon2-cffi's defaults are RFC 9106's second recommended option: 64 MiB, three passes.
HASHER = PasswordHasher()

# Each check needs 64 MiB and some 50 ms of a core: a flood of guesses must not take the machine.
AT_ONCE = threading.BoundedSemaphore(2)
WAIT_SECONDS = 2.0


def make_hash(password: str) -> str:
    """Return the argon2id hash of a new password.

    Raises `BadInput` for one that is shorter than 8 or longer than 1,024 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters.", field="password")
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


@functools.cache
def nobody() -> str:
    """Return a hash that no password has: checked for an unknown name, it costs what a known one does."""
    return HASHER.hash(secrets.token_hex(16))


@dataclass(slots=True)
class Verifier:
    """Checks passwords; remembers for a few minutes which ones were right.

    HTTP Basic sends the password with each request. What is remembered is a keyed hash that means
    nothing outside this process, and it belongs to the stored hash: a changed password is a
    changed hash, and forgets it.
    """

    remembered_for: float = 300.0
    most: int = 256
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _right: OrderedDict[bytes, float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def remembers(self, password_hash: str | None, password: str) -> bool:
        """Tell whether this password was right for this hash a moment ago."""
        if password_hash is None:
            return False
        with self._lock:
            seen = self._right.get(self._mark(password_hash, password))
        return seen is not None and clock.monotonic() - seen < self.remembered_for

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; None stands for an account that does not exist.

        Raises `Throttled` when too many checks are going on in this process.
        """
        if not AT_ONCE.acquire(timeout=WAIT_SECONDS):
            raise Throttled("Too many log-ins at this moment: try again shortly.", retry_after=2)
        try:
            HASHER.verify(password_hash or nobody(), password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
        finally:
            AT_ONCE.release()
        if password_hash is None:
            return False
        self._remember(password_hash, password)
        return True

    def _remember(self, password_hash: str, password: str) -> None:
        with self._lock:
            self._right[self._mark(password_hash, password)] = clock.monotonic()
            while len(self._right) > self.most:
                self._right.popitem(last=False)

    def _mark(self, password_hash: str, password: str) -> bytes:
        message = password_hash.encode() + b"\0" + password.encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, hashlib.sha256)
