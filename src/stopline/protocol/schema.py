"""The form of a protocol document: what may stand in the YAML, as strict models.

The meaning of each field stands in its description; `docs/formats/protocol.md` says it at
length, and a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from stopline.protocol.fields import (
    DocumentEntry,
    Events,
    EventText,
    Name,
    Names,
    Seconds,
    SideName,
    Text,
)

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
FORM = "stopline-protocol/1"
CONFIRMATION = "confirmation"


class ProtocolSide(DocumentEntry):
    """A party with its own node and territory."""

    name: Text = Field(description="what people call the side")
    signed_as: Annotated[str, StringConstraints(pattern=r"^[^\s+]{1,120}$")] = Field(
        description="name of the key that signs for it"
    )
    titles: dict[Name, Text] = Field(
        default_factory=dict, description="what a role is called on this side, by role"
    )


class Amends(DocumentEntry):
    """The version that this document replaces."""

    version: Annotated[int, Field(ge=1)] = Field(description="its version number")
    digest: Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")] = Field(
        description="its digest, as `stopline protocol sign` wrote it"
    )


class Role(DocumentEntry):
    """A post that somebody holds at every hour."""

    title: Text = Field(description="what the post is called")
    agency: Name | None = Field(default=None, description="the service it belongs to")
    sides: Names = Field(default=(), description="the sides that have it; both if left out")
    deputies: Names = Field(
        default=(), description="roles that act while the holder is absent, in order"
    )
    reports_to: Name | None = Field(default=None, description="the role above it")


class Level(DocumentEntry):
    """An alert level, in rising order."""

    title: Text = Field(description="what it means")
    readiness: dict[Name, Text] = Field(
        default_factory=dict, description="state that each agency must reach, by agency"
    )
    set_by: Names = Field(default=(), description="roles that may set it by hand")


class PhaseExit(DocumentEntry):
    """One way out of a phase: all of `all_of` and, if given, one of `any_of`."""

    to: Name = Field(description="the phase that follows")
    all_of: Events = Field(default=(), description="events that must all have happened")
    any_of: Events = Field(default=(), description="events of which one must have happened")
    since: Literal["phase", "incident"] = Field(
        default="phase", description="count events since this phase was entered, or all"
    )


class Phase(DocumentEntry):
    """A stretch of the incident in which the same rules hold."""

    title: Text = Field(description="what happens in it")
    requires: Events = Field(
        default=(), description="entry condition: events that must have happened before"
    )
    level: Name | None = Field(default=None, description="alert level set on entry")
    exits: Annotated[tuple[PhaseExit, ...], Field(strict=False)] = Field(
        default=(), description="ways out, the first that holds is taken"
    )
    withdraws: bool = Field(default=False, description="open tasks are withdrawn on entry")
    final: bool = Field(default=False, description="the incident ends here")


class Trigger(DocumentEntry):
    """A kind of fact from outside the procedure, under a name."""

    title: Text | None = Field(default=None, description="in words")
    fact: Literal[
        "alarm", "sighting", "plan", "seal", "vehicle", "report", "statement", "line", "other"
    ] = Field(description="kind of fact")
    about: Names = Field(default=(), description="what the fact is about; any if left out")
    outcome: Names = Field(
        default=(), description="verdict, state or kind it must have; any if left out"
    )
    marks: Names = Field(
        default=(), description="properties it must have: `confirmed`, `heading`, ..."
    )
    side: Literal["own", "other", "any"] = Field(
        default="any", description="whose fact it must be, seen from the node that runs it"
    )


class Task(DocumentEntry):
    """Something a role must do, by when, with what evidence, and what happens if it is not done."""

    title: Text = Field(description="what to do, as an order")
    side: Name = Field(default="each", description="`each`, `lead`, `assist` or a side")
    who: Name | None = Field(default=None, description="role that must do it")
    on: Events = Field(description="events that open it; any of them")
    phases: Names = Field(default=(), description="opened only in these phases; any if left out")
    within_s: Seconds | None = Field(default=None, description="seconds until it must be done")
    counted_from: EventText | None = Field(
        default=None, description="event that starts the clock; the opening one if left out"
    )
    takes_at_least_s: Seconds | None = Field(
        default=None, description="seconds it takes even if nothing goes wrong"
    )
    closed_by: EventText | None = Field(
        default=None,
        description="evidence: an event, or `confirmation` by the person; "
        "left out: the sending of `sends`, else confirmation",
    )
    evidence: Text | None = Field(default=None, description="what the person must be able to show")
    sends: Name | None = Field(default=None, description="message to the other side it sends")
    acknowledged_by: Names = Field(default=(), description="roles that must acknowledge it")
    acknowledge_within_s: Seconds | None = Field(
        default=None, description="seconds from done until all have acknowledged"
    )
    escalates_to: Names = Field(
        default=(), description="roles told when it is overdue, in order; else who it reports to"
    )
    escalate_every_s: Seconds = Field(
        default=60.0, description="seconds from one escalation to the next"
    )
    authority: Names = Field(
        default=(), description="decisions or standing authorisations, one of which it needs"
    )
    needs: Names = Field(default=(), description="disclosures it makes beside its message's")
    withdrawn_on: Events = Field(default=(), description="events that make it pointless")
    repeat: Literal["incident", "phase", "event"] = Field(
        default="incident", description="opened once per incident, phase entry or event"
    )


class Decision(DocumentEntry):
    """A choice that only named roles may make."""

    title: Text = Field(description="the question")
    side: Name = Field(default="each", description="`each`, `lead`, `assist` or a side")
    taken_by: Names = Field(description="roles that may take it")
    persons: Annotated[int, Field(ge=1, le=5)] = Field(
        default=1, description="different persons who must agree on the outcome"
    )
    signed_by_person: bool = Field(
        default=False, description="each voice is signed by the officer's own key"
    )
    outcomes: Annotated[tuple[Name, ...], Field(strict=False, min_length=2)] = Field(
        default=("yes", "no"), description="what can be decided"
    )
    phases: Names = Field(default=(), description="phases in which it may be taken; any if empty")
    repeat: Literal["incident", "phase"] = Field(
        default="incident", description="taken once per incident or per phase entry"
    )


class Fallback(DocumentEntry):
    """How a message goes when the line is broken."""

    by: Text = Field(description="the other way, for example telephone")
    after_s: Seconds = Field(description="seconds without delivery until it is used")


class MessageForm(DocumentEntry):
    """What one side tells or asks the other."""

    title: Text = Field(description="what it says, or the question in words")
    kind: Literal["notice", "request", "answer"] = Field(
        default="notice", description="told, asked, or answered"
    )
    side: Name = Field(default="each", description="who may send: `each`, `lead`, `assist`, a side")
    sent_by: Name = Field(description="role that sends it")
    expected_by: Name = Field(description="role on the other side that receives it")
    answers: Name | None = Field(default=None, description="the request that this answers")
    carries: Names = Field(default=(), description="disclosures that it contains")
    phases: Names = Field(default=(), description="phases in which it may be sent; any if empty")
    fallback: Fallback | None = Field(
        default=None, description="the way round a broken line; none: it waits"
    )


# What the nodes say to each other in a joint plan; nobody writes these messages by hand.
NodeKind = Literal["plan.asked", "plan.answered", "plan.taken", "plan.decided"]


class Disclosure(DocumentEntry):
    """Something the other side may be shown, when, and who there may see it."""

    title: Text = Field(description="what is shown")
    phases: Names = Field(description="phases in which it may be shown")
    side: Name = Field(default="each", description="who may show: `each`, `lead`, `assist`, a side")
    to: Names = Field(default=(), description="roles there that may see it; any if left out")
    label: Literal["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"] = Field(
        default="AMBER", description="sharing label, TLP 2.0"
    )
    signed_by_person: bool = Field(
        default=False,
        description="for `suspicions`: each report is signed by the own key of who files it",
    )
    kinds: Annotated[tuple[NodeKind, ...], Field(strict=False)] = Field(
        default=(),
        description="messages that the nodes send by themselves for it, as in a joint plan",
    )


class StandingDecision(DocumentEntry):
    """Leave given in advance: what may be done in a phase without asking."""

    title: Text = Field(description="the leave, in words")
    side: Name = Field(default="each", description="`each`, `lead`, `assist` or a side")
    phases: Names = Field(description="phases in which it holds")
    given_by: Name = Field(description="role whose leave it is")
    allows: Names = Field(description="tasks that need no further decision")
    ends_on: Events = Field(default=(), description="events that end it")


class Milestone(DocumentEntry):
    """A moment whose time is measured from the alarm."""

    title: Text = Field(description="in words")
    on: Events = Field(description="events that reach it; any of them")
    side: Name = Field(
        default="both", description="`both` (the later), `first`, `lead`, `assist` or a side"
    )
    within_s: Seconds | None = Field(default=None, description="agreed seconds from the alarm")


class Protocol(DocumentEntry):
    """A whole document."""

    form: Literal["stopline-protocol/1"] = Field(description="name and version of this form")
    name: Name = Field(description="name of the agreement, the same in all its versions")
    version: Annotated[int, Field(ge=1, le=10**9)] = Field(description="1, 2, 3, ...")
    title: Text = Field(description="title on paper")
    purpose: Text | None = Field(default=None, description="why the sides agreed it")
    legal_basis: Text | None = Field(default=None, description="law or treaty it rests on")
    amends: Amends | None = Field(default=None, description="the version it replaces")
    signed_by_person: bool = Field(
        default=False,
        description="all decisions and reports are signed by the officers' own keys",
    )
    sides: Annotated[dict[SideName, ProtocolSide], Field(min_length=2, max_length=2)] = Field(
        description="the two parties; the first named leads if both raise the alarm at once"
    )
    roles: Annotated[dict[Name, Role], Field(min_length=1)] = Field(description="posts, by name")
    levels: dict[Name, Level] = Field(default_factory=dict, description="alert levels, rising")
    phases: Annotated[dict[Name, Phase], Field(min_length=1)] = Field(
        description="phases; the first named is where an incident begins"
    )
    triggers: dict[Name, Trigger] = Field(default_factory=dict, description="facts from outside")
    tasks: dict[Name, Task] = Field(default_factory=dict, description="what must be done")
    decisions: dict[Name, Decision] = Field(default_factory=dict, description="choices")
    messages: dict[Name, MessageForm] = Field(default_factory=dict, description="between the sides")
    disclosures: dict[Name, Disclosure] = Field(
        default_factory=dict, description="what may be shown to the other side"
    )
    standing: dict[Name, StandingDecision] = Field(
        default_factory=dict, description="leave given in advance"
    )
    milestones: dict[Name, Milestone] = Field(
        default_factory=dict, description="moments to be measured"
    )
    translations: dict[Language, dict[Text, Text]] = Field(
        default_factory=dict,
        description="by language (`de`): each text as it stands here, and as screens say it there",
    )


def evidence_of(task: Task) -> str:
    """The event that closes a task, or `confirmation`."""
    if task.closed_by is not None:
        return task.closed_by
    return CONFIRMATION if task.sends is None else f"message {task.sends} sent"
