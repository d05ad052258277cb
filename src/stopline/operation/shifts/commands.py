"""Commands about shifts: begin, hand over, take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stopline.operation.accounts.projection import People
from stopline.operation.core.command import Command, Line, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.short_ids import pick
from stopline.operation.facts.shifts import ShiftBegun, ShiftHandedOver, ShiftTakenOver
from stopline.operation.shifts.listing import listing
from stopline.operation.shifts.projection import Shifts, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.operation.accounts.projection import Admitted


def account_of(said: str, people: Mapping[str, Admitted]) -> str:
    """The account that is meant by its name or by how the person is shown; else what was said."""
    if same(said) in {same(name) for name in people}:
        return next(name for name in people if same(name) == same(said))
    shown = [name for name, one in people.items() if same(one.display) == same(said)]
    if len(shown) > 1:
        raise NotNow(f"{' and '.join(shown)} are both shown as {said}; say which")
    return shown[0] if shown else said


@command("shift.begin")
class BeginShift(Command):
    """Take up a post that nobody hands over."""

    def decide(self, at: CommandContext) -> None:
        """One's own post, once; who was named in a hand-over takes that over."""
        shifts = at.book.projection(Shifts)
        role, person = at.actor.role, at.actor.person
        if shifts.shift_of(role, person) is not None:
            raise NotNow(f"the shift of {person} as {role} goes on already")
        waiting = [h for h in shifts.open() if h.role == role and same(h.body.to) == same(person)]
        if waiting:
            raise NotNow(f"{waiting[0].by} handed over to you; take over {waiting[0].id}")
        at.record(ShiftBegun())


@command("shift.hand_over")
class HandOverShift(Command):
    """Hand a post over to a successor by name, with what is open, overdue and changed."""

    to: Line = Field(description="the successor: the account, or the name as shown")
    note: Annotated[str, Field(max_length=4000)] = Field(
        default="", description="what the list does not say"
    )

    def decide(self, at: CommandContext) -> None:
        """The shift goes on until the successor takes over."""
        since_s = at.book.projection(Shifts).shift_of(at.actor.role, at.actor.person)
        if since_s is None:
            raise NotNow("no shift of yours goes on in this role; begin one first")
        successor = account_of(self.to, at.book.projection(People).operators)
        if same(successor) == same(at.actor.person):
            raise NotNow("a shift is handed over to somebody else")
        lines = listing(at.book, since_s, at.now_s)
        at.record(
            ShiftHandedOver(
                to=successor, since=iso(since_s), note=self.note, matters=list(lines.matters),
                overdue=list(lines.overdue), changed=list(lines.changed),
            )
        )  # fmt: skip


@command("shift.take_over")
class TakeOverShift(Command):
    """Take over a post; the hand-over was read."""

    handover: Line = Field(description="id of the hand-over")

    def decide(self, at: CommandContext) -> None:
        """Only the successor who is named, in the same role."""
        handovers = at.book.projection(Shifts).handovers
        known = handovers[pick(self.handover, handovers, "hand-over")]
        if not known.is_open:
            raise NotNow("it was taken over, or a later one took its place")
        if known.role != at.actor.role or same(known.body.to) != same(at.actor.person):
            raise NotPermitted(f"it is for {known.body.to} as {known.role}")
        at.record(ShiftTakenOver(handover=known.id))
