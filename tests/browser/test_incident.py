"""A whole incident on both consoles, once by mouse and once by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.case import SIDES, Stage, joint_incident
from stopline.operation.core.commands import OpenIncident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from browser.window import Window

NAME = "i-2026-11-18"
SEND = re.compile("Send [0-9]+ order")
_LONG_MS = 90_000


@pytest.fixture
def stage(playwright_program: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes of this test's own, where nothing has happened yet."""
    del playwright_program
    made = Stage.make(tmp_path_factory.mktemp("incident"))
    made.go()
    yield made
    made.close()


class Hands:
    """How somebody works a window: by mouse, or by keyboard alone."""

    def __init__(self, window: Window, how: str) -> None:
        self.window, self.page, self.keys = window, window.page, how == "keys"

    def open(self, key: str, name: str) -> None:
        """Open a page by its key, or by its button in the foot."""
        if self.keys:
            self.page.locator("body").focus()
            self.page.keyboard.press(key)
        else:
            self.page.locator(".keys").get_by_role("button", name=f"{key.upper()} {name}").click()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button: by a click, or by going there with Tab and pressing Enter."""
        button = self.page.get_by_role("button", name=name).first
        button.wait_for()
        if not self.keys:
            button.click()
            return
        for _ in range(120):
            if button.evaluate("one => one === document.activeElement"):
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{name} is not reached by Tab")

    def confirm(self, name: str | re.Pattern[str]) -> None:
        """Confirm a page: by its first button, or by Ctrl+Enter."""
        if self.keys:
            self.page.get_by_role("button", name=name).first.wait_for()
            self.page.keyboard.press("Control+Enter")
        else:
            self.page.get_by_role("button", name=name).first.click()

    def write(self, label: str, text: str) -> None:
        """Write into a field."""
        field = self.page.get_by_label(label).first
        if self.keys:
            field.focus()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def done(self, what: str) -> None:
        """Wait until the node has said that it is on disk."""
        self.page.get_by_text(re.compile(f"{re.escape(what)}.*: done")).first.wait_for()

    def say(self, message: str, text: str) -> None:
        """Send a message of the protocol from the thread."""
        self.window.go("thread")
        self.page.get_by_label("Message").first.select_option(label=message)
        self.write("liaison officer", text)
        self.confirm("Send")


@pytest.mark.long
@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_an_incident_from_the_alarm_to_the_review(
    stage: Stage, window: Callable[..., Window], how: str
) -> None:
    eva = Hands(window("duty-officer"), how)
    eva.window.expected.append("status of 409")
    jan = Hands(window("duty-officer", end=1), how)
    _alarm(stage, eva, jan)
    _sighting_and_plan(eva)
    unit = _acknowledged_on_the_phone(stage, window, how)
    _asked_and_answered(stage, window, how)
    _leak(stage, eva, unit)
    _look_back(eva)


def _alarm(stage: Stage, eva: Hands, jan: Hands) -> None:
    eva.window.see("No incident runs.")
    eva.press("Open an incident")
    eva.write("Id, the same on both sides", NAME)
    eva.write("What it is called", "Concert hall")
    eva.write("Legal authority", "order 7 of the court on duty")
    eva.confirm("Open an incident")
    eva.write("What happened", "Shots in a hall, a white van drives off")
    eva.write("Where", "Vaduz")
    eva.write("Vehicle", "white van")
    eva.confirm("Raise the alarm")
    eva.done("Raise the alarm")
    eva.say("An attack has happened; this vehicle is fleeing; we alert you", "Shots in a hall")
    jan.window.see("ALARM")
    stage.do(1, "duty_officer", OpenIncident(
        incident=NAME, title="Concert hall", authority="order 3", expires=stage.story.at(86_400)
    ))  # fmt: skip
    jan.window.go("thread")
    jan.press("Take note")
    jan.done("Take note")
    jan.say("Understood; our forces are being alerted", "")
    eva.window.see("LIAISON")


def _sighting_and_plan(eva: Hands) -> None:
    eva.window.go("main")
    eva.open("s", "sighting")
    where = eva.page.get_by_role("combobox").first
    where.fill("vaduz")
    eva.page.get_by_role("option", name="Vaduz").first.wait_for()
    where.press("Enter")
    eva.press(re.compile("^confirmed$"))
    eva.write("Where it is heading", "the Rhine bridges")
    eva.confirm(re.compile("Report, confirmed"))
    eva.done("Sighting Vaduz")
    eva.open("p", "plan")
    eva.press("Propose a plan")
    eva.page.get_by_role("button", name=SEND).first.wait_for(timeout=_LONG_MS)
    eva.confirm(SEND)
    done = eva.page.get_by_text(re.compile(r"Send \d+ orders?.*: done")).first
    done.or_(eva.page.get_by_label("Reason")).first.wait_for(timeout=_LONG_MS)
    if eva.page.get_by_label(
        "Reason"
    ).count():  # this machine was slow, and an order is late by now
        eva.write("Reason", "late, and still the best that there is")
        eva.confirm(SEND)
    done.wait_for(timeout=_LONG_MS)
    expect(eva.page.locator(".verdict .w")).to_have_text(re.compile("SEALED|LEAKING"))


def _acknowledged_on_the_phone(stage: Stage, window: Callable[..., Window], how: str) -> str:
    order = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    name = stage.unit_account(0, order.unit, order.agency)
    phone = Hands(window(name, viewport={"width": 360, "height": 640}), how)
    for button in ("Acknowledge", "We are under way", "I am in position", "The road is closed"):
        phone.press(button)
    phone.window.see("Closed. Hold it until you are told.")
    assert stage.story.orders(0).orders[order.order].state == "closed"
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return order.unit


def _asked_and_answered(stage: Stage, window: Callable[..., Window], how: str) -> None:
    liaison = Hands(window("liaison-officer"), how)
    asks = next(
        one.title for one in stage.story.incident(0).machine.protocol.messages.values()
        if one.kind == "request" and one.sent_by == "liaison_officer"
    )  # fmt: skip
    liaison.say(asks, "Can you help me seal it off?")
    there = Hands(window("liaison-officer", end=1), how)
    there.window.go("thread")
    there.page.locator(".side").get_by_text("Can you help me").first.wait_for()
    there.press("Take note")
    there.press(re.compile("^Yes$"))
    there.page.get_by_text(re.compile("(done|refused)")).first.wait_for()
    expect(liaison.page.locator(".lines")).to_contain_text("read")


def _leak(stage: Stage, eva: Hands, unit: str) -> None:
    order = next(one for one in stage.orders(0) if not _is(stage, one, unit))
    stage.move(0, order, "acknowledged")
    issued = stage.story.orders(0).orders[order].issued
    eva.window.go("orders")
    row = eva.page.get_by_role("row").filter(has_text=issued.unit).first
    row.press("Enter") if eva.keys else row.click()
    eva.write("Why the road cannot be held", "the barrier does not close")
    eva.press("Report that we cannot")
    eva.window.see_verdict("LEAKING")
    eva.window.go("main")
    eva.page.locator(".sec.alarm").get_by_role("row").nth(1).wait_for()
    assert SIDES[0] == "LI"


def _is(stage: Stage, order: str, unit: str) -> bool:
    return bool(stage.story.orders(0).orders[order].issued.unit == unit)


def _look_back(eva: Hands) -> None:
    eva.window.go("review")
    eva.window.see("LOOKING BACK")
    slider = eva.page.get_by_role("slider").first
    slider.focus()
    eva.page.keyboard.press("Home")
    expect(eva.page.locator(".verdict .w")).to_have_text("NO PLAN")
    eva.page.keyboard.press("End")
    eva.window.see_verdict("LEAKING")
    assert joint_incident().NAME == NAME
