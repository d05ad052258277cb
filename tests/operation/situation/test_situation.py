"""One page says how it stands; it is made from the journal alone, and every issue is kept."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from PIL import Image

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, Case, actor
from operation.orders.sealing_case import SCENARIO, plan_at
from operation.readiness_case import enrol
from operation.situation.full_case import fill
from stopline.link.procedure_message import SealStatus
from stopline.operation.core.commands import StopVehicle
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.happenings import Happenings
from stopline.operation.facts.intelligence import IntelligenceUsed
from stopline.operation.intelligence.projection import Intelligence
from stopline.operation.liaison.commands import AskOtherSide
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.alerting import AlertAgencies
from stopline.operation.situation.answers import overdue
from stopline.operation.situation.commands import IssueSituation, digest, made_again
from stopline.operation.situation.page_fit import ROWS, block, rows, short
from stopline.operation.situation.report import fitted, situation_report, with_map
from stopline.operation.situation.sealed import all_open
from stopline.operation.situation.small_map import (
    BESIDE,
    FLAT,
    WIDE,
    MapShape,
    Marks,
    SmallMap,
    _marks,
)
from stopline.operation.situation.times import Times
from stopline.rendering.page.html import paper_html
from stopline.rendering.page.model import Line, Paper
from stopline.rendering.page.pdf import paper_pdf, pdf_pages
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.scenario.loader import Scenario

HEAD = actor("head_of_state")


def page(case: Case, end: int = 0, later_s: float = 0.0, reader: str = "head_of_state") -> Paper:
    book = case.both.desks[end].catch_up()
    return situation_report(book, case.incident(end), case.both.now_s + later_s, reader=reader)


def told(shown: Paper, title: str) -> list[str]:
    blocks = {each.title: each for each in shown.blocks}
    return [f"{line.lead} {line.text}".strip() for line in blocks[title].lines]


def test_every_question_has_its_answer(case: Case) -> None:
    fill(case)
    shown = page(case)
    assert shown.headline.startswith(  # what is known and open, no phase of a procedure
        "Roads: 1\N{NO-BREAK SPACE}LATE, 1\N{NO-BREAK SPACE}closed, 1\N{NO-BREAK SPACE}under way. "
        "Seen last at bridge, "
    )
    happened = told(shown, "What happened")
    assert happened[0].endswith("shots fired, Crocus hall")
    assert happened[1] == "Vehicle white van"
    where = told(shown, "Where it can be")
    assert re.fullmatch(
        r"Seen \d\d:\d\d \(\d+ \w+ ago\) bridge, heading for the border \(confirmed\)", where[0]
    )
    assert where[-1].endswith("Mill road (not confirmed, C3)")
    assert [line.split(" (")[0] for line in told(shown, "What is sealed")] == ["Closed A 3 north"]
    assert [line.split(" (")[0] for line in told(shown, "What is not sealed")[:2]] == [
        "Late Old bridge",
        "Under way Forest road",
    ]
    asked = " | ".join(told(shown, "What the sides asked and were told"))
    assert "We asked to seal 3 roads: in part by" in asked
    assert "only with your patrol at the bridge" in asked
    assert "call between heads we asked: Can you help me seal it off? agreed: yes" in asked
    (public,) = told(shown, "What was said in public")
    assert re.fullmatch(r"\d\d:\d\d, corrected \d\d:\d\d “Two men fled. Stay at home.”", public)
    overdue = told(shown, "What is overdue on our side")
    assert any("Alert all patrols" in line for line in overdue)
    assert "patrol 7" not in paper_html(shown), "the source of a sighting stays off the page"


def test_the_decision_wanted_from_the_reader_comes_first_and_says_so(case: Case) -> None:
    case.agree()
    for_head = told(page(case), "What decision is wanted")
    assert re.match(r"You by \d\d:\d\d: Do both sides seal jointly", for_head[0])
    assert any(line.startswith("Prosecutor on call by") for line in for_head[1:])
    for_prosecutor = told(page(case, reader="prosecutor"), "What decision is wanted")
    assert for_prosecutor[0].startswith("You by")
    assert "road cameras" in for_prosecutor[0]
    for_press = told(page(case, reader="press_officer"), "What decision is wanted")
    assert for_press[0] == "None of you. Others are asked:"


def test_what_is_not_known_is_called_not_known(case: Case) -> None:
    case.alarm()
    shown = page(case)
    assert any("not known" in line for line in told(shown, "Where it can be"))
    unsealed = " ".join(told(shown, "What is not sealed"))
    assert "Ours: not known" in unsealed
    assert "Republic of Birch: not known" in unsealed
    assert told(shown, "What is sealed") == ["Nothing is reported closed."]
    assert told(shown, "What the sides asked and were told") == ["Nothing was asked."]
    assert told(shown, "What was said in public")[0].startswith("Nothing said yet")
    assert "overdue by" in told(page(case, later_s=4000), "What was said in public")[0]


def test_the_other_sides_page_says_what_it_was_told(case: Case) -> None:
    fill(case)
    shown = page(case, end=1)
    assert told(shown, "What happened") == ["The other side says shots", "Vehicle white van"]
    assert any("They asked to seal 3 roads" in line
               for line in told(shown, "What the sides asked and were told"))  # fmt: skip
    assert any(
        line.startswith("Ours, as we told them") for line in told(shown, "What is not sealed")
    )


def test_a_stopped_vehicle_stands_first(case: Case) -> None:
    case.liaison()
    case.do(0, StopVehicle(incident=INCIDENT, place="Mill road", text="two men"), DUTY)
    case.do(0, case.said("detained", detention="Mill road"), DUTY)
    assert re.fullmatch(r"Stopped \d\d:\d\d Mill road", told(page(case), "What happened")[0])
    there = told(page(case, end=1), "What happened")[0]
    assert re.fullmatch(r"Stopped \d\d:\d\d by the other side Mill road", there)
    for end in (0, 1):
        assert re.match(r"A vehicle was stopped \d\d:\d\d: Mill road\.", page(case, end).headline)


def test_a_late_or_open_road_is_not_contradicted_by_the_title_of_a_phase(case: Case) -> None:
    fill(case)
    incident = case.incident()
    title = incident.machine.protocol.phases[incident.phase].title
    shown = page(case)
    assert shown.tone == "bad"
    assert title not in shown.facts
    assert f"Phase of the procedure: {incident.phase}" in shown.facts


def test_a_decision_that_is_wanted_is_not_contradicted_by_the_title_of_a_phase(case: Case) -> None:
    case.agree()
    shown = page(case)
    assert told(shown, "What decision is wanted")[0].startswith("You by")
    assert f"Phase of the procedure: {case.incident().phase}" in shown.facts
    assert not any("both heads agree" in fact for fact in shown.facts)


def test_after_the_end_open_roads_stand_in_one_line() -> None:
    open_again = [Line(f"road {n}", "Reopened") for n in range(14)]
    assert all_open([*open_again, Line("road x", "Open", "bad")]) == [
        Line("road x", "Open", "bad"), Line("14 roads are open again", "Reopened"),
    ]  # fmt: skip
    assert all_open([Line("road x", "Open", "bad")]) == [Line("road x", "Open", "bad")]


def test_the_same_book_and_moment_give_the_same_page_after_a_restart(case: Case) -> None:
    fill(case)
    before = [paper_html(page(case, end)) for end in (0, 1)]
    case.restart_folds_the_same()
    assert [paper_html(page(case, end)) for end in (0, 1)] == before
    assert paper_html(page(case, later_s=60)) != before[0]


def test_every_issue_is_kept_and_can_be_made_again_from_the_journal(case: Case) -> None:
    fill(case)
    for zone in ("Europe/Vaduz", "UTC"):
        case.do(0, IssueSituation(incident=INCIDENT, zone=zone), CHIEF)
        case.both.run(90)
    issued = case.incident().projection(Happenings).issued
    assert [each.number for each in issued] == [1, 2]
    entries = list(case.both.desks[0].node.journal.read())
    for each in issued:
        assert digest(each.page) == each.digest
        assert made_again(entries, INCIDENT, each) == each.page
    assert "UTC+01:00" in issued[0].page
    assert issued[0].page != issued[1].page


def test_who_may_issue_and_for_whom(case: Case) -> None:
    case.alarm()
    issue = IssueSituation(incident=INCIDENT)
    for role in ("press_officer", "border_duty", "administrator"):
        with pytest.raises(NotPermitted):
            case.do(0, issue, actor(role))
    with pytest.raises(NotNow, match="no role nobody"):
        case.do(0, IssueSituation(incident=INCIDENT, reader="nobody"), CHIEF)
    with pytest.raises(NotNow, match="no zone"):
        case.do(0, IssueSituation(incident=INCIDENT, zone="Vaduz"), CHIEF)
    case.do(0, issue, HEAD)


class Reading(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [name for name, _ in attrs if name in {"src", "href", "onload"}]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_needs_nothing_from_outside_and_runs_nothing(case: Case) -> None:
    fill(case)
    evil = '<script>alert("x")</script>'
    case.do(0, case.sighting(place=evil, confirmed=True, seen=case.at(-1)), DUTY)
    text = paper_html(page(case))
    reading = Reading()
    reading.feed(text)
    assert not {"script", "img", "link", "iframe"} & set(reading.tags)
    assert reading.addresses == []
    assert evil in "".join(reading.text)
    assert "url(" not in text
    assert "http:" not in text.replace("http-equiv", "")
    assert "https:" not in text


@pytest.mark.parametrize("many", [0, 1, 3, 12, 200])
@pytest.mark.parametrize("long", [1, 40, 150, 4000])
def test_however_much_there_is_it_stays_one_page(many: int, long: int) -> None:
    bare = Paper("T" * 80, "h" * 160, ("a", "b", "c"), (), "foot")
    lines = [Line("w" * long, "12:08 (4 min ago) lead") for _ in range(many)]
    names = ("decisions", "happened", "where", "sealed", "unsealed", "asked", "public", "overdue",
             "forces")  # fmt: skip
    shown = fitted(bare, {name: list(lines) for name in names})
    assert rows(shown) <= ROWS
    assert len(re.findall(rb"/Type ?/Page\b", paper_pdf(shown))) == 1


def test_what_follows_from_intelligence_is_shown_without_its_report(case: Case) -> None:
    case.liaison()
    area = case.incident().projection(Intelligence)
    used = IntelligenceUsed(
        report="r-1", at=case.at(0).isoformat(), lon=None, lat=None, radius_m=None,
        destinations={"north": 0.2, "border": 0.6}, probability=0.7,
    )  # fmt: skip
    area.used.append((case.both.now_s, used))
    line = told(page(case), "Where it can be")[0]
    assert line.startswith("From intelligence,")
    assert line.endswith("border 60%, north 20% (held at 70%)")


def test_the_pdf_is_one_page_and_the_same_from_the_same_page(case: Case) -> None:
    fill(case)
    shown = page(case)
    assert paper_pdf(shown) == paper_pdf(shown)
    assert len(re.findall(rb"/Type ?/Page\b", paper_pdf(shown))) == 1
    assert (shown.tone, shown.blocks[0].boxed) == ("bad", True)


def test_what_is_left_out_is_counted() -> None:
    lines = [Line(str(n)) for n in range(9)]
    kept = block("t", lines, 4, none="").lines
    assert [line.text for line in kept] == ["0", "1", "2", "and 6 more"]
    assert block("t", lines[:4], 4, none="").lines == tuple(lines[:4])
    assert block("t", [], 4, none="Nothing.").lines[0].text == "Nothing."


def test_our_forces_stand_in_numbers_with_who_has_not_answered(case: Case) -> None:
    fill(case)
    enrol(case)
    title = "What our forces are doing"
    assert told(page(case), title) == ["Police 3 on call", "Riot police 2 on call"]
    case.do(0, AlertAgencies(incident=INCIDENT, agencies=("riot_police",)), DUTY)
    case.both.run(301.0)
    shown = page(case)
    assert told(shown, title) == [
        "Riot police 2 called without answer (2 overdue)",
        "Police 3 on call",
    ]
    assert shown.blocks[-1].lines[0].tone == "bad"
    assert rows(shown) <= ROWS
    assert title not in {block.title for block in page(case, 1).blocks}


def test_a_line_is_cut_after_a_word() -> None:
    assert short("every road is closed by now", 20) == "every road is …"
    assert short("closed, by now", 10) == "closed …"
    assert short("x" * 30, 10) == "xxxxxxxx …"
    assert short("short", 5) == "short"
    assert all(len(short("word " * 40, most)) <= most for most in range(5, 60))


def test_what_is_overdue_several_times_stands_once() -> None:
    tasks = [
        SimpleNamespace(title=title, role="duty_officer", deadline_s=at_s)
        for title, at_s in (("Plan anew", 60.0), ("Tell them", 90.0), ("Plan anew", 120.0))
    ]
    incident = SimpleNamespace(
        machine=SimpleNamespace(protocol=SimpleNamespace(roles={})),
        due=lambda _now_s: SimpleNamespace(overdue=tasks),
    )
    lines = overdue(cast("Incident", incident), Times(300.0, UTC))
    assert [(line.lead, line.text) for line in lines] == [
        ("due 2 times since 00:01", "Plan anew (duty_officer)"),
        ("due 00:01", "Tell them (duty_officer)"),
    ]


def test_a_road_without_a_name_is_said_to_have_none(case: Case) -> None:
    fill(case)
    status = SealStatus(
        site="section 9", road="section 9", state="closed", since=case.at(-60).isoformat()
    )
    case.do(1, case.said("sections_sealed", seal_status=[status]), LIAISON)
    sealed = told(page(case), "What is sealed")
    assert any(line.startswith("Closed unnamed road, section 9 (") for line in sealed)


class Drawn:
    """A map that says how it was drawn."""

    shapes = (WIDE, FLAT)
    shape: MapShape | None = None

    def png(self, shape: MapShape) -> bytes:
        self.shape = shape
        data = io.BytesIO()
        Image.new("RGB", (1000, int(1000 * shape.height))).save(data, "png")
        return data.getvalue()


@pytest.mark.parametrize(
    ("lines", "shape"), [(1, "0.5 wide"), (6, "0.34 wide"), (9, None)], ids=["few", "some", "many"]
)
def test_what_is_left_of_the_page_is_given_to_the_map(*, lines: int, shape: str | None) -> None:
    names = ("decisions", "happened", "where", "sealed", "unsealed", "asked", "public", "overdue")
    asked = {name: [Line("what was seen and by whom", "23:14")] * lines for name in names}
    bare = Paper(title="t", headline="h", facts=(), blocks=(), foot="f")
    drawn = Drawn()
    shown = with_map(fitted(bare, asked), cast("SmallMap", drawn))
    titles = [one.title for one in shown.blocks]
    assert pdf_pages(shown) == 1
    assert ("On the map" in titles) is (shape is not None)
    if shape is not None:
        assert drawn.shape is not None
        assert f"{drawn.shape.height} wide" == shape
        assert titles.index("On the map") == titles.index("What is not sealed") + 1
    assert with_map(fitted(bare, asked), None) == fitted(bare, asked)


def test_a_land_from_north_to_south_is_drawn_beside_and_one_from_west_to_east_across() -> None:
    scenario = cast("Scenario", None)
    marks: Marks = [((9.5, 47.0), "", "o"), ((9.5, 47.3), "", "o")]
    assert SmallMap(scenario, None, marks, []).shapes == (BESIDE, FLAT)
    marks = [((27.0, 53.9), "", "o"), ((37.0, 55.7), "", "o")]
    assert SmallMap(scenario, (30.0, 55.0), marks, []).shapes == (WIDE, FLAT)


def test_names_of_places_on_the_map_cover_neither_each_other_nor_a_mark() -> None:
    from matplotlib.axes import Axes  # noqa: PLC0415  (drawing takes half a second to load)

    scenario = load_scenario(SCENARIO)
    lon, lat = 9.5209, 47.1392
    crowd = {f"Place {n}": (lon + 0.002 * (n % 4), lat + 0.001 * (n // 4)) for n in range(12)}
    told: list[Any] = []
    written = Axes.text

    def text(axes: Axes, *args: Any, **options: Any) -> Any:
        told.append(written(axes, *args, **options))
        return told[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Axes, "text", text)
        marks: Marks = [((lon + 0.01, lat), "green", "o")]
        SmallMap(replace(scenario, places=crowd), (lon, lat), marks, []).png(BESIDE)
        left = [one for one in told if one.figure is not None and one.get_text() in crowd]
        boxes = [one.get_window_extent() for one in left]
    assert 1 < len(left) < len(crowd), "as many as have room"
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_what_the_other_side_promised_stands_on_the_page_and_on_the_map(case: Case) -> None:
    scenario = load_scenario(SCENARIO)
    case.seal()
    case.know_the_region()
    plan = json.loads(plan_at(scenario, case.both.now_s))
    case.do(0, AdoptPlan(incident=INCIDENT, plan=json.dumps(plan)), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    theirs = [one for one in plan["seals"] if {h["side"] for h in one["holders"]} == {"CH"}]
    assert theirs
    shown = page(case)
    lines = told(shown, "What is not sealed")
    promises = [line for line in lines if line.startswith("Promised ")]
    assert len(promises) == len(theirs)
    assert all("(Republic of Birch, by " in line for line in promises)
    assert not any("it has reported none" in line for line in lines)
    assert f"{len(theirs)}\N{NO-BREAK SPACE}promised by the other side" in shown.headline
    squares = [one for one in _marks(case.incident(), scenario, case.both.now_s) if one[2] == "s"]
    assert len(squares) == len(theirs)
    assert shown.headline.startswith("No exit can be reached, if all keep to their times. Roads: ")
    late = page(case, later_s=7200.0)
    assert not any("it has reported none" in line for line in told(late, "What is not sealed"))
    assert "promised" not in late.headline
    assert f"{len(theirs)}\N{NO-BREAK SPACE}not reported by them" in late.headline


def test_nothing_is_cut_while_there_is_room(case: Case) -> None:
    fill(case)
    for each in page(case).blocks:
        assert not any(line.text.startswith("and ") for line in each.lines), each
        assert not any(line.text.endswith("…") for line in each.lines), each


def test_a_question_that_waits_is_red_only_when_its_time_has_passed(case: Case) -> None:
    case.seal()
    ask = AskOtherSide(
        incident=INCIDENT, message="can_you_seal", asked="seal sections",
        wanted_sections=(case.wanted("section 1"),), answer_by=case.at(300),
    )  # fmt: skip
    case.do(0, ask, LIAISON)
    for later_s, tone in ((0.0, "plain"), (400.0, "bad")):
        blocks = {each.title: each for each in page(case, later_s=later_s).blocks}
        (line,) = [
            one for one in blocks["What the sides asked and were told"].lines
            if "seal 1 road" in one.text
        ]  # fmt: skip
        assert line.tone == tone, line
