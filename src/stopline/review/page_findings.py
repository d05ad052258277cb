"""What a review found, as lines of its pages: leaks, belief, better plans, talk, watch list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.rendering.page.model import Line
from stopline.rendering.time_text import span
from stopline.review.hindsight_text import differences, leak_told
from stopline.review.summary import leak_groups, leak_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.review.schema import ReviewFile


class ReviewFindings:
    """Lines about one review.

    Args:
        review: the review.
        at: writes a time given in seconds after the alarm.
    """

    def __init__(self, review: ReviewFile, at: Callable[[float], str]) -> None:
        self.review, self.at = review, at

    def when(self, t_s: float) -> str:
        """The time, and minutes after the alarm."""
        return f"{self.at(t_s)} {t_s / 60:+.0f}"

    def leaks(self) -> tuple[Line, ...]:
        """Ways that were open."""
        found = []
        for group in leak_groups(self.review):
            found.append(Line(leak_text(self.review, group, self.at), tone="bad"))
            roads = ", ".join(dict.fromkeys(name for name in group[0].route if name))
            found.append(Line(f"by {roads or 'roads without a name'}", tone="quiet"))
            others = "; ".join(f"{o.exit} {self.at(o.earliest_s)}" for o in group[1:])
            found += [Line(f"also {others}", tone="quiet")] if others else []
        return tuple(found) or (
            Line("None: past what was really closed, no exit could be reached.", tone="good"),
        )

    def shown(self) -> tuple[Line, ...]:
        """What the nodes showed of open ways at the time, and where hindsight differs."""
        found = [
            Line(leak_told(one, self.at), self.when(one.from_s), "bad")
            for one in self.review.shown or ()
        ]
        if not found:
            found = [Line("No node showed an open way.", tone="quiet")]
        apart = differences(self.review, self.at)
        found += [Line(line, "Differs") for line in apart]
        if self.review.leaks is not None and not apart:
            found.append(Line("What was shown is what was really open.", "Agrees", "good"))
        return tuple(found)

    def sightings(self) -> tuple[Line, ...]:
        """Each sighting, and how far off it was."""
        found = []
        for one in self.review.sightings:
            off = "" if one.off_m is None else f", {one.off_m:,.0f} m from where it was"
            sure = "confirmed" if one.confirmed else f"not confirmed, {one.grade}"
            back = ", taken back" if one.retracted else ""
            late_s = one.known_s - one.t_s
            known = f", written down {span(late_s)} later" if late_s >= 1 else ""
            text = f"{one.place} ({one.side}, {sure}{back}){off}{known}"
            found.append(Line(text, self.when(one.t_s)))
        return tuple(found) or (Line("Nobody reported one.", tone="quiet"),)

    def belief(self) -> tuple[Line, ...]:
        """What was believed at each sighting."""
        found = []
        for one in self.review.belief or ():
            region = "in the likeliest half" if one.in_50 else (
                "in the likeliest nine tenths" if one.in_90 else "OUTSIDE the likeliest nine tenths"
            )  # fmt: skip
            score = "held impossible" if one.log_score is None else (
                f"{abs(one.log_score):.1f} bits off"
            )  # fmt: skip
            before = "" if one.before is None else f", {one.before:.0%} just before"
            found.append(
                Line(
                    f"It was on {one.true_road}; the belief gave {one.probability:.0%} to roads "
                    f"within {one.within_m:.0f} m ({score}{before}), {region} ({one.km_50:,.1f} km "
                    f"of road; nine tenths {one.km_90:,.1f} km). After: {one.sighting}",
                    self.when(one.t_s), "plain" if one.in_90 else "bad",
                )
            )  # fmt: skip
        return tuple(found) or (Line("No sighting lies within the true track.", tone="quiet"),)

    def plans(self) -> tuple[Line, ...]:
        """The plans that could have been made, and hindsight."""
        found = []
        for one in self.review.plans or ():
            stop = "" if self.review.hindsight is None else (
                "; no seal of it on the true way in time" if one.stops_at is None else
                f"; would have met the vehicle at {one.stops_at}, "
                f"{span(one.stops_margin_s or 0.0)} before it came"
            )  # fmt: skip
            found.append(
                Line(
                    f"{one.verdict}: {one.seals} roads, {one.units} units{stop}. Known then: "
                    f"{one.knowing}. In fact {one.done}.",
                    self.when(one.t_s), "good" if one.verdict == "sealed" else "plain",
                )
            )  # fmt: skip
        known = self.review.hindsight
        if known is not None:
            found.append(Line(self._hindsight(), "With hindsight"))
        return tuple(found) or (Line("Nothing was known of the vehicle.", tone="quiet"),)

    def _hindsight(self) -> str:
        known = self.review.hindsight
        if known is None:
            return ""
        met = "it met no closed road"
        if known.met and known.met_s is not None:
            met = f"it met the first closed road at {self.at(known.met_s)}: {known.met}"
        if known.seals is None:
            return f"no unit could have closed a road on its way in time; {met}."
        came = self.at(known.passes_s or 0.0)
        return (
            f"one road is the fewest that stops it: {known.road}, by {known.unit}, closed "
            f"{self.at(known.closed_s or 0.0)}, before it came at {came}; in truth {met}."
        )

    def asked(self) -> tuple[Line, ...]:
        """Requests both ways."""
        found = []
        for one in self.review.requests:
            answer = "no answer" if one.took_s is None else f"answered after {span(one.took_s)}"
            text = f" “{one.text}”" if one.text else ""
            late = one.answered_s is None or (one.due_s is not None and one.answered_s > one.due_s)
            due = "" if one.due_s is None else f", wanted by {self.at(one.due_s)}"
            found.append(
                Line(f"{one.side} asked: {one.what}{text}; {answer}{due}: {one.state}",
                     self.when(one.t_s), "bad" if late else "good")
            )  # fmt: skip
        return tuple(found) or (Line("Nothing was asked.", tone="quiet"),)

    def line(self) -> tuple[Line, ...]:
        """When the line was down, and what waited."""
        found = []
        for down in self.review.line:
            long = "to the end" if down.until_s is None else span(down.until_s - down.from_s)
            found.append(Line(f"Down {long} ({down.side}'s node)", self.when(down.from_s), "bad"))
        for one in self.review.undelivered:
            waited = "never arrived" if one.waited_s is None else f"waited {span(one.waited_s)}"
            found.append(Line(f"{one.side}: {one.what}: {waited}", self.when(one.t_s)))
        return tuple(found) or (Line("It was up all the time, and nothing waited.", tone="good"),)

    def public(self) -> tuple[Line, ...]:
        """What was said in public."""
        found = []
        for one in self.review.statements:
            lead = "not released" if one.t_s is None else self.when(one.t_s)
            due = "" if one.due_s is None else f" Agreed: by {self.at(one.due_s)}."
            more = f" Corrected {one.corrections} times." if one.corrections else ""
            found.append(Line(f"“{one.text}” ({one.side}).{due}{more}", lead))
        return tuple(found) or (Line("Nothing was said.", tone="quiet"),)

    def watches(self) -> tuple[Line, ...]:
        """The watch list."""
        found = []
        for one in self.review.watches:
            until = "it runs"
            if one.until_s is not None:
                until = f"until {self.at(one.until_s)}, {one.why}"
            gone = "; what named the vehicle is erased" if one.erased else ""
            found.append(
                Line(f"{one.side}: one vehicle, authority {one.authority}; {until}{gone}",
                     self.when(one.from_s))
            )  # fmt: skip
        return tuple(found) or (Line("No vehicle was watched for.", tone="quiet"),)
