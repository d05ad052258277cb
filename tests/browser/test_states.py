"""What the page says when something is wrong, and what still works: each state is a test.

| state | test |
|---|---|
| line down | `test_the_line_is_down` |
| node gone | `test_the_node_is_gone_and_comes_back`, `test_a_node_that_was_killed_...`, |
| | `test_a_command_survives_a_reload_and_asks_again_after_a_minute` |
| NOT KNOWN, duty fails, no belief | `test_a_duty_fails_and_the_verdict_is_not_known` |
| position old | `test_an_old_position_is_hollow_with_its_age` |
| session over, role taken | `test_the_session_ends_...`, `test_a_role_that_is_taken_away_...` |
| no WebGL2, context lost | `test_without_webgl_...`, `test_a_lost_context_...` |
| somebody else decided first | `test_somebody_else_decides_first` |
| exercise | `test_an_exercise_is_said_on_every_page` |
| seven windows | `test_seven_windows_share_one_stream` |
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.case import joint_incident
from stopline.errors import StoplineError
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.accounts.commands import ChangeOperator
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import SendMessage, TakeReport
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.positions import ReportPositions
from stopline.operation.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from browser.case import Stage
    from browser.window import Window

TOLD = "sealed"
NAME = "i-2026-11-18"
CLOCK = re.compile(r"\d\d:\d\d:\d\d")


def test_the_line_is_down(stage: Stage, window: Callable[..., Window]) -> None:
    officer = window("duty-officer")
    officer.see_verdict("SEALED")
    stage.cut()
    officer.see("LINE DOWN")
    officer.see_verdict("SEALED as of")
    side = officer.page.locator(".side")
    expect(side.get_by_text("Birch\u2019s seals")).to_be_visible()
    expect(side.get_by_role("row").filter(has_text="as of").first).to_be_visible()
    # What is said meanwhile waits, and is counted.
    said = ProcedureSaid(protocol="", name="heading", text="to the Rhine bridges")
    stage.do(0, "liaison_officer", SendMessage(incident=NAME, said=said))
    officer.see("1 message waits")
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
    expect(officer.page.locator(".frame.is-lost")).to_have_count(1)
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
        # What was believed before is off the map: the legend has no bands of it any more.
        expect(officer.page.locator(".legend .band")).to_have_count(0)
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
    stage.do(0, "duty_officer", TakeReport(incident=NAME, about="search", text="it asks again"))
    officer.page.get_by_role("dialog").wait_for()
    officer.see("a draft is kept")
    officer.sign_in("second-officer")
    assert officer.page.url.endswith("#/sighting")
    expect(officer.page.get_by_label("Who says so")).to_have_value("patrol 7")


def test_a_role_that_is_taken_away_is_said_and_the_place_kept(
    stage: Stage, window: Callable[..., Window]
) -> None:
    officer = window("second-officer", "call")
    officer.expected.append("status of 403")
    officer.page.get_by_label("On their side").fill("Jan Berg")
    take = ChangeOperator(name="second-officer", roles=("riot_police_duty",))
    with stage.lock:
        stage.houses[0].now_s = stage.both.now_s
        stage.houses[0].do(take)
    stage.do(0, "duty_officer", TakeReport(incident=NAME, about="search", text="it asks again"))
    officer.see("no longer")
    officer.sign_in("second-officer")
    assert officer.page.url.endswith("#/call")
    expect(officer.page.get_by_label("On their side")).to_have_value("Jan Berg")
    with stage.lock:
        stage.houses[0].do(ChangeOperator(name="second-officer", roles=("second_officer",)))


def test_a_node_that_was_killed_is_found_again(stage: Stage, window: Callable[..., Window]) -> None:
    officer = window("duty-officer")
    officer.expected += ["ERR_", "Failed to load", "Failed to fetch", "Worker failed"]
    officer.see_verdict("SEALED")
    with stage.killed(0):
        officer.see("NOT CONNECTED")
        expect(officer.page.locator(".frame.is-lost")).to_have_count(1)
        clock = officer.page.locator(".bar .blk .a", has_text=CLOCK).first
        before = clock.inner_text()
        expect(clock).not_to_have_text(before)  # ages count on
        officer.see_verdict("SEALED")
        # There is no other node to go to: the page connects again for ever.
    officer.see("Line to Birch")
    expect(officer.page.locator(".frame.is-lost")).to_have_count(0)
    stage.do(0, "duty_officer", TakeReport(incident=NAME, about="search", text="after the kill"))
    officer.go("journal")
    officer.page.get_by_role("cell", name="report.taken").first.wait_for()


def test_an_exercise_is_said_on_every_page(
    stage: Stage, window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stage.both.desks[0]
    practice = replace(desk.node, exercise=True, clock=lambda: stage.both.now_s)
    monkeypatch.setattr(desk, "node", practice)
    officer = window("", locale="de-CH")
    expect(officer.page.get_by_role("dialog")).to_contain_text("ÜBUNG")
    officer.sign_in("duty-officer")
    for page in ("main", "plan", "thread", "journal", "review", "keys"):
        officer.go(page)
        expect(officer.page.locator(".bar .exercise")).to_have_text("ÜBUNG")
        edge = officer.page.locator(".frame.is-exercise")
        shown = edge.evaluate("one => getComputedStyle(one, '::before').borderTopWidth")
        assert shown == "6px"
    order = stage.story.orders(0).orders[stage.orders(0)[1]].issued
    name = stage.unit_account(0, order.unit, order.agency)
    phone = window(name, viewport={"width": 360, "height": 640})
    expect(phone.page.locator(".phonebar .exercise")).to_have_text("EXERCISE")


def test_a_lost_context_leaves_the_list_and_the_map_can_be_tried_again(
    window: Callable[..., Window],
) -> None:
    officer = window("duty-officer", "main")
    officer.expected.append("CONTEXT_LOST")
    officer.page.locator(".chart canvas").wait_for()
    officer.page.evaluate(
        """() => document.querySelector('.chart canvas').getContext('webgl2')
            .getExtension('WEBGL_lose_context').loseContext()"""
    )
    officer.see("The map cannot be drawn")
    officer.page.get_by_role("img", name="Picture drawn by the node").wait_for()
    assert officer.page.locator(".seals tbody tr").count() > 5
    officer.button("Try the map again").click()
    officer.page.locator(".chart canvas").wait_for()


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
    more = [first.another("keys") for _ in range(6)]  # the map of one is enough to draw
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
