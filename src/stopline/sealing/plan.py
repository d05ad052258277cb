"""A plan: seals with a verdict, the routes that stay open, the proof, and where it all came from.

Times are seconds after the plan's `now_utc_s`; infinity means never.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TIE_S: Final = 1e-6
"""Times nearer than this are the same: a seal that closes so little too late stops the vehicle.

Sums of the same times differ by as much when they are made in another order. The checker, which
shares nothing with the planner, has the same number.
"""


class Verdict(StrEnum):
    """What is known of a plan."""

    SEALED = "sealed"
    LEAKING = "leaking"
    IMPOSSIBLE = "impossible"


class SiteKind(StrEnum):
    """What a site is on the network."""

    SECTION = "section"
    JUNCTION = "junction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place where a road can be stopped.

    Attributes:
        kind: section or junction.
        index: section or junction number in the network.
        name: what people call it: the post's name, or the road's, or its id in the network's file.
        road_class: class of the road (of the widest road, for a junction).
        territories: the territory it lies in; both, for a crossing.
        need: strength that closes it.
        lon: a point to drive to.
        lat: the same.
        meets: a named road that meets it, to find it by where it has no name of its own.
        file_id: by the id of the network's own file, as `link 7`; empty where that is not known.
    """

    kind: SiteKind
    index: int
    name: str
    road_class: str
    territories: tuple[str, ...]
    need: int
    lon: float
    lat: float
    meets: str = ""
    file_id: str = ""

    @property
    def own_id(self) -> str:
        """Its id in the network's own file; its number where that is not known."""
        return self.file_id or f"{self.kind} {self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One unit's part in a seal.

    Attributes:
        unit: id of the unit.
        side: its side.
        agency: its service.
        ready_s: when it holds the site if ordered now: free + drive + set-up.
        order_by_s: latest time of the order that still meets the required margin.
        drive_s: driving time.
        setup_s: time to set up.
        status: what it does already: `free`, `under way` or `in position`.
    """

    unit: str
    side: str
    agency: str
    ready_s: float
    order_by_s: float
    drive_s: float
    setup_s: float
    status: str = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A timed walk of the vehicle from a source to an exit.

    Attributes:
        junctions: junctions passed, in order; empty if it starts and ends on one section.
        sections: sections driven, in order (the first may be driven in part).
        enter_s: time at which each section is entered, as long as `sections`.
        arrival_s: time at which the exit is reached.
        source: name of the source.
        exit: name of the exit.
    """

    junctions: tuple[int, ...]
    sections: tuple[int, ...]
    enter_s: tuple[float, ...]
    arrival_s: float
    source: str
    exit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The other side's part in a seal, as it committed itself; which units is its own matter.

    Attributes:
        side: the other side.
        commitment: id of the commitment.
        closed_s: from when it holds the site.
        units: number of its units there.
        strength: their strength.
    """

    side: str
    commitment: str
    closed_s: float
    units: int
    strength: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the other side said it cannot do: of these demands at most so many.

    Attributes:
        answer: id of the answer in which it said so.
        most: how many of the sites can be held as demanded.
        members: (number of the site, strength, latest closing) of each demand; one that asks as
            much strength as early at the same site is meant as well.
    """

    answer: str
    most: int
    members: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """How the other side of a joint plan was known.

    Attributes:
        side: its name in the seals.
        peer: its node.
        answered: whether it answered; else only its last commitments were counted on.
        matter: id of the joint plan.
        commitment: id of the commitment that the plan builds on, if it does.
        expires_utc_s: until when that is counted on, UTC seconds.
        standing: (number of the site, strength, closing time) of all that it was committed to,
            where it did not answer.
        refused: what it said it cannot do, as far as the proof needs it.
    """

    side: str
    peer: str
    answered: bool
    matter: str
    commitment: str | None = None
    expires_utc_s: float | None = None
    standing: tuple[tuple[int, int, float], ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A site, the units that hold it, and the time from which nothing passes.

    Attributes:
        site: where.
        holders: which units; none where the other side alone holds it.
        closed_at_s: when the last holder that is needed holds it.
        unhindered_s: earliest arrival there if no road were closed: a safe deadline.
        arrival_s: earliest arrival there under this plan; infinite if the other seals keep the
            vehicle away from it.
        margin_s: `arrival_s - closed_at_s`.
        why: one sentence: what it alone stops.
        witness: a route that only this seal stops, if there is one.
        committed: what another side holds of it that names no units.
    """

    site: Site
    holders: tuple[Holder, ...]
    closed_at_s: float
    unhindered_s: float
    arrival_s: float
    margin_s: float
    why: str = ""
    witness: Route | None = None
    committed: tuple[Committed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofStep:
    """A route of an impossibility proof, with the reason it cannot be stopped for free.

    Attributes:
        route: the route.
        stoppable_by: (unit, site number in `Plan.proof_sites`) pairs that would stop it; empty if
            nothing can. A side that names no units stands there itself.
        reason: one sentence.
    """

    route: Route
    stoppable_by: tuple[tuple[str, int], ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRoute:
    """A route of a certificate.

    Attributes:
        weight: what it counts.
        source: name of the source it begins at; empty if it begins where a step ended.
        step: number of that step, at which it begins at the step's time.
        begins: junction at which it begins, after what is driven in part of a source's section;
            None after a step.
        sections: sections driven from there, in order.
    """

    weight: int
    source: str
    step: int | None
    begins: int | None
    sections: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStep:
    """Routes of which some stay open under every plan, so that the vehicle gets to their end.

    Attributes:
        kind: where they end: `junction`, `section` (about to enter that exit section), `exit`.
        index: number of the junction or section.
        routes: the routes.
    """

    kind: str
    index: int
    routes: tuple[CertificateRoute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What can be checked of every plan: it uses so many units at least, or there is none.

    Attributes:
        units: no plan uses fewer; 0 where the last step shows that an exit is reached.
        scale: weight that stands for one unit in the last step.
        margin_s: of all seals of the plans meant.
        steps: in an order in which each needs only earlier ones.
    """

    units: int
    scale: int
    margin_s: float
    steps: tuple[CertificateStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedMeetings:
    """The believed routes that come to one seal when it is closed.

    Attributes:
        seal: number of the seal, its position in the plan.
        route: numbers of the routes, positions in `BelievedOdds.weights`.
        at_s: when each comes there.
    """

    seal: int
    route: tuple[int, ...]
    at_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BelievedOdds:
    """What the seals stop of the belief, so that others can add it up.

    Attributes:
        stopped: probability that the vehicle is stopped.
        routes: number of routes that were sampled.
        weights: probability of each route that some seal stops.
        met: by seal, which of them it stops.
    """

    stopped: float
    routes: int
    weights: tuple[float, ...]
    met: tuple[BelievedMeetings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer to a sealing problem.

    Attributes:
        verdict: sealed, leaking or impossible.
        proven: whether verdict and optimality are proven; false when time ran out.
        sentence: the verdict in one plain sentence.
        now_utc_s: the moment all times count from.
        required_margin_s: the margin that was asked for.
        seals: what to close.
        units_used: number of units in the seals.
        lower_bound: no sealing plan uses fewer units than this (at the margin that was reached).
        margin_s: the smallest margin of all seals.
        objective: order of the objectives, for example `("margin", "units", "disturbance")`.
        choice: what "best" meant: `seal`, `cover` or `delay`; `assess` for orders that were
            only judged as they are.
        open_routes: routes that escape (for leaking plans), earliest first.
        sealed_exits: names of exits that are fully sealed off.
        open_exits: names of exits that can be reached.
        needed_none: names of sealed exits that the vehicle could not reach anyhow.
        proof: the family of routes that no assignment of units can stop, for `impossible`.
        proof_sites: the sites that the proof refers to.
        missing: what would be needed to seal, in words.
        seconds: computing time by stage.
        lineage: where the plan came from: network, metric, scenario, sightings, units, rules.
        joint: how the other side was known, for a joint plan.
        certificate: why no plan uses fewer units, or why there is none, for others to check.
        believed: what the seals stop of the belief, where they were chosen by it.
    """

    verdict: Verdict
    proven: bool
    sentence: str
    now_utc_s: float
    required_margin_s: float
    seals: tuple[Seal, ...]
    units_used: int
    lower_bound: int
    margin_s: float
    objective: tuple[str, ...]
    choice: str = "seal"
    open_routes: tuple[Route, ...] = ()
    sealed_exits: tuple[str, ...] = ()
    open_exits: tuple[str, ...] = ()
    needed_none: tuple[str, ...] = ()
    proof: tuple[ProofStep, ...] = ()
    proof_sites: tuple[Site, ...] = ()
    missing: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    lineage: Mapping[str, Any] = field(default_factory=dict)
    joint: Joint | None = None
    certificate: Certificate | None = None
    believed: BelievedOdds | None = None

    @property
    def gap(self) -> int:
        """Units by which the plan may exceed the optimum."""
        return self.units_used - self.lower_bound
