"""Browsers for the tests here: Debian's Chromium, the built page, and two nodes on a stage.

Where there is no browser or no page the tests are left out, and the last lines of the run say how
to get them; with STOPLINE_BROWSER=required, as `.ci/run` sets it, they fail.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from browser.case import Stage
from browser.window import WAIT_MS, Window
from stopline.console.routes.page import is_built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--headless=new", "--no-sandbox")


def missing() -> str:
    """What the tests here want and this machine has not; empty if all is there."""
    if not is_built():
        return "the console's page is not built: scripts/frontend"
    return "" if CHROMIUM else "there is no Chromium: apt-get install chromium"


@pytest.fixture(scope="module")
def playwright_program() -> Iterator[Playwright]:
    """The driver of browsers, for one file: its event loop runs in this thread as long as it lives,
    and tests of other files have loops of their own.
    """
    why = missing()
    if why and os.environ.get("STOPLINE_BROWSER") == "required":
        pytest.fail(why)
    if why:
        pytest.skip(why)
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  (only where used)

    expect.set_options(timeout=WAIT_MS)  # a slow machine is no fault of the page
    with sync_playwright() as program:
        yield program


@pytest.fixture(scope="module")
def chromium(playwright_program: Playwright) -> Iterator[Browser]:
    made = playwright_program.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield made
    made.close()


@pytest.fixture(scope="package")
def told_stages() -> Iterator[dict[str, Stage]]:
    """Stages whose incident is told so far; modules that only look share one."""
    made: dict[str, Stage] = {}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture(scope="module")
def stage(
    playwright_program: Playwright,
    told_stages: dict[str, Stage],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Stage]:
    """Two nodes, and their incident told as far as the module's `TOLD` says, its clock going on.

    Without `TOLD` they are the module's own, and nothing has happened.
    """
    del playwright_program
    told = getattr(request.module, "TOLD", "")
    if told:
        if told not in told_stages:
            told_stages[told] = made = Stage.make(tmp_path_factory.mktemp("stage"))
            made.tell(told)
            made.go()
        yield told_stages[told]
        return
    made = Stage.make(tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


@pytest.fixture
def window(chromium: Browser, stage: Stage) -> Iterator[Callable[..., Window]]:
    """Open a window and sign in; what went wrong in any of them fails the test."""
    opened: list[Window] = []

    def open_window(name: str, page: str = "", end: int = 0, **settings: object) -> Window:
        made = Window.open(chromium, stage, name, page, end, **settings)
        opened.append(made)
        return made

    yield open_window
    for one in opened:
        one.close()
    for one in opened:
        one.check()
