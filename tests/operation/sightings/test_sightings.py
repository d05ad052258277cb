"""A sighting is noted, confirmed, shared without its source, and taken back openly."""

from __future__ import annotations

import pytest

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, Case, actor
from stopline.belief.sightings import as_of, check_sightings
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.sightings.commands import (
    ConfirmSighting,
    RetractSighting,
    ShareSightings,
)
from stopline.operation.sightings.for_belief import for_belief
from stopline.operation.sightings.projection import Sightings


def sightings(case: Case, end: int) -> Sightings:
    return case.incident(end).projection(Sightings)


def test_a_confirmed_heading_moves_the_procedure_and_a_compass_heading_does_not(case: Case) -> None:
    case.liaison()
    noted = case.do(0, case.sighting(confirmed=True, heading_deg=10), DUTY).ids[0]
    assert case.incident().phase == "LIAISON"
    assert any(t.startswith("share_sighting") for t in case.incident().state.tasks)
    confirm = ConfirmSighting(
        incident=INCIDENT, sighting=noted, grade="A1", towards="north", reason="second patrol"
    )
    case.do(0, confirm, DUTY)
    assert case.incident().phase == "AGREE"
    assert sightings(case, 0).by_id[noted].grade == "A1"


def test_the_other_side_gets_place_and_grade_and_never_the_source(case: Case) -> None:
    case.liaison()
    noted = case.do(0, case.sighting(source="informer Zebra", confirmed=True), DUTY).ids[0]
    share = ShareSightings(
        incident=INCIDENT, sightings=(noted,), message="heading", destinations={"border": 0.7}
    )
    case.do(0, share, LIAISON)
    theirs = sightings(case, 1).by_id[f"theirs/{noted}"]
    assert (theirs.lon, theirs.lat, theirs.grade, theirs.source) == (9.5, 47.1, "B2", "")
    assert "Zebra" not in repr([e.body for e in case.both.desks[1].node.journal.read()])
    assert "Zebra" in repr([e.body for e in case.both.desks[0].node.journal.read()])
    assert sightings(case, 0).by_id[noted].shared
    with pytest.raises(NotNow, match="other side's"):
        case.do(1, RetractSighting(incident=INCIDENT, sighting=theirs.id, reason="no"), DUTY)
    case.restart_folds_the_same()


def test_what_is_taken_back_counts_no_more_here_and_there(case: Case) -> None:
    case.liaison()
    noted = case.do(0, case.sighting(), DUTY).ids[0]
    share = ShareSightings(incident=INCIDENT, sightings=(noted,))
    case.do(0, share, LIAISON)
    assert sightings(case, 1).last_seen() is not None
    case.do(0, RetractSighting(incident=INCIDENT, sighting=noted, reason="another van"), DUTY)
    assert sightings(case, 0).last_seen() is None
    assert [s.id for s in sightings(case, 0).withdrawals_untold()] == [noted]
    case.do(0, share, LIAISON)
    assert sightings(case, 0).withdrawals_untold() == []
    assert sightings(case, 1).last_seen() is None
    assert sightings(case, 1).by_id[f"theirs/{noted}"].retracted


def test_a_confirmed_sighting_comes_before_a_later_one_that_is_not(case: Case) -> None:
    case.liaison()
    sure = case.do(0, case.sighting(confirmed=True, seen=case.at(-90)), DUTY).ids[0]
    case.do(0, case.sighting(seen=case.at(-10)), DUTY)
    case.do(0, case.sighting(nothing_seen=True, seen=case.at(-5), watched_from=case.at(-60)), DUTY)
    last = sightings(case, 0).last_seen()
    assert last is not None
    assert last.id == sure
    assert len(sightings(case, 0).standing()) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lon": None}, "both lon and lat"),
        ({"lon": None, "lat": None}, "nowhere"),
        ({"nothing_seen": True, "confirmed": True}, "nothing was seen"),
        ({"nothing_seen": True}, "both or neither"),
    ],
)
def test_a_sighting_that_says_nothing_is_refused(
    case: Case, changes: dict[str, object], said: str
) -> None:
    case.liaison()
    with pytest.raises(NotNow, match=said):
        case.do(0, case.sighting(**changes), DUTY)


def test_a_sighting_of_the_future_is_refused(case: Case) -> None:
    case.liaison()
    with pytest.raises(NotNow, match="future"):
        case.do(0, case.sighting(seen=case.at(60)), DUTY)


def test_what_cannot_be_told_is_not_told(case: Case) -> None:
    case.liaison()
    section = case.do(0, case.sighting(lon=None, lat=None, section=4), DUTY).ids[0]
    watched = case.do(0, case.sighting(nothing_seen=True, watched_from=case.at(-60)), DUTY).ids[0]
    wrong = case.do(0, case.sighting(), DUTY).ids[0]
    case.do(0, RetractSighting(incident=INCIDENT, sighting=wrong, reason="wrong"), DUTY)
    for name, said in (
        (section, "only section 4"),
        (watched, "what this side watches"),
        (wrong, "taken back"),
        ("none", "no sighting"),
    ):
        with pytest.raises(NotNow, match=said):
            case.do(0, ShareSightings(incident=INCIDENT, sightings=(name,)), LIAISON)


def test_who_may(case: Case) -> None:
    case.liaison()
    noted = case.do(0, case.sighting(), actor("border_duty")).ids[0]
    confirm = ConfirmSighting(incident=INCIDENT, sighting=noted, grade="A1", reason="seen twice")
    retract = RetractSighting(incident=INCIDENT, sighting=noted, reason="wrong")
    for command in (case.sighting(), confirm, retract):
        with pytest.raises(NotPermitted):
            case.do(0, command, actor("administrator"))
    for command in (confirm, retract):
        with pytest.raises(NotPermitted):
            case.do(0, command, actor("border_duty"))
    with pytest.raises(NotNow, match="sent by liaison_officer"):
        case.do(0, ShareSightings(incident=INCIDENT, sightings=(noted,)), DUTY)
    case.do(0, confirm, CHIEF)
    with pytest.raises(NotNow, match="confirmed already"):
        case.do(0, confirm, CHIEF)
    case.do(0, retract, DUTY)
    with pytest.raises(NotNow, match="taken back"):
        case.do(0, retract, DUTY)


def test_the_belief_gets_what_is_known_and_what_was_taken_back(case: Case) -> None:
    case.liaison()
    seen = case.do(0, case.sighting(towards="border", heading_deg=10), DUTY).ids[0]
    case.do(0, case.sighting(lon=None, lat=None, section=4, grade="A1"), DUTY)
    silence = case.sighting(
        lon=None, lat=None, section=5, nothing_seen=True, watched_from=case.at(-300)
    )
    case.do(0, silence, DUTY)
    with pytest.raises(NotNow, match="before"):
        case.do(0, silence.model_copy(update={"watched_from": silence.seen}), DUTY)
    case.do(0, ShareSightings(incident=INCIDENT, sightings=(seen,)), LIAISON)
    case.do(0, RetractSighting(incident=INCIDENT, sighting=seen, reason="wrong"), DUTY)
    case.do(0, ShareSightings(incident=INCIDENT, sightings=(seen,)), LIAISON)
    for end, count in ((0, 4), (1, 2)):
        told = for_belief(sightings(case, end).by_id.values(), {"border"})
        check_sightings(told, now_s=case.both.now_s, sections=6, destinations={"border"})
        kept = as_of(told, case.both.now_s)
        before = as_of(told, case.both.now_s - 2.5)
        assert {one.id.split("/")[-1] for one in before} >= {seen, "heading"}
        assert len(before) == count
        assert {type(one).__name__ for one in kept} == (
            {"CameraHit", "Silence"} if end == 0 else set()
        )
    nowhere = for_belief(sightings(case, 0).by_id.values(), ())
    assert "Heading" not in {type(one).__name__ for one in nowhere}
