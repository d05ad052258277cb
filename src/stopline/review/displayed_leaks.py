"""What a node showed of open ways at the time: from its verdicts, offers and messages.

Nothing is computed anew here. Each stretch in which the node called the plan leaking is one leak,
whatever changed in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.facts.orders import PlanAdopted, ReplanOffered, VerdictChanged
from stopline.review.schema import ShownExit, ShownLeak

if TYPE_CHECKING:
    from collections.abc import Collection

    from stopline.review.history import History, HistoryStep
    from stopline.review.relative_time import Since

_BAD: Final = frozenset({"late", "opened"})


def shown_leaks(history: History, since: Since, until_s: float) -> list[ShownLeak] | None:
    """The leaks that a side's node showed, in order; None if it never found a verdict.

    Args:
        history: of that side's own journal.
        since: the zero of times.
        until_s: until when every road had to stay closed, UTC seconds.
    """
    side, judged = history.side_name(history.side), False
    names = _messages(history)
    found: list[_Leak] = []
    for step in history.steps:
        if step.entry.time_s > until_s:
            break
        at_s = since.t(step.entry.time_s)
        if isinstance(step.body, VerdictChanged):
            judged = judged or step.body.verdict != "unknown"
            if step.body.verdict == "leaking" and (not found or found[-1].until_s is not None):
                found.append(_Leak(side, at_s))
            if found and found[-1].until_s is None:
                found[-1].show(step.body, at_s)
        elif found and found[-1].until_s is None:
            found[-1].take(step, at_s, names)
    return [one.form() for one in found] if judged else None


def _messages(history: History) -> set[str]:
    """The messages of the protocol that say that a seal is late or open."""
    protocol = history.incident.machine.protocol
    events = {
        name
        for name, one in protocol.triggers.items()
        if one.fact == "seal" and _BAD & set(one.outcome)
    }
    sent = {one.sends for one in protocol.tasks.values() if events & set(one.on)}
    return {name for name in sent if name is not None}


@dataclass(slots=True)
class _Leak:
    """A leak in the making, from when the node first showed it."""

    side: str
    from_s: float
    until_s: float | None = None
    exits: dict[str, ShownExit] = field(default_factory=dict)
    more: int = 0
    ours: bool = False
    sought_s: float | None = None
    offered_s: float | None = None
    adopted_s: float | None = None
    told_s: float | None = None

    def show(self, body: VerdictChanged, at_s: float) -> None:
        """Take in the next verdict, which ends the leak where it is not leaking."""
        open_ = {way.exit for way in body.ways if way.still_open}
        for name, one in self.exits.items():
            # Where more are open than are listed, one that is listed no more may be among them.
            if one.until_s is None and name not in open_ and not body.more:
                self.exits[name] = one.model_copy(update={"until_s": at_s})
        for way in body.ways:
            known = self.exits.get(way.exit)
            if known is None:
                end_s = None if way.still_open else at_s
                self.exits[way.exit] = ShownExit(exit=way.exit, from_s=at_s, until_s=end_s)
            elif way.still_open:
                self.exits[way.exit] = known.model_copy(update={"until_s": None})
        self.more = max(self.more, body.more)
        self.ours = self.ours or any(way.unit for way in body.ways)
        if body.verdict != "leaking":
            self.until_s = at_s

    def take(self, step: HistoryStep, at_s: float, names: Collection[str]) -> None:
        """Take in what was done about it: a plan sought, offered, adopted; the other side told."""
        body = step.body
        if isinstance(body, ReplanOffered) and body.plan and self.offered_s is None:
            self.offered_s = at_s
        elif isinstance(body, ReplanOffered) and self.sought_s is None:
            self.sought_s = at_s
        elif isinstance(body, PlanAdopted) and self.adopted_s is None:
            self.adopted_s = at_s
        elif self.told_s is None and step.said is not None and not step.said.received:
            said = step.said.body
            if isinstance(said, ProcedureSaid) and said.name in names:
                self.told_s = at_s

    def form(self) -> ShownLeak:
        return ShownLeak(
            side=self.side, from_s=self.from_s, until_s=self.until_s,
            exits=tuple(self.exits.values()), more=self.more, ours=self.ours,
            sought_s=self.sought_s, offered_s=self.offered_s, adopted_s=self.adopted_s,
            told_s=self.told_s,
        )  # fmt: skip
