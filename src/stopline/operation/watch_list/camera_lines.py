"""What the board says of cameras: hits that wait for a person, clones, and which do not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.short_ids import short
from stopline.operation.watch_list.hits import Hits
from stopline.operation.watch_list.projection import running
from stopline.rendering.page.model import Line
from stopline.rendering.time_text import Clock, span

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.operation.core.incident import Incident

_FEW: Final = 5


def camera_lines(incident: Incident, now_s: float, zone: tzinfo) -> list[Line]:
    """Possible hits with their countdown, hits that contradict each other, cameras that are blind.

    Args:
        incident: which incident.
        now_s: the moment, UTC seconds.
        zone: zone to write times in.
    """
    known, clock = incident.projection(Hits), Clock(now_s, zone)
    watch = running(incident, now_s)
    waiting = [hit for hit in known.waiting() if watch is not None and hit.watch == watch.id]
    lines = []
    for hit in waiting[:_FEW]:
        left_s = max((hit.decide_by_s or now_s) - now_s, 0.0)
        doubt = f", {hit.doubt}" if hit.doubt else ""
        lines.append(
            Line(
                f"{hit.camera}, {hit.confidence:.0%}, seen {clock.exact(hit.seen_s - now_s)}"
                f"{doubt}; {span(left_s)} left to look at its picture and give hit.confirm, "
                f"hit.reject or hit.pass-on with hit={short(hit.id, known.by_id)}",
                "POSSIBLE HIT:", "bad",
            )
        )  # fmt: skip
    if len(waiting) > _FEW:
        lines.append(Line(f"{len(waiting) - _FEW} more", "POSSIBLE HITS:", "bad"))
    lines += [Line(text, "HITS CONTRADICT:", "bad") for text in known.contradictions()[:_FEW]]
    blind = sorted(known.blind(), key=lambda state: state.since_s)
    if watch is not None:
        for state in blind[:_FEW]:
            since = clock.exact(state.since_s - now_s)
            lines.append(Line(f"{state.camera}: {state.blind}, since {since}", "BLIND:", "bad"))
        if len(blind) > _FEW:
            lines.append(Line(f"{len(blind) - _FEW} more cameras", "BLIND:", "bad"))
    return lines
