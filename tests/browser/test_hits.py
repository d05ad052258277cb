"""Possible hits of cameras: the picture, what is left, three ways to decide; cameras on the map."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import cv2
import numpy as np
from playwright.sync_api import expect

from stopline.operation.watch_list.hit_commands import ReportHit

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.case import Stage
    from browser.window import Window

TOLD = "sealing"
NAME = "i-2026-11-18"
LEFT = re.compile(r"[01]:\d\d to decide")


def picture() -> str:
    """A van before a road, as a camera would cut it out."""
    made = np.full((120, 200, 3), 60, np.uint8)
    cv2.rectangle(made, (40, 30), (160, 95), (230, 230, 230), -1)
    cv2.rectangle(made, (80, 70), (125, 84), (40, 40, 40), 1)
    return base64.b64encode(cv2.imencode(".jpg", made)[1].tobytes()).decode()


def report(stage: Stage, hit: str) -> None:
    seen = {
        "incident": NAME, "hit": hit, "camera": "Rheinbrücke", "lon": 9.5209, "lat": 47.141,
        "seen": stage.story.at(0).isoformat(), "hit_class": "possible", "confidence": 0.71,
        "doubt": "one sign is covered", "crop": picture(),
    }  # fmt: skip
    stage.do(0, "camera", ReportHit.model_validate(seen))


def test_a_possible_hit_is_confirmed_rejected_or_passed_on(
    stage: Stage, window: Callable[..., Window]
) -> None:
    officer = window("duty-officer", "main")
    part = officer.page.get_by_role("region", name=re.compile("^Possible hit", re.IGNORECASE))
    for name, button in (
        ("h-1", "It is the one"), ("h-2", "Another vehicle"), ("h-3", "Cannot tell, pass on"),
    ):  # fmt: skip
        report(stage, name)
        expect(part).to_contain_text("Rheinbrücke")
        expect(part).to_contain_text("71 %, one sign is covered")
        expect(part).to_contain_text(LEFT)
        drawn = part.get_by_role("img", name="Picture of camera Rheinbrücke")
        expect(drawn).to_have_js_property("naturalWidth", 200)
        part.get_by_role("button", name=button).click()
        officer.see(f"{button}: done")
        expect(part).to_have_count(0)
    verdicts = officer.page.evaluate(
        """path => fetch(path).then(one => one.json())
            .then(one => Object.fromEntries(one.hits.map(hit => [hit.hit, hit.verdict])))""",
        f"/v1/incidents/{NAME}/cameras",
    )
    assert verdicts == {"h-1": "confirmed", "h-2": "rejected", "h-3": "passed on"}


def test_cameras_stand_on_the_map_from_zoom_12_on(
    stage: Stage, window: Callable[..., Window]
) -> None:
    officer = window("duty-officer", "main")
    legend = officer.page.locator(".legend")
    officer.page.locator(".chart canvas").wait_for()
    expect(legend).not_to_contain_text("camera")
    report(stage, "h-4")
    officer.page.get_by_role("button", name="Camera Rheinbrücke").click()  # shows where it stands
    expect(legend).to_contain_text("camera")
    officer.page.get_by_role("button", name="Another vehicle").click()
    officer.see("Another vehicle: done")
