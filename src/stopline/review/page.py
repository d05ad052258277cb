"""The review as pages: the first for whoever has five minutes, the details behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.context import seconds
from stopline.operation.core.exercise_mark import MARK
from stopline.rendering.page.model import Block, Line, Paper, Tone
from stopline.rendering.time_text import span
from stopline.review.expected_actions import expected_lines, objective_lines
from stopline.review.page_findings import ReviewFindings
from stopline.review.summary import counted, missed_text, unclosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.review.schema import Deadline, ReviewedOrder, ReviewFile


def review_paper(
    review: ReviewFile,
    at: Callable[[float], str],
    day: str,
    *,
    timeline: bytes | None = None,
    plan_of_roads: bytes | None = None,
) -> Paper:
    """Lay a review out.

    Args:
        review: the review.
        at: writes a time given in seconds after the alarm.
        day: day and zone of the alarm, in words.
        timeline: the picture in time, PNG.
        plan_of_roads: the picture on the map, PNG.
    """
    pages = _Pages(review, at)
    made = f"{review.entries} entries of the journal of {review.sides[0]}"
    if review.peer_entries is not None:
        made += f" and {review.peer_entries} of that of {review.sides[1]}"
    until = at(seconds(review.until) - seconds(review.alarm))
    bad = any(one.outcome == "missed" for one in review.deadlines) or bool(review.leaks)
    return Paper(
        title=_titled(review.title),
        headline=review.summary.headline,
        tone="good" if not bad else "plain",
        facts=(day, f"{review.sides[0]} and {review.sides[1]}", "Times after the alarm: +min"),
        blocks=tuple(pages.all(plan_of_roads)),
        picture=timeline,
        caption=(
            "Phases of both sides over time. Below each: a green dot where a deadline was kept, a "
            "red cross where one passed, with a line until it was done. Bottom: roads closed "
            "against roads that the plan wanted closed. Hatched: the line was down. Green line: "
            "the vehicle was stopped."
        ),
        foot=(
            f"Incident {review.incident}, protocol {review.protocol}. Made from {made}, up to "
            f"{until}. Roles stand for persons; what named the vehicle is left out."
        ),
    )


class _Pages(ReviewFindings):
    def all(self, picture: bytes | None) -> Iterable[Block]:
        review, summary = self.review, self.review.summary
        truth = review.hindsight is not None or review.belief is not None
        happened = tuple(_timed(line) for line in summary.happened)
        yield Block("What happened", happened or (Line("Nothing is on record.", tone="quiet"),))
        yield self.block("What to change", summary.change, none="Nothing that the record shows.")
        yield self.block("What held", summary.held, "good", none="Nothing can be shown.")
        yield self.block("What was late or open", summary.late, "bad", none="Nothing was.")
        yield Block("Deadlines that were missed", self.missed(), wide=True, flows=True,
                    new_page=True)  # fmt: skip
        if review.exercise is not None:
            yield Block("Objectives of the exercise", objective_lines(review.exercise), wide=True,
                        flows=True)  # fmt: skip
            yield Block("Expected actions", expected_lines(review.exercise), wide=True, flows=True)
        yield Block("The incident, step by step", self.timeline(), wide=True, flows=True)
        yield Block("Roads: from the order to the reopening", self.roads(), wide=True, flows=True,
                    picture=picture,
                    caption=f"{'The true way in red, and the' if truth else 'The'} roads that "
                    "were closed.")  # fmt: skip
        if review.leaks is not None:
            yield Block("Ways that were open", self.leaks(), wide=True, flows=True)
        if review.shown is not None:
            yield Block(
                "Open ways as they were shown at the time", self.shown(), wide=True, flows=True
            )
        yield Block(f"Sightings{', and how far off they were' * truth}", self.sightings(),
                    wide=True, flows=True)  # fmt: skip
        if review.belief is not None:
            yield Block("What was believed, against what was true", self.belief(), wide=True,
                        flows=True)  # fmt: skip
        if review.plans is not None:
            yield Block("What a better plan would have been", self.plans(), wide=True, flows=True)
        yield Block("What the sides asked of each other", self.asked(), wide=True, flows=True)
        yield Block("The line between the nodes", self.line(), wide=True, flows=True)
        yield Block("What was said in public", self.public(), wide=True, flows=True)
        yield Block("The watch list", self.watches(), wide=True, flows=True)
        yield self.block("What officers wrote down", review.lessons, none="Nothing yet.", wide=True)
        if review.not_computed:
            yield self.block("What this review cannot say", review.not_computed, wide=True)
        yield Block("Deadlines that were kept", self.kept(), wide=True, flows=True)

    @staticmethod
    def block(
        title: str,
        lines: Iterable[str],
        tone: Tone = "plain",
        *,
        none: str = "",
        wide: bool = False,
    ) -> Block:
        told = tuple(Line(line, tone=tone) for line in lines)
        return Block(title, told or (Line(none, tone="quiet"),), wide=wide)

    def timeline(self) -> tuple[Line, ...]:
        found = []
        for one in self.review.timeline:
            if not one.major:
                continue
            bad = one.what.startswith(("Deadline passed", "The line to the other", "Order refused"))
            who = "" if one.role == "node" else f", {one.role[:1].lower()}{one.role[1:]}"
            found.append(
                Line(f"{one.what} ({one.side}{who})", self.when(one.t_s), "bad" if bad else "plain")
            )
        return tuple(found) or (Line("Nothing is on record.", tone="quiet"),)

    def missed(self) -> tuple[Line, ...]:
        missed = [one for one in self.review.deadlines if one.outcome == "missed"]
        missed.sort(key=lambda one: (one.due_s or 0.0, one.task))
        lines = []
        never: dict[tuple[str, str], int] = {}
        for one in missed:
            if one.done_s is None:
                never[one.side, one.title] = never.get((one.side, one.title), 0) + 1
        for one in missed:
            times = 1 if one.done_s is not None else never.pop((one.side, one.title), 0)
            if times:
                more = f" So {times} times." if times > 1 else ""
                lead = f"due {self.at(one.due_s or 0.0)}"
                lines.append(Line(missed_text(one) + self._by(one) + more, lead, "bad"))
        known = {one.side for one in self.review.deadlines}
        lines += [
            Line(f"Of {side} no deadline is known here.", tone="quiet")
            for side in self.review.sides
            if side not in known
        ]
        return tuple(lines) or (Line("None on either side.", tone="good"),)

    @staticmethod
    def _by(one: Deadline) -> str:
        if one.by and one.by != one.role and one.what == "done":
            return f" Done by the {one.by[:1].lower()}{one.by[1:]}."
        return " As far as messages show." if one.source == "messages" else ""

    def kept(self) -> tuple[Line, ...]:
        found = []
        for side in self.review.sides:
            kept, of = counted(self.review, side)
            if of:
                found.append(Line(side, f"{kept} of {of}"))
        for one in sorted(self.review.deadlines, key=lambda one: one.done_s or 0.0):
            if one.outcome == "kept" and one.over_s is not None and one.done_s is not None:
                what = "" if one.what == "done" else " (acknowledged)"
                found.append(
                    Line(
                        f"{one.side}: {one.title}{what}, {span(-one.over_s)} to spare",
                        self.when(one.done_s), "quiet",
                    )
                )  # fmt: skip
        return tuple(found) or (Line("None.", tone="quiet"),)

    def roads(self) -> tuple[Line, ...]:
        lines = [self._road(one) for one in self.review.orders]
        return tuple(lines) or (Line("No road was ordered closed.", tone="quiet"),)

    def _road(self, one: ReviewedOrder) -> Line:
        unit = one.unit or one.agency
        given = f"{one.road} ({one.side}, {unit}): ordered {self.at(one.ordered_s)}"
        if one.closed_s is None:
            reason = f": {one.reason}" if one.reason else ""
            state = f"{unclosed(self.review)}, {one.state}{reason}"
            return Line(f"{given}, {state}", "OPEN", "bad")
        margin_s = one.margin_s or 0.0
        late = margin_s < 0
        lead = f"{span(-margin_s)} late" if late else f"{span(margin_s)} to spare"
        again = f", open again {self.at(one.reopened_s)}" if one.reopened_s is not None else ""
        text = f"{given}, closed {self.at(one.closed_s)} after {span(one.took_s or 0.0)}{again}"
        return Line(text, lead, "bad" if late else "good")


def _titled(incident: str) -> str:
    """Return the title of the page; the mark of an exercise stands first."""
    mark, found, rest = incident.partition(f"{MARK}: ")
    return f"{MARK}: Review: {rest}" if found and not mark else f"Review: {incident}"


def _timed(line: str) -> Line:
    """A sentence that begins with a time, with the time as its lead."""
    first, _, rest = line.partition(" ")
    return Line(rest, lead=first) if ":" in first and first[:1].isdigit() else Line(line)
