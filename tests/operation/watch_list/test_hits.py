"""Hits of cameras: a certain one is a sighting, a possible one waits, and its picture goes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from operation.sightings.test_odd_places import OneRegion
from stopline.belief.sightings import CameraHit as BelievedHit
from stopline.belief.sightings import Silence
from stopline.operation.core.command import all_commands
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.permissions import CAMERA, may
from stopline.operation.sightings.for_belief import for_belief
from stopline.operation.sightings.projection import Sightings
from stopline.operation.watch_list.commands import AddWatch, DropWatch
from stopline.operation.watch_list.expiry import expire_watch_list, pass_hits_on
from stopline.operation.watch_list.hit_commands import (
    ConfirmHit,
    PassHitOn,
    RejectHit,
    ReportCamera,
    ReportHit,
    ReportSilence,
)
from stopline.operation.watch_list.hits import Hits

if TYPE_CHECKING:
    from stopline.operation.watch_list.hits import WatchHit

MACHINE = actor("camera")
SECOND = actor("second_officer")
PLATE = "FL 90817"
JPEG = b"\xff\xd8\xff\xe0" + b"a picture of the vehicle" * 20


@pytest.fixture
def searching(case: Case) -> Case:
    """The cameras search, since now."""
    case.liaison()
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.do(0, voice, actor("prosecutor"))
    watch = AddWatch(incident=INCIDENT, plate=PLATE, vehicle="white van", expires=case.at(3600))
    case.do(0, watch, SECOND)
    return case


def report(case: Case, hit: str = "h1", who: Any = MACHINE, **fields: Any) -> None:
    given = {
        "camera": "A1 north", "section": 4, "seen": case.at(0), "forward": True,
        "hit_class": "possible", "confidence": 0.7, "crop": base64.b64encode(JPEG).decode(),
    } | fields  # fmt: skip
    case.do(0, ReportHit(incident=INCIDENT, hit=hit, **given), who)


def hit(case: Case, name: str = "h1") -> WatchHit:
    return case.incident().projection(Hits).by_id[name]


def believed(case: Case) -> list[Any]:
    return for_belief(case.incident().projection(Sightings).by_id.values(), ())


def everything(case: Case) -> str:
    journal = case.both.desks[0].node.journal
    return json.dumps([entry.body for entry in journal.read()])


def test_a_certain_hit_is_a_sighting_at_once_and_no_plate_stands_in_it(searching: Case) -> None:
    report(searching, hit_class="certain", confidence=0.97, heading_deg=90.0)
    sighting = list(searching.incident().projection(Sightings).by_id.values())[-1]
    assert sighting.confirmed
    assert sighting.confidence == 0.97
    assert "90817" not in f"{sighting.source}{sighting.place}"
    assert sighting.source == "camera A1 north read the watched vehicle"
    told = believed(searching)[-1]
    assert isinstance(told, BelievedHit)
    assert (told.section, told.forward, told.confidence) == (4, True, 0.97)


def test_a_possible_one_waits_for_a_person(searching: Case) -> None:
    report(searching)
    assert not [s for s in believed(searching) if isinstance(s, BelievedHit)]
    assert [each.id for each in searching.incident().projection(Hits).waiting()] == ["h1"]
    searching.do(0, ConfirmHit(incident=INCIDENT, hit="h1"), SECOND)
    assert hit(searching).verdict == "confirmed"
    assert believed(searching)[-1].confidence == 0.99
    with pytest.raises(NotNow, match="confirmed already"):
        searching.do(0, RejectHit(incident=INCIDENT, hit="h1"), SECOND)


def test_another_vehicles_picture_is_destroyed_at_once(searching: Case) -> None:
    report(searching)
    fact = hit(searching).crop_fact
    journal = searching.both.desks[0].node.journal
    assert journal.find(str(fact)).body is not None
    searching.do(0, RejectHit(incident=INCIDENT, hit="h1", reason="a bus"), SECOND)
    expire_watch_list(searching.both.desks[0], searching.both.now_s)
    assert journal.find(str(fact)).body is None
    assert not [s for s in believed(searching) if isinstance(s, BelievedHit)]


def test_nobody_decides_and_it_is_passed_on_with_its_probability(searching: Case) -> None:
    report(searching)
    desk = searching.both.desks[0]
    assert pass_hits_on(desk, searching.both.now_s) == 0
    with pytest.raises(NotNow, match="can still decide"):
        searching.do(0, PassHitOn(incident=INCIDENT, hit="h1"), actor("node"))
    searching.both.line.now_s += 121
    assert pass_hits_on(desk, searching.both.now_s) == 1
    assert pass_hits_on(desk, searching.both.now_s) == 0
    assert hit(searching).verdict == "passed on"
    assert believed(searching)[-1].confidence == 0.7


def test_after_the_drop_nothing_is_taken_and_the_picture_is_gone(searching: Case) -> None:
    report(searching, hit_class="certain")
    fact = str(hit(searching).crop_fact)
    desk = searching.both.desks[0]
    assert base64.b64encode(JPEG).decode() in everything(searching)
    searching.do(0, DropWatch(incident=INCIDENT, reason="stopped"), SECOND)
    expire_watch_list(desk, searching.both.now_s)
    assert desk.node.journal.find(fact).body is None
    assert base64.b64encode(JPEG).decode() not in everything(searching)
    with pytest.raises(NotNow, match="no vehicle is watched for"):
        report(searching, "h2")


def test_expiry_ends_it_to_the_second(searching: Case) -> None:
    searching.both.line.now_s += 3600
    with pytest.raises(NotNow, match="no vehicle is watched for"):
        report(searching)


def test_a_passage_is_taken_once(searching: Case) -> None:
    report(searching)
    with pytest.raises(NotNow, match="already"):
        report(searching)


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"section": None}, "nowhere"), ({"lon": 9.5}, "both lon and lat"),
     ({"crop": "%%"}, "base64"), ({"crop": base64.b64encode(b"GIF89a").decode()}, "JPEG"),
     ({"seen": datetime(2099, 1, 1, tzinfo=UTC)}, "future"),
     ({"seen": datetime(2001, 1, 1, tzinfo=UTC)}, "before the watch")],
)  # fmt: skip
def test_what_is_refused(searching: Case, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(NotNow, match=why):
        report(searching, **fields)


@pytest.mark.parametrize(
    ("place", "said"),
    [({"lon": 47.15, "lat": 9.53}, "camera A1 north: .*look swapped"),
     ({"lon": -30.0, "lat": 30.0}, "camera A1 north: .*km from the nearest road"),
     ({"section": 999_999}, "section 999999 is not on the map of the region")],
)  # fmt: skip
def test_a_place_that_cannot_be_meant_is_refused(
    searching: Case, place: dict[str, Any], said: str
) -> None:
    searching.both.desks[0].regions = OneRegion()
    with pytest.raises(NotNow, match=said):
        report(searching, **place)
    silent = ReportSilence(
        incident=INCIDENT, camera="A1 north", watched_from=searching.at(-60),
        until=searching.at(0), detection=0.9, **place,
    )  # fmt: skip
    with pytest.raises(NotNow, match=said):
        searching.do(0, silent, MACHINE)


def test_a_camera_account_can_do_nothing_else(searching: Case) -> None:
    book = searching.both.desks[0].read()
    allowed = {name for name in all_commands() if may(MACHINE, name, book)}
    assert allowed == {"hit.report", "silence.report", "camera.report"}
    assert MACHINE.role == CAMERA
    with pytest.raises(NotPermitted):
        report(searching, who=DUTY)


def test_silence_has_its_direction_and_its_measured_detection(searching: Case) -> None:
    searching.both.line.now_s += 60
    searching.do(
        0,
        ReportSilence(
            incident=INCIDENT, camera="A1 north", section=4, forward=False, detection=0.83,
            watched_from=searching.at(-60), until=searching.at(0),
        ),
        MACHINE,
    )  # fmt: skip
    told = believed(searching)[-1]
    assert isinstance(told, Silence)
    assert (told.section, told.forward, told.detection) == (4, False, 0.83)


def test_a_blind_camera_is_told_and_is_not_silent(searching: Case) -> None:
    blind = ReportCamera(incident=INCIDENT, camera="A1", blind="frozen", since=searching.at(0))
    searching.do(0, blind, MACHINE)
    assert [state.blind for state in searching.incident().projection(Hits).blind()] == ["frozen"]
    with pytest.raises(NotNow, match="known already"):
        searching.do(0, blind, MACHINE)
    again = ReportCamera(incident=INCIDENT, camera="A1", since=searching.at(0))
    searching.do(0, again, MACHINE)
    assert searching.incident().projection(Hits).blind() == []
    assert not [s for s in believed(searching) if isinstance(s, Silence)]


def test_a_clone_is_shown_and_both_are_kept(searching: Case) -> None:
    places = {"west": (9.5, 47.1, 0), "east": (13.4, 47.1, 600)}
    for name, (lon, lat, later) in places.items():
        searching.both.line.now_s += later
        report(
            searching, name, camera=name, hit_class="certain", lon=lon, lat=lat,
            seen=searching.at(0),
        )  # fmt: skip
    (said,) = searching.incident().projection(Hits).contradictions()
    assert "west" in said
    assert "east" in said
    assert {hit(searching, name).verdict for name in places} == {"certain"}
