"""Carry the questions of one joint plan over the link and wait for their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import BadInput
from stopline.link.envelope import parse_envelope
from stopline.link.errors import Unreachable
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message
from stopline.link.messages import read_message
from stopline.link.plan_messages import PlanAnswered, PlanAsked, PlanDeclined
from stopline.operation.joint.message_codec import answer_of, common_of, row_text
from stopline.sealing.side import Commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.journal.base import Journal
    from stopline.link.envelope import Envelope
    from stopline.link.messages import MessageBody
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import Demands, Inequality

ANSWER_WITHIN_S: Final = 5.0


class NotAnswered(BadInput):
    """The other side says why it does not answer questions of this plan."""


@dataclass(slots=True, kw_only=True)
class QueryClient:
    """Questions of one matter to one peer.

    Attributes:
        journal: of this node.
        peer: the other node.
        post: puts a message into the outbox.
        pause: lets the line work for a moment.
        utc_s: the time now.
        elapsed_s: seconds by which an answer is waited for, where `utc_s` may stand still, as in an
            exercise; None to wait by `utc_s`.
        problem: what is planned.
        matter: id of the joint plan.
        author: who plans.
        role: in which role.
        incident: the incident, if any.
        phase: the incident's phase in the protocol in force, for the rules of disclosure.
        answer_within_s: without an answer for so long, the line counts as down.
        said: the question and the commitment to it, by number.
    """

    journal: Journal
    peer: str
    post: Callable[[Message], object]
    pause: Callable[[], None]
    utc_s: Callable[[], float]
    problem: SealingProblem
    matter: str
    author: str
    role: str
    incident: str | None = None
    phase: str | None = None
    answer_within_s: float = ANSWER_WITHIN_S
    elapsed_s: Callable[[], float] | None = None
    said: dict[int, tuple[PlanAsked, Demands, Commitment]] = field(default_factory=dict)
    rounds: int = 0
    _common: dict[str, str] | None = None

    def ask(
        self, demands: Demands, wanted: int, *, prefer: str
    ) -> Commitment | Sequence[Inequality]:
        """Ask; see `Asking.ask`.

        Raises:
            Unreachable: no answer came in time.
            NotAnswered: the other side refuses to answer, with its reason.
            BadInput: the answer does not fit the question.
        """
        self._common = self._common or common_of(self.problem)
        self.rounds += 1
        asked = PlanAsked(
            matter=self.matter,
            number=self.rounds,
            common=self._common,
            now_utc_s=self.problem.now_utc_s,
            wanted=wanted,
            site=row_text(demands.site),
            strength=row_text(demands.strength),
            by_s=row_text(demands.by_s),
            prefer=prefer,
        )
        first = self.journal.size
        self.send(asked, asked.number)
        said = self._wait(first, asked.number)
        if isinstance(said, PlanDeclined):
            raise NotAnswered.single(self.peer, "a question of a joint plan", said.reason)
        answer = answer_of(said, demands, wanted)
        if isinstance(answer, Commitment):
            held = demands.take(np.arange(wanted))
            self.said[asked.number] = (asked, held, answer)
        return answer

    def send(self, body: MessageBody, number: int) -> None:
        """Post a message of the matter."""
        now_s = self.utc_s()
        self.post(
            Message(
                message_id=derived_id(now_s, type(body).__name__, self.matter, number),
                body=body,
                time_s=now_s,
                author=self.author,
                role=self.role,
                incident=self.incident,
                phase=self.phase,
            )
        )

    def _wait(self, first: int, number: int) -> PlanAnswered | PlanDeclined:
        elapsed_s = self.elapsed_s or self.utc_s
        until_s = elapsed_s() + self.answer_within_s
        while elapsed_s() < until_s:
            size = self.journal.size
            for entry in self.journal.read(first, size) if size > first else ():
                body = entry.body
                if entry.kind != "message.received" or body is None:
                    continue
                if body["peer"] == self.peer and body["kind"] in {"plan.answered", "plan.declined"}:
                    envelope = parse_envelope(str(body["envelope"]).encode())
                    said = _read(envelope)
                    if said is not None and (said.matter, said.number) == (self.matter, number):
                        return said
            first = size
            self.pause()
        raise Unreachable(f"{self.peer} has not answered for {self.answer_within_s:g} s")


def _read(envelope: Envelope) -> PlanAnswered | PlanDeclined | None:
    """Read an answer; one that is not of its form is none, and stands in the journal as it came."""
    try:
        said = read_message(envelope.kind, envelope.body)
    except BadInput:
        return None
    return said if isinstance(said, PlanAnswered | PlanDeclined) else None
