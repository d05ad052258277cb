"""The sites that a re-plan may use: those of the scenario that the plan was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.errors import StoplineError

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_form import PlanFile
    from stopline.sealing.problem import SiteList


@dataclass(slots=True)
class PlanSites:
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
    _known: dict[tuple[str, str], SiteList | None] = field(default_factory=dict)

    def of(self, plan: PlanFile, network: RoadNetwork) -> SiteList | None:
        """All sites; None if no scenario of the plan is at hand."""
        made_from = plan.lineage.get("scenario")
        named = made_from if isinstance(made_from, dict) else {}
        key = (plan.network.digest, str(named.get("sha256", "")))
        if key not in self._known:
            self._known[key] = self._find(plan, network, named)
        return self._known[key]

    def _find(
        self, plan: PlanFile, network: RoadNetwork, named: dict[str, object]
    ) -> SiteList | None:
        from stopline.operation.scenario import load_scenario  # noqa: PLC0415  (heavy)

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
            same_roads = found.problem.network.digest == network.digest
            if same_roads and (path in self.scenarios or found.digest == digest):
                return found.problem.sites
        return None
