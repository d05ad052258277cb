"""The review as pages: the first for whoever has five minutes, the details behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.clock_text import span
from stopline.operation.paper.model import Block, Line, Paper, Tone
from stopline.operation.review.summary import counted, leak_groups, leak_text, missed_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.operation.review.form import Deadline, OrderLine, ReviewFile

_REGION: Final = {True: "inside", False: "OUTSIDE"}


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
    bad = any(one.outcome == "missed" for one in review.deadlines) or bool(review.leaks)
    return Paper(
        title=f"Review: {review.title}",
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
            f"{review.until}. Roles stand for persons; what named the vehicle is left out."
        ),
    )


class _Pages:
    def __init__(self, review: ReviewFile, at: Callable[[float], str]) -> None:
        self.review, self.at = review, at

    def all(self, picture: bytes | None) -> Iterable[Block]:
        review, summary = self.review, self.review.summary
        yield self.block("What happened", summary.happened)
        yield self.block("What to change", summary.change, none="Nothing that the record shows.")
        yield self.block("What held", summary.held, "good", none="Nothing can be shown.")
        yield self.block("What was late or open", summary.late, "bad", none="Nothing was.")
        yield Block("The incident, step by step", self.timeline(), wide=True, flows=True,
                    new_page=True)  # fmt: skip
        yield Block("Deadlines that were missed", self.missed(), wide=True, flows=True)
        yield Block("Roads: from the order to the reopening", self.roads(), wide=True, flows=True,
                    new_page=True, picture=picture,
                    caption="The true way in red, and the roads that were closed.")  # fmt: skip
        if review.leaks is not None:
            yield Block("Ways that were open", self.leaks(), wide=True, flows=True)
        yield Block("Sightings, and how far off they were", self.sightings(), wide=True,
                    flows=True)  # fmt: skip
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

    def when(self, t_s: float) -> str:
        """The time, and minutes after the alarm."""
        return f"{self.at(t_s)} {t_s / 60:+.0f}"

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

    def _road(self, one: OrderLine) -> Line:
        unit = one.unit or one.agency
        given = f"{one.road} ({one.side}, {unit}): ordered {self.at(one.ordered_s)}"
        if one.closed_s is None:
            reason = f": {one.reason}" if one.reason else ""
            return Line(f"{given}, never closed, {one.state}{reason}", "OPEN", "bad")
        margin_s = one.margin_s or 0.0
        late = margin_s < 0
        lead = f"{span(-margin_s)} late" if late else f"{span(margin_s)} to spare"
        again = f", open again {self.at(one.reopened_s)}" if one.reopened_s is not None else ""
        text = f"{given}, closed {self.at(one.closed_s)} after {span(one.took_s or 0.0)}{again}"
        return Line(text, lead, "bad" if late else "good")

    def leaks(self) -> tuple[Line, ...]:
        found = []
        for group in leak_groups(self.review):
            found.append(Line(leak_text(self.review, group, self.at), tone="bad"))
            roads = " – ".join(dict.fromkeys(name for name in group[0].route if name))
            found.append(Line(f"by {roads or 'roads without a name'}", tone="quiet"))
            others = "; ".join(f"{o.exit} {self.at(o.earliest_s)}" for o in group[1:])
            found += [Line(f"also {others}", tone="quiet")] if others else []
        return tuple(found) or (
            Line("None: past what was really closed, no exit could be reached.", tone="good"),
        )

    def sightings(self) -> tuple[Line, ...]:
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
        found = []
        for one in self.review.plans or ():
            stop = "the true way is not known" if self.review.hindsight is None else (
                "no seal of it on the true way in time" if one.stops_at is None else
                f"would have met the vehicle at {one.stops_at}, {span(one.stops_margin_s or 0.0)} "
                "before it came"
            )  # fmt: skip
            found.append(
                Line(
                    f"{one.verdict}: {one.seals} roads, {one.units} units; {stop}. Known then: "
                    f"{one.knowing}. In truth {one.done}.",
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
        return (
            f"one road is the fewest that stops it: {known.road}, by {known.unit}, closed "
            f"{self.at(known.closed_s or 0.0)}, before it came at {self.at(known.passes_s or 0.0)}; "
            f"in truth {met}."
        )

    def asked(self) -> tuple[Line, ...]:
        found = []
        for one in self.review.requests:
            answer = "no answer" if one.took_s is None else f"answered after {span(one.took_s)}"
            text = f" “{one.text}”" if one.text else ""
            late = one.answered_s is None or (one.due_s is not None and one.answered_s > one.due_s)
            due = "" if one.due_s is None else f", wanted by {self.at(one.due_s)}"
            found.append(
                Line(f"{one.side} asked: {one.what}{text} {answer}{due}: {one.state}",
                     self.when(one.t_s), "bad" if late else "good")
            )  # fmt: skip
        return tuple(found) or (Line("Nothing was asked.", tone="quiet"),)

    def line(self) -> tuple[Line, ...]:
        found = []
        for down in self.review.line:
            long = "to the end" if down.until_s is None else span(down.until_s - down.from_s)
            found.append(Line(f"Down {long} ({down.side}'s node)", self.when(down.from_s), "bad"))
        for one in self.review.undelivered:
            waited = "never arrived" if one.waited_s is None else f"waited {span(one.waited_s)}"
            found.append(Line(f"{one.side}: {one.what}: {waited}", self.when(one.t_s)))
        return tuple(found) or (Line("It was up all the time, and nothing waited.", tone="good"),)

    def public(self) -> tuple[Line, ...]:
        found = []
        for one in self.review.statements:
            lead = "not released" if one.t_s is None else self.when(one.t_s)
            due = "" if one.due_s is None else f" Agreed: by {self.at(one.due_s)}."
            more = f" Corrected {one.corrections} times." if one.corrections else ""
            found.append(Line(f"“{one.text}” ({one.side}).{due}{more}", lead))
        return tuple(found) or (Line("Nothing was said.", tone="quiet"),)

    def watches(self) -> tuple[Line, ...]:
        found = []
        for one in self.review.watches:
            until = "it runs" if one.until_s is None else f"until {self.at(one.until_s)}, {one.why}"
            gone = "; what named the vehicle is erased" if one.erased else ""
            found.append(
                Line(f"{one.side}: one vehicle, authority {one.authority}; {until}{gone}",
                     self.when(one.from_s))
            )  # fmt: skip
        return tuple(found) or (Line("No vehicle was watched for.", tone="quiet"),)
