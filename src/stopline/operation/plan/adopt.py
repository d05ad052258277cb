"""The command that adopts a plan: its proof is checked first, by code that made nothing of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from stopline.errors import StoplineError
from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.orders import PlanAdopted
from stopline.operation.joint.adoption_check import adopt_joint
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict_projection import Verdicts

if TYPE_CHECKING:
    from stopline.operation.core.context import Situation
    from stopline.scenario.network_store import PlanNetworks

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
        default="", max_length=64 << 20, description="plan.json, to the byte; empty with `offer`"
    )
    offer: Annotated[str, Field(max_length=200)] = Field(
        default="", description="id of a re-plan that is offered, in place of a plan"
    )
    unchecked_because: Reason = Field(
        default="", description="why it is adopted though its proof is not confirmed"
    )

    def prepare(self, networks: PlanNetworks) -> Checked | None:
        """Ask the checker; an offered plan has passed it before it was offered."""
        return check_text(self.plan, networks) if self.plan else None

    def decide(self, at: Situation) -> None:
        """It is read whole, and its proof holds."""
        incident = at.incident()
        text, checked = self._text(at)
        plan = read_plan_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = incident.area(Orders).plan
        if known is not None and known.digest == digest:
            raise NotNow("this plan is adopted already")
        if not checked.holds and not self.unchecked_because:
            raise NotNow(
                f"the plan is not adopted: {checked.text} Only with `unchecked_because`, the "
                "reason in words, is it adopted all the same."
            )
        adopt_joint(at, plan)
        at.record(
            PlanAdopted(
                digest=digest, plan=text, verdict=plan.verdict, sentence=plan.sentence,
                check=checked.text, offer=self.offer,
                unchecked_because="" if checked.holds else self.unchecked_because,
            )
        )  # fmt: skip

    def _text(self, at: Situation) -> tuple[str, Checked]:
        if bool(self.plan) == bool(self.offer):
            raise NotNow("expected either a plan or an offer")
        if self.plan:
            checked = at.prepared
            if not isinstance(checked, Checked):
                checked = Checked(None, "The checker was not asked.")
            return self.plan, checked
        offer = at.incident().area(Verdicts).offer
        if offer is None or offer.offer != self.offer or not offer.plan:
            raise NotNow(f"no plan {self.offer} is offered now; the board shows what is")
        return offer.plan, Checked(True, "Confirmed before it was offered.")


def check_text(text: str, networks: PlanNetworks) -> Checked:
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
