"""The use case of the review: fold, measure, compare, and write the pages."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.errors import StoplineError
from stopline.operation.clock_text import Clock
from stopline.operation.node import open_node
from stopline.operation.orders.board import leaks
from stopline.operation.review import talk
from stopline.operation.review.beliefs import believed, seen_lines
from stopline.operation.review.better import BetterPlans
from stopline.operation.review.deadlines import deadlines_from_messages, deadlines_of
from stopline.operation.review.form import FORMAT, Happened, Leak, ReviewFile, Summary
from stopline.operation.review.history import History, fold_history
from stopline.operation.review.moments import Since
from stopline.operation.review.orders_given import closings_of, first_plan, order_lines
from stopline.operation.review.peer_journal import read_peer_journal
from stopline.operation.review.private import masked
from stopline.operation.review.summary import summary_of
from stopline.operation.review.timeline import joined, phases, timeline
from stopline.operation.review.truth import driven, read_truth
from stopline.operation.scenario import load_scenario
from stopline.operation.site_text import Place
from stopline.operation.situation.area import Happenings
from stopline.operation.whole_outputs import whole_outputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path

    from stopline.operation.review.truth import Truth
    from stopline.operation.scenario import Scenario

REVIEW_FILES: Final = (
    "review.json", "review.html", "review.pdf", "timeline.png", "map.png",
)  # fmt: skip
Progress = "Callable[[str, float], None] | None"
_EMPTY: Final = Summary(headline="", happened=(), held=(), late=(), change=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review with what it was made from.

    Attributes:
        file: the content of review.json.
        scenario: roads and units; None if it was not given.
        truth: where the vehicle was; None if it was not given.
        zone: of the times on the pages.
        files: what was written.
    """

    file: ReviewFile
    scenario: Scenario | None
    truth: Truth | None
    zone: tzinfo
    files: tuple[Path, ...] = ()

    @property
    def clock(self) -> Clock:
        """Writes times after the alarm in the zone."""
        from stopline.operation.desk.situation import seconds  # noqa: PLC0415

        return Clock(seconds(self.file.alarm), self.zone)


def review_incident(
    node: Path,
    incident: str,
    *,
    zone: tzinfo,
    now_s: float,
    until_s: float = float("inf"),
    peer_journal: Path | None = None,
    truth: Path | None = None,
    scenario: Path | None = None,
    out_dir: Path | None = None,
    pictures: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> Review:
    """Review an incident from a node's journal, and write review.json, the pages and pictures.

    Args:
        node: folder of the node.
        incident: id of the incident.
        zone: zone of the times on the pages.
        now_s: deadlines that are later are still open, UTC seconds.
        until_s: leave out what was recorded later, UTC seconds.
        peer_journal: the other side's journal, exported as JSON Lines.
        truth: where the vehicle truly was, CSV or GeoJSON.
        scenario: the region's scenario, for roads and units.
        out_dir: folder to write into; None writes nothing.
        pictures: whether to draw.
        progress: told what is being done and how much of it is done.

    Raises:
        BadInput: with all faults of a file, or the journal knows no such incident.
        VerificationFailed: the other side's journal was changed, or is not theirs.
    """
    track = None if truth is None else read_truth(truth)
    loaded = None if scenario is None else load_scenario(scenario, progress=progress)
    with open_node(node) as opened:
        own = fold_history(opened.journal.read(), incident, until_s)
        peer, left = None, 0
        if peer_journal is not None:
            entries, left = read_peer_journal(peer_journal, opened.journal)
            peer = fold_history(entries, incident, until_s)
    made = _Making(own, peer, loaded, track, min(now_s, until_s), progress)
    file = made.file(left)
    review = Review(file=file, scenario=loaded, truth=track, zone=zone)
    review = dataclasses.replace(review, file=_summed(review))
    return review if out_dir is None else _written(review, out_dir, pictures=pictures)


class _Making:
    """Makes the parts of a review; what cannot be made is said in `missing`."""

    def __init__(
        self,
        own: History,
        peer: History | None,
        scenario: Scenario | None,
        truth: Truth | None,
        now_s: float,
        progress: Callable[[str, float], None] | None,
    ) -> None:
        self.own, self.peer, self.scenario, self.truth = own, peer, scenario, truth
        self.progress, self.missing = progress, list[str]()
        self.since = Since(_alarm_s(own, peer))
        self.now_s = max(now_s if now_s < float("inf") else 0.0, own.until_s)
        self.places: tuple[Place, ...] = ()
        if scenario is not None:
            self.places = tuple(Place(name, *at) for name, at in scenario.places.items())
        self.sides = [own] if peer is None else [own, peer]

    def file(self, left: int) -> ReviewFile:
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
        lead = incident.state.lead
        return ReviewFile(
            format=FORMAT, incident=incident.id, title=masked(incident.title),
            side=own.side_name(own.side), sides=(own.side_name(own.side), own.side_name(other)),
            leads=own.side_name(lead) if lead else "", authority=masked(incident.authority),
            protocol=f"{protocol.name}, version {protocol.version}", alarm=since.iso(0.0),
            until=since.iso(since.t(own.until_s)), over=incident.is_over,
            stopped_s=since.t(stopped[0][0]) if stopped else None,
            stopped_at=masked(stopped[0][2]) if stopped else "",
            entries=own.book.size, peer_entries=None if self.peer is None else self.peer.book.size,
            summary=_EMPTY, phases=tuple(p for side in self.sides for p in phases(side, since)),
            timeline=tuple(self._timeline({one.order: one.road for one in orders})),
            line=tuple(one for side in self.sides for one in talk.line_of(side, since)),
            deadlines=tuple(self._deadlines()), orders=tuple(orders), leaks=self._leaks(),
            sightings=tuple(seen_lines(own, since, self.truth)), belief=self._belief(),
            **self._plans(orders),
            requests=tuple(talk.requests(own, self.peer, since, self.now_s)),
            undelivered=tuple(o for side in self.sides for o in talk.undelivered_of(side, since)),
            statements=tuple(
                one for side in self.sides for one in talk.statements(side, since, self.now_s)
            ),
            watches=tuple(one for side in self.sides for one in talk.watches(side, since)),
            lessons=tuple(one for side in self.sides for one in talk.lessons(side)),
            not_computed=tuple(self.missing),
        )  # fmt: skip

    def _say_peer_missing(self) -> None:
        other = self.own.side_name(self.own.book.other_side)
        self.missing.append(
            f"What {other} did on its own: give its exported journal as --peer-journal; its "
            "deadlines are shown as far as messages show them"
        )

    def _timeline(self, roads: dict[str, str]) -> list[Happened]:
        lines = timeline(self.own, self.since, roads, with_received=self.peer is None)
        if self.peer is not None:
            lines += timeline(self.peer, self.since, roads, with_received=False)
        return joined(sorted(lines, key=lambda one: one.t_s))

    def _deadlines(self) -> list:  # type: ignore[type-arg]
        found = deadlines_of(self.own, self.since, self.now_s)
        if self.peer is not None:
            return found + deadlines_of(self.peer, self.since, self.now_s)
        return found + deadlines_from_messages(self.own, self.since, self.now_s)

    def _leaks(self) -> tuple[Leak, ...] | None:
        adopted = first_plan(self.own)
        if adopted is None:
            self.missing.append("Ways that were open: no plan was adopted, so none was in force")
            return None
        plan = adopted[1]
        if self.scenario is None:
            self.missing.append("Ways that were open: give the region's scenario as --scenario")
            return None
        network = self.scenario.problem.network
        if network.digest != plan.network.digest:
            self.missing.append(
                "Ways that were open: the scenario's roads are not those of the plan; give the "
                f"scenario with network {plan.network.digest[:12]}"
            )
            return None
        from stopline.operation.claiming import plan_sources, plan_vehicle  # noqa: PLC0415

        end_s = min([each.until_s for each in self.sides] + [_sought_until_s(self.own)])
        shut = closings_of(self.own, plan, self.peer, end_s - plan.now_utc_s)
        found = leaks(
            plan, network, plan_vehicle(plan), plan_sources(plan), shut,
            horizon_s=end_s - plan.now_utc_s,
        )  # fmt: skip
        t = self.since.t
        return tuple(
            Leak(
                exit=one.exit, earliest_s=t(plan.now_utc_s + one.answer.earliest_s),
                open_until_s=None if one.answer.open_until_s == float("inf")
                else t(plan.now_utc_s + one.answer.open_until_s),
                route=tuple(network.name_of(drive.section) for drive in one.answer.route),
            )
            for one in found
        )  # fmt: skip

    def _belief(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
        if self.scenario is None or self.truth is None:
            needs = [
                name
                for name, given in (("--scenario", self.scenario), ("--truth", self.truth))
                if given is None
            ]
            self.missing.append(f"Belief against truth: give {' and '.join(needs)}")
            return None
        return tuple(
            believed(
                self.own, self.since, self.scenario, self.truth, self.places,
                progress=self.progress,
            )
        )  # fmt: skip

    def _plans(self, orders):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if self.scenario is None:
            self.missing.append("A better plan: give the region's scenario as --scenario")
            return {"plans": None, "hindsight": None}
        way = None
        if self.truth is None:
            self.missing.append("Which seal would have stopped it: give its track as --truth")
        else:
            way = driven(self.truth, self.scenario.problem.network)
        better = BetterPlans(self.own, self.since, self.scenario, way, self.places)
        adopted = first_plan(self.own)
        from_s = self.since.zero_s if adopted is None else adopted[0]
        try:
            plans = better.plans(
                None if adopted is None else from_s, orders, progress=self.progress
            )
            return {"plans": tuple(plans), "hindsight": better.hindsight(from_s, orders)}
        except StoplineError as error:
            self.missing.append(f"A better plan: {error}")
            return {"plans": None, "hindsight": None}


def _alarm_s(own: History, peer: History | None) -> float:
    """The alarm where it was raised; the other side's clock begins when it hears of it."""
    if peer is None or own.incident.state.lead != peer.side:
        return own.began_s
    return min(own.began_s, peer.began_s)


def _stopped(own: History, peer: History | None) -> list[tuple[float, bool, str]]:
    """Where a vehicle was stopped, by the journal of the side that stopped it if that is there."""
    here = own.incident.area(Happenings).stopped
    there = [] if peer is None else [e for e in peer.incident.area(Happenings).stopped if not e[1]]
    return sorted([*there, *(each for each in here if not (each[1] and there))])


def _sought_until_s(history: History) -> float:
    """Until when every road had to stay closed: the decision to stand down."""
    for step in history.steps:
        phase = history.incident.machine.protocol.phases.get(step.phase)
        if phase is not None and phase.withdraws:
            return step.entry.time_s
    return history.until_s


def _summed(review: Review) -> ReviewFile:
    clock = review.clock
    summary = summary_of(review.file, clock.minute)
    return review.file.model_copy(update={"summary": summary})


def _written(review: Review, out_dir: Path, *, pictures: bool) -> Review:
    from stopline.operation.paper.html import paper_html  # noqa: PLC0415
    from stopline.operation.paper.pdf import paper_pdf  # noqa: PLC0415
    from stopline.operation.review.page import review_paper  # noqa: PLC0415

    at = review.clock.minute
    with whole_outputs(out_dir, REVIEW_FILES) as draft:
        (draft / "review.json").write_text(
            review.file.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        drawn = _draw(review, draft, at) if pictures else {}
        paper = review_paper(
            review.file, at, review.clock.day(), timeline=drawn.get("timeline"),
            plan_of_roads=drawn.get("map"),
        )  # fmt: skip
        (draft / "review.html").write_text(paper_html(paper), encoding="utf-8")
        (draft / "review.pdf").write_bytes(paper_pdf(paper))
        written = sorted(path.name for path in draft.iterdir())
    return dataclasses.replace(review, files=tuple(out_dir / name for name in written))


def _draw(review: Review, draft: Path, at: Callable[[float], str]) -> dict[str, bytes]:
    """Draw what can be drawn into files; give what stands on the pages."""
    from stopline.operation.review.map_picture import draw_review_map  # noqa: PLC0415  (draws)
    from stopline.operation.review.timeline_picture import timeline_png  # noqa: PLC0415

    drawn = {"timeline": timeline_png(review.file, at)}
    (draft / "timeline.png").write_bytes(drawn["timeline"])
    if review.scenario is not None:
        from stopline.operation.planning import look_of  # noqa: PLC0415

        look = dataclasses.replace(look_of(review.scenario), zone=review.zone)
        drawn["map"] = draw_review_map(
            review.file, review.scenario, review.truth, draft / "map.png", at, look,
            review.clock.day(),
        )  # fmt: skip
    return drawn
