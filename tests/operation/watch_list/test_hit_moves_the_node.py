"""A hit of a camera moves belief and verdict of a running node; when the watch ends, none does."""

from __future__ import annotations

import base64
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest

from operation.liaison_case import INCIDENT, Case, actor
from operation.orders.sealing_case import SCENARIO, orders, report, verdict
from operation.watch_list.test_watch_list import stand_down
from stopline.console.views.board import the_board
from stopline.console.views.cameras import crop_fact, wanted
from stopline.journal.verify import verify_journal
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.operation.watch_list.camera_lines import camera_lines
from stopline.operation.watch_list.commands import AddWatch, DropWatch
from stopline.operation.watch_list.expiry import expire_watch_list
from stopline.operation.watch_list.hit_commands import (
    ConfirmHit,
    RejectHit,
    ReportCamera,
    ReportHit,
)
from stopline.operation.watch_list.hits import Hits
from stopline.operation.whereabouts import duty
from stopline.operation.whereabouts.projection import Beliefs

if TYPE_CHECKING:
    from collections.abc import Callable

MACHINE, SECOND = actor("camera"), actor("second_officer")
LATE, JPEG = "LP-Triesen", b"\xff\xd8\xff\xe0" + b"a picture of the vehicle" * 20


def watch(case: Case) -> None:
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    case.both.do(0, voice, actor("prosecutor"))
    added = AddWatch(incident=INCIDENT, plate="FL 90817", vehicle="van", expires=case.at(3600))
    case.both.do(0, added, SECOND)


def hit(case: Case, name: str = "passage-0001", **fields: Any) -> None:
    given = {
        "camera": "A1 north", "lon": 9.5209, "lat": 47.141, "seen": case.at(0),
        "hit_class": "certain", "confidence": 0.97, "crop": base64.b64encode(JPEG).decode(),
    } | fields  # fmt: skip
    case.both.do(0, ReportHit(incident=INCIDENT, hit=name, **given), MACHINE)


def test_a_hit_moves_belief_and_verdict_of_a_running_node(
    sealing: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty, "_SHARE", 0.0)
    settings = SchedulerSettings(scenarios=(SCENARIO,), replans=False)
    late = next(o for o in orders(sealing).orders.values() if o.issued.unit == LATE)
    sealing.both.line.now_s += late.deadline_s + 900.0 - sealing.both.now_s
    for one in list(orders(sealing).orders.values()):
        if one.state == "issued":
            report(sealing, one, "closed")
    watch(sealing)
    quiet = SchedulerSettings(replans=False, believes=False)
    sealing.both.duties = [Scheduler(desk, quiet) for desk in sealing.both.desks]
    sealing.both.run(1.0)
    assert verdict(sealing).verdict == "leaking"  # it may have passed before all was closed
    assert sealing.incident().projection(Beliefs).now is None
    hit(sealing)
    sealing.both.duties[0] = Scheduler(sealing.both.desks[0], settings)
    sealing.both.run(2.0)
    assert verdict(sealing).verdict == "sealed"
    assert verdict(sealing).sighting
    after = sealing.incident().projection(Beliefs).now
    assert after is not None
    assert after.reach_from == "camera A1 north"
    assert after.reach_km is not None
    assert after.reach_km < 2


def dropped(case: Case) -> None:
    case.both.do(0, DropWatch(incident=INCIDENT, reason="found"), SECOND)


def expired(case: Case) -> None:
    case.both.line.now_s += 3600


@pytest.mark.parametrize("ends", [dropped, expired, stand_down])
def test_when_the_watch_ends_the_next_frame_matches_nothing_and_the_pictures_are_gone(
    case: Case, ends: Callable[[Case], None]
) -> None:
    case.liaison()
    watch(case)
    hit(case)
    hit(case, "passage-0002", hit_class="possible")
    desk = case.both.desks[0]
    facts = [one.crop_fact for one in case.incident().projection(Hits).by_id.values()]
    assert wanted(case.incident(), case.both.now_s).plate == "FL 90817"
    ends(case)
    # Nothing is written down yet, and the next frame is told that nothing is wanted.
    now_s = case.both.now_s
    assert wanted(case.incident(), now_s).plate is None
    assert crop_fact(case.incident(), "passage-0001", now_s) is None
    assert camera_lines(case.incident(), now_s, UTC) == []
    with pytest.raises(NotNow, match="no vehicle is watched for"):
        hit(case, "passage-0003")
    expire_watch_list(desk, now_s)
    journal = desk.node.journal
    assert [journal.find(str(fact)).body for fact in facts] == [None, None]
    assert base64.b64encode(JPEG).decode() not in str([entry.body for entry in journal.read()])
    assert verify_journal(journal).holds
    case.both.restart(0)
    assert wanted(case.incident(), now_s).plate is None


def test_the_board_shows_what_waits_with_its_countdown_and_who_is_blind(case: Case) -> None:
    case.liaison()
    watch(case)
    assert camera_lines(case.incident(), case.both.now_s, UTC) == []
    hit(case, hit_class="possible", confidence=0.7, doubt="a part of the plate is not known")
    blind = ReportCamera(incident=INCIDENT, camera="A2", blind="frozen", since=case.at(-5))
    case.both.do(0, blind, MACHINE)
    case.both.line.now_s += 30
    (waits, dark) = camera_lines(case.incident(), case.both.now_s, UTC)
    assert (waits.lead, dark.lead) == ("POSSIBLE HIT:", "BLIND:")
    assert waits.text.startswith("A1 north, 70%, seen ")
    assert "a part of the plate is not known; 90 s left" in waits.text
    assert "hit=passage-0001" in waits.text
    assert dark.text.startswith("A2: frozen, since ")
    shown = the_board(case.both.desks[0].read(), case.incident(), case.both.now_s)
    assert [one.lead for one in shown.standing][-2:] == ["POSSIBLE HIT:", "BLIND:"]
    case.both.line.now_s += 91
    assert "0 s left" in camera_lines(case.incident(), case.both.now_s, UTC)[0].text


def test_a_hit_is_named_by_how_it_ends(case: Case) -> None:

    case.liaison()
    watch(case)
    with pytest.raises(NotNow, match="there is no hit"):
        case.both.do(0, ConfirmHit(incident=INCIDENT, hit="0001"), SECOND)
    for name in ("passage-0001", "passage-0002"):
        hit(case, name, hit_class="possible")
    with pytest.raises(NotNow):
        case.both.do(0, ConfirmHit(incident=INCIDENT, hit="passage"), SECOND)
    case.both.do(0, ConfirmHit(incident=INCIDENT, hit="0001"), SECOND)
    case.both.do(0, RejectHit(incident=INCIDENT, hit="passage-0002"), SECOND)
    known = case.incident().projection(Hits).by_id
    assert [known[name].verdict for name in sorted(known)] == ["confirmed", "rejected"]
