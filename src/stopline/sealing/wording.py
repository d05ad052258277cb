"""What a plan says of itself, in plain sentences."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.plan import TIE_S, Plan, Verdict

if TYPE_CHECKING:
    from datetime import tzinfo

ASSESS: Final = "assess"
PART_OF_RING: Final = "part of the ring"
"""Why a seal is there that holds a ring: how its sentence begins."""


def sentence_for(plan: Plan, zone: tzinfo = UTC) -> str:
    """The verdict in one plain sentence; clock times in it are of the zone."""
    if plan.choice == ASSESS:
        return _assessed_sentence(plan, zone)
    if plan.verdict is Verdict.SEALED:
        return _sealed_sentence(plan)
    done = _partial_sentence(plan)
    if plan.verdict is Verdict.IMPOSSIBLE:
        whose = "of these units" if plan.joint is None else "of both sides"
        if plan.joint is not None and not plan.joint.answered:
            whose = f"of our units and what {plan.joint.side} is committed to"
        return f"Impossible to seal: no plan {whose} stops every route; {done}."
    return f"Leaking: no sealing plan was found in the time given, nor shown impossible; {done}."


_ROUNDING_S: Final = 1e-6
_KEPT: Final = {
    "margin": "keep that margin", "last_closing": "close the last road as early",
    "disturbance": "disturb as little", "strength": "bind as little strength",
}  # fmt: skip


def kept_first(plan: Plan) -> str:
    """What came before the number of units: fewer may do that cannot keep it; empty for nothing."""
    before = plan.objective[: plan.objective.index("units")] if "units" in plan.objective else ()
    return " and ".join(_KEPT[name] for name in before if name in _KEPT)


def units_bound(plan: Plan) -> str:
    """How few units could do, as far as that is shown to others; empty where nothing is.

    What the planner knows and nobody else can confirm, with teams or with turn bans for example,
    is not said.
    """
    if "units" not in plan.objective or plan.certificate is None:
        return ""
    keep = kept_first(plan)
    if plan.gap == 0 and plan.proven:
        return f"fewer units cannot {keep}" if keep else "fewer units cannot"
    if plan.lower_bound <= 0:
        return ""
    verb = "unit is" if plan.lower_bound == 1 else "units are"
    return f"at least {plan.lower_bound} {verb} needed" + (f" to {keep}" if keep else "")


def _sealed_sentence(plan: Plan) -> str:
    seals, units = len(plan.seals), plan.units_used
    margin = (
        f"the tightest {duration(plan.margin_s)} before the vehicle can arrive"
        if np.isfinite(plan.margin_s)
        else "all before the vehicle can arrive"
    )
    if not plan.seals:
        return (
            "Sealed, without a single seal: no road of this map leads from the vehicle to an exit; "
            "look whether map and positions are right before you believe it."
        )
    bound = units_bound(plan)
    best = f"; {bound}" if bound else ""
    return (
        f"Sealed: {count(seals, 'seal')} held by {count(units, 'unit')} "
        f"stop every route, {margin}{best}."
    )


def _assessed_sentence(plan: Plan, zone: tzinfo) -> str:
    held = f"{count(len(plan.seals), 'seal')} held by {count(plan.units_used, 'unit')}"
    if plan.verdict is Verdict.SEALED:
        timely = [s.margin_s for s in plan.seals if s.margin_s >= plan.required_margin_s - TIE_S]
        margin_s = min(timely, default=np.inf)
        margin = (
            f", the tightest {duration(margin_s)} before the vehicle can arrive"
            if np.isfinite(margin_s)
            else ""
        )
        return f"Sealed by these orders: {held} stop every route{margin}."
    total = len(plan.sealed_exits) + len(plan.open_exits)
    first = min(plan.open_routes, key=lambda route: route.arrival_s)
    at = clock_time(plan.now_utc_s, first.arrival_s, zone)
    out = f"be out at {first.exit} from" if first.arrival_s > 0 else f"be out at {first.exit} since"
    return (
        f"Leaking: these orders ({held}) leave {len(plan.open_exits)} of {count(total, 'exit')} "
        f"open; the vehicle can {out} {at}."
    )


def _partial_sentence(plan: Plan) -> str:
    if plan.choice == "delay":
        first = min((route.arrival_s for route in plan.open_routes), default=np.inf)
        units = count(plan.units_used, "unit")
        if first <= 0:
            return f"the first escape can be past already, since {duration(-first)}"
        late = f"{duration(first)} after now" if np.isfinite(first) else "never"
        return f"with {units} the first escape is delayed to {late}"
    sealed, none = set(plan.sealed_exits), set(plan.needed_none)
    total, by_seals = len(plan.sealed_exits) + len(plan.open_exits), len(sealed - none)
    anyhow = len(sealed & none)
    more = f" ({anyhow} more {needs(anyhow)} no seal)" if anyhow else ""
    return (
        f"the best plan seals off {by_seals} of {count(total, 'exit')} "
        f"with {count(plan.units_used, 'unit')}{more}"
    )


def exits_in_words(plan: Plan) -> str:
    """How many exits these seals seal off, how many needed none, and how many stay open."""
    sealed, none = set(plan.sealed_exits), set(plan.needed_none)
    by_seals, needed_none = len(sealed - none), len(sealed & none)
    total = len(sealed | set(plan.open_exits))
    verb = is_or_are(by_seals if total > 1 else 1)
    words = f"{by_seals} of {count(total, 'exit')} {verb} sealed off by them"
    if needed_none:
        words += f", {needed_none} {needs(needed_none)} none"
    left = len(set(plan.open_exits))
    return words + (f", {left} {stays(left)} open" if left else "")


def is_or_are(number: int) -> str:
    """The verb that goes with a number."""
    return "is" if number == 1 else "are"


def needs(number: int) -> str:
    """The same of needing."""
    return "needs" if number == 1 else "need"


def stays(number: int) -> str:
    """The same of staying."""
    return "stays" if number == 1 else "stay"


def share(part: float) -> str:
    """A part as people say it: `35%`, `less than 1%`."""
    if 0.0 < part < 0.005:  # noqa: PLR2004  (what rounds to nothing)
        return "less than 1%"
    if 0.995 <= part < 1.0:  # noqa: PLR2004  (what rounds to all)
        return "more than 99%"
    return f"{part:.0%}"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 seal`, `2 seals`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Seconds, minutes and seconds, or hours and minutes, cut towards less: no margin is wider."""
    sign, total = ("-" if seconds < 0 else ""), math.floor(abs(seconds) + _ROUNDING_S)
    hours, rest = divmod(total, 3600)
    minutes, seconds_left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours} h {minutes:02d} min"
    if not minutes:
        return f"{sign}{seconds_left} s"
    return f"{sign}{minutes} min {seconds_left:02d} s"


def clock_time(now_utc_s: float, after_now_s: float, zone: tzinfo) -> str:
    """The clock time so many seconds after now, with the date if that is another day.

    Cut to the second before it; UTC is named, as a clock on the wall may show something else.
    """
    now = datetime.fromtimestamp(now_utc_s, tz=UTC)
    then = (now + timedelta(seconds=math.floor(after_now_s))).astimezone(zone)
    day = "" if then.date() == now.astimezone(zone).date() else f"{then:%d %b} "
    return f"{day}{then:%H:%M:%S}{'' if then.utcoffset() else ' UTC'}"
