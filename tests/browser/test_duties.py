"""What a unit, a shift and an administrator do at their pages, on two nodes of this file's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from stopline.operation.accounts.commands import AdmitOperator

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.case import Stage
    from browser.window import Window

WHY = "a lorry blocks the way to it"


@pytest.fixture(scope="module")
def ordered(stage: Stage) -> Stage:
    """All orders are out, none is acknowledged."""
    stage.tell("ordered")
    stage.go()
    return stage


def test_a_unit_says_that_it_cannot_and_the_duty_officer_sees_why(
    ordered: Stage, window: Callable[..., Window]
) -> None:
    order = ordered.story.orders(0).orders[ordered.orders(0)[0]].issued
    name = ordered.unit_account(0, order.unit, order.agency)
    phone = window(name, viewport={"width": 360, "height": 640})
    phone.button("Cannot").click()
    phone.page.get_by_role("textbox").fill(WHY)
    phone.button("Report that we cannot").click()
    officer = window("duty-officer", "orders")
    row = officer.page.get_by_role("row").filter(has_text=order.unit)
    expect(row.first).to_contain_text(f"cannot: {WHY}")
    row.first.click()
    officer.see(WHY)
    # What it leaves open is said where the verdict is, and as a way with a letter.
    officer.see_verdict("LEAKING")
    officer.go("main")
    expect(officer.page.locator(".sec.alarm .plate").first).to_contain_text("A")


def test_a_shift_is_handed_over_with_what_is_open(
    ordered: Stage, window: Callable[..., Window]
) -> None:
    with ordered.lock:
        house = ordered.houses[0]
        house.now_s = ordered.both.now_s
        house.do(AdmitOperator(name="ida", display="Ida Late", roles=("duty_officer",)))
        house.set_up("ida")
    eva = window("duty-officer", "units")
    eva.button("Begin my shift").click()
    eva.page.get_by_label("Successor").fill("Ida Late")
    eva.page.get_by_label("What the list does not say").fill("the radio of the north is weak")
    eva.button("Hand over with what is open").click()
    ida = window("ida", "units")
    card = ida.page.locator(".card").filter(has_text="duty-officer")
    expect(card).to_contain_text("the radio of the north is weak")
    expect(card).to_contain_text("Can you help me seal it off?")  # what is open stands there
    expect(card).not_to_contain_text("UTC")  # in the reader's own zone
    ida.button("I have read it and take over").click()
    part = ida.page.get_by_role("region", name=re.compile("hand-over", re.IGNORECASE))
    expect(part.locator("p b").first).to_have_text(re.compile("Ida Late|ida"))


def test_an_administrator_admits_somebody_ends_sessions_and_suspends(
    ordered: Stage, window: Callable[..., Window]
) -> None:
    del ordered
    root = window("root")
    page = root.page
    form = page.get_by_role("group", name="Admit")
    form.get_by_label("Name", exact=True).fill("nina")
    form.get_by_label("Roles").fill("second_officer")
    form.get_by_role("button", name="Admit").click()
    row = page.get_by_role("row").filter(has_text="nina")
    expect(row).to_contain_text("second officer")
    row.get_by_role("button", name="Suspend").click()
    expect(row.get_by_role("button", name=re.compile("Restore|Admit again"))).to_be_visible()
