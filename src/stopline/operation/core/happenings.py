"""What the situation report needs and no other room keeps: the alarm, the line, reports issued."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.journal.facts import NodeStarted
from stopline.link.facts import LinkChanged
from stopline.link.procedure_message import ProcedureSaid, SealStatus
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.incident import AlarmRaised, VehicleStopped
from stopline.operation.facts.situation import SituationIssued

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True)
class ToldSeal:
    """A seal of one side, as it told the other."""

    told_s: float
    status: SealStatus


@projection("incident")
class Happenings(Projection):
    """What happened, as both sides say.

    Attributes:
        alarm: our own alarm, if it was raised here.
        told: what happened and which vehicle, as the other side says; empty if it did not.
        stopped: where a vehicle was stopped, in order: time, whether the other side did, place.
        seals_there: state of the other side's seals, by site, as it told us.
        seals_told: state of our seals, by site, as we told the other side.
        belief_there: where the other side takes it to be heading: time and probabilities.
        issued: situation reports, in order.
    """

    def __init__(self) -> None:
        self.alarm: AlarmRaised | None = None
        self.told: tuple[str, str] = ("", "")
        self.stopped: list[tuple[float, bool, str]] = []
        self.seals_there: dict[str, ToldSeal] = {}
        self.seals_told: dict[str, ToldSeal] = {}
        self.belief_there: tuple[float, dict[str, float]] | None = None
        self.issued: list[SituationIssued] = []

    @folds(AlarmRaised)
    def _alarm(self, body: AlarmRaised, entry: Entry) -> None:
        del entry
        self.alarm = body

    @folds(VehicleStopped)
    def _stopped(self, body: VehicleStopped, entry: Entry) -> None:
        self.stopped.append((entry.time_s, False, body.place))

    @folds(SituationIssued)
    def _issued(self, body: SituationIssued, entry: Entry) -> None:
        del entry
        self.issued.append(body)

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        seals = self.seals_there if received else self.seals_told
        for status in body.seal_status:
            seals[status.site] = ToldSeal(entry.time_s, status)
        if not received:
            return
        happened, vehicle = self.told
        self.told = (body.what_happened or happened, body.vehicle or vehicle)
        if body.detention:
            self.stopped.append((entry.time_s, True, body.detention))
        if body.belief is not None:
            self.belief_there = (entry.time_s, body.belief.destinations)


@projection("node")
class LineSeen(Projection):
    """Whether the line to the other side is up, and since when; None before it ever was."""

    def __init__(self) -> None:
        self.up: bool | None = None
        self.since_s = 0.0

    @folds(LinkChanged)
    def _changed(self, body: LinkChanged, entry: Entry) -> None:
        self.up, self.since_s = body.up, entry.time_s

    @folds(NodeStarted)
    def _started(self, body: NodeStarted, entry: Entry) -> None:
        """Whoever kept the line has begun anew: it is down until it is found up."""
        del body
        if self.up:
            self.up, self.since_s = False, entry.time_s
