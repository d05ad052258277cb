"""What stands above the board: what is open now and why, the new plan offered, what to tell.

Worst first, each in one line, for the board, the situation report and every other screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.context import seconds
from stopline.operation.orders.actual_closures import is_judged
from stopline.operation.orders.projection import Orders
from stopline.operation.orders.seal_notices import untold
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.plan.verdict_text import way_in_words
from stopline.rendering.page.model import Line, Tone
from stopline.rendering.time_text import Clock

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.operation.core.incident import Incident
    from stopline.operation.facts.orders import ReplanOffered, VerdictChanged, WayOut

NO_PLAN: Final = "NO NEW PLAN:"
_FEW: Final = 3


def verdict_lines(
    incident: Incident, now_s: float, zone: tzinfo, *, with_roads: bool = True
) -> list[Line]:
    """The verdict from what is really closed; empty before the first order and in stand-down.

    Once no exit can be reached by what is really closed, that the plan was adopted without its
    proof is no warning any more.

    Args:
        incident: which incident.
        now_s: the moment, UTC seconds.
        zone: zone to write times in.
        with_roads: name the first roads of each way out.
    """
    if not is_judged(incident):
        return []
    adopted, known = incident.projection(Orders).plan, incident.projection(Verdicts)
    found = known.now
    if adopted is None or found is None or found.plan != adopted.digest:
        return [Line("the adopted plan is being judged", "VERDICT:", "plain")]
    lines = []
    if found.verdict == "leaking":
        lines = leak_lines(found, now_s, zone, with_roads=with_roads)
    elif found.verdict == "unknown":
        lines = [Line(found.sentence, "NOT KNOWN:", "bad")]
    else:
        lines = [Line(found.sentence, "SEALED:", "good")]
    if found.unreported:
        roads = _some(list(found.unreported))
        lines.append(
            Line(f"{roads}: the other side's time is over, no word", "NOT REPORTED:", "bad")
        )
    if adopted.unchecked_because:
        tone: Tone = "plain" if found.verdict == "sealed" else "bad"
        lines.append(Line(adopted.unchecked_because, "ADOPTED WITHOUT PROOF:", tone))
    return lines


def leak_lines(
    found: VerdictChanged, now_s: float, zone: tzinfo, *, with_roads: bool = True
) -> list[Line]:
    """One line for each cause, the earliest first; further exits of one cause are counted."""
    by_cause: dict[tuple[str, bool], list[WayOut]] = {}
    for way in found.ways:
        by_cause.setdefault((way.why, way.still_open), []).append(way)
    lines = []
    for (_, still_open), ways in by_cause.items():
        words = way_in_words(ways[0], now_s, zone, with_roads=with_roads)
        rest = len(ways) - 1
        more = f"; {rest} more exit{'' if rest == 1 else 's'} for the same reason" if rest else ""
        lines.append(Line(f"{words}{more}", "LEAK:" if still_open else "MAY BE OUT:", "bad"))
    if found.more:
        lines.append(Line(f"and {found.more} more exits", "LEAK:", "bad"))
    return lines


def offer_lines(incident: Incident, now_s: float, zone: tzinfo) -> list[Line]:
    """The new plan that is offered against the leak, order by order."""
    offer = incident.projection(Verdicts).offer
    if offer is None or not is_judged(incident):
        return []
    if not offer.plan:
        return [Line(offer.sentence, NO_PLAN, "plain")]
    return [
        Line(offer.sentence, "NEW PLAN OFFERED:", "plain"),
        *_changed(offer, now_s, zone),
        Line(offer.note, "", "quiet"),
    ]


def _changed(offer: ReplanOffered, now_s: float, zone: tzinfo) -> list[Line]:
    clock = Clock(now_s, zone)
    drop = [Line(f"{one.unit} from {one.road}", "withdraw") for one in offer.withdraw]
    add = []
    for one in offer.order:
        by = clock.minute(seconds(one.by) - now_s, late=True)
        add.append(Line(f"{one.unit} to {one.road}, closed by {by}", "order"))
    return [*drop, *add]


def tell_lines(incident: Incident, now_s: float) -> list[Line]:
    """What the other side should be told of our seals, and by whom."""
    found = untold(incident, now_s)
    if found is None:
        return []
    roles = incident.machine.protocol.roles
    who = roles[found.role].title if found.role in roles else found.role
    text = f"{_some(list(found.changed))} ({who}: seals.tell)"
    return [Line(text, "TELL THE OTHER SIDE:", "bad" if found.is_bad else "plain")]


def _some(names: list[str]) -> str:
    rest = len(names) - _FEW
    more = f" and {rest} more" if rest > 0 else ""
    return f"{', '.join(names[:_FEW])}{more}"
