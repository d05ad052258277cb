"""When a duty of the node fails, and when it works again: each is noted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.core.command import Command, command
from stopline.operation.core.errors import NotNow
from stopline.operation.core.projection import Projection, folds, projection

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.core.context import CommandContext

DutyName = Annotated[str, StringConstraints(min_length=1, max_length=60)]


@fact_kind("duty.failed")
class DutyFailed(FactBody):
    """Something that the node does by itself failed; the rest goes on, and it is tried again."""

    duty: str = Field(description="which: deadlines, late seals, verdict, new plan, telling")
    error: str = Field(description="what went wrong")


@fact_kind("duty.resumed")
class DutyResumed(FactBody):
    """Something that had failed works again."""

    duty: str = Field(description="which")


@projection("node")
class DutyTroubles(Projection):
    """Duties that fail now.

    Attributes:
        failing: what goes wrong, by duty.
        since_s: since when each fails, UTC seconds; another error is the same failure.
    """

    def __init__(self) -> None:
        self.failing: dict[str, str] = {}
        self.since_s: dict[str, float] = {}

    @folds(DutyFailed)
    def _failed(self, body: DutyFailed, entry: Entry) -> None:
        self.failing[body.duty] = body.error
        self.since_s.setdefault(body.duty, entry.time_s)

    @folds(DutyResumed)
    def _resumed(self, body: DutyResumed, entry: Entry) -> None:
        del entry
        self.failing.pop(body.duty, None)
        self.since_s.pop(body.duty, None)


@command("duty.note")
class NoteDuty(Command):
    """Note that a duty fails, or that it works again."""

    duty: DutyName = Field(description="which")
    error: Annotated[str, StringConstraints(max_length=400)] = Field(
        default="", description="what went wrong; empty: it works again"
    )

    def decide(self, at: CommandContext) -> None:
        """Each once, whichever process saw it first."""
        known = at.book.projection(DutyTroubles).failing
        if not self.error:
            if self.duty not in known:
                raise NotNow("it works, as is known")
            at.record(DutyResumed(duty=self.duty))
            return
        if known.get(self.duty) == self.error:
            raise NotNow("it is known that it fails")
        at.record(DutyFailed(duty=self.duty, error=self.error))
