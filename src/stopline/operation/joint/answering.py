"""Answer the other node's questions about a joint plan, within a budget; a chore of the node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput
from stopline.journal.base import Fact
from stopline.link.envelope import parse_envelope
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, post
from stopline.link.messages import read_message
from stopline.link.plan_messages import PlanAsked, PlanTaken, PlanWithdrawn
from stopline.operation.joint.facts import CommitmentGiven, CommitmentWithdrawn
from stopline.operation.joint.forms import answer_message, common_of, demands_of
from stopline.operation.joint.reply import answer_demands
from stopline.sealing.session import Session, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Transaction
    from stopline.journal.stored import StoredJournal
    from stopline.link.disclosure import DisclosureRules
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity
    from stopline.link.line import Moment
    from stopline.link.plan_messages import PlanAnswered
    from stopline.sealing.problem import SealingProblem

BUDGET: Final = 300_000  # demands answered for one peer in one incident
_MARK, _SPENT = "joint-plan", "joint-plan-spent"


@dataclass(slots=True)
class JointAnswering:
    """Call it from the thread of the engines; it answers each question once, also after a crash.

    Attributes:
        journal: of this node.
        identity: of this node.
        rules: what may leave the node.
        problem: gives roads, sites, rules and own units as they are now.
        side: name of the own side.
        budget: demands that are answered for one peer in one incident.
        posted: called when answers lie in the outbox, so that the line need not look by itself.
    """

    journal: StoredJournal
    identity: Identity
    rules: DisclosureRules
    problem: Callable[[], SealingProblem]
    side: str
    budget: int = BUDGET
    posted: Callable[[], None] | None = None
    _session: Session | None = None
    _read: int | None = None

    def __call__(self, now_s: float) -> int:
        """Answer what came since the last call; give the number of messages dealt with."""
        if self._read is None:
            self._read = int(dict(self.journal.shelf(_MARK)).get("read", b"0"))
        size, done = self.journal.size, 0
        if size == self._read:
            return 0
        for entry in self.journal.read(self._read, size):
            if entry.kind == "message.received" and entry.body is not None:
                kind = str(entry.body["kind"])
                if kind in {"plan.asked", "plan.taken", "plan.withdrawn"}:
                    self._take(parse_envelope(str(entry.body["envelope"]).encode()), now_s)
                    done += 1
        if done:
            with self.journal.transaction() as work:
                work.put(_MARK, "read", str(size).encode())
        self._read = size
        if done and self.posted is not None:
            self.posted()
        return done

    def chore(self, now: Moment) -> None:
        """Answer what came, as a chore of the serving node."""
        self(now.utc_s)

    def withdraw(self, peer: str, matter: str, number: int, reason: str, now_s: float) -> None:
        """Tell a peer, and record, that a commitment can no longer be kept."""
        body = PlanWithdrawn(matter=matter, number=number, reason=reason)
        message = Message(
            message_id=derived_id(now_s, "withdrawn", peer, matter, number),
            body=body,
            time_s=now_s,
            author=self.identity.name,
            role="node",
        )
        fact = Fact(
            fact_id=derived_id(now_s, "withdrawal", peer, matter, number),
            time_s=now_s,
            author=self.identity.name,
            role="node",
            body=CommitmentWithdrawn(peer=peer, **body.model_dump()),
        )
        with self.journal.transaction() as work:
            post(work, self.identity.signer, peer, message, self.rules)
            work.append([fact])
        if self.posted is not None:
            self.posted()

    def _take(self, envelope: Envelope, now_s: float) -> None:
        try:
            body = read_message(envelope.kind, envelope.body)
        except BadInput:
            return  # it stands in the journal as it came; there is nobody to answer to
        with self.journal.transaction() as work:
            if isinstance(body, PlanAsked):
                answer = self._answer(work, envelope, body)
                message = Message(
                    message_id=derived_id(envelope.time_s, "answered", envelope.message_id),
                    body=answer,
                    time_s=now_s,
                    author=self.identity.name,
                    role="node",
                    incident=envelope.incident,
                )
                if work.get(f"posted:{envelope.sender}", message.message_id) is None:
                    post(work, self.identity.signer, envelope.sender, message, self.rules)
                return
            fact: CommitmentGiven | CommitmentWithdrawn
            if isinstance(body, PlanTaken):
                fact = CommitmentGiven(peer=envelope.sender, **body.model_dump())
            elif isinstance(body, PlanWithdrawn):
                fact = CommitmentWithdrawn(peer=envelope.sender, **body.model_dump())
            else:
                return
            work.append(
                [
                    Fact(
                        fact_id=derived_id(envelope.time_s, "joint", envelope.message_id),
                        time_s=envelope.time_s,
                        author=self.identity.name,
                        role="node",
                        incident=envelope.incident,
                        body=fact,
                    )
                ]
            )

    def _answer(self, work: Transaction, envelope: Envelope, asked: PlanAsked) -> PlanAnswered:
        problem = self.problem()
        own = common_of(problem)
        differs = [name for name, digest in own.items() if asked.common.get(name) != digest]
        if differs:
            what = " and ".join(differs)
            return answer_message(
                asked,
                f"the {what} of this node differ from yours; load the same files on both nodes",
                0.0,
            )
        key = f"{envelope.sender}:{envelope.incident or ''}"
        spent = int(work.get(_SPENT, key) or b"0") + len(asked.site.split(" "))
        if spent > self.budget:
            text = f"more than {self.budget} demands were asked in this incident; speak to us"
            return answer_message(asked, text, 0.0)
        try:
            demands = demands_of(asked, problem.sites.count, int(problem.sites.need.max()))
        except BadInput as error:
            return answer_message(asked, str(error), 0.0)
        work.put(_SPENT, key, str(spent).encode())
        self._session = prepare(problem, self._session)
        side = next((s for s in self._session.sides if s.name == self.side), None)
        later_s = problem.now_utc_s - asked.now_utc_s
        shifted = replace(demands, by_s=demands.by_s - later_s)
        answer = answer_demands(side, shifted, asked.wanted, prefer=asked.prefer)
        return answer_message(asked, answer, later_s)
