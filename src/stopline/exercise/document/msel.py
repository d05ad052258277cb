"""The form of the master scenario events list: injects, and the actions that are expected."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stopline.exercise.document.fields import (
    AT_ONCE,
    AfterStart,
    Grade,
    Label,
    Line,
    Metres,
    Place,
    To,
    Words,
    taken,
)
from stopline.protocol.fields import DocumentEntry, Name
from stopline.protocol.rehearsal.schema import Duration  # noqa: TC001  (pydantic needs it)

How = Literal["sighting", "report", "call", "message", "fault"]
Number = Annotated[int, Field(ge=1, le=9999)]
_DOTTED = re.compile(r"[a-z][a-z.-]{1,59}")


def _dotted(text: str) -> str:
    if _DOTTED.fullmatch(text) is None:
        raise ValueError("expected words joined by a dot, such as alarm.raise or alarm.raised")
    return text


Dotted = Annotated[str, AfterValidator(_dotted)]


class When(DocumentEntry):
    """When an inject is given: exactly one of the four."""

    at_s: AfterStart | None = Field(default=None, description="seconds after STARTEX")
    after_inject: Number | None = Field(default=None, description="number of another inject")
    after_fact: Dotted | None = Field(
        default=None, description="kind of a fact, for example `alarm.raised`"
    )
    side: Name | None = Field(
        default=None, description="with `after_fact`: in whose journal; either if left out"
    )
    on_call: bool = Field(
        default=False, description="a contingency inject: a controller plays it, or nobody"
    )
    takes: Duration = Field(default=AT_ONCE, description="how long after what it follows")

    @model_validator(mode="after")
    def _one_of_four(self) -> When:
        given = [self.at_s, self.after_inject, self.after_fact, self.on_call or None]
        if sum(one is not None for one in given) != 1:
            raise ValueError(
                "expected exactly one of `at_s`, `after_inject`, `after_fact`, `on_call: true`"
            )
        if self.side is not None and self.after_fact is None:
            raise ValueError("expected `side` only with `after_fact`")
        return self


class SightingGiven(Place):
    """What an inject reports of the vehicle, true or not."""

    radius_m: Metres = Field(default=50.0, description="how far from there it may have been")
    grade: Grade = Field(default="B2", description="reliability and credibility")
    confirmed: bool = Field(default=False, description="held for certain")
    towards: Line | None = Field(default=None, description="where it is heading, if said")
    ago_s: AfterStart = Field(default=0.0, description="how long before it was seen")


class ReportGiven(DocumentEntry):
    """A report from outside that the protocol waits for."""

    about: Name = Field(description="search, press, public, suspicion, ...")
    outcome: Annotated[str, Field(max_length=200), AfterValidator(taken)] = Field(
        default="", description="its outcome"
    )


class FaultGiven(DocumentEntry):
    """What breaks: exactly one of the two."""

    line: Literal["cut", "black hole"] | None = Field(
        default=None, description="the line between the sides"
    )
    stops: Name | None = Field(default=None, description="the node of this side is killed")
    for_s: Annotated[float, Field(gt=0, le=86_400)] = Field(description="until it is mended")

    @model_validator(mode="after")
    def _one_of_two(self) -> FaultGiven:
        if (self.line is None) is (self.stops is None):
            raise ValueError("expected exactly one of `line`, `stops`")
        return self


class ExpectedAction(DocumentEntry):
    """What the players are expected to do about it."""

    command: Dotted = Field(description="a command of the node, for example `message.send`")
    by: To = Field(description="who")
    within_s: Annotated[float, Field(gt=0, le=604_800)] = Field(
        description="seconds after the inject"
    )
    of: Line | None = Field(
        default=None, description="which: the message, task, decision or report it must name"
    )


class Inject(DocumentEntry):
    """One line of the master scenario events list."""

    number: Number = Field(description="its number, which a controller calls it by")
    when: When = Field(description="when it is given")
    from_: Line = Field(alias="from", description="who says it, as the players hear it")
    to: To = Field(description="who gets it")
    how: How = Field(description="sighting, report, call, message or fault")
    text: Words = Field(description="what is said")
    sighting: SightingGiven | None = Field(default=None, description="with `how: sighting`")
    report: ReportGiven | None = Field(default=None, description="with `how: report`")
    message: Name | None = Field(
        default=None, description="with `how: message`: message of the protocol that is said"
    )
    fault: FaultGiven | None = Field(default=None, description="with `how: fault`")
    expect: ExpectedAction | None = Field(default=None, description="the expected action")
    objective: Label | None = Field(default=None, description="the objective that it serves")

    @model_validator(mode="after")
    def _fits(self) -> Inject:
        parts = {
            "sighting": self.sighting, "report": self.report, "message": self.message,
            "fault": self.fault,
        }  # fmt: skip
        wrong = [name for name, part in parts.items() if part is not None and name != self.how]
        if wrong:
            raise ValueError(f"expected `{wrong[0]}` only with `how: {wrong[0]}`")
        if self.how in parts and parts[self.how] is None:
            raise ValueError(f"expected `{self.how}` beside `how: {self.how}`")
        return self
