"""Commands of liaison: ask, answer, write down a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field

from stopline.link.procedure_message import CommittedSection, ProcedureSaid, WantedSection
from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow
from stopline.operation.core.short_ids import pick
from stopline.operation.core.site_numbers import (
    SiteNumbers,
    names_file_ids,
    numbered,
    site_numbers,
)
from stopline.operation.facts.liaison import CallBetween, CallHeld
from stopline.operation.liaison.projection import Exchange
from stopline.operation.liaison.requests import Request, requests_of

if TYPE_CHECKING:
    from stopline.operation.core.preparation import Preparation

Words = Annotated[str, Field(max_length=4000)]
Sites = 500
_LONGEST_CALL_MIN = 24 * 60


@command("request.ask")
class AskOtherSide(IncidentCommand):
    """Ask the other side: seal these sections by these times, send units, tell us, or in words."""

    message: Line = Field(description="request of the protocol, for example can_you_seal")
    asked: Literal["seal sections", "send units", "information", "other"] = Field(
        description="what for"
    )
    text: Words = Field(default="", description="in words")
    wanted_sections: Annotated[tuple[WantedSection, ...], Field(max_length=Sites)] = Field(
        default=(), description="sites to seal, with their times"
    )
    answer_by: AwareDatetime = Field(description="an answer is needed by then, with zone")

    @property
    def takes_long(self) -> bool:
        """Only ids of the map's file have to be looked up."""
        return names_file_ids(self.wanted_sections)

    def prepare(self, ground: Preparation) -> SiteNumbers | None:
        """Look up ids of the map's file."""
        return site_numbers(ground, self.wanted_sections)

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may, and what the request may carry."""
        incident = at.incident()
        known = incident.machine.protocol.messages.get(self.message)
        if known is None or known.kind != "request":
            names = [
                n for n, m in incident.machine.protocol.messages.items() if m.kind == "request"
            ]
            raise NotNow(f"`{self.message}` is no request; expected one of {', '.join(names)}")
        if self.answer_by.timestamp() <= at.now_s:
            raise NotNow(f"an answer by {self.answer_by.isoformat()} is in the past")
        if self.asked == "seal sections" and not self.wanted_sections:
            raise NotNow("no section is named; expected the sites to seal, each with its time")
        if self.asked != "seal sections" and not self.text:
            raise NotNow(f"it does not say what is asked; expected words for `{self.asked}`")
        at.send(
            ProcedureSaid(
                protocol=incident.state.version, name=self.message, asked=self.asked,
                answer_by=iso(self.answer_by.timestamp()), text=self.text,
                wanted_sections=numbered(self.wanted_sections, at.prepared),
            )
        )  # fmt: skip


@command("request.answer")
class AnswerOtherSide(IncidentCommand):
    """Answer a request of the other side: yes, in part with conditions, no with a reason, done."""

    request: Line = Field(description="id of the message that asked")
    answer: Literal["accepted", "in part", "declined", "done"] = Field(description="the answer")
    text: Words = Field(default="", description="conditions, or the reason of a no")
    commitments: Annotated[tuple[CommittedSection, ...], Field(max_length=Sites)] = Field(
        default=(), description="sites that are held, with their times; never by which unit"
    )
    message: Line | None = Field(
        default=None, description="answer of the protocol; left out: the one for this request"
    )

    @property
    def takes_long(self) -> bool:
        """Only ids of the map's file have to be looked up."""
        return names_file_ids(self.commitments)

    def prepare(self, ground: Preparation) -> SiteNumbers | None:
        """Look up ids of the map's file."""
        return site_numbers(ground, self.commitments)

    def decide(self, at: CommandContext) -> None:
        """Only a request of the other side; the protocol says who may answer it."""
        incident = at.incident()
        asked = self._request(at)
        held = numbered(self.commitments, at.prepared)
        self._check(asked, held)
        name = self.message or _answer_to(asked, at)
        at.send(
            ProcedureSaid(
                protocol=incident.state.version, name=name, ref=asked.asked.id,
                request=asked.asked.id, answer=self.answer, text=self.text,
                commitments=held,
            )
        )  # fmt: skip

    def _request(self, at: CommandContext) -> Request:
        known = {each.asked.id: each for each in requests_of(at.incident(), at.now_s)}
        found = known[pick(self.request, known, "request")]
        if not found.asked.received:
            raise NotNow("this side asked that itself; the other side answers it")
        return found

    def _check(self, asked: Request, held: tuple[CommittedSection, ...]) -> None:
        wanted = {each.site for each in asked.asked.body.wanted_sections}
        others = [
            given.site
            for given, each in zip(self.commitments, held, strict=True)
            if each.site not in wanted
        ]
        if wanted and others:
            raise NotNow(f"{', '.join(others)} was not asked for; expected only the sites asked")
        if self.answer == "declined" and not self.text:
            raise NotNow("a no needs its reason in words")
        if self.answer == "in part" and not (self.text or self.commitments):
            raise NotNow("in part needs its conditions: words, or the sites that are held")
        if self.answer == "done" and (
            not asked.answers or asked.answers[-1].body.answer not in {"accepted", "in part"}
        ):
            raise NotNow("only what was accepted can be done; answer it first")


@command("call.log")
class LogCall(IncidentCommand):
    """Write down a call between people of the two sides: who asked what, and what was agreed."""

    between: CallBetween = Field(description="who, by office")
    ours: Line = Field(description="name and office on this side")
    theirs: Line = Field(description="name and office on the other side")
    began: AwareDatetime = Field(description="when, with zone")
    minutes: float = Field(ge=0, le=_LONGEST_CALL_MIN, description="how long")
    we_asked: Words = Field(default="", description="what this side asked")
    they_asked: Words = Field(default="", description="what the other side asked")
    agreed: Words = Field(default="", description="what was agreed")
    corrects: Line | None = Field(default=None, description="id of the call this replaces")

    def decide(self, at: CommandContext) -> None:
        """A call of the past, with something to say; also after the incident is over."""
        calls = at.incident(running=False).projection(Exchange).calls
        if self.began.timestamp() > at.now_s:
            raise NotNow(f"the call is in the future, at {self.began.isoformat()}")
        if not (self.we_asked or self.they_asked or self.agreed):
            raise NotNow("nothing was asked and nothing agreed; expected at least one in words")
        if self.corrects is not None and self.corrects not in calls:
            raise NotNow(f"there is no call {self.corrects} to correct")
        at.record(
            CallHeld(
                between=self.between, ours=self.ours, theirs=self.theirs,
                began=iso(self.began.timestamp()), minutes=self.minutes, we_asked=self.we_asked,
                they_asked=self.they_asked, agreed=self.agreed, corrects=self.corrects,
            )
        )  # fmt: skip


def _answer_to(asked: Request, at: CommandContext) -> str:
    messages = at.incident().machine.protocol.messages
    names = [name for name, each in messages.items() if each.answers == asked.asked.body.name]
    if len(names) != 1:
        raise NotNow(
            f"the protocol has {len(names)} answers to `{asked.asked.body.name}`; "
            f"expected `message`, one of {', '.join(names) or 'none'}"
        )
    return names[0]
