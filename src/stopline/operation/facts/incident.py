"""Facts of the desk itself: the protocol adopted, the incident, and what the procedure asks for."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


class Meaning(NamedTuple):
    """What a fact means to the agreed protocol; see `stopline.protocol.state.Fact`."""

    kind: str
    about: str = ""
    outcome: str = ""
    marks: tuple[str, ...] = ()
    ref: str = ""


class IncidentFact(FactBody):
    """A fact of an incident; `meanings` says what it means to the protocol, if anything."""

    def meanings(self) -> tuple[Meaning, ...]:
        """What the protocol makes of it, in order; empty for nothing."""
        return ()


@fact_kind("protocol.adopted")
class ProtocolAdopted(FactBody):
    """A protocol that both sides signed is in force on this node."""

    document: str = Field(description="the document, YAML, to the byte")
    signatures: str = Field(description="the signature file, a C2SP note")
    side: str = Field(description="which of its sides this node is")


@fact_kind("incident.opened")
class IncidentOpened(IncidentFact):
    """An incident was opened under a legal authority, with an end."""

    title: str = Field(description="what it is called")
    authority: str = Field(description="legal authority: order, court, number")
    expires: str = Field(description="end of the authority, ISO 8601 with zone")
    protocol: str = Field(description="digest of the protocol it runs under to its end")


@fact_kind("incident.extended")
class IncidentExtended(IncidentFact):
    """The authority of an incident was renewed."""

    authority: str = Field(description="legal authority: order, court, number")
    expires: str = Field(description="new end, ISO 8601 with zone")


@fact_kind("alarm.raised")
class AlarmRaised(IncidentFact):
    """The alarm was raised: a vehicle flees."""

    what: str = Field(description="what happened, in one sentence")
    place: str = Field(description="where, as people name it")
    happened: str = Field(description="when, ISO 8601 with zone")
    vehicle: str = Field(description="what is known of the vehicle")

    def meanings(self) -> tuple[Meaning, ...]:
        """An alarm on this side."""
        return (Meaning("alarm"),)


@fact_kind("task.done")
class TaskDone(IncidentFact):
    """A person reported a task done."""

    task: str = Field(description="the task, or its instance")
    evidence: str = Field(description="what shows it")

    def meanings(self) -> tuple[Meaning, ...]:
        """The task is done."""
        return (Meaning("task_done", self.task),)


@fact_kind("task.acknowledged")
class TaskAcknowledged(IncidentFact):
    """A person took note of a task that was done."""

    task: str = Field(description="the task, or its instance")

    def meanings(self) -> tuple[Meaning, ...]:
        """The task is acknowledged."""
        return (Meaning("task_acknowledged", self.task),)


@fact_kind("decision.voiced")
class DecisionVoiced(IncidentFact):
    """A person gave a voice in a decision; where two are needed, one alone decides nothing."""

    decision: str = Field(description="decision of the protocol")
    outcome: str = Field(description="one of its outcomes")
    reason: str = Field(description="why, empty if not said")
    signature: str = Field(
        default="", description="the officer's own: time, public key, signature; empty for none"
    )

    def meanings(self) -> tuple[Meaning, ...]:
        """One voice."""
        return (Meaning("decided", self.decision, self.outcome),)


@fact_kind("level.set")
class LevelSet(IncidentFact):
    """A person set the alert level by hand."""

    level: str = Field(description="alert level of the protocol")

    def meanings(self) -> tuple[Meaning, ...]:
        """The level is set."""
        return (Meaning("level_set", self.level),)


@fact_kind("attendance.noted")
class AttendanceNoted(IncidentFact):
    """The holder of a role is away, or is back: deputies act meanwhile."""

    about: str = Field(description="the role")
    present: bool = Field(description="whether its holder is there")

    def meanings(self) -> tuple[Meaning, ...]:
        """Absent or present."""
        return (Meaning("present" if self.present else "absent", self.about),)


@fact_kind("deadline.passed")
class DeadlinePassed(IncidentFact):
    """A deadline of a task went by; the protocol says who is told."""

    task: str = Field(description="the task's instance")
    what: str = Field(description="what was missed: done or acknowledged")
    due: str = Field(description="the deadline, ISO 8601 with zone")

    def meanings(self) -> tuple[Meaning, ...]:
        """The deadline is over."""
        return (Meaning("deadline_passed", self.task, self.what),)


@fact_kind("report.taken")
class ReportTaken(IncidentFact):
    """Something was reported from outside that the protocol waits for."""

    about: str = Field(description="what it is about: search, press, public, ...")
    outcome: str = Field(description="its outcome, empty if none")
    text: str = Field(description="what was reported")

    def meanings(self) -> tuple[Meaning, ...]:
        """A report."""
        return (Meaning("report", self.about, self.outcome),)


@fact_kind("vehicle.stopped")
class VehicleStopped(IncidentFact):
    """A vehicle was stopped on this side."""

    place: str = Field(description="where, as people name it")
    text: str = Field(description="what was found")

    def meanings(self) -> tuple[Meaning, ...]:
        """Detained."""
        return (Meaning("vehicle", outcome="detained"),)
