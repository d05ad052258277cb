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


class EntryWords(NamedTuple):
    """A line of the timeline: what happened, and whether it stands in the short one."""

    what: str
    major: bool = False


@singledispatch
def words_of(body: FactBody, protocol: Protocol) -> EntryWords | None:
    """What a fact is called; None where it is no line of its own."""
    del protocol
    return EntryWords(
        (type(body).__doc__ or "").strip().splitlines()[0].partition(";")[0].rstrip(".")
    )


def _task(protocol: Protocol, instance: str) -> str:
    name = re.split("[@#]", instance, maxsplit=1)[0]
    known = protocol.tasks.get(name)
    return known.title if known else name


@words_of.register(desk.IncidentOpened)
def _(body: desk.IncidentOpened, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Incident opened; authority: {masked(body.authority)}")


@words_of.register(desk.AlarmRaised)
def _(body: desk.AlarmRaised, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Alarm: {masked(body.what)}, {masked(body.place)}", major=True)


@words_of.register(desk.TaskDone)
def _(body: desk.TaskDone, protocol: Protocol) -> EntryWords | None:
    return EntryWords(f"Done: {_task(protocol, body.task)}")


@words_of.register(desk.TaskAcknowledged)
def _(body: desk.TaskAcknowledged, protocol: Protocol) -> EntryWords | None:
    return EntryWords(f"Acknowledged: {_task(protocol, body.task)}")


@words_of.register(desk.DecisionVoiced)
def _(body: desk.DecisionVoiced, protocol: Protocol) -> EntryWords | None:
    known = protocol.decisions.get(body.decision)
    return EntryWords(f"Says {body.outcome}: {known.title if known else body.decision}")


@words_of.register(desk.DeadlinePassed)
def _(body: desk.DeadlinePassed, protocol: Protocol) -> EntryWords | None:
    what = "not done" if body.what == "done" else "not acknowledged"
    return EntryWords(f"Deadline passed, {what}: {_task(protocol, body.task)}")


@words_of.register(desk.ReportTaken)
def _(body: desk.ReportTaken, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Report about {body.about}")


@words_of.register(desk.VehicleStopped)
def _(body: desk.VehicleStopped, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"A vehicle is stopped: {masked(body.place)}", major=True)


@words_of.register(LinkChanged)
def _(body: LinkChanged, protocol: Protocol) -> EntryWords | None:
    del protocol
    if body.up:
        return EntryWords("The line is up", major=True)
    return EntryWords("The line to the other side is down", major=True)


@words_of.register(sightings.SightingNoted)
def _(body: sightings.SightingNoted, protocol: Protocol) -> EntryWords | None:
    del protocol
    sure = "confirmed" if body.confirmed else f"not confirmed, {body.grade}"
    if body.nothing_seen:
        return EntryWords(f"Watched and not seen: {masked(body.place)}")
    towards = f", heading for {masked(body.towards)}" if body.towards else ""
    return EntryWords(f"Seen: {masked(body.place)}{towards} ({sure})", major=True)


@words_of.register(sightings.SightingRetracted)
def _(body: sightings.SightingRetracted, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"A sighting is taken back: {masked(body.reason)}", major=True)


@words_of.register(orders.PlanAdopted)
def _(body: orders.PlanAdopted, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Plan adopted. {body.sentence}", major=True)


@words_of.register(orders.VerdictChanged)
def _(body: orders.VerdictChanged, protocol: Protocol) -> EntryWords | None:
    # Not its sentence: that names units, and this may be the other side's journal.
    del protocol
    if body.verdict == "unknown":
        return EntryWords("Whether a way is open cannot be said")
    count = len(body.ways) + body.more
    if not count:
        return EntryWords(
            "By what is closed or on its way in time, no exit can be reached", major=True
        )
    first = f"the first: {body.ways[0].exit}" if body.ways else "none is listed"
    exits = "1 exit" if count == 1 else f"{count} exits"
    return EntryWords(
        f"By what is closed or on its way in time, {exits} can be reached; {first}", major=True
    )


@words_of.register(orders.ReplanOffered)
def _(body: orders.ReplanOffered, protocol: Protocol) -> EntryWords | None:
    del protocol
    if not body.plan:
        return EntryWords("A better plan was looked for, and none found")
    new, gone = len(body.order), len(body.withdraw)
    return EntryWords(f"A new plan is offered: {new} new orders, {gone} withdrawn")


@words_of.register(orders.SealLate)
def _(body: orders.SealLate, protocol: Protocol) -> EntryWords | None:
    del body, protocol
    return EntryWords("A road is not closed by its deadline")


@words_of.register(orders.LessonWritten)
def _(body: orders.LessonWritten, protocol: Protocol) -> EntryWords | None:
    del body, protocol
    return EntryWords("A lesson is written down")


@words_of.register(CallHeld)
def _(body: CallHeld, protocol: Protocol) -> EntryWords | None:
    del protocol
    agreed = f"; agreed: {masked(body.agreed)}" if body.agreed else ""
    return EntryWords(f"Call between {body.between}{agreed}", major=True)


@words_of.register(statements.StatementDrafted)
def _(body: statements.StatementDrafted, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Statement drafted, version {body.version}")


@words_of.register(statements.StatementReleased)
def _(body: statements.StatementReleased, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Said in public: “{masked(body.text)}”", major=True)


@words_of.register(statements.StatementCorrected)
def _(body: statements.StatementCorrected, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"Corrected in public: “{masked(body.text)}”", major=True)


@words_of.register(SituationIssued)
def _(body: SituationIssued, protocol: Protocol) -> EntryWords | None:
    known = protocol.roles.get(body.reader)
    return EntryWords(f"Situation report {body.number} for {known.title if known else body.reader}")


@words_of.register(intelligence.IntelligenceFiled)
def _(body: intelligence.IntelligenceFiled, protocol: Protocol) -> EntryWords | None:
    del body, protocol
    return EntryWords("An intelligence report is filed")


@words_of.register(watch_list.WatchAdded)
def _(body: watch_list.WatchAdded, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(
        f"The cameras look for the one vehicle; authority: {masked(body.authority)}", major=True
    )


@words_of.register(watch_list.WatchVehicleDescribed)
def _(body: watch_list.WatchVehicleDescribed, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords("The vehicle bears another plate") if body.reason else None


@words_of.register(watch_list.WatchEnded)
def _(body: watch_list.WatchEnded, protocol: Protocol) -> EntryWords | None:
    del protocol
    return EntryWords(f"The watch list ends: {body.why}", major=True)


@words_of.register(stand_down.StandDownProposed)
def _(body: stand_down.StandDownProposed, protocol: Protocol) -> EntryWords | None:
    del protocol
    names = ", then ".join(f"{step.name} ({len(step.orders)})" for step in body.steps)
    return EntryWords(f"Order of reopening: {names}", major=True)


@words_of.register(stand_down.StandDownChecked)
def _(body: stand_down.StandDownChecked, protocol: Protocol) -> EntryWords | None:
    del protocol
    there = f"; not yet reported open there: {len(body.closed_there)}" if body.closed_there else ""
    return EntryWords(f"Checked: every road of this side is open{there}", major=True)
