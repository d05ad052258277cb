"""What a list of events asks of people who may not do it: it would be told as missed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.permissions import OFFICER, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stopline.exercise.document.msel import ExpectedAction
    from stopline.exercise.document.schema import Exercise
    from stopline.protocol.schema import Protocol

    Keys = tuple[str | int, ...]
    Found = tuple[Keys, str, str]

# Commands that say a message of the protocol, with the kind that it must be; empty for any.
_SAYS: Final = {
    "message.send": "", "sighting.share": "", "statement.show": "", "request.ask": "request",
    "request.answer": "answer", "statement.answer": "answer",
}  # fmt: skip


def cannot_be_done(exercise: Exercise, protocol: Protocol) -> Iterator[Found]:
    """Find what nobody may do: keys, what was seen, what is expected."""
    asked = _Asked(exercise, protocol)
    for number, inject in enumerate(exercise.msel):
        at: Keys = ("msel", number)
        if inject.message is not None and inject.to.side in exercise.sides:
            yield from asked.said((*at, "message"), inject.message, inject.to.side)
        if inject.expect is not None:
            yield from asked.expected((*at, "expect"), inject.expect)


class _Asked:
    """What a document asks for, against who may do what by the protocol."""

    def __init__(self, exercise: Exercise, protocol: Protocol) -> None:
        self.lead, self.sides = exercise.lead, tuple(exercise.sides)
        self.protocol = protocol

    def said(self, at: Keys, name: str, heard_by: str) -> Iterator[Found]:
        """An inject that is a message comes from the other side, whose officer must be able to."""
        message = self.protocol.messages.get(name)
        sender = next((side for side in self.sides if side != heard_by), "")
        if message is not None and not self._is_of(message.side, sender):
            yield at, name, f"a message that {sender} may send, not one of `{message.side}`"

    def expected(self, at: Keys, expect: ExpectedAction) -> Iterator[Found]:
        """An expected action is one that its role may take, on its side, and by that command."""
        if expect.by.role not in self.protocol.roles or expect.by.side not in self.sides:
            return  # told already
        side, who, why = self._rule(expect)
        if not self._is_of(side, expect.by.side):
            yield (*at, "by", "side"), expect.by.side, f"the side that may: `{side}`"
        if OFFICER not in who and not self._acts_as(expect.by.role, who):
            known = sorted(one for one in who if one in self.protocol.roles)
            yield (*at, "by", "role"), expect.by.role, f"who {why}: {', '.join(known) or 'nobody'}"
        kind = _SAYS.get(expect.command, "")
        message = self.protocol.messages.get(expect.of or "")
        if kind and message is not None and message.kind != kind:
            yield (*at, "of"), f"{expect.of}, a {message.kind}", f"a message that is a {kind}"

    def _rule(self, expect: ExpectedAction) -> tuple[str, frozenset[str], str]:
        """On which side it is done, by whom, and why by them."""
        of, protocol = expect.of or "", self.protocol
        if expect.command in _SAYS and of in protocol.messages:
            message = protocol.messages[of]
            return message.side, frozenset({message.sent_by}), f"sends `{of}`"
        if expect.command == "decision.voice" and of in protocol.decisions:
            decision = protocol.decisions[of]
            return decision.side, frozenset(decision.taken_by), f"decides `{of}`"
        if expect.command in {"task.do", "task.acknowledge"} and of in protocol.tasks:
            task = protocol.tasks[of]
            done = expect.command == "task.do"
            who = frozenset({task.who or OFFICER} if done else task.acknowledged_by)
            return task.side, who, f"{'does' if done else 'acknowledges'} `{of}`"
        may = PERMISSIONS.get(expect.command, frozenset({OFFICER}))
        return "each", may, f"may give `{expect.command}`"

    def _acts_as(self, role: str, allowed: Iterable[str]) -> bool:
        """Whether a role, or one that stands in for it, may do what some roles may."""
        roles = self.protocol.roles
        ours = {role, *roles[role].deputies}
        theirs = {name for one in allowed if one in roles for name in (one, *roles[one].deputies)}
        return bool(ours & theirs)

    def _is_of(self, rule: str, side: str) -> bool:
        """Whether `each`, `lead`, `assist` or the name of a side means a side."""
        lead = side == self.lead
        return rule in {"each", side, "lead" if lead else "assist"}
