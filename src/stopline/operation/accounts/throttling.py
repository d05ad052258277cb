"""Wrong tries and the waits after them, on a shelf: all servers see them, also after a restart.

A source waits first: after some free tries each wrong one doubles its wait. A name that is tried
from many sources of one block of addresses waits there too, but never long. A source where a person
has signed in before is theirs, and whoever brings a code of the right device is let through to the
password from anywhere: tries from elsewhere, or for other names, do not make them wait. So nobody
is shut out by others guessing, and a guesser is slowed down wherever it sits.

Every try is written down as wrong before the password is looked at, and taken back if it was right;
a thousand tries at the same moment gain nothing.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.operation.accounts.errors import TooManyTries
from stopline.operation.accounts.storage_keys import KNOWN_SOURCES, TRIES
from stopline.operation.accounts.tokens import digest
from stopline.operation.core.node_fact import node_fact
from stopline.operation.facts.accounts import SignInAttacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Transaction
    from stopline.journal.stored import StoredJournal
    from stopline.operation.accounts.settings import AccessSettings

_LONGEST: Final = 64
_MOST_DOUBLINGS: Final = 40
_TOLD_AT: Final = 10
_TOLD: Final = "told"
_TOLD_EVERY_S: Final = 60.0
_IPV4_BITS, _IPV6_BITS = 32, 64
_IPV4_BLOCK, _IPV6_BLOCK = 16, 32
_UNKNOWN_NAMES: Final = 3  # hex digits: 4,096 rows for all names that nobody has


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was let through to the password.

    Attributes:
        name: the name tried for.
        source: from where, as it is counted.
        keys: where it was counted.
    """

    name: str
    source: str
    keys: tuple[str, ...]

    @property
    def known_source(self) -> bool:
        """Whether the person of that name signed in there before, or brings the right code."""
        return self.keys[0].startswith(("both/", "code/"))


class Tries:
    """Counts wrong tries; threads and processes may share it."""

    def __init__(
        self,
        journal: StoredJournal,
        settings: AccessSettings,
        node: str,
        stamp: Callable[[float], float] = float,
    ) -> None:
        """Count the tries of a node; `stamp` makes the time of a fact of a time of the wall."""
        self._journal, self._settings, self._node = journal, settings, node
        self._stamp = stamp

    def knows(self, name: str, source: str, now_s: float) -> bool:
        """Whether the person of a name signed in from a source before."""
        raw = self._journal.look_up(KNOWN_SOURCES, _both(name, source_of(source)))
        return raw is not None and self._is_fresh(raw, now_s)

    def enter(
        self, name: str, source: str, *, admitted: bool, now_s: float, right_code: bool = False
    ) -> Try:
        """Count a try, and let it through.

        Args:
            name: the name tried for.
            source: the address it comes from.
            admitted: whether somebody has that name.
            now_s: when, UTC seconds.
            right_code: a code of the person's device came with it, and is right.

        Raises:
            TooManyTries: it is not let through, and not counted.
        """
        place = source_of(source)
        with self._journal.transaction() as work:
            keys = (
                (f"code/{name}",)
                if right_code
                else self._keys(work, name, place, admitted=admitted, now_s=now_s)
            )
            counts = {key: self._count(work, key, now_s) for key in keys}
            wait_s = max(self._wait_s(key, *counts[key], now_s) for key in keys)
            if wait_s > 0:
                raise TooManyTries(wait_s)
            for key, (wrong, _) in counts.items():
                _put(work, key, wrong + 1, now_s)
            most = max(wrong + 1 for wrong, _ in counts.values())
            if most % _TOLD_AT == 0:
                self._tell(work, name if admitted else "", place, most, now_s)
        return Try(name, place, keys)

    def take_back(self, work: Transaction, tried: Try, now_s: float) -> None:
        """The try was right: it does not count, and the source is known from now on.

        Only this one is taken back: an account of one's own does not clear what one did to others.
        """
        self.uncount(work, tried, now_s, clear="both/")
        text = json.dumps({"last_s": now_s})
        work.put(KNOWN_SOURCES, _both(tried.name, tried.source), text.encode())

    def uncount(self, work: Transaction, tried: Try, now_s: float, *, clear: str = "-") -> None:
        """Count a try no more, because nothing was wrong with it."""
        for key in tried.keys:
            wrong, last_s = self._count(work, key, now_s)
            if key.startswith(clear) or wrong <= 1:
                work.remove(TRIES, key)
            else:
                _put(work, key, wrong - 1, last_s)

    def give_back(self, tried: Try, now_s: float) -> None:
        """Count a try no more that nobody had the time to look at."""
        with self._journal.transaction() as work:
            self.uncount(work, tried, now_s)

    def forget(self, name: str | None) -> int:
        """Forget the waits of a name, or all of them; give how many rows went."""
        rows = list(self._journal.shelf(TRIES))
        gone = [
            k for k, _ in rows if name is None or k == f"code/{name}" or f"/{name}/" in f"/{k}/"
        ]
        with self._journal.transaction() as work:
            for key in gone:
                work.remove(TRIES, key)
        return len(gone)

    def tidy(self, now_s: float) -> None:
        """Take away rows that are too old to count."""
        ages = (
            (TRIES, self._settings.forget_tries_s),
            (KNOWN_SOURCES, self._settings.known_source_s),
        )
        for shelf, age_s in ages:
            rows = self._journal.shelf(shelf)
            old = [key for key, raw in rows if now_s - json.loads(raw)["last_s"] > age_s]
            if old:
                with self._journal.transaction() as work:
                    for key in old:
                        work.remove(shelf, key)

    def _keys(
        self, work: Transaction, name: str, place: str, *, admitted: bool, now_s: float
    ) -> tuple[str, ...]:
        if not admitted:  # what was typed may be a password in the wrong field: never kept
            sign = digest(name).hex()[:_UNKNOWN_NAMES]
            return (f"source/{place}", f"name/~{sign}/{block_of(place)}")
        both = _both(name, place)
        known = work.get(KNOWN_SOURCES, both)
        if known is not None and self._is_fresh(known, now_s):
            return (f"both/{both}",)
        return (f"source/{place}", f"name/{name}/{block_of(place)}")

    def _is_fresh(self, known: bytes, now_s: float) -> bool:
        return bool(now_s - json.loads(known)["last_s"] <= self._settings.known_source_s)

    def _count(self, work: Transaction, key: str, now_s: float) -> tuple[int, float]:
        raw = work.get(TRIES, key)
        if raw is None:
            return 0, 0.0
        row = json.loads(raw)
        if now_s - row["last_s"] > self._settings.forget_tries_s:
            return 0, 0.0
        return int(row["wrong"]), float(row["last_s"])

    def _wait_s(self, key: str, wrong: int, last_s: float, now_s: float) -> float:
        over = wrong - self._settings.free_tries
        if over < 0:
            return 0.0
        is_source = key.startswith("source/")
        longest_s = (
            self._settings.longest_wait_source_s
            if is_source
            else self._settings.longest_wait_name_s
        )
        wait_s = min(longest_s, self._settings.first_wait_s * 2.0 ** min(over, _MOST_DOUBLINGS))
        return min(wait_s, last_s + wait_s - now_s)  # a clock set back adds nothing

    def _tell(self, work: Transaction, name: str, source: str, tries: int, now_s: float) -> None:
        raw = work.get(TRIES, _TOLD)
        if raw is not None and 0 <= now_s - json.loads(raw)["last_s"] < _TOLD_EVERY_S:
            return  # a flood of tries is no flood of facts
        _put(work, _TOLD, tries, now_s)
        body = SignInAttacked(operator=name, source=source, tries=tries)
        work.append([node_fact(self._node, body, self._stamp(now_s))])


def source_of(address: str) -> str:
    """Give what counts as one source: an IPv4 address, an IPv6 network of 64 bits, or the word."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "".join(sign for sign in address if sign.isprintable())[:_LONGEST] or "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = _IPV4_BITS if found.version == 4 else _IPV6_BITS  # noqa: PLR2004
    return str(ipaddress.ip_network((found, bits), strict=False))


def block_of(place: str) -> str:
    """Give the block of addresses around a source: 16 bits of IPv4, 32 of IPv6; a word as it is."""
    try:
        found = ipaddress.ip_network(place)
    except ValueError:
        return place
    bits = _IPV4_BLOCK if found.version == 4 else _IPV6_BLOCK  # noqa: PLR2004
    return str(ipaddress.ip_network((found.network_address, bits), strict=False))


def _both(name: str, place: str) -> str:
    return f"{name}/{place}"


def _put(work: Transaction, key: str, wrong: int, last_s: float) -> None:
    work.put(TRIES, key, json.dumps({"wrong": wrong, "last_s": last_s}).encode())
