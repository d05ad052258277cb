"""A whole incident on both consoles, once by mouse and once by keyboard alone: on nodes that are
served for the test, and on those of a running exercise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.case import ROOT, Stage
from browser.hands import LONG_MS, Hands
from browser.running import RunningExercise
from browser.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    Ground = Stage | RunningExercise
    Person = Callable[..., Hands]

SMALL = ROOT / "tests/operation/orders/vaduz/sealed.yaml"  # quick to plan
SEND = re.compile("Send [0-9]+ order")
HEADING = "The vehicle is heading there"
ASK = "Can you help me seal it off? These sections, by these times"
AGREED = "Our head agrees; we seal jointly"
YES = re.compile("^Yes$")
OVER = {"withdrawn", "reopened", "refused"}  # on the exercise's board, too


@pytest.fixture
def stage(playwright_program: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes of this test's own, where nothing has happened yet."""
    del playwright_program
    made = Stage.make(tmp_path_factory.mktemp("incident"), scenario=SMALL, believes=False)
    made.go()
    yield made
    made.close()


@pytest.fixture
def exercise(playwright_program: object, tmp_path: Path) -> Iterator[RunningExercise]:
    """`stopline exercise run`, whose desks are ours; other people and units are simulated."""
    del playwright_program
    made = RunningExercise.start(tmp_path)
    yield made
    made.close()


@pytest.mark.long
@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_an_incident_from_the_alarm_to_the_review(
    stage: Stage, window: Callable[..., Window], how: str
) -> None:
    _whole(stage, window, how)


@pytest.mark.long
@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_an_incident_on_both_consoles_of_a_running_exercise(
    exercise: RunningExercise, chromium: Browser, how: str
) -> None:
    opened: list[Window] = []

    def window(name: str, page: str = "", end: int = 0, **settings: object) -> Window:
        opened.append(Window.open(chromium, exercise, name, page, end, **settings))
        return opened[-1]

    _whole(exercise, window, how)
    for one in opened:
        one.check()
    told = exercise.end()
    assert "both agree on the" in told  # which is said of records that verify


def _whole(ground: Ground, window: Callable[..., Window], how: str) -> None:
    def person(role: str, end: int = 0, **settings: object) -> Hands:
        made = Hands(window("", "", end, **settings), how == "keys")
        made.window.expected.append("status of 409")
        made.sign_in(ground.account(role), ground.password)
        return made

    eva, jan = person("duty_officer"), person("duty_officer", 1)
    liaison = person("liaison_officer"), person("liaison_officer", 1)
    _alarm(ground, eva, jan)
    _sighting(eva, "vaduz", "Vaduz")
    eva.go("plan")
    eva.window.see("No order may go yet. That takes the phase SEAL")
    _asked_and_answered(liaison, person("chief_of_police", 1))
    _both_heads_agree(person, liaison)
    _plan_and_orders(ground, eva)
    _acknowledged_on_the_phone(ground, person)
    _leak_by_a_late_unit(ground, eva)
    _sighting(eva, "triesen", "Triesen")
    _plan_and_orders(ground, eva, again=True)
    _statement(person)
    _stand_down(ground, eva, liaison, person)
    _look_back(eva)


def _say(one: Hands, message: str, text: str) -> None:
    """Send a message of the protocol from the thread."""
    one.go("thread")
    one.choose("Message", message)
    one.write("in our words", text)
    one.confirm("Send")
    one.done(message)


def _alarm(ground: Ground, eva: Hands, jan: Hands) -> None:
    eva.window.see("No incident runs.")
    eva.press("Open an incident")
    eva.write("Id, the same on both sides", ground.incident)
    eva.write("What it is called", "Concert hall")
    eva.write("Legal authority", "order 7 of the court on duty")
    eva.confirm("Open an incident")
    eva.write("What happened", "Shots in a hall, a white van drives off")
    eva.write("Where", "Vaduz")
    eva.write("Vehicle", "white van")
    eva.confirm("Raise the alarm")
    eva.done("Raise the alarm")
    _say(eva, "An attack has happened; this vehicle is fleeing; we alert you", "Shots in a hall")
    # The other side hears of it, and opens it under its own authority before it answers.
    jan.window.see("Alder has told us of this.")
    jan.press("Open an incident")
    jan.write("What it is called", "Concert hall over there")
    jan.write("Legal authority", "order 3")
    jan.confirm("Open an incident")
    jan.done("Open an incident")
    jan.go("thread")
    jan.press("Take note")
    jan.done("Take note")
    _say(jan, "Understood; our forces are being alerted", "")
    eva.window.see("LIAISON")


def _sighting(eva: Hands, typed: str, place: str) -> None:
    eva.go("sighting")
    eva.write("Where", typed)
    found = eva.page.get_by_role("option", name=place).first
    found.wait_for()
    if eva.keys:
        eva.page.keyboard.press("Enter")
    else:
        found.click()
    eva.press(re.compile("^confirmed$"))
    eva.write("Where it is heading", "the Rhine bridges")
    eva.confirm(re.compile("Report, confirmed"))
    eva.done(f"Sighting {place}")


def _asked_and_answered(liaison: tuple[Hands, Hands], chief: Hands) -> None:
    """A request crosses the line, is answered there, and the answer comes back."""
    _say(liaison[0], HEADING, "the Rhine bridges")
    liaison[1].window.see("AGREE")
    _say(liaison[0], ASK, "Can you help me seal it off?")
    chief.go("thread")
    chief.page.locator(".side").get_by_text("Can you help me").first.wait_for()
    chief.press("Take note")
    chief.press(YES)
    chief.done(f"{ASK}: accepted")
    them = liaison[0].page.get_by_role("region", name="ASKED OF THEM")
    expect(them.get_by_role("row").first).to_contain_text("accepted", timeout=LONG_MS)
    # Both see that it is settled; nobody answers it twice.
    expect(chief.page.get_by_role("button", name=YES)).to_have_count(0)
    chief.leave()


def _both_heads_agree(person: Person, liaison: tuple[Hands, Hands]) -> None:
    for end in (0, 1):
        head = person("head_of_state", end)
        head.window.see("Do both sides seal jointly by one plan?")
        head.press(YES)
        head.done("Do both sides seal jointly by one plan?: yes")
        head.leave()
    for one in liaison:
        _say(one, AGREED, "")


def _plan_and_orders(ground: Ground, eva: Hands, *, again: bool = False) -> None:
    eva.window.see_phase("SEAL")
    before = _plans(ground, eva)
    eva.go("plan")
    main, enabled = eva.page.locator("main.page-main"), eva.page.locator("button:enabled")
    send = eva.page.get_by_role("button", name=SEND).and_(enabled).first
    ask = eva.page.get_by_role("button", name="Propose a plan").and_(enabled).first
    reason = eva.page.get_by_label("Reason")
    # On a slow machine an order is late by now: the node says which, and wants to know why. An
    # offer may be replaced by a newer one, or taken back: it is confirmed as it is then.
    for _ in range(20):
        main.or_(send).or_(ask).first.wait_for()
        if main.count():
            break
        if not send.count():
            eva.press("Propose a plan")
            continue
        if reason.count() and not reason.input_value():
            eva.write("Reason", "late, and still the best that there is")
        eva.confirm(SEND)
    expect(main).to_be_visible(timeout=LONG_MS)
    expect(eva.page.locator(".verdict .w")).to_have_text(
        re.compile("SEALED|LEAKING"), timeout=LONG_MS
    )
    assert _plans(ground, eva) == before + 1
    assert not again or before == 1


def _plans(ground: Ground, one: Hands) -> int:
    """How many plans were adopted so far, as the page knows it from the node."""
    path = f"/v1/incidents/{ground.incident}/picture"
    return int(one.page.evaluate(
        "path => fetch(path).then(one => one.json()).then(one => one.plan?.number ?? 0)", path
    ))  # fmt: skip


def _acknowledged_on_the_phone(ground: Ground, person: Person) -> None:
    order = ground.phone()
    phone = person(order.unit.lower(), viewport={"width": 360, "height": 640})
    for button in ("Acknowledge", "We are under way", "I am in position", "The road is closed"):
        phone.press(button)
    phone.window.see("Closed. Hold it until you are told.")
    phone.settled(lambda: ground.standing()[order.order] == "closed", "it is closed")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.leave()


def _leak_by_a_late_unit(ground: Ground, eva: Hands) -> None:
    """The others do not come in time: their roads are open, with a letter each."""
    ground.wait_for_a_late_unit()
    eva.window.see_verdict("LEAKING")
    eva.go("main")
    eva.page.locator(".sec.alarm").get_by_role("row").nth(1).wait_for()
    expect(eva.page.locator(".sec.alarm .plate").first).to_contain_text("A")
    eva.go("orders")
    eva.page.get_by_role("row").filter(has_text="late").first.wait_for()


def _statement(person: Person) -> None:
    """Drafted, agreed by both sides, decided by two, released."""
    press, there = person("press_officer"), person("press_officer", 1)
    press.write("Name", "first")
    press.write("Text", "An attack has happened in Vaduz. Stay at home.")
    press.tick("The other side must agree, too")
    press.press("Draft it")
    press.press("Show it to Birch")
    there.press("I agree")
    expect(press.page.locator(".voices")).to_contain_text("Birch: has agreed", timeout=LONG_MS)
    for role in ("interior_minister", "prime_minister"):
        _decide(person(role), "Is the agreed statement released?")
    press.write("Where it goes out", "all stations")
    press.press("Release it")
    press.page.get_by_text(re.compile(r"Released \d\d:")).first.wait_for()
    press.leave()
    there.leave()


def _decide(one: Hands, question: str) -> None:
    """Say yes to a question, and go."""
    card = one.page.locator(".decision").filter(has_text=question)
    card.wait_for()
    one.press(YES, card)
    one.done(f"{question}: yes")
    one.leave()


def _stand_down(ground: Ground, eva: Hands, liaison: tuple[Hands, Hands], person: Person) -> None:
    eva.go("case")
    stop = eva.page.get_by_role("region", name="A vehicle is stopped")
    stop.wait_for()
    eva.write("Where", "Rheinstrasse", stop)
    eva.write("What was found", "white van, two persons", stop)
    eva.press("Report it stopped")
    eva.window.see_phase("DETAINED")
    for role, question in (
        ("chief_of_police", "Is it the vehicle searched for?"),
        ("security_chief", "Is it the vehicle searched for?"),
        ("chief_of_police", "Is the search over?"),
        ("interior_minister", "Is the search over?"),
    ):
        _decide(person(role), question)
    _say(liaison[0], "The search is over; stand down", "")
    eva.window.see_phase("STAND_DOWN")
    eva.press("Lay down the steps")
    eva.done("Lay down the steps")
    while set(ground.standing().values()) - OVER:
        before = ground.standing()
        eva.press("Take back the next step")
        eva.settled(lambda was=before: ground.standing() != was, "a step is back")
        ground.reopen_what_is_withdrawn()
    eva.settled(ground.is_all_open, "each unit has reported its road reopened")
    eva.press("Check that all is open")
    eva.done("Check that all is open")


def _look_back(eva: Hands) -> None:
    eva.go("review")
    eva.window.see("LOOKING BACK")
    slider, word = eva.page.get_by_role("slider").first, eva.page.locator(".verdict .w")
    known = eva.page.locator("aside[aria-busy=false]")  # the picture of then is here
    slider.wait_for()
    known.wait_for()
    if eva.keys:
        eva.reach(slider)
    else:
        slider.click(position={"x": 2, "y": 4})
    eva.page.keyboard.press("Home")
    expect(word).to_have_text("NO PLAN", timeout=LONG_MS)
    # Fact by fact, until the plan of then is in force: the map, the list and the bar go with it.
    for _ in range(200):
        before = str(slider.get_attribute("aria-valuetext"))
        if eva.keys:
            eva.page.keyboard.press("Shift+ArrowRight")
        else:
            eva.press("Next fact")
        expect(slider).not_to_have_attribute("aria-valuetext", before, timeout=LONG_MS)
        known.wait_for()
        if re.match("SEALED|LEAKING", word.inner_text()):
            break
    expect(eva.page.locator(".seals tbody tr").first).to_be_visible(timeout=LONG_MS)
