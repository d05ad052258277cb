"""Plan and verify: a plan with its problem, as a table, a picture, or a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stopline.errors import BadInput, FaultList
from stopline.library.blockade import ClosedPlaces
from stopline.library.given import expect, file_in_folder, shown
from stopline.planning.blockade import form_of as blockade_form
from stopline.planning.verify import verify as verify_file
from stopline.sealing.checker.blockade import check_blockade
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan_file.file import plan_to_dict, write_plan
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import SealingProblem

if TYPE_CHECKING:
    from stopline.planning.verify import VerifiedPlan
    from stopline.sealing.plan import Plan, Seal, Verdict

_VERIFIED: Final = "what sl.plan gave, what sl.blockade gave, or the path of a plan.json"


@dataclass(frozen=True, slots=True)
class SolvedProblem:
    """A problem with its plan.

    Attributes:
        problem: what was asked.
        plan: the seals with verdict, bound and open routes.
    """

    problem: SealingProblem
    plan: Plan

    @property
    def verdict(self) -> Verdict:
        """`sealed`, `leaking` or `impossible`."""
        return self.plan.verdict

    @property
    def seals(self) -> tuple[Seal, ...]:
        """The seals, each with its site, its units and its margin."""
        return tuple(self.plan.seals)

    @property
    def units_used(self) -> int:
        """How many units the plan uses."""
        return self.plan.units_used

    @property
    def lower_bound(self) -> float:
        """No plan that seals uses fewer units."""
        return self.plan.lower_bound

    def to_dict(self) -> dict[str, Any]:
        """The content of plan.json."""
        return plan_to_dict(self.plan, self.problem)

    def save(self, path: Path | str) -> Path:
        """Write plan.json; `stopline verify` checks it where the network's file is given.

        Raises:
            BadInput: its folder is not there.
        """
        place = file_in_folder(path)
        write_plan(place, self.plan, self.problem)
        return place

    def to_geodataframe(self) -> Any:  # noqa: ANN401
        """A GeoDataFrame with a row for each seal: site, units, closing, arrival and margin."""
        import geopandas  # noqa: PLC0415  (an extra)

        rows = [
            {
                "site": seal.site.name,
                "kind": str(seal.site.kind),
                "number": seal.site.index,
                "id": seal.site.file_id,
                "units": ", ".join(one.unit for one in seal.holders),
                "closed_at_s": seal.closed_at_s,
                "arrival_s": seal.arrival_s,
                "margin_s": seal.margin_s,
            }
            for seal in self.plan.seals
        ]
        points = geopandas.points_from_xy(
            [seal.site.lon for seal in self.plan.seals], [seal.site.lat for seal in self.plan.seals]
        )
        return geopandas.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")

    def plot(self, path: Path | str) -> Path:
        """Draw the plan to a PNG or SVG file, and give its path.

        Raises:
            Unsupported: the network has no coordinates.
            BadInput: another ending.
        """
        from stopline.rendering.plan_map import draw_plan  # noqa: PLC0415  (matplotlib)

        place = Path(path)
        draw_plan(self.plan, self.problem, place)
        return place

    def __repr__(self) -> str:
        plan = self.plan
        units = f"{plan.units_used} units in {len(plan.seals)} seals"
        return f"<plan: {plan.verdict}, {units}>"


def plan(problem: SealingProblem) -> SolvedProblem:
    """Find the best plan and prove it.

    Raises:
        BadInput: it is no problem, or it has no source, no exit, no unit or no site, so that no
            verdict means anything.
    """
    expect(problem, SealingProblem, "problem", "a problem, as sl.SealingProblem(...) gives")
    faults = FaultList()
    for key, count in (
        ("sources", len(problem.sources)), ("exits", len(problem.exits)),
        ("units", len(problem.units)), ("sites", problem.sites.count),
    ):  # fmt: skip
        if not count:
            faults.add(f"problem.{key}", "none", "at least one")
    faults.raise_if_any()
    return SolvedProblem(problem, make_plan(problem))


def verify(
    plan: SolvedProblem | ClosedPlaces | Path | str, network: Path | str | None = None
) -> VerifiedPlan:
    """Check a plan with separate code, which shares nothing with the planner but the network.

    Args:
        plan: what `sl.plan` or `sl.blockade` gave, or the path of a file that either saved.
        network: the road network's file, if it does not lie where the plan says.

    Raises:
        BadInput: it is neither, or the file is no plan.
    """
    if isinstance(plan, SolvedProblem):
        problem = plan.problem
        places = None
        if problem.unit_places is not None:
            ids = [unit.id for unit in problem.units]
            places = dict(zip(ids, problem.unit_places, strict=True))
        return check_plan(form_of(plan.plan, problem), problem.network, unit_places=places)
    if isinstance(plan, ClosedPlaces):
        return check_blockade(blockade_form(plan.plan), plan.plan.case.problem.network)
    if not isinstance(plan, Path | str):
        raise BadInput.single("plan", shown(plan), _VERIFIED)
    return verify_file(Path(plan), None if network is None else Path(network))
