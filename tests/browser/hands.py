"""How somebody works a window: by mouse, or by keyboard alone, from signing in to the end."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from operation.accounts.house import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from browser.window import Window

LONG_MS = 300_000
_MOST_TABS = 250
# What opens a page by a single key; the rest is reached by buttons, as with a mouse.
_KEYS = {
    "sighting": "s", "plan": "p", "orders": "o", "main": "b", "units": "u", "thread": "t",
    "call": "c", "situation": "r", "journal": "j",
}  # fmt: skip
_IS_FOCUSED = "one => one === document.activeElement"


@dataclass
class Hands:
    """One person at one window.

    Attributes:
        window: where.
        keys: by keyboard alone; the mouse is not touched.
    """

    window: Window
    keys: bool

    def __post_init__(self) -> None:
        self.page = self.window.page
        self.page.set_default_timeout(LONG_MS)

    # ---- signing in, going about ----------------------------------------------------------------

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in; with keys the cursor stands in the first field already."""
        dialog = self.page.get_by_role("dialog")
        if not self.keys:
            self.window.sign_in(name, password)
            return
        self._focused(dialog.locator("input").first)
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        self.page.keyboard.press("Enter")
        dialog.wait_for(state="detached")
        self.page.locator(".verdict .w, .phonebar").first.wait_for()

    def go(self, page: str) -> None:
        """Go to a page by its key, or by what can be pressed on the way."""
        there = self.page.locator(f"main.page-{page}")
        if there.count():
            return
        if page == "case":
            self.press(re.compile("^case ", re.IGNORECASE))
        elif page == "review":
            self.go("journal")
            self.press("Review")
        elif self.keys:
            self._leave_field()
            self.page.keyboard.press(_KEYS[page])
        else:
            self._by_mouse(page)
        there.wait_for()

    def _by_mouse(self, page: str) -> None:
        """Press what opens a page: the keys in the foot are buttons, too."""
        name = re.compile(f"^{_KEYS[page].upper()} ")
        foot = self.page.locator(".keys").get_by_role("button", name=name)
        if not foot.count():  # the rest stand on the page of all keys
            self.press(re.compile("^\\? all keys"))
            foot = self.page.get_by_role("button", name=name)
        foot.first.click()

    def _leave_field(self) -> None:
        """Single keys write while a field has the cursor: Escape leaves it."""
        while self.page.evaluate(
            "['INPUT', 'TEXTAREA', 'SELECT'].includes(document.activeElement?.tagName)"
        ):
            self.page.keyboard.press("Escape")

    def _focused(self, target: Locator) -> None:
        until = time.monotonic() + LONG_MS / 1000
        while not target.evaluate(_IS_FOCUSED):
            assert time.monotonic() < until, f"{target} has not got the cursor"

    def reach(self, target: Locator) -> None:
        """Go to a control with Tab alone."""
        target.wait_for()
        for _ in range(_MOST_TABS):
            if target.evaluate(_IS_FOCUSED):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

    # ---- controls -------------------------------------------------------------------------------

    def press(self, name: str | re.Pattern[str], part: Locator | None = None) -> None:
        """Press a button, of a part of the page or of all of it."""
        button = (part or self.page).get_by_role("button", name=name).first
        expect(button).to_be_enabled(timeout=LONG_MS)
        if not self.keys:
            button.click()
            return
        self.reach(button)
        self.page.keyboard.press("Enter")

    def confirm(self, name: str | re.Pattern[str]) -> None:
        """Confirm a page: by its first button, or by Ctrl+Enter."""
        button = self.page.get_by_role("button", name=name).first
        expect(button).to_be_enabled(timeout=LONG_MS)
        if self.keys:
            self.page.keyboard.press("Control+Enter")
        else:
            button.click()

    def write(self, label: str, text: str, part: Locator | None = None) -> None:
        """Write into a field."""
        field = (part or self.page).get_by_label(label).first
        if not self.keys:
            field.fill(text)
            return
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list: with keys from its first row downwards."""
        field = self.page.get_by_label(label).first
        if not self.keys:
            field.select_option(label=option)
            return
        self.reach(field)
        self.page.keyboard.press("Home")
        chosen = "one => one.selectedOptions[0].label"
        for _ in range(field.locator("option").count()):
            if field.evaluate(chosen) == option:
                return
            self.page.keyboard.press("ArrowDown")
        assert field.evaluate(chosen) == option

    def tick(self, label: str) -> None:
        """Tick a box."""
        box = self.page.get_by_label(label)
        if self.keys:
            self.reach(box)
            self.page.keyboard.press("Space")
        else:
            box.check()

    # ---- what is seen ---------------------------------------------------------------------------

    def done(self, what: str) -> None:
        """Wait until the node has said that it is on disk."""
        said = self.page.get_by_text(re.compile(f"{re.escape(what)}.*: (done|refused)")).first
        said.wait_for()
        assert ": done" in said.inner_text(), said.inner_text()

    def settled(self, is_so: Callable[[], bool], why: str) -> None:
        """Wait until something is so; the page goes on meanwhile."""
        until = time.monotonic() + LONG_MS / 1000
        while not is_so():
            assert time.monotonic() < until, why
            self.page.wait_for_timeout(100)

    def leave(self) -> None:
        """Close the window; what went wrong in it is still told at the end."""
        self.window.close()
