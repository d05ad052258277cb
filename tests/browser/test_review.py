"""Looking back by one slider, claims that are tested, what was shared, and the first guide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.window import Window

TOLD = "sealing"
NAME = "i-2026-11-18"


def test_one_slider_moves_map_board_thread_and_what_was_known(
    window: Callable[..., Window],
) -> None:
    one = window("prosecutor", "review")
    page = one.page
    one.see("LOOKING BACK")
    slider, lanes = page.get_by_role("slider"), page.get_by_role("region", name="Review")
    expect(page.locator(".seals tbody tr").nth(4)).to_be_visible()
    expect(page.locator(".map .signs .sign-body").nth(4)).to_be_attached()
    # A phase of some seconds has no room for its name; what it is stands on it all the same.
    for phase in (
        "The alarm goes to",
        "Both sides alerted",
        "The heading is known",
        "Each side closes",
    ):
        expect(lanes.get_by_role("img", name=re.compile(phase)).first).to_be_attached()
    assert lanes.locator(".lane-closed").count() >= 1
    talk = page.get_by_role("region", name=re.compile("^Thread with Birch", re.IGNORECASE))
    expect(talk.get_by_role("button").first).to_be_visible()
    # Before anything happened: no seal on the board or the map, nothing said, nothing known.
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".verdict .w")).to_have_text("NO PLAN")
    expect(page.locator(".seals tbody tr")).to_have_count(0)
    expect(page.locator(".map .signs .sign-body")).to_have_count(0)
    expect(talk.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("table").filter(has_text="known at")).to_have_count(0)
    # From fact to fact: a moment is another one each time, and where it was seen is known.
    for _ in range(6):
        before = str(slider.get_attribute("aria-valuetext"))
        page.keyboard.press("Shift+ArrowRight")
        expect(slider).not_to_have_attribute("aria-valuetext", before)
    page.keyboard.press("End")
    expect(page.locator(".seals tbody tr").nth(4)).to_be_visible()
    expect(page.get_by_role("table").filter(has_text="known at")).to_contain_text("seen")


def test_a_claim_is_tested_from_the_review_and_its_proof_can_be_kept(
    window: Callable[..., Window],
) -> None:
    one = window("prosecutor", "review")
    page = one.page
    one.button("Could it have left?").click()
    form = page.get_by_role("region", name="Could it have left?")
    expect(form.get_by_role("option").nth(3)).to_be_attached()
    form.get_by_role("button", name="Test the claim").click()
    answer = page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text(re.compile("The claim is (right|wrong)"))
    expect(answer).to_contain_text(re.compile("It could (not )?have entered"))
    link = answer.get_by_role("link", name="Keep the proof as a file").get_attribute("href")
    kept = page.evaluate("path => fetch(path).then(one => one.json())", link)
    assert kept["schema"] == "stopline.claim/1"
    # What is no time is said, and nothing is asked.
    page.get_by_label("By", exact=True).fill("nonsense")
    page.keyboard.press("Control+Enter")
    one.see("A time is written as")


def test_what_was_shared_stands_below_the_thread(window: Callable[..., Window]) -> None:
    one = window("liaison-officer")
    part = one.page.get_by_role("region", name=re.compile("^Shared with Birch", re.IGNORECASE))
    expect(part.get_by_role("row").filter(has_text="roads we ask for")).to_contain_text("1")
    expect(part).to_contain_text("May be shared now:")
    expect(part).to_contain_text("Never: which units we have")
    part.get_by_role("button", name="Each message").click()
    expect(part.get_by_role("row").filter(has_text="arrived").first).to_be_visible()


def test_the_guide_says_what_happens_and_where_to_look_and_can_be_put_away(
    window: Callable[..., Window],
) -> None:
    one = window("duty-officer", "guide")
    guide = one.page.get_by_role("complementary", name="What happens, and where to look")
    expect(guide).to_contain_text("No way out is open")
    expect(guide).to_contain_text("Look at SEALS")
    guide.get_by_role("button", name="Orders").click()
    one.page.locator("main.page-orders").wait_for()
    one.page.reload()
    expect(guide).to_be_visible()  # it stays for as long as the window does
    box, bar = guide.bounding_box(), one.page.locator(".bar").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] >= bar["y"] + bar["height"] - 1  # it covers nothing
    guide.get_by_role("button", name="Put away").click()
    expect(guide).to_have_count(0)
