"""Passwords: argon2id by RFC 9106, rules for a new one, and the same time for an unknown name."""

from __future__ import annotations

import base64
import os
import secrets
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from stopline.errors import FaultList
from stopline.operation.accounts.errors import TooManyTries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.accounts.settings import AccessSettings

LONGEST_PASSWORD: Final = 256
_FEWEST_SIGNS: Final = 6
_FEWEST_NAME: Final = 4  # a shorter name is in too many words
_SALT, _TAG = 16, 32  # bytes, RFC 9106
_BUSY_S: Final = 15.0
_NICE: Final = 15


def _step_back() -> None:
    """Let this thread, and the lanes that it starts, have what processor time is left over."""
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class Passwords:
    """Makes and checks hashes of passwords; threads may share it."""

    def __init__(self, settings: AccessSettings) -> None:
        self._shortest = settings.shortest_password
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_passes, memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes, hash_len=_TAG, salt_len=_SALT, type=Type.ID,
        )  # fmt: skip
        # Two queues: a flood of tries from anywhere keeps nobody waiting at their own place.
        self._turns = {
            known: threading.BoundedSemaphore(settings.checks_at_once) for known in (False, True)
        }
        # Only hashing steps back: who waits for a lock or writes a try must not be the slow one.
        self._behind = ThreadPoolExecutor(
            settings.checks_at_once, "stopline-hashing", initializer=_step_back
        )
        self._nobody = _hash_of_nothing(settings)

    def check_new(self, password: str, name: str) -> None:
        """See that a new password will do; long is asked for, signs of many kinds are not.

        Raises:
            BadInput: it will not do; the password is not repeated.
        """
        faults, plain = FaultList(), _plain(password)
        if len(plain) < self._shortest:
            faults.add("password", f"{len(plain)} characters", f"at least {self._shortest}")
        if len(plain) > LONGEST_PASSWORD:
            faults.add("password", f"{len(plain)} characters", f"at most {LONGEST_PASSWORD}")
        if plain and len(set(plain)) < _FEWEST_SIGNS:
            faults.add(
                "password", "few different signs", f"at least {_FEWEST_SIGNS} different ones"
            )
        own = [word for word in (name, "stopline") if len(word) >= _FEWEST_NAME]
        if any(word in plain.casefold() for word in own):
            faults.add("password", "a name in it", "words that are not yours or ours")
        faults.raise_if_any()

    def hash(self, password: str) -> bytes:
        """Hash a password with a salt of its own; for somebody who has shown who they are."""
        with self._turn(known_source=True):
            return self._hasher.hash(_bytes(password)).encode()

    def check(self, kept: bytes | None, password: str, *, known_source: bool) -> bool:
        """Whether it is the password; with nothing kept it takes as long and is not.

        Raises:
            TooManyTries: there was no turn for it; nothing was looked at.
        """
        known = self._nobody if kept is None else kept.decode()
        with self._turn(known_source=known_source):
            if known_source:
                right = self._fits(known, password)
            else:
                right = self._behind.submit(self._fits, known, password).result()
        return right and kept is not None

    def _fits(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, _bytes(password))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def is_outdated(self, kept: bytes) -> bool:
        """Whether the cost of hashes was changed since."""
        return self._hasher.check_needs_rehash(kept.decode())

    @contextmanager
    def _turn(self, *, known_source: bool) -> Iterator[None]:
        """Wait for a turn at the memory that a check needs."""
        turns = self._turns[known_source]
        if not turns.acquire(timeout=_BUSY_S):
            raise TooManyTries(_BUSY_S)
        try:
            yield
        finally:
            turns.release()


def _hash_of_nothing(settings: AccessSettings) -> str:
    """Write a hash that costs as much as another, and that no password is known to have."""
    salt, tag = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT, _TAG)
    )
    cost = f"m={settings.argon2_memory_kib},t={settings.argon2_passes},p={settings.argon2_lanes}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}"


def _plain(password: str) -> str:
    """One spelling of what different keyboards send for the same signs."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST_PASSWORD])


def _bytes(password: str) -> bytes:
    """What is hashed; also of signs that no keyboard sends but a request can hold."""
    return _plain(password).encode("utf-8", "surrogatepass")
