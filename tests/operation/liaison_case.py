"""Two desks in the middle of an incident, for the tests of the rooms where the sides meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.link.procedure_message import ProcedureSaid, WantedSection
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import (
    AcknowledgeMessage,
    OpenIncident,
    RaiseAlarm,
    SendMessage,
    VoiceDecision,
)
from stopline.operation.liaison.projection import Exchange
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.runtime.scheduler import Scheduler
from stopline.operation.sightings.commands import NoteSighting
from stopline.protocol.reader import parse_protocol
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandReceipt
    from stopline.operation.core.incident import Incident

REGION = Path(__file__).parent / "orders/vaduz/sealed.yaml"
DOCUMENT = Path(__file__).parents[2] / "examples/protocols/joint_search.yaml"
INCIDENT = "i-1"


def actor(role: str, person: str = "") -> Actor:
    """A person of a role, with the agency that the shipped protocol gives to it."""
    agencies = {
        "duty_officer": "police",
        "second_officer": "police",
        "liaison_officer": "police",
        "chief_of_police": "police",
    }
    return Actor(person or f"p.{role}", role, agencies.get(role))


DUTY, LIAISON, CHIEF = (
    actor("duty_officer"),
    actor("liaison_officer"),
    actor("chief_of_police"),
)


class Case:
    """Two desks with incident i-1; end 0 raised the alarm and leads."""

    def __init__(self, folder: Path) -> None:
        self.both = TwoNodes.make(folder, DOCUMENT.read_bytes())

    @classmethod
    def reopened(cls, folder: Path, now_s: float) -> Case:
        """A case that was closed at a moment and goes on from its nodes on disk."""
        case = cls.__new__(cls)
        alder, birch = parse_protocol(DOCUMENT.read_bytes()).protocol.sides
        case.both = TwoNodes.reopen((folder / alder, folder / birch), now_s)
        return case

    def at(self, seconds: float) -> datetime:
        """A moment so many seconds from now."""
        return datetime.fromtimestamp(self.both.now_s + seconds, UTC)

    def incident(self, end: int = 0) -> Incident:
        """The incident as a side knows it."""
        return self.both.desks[end].catch_up().incident(INCIDENT)

    def do(self, end: int, command: Command, who: Actor) -> CommandReceipt:
        """Give a command and let it travel."""
        done = self.both.do(end, command, who)
        self.both.run(1.0)
        return done

    def said(self, name: str, **content: object) -> SendMessage:
        """A message of the protocol."""
        return SendMessage(
            incident=INCIDENT,
            said=ProcedureSaid.model_validate({"protocol": "", "name": name, **content}),
        )

    def alarm(self) -> None:
        """Open the incident on both sides and raise the alarm on end 0: phase ALARM."""
        for end in (0, 1):
            command = OpenIncident(
                incident=INCIDENT, title="Hall", authority=f"order {end}", expires=self.at(9e4)
            )
            self.do(end, command, DUTY)
        command = RaiseAlarm(
            incident=INCIDENT, what="shots fired", place="Crocus hall", happened=self.at(-60),
            vehicle="white van",
        )  # fmt: skip
        self.do(0, command, DUTY)

    def liaison(self) -> None:
        """On to phase LIAISON."""
        self.alarm()
        self.do(0, self.said("alert", what_happened="shots", vehicle="white van"), DUTY)
        self.do(1, self.said("alert_understood"), DUTY)

    def sighting(self, **changes: object) -> NoteSighting:
        """A sighting at a place, not confirmed."""
        told = {
            "incident": INCIDENT, "lon": 9.5, "lat": 47.1, "place": "bridge", "seen": self.at(-30),
            "source": "patrol 7 by radio", "grade": "B2", **changes,
        }  # fmt: skip
        return NoteSighting.model_validate(told)

    def agree(self) -> None:
        """On to phase AGREE on both sides."""
        self.liaison()
        self.do(0, self.sighting(confirmed=True, towards="the border"), DUTY)
        self.do(0, self.said("heading"), LIAISON)

    def seal(self) -> None:
        """On to phase SEAL on both sides."""
        self.agree()
        head = actor("head_of_state")
        for end in (0, 1):
            voice = VoiceDecision(incident=INCIDENT, decision="joint_sealing", outcome="yes")
            self.do(end, voice, head)
            self.do(end, self.said("sealing_agreed"), LIAISON)

    def orders_out(self, plan: str) -> None:
        """On to phase SEAL, with a plan adopted and our orders out; the nodes know its region."""
        self.seal()
        self.know_the_region()
        self.do(0, AdoptPlan(incident=INCIDENT, plan=plan), DUTY)
        self.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)

    def know_the_region(self) -> None:
        """Have both nodes plan anew from all sites of the scenario that the plans are of."""
        for end, duties in enumerate(self.both.duties):
            settings = replace(duties.settings, scenarios=(REGION,))
            self.both.duties[end] = Scheduler(duties.desk, settings)

    def acknowledge(self, end: int, message: str, who: Actor) -> None:
        """Take note of a message by name."""
        self.do(end, AcknowledgeMessage(incident=INCIDENT, message=message), who)

    def exchange(self, end: int) -> Exchange:
        """What was said, as a side knows it."""
        return self.incident(end).projection(Exchange)

    def wanted(self, site: str = "section 7", by: float = 1200) -> WantedSection:
        """A site that the other side is to seal."""
        return WantedSection(
            site=site, road="A 3", lon=9.5, lat=47.2, by=self.at(by).isoformat(), strength=4
        )

    def folded(self, end: int) -> dict[str, object]:
        """Everything that a side's areas hold, to compare after a restart."""
        book = self.both.desks[end].catch_up()
        areas = [*book._areas.values(), *self.incident(end).areas.values()]
        assert not book.unread, book.unread
        return {type(area).__name__: vars(area) for area in areas}

    def restart_folds_the_same(self) -> None:
        """Kill both nodes, start them from what is on disk, and compare."""
        for end in (0, 1):
            before = self.folded(end)
            self.both.restart(end)
            assert self.folded(end) == before
