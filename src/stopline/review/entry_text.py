"""What each fact and message is called in a timeline; persons, plates and sources stay out.

A kind that is not named here is called by the first line of its description, as a minor line.
"""

from __future__ import annotations

import re
from functools import singledispatch
from typing import TYPE_CHECKING, NamedTuple

from stopline.link.facts import LinkChanged
from stopline.operation.facts import incident as desk
from stopline.operation.facts import (
    intelligence,
    orders,
    sightings,
    stand_down,
    statements,
    watch_list,
)
from stopline.operation.facts.liaison import CallHeld
from stopline.operation.facts.situation import SituationIssued
from stopline.review.redaction import masked

if TYPE_CHECKING:
    from stopline.journal.kinds import FactBody
    from stopline.protocol.schema import Protocol


class Words(NamedTuple):
    """A line of the timeline: what happened, and whether it stands in the short one."""

    what: str
    major: bool = False


@singledispatch
def words_of(body: FactBody, protocol: Protocol) -> Words | None:
    """What a fact is called; None where it is no line of its own."""
    del protocol
    return Words((type(body).__doc__ or "").strip().splitlines()[0].partition(";")[0].rstrip("."))


def _task(protocol: Protocol, instance: str) -> str:
    name = re.split("[@#]", instance, maxsplit=1)[0]
    known = protocol.tasks.get(name)
    return known.title if known else name


@words_of.register(desk.IncidentOpened)
def _(body: desk.IncidentOpened, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Incident opened; authority: {masked(body.authority)}")


@words_of.register(desk.AlarmRaised)
def _(body: desk.AlarmRaised, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Alarm: {masked(body.what)}, {masked(body.place)}", major=True)


@words_of.register(desk.TaskDone)
def _(body: desk.TaskDone, protocol: Protocol) -> Words | None:
    return Words(f"Done: {_task(protocol, body.task)}")


@words_of.register(desk.TaskAcknowledged)
def _(body: desk.TaskAcknowledged, protocol: Protocol) -> Words | None:
    return Words(f"Acknowledged: {_task(protocol, body.task)}")


@words_of.register(desk.DecisionVoiced)
def _(body: desk.DecisionVoiced, protocol: Protocol) -> Words | None:
    known = protocol.decisions.get(body.decision)
    return Words(f"Says {body.outcome}: {known.title if known else body.decision}")


@words_of.register(desk.DeadlinePassed)
def _(body: desk.DeadlinePassed, protocol: Protocol) -> Words | None:
    what = "not done" if body.what == "done" else "not acknowledged"
    return Words(f"Deadline passed, {what}: {_task(protocol, body.task)}")


@words_of.register(desk.ReportTaken)
def _(body: desk.ReportTaken, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Report about {body.about}")


@words_of.register(desk.VehicleStopped)
def _(body: desk.VehicleStopped, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"A vehicle is stopped: {masked(body.place)}", major=True)


@words_of.register(LinkChanged)
def _(body: LinkChanged, protocol: Protocol) -> Words | None:
    del protocol
    if body.up:
        return Words("The line is up", major=True)
    return Words("The line to the other side is down", major=True)


@words_of.register(sightings.SightingNoted)
def _(body: sightings.SightingNoted, protocol: Protocol) -> Words | None:
    del protocol
    sure = "confirmed" if body.confirmed else f"not confirmed, {body.grade}"
    if body.nothing_seen:
        return Words(f"Watched and not seen: {masked(body.place)}")
    towards = f", heading for {masked(body.towards)}" if body.towards else ""
    return Words(f"Seen: {masked(body.place)}{towards} ({sure})", major=True)


@words_of.register(sightings.SightingRetracted)
def _(body: sightings.SightingRetracted, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"A sighting is taken back: {masked(body.reason)}", major=True)


@words_of.register(orders.PlanAdopted)
def _(body: orders.PlanAdopted, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Plan adopted. {body.sentence}", major=True)


@words_of.register(orders.VerdictChanged)
def _(body: orders.VerdictChanged, protocol: Protocol) -> Words | None:
    # Not its sentence: that names units, and this may be the other side's journal.
    del protocol
    if body.verdict == "unknown":
        return Words("Whether a way is open cannot be said")
    count = len(body.ways) + body.more
    if not count:
        return Words("By what is closed now, no exit can be reached", major=True)
    first = f"the first: {body.ways[0].exit}" if body.ways else "none is listed"
    exits = "1 exit" if count == 1 else f"{count} exits"
    return Words(f"By what is closed now, {exits} can be reached; {first}", major=True)


@words_of.register(orders.ReplanOffered)
def _(body: orders.ReplanOffered, protocol: Protocol) -> Words | None:
    del protocol
    if not body.plan:
        return Words("A better plan was looked for, and none found")
    new, gone = len(body.order), len(body.withdraw)
    return Words(f"A new plan is offered: {new} new orders, {gone} withdrawn")


@words_of.register(orders.SealLate)
def _(body: orders.SealLate, protocol: Protocol) -> Words | None:
    del body, protocol
    return Words("A road is not closed by its deadline")


@words_of.register(orders.LessonWritten)
def _(body: orders.LessonWritten, protocol: Protocol) -> Words | None:
    del body, protocol
    return Words("A lesson is written down")


@words_of.register(CallHeld)
def _(body: CallHeld, protocol: Protocol) -> Words | None:
    del protocol
    agreed = f"; agreed: {masked(body.agreed)}" if body.agreed else ""
    return Words(f"Call between {body.between}{agreed}", major=True)


@words_of.register(statements.StatementDrafted)
def _(body: statements.StatementDrafted, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Statement drafted, version {body.version}")


@words_of.register(statements.StatementReleased)
def _(body: statements.StatementReleased, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Said in public: “{masked(body.text)}”", major=True)


@words_of.register(statements.StatementCorrected)
def _(body: statements.StatementCorrected, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"Corrected in public: “{masked(body.text)}”", major=True)


@words_of.register(SituationIssued)
def _(body: SituationIssued, protocol: Protocol) -> Words | None:
    known = protocol.roles.get(body.reader)
    return Words(f"Situation report {body.number} for {known.title if known else body.reader}")


@words_of.register(intelligence.IntelligenceFiled)
def _(body: intelligence.IntelligenceFiled, protocol: Protocol) -> Words | None:
    del body, protocol
    return Words("An intelligence report is filed")


@words_of.register(watch_list.WatchAdded)
def _(body: watch_list.WatchAdded, protocol: Protocol) -> Words | None:
    del protocol
    return Words(
        f"The cameras look for the one vehicle; authority: {masked(body.authority)}", major=True
    )


@words_of.register(watch_list.WatchVehicleDescribed)
def _(body: watch_list.WatchVehicleDescribed, protocol: Protocol) -> Words | None:
    del protocol
    return Words("The vehicle bears another plate") if body.reason else None


@words_of.register(watch_list.WatchEnded)
def _(body: watch_list.WatchEnded, protocol: Protocol) -> Words | None:
    del protocol
    return Words(f"The watch list ends: {body.why}", major=True)


@words_of.register(stand_down.StandDownProposed)
def _(body: stand_down.StandDownProposed, protocol: Protocol) -> Words | None:
    del protocol
    names = ", then ".join(f"{step.name} ({len(step.orders)})" for step in body.steps)
    return Words(f"Order of reopening: {names}", major=True)


@words_of.register(stand_down.StandDownChecked)
def _(body: stand_down.StandDownChecked, protocol: Protocol) -> Words | None:
    del protocol
    there = f"; not yet reported open there: {len(body.closed_there)}" if body.closed_there else ""
    return Words(f"Checked: every road of this side is open{there}", major=True)
