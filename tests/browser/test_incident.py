"""A whole incident on both consoles, once by mouse and once by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.case import ROOT, Stage, joint_incident
from stopline.operation.core.commands import OpenIncident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator

    from browser.window import Window

NAME = "i-2026-11-18"
SMALL = ROOT / "tests/operation/orders/vaduz/sealed.yaml"  # quick to plan
SEND = re.compile("Send [0-9]+ order")
HEADING = "The vehicle is heading there"
ASK = "Can you help me seal it off? These sections, by these times"
AGREED = "Our head agrees; we seal jointly"
LATE_S, STEP_S = 900.0, 10.0  # at the most, and how far time goes at once
_LONG_MS = 90_000


@pytest.fixture
def stage(playwright_program: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes of this test's own, where nothing has happened yet."""
    del playwright_program
    made = Stage.make(tmp_path_factory.mktemp("incident"), scenario=SMALL, believes=False)
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

    def press_in(self, part: Locator, name: re.Pattern[str]) -> None:
        """Press a button of a part of the page."""
        button = part.get_by_role("button", name=name).first
        if self.keys:
            button.focus()
            self.page.keyboard.press("Enter")
        else:
            button.click()

    def done(self, what: str) -> None:
        """Wait until the node has said that it is on disk."""
        self.page.get_by_text(re.compile(f"{re.escape(what)}.*: done")).first.wait_for()

    def plans(self) -> int:
        """How many plans were adopted so far, as the page knows it from the node."""
        path = f"/v1/incidents/{NAME}/picture"
        return int(self.page.evaluate(
            "path => fetch(path).then(one => one.json()).then(one => one.plan?.number ?? 0)", path
        ))  # fmt: skip

    def leave(self) -> None:
        """Close the window; what went wrong in it is still told at the end."""
        self.window.close()

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
    def person(name: str, page: str = "", end: int = 0, **settings: object) -> Hands:
        made = Hands(window(name, page, end, **settings), how)
        made.window.expected.append("status of 409")
        return made

    eva, jan = person("duty-officer"), person("duty-officer", end=1)
    liaison = person("liaison-officer"), person("liaison-officer", end=1)
    _alarm(stage, eva, jan)
    _sighting(eva, "vaduz", "Vaduz")
    _asked_and_answered(liaison, person("chief-of-police", "thread", 1))
    _both_heads_agree(person, liaison)
    _plan_and_orders(eva)
    _acknowledged_on_the_phone(stage, person)
    _leak_by_a_late_unit(stage, eva)
    _sighting(eva, "triesen", "Triesen")
    _plan_and_orders(eva, again=True)
    _statement(person)
    _stand_down(stage, eva, liaison, person)
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


def _sighting(eva: Hands, typed: str, place: str) -> None:
    eva.window.go("main")
    eva.open("s", "sighting")
    where = eva.page.get_by_role("combobox").first
    where.fill(typed)
    eva.page.get_by_role("option", name=place).first.wait_for()
    where.press("Enter")
    eva.press(re.compile("^confirmed$"))
    eva.write("Where it is heading", "the Rhine bridges")
    eva.confirm(re.compile("Report, confirmed"))
    eva.done(f"Sighting {place}")


def _asked_and_answered(liaison: tuple[Hands, Hands], chief: Hands) -> None:
    """A request crosses the line, is answered there, and the answer comes back."""
    liaison[0].say(HEADING, "the Rhine bridges")
    liaison[0].done(HEADING)
    liaison[1].window.see("AGREE")
    liaison[0].say(ASK, "Can you help me seal it off?")
    chief.page.locator(".side").get_by_text("Can you help me").first.wait_for()
    chief.press("Take note")
    chief.press(re.compile("^Yes$"))
    chief.done(f"{ASK}: accepted")
    them = liaison[0].page.get_by_role("region", name="ASKED OF THEM")
    expect(them.get_by_role("row").first).to_contain_text("accepted", timeout=_LONG_MS)
    # Both see that it is settled; nobody answers it twice.
    expect(chief.page.get_by_role("button", name=re.compile("^Yes$"))).to_have_count(0)
    chief.leave()


def _both_heads_agree(person: Callable[..., Hands], liaison: tuple[Hands, Hands]) -> None:
    for end in (0, 1):
        head = person("head-of-state", "", end)
        head.window.see("Do both sides seal jointly by one plan?")
        head.press(re.compile("^Yes$"))
        head.done("Do both sides seal jointly by one plan?: yes")
        head.leave()
    for one in liaison:
        one.say(AGREED, "")
        one.done(AGREED)


def _plan_and_orders(eva: Hands, *, again: bool = False) -> None:
    eva.window.see_phase("SEAL")
    before = eva.plans()
    eva.open("p", "plan")
    send = eva.page.get_by_role("button", name=SEND).first
    ask = eva.page.get_by_role("button", name="Propose a plan").first
    send.or_(ask).first.wait_for()
    if not send.count():
        eva.press("Propose a plan")
        send.wait_for(timeout=_LONG_MS)
    eva.confirm(SEND)
    # On a slow machine an order is late by now: the node says which, and wants to know why.
    for _ in range(3):
        eva.page.wait_for_function(
            """before => document.querySelector('main.page-main') !== null
                || document.querySelector('.confirm input') !== null""", timeout=_LONG_MS,
        )  # fmt: skip
        if eva.page.locator("main.page-main").count():
            break
        eva.write("Reason", "late, and still the best that there is")
        eva.confirm(SEND)
        eva.page.wait_for_timeout(1500)
    expect(eva.page.locator("main.page-main")).to_be_visible(timeout=_LONG_MS)
    expect(eva.page.locator(".verdict .w")).to_have_text(
        re.compile("SEALED|LEAKING"), timeout=_LONG_MS
    )
    assert eva.plans() == before + 1
    assert not again or before == 1


def _acknowledged_on_the_phone(stage: Stage, person: Callable[..., Hands]) -> None:
    order = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    name = stage.unit_account(0, order.unit, order.agency)
    phone = person(name, viewport={"width": 360, "height": 640})
    for button in ("Acknowledge", "We are under way", "I am in position", "The road is closed"):
        phone.press(button)
    phone.window.see("Closed. Hold it until you are told.")
    assert stage.story.orders(0).orders[order.order].state == "closed"
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.leave()


def _leak_by_a_late_unit(stage: Stage, eva: Hands) -> None:
    """The others do not come in time: their roads are open, with a letter each."""
    for _ in range(int(LATE_S / STEP_S)):
        with stage.lock:
            now_s = stage.both.now_s
            if any(one.is_late(now_s) for one in _all(stage)):
                break
            stage.both.run(STEP_S)
    eva.window.see_verdict("LEAKING")
    eva.window.go("main")
    eva.page.locator(".sec.alarm").get_by_role("row").nth(1).wait_for()
    expect(eva.page.locator(".sec.alarm .plate").first).to_contain_text("A")
    eva.open("o", "orders")
    eva.page.get_by_role("row").filter(has_text="late").first.wait_for()


def _statement(person: Callable[..., Hands]) -> None:
    """Drafted, agreed by both sides, decided by two, released."""
    press, there = person("press-officer"), person("press-officer", "press", 1)
    press.write("Name", "first")
    press.write("Text", "An attack has happened in Vaduz. Stay at home.")
    box = press.page.get_by_label("The other side must agree, too")
    box.press("Space") if press.keys else box.check()
    press.press("Draft it")
    press.press("Show it to Birch")
    there.press("I agree")
    expect(press.page.locator(".voices")).to_contain_text("Birch: has agreed", timeout=_LONG_MS)
    for role in ("interior-minister", "prime-minister"):
        head = person(role)
        card = head.page.locator(".decision").filter(has_text="Is the agreed statement released?")
        card.wait_for()
        head.press_in(card, re.compile("^Yes$"))
        head.done("Is the agreed statement released?: yes")
        head.leave()
    press.write("Where it goes out", "all stations")
    press.press("Release it")
    press.page.get_by_text(re.compile(r"Released \d\d:")).first.wait_for()
    press.leave()
    there.leave()


def _stand_down(
    stage: Stage, eva: Hands, liaison: tuple[Hands, Hands], person: Callable[..., Hands]
) -> None:
    eva.window.go("case")
    stop = eva.page.get_by_role("region", name="A vehicle is stopped")
    stop.wait_for()
    eva.write("Where", "Rheinstrasse")
    eva.write("What was found", "white van, two persons")
    eva.press("Report it stopped")
    eva.window.see_phase("DETAINED")
    for role, question in (
        ("chief-of-police", "Is it the vehicle searched for?"),
        ("security-chief", "Is it the vehicle searched for?"),
        ("chief-of-police", "Is the search over?"),
        ("interior-minister", "Is the search over?"),
    ):
        one = person(role)
        card = one.page.locator(".decision").filter(has_text=question)
        card.wait_for()
        one.press_in(card, re.compile("^Yes$"))
        one.done(f"{question}: yes")
        one.leave()
    liaison[0].say("The search is over; stand down", "")
    eva.window.see_phase("STAND_DOWN")
    eva.press("Lay down the steps")
    eva.done("Lay down the steps")
    for _ in range(20):
        if all(one.state in {"withdrawn", "reopened", "refused"} for one in _all(stage)):
            break
        eva.press("Take back the next step")
        eva.page.wait_for_timeout(800)
        for order in _all(stage):
            if order.state == "withdrawn":
                stage.move(0, order.issued.order, "reopened")
    assert {one.state for one in _all(stage)} <= {"withdrawn", "reopened", "refused"}


def _all(stage: Stage) -> list[Any]:
    return list(stage.story.orders(0).orders.values())


def _look_back(eva: Hands) -> None:
    eva.window.go("review")
    eva.window.see("LOOKING BACK")
    slider = eva.page.get_by_role("slider").first
    slider.focus()
    eva.page.keyboard.press("Home")
    expect(eva.page.locator(".verdict .w")).to_have_text("NO PLAN")
    # Fact by fact, until the plan of then is in force: the map, the list and the bar go with it.
    for _ in range(60):
        eva.page.keyboard.press("Shift+ArrowRight")
        eva.page.wait_for_timeout(400)
        if "NO PLAN" not in eva.page.locator(".verdict .w").inner_text():
            break
    expect(eva.page.locator(".seals tbody tr").first).to_be_visible()
    assert joint_incident().NAME == NAME
