"""A decision that the protocol wants signed by the person is signed in the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.case import DOCUMENT, Stage
from stopline.operation.core.signing_keys import SigningKeys
from stopline.operation.core.voice_check import check_voices
from stopline.operation.sightings.commands import NoteSighting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from browser.window import Window

NAME = "i-2026-11-18"
QUESTION = "Do both sides seal jointly by one plan?"


@pytest.fixture(scope="module")
def stage(playwright_program: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes whose heads sign this one decision."""
    del playwright_program
    agreed, decisions, rest = DOCUMENT.read_bytes().partition(b"\ndecisions:")
    rest = rest.replace(b"  joint_sealing:\n", b"  joint_sealing:\n    signed_by_person: true\n", 1)
    folder = tmp_path_factory.mktemp("signing")
    made = Stage.make(folder, believes=False, document=agreed + decisions + rest)
    made.tell("alarm")
    made.do(0, "duty_officer", NoteSighting(
        incident=NAME, lon=9.5209, lat=47.141, place="Vaduz", seen=made.story.at(-20),
        source="patrol 3", grade="A1", confirmed=True, towards="the Rhine bridges",
    ))  # fmt: skip
    yield made
    made.close()


def test_a_head_makes_a_key_in_the_browser_and_the_voice_is_proven(
    stage: Stage, window: Callable[..., Window]
) -> None:
    head = window("head-of-state")
    card = head.page.locator(".decision").filter(has_text=QUESTION)
    expect(card).to_contain_text("signed by your own key")
    expect(card.get_by_role("button", name="Yes")).to_be_disabled()
    card.get_by_role("button", name="Make my key in this browser").click()
    expect(card).to_contain_text("which is in this browser")
    card.get_by_role("button", name="Yes").click()
    head.page.get_by_text(re.compile(f"{re.escape(QUESTION)}: yes: done")).first.wait_for()
    desk = stage.both.desks[0]
    found = check_voices(desk.node.journal.read())
    assert found.faults == []
    (voice,) = [one for one in found.voices if one.person == "head-of-state"]
    assert voice.proven, voice.why
    # Another browser does not hold the key, and the node says whose it is.
    held = desk.catch_up().projection(SigningKeys).held["head-of-state"].key
    there = window("head-of-state")
    asked = there.page.evaluate("fetch('/v1/me').then(one => one.json())")
    assert asked["signing_key"] == held
