"""The command that adopts a plan: its proof is checked first, by code that made nothing of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints

from stopline.errors import StoplineError
from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.errors import NotNow
from stopline.operation.core.short_ids import pick
from stopline.operation.facts.orders import PlanAdopted
from stopline.operation.joint.adoption_check import adopt_joint
from stopline.operation.orders.issuing import check_leave, issue, our_sides
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.comparison import compare
from stopline.operation.plan.proposal_projection import Proposals
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.sightings.projection import Sightings
from stopline.rendering.time_text import Clock
from stopline.sealing.plan_file.file import zone_of

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.preparation import Preparation
    from stopline.scenario.network_store import NetworkStore
    from stopline.sealing.plan_file.schema import PlanFile

_SAME_S: Final = 1.0
Reason = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checker found.

    Attributes:
        holds: the proof holds; None if it could not be asked.
        text: what it found, or why it could not be asked.
    """

    holds: bool | None
    text: str


@command("plan.adopt")
class AdoptPlan(IncidentCommand):
    """Adopt a plan: one decision, after which orders can be issued.

    The independent checker is asked first. A plan whose proof does not hold, or cannot be checked
    as its road network is not there, is refused, unless the officer says why it is adopted all the
    same; reason and finding stand in the fact.
    """

    plan: str = Field(
        default="", max_length=64 << 20,
        description="plan.json, to the byte; empty: the newest proposal",
    )  # fmt: skip
    proposal: Annotated[str, Field(max_length=200)] = Field(
        default="", description="id of a proposal, or how it begins, in place of a plan"
    )
    offer: Annotated[str, Field(max_length=200)] = Field(
        default="", description="id of a re-plan that is offered, in place of a plan"
    )
    issue: bool = Field(default=False, description="issue its orders in the same decision")
    side: Annotated[str, Field(max_length=200)] = Field(
        default="",
        description="our side's name in the plan's units; empty: that of the units registered here",
    )
    unchecked_because: Reason = Field(
        default="", description="why it is adopted though its proof is not confirmed"
    )
    late_because: Reason = Field(
        default="",
        description="why it is adopted though orders are late, or the vehicle was seen since",
    )

    def prepare(self, ground: Preparation) -> Checked | None:
        """Ask the checker; what was offered or proposed has passed it before."""
        return check_text(self.plan, ground.networks) if self.plan else None

    def decide(self, at: CommandContext) -> None:
        """It is read whole, its proof holds, and nothing in it is late without a word."""
        incident = at.incident()
        chosen = self._chosen(at)
        plan = read_plan_text(chosen.text)
        digest = hashlib.sha256(chosen.text.encode()).hexdigest()
        orders = incident.projection(Orders)
        if orders.plan is not None and orders.plan.digest == digest:
            raise NotNow("this plan is adopted already")
        if not chosen.checked.holds and not self.unchecked_because:
            raise NotNow(
                f"the plan is not adopted: {chosen.checked.text} Only with `unchecked_because`, "
                "the reason in words, is it adopted all the same."
            )
        adopt_joint(at, plan)
        sides = self._sides(at, plan)
        found = compare(plan, orders.standing(), sides, at.now_s)
        late = found.late_words.strip() if found.lost else ""
        stale = " ".join([*seen_since(incident, plan), late]).strip()
        if stale and not self.late_because:
            raise NotNow(
                f"the plan is not adopted: {stale} Make a new one (`stopline plan --node`, "
                "in the API `plan.propose`); only with "
                "`late_because`, the reason in words, is this one adopted all the same."
            )
        at.record(
            PlanAdopted(
                digest=digest, plan=chosen.text, verdict=plan.verdict, sentence=plan.sentence,
                check=chosen.checked.text, offer=chosen.name,
                unchecked_because="" if chosen.checked.holds else self.unchecked_because,
                late_because=self.late_because if stale else "",
                decision=found.sentence if self.issue else "",
            )
        )  # fmt: skip
        if self.issue:
            check_leave(incident)
            issue(at, incident, plan, sides)

    def _sides(self, at: CommandContext, plan: PlanFile) -> frozenset[str]:
        """Our side's names; none where that is not known yet, unless orders are issued."""
        try:
            return our_sides(at.book, at.incident(), plan, self.side)
        except NotNow:
            if self.issue or self.side:
                raise
            return frozenset()

    def _chosen(self, at: CommandContext) -> _Chosen:
        given = [name for name in ("plan", "proposal", "offer") if getattr(self, name)]
        if len(given) > 1:
            raise NotNow(f"expected one of plan, proposal and offer, not {' and '.join(given)}")
        if self.plan:
            checked = at.prepared
            if not isinstance(checked, Checked):
                checked = Checked(None, "The checker was not asked.")
            return _Chosen(self.plan, checked, "")
        if self.offer:
            return self._offered(at)
        known = at.incident().projection(Proposals)
        if not known.by_id:
            raise NotNow("no plan is proposed; `plan.propose` makes one, or give one as `plan`")
        found = known.newest
        if self.proposal:
            found = known.by_id[pick(self.proposal, known.by_id, "proposal")]
        assert found is not None  # noqa: S101  (there is one)
        body = found.body
        return _Chosen(body.plan, Checked(body.holds, body.check), body.proposal)

    def _offered(self, at: CommandContext) -> _Chosen:
        offer = at.incident().projection(Verdicts).offer
        if offer is None or not offer.offer.startswith(self.offer) or not offer.plan:
            raise NotNow(f"no plan {self.offer} is offered now; the board shows what is")
        return _Chosen(offer.plan, Checked(True, "Confirmed before it was offered."), offer.offer)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The plan that is meant, what the checker says of it, and the id under which it was made."""

    text: str
    checked: Checked
    name: str


def seen_since(incident: Incident, plan: PlanFile) -> tuple[str, ...]:
    """What became known of the vehicle after a plan's last sighting, as sentences."""
    last_s = plan.now_utc_s + max(one.time_s for one in plan.sources)
    known = incident.projection(Sightings).standing()
    later = [one for one in known if one.confirmed and not one.nothing_seen]
    later = [one for one in later if one.seen_s > last_s + _SAME_S]
    if not later:
        return ()
    last = later[-1]
    at = Clock(plan.now_utc_s, zone_of(plan)).exact(last.seen_s - plan.now_utc_s)
    return (f"Since it was made the vehicle was seen at {last.place or 'another place'}, {at}.",)


def check_text(text: str, networks: NetworkStore) -> Checked:
    """Check a plan on its network, if that is at hand."""
    from stopline.sealing.checker.check import check_plan  # noqa: PLC0415  (heavy)

    try:
        plan = read_plan_text(text)
        network = networks.of(plan.network)
    except NotNow as error:
        return Checked(None, f"{error}.")
    except (StoplineError, OSError) as error:
        return Checked(None, f"Its proof cannot be checked: {error}.")
    result = check_plan(plan, network)
    return Checked(result.ok, " ".join(result.sentence.split("\n")[:6]))
