"""What each role sees first, and what it can get to: every row of the table of screens.

| role | beside the first screen and the ways from it, which are here |
|---|---|
| duty, second officer | `test_incident.py`: sighting, plan, orders; `test_duties.py`: hand-over |
| liaison officer | `test_incident.py`: requests; `test_states.py`: calls; `test_review.py` |
| chiefs, commanders | `test_incident.py`: answers, decisions; `test_signing.py`: signed ones |
| heads | `test_incident.py`: yes and no |
| press | `test_incident.py`: drafted, agreed, released |
| prosecutor, reviewer | an entry with its proof here; `test_review.py`: the slider, claims |
| unit | its position here; `test_incident.py`: to closed; `test_duties.py`: cannot, and why |
| administrator | `test_duties.py`: admits, suspends; `test_states.py`: duties fail |

Possible hits of cameras are in `test_hits.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.case import Stage
    from browser.window import Window

TOLD = "sealing"
# account: its first page, what stands there, and pages that it goes on to with what they say
FIRST = {
    "duty-officer": ("main", ["SEALS IN FORCE", "MY TASKS"], {
        "sighting": "New sighting", "plan": "plan", "orders": "ORDERS", "units": "HAND-OVER",
    }),
    "second-officer": ("main", ["SEALS IN FORCE", "MY TASKS"], {
        "sighting": "New sighting", "plan": "plan", "orders": "ORDERS", "units": "HAND-OVER",
    }),
    "liaison-officer": ("thread", ["ASKED OF US", "ASKED OF THEM", "BIRCH HOLDS", "SHARED WITH"], {
        "main": "SEALS IN FORCE", "call": "Log a call",
    }),
    "chief-of-police": ("chief", ["ORDERS", "UNITS"], {
        "main": "SEALS IN FORCE", "situation": "What is sealed",
    }),
    "border-commander": ("chief", ["UNITS"], {"situation": "What is sealed"}),
    "head-of-state": ("head", ["WHAT HAPPENED", "SEALED", "OPEN", "SAID IN PUBLIC"], {
        "situation": "What is sealed", "press": "STATEMENT",
    }),
    "interior-minister": ("head", ["WHAT HAPPENED"], {"press": "STATEMENT"}),
    "press-officer": ("press", ["STATEMENT TO THE PUBLIC", "RELEASED"], {}),
    "prosecutor": ("journal", ["JOURNAL", "Kind begins with", "Who"], {
        "review": "KNOWN AT", "claim": "Could it have left",
    }),
    "root": ("admin", ["PEOPLE", "DEVICES", "LINE", "DUTIES THAT FAIL"], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_the_first_screen_of_a_role_and_the_ways_from_it(
    window: Callable[..., Window], name: str
) -> None:
    first, says, ways = FIRST[name]
    one = window(name)
    main = one.page.locator(f"main.page-{first}")
    main.wait_for()
    for words in says:
        expect(main.get_by_text(re.compile(words, re.IGNORECASE)).first).to_be_visible()
    for page, words in ways.items():
        one.go(page)
        there = one.page.locator(f"main.page-{page}")
        expect(there.get_by_text(re.compile(words, re.IGNORECASE)).first).to_be_visible()


def test_a_unit_sees_its_order_and_one_button_at_a_time(
    stage: Stage, window: Callable[..., Window]
) -> None:
    order = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    name = stage.unit_account(0, order.unit, order.agency)
    phone = window(
        name, viewport={"width": 360, "height": 640}, permissions=["geolocation"],
        geolocation={"longitude": 9.52, "latitude": 47.14},
    )  # fmt: skip
    expect(phone.page.locator(".phone h1")).to_contain_text("Close ")
    expect(phone.page.locator(".phonecount")).to_have_text(re.compile(r"\d+:\d\d"))
    assert phone.page.locator(".btn.huge").count() == 1
    phone.button("Report position").click()
    expect(phone.page.locator(".phonebar")).to_contain_text("sent")
    phone.button("Cannot").click()
    assert phone.page.get_by_role("button", name="Report that we cannot").is_disabled()
    phone.button("Back").click()
    # All of it is on the screen of a phone: the first button needs no scrolling.
    box = phone.page.locator(".btn.huge").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640


def test_an_entry_of_the_journal_shows_what_it_holds_and_its_proof(
    window: Callable[..., Window],
) -> None:
    one = window("prosecutor")
    page = one.page
    page.get_by_label("Kind begins with").fill("decision.")
    rows = page.locator("main.page-journal tbody tr")
    expect(rows.first).to_contain_text("decision.voiced")
    assert all("decision." in text for text in rows.all_inner_texts())
    rows.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("pre").first).to_contain_text("outcome")
    expect(page.locator("pre.proof")).not_to_be_empty()
    # Until the next checkpoint there is none: the page says so, and the browser notes the answer.
    one.faults[:] = [each for each in one.faults if "404" not in each]
