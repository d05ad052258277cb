"""Forces by hour: each number by its row, what is missing, whom to ask, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stopline.event.force_rules import RuleTable
from stopline.event.forces import CrowdPhase, RosterShift, check_forces, forces_by_hour

BASE = {"source": "a guide, page 3", "date": "2026-01-15"}


def table(*rows: dict[str, object], **more: object) -> RuleTable:
    given = {"name": "Example", "example": True, "rows": [{**BASE, **row} for row in rows], **more}
    return RuleTable.model_validate(given)


GATES = {"id": "gates", "kind": "people_per_post", "service": "police", "post": "gate", "people": 2}
STEWARDS = {
    "id": "stewards", "kind": "spectators_per_person", "service": "stewards", "spectators": 250,
}  # fmt: skip
HIGH = {**STEWARDS, "id": "more", "spectators": 100, "risks": ["high"]}
LEAD = {"id": "lead", "kind": "supervisors", "service": "stewards", "per": 10}
REST = {"id": "rest", "kind": "reserve", "service": "police", "percent": 10}
BREAKS = {"id": "breaks", "kind": "shift", "service": "police", "hours": 8, "break_min": 60}
RIOT = {
    "id": "riot", "kind": "reinforcement", "service": "riot police", "to_help": "police",
    "from_shortfall": 3, "decides": "the chief of police",
}  # fmt: skip
RIOT_AT_RISK = {
    "id": "riot2", "kind": "reinforcement", "service": "riot police", "to_help": "police",
    "from_risk": "high", "people": 20, "decides": "the chief of police",
}  # fmt: skip
ARMY = {
    "id": "army", "kind": "reinforcement", "service": "military", "to_help": "riot police",
    "from_shortfall": 1, "decides": "the government",
}  # fmt: skip
HOUR = 3600.0


def phase(start_h: float, end_h: float, crowd: int, **posts: int) -> CrowdPhase:
    return CrowdPhase(
        name="show", start_s=start_h * HOUR, end_s=end_h * HOUR, crowd=crowd, posts=posts
    )


def shift(unit: str, service: str, people: int, start_h: float, end_h: float) -> RosterShift:
    return RosterShift(
        unit=unit, service=service, people=people, start_s=start_h * HOUR, end_s=end_h * HOUR
    )


def test_every_number_names_its_row_and_the_sum_is_right() -> None:
    rules = table(GATES, STEWARDS, LEAD, REST, BREAKS)
    (hour,) = forces_by_hour(
        rules, "low", [phase(18, 19, 5001, gate=7)], [shift("A", "police", 9, 17, 20)]
    )
    police, stewards = hour.services
    # 7 gates x 2 = 14; reserve 10 % = 2; relief for 1 of 8 hours of 16: 16 / 7 = 3.
    assert [(item.row, item.people) for item in police.items] == [
        ("gates", 14), ("rest", 2), ("breaks", 3),
    ]  # fmt: skip
    assert (police.needed, police.rostered, police.missing) == (19, 9, 10)
    assert [(item.row, item.people) for item in stewards.items] == [("stewards", 21), ("lead", 3)]


def test_the_chain_of_help_goes_from_shortfall_to_shortfall() -> None:
    rules = table(GATES, RIOT, ARMY)
    roster = [shift("A", "police", 4, 0, 24), shift("R", "riot police", 5, 0, 24)]
    (hour,) = forces_by_hour(rules, "low", [phase(18, 19, 0, gate=6)], roster)
    police, riot, army = hour.services
    assert police.missing == 8
    assert [(a.service, a.people, a.row, a.decides) for a in police.asks] == [
        ("riot police", 8, "riot", "the chief of police")
    ]
    assert (riot.needed, riot.missing) == (8, 3)
    assert [(a.service, a.people) for a in riot.asks] == [("military", 3)]
    assert (army.needed, army.missing) == (3, 3)
    few = forces_by_hour(rules, "low", [phase(18, 19, 0, gate=3)], roster)[0]
    assert few.services[0].missing == 2  # below the shortfall from which help is asked for
    assert few.services[0].asks == ()


def test_risk_changes_ratios_and_brings_riot_police() -> None:
    rules = table({**STEWARDS, "risks": ["low", "medium"]}, HIGH, RIOT_AT_RISK)
    low = forces_by_hour(rules, "low", [phase(18, 19, 5000)], [])[0]
    high = forces_by_hour(rules, "severe", [phase(18, 19, 0)], [])[0]
    assert low.services[0].needed == 20
    needed = {one.service: one.needed for one in high.services}
    assert needed == {"stewards": 0, "riot police": 20, "police": 0}
    assert forces_by_hour(rules, "high", [phase(18, 19, 5000)], [])[0].services[0].needed == 50


def test_an_hour_counts_who_is_there_throughout() -> None:
    rules = table(GATES)
    roster = [shift("A", "police", 4, 10, 18.5), shift("B", "police", 6, 18.5, 24)]
    hours = forces_by_hour(rules, "low", [phase(17, 20, 0, gate=1)], roster)
    assert [one.services[0].rostered for one in hours] == [4, 4, 6]


def test_what_no_row_staffs_is_refused_all_at_once() -> None:
    faults = check_forces(
        table(GATES), "low", [phase(18, 19, 5000, gate=2, barrier=1, camera_room=1)], []
    )
    with pytest.raises(ValueError, match="barrier") as raised:
        faults.raise_if_any()
    text = str(raised.value)
    assert "camera_room" in text
    assert "a crowd" in text


def test_gaps_and_overlaps_of_a_roster_are_told() -> None:
    roster = [
        shift("A", "police", 4, 17, 19), shift("A", "police", 4, 18.5, 20),
        shift("B", "riot police", 4, 17, 18), shift("C", "riot police", 4, 18.5, 22),
    ]  # fmt: skip
    phases = [phase(17, 22, 0, gate=1)]
    with pytest.raises(ValueError, match="A on two shifts for 30 min") as raised:
        check_forces(table(GATES), "low", phases, roster).raise_if_any()
    assert "nobody of riot police for 30 min" in str(raised.value)
    assert "nobody of police for 120 min" in str(raised.value)
    assert not check_forces(table(GATES), "low", phases, roster[2:], gaps_allowed=True)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**GATES, "source": " "}, "text"),
        ({**GATES, "date": "soon"}, "a day"),
        ({**GATES, "people": 0}, "greater than or equal to 1"),
        ({**GATES, "percent": 10.0}, "only post, people"),
        ({**GATES, "post": None}, "post in a row"),
        ({**RIOT, "to_help": "riot police"}, "another service"),
        ({**RIOT, "from_shortfall": None}, "from_risk or from_shortfall"),
        ({**BREAKS, "hours": None}, "hours in a row"),
    ],
)
def test_a_row_that_is_not_whole_is_refused(row: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError) as raised:
        table(row)
    details = raised.value.errors()
    text = " ".join(f"{one['msg']} {one.get('ctx', '')}" for one in details)
    assert expected in text


def test_a_table_is_an_example_or_in_force_and_has_no_circle() -> None:
    with pytest.raises(ValidationError, match="issued_by"):
        table(GATES, example=False)
    back = {**ARMY, "id": "back", "service": "police", "to_help": "military"}
    with pytest.raises(ValidationError, match="circle"):
        table(RIOT, ARMY, back)
    with pytest.raises(ValidationError, match="each row once"):
        table(GATES, GATES)
