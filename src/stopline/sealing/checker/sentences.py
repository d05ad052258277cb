"""Hold each sentence of a plan against what the checker found: numbers, names, times and odds.

The sentences are read by what they say, not by who wrote them: every statement of a known kind is
confirmed or refused; what no kind fits is told as not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from stopline.sealing.checker.roads import slack_s

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from stopline.sealing.checker.roads import CheckedArrivals
    from stopline.sealing.plan_file.schema import PlanFile

_COUNT: Final = r"(\d+) (?:{0}|{0}s)\b"
_SEALS, _UNITS, _EXITS = (_COUNT.format(noun) for noun in ("seal", "unit", "exit"))
_TIME: Final = r"((?:\d{1,2} [A-Z][a-z]{2} )?\d{2}:\d{2}(?::\d{2})?)(?: UTC)?"
_LASTS: Final = r"(\d+ h \d+ min|\d+ min \d+ s|\d+ s)"
_ODDS: Final = r"(less than 1%|more than 99%|\d+%)"
_KEEPS: Final = {
    "margin": "keep that margin",
    "last_closing": "close the last road as early",
    "disturbance": "disturb as little",
    "strength": "bind as little strength",
}
_SHOWN_BY_THE_PLAN: Final = 1e-4  # probability by which two sums of weights may differ
_VERDICTS: Final = {
    "sealed": r"^Sealed\b",
    "leaking": r"^Leaking\b",
    "impossible": r"^Impossible\b",
}


@dataclass(slots=True)
class CheckedSentences:
    """What became of the statements of a plan.

    Attributes:
        confirmed: sentences, each with what stands behind it.
        faults: sentences on what is not so.
        open: what was not checked.
        exits: how many are sealed off by the seals, needed none, and can be reached.
        by_seals: how many are sealed off by the seals.
    """

    confirmed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    exits: str = ""
    by_seals: int = 0


def check_statements(
    plan: PlanFile, hindered: CheckedArrivals, unhindered: CheckedArrivals, zone: tzinfo
) -> CheckedSentences:
    """Confirm or refuse every statement.

    Args:
        plan: the plan, whose seals, verdict and certificate were held against the roads before.
        hindered: where the vehicle gets under the plan.
        unhindered: where it gets if no road is closed.
        zone: of the clock times in the sentences.
    """
    return _Checking(plan, hindered, unhindered, zone).run()


class _Checking:
    """The statements of one plan being checked."""

    def __init__(
        self, plan: PlanFile, hindered: CheckedArrivals, unhindered: CheckedArrivals, zone: tzinfo
    ) -> None:
        self._plan, self._zone = plan, zone
        self._out = hindered.out
        self._made = CheckedSentences()
        self._names = {one.name for one in plan.exits}
        self._open = self._names & set(self._out)
        self._none = self._names - set(unhindered.out)
        self._by_seals = self._names - self._open - self._none
        theirs = sum(part.units for seal in plan.seals for part in seal.committed)
        self._units = sum(len(seal.holders) for seal in plan.seals) + theirs

    def run(self) -> CheckedSentences:
        self._exits()
        self._believed()
        rest = self._plan.sentence
        rules: tuple[tuple[str, Callable[[re.Match[str]], None]], ...] = (
            (rf"{_SEALS} held by {_UNITS}", self._held),
            (rf"\bwith {_UNITS}", self._with_units),
            (rf"the tightest {_LASTS} before", self._tightest),
            (r"fewer units cannot(?: ([a-z ]+?(?: and [a-z ]+?)*))?(?=[.;,]|$)", self._fewest),
            (r"at least (\d+) units? (?:is|are) needed(?: to ([a-z ]+))?", self._least),
            (rf"leave (\d+) of {_EXITS} open", self._left_open),
            (rf"seals off (\d+) of {_EXITS}", self._sealed_off),
            (r"(\d+) more needs? no seal", self._anyhow),
            (rf"be out at (.+?) (?:from|since) {_TIME}", self._first_out),
            (rf"first escape is delayed to {_LASTS} after now", self._delayed),
            (rf"stop the vehicle with {_ODDS} by the belief", self._odds),
            (rf"{_UNITS} in reserve", self._reserve),
        )
        for pattern, rule in rules:
            found = re.search(pattern, rest)
            if found is not None:
                rule(found)
        self._verdict()
        for pattern, words in (
            (r"contained within", "how far the ring reaches"),
            (r"drawn at random", "how good the draw is"),
            (r"the units left can hold no ring", "that the units left can hold no ring"),
        ):
            if re.search(pattern, rest):
                self._made.open.append(f"{words} is taken from the plan")
        for seal in self._plan.seals:
            self._why(seal.why, seal.site.name)
        return self._made

    def _say(self, said: str, ok: bool, otherwise: str) -> None:  # noqa: FBT001
        if ok:
            self._made.confirmed.append(said)
        else:
            self._made.faults.append(f"The plan says: {said}. {otherwise}.")

    def _verdict(self) -> None:
        for verdict, pattern in _VERDICTS.items():
            if re.match(pattern, self._plan.sentence) and verdict != self._plan.verdict:
                self._say(self._plan.sentence, False, f"Its verdict is {self._plan.verdict}")

    def _exits(self) -> None:
        told = set(self._plan.needed_none)
        if told - self._none:
            name = min(told - self._none)
            self._say(f"{name} needs no seal", False, "Without the seals the vehicle can get there")
        by_seals, whole = len(self._by_seals), _number(len(self._names), "exit")
        self._made.by_seals = by_seals
        self._made.exits = (
            f"{by_seals} of {whole} {'is' if by_seals == 1 else 'are'} sealed off by these seals, "
            f"{len(self._none)} needed none, {len(self._open)} can be reached"
        )

    def _held(self, found: re.Match[str]) -> None:
        seals, units = int(found[1]), int(found[2])
        self._say(
            found[0],
            (seals, units) == (len(self._plan.seals), self._units),
            f"It lists {_number(len(self._plan.seals), 'seal')} and "
            f"{_number(self._units, 'unit')} in them",
        )

    def _with_units(self, found: re.Match[str]) -> None:
        ring = {
            holder.unit
            for seal in self._plan.seals
            if seal.why.startswith("part of the ring")
            for holder in seal.holders
        }
        fits = int(found[1]) in (self._units, self._units - len(ring))
        self._say(found[0], fits, f"Its seals have {_number(self._units, 'unit')}")

    def _tightest(self, found: re.Match[str]) -> None:
        asked = self._plan.required_margin_s
        margins = [seal.margin_s for seal in self._plan.seals if seal.margin_s is not None]
        if self._plan.choice == "assess":
            margins = [one for one in margins if one >= asked - slack_s(asked)]
        least = min(margins, default=None)
        ok = least is not None and abs(_lasts(found[1]) - least) <= _coarse(found[1])
        shown = "None of its seals is ever reached" if least is None else f"It is {least:.1f} s"
        self._say(f"{found[0]} the vehicle can arrive", ok, shown)

    def _fewest(self, found: re.Match[str]) -> None:
        said, keeps = found[0], (found[1] or "").strip()
        self._bound(said, self._units, keeps)

    def _least(self, found: re.Match[str]) -> None:
        self._bound(found[0], int(found[1]), (found[2] or "").strip())

    def _bound(self, said: str, units: int, keeps: str) -> None:
        """A bound on units holds for plans that keep what comes before in the objective."""
        shown = self._plan.certificate
        objective = self._plan.objective
        before = objective[: objective.index("units")] if "units" in objective else ()
        needs = " and ".join(_KEEPS[one] for one in before if one in _KEEPS)
        if keeps != needs:
            meant = f"plans that {needs}" if needs else "all plans that seal"
            self._say(said, False, f"By its objective ({', '.join(objective)}) it is of {meant}")
        elif shown is None:
            self._made.open.append(f"that {said} was not checked: the plan brings no certificate")
        elif not keeps and shown.margin_s > self._plan.required_margin_s + slack_s(0.0):
            self._say(
                said, False, f"Its certificate is of plans with {shown.margin_s:.0f} s margin"
            )
        elif "last_closing" in before or "disturbance" in before or "strength" in before:
            self._made.open.append(f"that {said} was checked for the margin alone")
        else:
            self._say(said, shown.units >= units, f"Its certificate is for {shown.units} units")

    def _left_open(self, found: re.Match[str]) -> None:
        counts = (len(self._open), len(self._names))
        self._say(found[0], (int(found[1]), int(found[2])) == counts, _of("Open are", *counts))

    def _sealed_off(self, found: re.Match[str]) -> None:
        counts = (len(self._by_seals), len(self._names))
        self._say(found[0], (int(found[1]), int(found[2])) == counts, _of("By them are", *counts))

    def _anyhow(self, found: re.Match[str]) -> None:
        none = len(self._none)
        self._say(found[0], int(found[1]) == none, f"{_number(none, 'exit')} of them needs none")

    def _first_out(self, found: re.Match[str]) -> None:
        name, at = min(
            ((name, step.arrive_s) for name, step in self._out.items()),
            key=lambda pair: (pair[1], pair[0]),
            default=("", float("inf")),
        )
        there = self._out.get(found[1])
        said_s = self._seconds(found[2])
        # Cut to the second before it; the same exit may be reached by two roads.
        ok = (
            there is not None
            and abs(there.arrive_s - at) <= slack_s(at)
            and said_s is not None
            and -1.0 <= said_s - at <= slack_s(at)
        )
        self._say(f"the first escape is at {found[1]}, {found[2]}", ok, self._earliest(name, at))

    def _earliest(self, name: str, at_s: float) -> str:
        if not name:
            return "No exit can be reached"
        return f"The first is {name}, {self._clock(at_s)}"

    def _delayed(self, found: re.Match[str]) -> None:
        at = min((step.arrive_s for step in self._out.values()), default=float("inf"))
        ok = abs(_lasts(found[1]) - at) <= _coarse(found[1])
        self._say(found[0], ok, f"It is {at:.1f} s after now")

    def _odds(self, found: re.Match[str]) -> None:
        shown = self._plan.believed
        if shown is None:
            self._made.open.append(f"that these orders {found[0]} was not checked: no routes")
            return
        stopped = sum(shown.weights)
        self._say(found[0], _fits(found[1], stopped), f"The routes add up to {stopped:.1%}")

    def _reserve(self, found: re.Match[str]) -> None:
        held = {holder.unit for seal in self._plan.seals for holder in seal.holders}
        left = len({unit.id for unit in self._plan.units} - held)
        self._say(found[0], int(found[1]) == left, f"{_number(left, 'unit')} holds no seal")

    def _why(self, why: str, name: str) -> None:
        """What a seal stops by itself; routes past it were driven by the checker before."""
        found = re.search(rf"stops {_ODDS} of what is believed by itself", why)
        shown = self._plan.believed
        if found is None or shown is None:
            return
        own = [
            sum(shown.weights[route] for route in set(one.route))
            for one in shown.met
            if self._plan.seals[one.seal].site.name == name
            and self._plan.seals[one.seal].why == why
        ]
        if not any(_fits(found[1], part) for part in own):
            part = max(own, default=0.0)
            self._say(f"{name} {found[0]}", False, f"The routes that come there are {part:.1%}")

    def _believed(self) -> None:
        """Each believed route that is stopped comes to its seal when that is closed."""
        shown = self._plan.believed
        if shown is None:
            return
        listed, used = len(shown.weights), set[int]()
        for one in shown.met:
            if one.seal >= len(self._plan.seals) or len(one.route) != len(one.at_s):
                self._made.faults.append("The belief names a seal or a route that there is not.")
                return
            seal = self._plan.seals[one.seal]
            shut_s = seal.closed_at_s + self._plan.required_margin_s
            for route, at_s in zip(one.route, one.at_s, strict=True):
                if route >= listed:
                    self._made.faults.append("The belief names a route without a weight.")
                    return
                used.add(route)
                if at_s < shut_s - slack_s(shut_s):
                    late = f"{at_s:.1f} s, before it is closed with the margin, {shut_s:.1f} s"
                    self._made.faults.append(f"A believed route passes {seal.site.name} at {late}.")
                    return
        total = sum(shown.weights[route] for route in used)
        self._say(
            f"{shown.stopped:.1%} of the belief is stopped by these seals",
            abs(total - shown.stopped) <= _SHOWN_BY_THE_PLAN and len(used) == listed
            and total <= 1.0 + _SHOWN_BY_THE_PLAN,
            f"The routes that come to them add up to {total:.1%}",
        )  # fmt: skip

    def _clock(self, after_now_s: float) -> str:
        now = datetime.fromtimestamp(self._plan.now_utc_s, tz=self._zone)
        return f"{now + timedelta(seconds=after_now_s):%H:%M:%S}"

    def _seconds(self, text: str) -> float | None:
        """Seconds after now of a clock time, which may bear a day."""
        now = datetime.fromtimestamp(self._plan.now_utc_s, tz=self._zone)
        day, _, clock = text.rpartition(" ")
        hour, minute, *rest = (int(part) for part in clock.split(":"))
        then = now.replace(hour=hour, minute=minute, second=rest[0] if rest else 0, microsecond=0)
        if day:
            try:
                named = datetime.strptime(f"{day} {now.year}", "%d %b %Y")  # noqa: DTZ007
            except ValueError:
                return None
            then = then.replace(month=named.month, day=named.day)
        return then.timestamp() - self._plan.now_utc_s


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _of(words: str, part: int, whole: int) -> str:
    return f"{words} {part} of {whole}"


def _lasts(text: str) -> float:
    """Seconds of `1 h 05 min`, `2 min 10 s` or `40 s`."""
    size = {"h": 3600, "min": 60, "s": 1}
    return float(sum(int(n) * size[unit] for n, unit in re.findall(r"(\d+) (h|min|s)\b", text)))


def _coarse(text: str) -> float:
    """How far what was rounded so may lie from the truth, seconds."""
    return 60.0 if " h " in text else 1.0


def _fits(said: str, part: float) -> bool:
    """Whether a share in words may stand for a probability."""
    if said == "less than 1%":
        return 0.0 <= part <= 0.01  # noqa: PLR2004
    if said == "more than 99%":
        return part >= 0.99  # noqa: PLR2004
    return abs(int(said.rstrip("%")) / 100 - part) <= 0.005 + _SHOWN_BY_THE_PLAN
