"""Every page for every role: nothing serious for axe, nothing cut off, states told apart by all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.window import Window

TOLD = "sealing"
PAGES = {
    "duty-officer": (
        "main", "sighting", "plan", "orders", "units", "thread", "call", "situation", "journal",
        "review", "keys", "search", "case", "tasks", "claim",
    ),
    "liaison-officer": ("thread",), "chief-of-police": ("chief",), "head-of-state": ("head",),
    "press-officer": ("press",), "prosecutor": ("journal",), "root": ("admin",),
}  # fmt: skip
ZOOMED = {"width": 683, "height": 384}  # 1366x768 at 200 %
# A map is drawn on a canvas, and its words stand in the list beside it.
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
ASK = """async rules => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
    return found.violations.filter(one => ['serious', 'critical'].includes(one.impact)).flatMap(
        one => one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`)); }"""
CUT = """() => [...document.querySelectorAll('button, .verdict .w, h2, label, th')]
    .filter(one => one.offsetParent && !one.closest('.signs, .maplibregl-map')
        && one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).overflow !== 'visible'
        && !one.querySelector('.clip'))
    .map(one => one.textContent)"""
OUTSIDE = """() => [...document.querySelectorAll('button')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1)
        && !one.closest('.scrolls, .side, .lines'); }).map(one => one.textContent)"""

BESIDE = """() => document.documentElement.scrollWidth <= innerWidth + 1 ? []
    : [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right
        > innerWidth + 1).map(one => one.outerHTML.slice(0, 80))"""


def serious(window: Window, rules: dict[str, Any] | None = None) -> list[str]:
    """What axe finds that is serious or worse, with where."""
    if not window.page.evaluate("'axe' in window"):
        window.page.evaluate(AXE_FILE_PATH.read_text("utf-8"))
    found: list[str] = window.page.evaluate(ASK, rules or RULES)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_in_german_nothing_is_cut_off(
    window: Callable[..., Window], name: str
) -> None:
    one = window(name, locale="de-CH")
    assert one.page.evaluate("document.documentElement.lang") == "de"
    faults = {}
    for page in PAGES[name]:
        one.go(page)
        one.page.wait_for_timeout(200)
        faults[page] = one.page.evaluate(CUT) + one.page.evaluate(OUTSIDE) + serious(one)
        # The other theme has the same elements: only their colours can be wrong.
        one.page.evaluate("document.documentElement.dataset.theme = 'light'")
        faults[page] += serious(one, CONTRAST)
        one.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert {page: found for page, found in faults.items() if found} == {}


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_every_page_at_200_percent_in_both_themes(window: Callable[..., Window], name: str) -> None:
    one = window(name, viewport=ZOOMED, locale="de-CH")
    faults = {}
    for page in PAGES[name]:
        one.go(page)
        for theme in ("dark", "light"):
            one.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            one.page.wait_for_timeout(200)
            found = serious(one) + one.page.evaluate(BESIDE) + one.page.evaluate(CUT)
            faults[f"{page} {theme}"] = found
    assert {page: found for page, found in faults.items() if found} == {}


def test_nothing_serious_at_200_percent_and_on_a_phone(window: Callable[..., Window]) -> None:
    for size in (ZOOMED, {"width": 360, "height": 640}):
        one = window("duty-officer", viewport=size)
        for page in ("main", "sighting", "plan", "thread"):
            one.go(page)
            one.page.wait_for_timeout(300)
            assert serious(one) == [], page
            # Nothing is beside the screen: the page scrolls downwards alone.
            assert one.page.evaluate(BESIDE) == [], f"{page} at {size}"


def test_every_control_is_reached_by_keyboard(window: Callable[..., Window]) -> None:
    one = window("duty-officer")
    for page in ("main", "sighting", "orders", "thread"):
        one.go(page)
        # Whatever listens to a click is a control that has a role and can have the focus.
        bare = one.page.evaluate(
            """() => [...document.querySelectorAll('*')].filter(one => one.l && Object.keys(one.l)
                .some(key => key.startsWith('click')) && one.tabIndex < 0
                && !one.closest('svg, .options')).map(one => one.outerHTML.slice(0, 80))"""
        )
        assert bare == []
        one.page.keyboard.press("Tab")
        reached = set()
        for _ in range(40):
            reached.add(one.page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
            one.page.keyboard.press("Tab")
        assert len(reached) > 8


def test_the_list_needs_no_scrolling_for_seven_seals_with_four_ways(
    window: Callable[..., Window],
) -> None:
    one = window("duty-officer")
    seventh = one.page.locator(".seals tbody tr").nth(6)
    seventh.wait_for()
    box, side = seventh.bounding_box(), one.page.locator(".side").bounding_box()
    top = one.page.locator(".side > .sec").first.bounding_box()
    assert box is not None
    assert side is not None
    assert top is not None
    # Four more rows of open ways, their head and the button are 202 px by the tokens. The clock
    # goes on: where a unit is late by now, what is open stands in the place of 105 calm px.
    above = max(0.0, top["height"] - 105)
    assert box["y"] + box["height"] - above + 202 < side["y"] + side["height"]


def test_states_are_told_apart_without_red_and_green(window: Callable[..., Window]) -> None:
    one = window("duty-officer")
    one.page.locator(".seals .sign").first.wait_for()
    session = one.context.new_cdp_session(one.page)
    shapes = one.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.seals .sign')].map(one => {
            const body = one.querySelector('.sign-body'), style = getComputedStyle(body);
            const filled = style.fill === getComputedStyle(document.body).color;
            return [one.getAttribute('class').split('-').pop(), [body.tagName,
                body.getAttribute('rx'), filled, style.strokeDasharray].join(' ')]; }))"""
    )
    # Each look has a shape of its own beside its colour: corners, filling or dashes.
    assert len(shapes) >= 2
    assert len(set(shapes.values())) == len(shapes), shapes
    for kind in ("deuteranopia", "protanopia"):
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
        assert one.page.locator(".seals tr td:nth-child(4)").first.inner_text()
