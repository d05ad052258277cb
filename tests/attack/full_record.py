"""A node in whose record lies something secret of every row of the table of reads."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from operation.accounts.house import House
from operation.intelligence.test_intelligence import filed, prepared
from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case, actor
from operation.readiness_case import registered
from operation.situation.full_case import fill
from stopline.operation.core.commands import TakeReport, VoiceDecision
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.positions import ReportPositions
from stopline.operation.shifts.commands import BeginShift, HandOverShift
from stopline.operation.sightings.commands import ShareSightings
from stopline.operation.situation.commands import IssueSituation
from stopline.operation.watch_list.commands import AddWatch
from stopline.operation.watch_list.hit_commands import ReportHit

if TYPE_CHECKING:
    from pathlib import Path

PLATE = "FL 90817"
SECOND = actor("second_officer")
# What is secret, and the rows of which one is enough to read it.
PLANTED: dict[str, frozenset[str]] = {
    "canary-bridge": frozenset({"sightings"}),
    "canary-source": frozenset({"sightings"}),
    "9.51237": frozenset({"sightings"}),
    "47.11239": frozenset({"sightings"}),
    "canary-camera": frozenset({"sightings"}),
    "picturepicture": frozenset({"sightings"}),
    "90817": frozenset({"sightings", "wanted"}),
    "CANARY-U1": frozenset({"units", "board"}),
    "9.53331": frozenset({"units"}),
    "47.13337": frozenset({"units"}),
    "Forest road": frozenset({"board"}),
    "canary-late": frozenset({"board"}),
    "canary-handover": frozenset({"shifts"}),
    "canary-report": frozenset({"incident"}),
    "Two men fled": frozenset({"statements"}),
    "canary.person": frozenset({"people"}),
    "with your patrol at the bridge": frozenset({"matters"}),
}
NOBODY = ("Kestrel", "Zebra", "Sperling")  # what is in a sealed report


def full_record(folder: Path, plan: str) -> tuple[Case, House]:
    """Play an incident on two nodes in which much has happened; the first one is to be served."""
    case = Case(folder)
    secret = {"lon": 9.51237, "lat": 47.11239, "place": "canary-bridge", "source": "canary-source"}
    prepared(case)
    filed(case)
    case.do(0, case.sighting(**secret, confirmed=True, towards="the border"), DUTY)
    case.liaison = lambda: None  # type: ignore[method-assign]  # it is there already
    fill(case)
    case.do(0, RegisterUnits(units=(registered("CANARY-U1"),)), DUTY)
    here = {"unit": "CANARY-U1", "lon": 9.53331, "lat": 47.13337, "time": case.at(0)}
    case.do(0, ReportPositions.model_validate({"rows": [here]}), DUTY)
    case.do(0, AdoptPlan(incident=INCIDENT, plan=plan, late_because="canary-late"), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    case.do(0, ShareSightings(incident=INCIDENT), LIAISON)
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.do(0, voice, actor("prosecutor"))
    watch = AddWatch(incident=INCIDENT, plate=PLATE, vehicle="white van", expires=case.at(3600))
    case.do(0, watch, SECOND)
    hit = ReportHit(
        incident=INCIDENT, hit="h1", camera="canary-camera", section=4, seen=case.at(0),
        forward=True, hit_class="possible", confidence=0.7,
        crop=base64.b64encode(b"\xff\xd8\xff\xe0" + b"picture" * 20).decode(),
    )  # fmt: skip
    case.do(0, hit, actor("camera"))
    case.do(0, TakeReport(incident=INCIDENT, about="search", text="canary-report"), DUTY)
    case.do(0, IssueSituation(incident=INCIDENT), DUTY)
    case.do(0, BeginShift(), DUTY)
    case.do(0, HandOverShift(to="n.next", note="canary-handover"), DUTY)
    house = House.of(case.both)
    house.admit("canary.person", "second_press_officer")
    return case, house
