"""Makes the parts of a review out of the folded journals, and says what cannot be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.happenings import Happenings
from stopline.review import communications as talk
from stopline.review.belief_scores import seen_lines
from stopline.review.deadlines import deadlines_from_messages, deadlines_of
from stopline.review.displayed_leaks import shown_leaks
from stopline.review.hindsight import Comparing, sought_until_s
from stopline.review.orders_given import order_lines
from stopline.review.redaction import masked
from stopline.review.relative_time import Since
from stopline.review.schema import FORMAT, ReviewFile, Summary
from stopline.review.timeline import joined, phases, timeline
from stopline.scenario.place_text import NamedPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.review.ground_truth import TrueTrack
    from stopline.review.history import History
    from stopline.review.schema import Deadline, ReviewedEvent, ShownLeak
    from stopline.scenario.loader import Scenario

# In the shipped protocol; under another document it is not known.
_THE_ONE: Final = ("decision is_it_the_one yes", "message right_vehicle received")
_EMPTY: Final = Summary(headline="", happened=(), held=(), late=(), change=())


class Making:
    """Makes the parts of a review; what cannot be made is said in `missing`.

    Args:
        own: this side's journal, folded.
        peer: the other side's, or None.
        scenario: the region's scenario, or None.
        truth: where the vehicle was, or None.
        now_s: deadlines that are later are still open, UTC seconds.
        progress: told what is being done and how much of it is done.
    """

    def __init__(
        self,
        own: History,
        peer: History | None,
        scenario: Scenario | None,
        truth: TrueTrack | None,
        now_s: float,
        progress: Callable[[str, float], None] | None,
    ) -> None:
        self.own, self.peer, self.scenario, self.truth = own, peer, scenario, truth
        self.missing: list[str] = []
        self.progress = progress
        self.since = Since(_alarm_s(own, peer))
        self.now_s = max(now_s if now_s < float("inf") else 0.0, own.until_s)
        self.places: tuple[NamedPlace, ...] = ()
        if scenario is not None:
            self.places = tuple(NamedPlace(name, *at) for name, at in scenario.places.items())
        self.sides = [own] if peer is None else [own, peer]

    def file(self, left: int) -> ReviewFile:
        """The whole review but its summary.

        Args:
            left: entries of the other side's journal that its signature does not cover.
        """
        own, since = self.own, self.since
        incident = own.incident
        protocol = incident.machine.protocol
        other = own.book.other_side
        stopped = _stopped(own, self.peer)
        orders = [
            line
            for side in self.sides
            for line in order_lines(side, since, self.places, own=side is own)
        ]
        if self.peer is None:
            self._say_peer_missing()
        elif left:
            self.missing.append(
                f"{left} entries of the other side's journal stand behind its last signed "
                "checkpoint and are left out; a newer checkpoint, exported again, brings them"
            )
        for side in self.sides:
            if side.book.unread:
                self.missing.append(
                    f"{len(side.book.unread)} entries of {side.side_name(side.side)}'s journal "
                    "that this version of Stopline cannot read; a newer one may"
                )
        lead = incident.state.lead
        compared = Comparing(
            own, self.since, self.scenario, self.truth, self.places, self.missing, self.progress
        )
        return ReviewFile(
            format=FORMAT, incident=incident.id, title=masked(incident.title),
            side=own.side_name(own.side), sides=(own.side_name(own.side), own.side_name(other)),
            leads=own.side_name(lead) if lead else "", authority=masked(incident.authority),
            protocol=f"{protocol.name}, version {protocol.version}", alarm=since.iso(0.0),
            until=since.iso(since.t(own.until_s)), over=incident.is_over,
            stopped_s=since.t(stopped[0][0]) if stopped else None,
            stopped_at=masked(stopped[0][2]) if stopped else "",
            confirmed=any(
                event in side.incident.state.happened for side in self.sides for event in _THE_ONE
            ),
            entries=own.book.size, peer_entries=None if self.peer is None else self.peer.book.size,
            summary=_EMPTY, phases=tuple(p for side in self.sides for p in phases(side, since)),
            timeline=tuple(self._timeline({one.order: one.road for one in orders})),
            line=tuple(one for side in self.sides for one in talk.line_of(side, since)),
            deadlines=tuple(self._deadlines()), orders=tuple(orders),
            leaks=compared.leaks(self.sides), shown=self._shown(), belief=compared.belief(),
            sightings=tuple(seen_lines(own, since, self.truth)), plans=compared.plans(orders),
            hindsight=compared.hindsight(orders),
            requests=tuple(talk.requests(own, self.peer, since, self.now_s)),
            undelivered=tuple(o for side in self.sides for o in talk.undelivered_of(side, since)),
            statements=tuple(
                one for side in self.sides for one in talk.statements(side, since, self.now_s)
            ),
            watches=tuple(one for side in self.sides for one in talk.watches(side, since)),
            lessons=tuple(one for side in self.sides for one in talk.lessons(side)),
            not_computed=tuple(self.missing),
        )  # fmt: skip

    def _shown(self) -> tuple[ShownLeak, ...] | None:
        """Leaks as the nodes showed them, in order of time."""
        told = [shown_leaks(side, self.since, sought_until_s(side)) for side in self.sides]
        if all(one is None for one in told):
            self.missing.append(
                "What was shown of open ways at the time: no node found a verdict from what was "
                "really closed; it needs the plan's roads (serve with --network)"
            )
            return None
        found = [leak for one in told for leak in one or ()]
        return tuple(sorted(found, key=lambda leak: (leak.from_s, leak.side)))

    def _say_peer_missing(self) -> None:
        other = self.own.side_name(self.own.book.other_side)
        self.missing.append(
            f"What {other} did on its own: give its exported journal as --peer-journal; its "
            "deadlines are shown as far as messages show them"
        )

    def _timeline(self, roads: dict[str, str]) -> list[ReviewedEvent]:
        lines = timeline(self.own, self.since, roads, with_received=self.peer is None)
        if self.peer is not None:
            lines += timeline(self.peer, self.since, roads, with_received=False)
        return joined(sorted(lines, key=lambda one: one.t_s))

    def _deadlines(self) -> list[Deadline]:
        found = deadlines_of(self.own, self.since, self.now_s)
        if self.peer is not None:
            return found + deadlines_of(self.peer, self.since, self.now_s)
        return found + deadlines_from_messages(self.own, self.since, self.now_s)


def _alarm_s(own: History, peer: History | None) -> float:
    """The alarm where it was raised; the other side's clock begins when it hears of it."""
    if peer is None or own.incident.state.lead != peer.side:
        return own.began_s
    return min(own.began_s, peer.began_s)


def _stopped(own: History, peer: History | None) -> list[tuple[float, bool, str]]:
    """Where a vehicle was stopped, by the journal of the side that stopped it if that is there."""
    here = own.incident.projection(Happenings).stopped
    there = (
        []
        if peer is None
        else [e for e in peer.incident.projection(Happenings).stopped if not e[1]]
    )
    return sorted([*there, *(each for each in here if not (each[1] and there))])
