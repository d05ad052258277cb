"""The pages say what the review holds, whatever people wrote, and a single page stays as it was."""

from __future__ import annotations

import re

from operation.liaison_case import CHIEF, INCIDENT, Case
from review.review_case import ZONE, reviewed
from stopline.operation.core.commands import OpenIncident
from stopline.operation.core.context import seconds
from stopline.operation.orders.commands import WriteLesson
from stopline.rendering.page.html import paper_html
from stopline.rendering.page.model import Block, Line, Paper
from stopline.rendering.page.pdf import paper_pdf, paper_typst
from stopline.rendering.time_text import Clock
from stopline.review.page import review_paper
from stopline.review.summary import unclosed
from stopline.review.timeline_picture import timeline_png

HOSTILE = '<script>alert(1)</script> "#panic()" \\u{41} ]) # $x$ `'


def test_what_officers_wrote_cannot_become_code(case: Case) -> None:
    case.liaison()
    case.do(0, WriteLesson(incident=INCIDENT, text=HOSTILE), CHIEF)
    case.both.run(600)
    found = reviewed(case)
    clock = Clock(seconds(found.alarm), ZONE)
    picture = timeline_png(found, clock.minute)
    assert picture == timeline_png(found, clock.minute)
    page = review_paper(found, clock.minute, clock.day(), timeline=picture, plan_of_roads=picture)
    html = paper_html(page)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert paper_pdf(page) == paper_pdf(page)
    assert "never done" in html
    for side in found.sides:
        assert side in html
    missed = [one for one in found.deadlines if one.outcome == "missed"]
    assert missed
    for one in missed:
        title = one.title[1:].replace("'", "&#x27;")
        assert title in html, one.title


def test_a_review_of_an_incident_without_an_alarm_is_a_page_too(case: Case) -> None:
    command = OpenIncident(incident=INCIDENT, title="Hall", authority="o", expires=case.at(60))
    case.do(0, command, CHIEF)
    found = reviewed(case)
    assert found.leads == ""
    clock = Clock(seconds(found.alarm), ZONE)
    page = review_paper(
        found, clock.minute, clock.day(), timeline=timeline_png(found, clock.minute)
    )
    assert paper_pdf(page).startswith(b"%PDF")
    assert found.summary.headline == "The vehicle is not stopped yet."
    assert unclosed(found) == "not closed yet"
    assert unclosed(found.model_copy(update={"over": True})) == "never closed"


def test_one_page_has_no_page_numbers_and_the_same_style_as_before() -> None:
    block = Block("Question", (Line("answer", lead="12:00"),))
    one = Paper("T", "H", (), (block,), "foot")
    many = Paper(
        "T", "H", (), (Block("Q", block.lines, wide=True, new_page=True, flows=True),), "f"
    )
    assert "counter(page)" not in paper_typst(one)
    assert "counter(page)" in paper_typst(many)
    assert "new-page" not in paper_html(one)
    assert 'class="wide new-page flows"' in paper_html(many)
    assert re.search(r'<li class="plain"><b>12:00</b> answer</li>', paper_html(one))
