"""One node, one copy: of several that call themselves the same, only the latest start counts.

Every start of a node's lines has a number, one higher than the last that its journal knows, and
each frame says it. A copy that was put back from a backup, or that runs beside the first, comes
with a number that is not the highest, or under another session with the highest: nothing of it is
taken. A later start counts once the one before has fallen silent, so that a copy that is started by
mistake does not push a running node off its line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from stopline.journal.base import Fact
from stopline.link.errors import Fenced
from stopline.link.facts import (
    LinesBegan,
    NodeFellBehind,
    NodeFenced,
    PeerLineBegan,
    PeerLostRecord,
    PeerSecondCopy,
)
from stopline.link.ids import new_id
from stopline.link.mailbox import read_marks

if TYPE_CHECKING:
    from stopline.journal.base import Journal
    from stopline.journal.kinds import FactBody
    from stopline.link.frame import Frame
    from stopline.link.line_state import Moment

EPOCH_SHELF: Final = "line-epoch"  # own: under `own`, with whether it is fenced; peers by name
SILENT_S: Final = 2.0  # a later start counts when the one before has been silent so long
_BOTH_S: Final = 3.0  # one that is heard so long after the next has begun is a second copy
_NOTED_EVERY_S: Final = 60.0


def begin_lines(journal: Journal, own: str, now_s: float) -> int:
    """Give this start of the node's lines its number, and write it down.

    A copy that the other node has fenced keeps its number: it cannot count its way past the other.
    """
    with journal.transaction() as work:
        number, fenced = _own_number(work.get(EPOCH_SHELF, "own"))
        if fenced:
            return number
        number += 1
        work.put(EPOCH_SHELF, "own", json.dumps({"number": number, "fenced": False}).encode())
        work.append([_fact(own, LinesBegan(epoch=number), now_s)])
    return number


def note_fenced(journal: Journal, own: str, peer: str, why: str, now_s: float) -> None:
    """Write down that the other node takes nothing of this copy; it stays so after a restart."""
    with journal.transaction() as work:
        number, _ = _own_number(work.get(EPOCH_SHELF, "own"))
        told = {"number": number, "fenced": True}
        work.put(EPOCH_SHELF, "own", json.dumps(told).encode())
        work.append([_fact(own, NodeFenced(peer=peer, why=why[:400]), now_s)])


def note_fell_behind(journal: Journal, own: str, peer: str, why: str, now_s: float) -> None:
    """Write down that the other node has messages that this one lost."""
    journal.append([_fact(own, NodeFellBehind(peer=peer, why=why[:400]), now_s)])


def take_over(journal: Journal, own: str, above: int, now_s: float) -> int:
    """Let this copy count from its next start on, above every number that the other node knows."""
    with journal.transaction() as work:
        number = max(above, _own_number(work.get(EPOCH_SHELF, "own"))[0])
        work.put(EPOCH_SHELF, "own", json.dumps({"number": number, "fenced": False}).encode())
        work.append([_fact(own, LinesBegan(epoch=number), now_s)])
    return number


def _own_number(raw: bytes | None) -> tuple[int, bool]:
    if raw is None:
        return 0, False
    told = json.loads(raw)
    return int(told["number"]), bool(told["fenced"])


class Copies:
    """Which copy of one peer counts.

    Attributes:
        lost_there: what the peer lost of what it had confirmed; empty if nothing.
    """

    def __init__(self, journal: Journal, own: str, peer: str) -> None:
        self._journal, self._own, self._peer = journal, own, peer
        raw = journal.look_up(EPOCH_SHELF, peer)
        self._number, self._session = 0, ""
        if raw is not None:
            told = json.loads(raw)
            self._number, self._session = int(told["number"]), str(told["session"])
        self._noted_s = self._heard_s = float("-inf")
        self._rival: tuple[int, str, float] | None = None
        self._checked = ""
        self.lost_there = ""

    def check(self, frame: Frame, now: Moment) -> None:
        """See that a frame is of the copy that counts; note a new one, and what it has lost.

        Raises:
            Fenced: it is of another one.
            StorageError: the journal cannot take the note.
        """
        if frame.epoch is not None:
            self._check_epoch(frame.epoch, frame.session, now)
        if frame.session != self._checked:
            self._checked = frame.session
            self._check_loss(frame, now.utc_s)

    def _check_epoch(self, epoch: int, session: str, now: Moment) -> None:
        if (epoch, session) == (self._number, self._session):
            self._heard_s = now.mono_s
            if self._rival is not None and now.mono_s > self._rival[2] + _BOTH_S:
                self._note_second(*self._rival[:2], now)
            return
        if epoch <= self._number:
            self._note_second(epoch, session, now)
            raise Fenced(
                f"start {epoch} of {self._peer} does not count: start {self._number} is known here,"
                " of another copy",
                for_good=True,
            )
        if now.mono_s - self._heard_s < SILENT_S:
            if self._rival is None or self._rival[:2] != (epoch, session):
                self._rival = (epoch, session, now.mono_s)
            raise Fenced(
                f"start {epoch} of {self._peer} does not count while start {self._number} is heard:"
                " another copy of it runs, or has just ended",
                for_good=False,
            )
        with self._journal.transaction() as work:
            told = json.dumps({"number": epoch, "session": session})
            work.put(EPOCH_SHELF, self._peer, told.encode())
            began = PeerLineBegan(peer=self._peer, epoch=epoch, session=session[:64])
            work.append([_fact(self._own, began, now.utc_s)])
        self._number, self._session, self._rival = epoch, session, None
        self._heard_s = now.mono_s

    def _note_second(self, epoch: int, session: str, now: Moment) -> None:
        if now.mono_s - self._noted_s < _NOTED_EVERY_S:
            return
        self._noted_s = now.mono_s
        second = PeerSecondCopy(
            peer=self._peer, epoch=epoch, session=session[:64], counts=self._number
        )
        self._journal.append([_fact(self._own, second, now.utc_s)])

    def _check_loss(self, frame: Frame, now_s: float) -> None:
        """A run that begins by confirming less than was confirmed has lost part of its record."""
        before = read_marks(self._journal, self._peer, "delivered")
        lost = [
            f"{lane} {frame.acks[lane]} and had confirmed {mark}"
            for lane, mark in before.items()
            if frame.acks[lane] < mark
        ]
        self.lost_there = f"{self._peer} confirms {'; '.join(lost)}" if lost else ""
        if lost:
            body = PeerLostRecord(peer=self._peer, why=self.lost_there)
            self._journal.append([_fact(self._own, body, now_s)])


def _fact(own: str, body: FactBody, now_s: float) -> Fact:
    return Fact(fact_id=new_id(now_s), time_s=now_s, author=own, role="node", body=body)
