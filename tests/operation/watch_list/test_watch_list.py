"""One vehicle, one incident, one authority, one end; and nothing of it is left afterwards."""

from __future__ import annotations

import gc
import json
import math
import weakref
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operation.liaison_case import CHIEF, DUTY, INCIDENT, Case, actor
from stopline.cameras.signs import look_alike_key
from stopline.journal.verify import verify_journal
from stopline.operation.core.command_handler import COMMAND_SHELF
from stopline.operation.core.commands import ExtendIncident, VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.watch_list import matching
from stopline.operation.watch_list.commands import (
    AddWatch,
    ChangePlate,
    DropWatch,
    EndWatch,
    ExtendWatch,
    NoteErased,
    over,
)
from stopline.operation.watch_list.expiry import expire_watch_list
from stopline.operation.watch_list.matching import bare_plate, matches
from stopline.operation.watch_list.projection import Watch, WatchList, running

if TYPE_CHECKING:
    from stopline.operation.core.actor import Actor

PLATE = "FL 90817"
SECOND = actor("second_officer")
PROSECUTOR = actor("prosecutor")


@pytest.fixture
def searching(case: Case) -> Case:
    """The prosecutor has authorised the search of the cameras."""
    case.liaison()
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.do(0, voice, PROSECUTOR)
    return case


def add(case: Case, plate: str = PLATE, seconds: float = 3600, who: Actor = SECOND) -> None:
    watch = AddWatch(incident=INCIDENT, plate=plate, vehicle="white van", expires=case.at(seconds))
    case.do(0, watch, who)


def watched(case: Case) -> Watch | None:
    return running(case.incident(), case.both.now_s)


def stand_down(case: Case) -> None:
    for role in ("chief_of_police", "interior_minister"):
        voice = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
        case.both.do(0, voice, actor(role))


def disk(case: Case) -> bytes:
    """Every byte of the node's folder."""
    return b"".join(p.read_bytes() for p in sorted(case.both.folders[0].iterdir()) if p.is_file())


def test_it_needs_the_leave_and_the_authority_and_ends_with_it(case: Case) -> None:
    case.liaison()
    with pytest.raises(NotNow, match="camera_search"):
        add(case)
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.do(0, voice, PROSECUTOR)
    with pytest.raises(NotNow, match="after the authority's end"):
        add(case, seconds=1e5)
    with pytest.raises(NotNow, match="past"):
        add(case, seconds=-1)
    with pytest.raises(NotPermitted):
        add(case, who=actor("press_officer"))
    with pytest.raises(NotNow, match="0 known signs"):
        add(case, plate="--")
    add(case)
    now = watched(case)
    assert now is not None
    assert (now.authority, now.plate, now.role) == ("order 0", PLATE, "second_officer")
    assert case.incident(1).projection(WatchList).by_id == {}


def test_a_second_vehicle_is_refused_unless_the_first_is_dropped(searching: Case) -> None:
    add(searching)
    with pytest.raises(NotNow, match="drop the first"):
        add(searching, plate="ZH 1001")
    with pytest.raises(NotNow, match="already"):
        add(searching, plate="fl-90817")
    searching.do(0, DropWatch(incident=INCIDENT, reason="it was another van"), SECOND)
    assert watched(searching) is None
    add(searching, plate="ZH 1001")
    assert searching.incident().projection(WatchList).to_erase == {}
    with pytest.raises(NotNow, match="already"):
        searching.do(0, ChangePlate(incident=INCIDENT, plate="zh1001", reason="seen"), SECOND)
    searching.do(0, ChangePlate(incident=INCIDENT, plate="ZH 2002", reason="screws loose"), SECOND)
    now = watched(searching)
    assert now is not None
    assert now.plate == "ZH 2002"


def test_a_longer_authority_extends_nothing_silently(searching: Case) -> None:
    add(searching, seconds=600)
    ends = searching.at(2e5)
    longer = ExtendIncident(incident=INCIDENT, authority="order 9", expires=ends)
    searching.do(0, longer, CHIEF)
    now = watched(searching)
    assert now is not None
    assert now.authority == "order 0"
    searching.both.run(600)
    assert watched(searching) is None
    known = searching.incident().projection(WatchList)
    assert [one.why for one in known.by_id.values()] == ["expired"]
    extend = ExtendWatch(incident=INCIDENT, expires=searching.at(60), reason="not found yet")
    with pytest.raises(NotNow, match="add it anew"):
        searching.do(0, extend, PROSECUTOR)
    add(searching, seconds=600)
    more = ExtendWatch(incident=INCIDENT, expires=searching.at(1200), reason="not found yet")
    searching.do(0, more, PROSECUTOR)
    now = watched(searching)
    assert now is not None
    assert now.authority == "order 9"
    assert now.expires_s == pytest.approx(more.expires.timestamp(), abs=0.001)
    beyond = ends + timedelta(seconds=1)
    too_long = ExtendWatch(incident=INCIDENT, expires=beyond, reason="to be sure")
    with pytest.raises(NotNow, match="authority's end"):
        searching.do(0, too_long, PROSECUTOR)


def test_the_end_of_the_authority_ends_it(searching: Case) -> None:
    add(searching, seconds=5000)
    sooner = ExtendIncident(incident=INCIDENT, authority="order 9", expires=searching.at(50))
    searching.do(0, sooner, CHIEF)
    searching.both.run(50)
    assert watched(searching) is None
    assert not matches(PLATE, watched(searching), searching.both.now_s)


def test_the_stand_down_ends_it_at_once_and_no_byte_of_the_plate_is_left(searching: Case) -> None:
    add(searching)
    searching.do(0, ChangePlate(incident=INCIDENT, plate="GR 4455", reason="screws"), SECOND)
    assert b"90817" not in disk(searching)  # sealed on disk from the beginning
    listed = searching.incident().projection(WatchList).listed()
    assert listed is not None
    stand_down(searching)
    # Nothing has been written down yet, and it is off all the same.
    assert searching.incident().projection(WatchList).listed() is not None
    assert watched(searching) is None
    assert expire_watch_list(searching.both.desks[0], searching.both.now_s) == 1
    assert expire_watch_list(searching.both.desks[0], searching.both.now_s) == 0
    journal = searching.both.desks[0].node.journal
    facts = [each for each in journal.read() if each.kind == "watch.vehicle-described"]
    assert len(facts) == 2
    assert all(each.body is None for each in facts)
    assert sum(each.kind == "body.erased" for each in journal.read()) == 2
    # A digest of so short a command could be guessed: it is gone, too.
    shelf = {key: json.loads(value) for key, value in journal.shelf(COMMAND_SHELF)}
    digests = [t["digest"] for t in shelf.values() if {f.fact_id for f in facts} & set(t["ids"])]
    assert digests == ["", ""]
    assert "GR 4455" not in str(searching.folded(0))
    report = verify_journal(journal)
    assert report.holds
    assert report.erased == 2
    searching.restart_folds_the_same()
    with pytest.raises(NotNow, match="nothing is searched for"):
        add(searching)


def test_killed_between_the_end_and_the_erasure_it_goes_on(searching: Case) -> None:
    add(searching)
    stand_down(searching)
    desk = searching.both.desks[0]
    searching.both.do(0, EndWatch(incident=INCIDENT), actor("node"))
    (fact,) = [e.fact_id for e in desk.node.journal.read() if e.kind == "watch.vehicle-described"]
    searching.both.restart(0)
    assert set(searching.incident().projection(WatchList).to_erase) == {fact}
    searching.both.desks[0].node.journal.erase(fact)
    searching.both.restart(0)
    assert expire_watch_list(searching.both.desks[0], searching.both.now_s) == 0
    assert searching.incident().projection(WatchList).to_erase == {}
    with pytest.raises(NotNow, match="noted already"):
        searching.both.do(0, NoteErased(incident=INCIDENT, facts=(fact,)), actor("node"))


def test_the_node_ends_nothing_that_still_runs(searching: Case) -> None:
    add(searching)
    with pytest.raises(NotNow, match="no watch is over"):
        searching.both.do(0, EndWatch(incident=INCIDENT), actor("node"))
    with pytest.raises(NotPermitted):
        searching.do(0, EndWatch(incident=INCIDENT), DUTY)


NOW_S = 1_795_000_000.0
WATCH = Watch(
    id="w", incident="i", role="second_officer", authority="order 1", since_s=NOW_S,
    expires_s=NOW_S + 60, plate=PLATE, vehicle="white van",
)  # fmt: skip


class Read(str):
    """A read that can be watched while it dies."""

    __slots__ = ("__weakref__",)


@given(st.text(max_size=20), st.floats(0, 59))
def test_a_read_matches_only_if_it_is_the_plate_and_is_kept_nowhere(text: str, at: float) -> None:
    before = {name: repr(value) for name, value in vars(matching).items()}
    read = Read(text)
    trace = weakref.ref(read)
    assert matches(read, WATCH, NOW_S + at) == (
        look_alike_key(bare_plate(text)) == look_alike_key("FL90817")
    )
    del read
    gc.collect(0)
    assert trace() is None
    assert {name: repr(value) for name, value in vars(matching).items()} == before
    assert not hasattr(matching.matches, "cache_info")
    assert not hasattr(matching.bare_plate, "cache_info")


@pytest.mark.parametrize(
    "read",
    [
        "FL 90817",
        "fl-90817",
        "FL 908I7",
        "FL 9O8L7",
        "FL 9D817",
        "\uff26\uff2c\uff19\uff10\uff18\uff11\uff17",
        "F L 9 0 8 1 7",
    ],
)
def test_spellings_of_one_plate(read: str) -> None:
    assert matches(read, WATCH, NOW_S)
    assert not matches(read, None, NOW_S)
    assert not matches(read, WATCH, NOW_S + 60)
    assert not matches("", WATCH, NOW_S)


def test_letters_of_one_shape_are_one() -> None:
    assert bare_plate("\u0410 123 \u0412\u0421") == bare_plate("A123BC")  # Cyrillic and Latin


def test_times_are_written_with_their_zone(searching: Case) -> None:
    add(searching)
    (fact,) = [e for e in searching.both.desks[0].node.journal.read() if e.kind == "watch.added"]
    assert datetime.fromisoformat(str((fact.body or {})["expires"])).tzinfo is not None
    assert datetime.fromisoformat(str((fact.body or {})["expires"])).astimezone(UTC)


def test_a_watch_is_over_at_its_very_expiry() -> None:
    before_s = math.nextafter(WATCH.expires_s, 0.0)
    assert not WATCH.has_run_out(before_s)
    assert matches(PLATE, WATCH, before_s)
    assert WATCH.has_run_out(WATCH.expires_s)
    assert not matches(PLATE, WATCH, WATCH.expires_s)


def test_nothing_runs_and_the_node_ends_it_at_its_very_expiry(searching: Case) -> None:
    add(searching)
    incident = searching.incident()
    watch = incident.projection(WatchList).listed()
    assert watch is not None
    before_s = math.nextafter(watch.expires_s, 0.0)
    assert running(incident, before_s) is not None
    assert over(incident, watch, before_s) is None
    assert running(incident, watch.expires_s) is None
    assert over(incident, watch, watch.expires_s) == "expired"
