"""The command that makes a plan from what the node knows; nothing is typed, and nothing decided.

The planning takes seconds and is done before the desk is locked. Where the two sides may plan
together now, the other side is asked what it can hold; where it cannot be asked, or does not
answer, the plan is made without it, and says so.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from stopline.errors import StoplineError
from stopline.link.ids import derived_id
from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.orders import NotCounted, PlanProposed, ProposedChoice

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.preparation import Preparation
    from stopline.operation.core.state import NodeState
    from stopline.operation.plan.proposal_problem import AskedProblem, Known
    from stopline.planning.choices import Choice
    from stopline.planning.plan import Made, PlanResult
    from stopline.scenario.loader import Scenario
    from stopline.sealing.plan import Plan

_MOST_COMPUTING_S: Final = 10.0
_SHOWN: Final = frozenset(
    {"seal", "sealed road", "unit", "way of unit", "source", "exit", "open route"}
)
_ONE_AT_A_TIME: Final = threading.Lock()  # a plan takes all there is


@dataclass(frozen=True, slots=True)
class ProposalRefusal:
    """Why no plan could be made."""

    reason: str


@command("plan.propose")
class ProposePlan(IncidentCommand):
    """Make a plan from what the node knows: sightings, units as they are, commitments, the region.

    It is shown beside the plan in force; `plan.adopt` takes it.
    """

    alone: bool = Field(default=False, description="without asking the other side what it can hold")
    choices: bool = Field(
        default=True, description="where not every road can be closed, four ways to use the units"
    )
    time_limit_s: Annotated[float, Field(gt=0, le=60)] = Field(
        default=_MOST_COMPUTING_S, description="seconds of computing, then the best plan so far"
    )

    def prepare(self, ground: Preparation) -> PlanProposed | ProposalRefusal:
        """Make the plan."""
        try:
            with _ONE_AT_A_TIME:
                return _Proposing(self, ground).made()
        except (StoplineError, OSError) as error:
            return ProposalRefusal(str(error))

    def decide(self, at: CommandContext) -> None:
        """The incident runs, and a plan could be made."""
        at.incident()
        found = at.prepared
        if isinstance(found, ProposalRefusal):
            raise NotNow(found.reason)
        if not isinstance(found, PlanProposed):
            raise NotNow("no plan was made; give the command again")
        at.record(found)


class _Proposing:
    """One proposal in the making."""

    def __init__(self, given: ProposePlan, ground: Preparation) -> None:
        self.given, self.ground = given, ground
        self.notes: list[str] = []

    def made(self) -> PlanProposed:
        # Planner, checker and belief are heavy, and most nodes never need them.
        from stopline.operation.plan.proposal_problem import problem_of  # noqa: PLC0415
        from stopline.sealing.checker.check import check_plan  # noqa: PLC0415
        from stopline.sealing.plan_file.file import plan_text, plan_to_dict  # noqa: PLC0415
        from stopline.sealing.plan_file.schema import PlanFile  # noqa: PLC0415

        region = self._region()
        known = self._known(region)
        asked = problem_of(known, region)
        result = _read_out(self._planned(asked))
        scenario = result.scenario
        content = plan_to_dict(
            result.plan, scenario.problem, settings=scenario.settings, zone=scenario.zone
        )
        text = plan_text(content)
        checked = check_plan(PlanFile.model_validate_json(text), scenario.problem.network)
        return PlanProposed(
            proposal=derived_id(self.ground.now_s, "proposal", self.ground.command_id),
            plan=text, verdict=str(result.plan.verdict), sentence=result.plan.sentence,  # type: ignore[arg-type]  # (its three words)
            check=" ".join(checked.sentence.split("\n")[:6]), holds=checked.ok,
            sides=asked.sides, region=scenario.path.name, sightings=asked.sightings,
            seen=iso(asked.seen_s), place=asked.place, units=len(scenario.problem.units),
            not_counted=tuple(
                NotCounted(unit=name, why=why) for name, why in sorted(asked.out.items())
            ),
            notes=(*asked.notes, *self.notes),
            choices=tuple(_choice(one, result.plan) for one in result.choices),
            geometry=_geometry(result),
        )  # fmt: skip

    def _region(self) -> Scenario:
        regions = self.ground.regions
        found = None if regions is None else regions.of(None)
        if found is None:
            raise NotNow(
                "this node was told of no region; start it with `stopline serve NODE --scenario "
                "REGION.yaml`, which names the roads, borders and places"
            )
        return found

    def _known(self, region: Scenario) -> Known:
        from stopline.operation.plan.proposal_problem import known_now  # noqa: PLC0415

        names = {one.name for one in region.destinations}

        def read(book: NodeState) -> Known:
            found = book.incident(self.given.incident)
            return known_now(book, found, self.ground.now_s, names)

        return self.ground.look(read)

    def _planned(self, asked: AskedProblem) -> PlanResult:
        """Plan together if that may be now, else alone."""
        from stopline.operation.joint.live_plan import may_plan_jointly, plan_live  # noqa: PLC0415
        from stopline.operation.joint.query_client import NotAnswered  # noqa: PLC0415
        from stopline.planning.plan import RuleChanges, plan_scenario  # noqa: PLC0415

        most_s = min(asked.scenario.problem.rules.time_limit_s, self.given.time_limit_s)
        changes = RuleChanges(time_limit_s=most_s)
        scenario, why_not = asked.scenario, "it was not asked"
        if not self.given.alone:
            partner = may_plan_jointly(self.ground, self.given.incident)
            if not isinstance(partner, str):
                told: list[str] = []

                def maker(problem: object, _: object, orders: object) -> Made:
                    return plan_live(self.ground, partner, problem, orders, told)  # type: ignore[arg-type]

                try:
                    result = plan_scenario(scenario, changes=changes, pictures=False, maker=maker)
                except NotAnswered as error:
                    why_not = f"it said \u201c{error.faults[0].expected}\u201d"
                except StoplineError as error:
                    why_not = str(error)
                else:
                    self.notes += told
                    return result
            else:
                why_not = partner
        if why_not:
            self.notes.append(f"planned without the other side: {why_not}")
        return plan_scenario(scenario, changes=changes, pictures=False, choices=self.given.choices)


def _read_out(result: PlanResult) -> PlanResult:
    """The plan with roads named so that they can be read out: no number alone, no two alike."""
    from stopline.scenario.place_text import NamedPlace, titles_of  # noqa: PLC0415

    places = [NamedPlace(name, lon, lat) for name, (lon, lat) in result.scenario.places.items()]
    names = titles_of([seal.site for seal in result.plan.seals], places)
    seals = tuple(
        replace(seal, site=replace(seal.site, name=name))
        for seal, name in zip(result.plan.seals, names, strict=True)
    )
    return replace(result, plan=replace(result.plan, seals=seals))


def _choice(one: Choice, plan: Plan) -> ProposedChoice:
    import math  # noqa: PLC0415

    return ProposedChoice(
        name=one.name, exits_sealed=round(one.exits, 4),
        stopped=None if math.isnan(one.stopped) else round(one.stopped, 4),
        first_escape=iso(plan.now_utc_s + one.escape_s) if math.isfinite(one.escape_s) else None,
        assured=round(one.assured, 4), units=one.plan.units_used,
    )  # fmt: skip


def _geometry(result: PlanResult) -> str:
    """The proposal on the map, as GeoJSON; what is drawn for its proof is left out."""
    from stopline.standards.geojson import plan_geojson  # noqa: PLC0415

    colours = {side.id: side.colour for side in result.scenario.sides.values()}
    made = plan_geojson(
        result.plan, result.scenario.problem, zone=result.scenario.zone, colours=colours
    )
    made["features"] = [one for one in made["features"] if one["properties"].get("layer") in _SHOWN]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
