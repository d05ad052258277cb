"""Sessions: begun by somebody let in, found by their token, ended by time, by them or by others."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from stopline.journal.errors import StorageError
from stopline.link.ids import new_id
from stopline.operation.accounts.errors import NotSignedIn
from stopline.operation.accounts.operator import Operator, SignedIn
from stopline.operation.accounts.storage_keys import SESSIONS, named_by
from stopline.operation.accounts.tokens import make_token, same
from stopline.operation.core.context import iso
from stopline.operation.core.node_fact import node_fact
from stopline.operation.facts.accounts import SessionBegun, SessionEnded

if TYPE_CHECKING:
    from stopline.journal.base import Transaction
    from stopline.operation.accounts.projection import Admitted, OpenSession, People
    from stopline.operation.accounts.settings import AccessSettings
    from stopline.operation.accounts.tokens import Presented
    from stopline.operation.core.command_handler import CommandHandler

_TOUCHES = 20  # how often in the time after which an unused session ends its use is written down
_SHOWN = 64
_REMEMBERED = 10_000
_PATIENCE_S = 0.2  # the desk is held meanwhile


class Sessions:
    """The sessions of a node; threads and processes may share them."""

    def __init__(self, desk: CommandHandler, settings: AccessSettings) -> None:
        self._desk, self._settings = desk, settings
        self._node = desk.node.identity.name
        self._last: dict[str, bytes] = {}

    def begin(
        self, work: Transaction, known: Admitted, *, source: str, by: str, now_s: float
    ) -> SignedIn:
        """Begin a session, in the transaction of the sign-in."""
        session, ends_s = new_id(now_s), now_s + self._settings.longest_s
        token, kept = make_token("session", session)
        work.put(SESSIONS, session, _row(kept, now_s))
        shown = "".join(sign for sign in source if sign.isprintable())[:_SHOWN] or "unknown"
        body = SessionBegun(
            session=session,
            operator=known.name,
            source=shown,
            by=by,
            ends=iso(ends_s),
            kept=named_by(kept),
        )
        work.append([node_fact(self._node, body, self._desk.node.stamp(now_s))])
        return SignedIn(token, Operator.of(known, session), ends_s)

    def find(self, presented: Presented, people: People, now_s: float) -> OpenSession:
        """Find the session of a token, and note that it is used.

        Raises:
            NotSignedIn: there is none, or it has ended; one that ran out is ended now.
        """
        session = people.sessions.get(presented.id)
        raw = self._look_up(presented.id)
        if session is None or raw is None:
            raise NotSignedIn
        kept, used_s = _read(raw)
        if not same(kept, presented.hash):
            raise NotSignedIn
        why = self._over(session, used_s, now_s)
        with suppress(StorageError):  # a full disk keeps nobody from looking at what there is
            if why:
                self.end(session, why, now_s)
            elif now_s - used_s > self._settings.idle_s / _TOUCHES:
                self._touch(session.id, now_s)
        if why:
            raise NotSignedIn
        return session

    def _look_up(self, session: str) -> bytes | None:
        """What is kept of a session; as it was last while the database cannot be read."""
        try:
            raw = self._desk.node.journal.look_up(SESSIONS, session)
        except StorageError:
            if session not in self._last:
                raise
            return self._last[session]
        self._last.pop(session, None)
        if raw is not None:
            self._last[session] = raw
            if len(self._last) > _REMEMBERED:
                self._last.pop(next(iter(self._last)))
        return raw

    def end(self, session: OpenSession, why: str, now_s: float) -> bool:
        """End a session; give whether it went on until now."""
        with self._desk.node.journal.transaction(patience_s=_PATIENCE_S) as work:
            if work.get(SESSIONS, session.id) is None:  # another server was first
                return False
            work.remove(SESSIONS, session.id)
            body = SessionEnded(session=session.id, operator=session.operator, why=why)
            work.append([node_fact(self._node, body, self._desk.node.stamp(now_s))])
        return True

    def end_over(self, people: People, now_s: float) -> int:
        """End every session whose time is over; give how many."""
        ended = 0
        for session in list(people.sessions.values()):
            raw = self._desk.node.journal.look_up(SESSIONS, session.id)
            if raw is not None:
                why = self._over(session, _read(raw)[1], now_s)
                ended += bool(why) and self.end(session, why, now_s)
        return ended

    def _over(self, session: OpenSession, used_s: float, now_s: float) -> str:
        if now_s >= session.ends_s:
            return "run out"
        return "unused" if now_s - used_s >= self._settings.idle_s else ""

    def _touch(self, session: str, now_s: float) -> None:
        with self._desk.node.journal.transaction(patience_s=_PATIENCE_S) as work:
            raw = work.get(SESSIONS, session)
            if raw is not None:  # not ended meanwhile
                work.put(SESSIONS, session, _row(_read(raw)[0], now_s))


def _row(kept: bytes, used_s: float) -> bytes:
    return json.dumps({"hash": kept.hex(), "used_s": used_s}).encode()


def _read(raw: bytes) -> tuple[bytes, float]:
    row = json.loads(raw)
    return bytes.fromhex(row["hash"]), float(row["used_s"])
