"""The answers of the situation report to: what is sealed, and what is not?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.network.place_names import is_file_id
from stopline.operation.core.happenings import Happenings, ToldSeal
from stopline.operation.orders.actual_closures import actual_states, is_judged
from stopline.operation.orders.board import seal_status
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.plan import board_lines
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.stand_down.sequence import still_closed
from stopline.operation.watch_list.projection import standing_down
from stopline.rendering.page.model import Line

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.situation.times import Times

_LOUD = {"open": "OPEN", "late": "LATE"}


def our_seals(incident: Incident, now_s: float) -> dict[str, ToldSeal] | None:
    """The true state of our own seals from the board; None before the first order.

    In the stand-down a road whose order is withdrawn is closed until its unit reports it reopened;
    before, it counts as open, as the unit may leave at any moment.
    """
    orders = incident.projection(Orders)
    if not orders.orders:
        return None
    found = {one.site: ToldSeal(now_s, one) for one in seal_status(orders, now_s)}
    if standing_down(incident):
        for one in still_closed(orders):
            seal = found[one.issued.site]
            status = seal.status.model_copy(update={"state": "closed"})
            found[one.issued.site] = ToldSeal(now_s, status)
    return found


@dataclass(frozen=True, slots=True)
class Promise:
    """A road that the other side holds by the plan in force, and has not reported on yet.

    Attributes:
        road: for people.
        by_s: when it is closed by their word, UTC seconds.
        why: why it does not count, in words; empty where it does.
        overdue: it is over its time.
    """

    road: str
    by_s: float
    why: str
    overdue: bool


def promised(incident: Incident, now_s: float) -> dict[str, Promise]:
    """Roads that the other side promised and has not reported on, by site."""
    plan = incident.projection(Orders).plan
    if plan is None or not is_judged(incident):
        return {}
    form = read_plan_text(plan.plan)
    by_s = {
        f"{one.site.kind} {one.site.index}": form.now_utc_s + one.closed_at_s for one in form.seals
    }
    by_s |= incident.projection(TheirSeals).promised
    reported = incident.projection(Happenings).seals_there
    return {
        one.site: Promise(one.road, by_s.get(one.site, math.inf), one.why, one.unreported)
        for one in actual_states(incident, form, now_s, 0).wanted
        if one.theirs and one.site not in reported
    }


def _promised(incident: Incident, times: Times) -> list[Line]:
    """The same as lines; what does not count is not told as promised."""
    there, lines = other_side(incident), list[Line]()
    for site, one in promised(incident, times.now_s).items():
        road = _road(one.road, site)
        if one.why:
            lines.append(Line(f"{road} ({there})", "Not held", "bad"))
        elif not one.overdue:  # what is, stands with what is open
            lines.append(Line(f"{road} ({there}, by {times.at(one.by_s)})", "Promised"))
    return lines


def seals(incident: Incident, times: Times) -> tuple[list[Line], list[Line]]:
    """What is sealed, and what is not, on both sides."""
    known = incident.projection(Happenings)
    board = our_seals(incident, times.now_s)
    ours = known.seals_told if board is None else board
    closed: list[Line] = []
    not_closed: list[Line] = []
    there = other_side(incident)
    for side, states in (("ours", ours), (there, known.seals_there)):
        for site, seal in states.items():
            status = seal.status
            place = f"{_road(status.road, site)} ({side}, since {times.iso(status.since)})"
            if status.state == "closed":
                closed.append(Line(place, "Closed", "good"))
            else:
                bad = status.state in {"late", "open"}
                lead = status.state.capitalize()
                line = Line(place, lead, "bad" if bad else "plain")
                not_closed.insert(0, line) if bad else not_closed.append(line)
    if board is None:
        lead = "Ours, as we told them" if ours else "Ours: not known"
        not_closed.append(Line("no order is given on this node", lead))
    open_now = board_lines.verdict_lines(incident, times.now_s, times.zone, with_roads=False)
    not_closed[:0] = [line for line in open_now if line.tone == "bad"] + _offered(incident, times)
    closed[:0] = [line for line in open_now if line.tone == "good"]
    if incident.is_over:
        not_closed = all_open(not_closed)
    not_closed += _promised(incident, times)
    if not known.seals_there and not promised(incident, times.now_s):
        not_closed.append(Line("it has reported none", f"{there}: not known", "quiet"))
    return closed, not_closed


def all_open(lines: list[Line]) -> list[Line]:
    """After the end, the roads that are open again in one line, behind those that are not."""
    again = [line for line in lines if line.lead == "Reopened"]
    if not again:
        return lines
    roads = "1 road is" if len(again) == 1 else f"{len(again)} roads are"
    return [*(line for line in lines if line not in again), Line(f"{roads} open again", "Reopened")]


def _offered(incident: Incident, times: Times) -> list[Line]:
    """The new plan that is offered, in a sentence; what one would need is for the duty officer."""
    found = board_lines.offer_lines(incident, times.now_s, times.zone)[:1]
    return [
        Line(one.text.partition(" Missing:")[0], one.lead, one.tone)
        if one.lead == board_lines.NO_PLAN
        else one
        for one in found
    ]


def _road(road: str, site: str) -> str:
    """A road for a reader who has no network at hand."""
    name = road or site
    return f"unnamed road, {name}" if is_file_id(name) else name


def sealing_in_numbers(incident: Incident, times: Times) -> str:
    """How many roads are closed, late, open, under way; empty while nothing is known."""
    known = incident.projection(Happenings)
    ours = our_seals(incident, times.now_s) or known.seals_told
    states = [seal.status.state for seal in (*ours.values(), *known.seals_there.values())]
    counts = [
        f"{states.count(state)}\N{NO-BREAK SPACE}{_LOUD.get(state, state)}"
        for state in ("open", "late", "closed", "under way", "ordered", "reopened")
        if state in states
    ]
    theirs = [one for one in promised(incident, times.now_s).values() if not one.why]
    for overdue, word in ((False, "promised by the other side"), (True, "not reported by them")):
        count = sum(one.overdue is overdue for one in theirs)
        counts += [f"{count}\N{NO-BREAK SPACE}{word}"] if count else []
    return f"Roads: {', '.join(counts)}." if counts else ""


def open_in_numbers(incident: Incident, now_s: float) -> str:
    """How many exits can be reached by what is really closed; empty while that is not known."""
    found = incident.projection(Verdicts).now
    if not is_judged(incident) or found is None or found.verdict == "unknown":
        return ""
    if found.verdict == "sealed":
        ours = (our_seals(incident, now_s) or {}).values()
        waits = any(one.status.state != "closed" for one in ours) or promised(incident, now_s)
        return f"No exit can be reached{', if all keep to their times' if waits else ''}."
    count = len(found.ways) + found.more
    return f"{count}\N{NO-BREAK SPACE}{'exit' if count == 1 else 'exits'} OPEN."


def other_side(incident: Incident) -> str:
    """The name of the other side."""
    sides = incident.machine.protocol.sides
    return next(side.name for key, side in sides.items() if key != incident.state.side)
