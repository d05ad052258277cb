"""What the page says when something is wrong, and what still works: each state is a test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.case import joint_incident
from stopline.errors import StoplineError
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import TakeReport
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.positions import ReportPositions
from stopline.operation.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.case import Stage
    from browser.window import Window

NAME = "i-2026-11-18"
CLOCK = re.compile(r"\d\d:\d\d:\d\d")


@pytest.fixture(scope="module", autouse=True)
def _told(stage: Stage) -> None:
    stage.tell("sealed")
    stage.go()


def test_the_line_is_down(stage: Stage, window: Callable[..., Window]) -> None:
    officer = window("duty-officer")
    officer.see_verdict("SEALED")
    stage.cut()
    officer.see("LINE DOWN")
    officer.see_verdict("SEALED as of")
    side = officer.page.locator(".side")
    expect(side.get_by_text("Birch\u2019s seals")).to_be_visible()
    expect(side.get_by_role("row").filter(has_text="as of").first).to_be_visible()
    # All of ours still works: a report is taken.
    officer.page.keyboard.press("c")
    officer.page.get_by_label("On their side").fill("Jan Berg")
    officer.page.get_by_label("Agreed").fill("the seals stand")
    officer.page.keyboard.press("Control+Enter")
    officer.see("Log a call: done")
    stage.cut(is_cut=False)
    expect(officer.page.locator(".verdict .w")).to_have_text("SEALED")
    officer.see("Line to Birch")


def test_the_node_is_gone_and_comes_back(window: Callable[..., Window]) -> None:
    officer = window("duty-officer", "call")
    officer.expected += ["ERR_", "Failed to load", "Failed to fetch", "Worker failed"]
    officer.see_verdict("SEALED")
    officer.context.set_offline(True)
    officer.page.get_by_label("On their side").fill("Jan Berg")
    officer.page.get_by_label("Agreed").fill("sent without a line")
    officer.page.keyboard.press("Control+Enter")
    officer.see("NOT CONNECTED")
    officer.see("picture of")
    officer.see("1 command waits")
    officer.see("Log a call: sending")
    assert officer.page.locator(".frame.is-lost").count() == 1
    officer.see_verdict("SEALED")  # what is there can be read on
    officer.context.set_offline(False)
    officer.see("Log a call: done")
    officer.see("Line to Birch")


def test_a_command_survives_a_reload_and_asks_again_after_a_minute(
    window: Callable[..., Window],
) -> None:
    officer = window("duty-officer", "call")
    officer.page.evaluate(
        """() => localStorage.setItem("stopline.outbox.duty-officer", JSON.stringify([{
            key: "kept-1", incident: "i-2026-11-18", kind: "report.take", title: "Old report",
            body: {about: "search", text: "waited too long"}, role: "duty_officer",
            given: Date.now() - 90000, stage: "sending", why: "", ended: null}]))"""
    )
    officer.page.reload()
    officer.see("Old report: waited")
    officer.button("Send").click()
    officer.see("Old report: done")


def test_a_duty_fails_and_the_verdict_is_not_known(
    stage: Stage, window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = window("duty-officer")

    def fails(*_: object) -> None:
        raise StoplineError("the roads cannot be read")

    def happens(text: str) -> None:
        stage.do(0, "duty_officer", TakeReport(incident=NAME, about="search", text=text))

    with monkeypatch.context() as broken:
        broken.setattr(Scheduler, "_judge", fails)
        broken.setattr(Scheduler, "_believe", fails)
        happens("something to look at")
        officer.see_verdict("NOT KNOWN")
        officer.see("2 DUTIES FAIL")
        officer.page.locator(".side").get_by_text("the roads cannot be read").first.wait_for()
    happens("something else to look at")
    expect(officer.page.locator(".verdict .w")).to_have_text("SEALED")


def test_an_old_position_is_hollow_with_its_age(
    stage: Stage, window: Callable[..., Window]
) -> None:
    order = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    with stage.lock:
        at = stage.story.at(-400).isoformat()
        row = {"unit": order.unit, "lon": 9.52, "lat": 47.14, "time": at}
        sergeant = Actor("sergeant", "second_officer", order.agency)
        stage.both.do(0, ReportPositions.model_validate({"rows": [row]}), sergeant)
    officer = window("duty-officer", "units")
    row_shown = officer.page.get_by_role("row").filter(has_text=order.unit)
    expect(row_shown.locator(".unit-old")).to_be_visible()
    expect(row_shown.locator("td.amb")).to_have_text(re.compile(r"[67]:\d\d"))


def test_the_session_ends_and_the_place_and_the_draft_are_kept(
    stage: Stage, window: Callable[..., Window]
) -> None:
    officer = window("second-officer", "sighting")
    officer.page.get_by_label("Who says so").fill("patrol 7")
    officer.context.clear_cookies()
    officer.page.get_by_role("combobox").fill("vaduz")
    officer.page.get_by_role("dialog").wait_for()
    officer.see("a draft is kept")
    officer.sign_in("second-officer")
    assert officer.page.url.endswith("#/sighting")
    expect(officer.page.get_by_label("Who says so")).to_have_value("patrol 7")
    del stage


def test_without_webgl_the_list_is_whole_and_the_node_draws(
    window: Callable[..., Window],
) -> None:
    officer = window("", "main")
    officer.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "return kind.startsWith('webgl') ? null : get.call(this, kind, ...more); };"
    )
    officer.page.reload()
    officer.sign_in("duty-officer")
    officer.see("The map cannot be drawn")
    picture = officer.page.get_by_role("img", name="Picture drawn by the node")
    picture.wait_for()
    assert picture.locator("path").count() > 3
    seals = officer.page.get_by_role("region", name="Seals in force").get_by_role("row")
    assert seals.count() > 5
    expect(officer.button("Try the map again")).to_be_visible()


def test_somebody_else_decides_first(stage: Stage, window: Callable[..., Window]) -> None:
    officer = window("duty-officer", "plan")
    officer.expected += ["status of 409", "ERR_", "Failed to fetch", "Worker failed"]
    officer.button("Propose a plan").click()
    confirm = officer.page.get_by_role("button", name=re.compile("^Ctrl Enter Send"))
    confirm.wait_for(timeout=60_000)
    with stage.lock:
        plan = stage.story.orders(0).plan
        assert plan is not None
        other = plan.plan.replace('"proven": true', '"proven":  true', 1)
        adopt = AdoptPlan(incident=NAME, plan=other, unchecked_because="test", late_because="test")
        # The page does not hear of it before it asks.
        officer.context.set_offline(True)
        stage.do(0, "second_officer", adopt)
    officer.context.set_offline(False)
    officer.page.keyboard.press("Control+Enter")
    expect(
        officer.page.get_by_text(re.compile("decided first|No new plan|changed meanwhile")).first
    ).to_be_visible()
    assert joint_incident().NAME == NAME


def test_seven_windows_share_one_stream(window: Callable[..., Window]) -> None:
    first = window("duty-officer")
    more = [first.another("main") for _ in range(6)]
    for one in more:
        one.see_verdict("SEALED")
        one.see("Line to Birch")
    assert first.page.evaluate("fetch('/v1/me').then(one => one.status)") == 200
    first.page.bring_to_front()
    first.page.keyboard.press("c")
    first.page.get_by_label("On their side").fill("Jan Berg")
    first.page.get_by_label("Agreed").fill("all windows hear of it")
    first.page.keyboard.press("Control+Enter")
    first.see("Log a call: done")
    for one in more[:2]:
        one.page.evaluate("location.hash = '#/thread'")
        one.page.get_by_text("all windows hear of it").first.wait_for()
    for one in more:
        one.check()
