"""`scripts/demo` in a browser, as somebody meets it: two addresses, a strip that says what happens,
the review.

Its pictures, one for each thing that the strip says, stay in the test's folder to be looked at.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from browser.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

SPEED = 60
LONGEST_S = 1_800.0
SERVES_ON = "Look back over it"  # said at a terminal after ENDEX: both nodes serve on


class Demo:
    """`stopline demo` at a terminal, and what it says there."""

    def __init__(self, folder: Path) -> None:
        self.said = ""
        self.near, far = pty.openpty()
        command = [sys.executable, "-m", "stopline", "demo", "--speed", str(SPEED)]
        self.process = subprocess.Popen(
            [*command, "--out", str(folder / "kept")], stdin=far, stdout=far, stderr=far,
            cwd=folder, start_new_session=True,
        )  # fmt: skip
        os.close(far)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                heard = os.read(self.near, 4096)
            except OSError:  # the other end is closed
                return
            self.said += heard.decode("utf-8", "replace")

    def wait(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        until = time.monotonic() + LONGEST_S
        while True:
            found = re.search(pattern, self.said)
            if found is not None:
                return found
            assert self.process.poll() is None, self.said[-2000:]
            assert time.monotonic() < until, self.said[-2000:]
            time.sleep(0.2)

    def close(self) -> None:
        """End it as people do."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(120)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    made.close()


@pytest.mark.long
def test_the_demo_says_what_happens_and_ends_in_the_review(
    demo: Demo, chromium: Browser, tmp_path: Path
) -> None:
    password = demo.wait(r"password (\S+)")[1]
    urls = re.findall(r"(http://\w+\.localhost:\d+/)#/guide", demo.said)
    assert len(urls) == 2
    opened = [_signed_in(chromium, url, password) for url in urls]
    heard: list[list[str]] = [[], []]
    while SERVES_ON not in demo.said:
        assert demo.process.poll() is None, demo.said[-2000:]
        for end, one in enumerate(opened):
            strip = _strip(one)
            said = re.sub(r"\d+", "N", strip.locator("p b").inner_text())
            if said not in heard[end]:
                heard[end].append(said)
                one.page.wait_for_timeout(1500)
                one.page.screenshot(path=tmp_path / f"{end}-{len(heard[end]):02}.png")
        opened[0].page.wait_for_timeout(1000)
    for end, one in enumerate(opened):
        assert len(heard[end]) >= 5, heard[end]
        strip = _strip(one)
        expect(strip).to_contain_text("over")
        strip.get_by_role("button", name="To the review").click()
        one.see("LOOKING BACK")
        one.page.locator("aside[aria-busy=false]").wait_for()
        one.page.wait_for_timeout(3000)
        one.page.screenshot(path=tmp_path / f"{end}-review.png")
        one.close()
        one.check()


def _signed_in(chromium: Browser, url: str, password: str) -> Window:
    """Open an address as the demo says it, and sign in as the duty officer."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    made = Window(context.new_page(), context, str(urlsplit(url).hostname))
    made._listen()
    made.page.goto(f"{url}#/guide")
    made.sign_in("duty_officer", password)
    return made


def _strip(one: Window) -> Locator:
    return one.page.get_by_role("complementary", name="What happens, and where to look")
