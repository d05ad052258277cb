"""Every page of the console, each role, theme, size and language, on sheets to be looked at.

    python benchmarks/console_pictures.py out/pictures
    python benchmarks/console_pictures.py out/pictures --readme      the README's picture alone

A person looks at them: what is cut, lies on something else, or is not understood, no test sees.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, TimeoutError, sync_playwright  # noqa: A004

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.case import Stage, joint_incident  # noqa: E402  (the path is set above)
from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.test_pages import PAGES  # noqa: E402
from browser.window import Window  # noqa: E402
from stopline.operation.core.actor import Actor  # noqa: E402
from stopline.operation.orders.commands import MoveOrder  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = {"wide": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 640}}
LANGUAGES = ("en-GB", "de-CH")
THEMES = ("dark", "light")
ACROSS = {"wide": 2, "phone": 6}
DRAWN_MS, MAP_MS = 300, 20_000


def pictures(
    chromium: Browser, stage: Stage, unit: str, size: str, language: str
) -> Iterator[tuple[str, bytes]]:
    """Each page of each role in both themes."""
    for name, pages in {**PAGES, unit: ("unit",)}.items():
        both = [
            Window.open(
                chromium, stage, name, "", 0, viewport=SIZES[size], locale=language,
                color_scheme=theme,
            )
            for theme in THEMES
        ]  # fmt: skip
        for page in pages:
            for theme, window in zip(THEMES, both, strict=True):
                if page != "unit":
                    window.go(page)
                map_word = window.page.locator(".mapword")
                with suppress(TimeoutError):
                    map_word.first.wait_for(state="detached", timeout=MAP_MS)
                window.page.wait_for_timeout(DRAWN_MS)
                yield f"{name} {page} {theme}", window.page.screenshot()
        for window in both:
            window.close()


def sheet(shown: list[tuple[str, bytes]], across: int) -> Image.Image:
    """Pictures side by side, each with its name."""
    opened = [(name, Image.open(BytesIO(data))) for name, data in shown]
    width, height = opened[0][1].size
    rows = -(-len(opened) // across)
    made = Image.new("RGB", (across * (width + 8), rows * (height + 24)), "white")
    pen = ImageDraw.Draw(made)
    for n, (name, picture) in enumerate(opened):
        x, y = n % across * (width + 8), n // across * (height + 24)
        pen.text((x + 4, y + 4), name, fill="black")
        made.paste(picture, (x, y + 22))
    return made


def sheets(chromium: Browser, stage: Stage, out: Path, most: int = 12) -> None:
    """All of them, a dozen to a sheet."""
    unit = stage.phone().unit.lower()
    for size in SIZES:
        for language in LANGUAGES:
            taken = list(pictures(chromium, stage, unit, size, language))
            for n in range(0, len(taken), most):
                made = sheet(taken[n : n + most], ACROSS[size])
                made.save(out / f"{size}-{language}-{n // most + 1:02}.png")
            print(f"{size} {language}: {len(taken)} pictures")


def readme(chromium: Browser, stage: Stage, out: Path) -> None:
    """The main screen a minute after a unit said that it cannot hold its road."""
    first = stage.orders(0)[0]
    issued = stage.story.orders(0).orders[first].issued
    cannot = MoveOrder(
        incident=joint_incident().NAME, order=first, state="refused", reason="flooded underpass"
    )
    with stage.lock:
        stage.both.do(0, cannot, Actor("sergeant", "second_officer", issued.agency))
    window = Window.open(chromium, stage, "duty-officer", "main", 0)
    window.see_verdict("LEAKING")
    window.page.locator(".mapword").wait_for(state="detached")
    window.page.locator(".sec.alarm .plate").first.wait_for()
    window.page.wait_for_timeout(8000)
    window.page.screenshot(path=out / "console-leaking.png")
    window.close()


def main() -> None:
    """Take them."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("out", type=Path, help="folder for the sheets")
    reader.add_argument("--readme", action="store_true", help="the picture of the README alone")
    given = reader.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as program, tempfile.TemporaryDirectory(prefix="stopline-") as name:
        chromium = program.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        stage = Stage.make(Path(name))
        stage.tell("sealing")
        stage.go()
        if not given.readme:
            sheets(chromium, stage, given.out)
        readme(chromium, stage, given.out)
        chromium.close()
        stage.close()


if __name__ == "__main__":
    main()
