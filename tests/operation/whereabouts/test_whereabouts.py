"""A running node finds by itself where the vehicle can be, from what officers noted and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DOCUMENT, DUTY, INCIDENT, Case, actor
from operation.orders.sealing_case import SCENARIO, entries
from stopline.belief.sightings import Heading
from stopline.journal.base import Fact
from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.intelligence import IntelligenceUsed
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.operation.sightings.commands import NoteSighting, RetractSighting
from stopline.operation.sightings.for_belief import intelligence_for_belief
from stopline.operation.situation.report import situation_report
from stopline.operation.whereabouts import duty
from stopline.operation.whereabouts.commands import EVERY_S, LEAST_S, NoteBelief
from stopline.operation.whereabouts.finding import farthest_place
from stopline.operation.whereabouts.projection import Beliefs
from stopline.scenario.loader import load_scenario
from stopline.sealing.reach import FrontStep
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.operation.core.command import Command
    from stopline.operation.facts.whereabouts import Whereabouts

VADUZ = (9.5209, 47.1392)
FAR = (9.5260, 47.2400)  # Ruggell, 11 km to the north
SETTINGS = SchedulerSettings(scenarios=(SCENARIO,), judges=False, replans=False)
NODE = Actor("alder.example/node", "node")


@pytest.fixture
def believing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Two desks with the alarm raised, whose duties know the region; what it costs is no matter."""
    monkeypatch.setattr(duty, "_SHARE", 0.0)
    case = Case.__new__(Case)
    case.both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes(), settings=SETTINGS)
    case.alarm()
    yield case
    case.both.close()


def seen(
    case: Case, where: tuple[float, float], ago_s: float = 60.0, **changes: object
) -> NoteSighting:
    told = {
        "incident": INCIDENT, "lon": where[0], "lat": where[1], "place": "centre of Vaduz",
        "seen": case.at(-ago_s), "source": "a secret source", "grade": "A1", **changes,
    }  # fmt: skip
    return NoteSighting.model_validate(told)


def now(case: Case) -> Whereabouts:
    found = case.incident().projection(Beliefs).now
    assert found is not None
    return found


def give(case: Case, command: Command, who: Actor = DUTY) -> None:
    """Give a command, and time to find what follows from it."""
    case.do(0, command, who)
    case.both.run(LEAST_S)


def page(case: Case) -> str:
    book = case.both.desks[0].catch_up()
    paper = situation_report(
        book, case.incident(), case.both.now_s, reader="head_of_state", zone=UTC
    )
    return "\n".join(f"{line.lead} {line.text}" for block in paper.blocks for line in block.lines)


def test_nothing_is_found_before_it_was_seen(believing: Case) -> None:
    believing.both.run(5.0)
    assert believing.incident().projection(Beliefs).now is None
    assert "not known: it has not been seen yet" in page(believing)


def test_it_is_found_after_each_sighting_and_said_upward(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, 900.0))
    first = now(believing)
    assert first.reach_km is None
    assert first.sightings == 1
    assert sum(one.probability for one in first.destinations) <= 1.001
    assert "nothing near a road is confirmed" in page(believing)
    give(believing, seen(believing, FAR, 30.0, place="Ruggell", confirmed=True))
    second = now(believing)
    assert second.basis != first.basis
    assert second.sightings == 2
    assert any("Ruggell" in one.name for one in second.roads)
    assert second.reach_km is not None
    assert 0.1 < second.reach_km < 5.0  # 31 s at most at 1.3 times the limit
    assert second.reach_from == "Ruggell"
    text = page(believing)
    assert second.exits == 0
    assert f"km of Ruggell, as far as {second.reach_to}, but no exit" in text
    assert f"{second.roads[0].name} {second.roads[0].probability:.0%}" in text
    assert "secret" not in str(second)


def test_time_alone_moves_it_every_two_minutes(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, confirmed=True))
    first = now(believing)
    believing.both.run(EVERY_S - 15.0)
    assert now(believing) == first
    believing.both.run(17.0)
    later = now(believing)
    assert later.basis == first.basis
    assert later.most_km > first.most_km  # the longer unseen, the less is known
    assert later.reach_km is not None
    assert first.reach_km is not None
    assert later.reach_km > first.reach_km
    assert later.exits > 0
    assert f"{later.exits} exit{'s' * (later.exits != 1)}, if no road were closed" in page(
        believing
    )
    assert len(entries(believing, "belief.computed")) == 2


def test_where_sightings_come_fast_it_is_not_found_for_each(believing: Case) -> None:
    for number in range(12):
        believing.do(0, seen(believing, VADUZ, 60.0 - number), DUTY)  # a second each
    believing.both.run(LEAST_S)
    assert now(believing).sightings == 12
    assert 3 <= len(entries(believing, "belief.computed")) <= 4


def test_it_takes_a_small_share_of_the_time(
    believing: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(believing, seen(believing, VADUZ))
    monkeypatch.setattr(duty, "_SHARE", 1e6)
    monkeypatch.setattr(duty, "_MOST_S", 1e6)
    give(believing, seen(believing, VADUZ, 30.0))
    give(believing, seen(believing, VADUZ, 20.0))
    assert now(believing).sightings == 1


def test_however_long_it_takes_it_follows_a_sighting_within_ten_seconds(
    believing: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(believing, seen(believing, VADUZ))
    monkeypatch.setattr(duty, "_SHARE", 1e6)
    give(believing, seen(believing, VADUZ, 30.0))
    believing.both.run(10.0)
    assert now(believing).sightings == 2


def test_what_is_taken_back_counts_no_more(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, 900.0))
    before = now(believing).roads
    give(believing, seen(believing, FAR, 30.0, place="Ruggell"))
    assert any("Ruggell" in one.name for one in now(believing).roads)
    wrong = entries(believing, "sighting.noted")[-1].fact_id
    give(believing, RetractSighting(incident=INCIDENT, sighting=wrong, reason="another van"))
    assert {one.name for one in now(believing).roads} & {one.name for one in before}
    assert not all("Ruggell" in one.name for one in now(believing).roads)


def test_several_processes_note_it_once(believing: Case) -> None:
    other = Scheduler(open_command_handler(believing.both.folders[0]), SETTINGS)
    believing.both.do(0, seen(believing, VADUZ, confirmed=True), DUTY)
    for second in range(5):
        other.run(believing.both.now_s + second)
        believing.both.duties[0].run(believing.both.now_s + second)
    other.desk.node.journal.close()
    assert len(entries(believing, "belief.computed")) == 1


def test_only_the_node_notes_it_and_only_what_is_newer(believing: Case) -> None:
    give(believing, seen(believing, VADUZ))
    found = now(believing)
    with pytest.raises(NotPermitted):
        give(believing, NoteBelief(incident=INCIDENT, found=found))
    with pytest.raises(NotNow):
        give(believing, NoteBelief(incident=INCIDENT, found=found), NODE)
    older = found.model_copy(update={"basis": "other", "at": believing.at(-3600).isoformat()})
    with pytest.raises(NotNow):
        give(believing, NoteBelief(incident=INCIDENT, found=older), NODE)


def test_intelligence_moves_it_without_its_words_or_source(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, 900.0))
    before = {one.name: one.probability for one in now(believing).destinations}
    to = "Nofler Strasse (LI to AT)"
    used = IntelligenceUsed(
        report="r", at=believing.at(-5.0).isoformat(), lon=None, lat=None, radius_m=None,
        destinations={to: 0.9, "a hut": 0.1}, probability=0.9,
    )  # fmt: skip
    told = intelligence_for_belief([(believing.both.now_s, used)], {to})
    (heading,) = told
    assert isinstance(heading, Heading)
    assert (heading.destination, heading.source) == (to, "intelligence")
    assert (heading.reliability, heading.credibility) == ("B", 2)  # the root of 0.8 and 0.85
    desk = believing.both.desks[0]
    fact = Fact(
        fact_id=derived_id(believing.both.now_s, "t"), time_s=believing.both.now_s, author="s.x",
        role="security_chief", incident=INCIDENT, body=used,
    )  # fmt: skip
    desk.node.journal.append([fact])
    believing.both.run(2.0)
    after = {one.name: one.probability for one in now(believing).destinations}
    assert after[to] > 2 * before.get(to, 0.05)


def test_after_the_stand_down_nothing_is_found_and_nothing_shown(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, confirmed=True))
    assert "What it can have reached" in page(believing)
    for role in ("chief_of_police", "interior_minister"):
        voice = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
        give(believing, voice, actor(role))
    assert believing.incident().phase == "STAND_DOWN"
    count = len(entries(believing, "belief.computed"))
    believing.both.run(EVERY_S + LEAST_S)
    assert len(entries(believing, "belief.computed")) == count
    assert "What it can have reached" not in page(believing)


def test_a_node_without_a_region_says_nothing(believing: Case) -> None:
    believing.both.duties[0] = Scheduler(believing.both.desks[0], replace(SETTINGS, scenarios=()))
    give(believing, seen(believing, VADUZ, confirmed=True))
    believing.both.run(3.0)
    assert believing.incident().projection(Beliefs).now is None
    assert not entries(believing, "duty.failed")


def test_a_region_that_cannot_be_read_is_said_once_and_the_rest_goes_on(
    believing: Case, tmp_path: Path
) -> None:
    broken = tmp_path / "region.yaml"
    broken.write_text("name: [")
    believing.both.duties[0] = Scheduler(
        believing.both.desks[0], replace(SETTINGS, scenarios=(broken,))
    )
    give(believing, seen(believing, VADUZ, confirmed=True))
    believing.both.run(2 * EVERY_S)
    (failed,) = entries(believing, "duty.failed")
    assert failed.body is not None
    assert failed.body["duty"] == "belief"
    assert not entries(believing, "duty.resumed")
    believing.both.duties[0] = Scheduler(believing.both.desks[0], SETTINGS)
    believing.both.run(2 * EVERY_S)
    assert len(entries(believing, "duty.resumed")) == 1
    assert now(believing).sightings == 1


def test_nothing_of_it_crosses_the_line(believing: Case) -> None:
    give(believing, seen(believing, VADUZ, confirmed=True))
    before = len(entries(believing, "message.sent"))
    believing.both.run(EVERY_S + 5.0)
    assert len(entries(believing, "belief.computed")) == 2
    assert len(entries(believing, "message.sent")) == before
    assert not entries(believing, "belief.computed", 1)


def test_a_junction_of_nameless_roads_is_said_by_the_place_near_it() -> None:
    region = load_scenario(SCENARIO)
    step = FrontStep(
        minutes=0.0, junctions=1, sections=1, road_km=1.0, farthest_km=1.0, exits=0,
        farthest="node 5146021674, LI", farthest_junction=0,
    )  # fmt: skip
    assert farthest_place(step, region).split(" of ")[-1] in region.places
    named = replace(step, farthest="Landstrasse, LI")
    assert farthest_place(named, region) == "Landstrasse, LI"
