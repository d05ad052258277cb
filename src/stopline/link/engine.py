"""One end of the link: frames in, frames out, the journal between; time is an argument."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput, UnknownName, VerificationFailed
from stopline.link.control_messages import HANDLED, handle
from stopline.link.copies import Copies
from stopline.link.disclosure import AllKinds, DisclosureRules
from stopline.link.envelope import Envelope, parse_envelope
from stopline.link.errors import Forged, LinkError, PeerAhead, Replayed
from stopline.link.frame import Frame, parse_frame
from stopline.link.line_log import Recorder
from stopline.link.line_state import LineState, LineTracker, LinkTimes, Moment
from stopline.link.mailbox import (
    check_repeated,
    note_delivered,
    post,
    read_mark,
    read_marks,
    receive,
)
from stopline.link.messages import LANES
from stopline.link.outbox import Outgoing
from stopline.link.peers import PEER_SHELF, load_peer
from stopline.link.refusing import Declined, Refusing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.errors import StoplineError
    from stopline.journal.base import Journal, Transaction
    from stopline.link.identity import Identity
    from stopline.link.mailbox import Message
    from stopline.link.messages import Lane
    from stopline.link.peers import Peer
    from stopline.link.refusing import Admission

_HELD_BACK = 4096  # envelopes that came before their turn
_HELD_BACK_BYTES, _HELD_BACK_S = 8 << 20, 60.0
_LOOK_EVERY_S = 0.1  # for messages that other processes of the node posted


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a frame.

    Attributes:
        new: envelopes that now stand in the journal, in order.
        reply_due: send a frame now rather than at the next heartbeat.
        refused: what was wrong with parts of it, each under its own name.
    """

    new: tuple[Envelope, ...] = ()
    reply_due: bool = False
    refused: tuple[StoplineError, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A frame that the peer signed, read.

    Attributes:
        frame: the frame.
        envelopes: each as it was read, or what is wrong with it.
    """

    frame: Frame
    envelopes: tuple[Envelope | StoplineError, ...]


class LinkEngine:
    """One node's end of the line to one peer. Call it from one thread at a time."""

    def __init__(
        self,
        journal: Journal,
        identity: Identity,
        peer: str,
        *,
        rules: DisclosureRules | None = None,
        times: LinkTimes | None = None,
        session: str | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Begin a run of the line.

        Args:
            journal: of this node.
            identity: of this node.
            peer: name of the other node.
            rules: what may leave; every kind if not given.
            times: seconds that govern the line.
            session: name of this run; by chance if not given.
            admission: says what is not taken of what the peer signed; all is, if not given.

        Raises:
            NotPaired: the peer is not known here.
        """
        self.journal = journal
        self.identity = identity
        self.rules = rules or AllKinds()
        self.peer: Peer = load_peer(journal.shelf(PEER_SHELF), peer)
        self.line = LineTracker(session or secrets.token_hex(16), times or LinkTimes())
        self._recorder = Recorder(journal, identity.name, peer)
        self._admission = admission
        self._refusing = Refusing(identity, peer)
        self._outgoing = Outgoing(journal, peer)
        self._received = read_marks(journal, peer, "received")
        self._early: dict[tuple[Lane, int], Envelope] = {}
        self._early_bytes, self._early_s = 0, float("-inf")
        self.epoch: int | None = None
        self.cannot_call = ""
        self.fenced = ""
        self.diverged = ""
        self.lost_there = ""
        self._copies = Copies(journal, identity.name, peer)
        self._looked_s = float("-inf")

    def post(self, message: Message) -> int:
        """Put a message into the outbox, on disk; give its number in its lane.

        Raises:
            NotDisclosable: the agreed rules do not let it leave.
        """
        with self.journal.transaction() as work:
            seq = post(work, self.identity.signer, self.peer.name, message, self.rules)
        self._outgoing.load()
        return seq

    def look(self) -> None:
        """Look at once for messages that others of the node have posted."""
        self._outgoing.load()

    def mind_no_steps(self) -> None:
        """Take it that the clock is set on purpose, as in an exercise."""
        self._recorder.minds_steps = False

    def note_stranger(self, error: StoplineError, more: int, now: Moment) -> None:
        """Write down that somebody called whom the peer did not sign for.

        Raises:
            StorageError: the journal cannot take it.
        """
        self._recorder.stranger(error, more, now)

    def note_down(self, now: Moment) -> None:
        """Write down that the line is down: the journal says it was up, and this run finds it so.

        Raises:
            StorageError: the journal cannot take it.
        """
        self._recorder.changed(self.state(now), now)

    def fence(self, why: str) -> None:
        """Stop: the other node knows another copy of this one, and that one counts."""
        self.fenced = why

    def begin_epoch(self, number: int) -> None:
        """Say in every frame from now on which start of this node's lines it is of."""
        self.epoch = number

    def _why(self) -> str:
        return self.fenced or self.diverged or ("" if self.line.up else self.cannot_call)

    def state(self, now: Moment | None = None) -> LineState:
        """Tell how the line is; with a time, also whether frames of the peer arrive."""
        line = self.line
        return LineState(
            hears=line.up if now is None else line.hears(now.mono_s),
            why=self._why(),
            up=line.up,
            since_s=line.since_s if line.since_s is not None else self._recorder.started_s or 0.0,
            unacknowledged=len(self._outgoing),
            clock_offset_s=line.clock_offset_s,
            round_trip_s=line.round_trip_s,
        )

    def due_s(self, now: Moment) -> float:
        """Give the seconds until `tick` has something to do, at most the heartbeat."""
        again_s = self.line.resend_after_s()
        if self._may_send() and self._outgoing.anything_due(now.mono_s, again_s):
            return 0.0
        return max(0.0, min(self.line.due_s() - now.mono_s, self.line.times.heartbeat_s))

    def quiet_until_s(self, posted_s: float) -> float:
        """Give until when `tick` does nothing, on the clock that is never set, if nothing comes.

        Args:
            posted_s: after it nobody else has posted; a look after it suffices.
        """
        if len(self._outgoing):
            return float("-inf")  # something waits; `tick` knows for what
        until_s = min(self.line.due_s(), self.line.silent_s())
        if self._looked_s <= posted_s:
            until_s = min(until_s, self._looked_s + _LOOK_EVERY_S)
        return until_s

    def pass_over(self, mono_s: float) -> None:
        """Leave out a `tick` before `quiet_until_s`; a look that it would take counts as taken."""
        if mono_s >= self._looked_s + _LOOK_EVERY_S:
            self._looked_s = mono_s

    def tick(
        self, now: Moment, *, reply: bool = False, most_bytes: float = float("inf")
    ) -> list[bytes]:
        """Give the frames to send now, the most urgent first.

        Args:
            now: both clocks.
            reply: send a frame also if none is due.
            most_bytes: begin no frame beyond so many bytes; the rest is due at once.
        """
        self._recorder.watch_clock(now)
        if self.line.check_down(now):
            self._outgoing.forget_sending()
            self._recorder.changed(self.state(), now)
        if now.mono_s >= self._looked_s + _LOOK_EVERY_S:
            self._looked_s = now.mono_s
            self._outgoing.load()
        frames: list[bytes] = []
        while self._may_send() and sum(map(len, frames)) < most_bytes:
            batch = self._outgoing.batch(now.mono_s, self.line.resend_after_s())
            if not batch:
                break
            frames.append(self._frame(batch, now))
        if not frames and (reply or now.mono_s >= self.line.due_s()):
            frames.append(self._frame([], now))
        return frames

    def _may_send(self) -> bool:
        """Whether envelopes go out: not while the peer holds another copy's, or more than ours."""
        return self.line.up and not self.fenced and not self.diverged

    def open_frame(self, data: bytes) -> Opened:
        """Read a frame and see who signed it. The journal is not touched: any thread may do it.

        Raises:
            BadInput: it is no frame.
            Forged: the peer did not sign it.
        """
        frame = parse_frame(data)
        if (frame.sender, frame.recipient) != (self.peer.name, self.identity.name):
            raise Forged(f"a frame from {frame.sender} to {frame.recipient}")
        frame.check(self.peer.frame_keys())
        return Opened(frame, tuple(_read_envelope(text) for text in frame.envelopes))

    def note_refused(self, error: StoplineError, now: Moment) -> None:
        """Write down that a frame was refused, within a bound.

        Raises:
            StorageError: the journal cannot take it.
        """
        self._recorder.refused(error, now)

    def receive(self, data: bytes | Opened, now: Moment, *, carried: bool = False) -> Received:
        """Take a frame in; what it brings is on disk when this returns.

        Args:
            data: the frame, or what `open_frame` made of it.
            now: both clocks.
            carried: it came as a file: it says nothing of the line.

        Raises:
            BadInput: it is no frame.
            Forged: the peer did not sign it.
            Fenced: another copy of the peer counts, or another of this node.
            StorageError: the journal cannot take it; nothing is confirmed, and the peer repeats.
        """
        self._recorder.watch_clock(now)
        opened = self._open(data, now)
        frame = opened.frame
        if not carried:
            self._copies.check(frame, now)
            self.lost_there = self._copies.lost_there
        was_up = self.line.up
        new_here = True if carried else self.line.hear(frame, now)
        if self.line.up and not was_up:
            self._recorder.changed(self.state(), now)
        refused: list[StoplineError] = []
        ready = self._sort_in(opened, now, refused)
        moved = self._outgoing.moved(frame.acks, refused)
        taken = self._take(ready, moved, now, refused) if ready or moved else []
        self._look_for_loss(refused)
        for error in refused:
            if not isinstance(error, Declined):  # that is noted already, as what it is
                self._recorder.refused(error, now)
        if not new_here:  # named, and no fact: a network may double frames by itself
            refused.append(Replayed(f"frame {frame.counter} of session {frame.session}"))
        owed = bool(frame.envelopes) or (new_here and not was_up)
        return Received(tuple(taken), owed, tuple(refused))

    def take_in(self, envelopes: list[bytes], now: Moment) -> list[Envelope]:
        """Take in envelopes that the peer signed and that came by another way than its frames.

        Raises:
            StorageError: the journal cannot take them.
        """
        found: list[Envelope] = []
        for text in envelopes:
            envelope = parse_envelope(text)
            if envelope.seq == self._received[envelope.lane] + 1:
                found += self._take([envelope], {}, now, [])
        return found

    def _look_for_loss(self, refused: list[StoplineError]) -> None:
        """A peer that confirms more than was sent knows of messages that this node lost."""
        for error in refused:
            if isinstance(error, PeerAhead) and not self.diverged:
                self.diverged = str(error)

    def carry_out(self, now: Moment) -> bytes:
        """Write everything unconfirmed, and our confirmations, as a file to carry by hand."""
        self._outgoing.load()
        return self._frame(self._outgoing.all(), now)

    def _frame(self, envelopes: list[bytes], now: Moment) -> bytes:
        counter, echo = self.line.next_frame(now)
        signers = [self.identity.signer]
        if self.identity.previous is not None:
            signers.append(self.identity.previous)
        return Frame(
            sender=self.identity.name,
            recipient=self.peer.name,
            session=self.line.session,
            counter=counter,
            epoch=self.epoch,
            sent_s=now.utc_s,
            echo=echo,
            acks={lane: self._received[lane] for lane in LANES},
            envelopes=tuple(envelopes),
        ).encode(signers)

    def _open(self, data: bytes | Opened, now: Moment) -> Opened:
        if isinstance(data, Opened):
            return data
        try:
            return self.open_frame(data)
        except (LinkError, BadInput) as error:
            self._recorder.refused(error, now)
            raise

    def _hold_back(self, envelope: Envelope, now: Moment) -> None:
        """Keep what came before its turn, a bounded number of bytes for a bounded time."""
        if now.mono_s - self._early_s > _HELD_BACK_S:
            self._early, self._early_bytes = {}, 0
        if not self._early:
            self._early_s = now.mono_s
        place = envelope.lane, envelope.seq
        size = self._early_bytes + len(envelope.text)
        far = envelope.seq > self._received[envelope.lane] + _HELD_BACK
        if place in self._early or far or size > _HELD_BACK_BYTES or len(self._early) > _HELD_BACK:
            return
        self._early[place], self._early_bytes = envelope, size

    def _sort_in(self, opened: Opened, now: Moment, refused: list[StoplineError]) -> list[Envelope]:
        """Check the envelopes; give those whose turn it is, keep those that came early."""
        ready: list[Envelope] = []
        turn = {lane: self._received[lane] + 1 for lane in LANES}
        frame = opened.frame
        for envelope in opened.envelopes:
            if not isinstance(envelope, Envelope):
                refused.append(envelope)
                continue
            try:
                if (envelope.sender, envelope.recipient) != (frame.sender, frame.recipient):
                    raise Forged(f"an envelope from {envelope.sender} to {envelope.recipient}")
                if envelope.seq <= self._received[envelope.lane]:
                    check_repeated(self.journal, envelope)
                elif envelope.seq == turn[envelope.lane]:
                    ready.append(envelope)
                    turn[envelope.lane] += 1
                else:
                    self._hold_back(envelope, now)
            except (LinkError, BadInput) as error:
                refused.append(error)
        for lane in LANES:
            while (lane, turn[lane]) in self._early:
                held = self._early.pop((lane, turn[lane]))
                self._early_bytes -= len(held.text)
                ready.append(held)
                turn[lane] += 1
        return ready

    def _take(
        self,
        ready: list[Envelope],
        moved: dict[Lane, int],
        now: Moment,
        refused: list[StoplineError],
    ) -> list[Envelope]:
        """Write what came and what was confirmed, in one transaction."""
        taken: list[Envelope] = []
        for group in self._judged(ready, now, refused):
            with self.journal.transaction() as work:
                peer = self.peer
                for envelope, reason in group:
                    if reason:
                        if self._refusing.refuse(work, envelope, reason, now):
                            refused.append(Declined(f"{envelope.kind[:60]}: {reason}"))
                    elif receive(work, envelope, now.utc_s):
                        taken.append(envelope)
                        peer = self._handle(work, peer, envelope, now, refused)
                self._write_delivered(work, moved, now)
                moved_now, moved = moved, {}
                marks = {lane: read_mark(work, peer.name, "received", lane) for lane in LANES}
            self.peer, self._received = peer, marks
            self._outgoing.confirm(moved_now)
        self._outgoing.load()
        return taken

    def _judged(
        self, ready: list[Envelope], now: Moment, refused: list[StoplineError]
    ) -> Iterator[list[tuple[Envelope, str]]]:
        """Give envelopes with the reason why each is not taken, in groups for one transaction.

        What is taken changes what may come after it: a group ends there, and the next is judged
        when the one before is on disk. A key may end with a message, too.
        """
        group: list[tuple[Envelope, str]] = []
        blocked = set[str]()
        ends = {"node.key-rotated"} if self._admission is None else None
        given = False
        for envelope in ready:
            if envelope.lane in blocked:
                continue
            try:
                self.peer.check(envelope)
            except Forged as error:
                refused.append(error)
                blocked.add(envelope.lane)
                continue
            reason = "" if self._admission is None else self._admission(envelope, now.utc_s)
            group.append((envelope, reason))
            if not reason and (ends is None or envelope.kind in ends):
                given = True
                yield group
                group = []
        if group or not given:
            yield group

    def _handle(
        self,
        work: Transaction,
        peer: Peer,
        envelope: Envelope,
        now: Moment,
        refused: list[StoplineError],
    ) -> Peer:
        if envelope.kind not in HANDLED:
            return peer
        try:
            return handle(work, self.identity, peer, envelope, now.utc_s)
        except (VerificationFailed, BadInput, UnknownName) as error:
            refused.append(error)
            return peer

    def _write_delivered(self, work: Transaction, moved: dict[Lane, int], now: Moment) -> None:
        if not moved:
            return
        for lane, through in moved.items():
            if through > read_mark(work, self.peer.name, "delivered", lane):
                note_delivered(work, self.peer.name, lane, through)
        self._recorder.delivered(work, moved, now)


def _read_envelope(text: bytes) -> Envelope | StoplineError:
    try:
        return parse_envelope(text)
    except (LinkError, BadInput) as error:
        return error
