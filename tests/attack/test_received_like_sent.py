"""What the other side sends counts only if it could have been sent: checked like what leaves."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from attack.victim import Victim, prepared
from operation.liaison_case import INCIDENT
from stopline.link.refusing import NOTED_A_WINDOW
from stopline.operation.core.admission import MOST_OFFERED
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.situation.report import situation_report

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGHTING = {
    "sighting": "s-1", "lon": 9.5, "lat": 47.1, "radius_m": 10, "grade": "A1", "confirmed": True,
    "seen": "2026-11-18T10:00:00+00:00", "heading_deg": None, "towards": "the border",
    "withdrawn": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, float]]:
    found = {}
    for phase in ("alarm", "liaison"):
        folder = tmp_path_factory.mktemp(phase)
        found[phase] = (folder, prepared(folder, phase))
    return found


def victim_in(cases: dict[str, tuple[Path, float]], phase: str, end: int = 0) -> Victim:
    folder, now_s = cases[phase]
    copy = Path(tempfile.mkdtemp(dir=folder.parent)) / "case"
    shutil.copytree(folder, copy)
    return Victim.of(copy, end, now_s)


@pytest.fixture
def leads(cases: dict[str, tuple[Path, float]]) -> Iterator[Victim]:
    """Our side raised the alarm and alerted the other; the hostile side assists."""
    victim = victim_in(cases, "liaison")
    yield victim
    victim.close()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("stand_down", {}, "is for lead to send"),
        ("can_you_seal", {}, "is for lead to send"),
        ("alert", {}, "is for lead to send"),
        ("no_such_message", {}, "is no message of"),
        ("alert_understood", {"sightings": [SIGHTING]}, "may not contain sightings"),
        ("liaison_open", {"what_happened": "shots"}, "may not contain what_happened"),
        ("we_seal", {}, "has not sent"),
        ("help_answer", {"answer": "accepted"}, "has not sent"),
        ("statement_agreed", {}, "has not sent"),
        ("sighting", {"schema": 99, "sightings": [SIGHTING]}, "schema 99"),
        ("sighting", {"lane": "bulk", "sightings": [SIGHTING]}, "lane bulk"),
        ("sighting", {"answer": "done", "sightings": [SIGHTING]}, "no answer of"),
    ],
)
def test_what_could_not_be_sent_counts_for_nothing(
    leads: Victim, name: str, content: dict[str, Any], why: str
) -> None:
    before = leads.snapshot()
    reasons = leads.say(name, **content)
    assert len(reasons) == 1
    assert why in reasons[0]
    assert leads.snapshot() == before
    assert leads.refused() == 1
    answers = [one for one in leads.answers() if one["kind"] == "message.declined"]
    assert [why in one["body"]["reason"] for one in answers] == [True]
    assert not leads.verify()


def test_the_side_that_assists_stands_nobody_down_during_the_alarm(
    cases: dict[str, tuple[Path, float]],
) -> None:
    victim = victim_in(cases, "alarm")
    before = victim.snapshot()
    assert before["phase"] == "ALARM"
    for name in ("stand_down", "roads_reopened", "sections_sealed", "leak", "wrong_vehicle"):
        victim.say(name)
    after = victim.snapshot()
    assert (after["phase"], after["tasks"]) == (before["phase"], before["tasks"])
    victim.close()


def test_the_side_named_first_cannot_take_the_lead_and_end_the_search_later(
    cases: dict[str, tuple[Path, float]],
) -> None:
    """Birch assists here; alder, named first, leads. In turn: the leader's own word does count."""
    victim = victim_in(cases, "liaison", end=1)
    assert victim.snapshot()["lead"] == "alder"
    assert victim.say("alert_understood") != []  # that was ours to say
    assert victim.snapshot()["phase"] == "LIAISON"
    victim.close()


def test_two_thousand_unknown_names_open_no_incident_and_fill_nothing(leads: Victim) -> None:
    before, size = leads.snapshot(), leads.desk.node.journal.size
    envelopes = [
        leads.hostile.said(leads.protocol, f"x{i}", f"attack-{i}", what_happened="x")
        for i in range(2000)
    ]
    for first in range(0, 2000, 400):
        leads.send(*envelopes[first : first + 400])
    assert leads.snapshot() == before
    assert leads.refused() == NOTED_A_WINDOW  # the rest is counted with the next that is noted
    assert leads.desk.node.journal.size - size <= 3 * NOTED_A_WINDOW
    reports = [leads.hostile.envelope("text.sent", {"text": "hello"}, lane="routine")]
    assert leads.send(*reports) == []  # and what is allowed still passes


def test_an_alert_is_an_offer_and_offers_are_bounded(leads: Victim) -> None:
    book = leads.desk.catch_up()
    for number in range(MOST_OFFERED + 5):
        leads.say("alert", f"new-{number}", what_happened="shots", vehicle="van")
    offered = [one for one in leads.desk.catch_up().incidents.values() if one.is_offered]
    assert len(offered) == MOST_OFFERED
    assert all(not one.authority and not one.authorised(leads.now_s) for one in offered)
    assert {one.opened_by for one in offered} == {"birch"}
    assert book.incident(INCIDENT).phase == "LIAISON"


def test_other_names_of_incidents_and_messages_are_refused(leads: Victim) -> None:
    before = leads.snapshot()
    assert "no name of an incident" in leads.say("alert", "a/../b", what_happened="x")[0]
    assert (
        "names no incident"
        in leads.send(
            leads.hostile.envelope("procedure.said", {"protocol": leads.protocol, "name": "alert"})
        )[0]
    )
    assert "no kind of message" in leads.send(leads.hostile.envelope("evil.kind", {}))[0]
    other = "sha256:" + "0" * 64
    wrong = leads.hostile.said(other, "liaison_open", INCIDENT)
    assert "runs under protocol" in leads.send(wrong)[0]
    body = {"message": "01900000-0000-7000-8000-000000000000", "person": "x", "role": "y"}
    assert "sent no message" in leads.send(leads.hostile.envelope("message.acknowledged", body))[0]
    assert leads.snapshot() == before


def test_one_id_for_two_messages_counts_once(leads: Victim) -> None:
    name = "01900000-0000-7000-8000-00000000abcd"
    assert leads.say("liaison_open", contact_persons="a", id=name) == []
    assert "was there before" in leads.say("liaison_open", contact_persons="b", id=name)[0]
    ours = next(k for k, ours in leads.desk.catch_up().message_ids.items() if ours)
    assert "was there before" in leads.say("liaison_open", contact_persons="c", id=ours)[0]


def test_officers_are_shown_what_was_refused(leads: Victim) -> None:
    leads.say("stand_down")
    book = leads.desk.catch_up()
    told = {one.lead: one for one in node_alarms(book, leads.now_s)}
    alarm = told["MESSAGES REFUSED"]
    assert "stand_down" in alarm.text
    page = situation_report(book, book.incident(INCIDENT), leads.now_s)
    shown = [line.lead for block in page.blocks for line in block.lines]
    assert "MESSAGES REFUSED" in shown
