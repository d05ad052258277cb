"""The scenario that a plan was made from: sites for a re-plan, exits and places for a belief."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.errors import StoplineError
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from stopline.network.point_snapper import PointSnapper
    from stopline.operation.core.incident import Incident
    from stopline.scenario.loader import Scenario
    from stopline.sealing.plan_file.schema import PlanFile
    from stopline.sealing.problem import SiteList


@dataclass(slots=True)
class ScenarioStore:
    """Finds the scenario of a plan; what was read is kept.

    A plan lists only the sites that it uses. All others are in its scenario, which it names by
    file and SHA-256.

    Attributes:
        scenarios: files that were given for it; taken whatever their SHA-256 is, if they are of
            the plan's network.
        folder: of the node, where one may lie under its file name.
    """

    scenarios: tuple[Path, ...]
    folder: Path
    _known: dict[tuple[str, str], Scenario | None] = field(default_factory=dict)
    _points: dict[str, PointSnapper] = field(default_factory=dict)

    def sites(self, plan: PlanFile) -> SiteList | None:
        """All sites; None if no scenario of the plan is at hand."""
        found = self.of(plan)
        return None if found is None else found.problem.sites

    def of(self, plan: PlanFile | None) -> Scenario | None:
        """The scenario of a plan, or before there is one the first that was given; or None."""
        if plan is None:
            return self._first()
        made_from = plan.lineage.get("scenario")
        named = made_from if isinstance(made_from, dict) else {}
        key = (plan.network.digest, str(named.get("sha256", "")))
        if key not in self._known:
            self._known[key] = self._find(plan, named)
        return self._known[key]

    def region(self) -> Scenario | None:
        """The region of the node; None where it was told of none, or it cannot be read."""
        try:
            return self._first()
        except (StoplineError, OSError):
            return None

    def points(self, region: Scenario) -> PointSnapper:
        """What puts positions on the roads of a region; it is kept, as it is costly to make."""
        from stopline.network.point_snapper import PointSnapper  # noqa: PLC0415  (heavy)

        network = region.problem.network
        if network.digest not in self._points:
            self._points[network.digest] = PointSnapper(network)
        return self._points[network.digest]

    def plan_of(self, incident: Incident) -> PlanFile | None:
        """The plan that an incident goes by; None before one is adopted."""
        adopted = incident.projection(Orders).plan
        return None if adopted is None else read_plan_text(adopted.plan)

    def _first(self) -> Scenario | None:
        from stopline.scenario.loader import load_scenario  # noqa: PLC0415  (heavy)

        if not self.scenarios:
            return None
        if ("", "") not in self._known:
            self._known["", ""] = load_scenario(self.scenarios[0])
        return self._known["", ""]

    def _find(self, plan: PlanFile, named: dict[str, object]) -> Scenario | None:
        from stopline.scenario.loader import load_scenario  # noqa: PLC0415  (heavy)

        file, digest = str(named.get("file", "")), str(named.get("sha256", ""))
        roads = Path(plan.network.path)
        beside = [self.folder / file, roads / file, roads.parent / file] if file else []
        for path in [*self.scenarios, *(one for one in beside if one.is_file())]:
            try:
                found = load_scenario(path)
            except (StoplineError, OSError):
                if path in self.scenarios:
                    raise
                continue
            same_roads = found.problem.network.digest == plan.network.digest
            if same_roads and (path in self.scenarios or found.digest == digest):
                return found
        return None
