"""The sides ask and answer; what is open, overdue or unheard is listed, from the journal alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, Case, actor
from operation.orders.sealing_case import SCENARIO
from stopline.errors import BadInput
from stopline.link.messages import read_message
from stopline.link.procedure_message import CommittedSection, ProcedureSaid, SealStatus
from stopline.network.place_names import section_id
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.happenings import Happenings
from stopline.operation.liaison.commands import AnswerOtherSide, AskOtherSide, LogCall
from stopline.operation.liaison.open_matters import OpenMatters, open_matters
from stopline.operation.liaison.reminders import reminders
from stopline.operation.liaison.requests import Request, requests_of
from stopline.operation.orders.scenario_store import ScenarioStore
from stopline.operation.sightings.commands import RetractSighting, ShareSightings
from stopline.scenario.loader import load_scenario
from stopline.testing.in_process_line import Faults

if TYPE_CHECKING:
    from stopline.operation.core.command import Command


def ask(case: Case, **changes: object) -> AskOtherSide:
    told = {
        "incident": INCIDENT, "message": "can_you_seal", "asked": "seal sections",
        "wanted_sections": (case.wanted(),), "answer_by": case.at(300), **changes,
    }  # fmt: skip
    return AskOtherSide.model_validate(told)


def answer(request: str, said: str, text: str = "", *sites: str | None) -> AnswerOtherSide:
    held = tuple(CommittedSection(site="section 7", closed_by=by) for by in sites)
    return AnswerOtherSide.model_validate(
        {"incident": INCIDENT, "request": request, "answer": said, "text": text,
         "commitments": held}
    )  # fmt: skip


def requests(case: Case, end: int, later_s: float = 0.0) -> list[Request]:
    return requests_of(case.incident(end), case.both.now_s + later_s)


def matters(case: Case, end: int, later_s: float = 0.0) -> OpenMatters:
    book = case.both.desks[end].catch_up()
    return open_matters(book, case.incident(end), case.both.now_s + later_s)


def states(case: Case, later_s: float = 0.0) -> tuple[str, str]:
    (here,), (there,) = requests(case, 0, later_s), requests(case, 1, later_s)
    return here.state, there.state


def test_can_you_seal_goes_from_asked_to_done_the_same_on_both_sides(case: Case) -> None:
    case.agree()
    asked = case.do(0, ask(case), LIAISON).ids[0]
    assert states(case) == ("asked", "asked")
    assert states(case, 301) == ("overdue", "overdue")
    assert [r.asked.id for r in matters(case, 1).asked_of_us] == [asked]
    assert [r.asked.id for r in matters(case, 0).asked_by_us] == [asked]
    promised = case.at(600).isoformat()
    case.do(1, answer(asked, "accepted", "", promised), CHIEF)
    assert states(case) == ("accepted", "accepted")
    assert states(case, 590) == ("accepted", "accepted")
    assert states(case, 601) == ("overdue", "overdue")
    case.do(1, answer(asked, "done"), CHIEF)
    assert states(case, 601) == ("done", "done")
    assert not matters(case, 0).asked_by_us
    assert not matters(case, 1).asked_of_us
    case.restart_folds_the_same()
    assert states(case) == ("done", "done")


def test_a_road_is_asked_for_and_promised_by_its_id_on_the_map(case: Case) -> None:
    case.agree()
    region = load_scenario(SCENARIO)
    network = region.problem.network
    names = [section_id(network, number) for number in range(40)]
    cut = next(one for one in names if one.endswith("/1"))
    whole = cut.partition("/")[0]
    for desk in case.both.desks:
        desk.regions = None
    with pytest.raises(NotNow, match=r"told of no region.*as the other side names it"):
        case.do(0, ask(case, wanted_sections=(case.wanted(names[7]),)), LIAISON)
    for desk in case.both.desks:
        desk.regions = ScenarioStore((SCENARIO,), case.both.folders[0])
    with pytest.raises(NotNow, match=rf"{whole} is cut into \d+ sections; .*{whole}/1 to"):
        case.do(0, ask(case, wanted_sections=(case.wanted(whole),)), LIAISON)
    with pytest.raises(NotNow, match=r"way 12 is not on the map of the region; expected the id"):
        case.do(0, ask(case, wanted_sections=(case.wanted("way 12"),)), LIAISON)
    asked = case.do(0, ask(case, wanted_sections=(case.wanted(names[7]),)), LIAISON).ids[0]
    (there,) = requests(case, 1)
    assert [one.site for one in there.asked.body.wanted_sections] == ["section 7"]
    by = case.at(600).isoformat()
    told = {"incident": INCIDENT, "request": asked, "answer": "accepted"}
    other = AnswerOtherSide(**told, commitments=(CommittedSection(site=names[8], closed_by=by),))
    with pytest.raises(NotNow, match=f"{names[8]} was not asked for"):
        case.do(1, other, CHIEF)
    held = AnswerOtherSide(**told, commitments=(CommittedSection(site=names[7], closed_by=by),))
    case.do(1, held, CHIEF)
    (here,) = requests(case, 0)
    assert [one.site for one in here.answers[-1].body.commitments] == ["section 7"]


def test_a_state_is_told_by_the_id_on_the_map(case: Case) -> None:
    case.seal()
    network = load_scenario(SCENARIO).problem.network
    for desk in case.both.desks:
        desk.regions = ScenarioStore((SCENARIO,), case.both.folders[0])
    name = section_id(network, 7)
    status = SealStatus(site=name, road="A 3", state="closed", since=case.at(0).isoformat())
    case.do(1, case.said("sections_sealed", seal_status=[status]), LIAISON)
    assert "section 7" in case.incident(0).projection(Happenings).seals_there


def test_in_part_names_its_conditions_and_no_names_its_reason(case: Case) -> None:
    case.agree()
    asked = case.do(0, ask(case), LIAISON).ids[0]
    for bad, said in (
        (answer(asked, "declined"), "reason"),
        (answer(asked, "in part"), "conditions"),
        (answer(asked, "done"), "answer it first"),
        (answer("none", "accepted"), "no request none"),
    ):
        with pytest.raises(NotNow, match=said):
            case.do(1, bad, CHIEF)
    with pytest.raises(NotNow, match="asked that itself"):
        case.do(0, answer(asked, "accepted"), CHIEF)
    case.do(1, answer(asked, "in part", "only until midnight", None), CHIEF)
    (here,) = requests(case, 0)
    assert (here.state, here.answer_text) == ("in part", "only until midnight")
    case.do(1, answer(asked, "declined", "units are needed elsewhere"), CHIEF)
    (here,) = requests(case, 0)
    assert (here.state, here.is_open) == ("declined", False)
    assert len(here.answers) == 2


def test_a_site_that_nobody_asked_for_is_not_committed(case: Case) -> None:
    case.agree()
    wanted = (case.wanted("section 9"),)
    asked = case.do(0, ask(case, wanted_sections=wanted), LIAISON).ids[0]
    with pytest.raises(NotNow, match="section 7 was not asked for"):
        case.do(1, answer(asked, "accepted", "", None), CHIEF)


def test_help_and_anything_else_are_asked_in_words(case: Case) -> None:
    case.seal()
    offer = ask(case, message="anything_else", asked="other", text="Do you need anything else?",
                wanted_sections=())  # fmt: skip
    first = case.do(0, offer, CHIEF).ids[0]
    help_ = ask(case, message="can_you_help", asked="send units", text="two patrols at the bridge",
                wanted_sections=())  # fmt: skip
    second = case.do(1, help_, CHIEF).ids[0]
    case.do(1, answer(first, "declined", "nothing, thank you"), CHIEF)
    case.do(0, answer(second, "accepted", "two patrols, 21:40"), CHIEF)
    found = {r.asked.body.name: (r.state, r.asked.received) for r in requests(case, 0)}
    assert found == {"anything_else": ("declined", False), "can_you_help": ("accepted", True)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"message": "sighting"}, "no request"),
        ({"message": "nonsense"}, "no request"),
        ({"wanted_sections": ()}, "no section"),
        ({"asked": "information", "wanted_sections": ()}, "does not say what"),
    ],
)
def test_a_question_that_asks_nothing_is_refused(
    case: Case, changes: dict[str, object], said: str
) -> None:
    case.agree()
    with pytest.raises(NotNow, match=said):
        case.do(0, ask(case, **changes), LIAISON)
    with pytest.raises(NotNow, match="past"):
        case.do(0, ask(case, answer_by=case.at(-1)), LIAISON)


def test_the_document_names_who_asks_and_who_answers(case: Case) -> None:
    case.agree()
    with pytest.raises(NotNow, match="for lead to send"):
        case.do(1, ask(case), LIAISON)
    with pytest.raises(NotNow, match="sent by liaison_officer"):
        case.do(0, ask(case), DUTY)
    asked = case.do(0, ask(case), LIAISON).ids[0]
    with pytest.raises(NotNow, match="sent by chief_of_police"):
        case.do(1, answer(asked, "accepted"), LIAISON)
    commands: list[Command] = [ask(case), answer(asked, "accepted"), call(case)]
    for command in commands:
        with pytest.raises(NotPermitted):
            case.do(1, command, actor("administrator"))


def call(case: Case, **changes: object) -> LogCall:
    told = {
        "incident": INCIDENT, "between": "heads", "ours": "A. Adler, head of state",
        "theirs": "B. Birke, head of state", "began": case.at(-600), "minutes": 4,
        "we_asked": "Can you help me seal it off?", "agreed": "yes, all sections", **changes,
    }  # fmt: skip
    return LogCall.model_validate(told)


def test_a_call_is_written_down_and_corrected_openly(case: Case) -> None:
    case.alarm()
    first = case.do(0, call(case), actor("head_of_state")).ids[0]
    case.do(0, call(case, agreed="yes, but two", corrects=first), actor("head_of_state"))
    (kept,) = case.exchange(0).calls.values()
    assert kept.body.agreed == "yes, but two"
    assert case.both.desks[0].node.journal.find(first).body is not None
    for changes, said in (
        ({"began": case.at(60)}, "future"),
        ({"we_asked": "", "agreed": ""}, "nothing was asked"),
        ({"corrects": "none"}, "no call none"),
    ):
        with pytest.raises(NotNow, match=said):
            case.do(0, call(case, **changes), DUTY)
    case.restart_folds_the_same()


def test_a_message_stays_open_until_a_named_officer_takes_note(case: Case) -> None:
    case.liaison()
    alert = next(iter(case.exchange(1).said))
    assert alert in [s.id for s in matters(case, 1).unnoted_here]
    assert alert in [s.id for s in matters(case, 0).unnoted_there]
    due = [r for r in reminders(case.both.desks[1].catch_up(), case.incident(1),
                                case.both.now_s + 121) if r.about == alert]  # fmt: skip
    assert [r.role for r in due] == ["duty_officer"]
    case.acknowledge(1, alert, DUTY)
    for end in (0, 1):
        assert case.exchange(end).said[alert].noted_by == "p.duty_officer (duty_officer)"
        open_now = matters(case, end)
        assert alert not in [s.id for s in (*open_now.unnoted_here, *open_now.unnoted_there)]


def test_with_a_broken_line_the_reminder_names_the_telephone(case: Case) -> None:
    case.agree()
    case.both.line.faults = [Faults(cut=True), Faults(cut=True)]
    asked = case.do(0, ask(case, answer_by=case.at(900)), LIAISON).ids[0]
    book, incident = case.both.desks[0].catch_up(), case.incident()
    assert matters(case, 0).undelivered == {asked}
    soon = [r.text for r in reminders(book, incident, case.both.now_s + 70) if r.about == asked]
    said = (
        "not delivered; say it by telephone between the liaison officers: Can you help me seal it "
        "off? These sections, by these times"
    )
    assert soon == [said]
    case.both.line.faults = [Faults(), Faults()]
    case.both.run(5.0)
    assert matters(case, 0).undelivered == frozenset()


def test_reminders_come_at_half_of_the_time_and_at_its_end(case: Case) -> None:
    case.agree()
    asked = case.do(0, ask(case), LIAISON).ids[0]
    case.acknowledge(1, asked, CHIEF)
    seen = {}
    for later in (100, 200, 400):
        found = reminders(case.both.desks[1].catch_up(), case.incident(1), case.both.now_s + later)
        seen[later] = [(r.role, r.text.split(":")[0]) for r in found if r.about == asked]
    assert seen == {
        100: [],
        200: [("chief_of_police", "answer the other side")],
        400: [("chief_of_police", "our answer is overdue")],
    }


def test_decisions_that_are_wanted_are_listed_with_the_voices_so_far(case: Case) -> None:
    case.agree()
    wanted = {d.decision: d for d in matters(case, 0).decisions}
    assert wanted["joint_sealing"].taken_by == ("head_of_state", "prime_minister")
    assert wanted["joint_sealing"].due_s is not None
    assert "camera_search" in wanted
    assert "stand_down" not in wanted


def test_a_sighting_taken_back_without_telling_is_an_open_matter(case: Case) -> None:
    case.liaison()
    noted = case.do(0, case.sighting(), DUTY).ids[0]
    case.do(0, ShareSightings(incident=INCIDENT, sightings=(noted,)), LIAISON)
    before = matters(case, 0).count
    case.do(0, RetractSighting(incident=INCIDENT, sighting=noted, reason="wrong"), DUTY)
    assert [s.id for s in matters(case, 0).withdrawals_untold] == [noted]
    assert matters(case, 0).count == before + 1


def test_an_answer_without_a_name_on_it_answers_the_last_question(case: Case) -> None:
    case.agree()
    first = case.do(0, ask(case), LIAISON).ids[0]
    second = case.do(0, ask(case), LIAISON).ids[0]
    case.do(1, case.said("we_seal", answer="declined", text="no"), CHIEF)
    case.do(1, case.said("we_seal", answer="accepted", ref=first), CHIEF)
    case.do(1, case.said("we_seal", answer="done", ref="of another incident"), CHIEF)
    found = {r.asked.id: r.state for r in requests(case, 0)}
    assert found == {first: "accepted", second: "declined"}


@pytest.mark.parametrize("bad", ["soon", "2026-11-25T10:00:00", "", "0001-01-01T00:00+14:00"])
def test_a_time_that_cannot_be_read_does_not_cross_the_line(case: Case, bad: str) -> None:
    case.agree()
    parts = {
        "sightings": [{"sighting": "s", "lon": 9.5, "lat": 47.1, "radius_m": 1, "seen": bad,
                       "heading_deg": None, "towards": None, "grade": "B2", "confirmed": False}],
        "belief": {"at": bad, "destinations": {}},
        "wanted_sections": [{"site": "section 1", "road": "r", "lon": 9.5, "lat": 47.1, "by": bad,
                             "strength": 1}],
        "commitments": [{"site": "section 1", "closed_by": bad}],
        "seal_status": [{"site": "section 1", "road": "r", "state": "open", "since": bad}],
        "answer_by": bad,
    }  # fmt: skip
    for field, value in parts.items():
        with pytest.raises(ValueError, match=field):
            ProcedureSaid.model_validate({"protocol": "", "name": "heading", field: value})
        with pytest.raises(BadInput, match=r"procedure\.said"):
            read_message("procedure.said", {"protocol": "", "name": "heading", field: value})
