"""What stands on the page of a claim: the answer first, then what it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.rendering.page.model import Block, Line, Paper
from stopline.rendering.time_text import as_sentence, span

if TYPE_CHECKING:
    from stopline.planning.claim_answer import Claim
    from stopline.sealing.claim.answer import ClaimedDrive

_MOST_STEPS: Final = 9
_MOST_CLOSED: Final = 14


def claim_paper(claim: Claim, picture: bytes | None) -> Paper:
    """The page, with a map if there is one."""
    plan, clock = claim.plan, claim.clock
    word = {True: "could", False: "could not", None: "could (asked)"}[claim.says_could]
    by = clock.exact(claim.answer.by_s)
    sources = "; ".join(f"{one.name} at {clock.exact(one.time_s)}" for one in claim.sources[:2])
    blocks = [
        Block("From when on was no way open?", (Line(_last_way(claim)), Line(_leave_by(claim)))),
        Block("The earliest way in", _route_lines(claim)),
        Block("What was closed, and when", _closed_lines(claim), wide=True),
        Block("What this rests on", _grounds(claim), wide=True),
    ]
    said = "" if claim.says_could is None else _judged(claim)
    return Paper(
        title=f"Claim: it {word} have entered {claim.target.name} by {by}",
        headline=f"{said}{claim.sentence}",
        tone="bad" if claim.answer.could else "good",
        facts=(clock.day(), f"seen: {sources}"),
        blocks=tuple(blocks),
        picture=picture,
        caption="Violet: where it could be, by time. Marks: what was closed. Red: the way in.",
        foot=(
            f"Answered by Stopline from roads {plan.network.digest[:12]} "
            f"({plan.network.attribution}); anybody can check it: stopline verify claim.json"
        ),
    )


def _judged(claim: Claim) -> str:
    return "The claim is right. " if claim.holds else "The claim is wrong. "


def _last_way(claim: Claim) -> str:
    until_s = claim.answer.open_until_s
    if until_s == math.inf:
        return "A way stays open: not every way in was closed."
    if until_s == -math.inf:
        return "No way was open at any time after it was seen."
    return (
        f"The last way in was closed at {claim.clock.exact(until_s)}. From then on nobody who was "
        "not past the closed places could get in."
    )


def _leave_by(claim: Claim) -> str:
    leave_s = claim.answer.leave_by_s
    if leave_s == -math.inf:
        return "However early it had set out from where it was seen, it would have come too late."
    if leave_s == math.inf:
        return "It could have set out at any time."
    return (
        f"To be there by {claim.clock.minute(claim.answer.by_s)} it must have set out from where "
        f"it was seen by {claim.clock.exact(leave_s)}."
    )


def _route_lines(claim: Claim) -> tuple[Line, ...]:
    found = claim.answer
    if not math.isfinite(found.earliest_s):
        return (Line("There is none: each way meets a place that was closed before.", tone="good"),)
    lines = [
        Line(name, lead=claim.clock.exact(enter_s))
        for name, enter_s in _by_road(claim, found.route)
    ]
    if len(lines) > _MOST_STEPS:
        middle = len(lines) - _MOST_STEPS + 1
        lines = [*lines[: _MOST_STEPS // 2], Line(f"{middle} more roads", tone="quiet"),
                 *lines[-(_MOST_STEPS // 2) :]]  # fmt: skip
    there = Line(claim.target.name, lead=claim.clock.exact(found.earliest_s), tone="bad")
    return (*lines, there)


def _by_road(claim: Claim, route: tuple[ClaimedDrive, ...]) -> list[tuple[str, float]]:
    """The roads of a route in order, each once, with when it is entered."""
    found: list[tuple[str, float]] = []
    for drive in route:
        name = claim.network.name_of(drive.section) or claim.network.class_of(drive.section)
        if not found or found[-1][0] != name:
            found.append((name, drive.enter_s))
    return found


def _closed_lines(claim: Claim) -> tuple[Line, ...]:
    clock = claim.clock
    if not claim.closed:
        return (Line("Nothing was closed.", tone="bad"),)
    ordered = sorted(claim.closed, key=lambda one: one.closing.from_s)
    lines = []
    for one in ordered[:_MOST_CLOSED]:
        again = one.closing.until_s
        opened = f", opened again {clock.exact(again)}" if math.isfinite(again) else ""
        lines.append(
            Line(
                f"{one.name}{opened} ({one.by})",
                lead=f"from {clock.exact(one.closing.from_s, late=True)}",
            )
        )
    if len(ordered) > _MOST_CLOSED:
        lines.append(Line(f"and {len(ordered) - _MOST_CLOSED} more, in claim.json", tone="quiet"))
    return tuple(lines)


def _grounds(claim: Claim) -> tuple[Line, ...]:
    vehicle, plan = claim.vehicle, claim.plan
    rules = "keeps to one-way signs" if vehicle.obeys_one_way else "ignores one-way signs"
    age = span(claim.answer.by_s - min(one.time_s for one in claim.sources))
    return (
        Line(
            f"The vehicle drives at up to {vehicle.speed_factor:g} times the limit, {rules}, never "
            "rests, and waits before a closed place if that helps it."
        ),
        Line(
            f"Every way over {plan.network.sections:,} sections of road within {age} of the first "
            "sighting was examined. A road that the map lacks is not in the answer."
        ),
        Line(as_sentence("separate code, which searches another way, confirms the answer")),
    )
