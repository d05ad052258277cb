"""Answer the other node's questions about a joint plan, within a budget; a chore of the node."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NoReturn

from stopline.errors import BadInput, StoplineError
from stopline.journal.base import Fact
from stopline.journal.errors import StorageError
from stopline.link.envelope import parse_envelope
from stopline.link.errors import NotDisclosable
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, post
from stopline.link.messages import kind_of_message, read_message
from stopline.link.plan_messages import PlanAsked, PlanDeclined, PlanTaken, PlanWithdrawn
from stopline.operation.core.exercise_mark import marked_text
from stopline.operation.facts.joint import CommitmentGiven, CommitmentWithdrawn, QuestionLeft
from stopline.operation.joint.message_codec import answer_message, common_of, demands_of, numbers_in
from stopline.operation.joint.pending_commitments import given_seals, put_aside, take_out
from stopline.operation.joint.reply import decide
from stopline.operation.joint.unit_bindings import with_bound_units
from stopline.sealing.session import Session, prepare
from stopline.sealing.side import Commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stopline.journal.base import Entry, Transaction
    from stopline.journal.kinds import FactBody
    from stopline.journal.stored import StoredJournal
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity
    from stopline.link.line_state import Moment
    from stopline.link.messages import MessageBody
    from stopline.link.plan_messages import PlanAnswered
    from stopline.operation.facts.joint import GivenSeal
    from stopline.operation.joint.disclosure_rules import Agreed, Agreement
    from stopline.operation.joint.unit_bindings import Binding
    from stopline.sealing.problem import SealingProblem

    BoundUnits = Callable[[str | None, float, str], Mapping[str, Binding]]

_log = logging.getLogger("stopline.operation.joint")
BUDGET: Final = 300_000  # demands answered for one peer in one incident
HEARD: Final = frozenset({"plan.asked", "plan.taken", "plan.withdrawn"})
MARK_SHELF, SPENT_SHELF = "joint-plan", "joint-plan-spent"
_NEEDED_ELSEWHERE = "what stands behind it is needed elsewhere since we said so; ask again"


@dataclass(slots=True)
class QueryService:
    """Call it from the thread of the engines; it answers each question once, also after a crash.

    Attributes:
        journal: of this node.
        identity: of this node.
        agreed: what may leave the node now.
        problem: gives roads, sites, rules and own units as they are now; None where this node
            has no units to answer with, or none yet.
        side: name of the own side, or what gives it when it is asked for.
        budget: demands that are answered for one peer in one incident.
        posted: called when answers lie in the outbox, so that the line need not look by itself.
        exercise: the node was made for exercises: its words bear the mark.
        bound: gives the units that are bound by an order or by our word, for the incident of a
            question, the moment, and the peer that asks; None where the node gives no orders.
    """

    journal: StoredJournal
    identity: Identity
    agreed: Agreed
    problem: Callable[[], SealingProblem | None] | None
    side: str | Callable[[], str]
    budget: int = BUDGET
    posted: Callable[[], None] | None = None
    bound: BoundUnits | None = None
    exercise: bool = False
    _session: Session | None = None
    _read: int | None = None

    def __call__(self, now_s: float) -> int:
        """Answer what came since the last call; give the number of messages dealt with."""
        if self._read is None:
            self._read = int(dict(self.journal.shelf(MARK_SHELF)).get("read", b"0"))
        size, done = self.journal.size, 0
        if size == self._read:
            return 0
        for entry in self.journal.read(self._read, size):
            heard = entry.kind == "message.received" and entry.body is not None
            if heard and str(entry.body["kind"]) in HEARD:  # type: ignore[index]  # (heard)
                self._deal_with(entry, now_s)
                done += 1
        if done:
            with self.journal.transaction() as work:
                work.put(MARK_SHELF, "read", str(size).encode())
        self._read = size
        if done and self.posted is not None:
            self.posted()
        return done

    def chore(self, now: Moment) -> None:
        """Answer what came, as a chore of the serving node."""
        self(now.utc_s)

    def _deal_with(self, entry: Entry, now_s: float) -> None:
        """Take a message; one that does not fit is left, and the next is taken all the same."""
        envelope = parse_envelope(str((entry.body or {})["envelope"]).encode())
        try:
            body = read_message(envelope.kind, envelope.body)
        except BadInput:
            return  # it stands in the journal as it came; whom to answer about what is not known
        try:
            self._take(envelope, body, now_s)
        except StorageError:
            raise  # it is tried again when the journal takes it
        except StoplineError as error:
            _log.warning("a message of a joint plan, entry %d, is left: %s", entry.index, error)
            if isinstance(body, PlanAsked):
                self._leave(envelope, body, str(error))

    def _leave(self, envelope: Envelope, asked: PlanAsked, reason: str) -> None:
        """Note that a question got no answer."""
        left = QuestionLeft(
            peer=envelope.sender, matter=asked.matter, number=asked.number, reason=reason
        )
        with self.journal.transaction() as work:
            self._record(work, envelope, "left", left)

    def _take(self, envelope: Envelope, body: MessageBody, now_s: float) -> None:
        # These look at the desk, and so before the journal is held: the desk may be waiting for it.
        agreement = self.agreed.at(envelope.incident)
        made = self.problem if isinstance(body, PlanAsked) else None
        problem = None if made is None else made()
        asker = envelope.sender
        bound = {} if self.bound is None else self.bound(envelope.incident, now_s, asker)
        if problem is not None:
            problem = with_bound_units(problem, bound)
        with self.journal.transaction() as work:
            if isinstance(body, PlanAsked):
                self._reply(work, envelope, body, (agreement, problem), now_s)
            elif isinstance(body, PlanTaken):
                self._taken(work, envelope, body, (agreement, bound), now_s)
            elif isinstance(body, PlanWithdrawn):
                fact = CommitmentWithdrawn(peer=envelope.sender, **body.model_dump())
                self._record(work, envelope, "joint", fact)

    def _reply(
        self,
        work: Transaction,
        envelope: Envelope,
        asked: PlanAsked,
        known: tuple[Agreement, SealingProblem | None],
        now_s: float,
    ) -> None:
        message_id = answer_id(envelope)
        if work.get(f"posted:{envelope.sender}", message_id) is not None:
            return
        body: PlanAnswered | PlanDeclined
        try:
            body = self._answer(work, envelope, asked, known, now_s)
        except BadInput as error:
            reason = "; ".join(fault.expected for fault in error.faults)
            body = PlanDeclined(matter=asked.matter, number=asked.number, reason=reason)
        agreement, _ = known
        kind = kind_of_message(body).name
        if not agreement.allows(kind):  # no protocol is in force, and nobody said none is needed
            raise NotDisclosable(kind, agreement.words)
        self._post(work, envelope, body, message_id, agreement, now_s)

    def _post(
        self,
        work: Transaction,
        envelope: Envelope,
        body: MessageBody,
        message_id: str,
        agreement: Agreement,
        now_s: float,
    ) -> None:
        if self.exercise and isinstance(body, PlanDeclined | PlanWithdrawn):
            said = marked_text(body.reason, exercise=True)
            body = body.model_copy(update={"reason": said})
        message = Message(
            message_id=message_id,
            body=body,
            time_s=now_s,
            author=self.identity.name,
            role="node",
            incident=envelope.incident,
            phase=agreement.phase,
        )
        post(work, self.identity.signer, envelope.sender, message, agreement.rules)

    def _taken(
        self,
        work: Transaction,
        envelope: Envelope,
        body: PlanTaken,
        known: tuple[Agreement, Mapping[str, Binding]],
        now_s: float,
    ) -> None:
        """Note that our word is built on; where it cannot be kept any more, take it back at once.

        An answer binds nobody until it is taken, so that a unit may have been ordered elsewhere, or
        promised in another incident, in between.
        """
        peer = envelope.sender
        try:
            rows = numbers_in("plan.taken", body.held, int)
        except BadInput:
            return
        seals = take_out(work, peer, body.matter, body.number, rows)
        if seals is None:
            return  # nothing of the kind was said, or so long ago that it binds nobody
        matter, number = body.matter, body.number
        given = CommitmentGiven(
            peer=peer, matter=matter, number=number, expires_utc_s=body.expires_utc_s, seals=seals
        )
        self._record(work, envelope, "joint", given)
        agreement, bound = known
        if not _bound_elsewhere(seals, bound):
            return
        back = CommitmentWithdrawn(
            peer=peer, matter=matter, number=number, ours=True, reason=_NEEDED_ELSEWHERE
        )
        self._record(work, envelope, "joint-withdrawn", back)
        told = PlanWithdrawn(matter=matter, number=number, reason=_NEEDED_ELSEWHERE)
        message_id = derived_id(envelope.time_s, "withdrawn", envelope.message_id)
        self._post(work, envelope, told, message_id, agreement, now_s)

    def _record(
        self,
        work: Transaction,
        envelope: Envelope,
        what: str,
        body: FactBody,
        time_s: float | None = None,
    ) -> None:
        fact = Fact(
            fact_id=derived_id(envelope.time_s, what, envelope.message_id),
            time_s=envelope.time_s if time_s is None else time_s,
            author=self.identity.name,
            role="node",
            incident=envelope.incident,
            body=body,
        )
        work.append([fact])

    def _answer(
        self,
        work: Transaction,
        envelope: Envelope,
        asked: PlanAsked,
        known: tuple[Agreement, SealingProblem | None],
        now_s: float,
    ) -> PlanAnswered:
        """Answer a question.

        Raises:
            BadInput: it is not answered; what is expected says why, to the other side.
        """
        agreement, problem = known
        if not agreement.allows("plan.answered"):
            _decline(f"by our protocol nothing of a joint plan may leave: {agreement.words}")
        if problem is None:
            _decline("this node has no units to answer with")
        differs = [n for n, digest in common_of(problem).items() if asked.common.get(n) != digest]
        if differs:
            what = " and ".join(differs)
            _decline(f"the {what} of this node differ from yours; load the same files on both")
        spent = int(work.get(SPENT_SHELF, spent_key(envelope)) or b"0") + demands_in(asked)
        if spent > self.budget:
            _decline(f"more than {self.budget} demands were asked in this incident; speak to us")
        demands = demands_of(asked, problem.sites.count, int(problem.sites.need.max()))
        self._session = prepare(problem, self._session)
        own = self.side() if callable(self.side) else self.side
        side = next((s for s in self._session.sides if s.name == own), None)
        later_s = problem.now_utc_s - asked.now_utc_s
        shifted = replace(demands, by_s=demands.by_s - later_s)
        answer = decide(side, shifted, asked.wanted, prefer=asked.prefer)
        if isinstance(answer, Commitment):
            seals = given_seals(problem, shifted, answer, problem.now_utc_s)
            kept = put_aside(work, envelope.sender, asked, seals, now_s)
            self._record(work, envelope, "kept", kept, now_s)
        work.put(SPENT_SHELF, spent_key(envelope), str(spent).encode())
        return answer_message(asked, answer, later_s)


def answer_id(envelope: Envelope) -> str:
    """The id of the answer to a question."""
    return derived_id(envelope.time_s, "answered", envelope.message_id)


def demands_in(asked: PlanAsked) -> int:
    """How many demands a question holds, as they count against the budget."""
    return len(asked.site.split(" "))


def spent_key(envelope: Envelope) -> str:
    """Where the demands that a peer asked in an incident are counted."""
    return f"{envelope.sender}:{envelope.incident or ''}"


def _bound_elsewhere(seals: Iterable[GivenSeal], bound: Mapping[str, Binding]) -> bool:
    """Whether a unit behind some seals is bound, and not to the site that it was promised at."""
    return any(
        unit.unit in bound and bound[unit.unit].site != seal.site
        for seal in seals
        for unit in seal.units
    )


def _decline(why: str) -> NoReturn:
    raise BadInput.single("plan.asked", "a question", why)
