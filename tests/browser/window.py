"""A window of the console as a test sees it: signed in, listened to, and asked by role and name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from operation.accounts.house import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request

    from browser.case import Stage

WAIT_MS = 60_000
# What Chromium itself says of drawing without a graphics card, and of requests that are refused on
# purpose: the first question of who is signed in.
_EXPECTED = ("GL Driver Message", "status of 401", "GroupMarkerNotSet")


@dataclass
class Window:
    """One window.

    Attributes:
        page: of the browser.
        faults: errors on the console, and requests to any other host.
        expected: parts of errors that a test brings about on purpose.
    """

    page: Page
    context: BrowserContext
    host: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, chromium: Browser, stage: Stage, name: str, page: str, end: int, **settings: Any
    ) -> Window:
        url = stage.url(end)
        context = chromium.new_context(**{
            "viewport": {"width": 1366, "height": 768}, "timezone_id": "Europe/Vaduz",
            "locale": "en-GB", "color_scheme": "dark", **settings,
        })  # fmt: skip
        context.set_default_timeout(WAIT_MS)
        made = cls(context.new_page(), context, str(urlsplit(url).hostname))
        made._listen()
        made.page.goto(f"{url}#/{page}" if page else url)
        if name:
            made.sign_in(name)
        return made

    def another(self, page: str = "") -> Window:
        """Another window of the same browser, which is signed in already."""
        made = Window(self.context.new_page(), self.context, self.host)
        made._listen()
        made.page.goto(f"{self.page.url.partition('#')[0]}#/{page}")
        return made

    def _listen(self) -> None:
        self.page.on("console", lambda one: self._said(one.type, one.text))
        self.page.on("pageerror", lambda one: self.faults.append(f"page: {one}"))
        self.page.on("request", self._asked)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and not any(one in text for one in (*_EXPECTED, *self.expected)):
            self.faults.append(f"console: {text}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).hostname != self.host:
            self.faults.append(f"a request left this machine: {request.url}")

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in, and wait for the first screen."""
        dialog = self.page.get_by_role("dialog")
        dialog.locator("input").first.fill(name)
        dialog.locator("input[type=password]").fill(password)
        dialog.locator("button[type=submit]").click()
        dialog.wait_for(state="detached")
        self.page.locator(".verdict .w, .phonebar").first.wait_for()

    def go(self, page: str) -> None:
        """Go to a page by its address."""
        self.page.evaluate("to => { location.hash = `#/${to}`; }", page)
        self.page.locator(f"main.page-{page}").wait_for()

    def text(self, words: str) -> Locator:
        """Whatever says some words."""
        return self.page.get_by_text(words).first

    def see(self, words: str) -> None:
        """Wait until the page says some words."""
        self.text(words).wait_for()

    def see_verdict(self, words: str) -> None:
        """Wait until the verdict begins with some words."""
        self.page.locator(".verdict .w", has_text=words).wait_for()

    def see_phase(self, name: str) -> None:
        """Wait until the bar says a phase of the procedure."""
        self.page.locator(".bar .z", has_text=f"{name}, ").first.wait_for()

    def button(self, name: str) -> Locator:
        """A button by a part of its name."""
        return self.page.get_by_role("button", name=name).first

    def close(self) -> None:
        self.context.close()

    def check(self) -> None:
        assert not self.faults, "\n".join(self.faults)
