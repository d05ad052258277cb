"""What every part of a scenario needs while it is put on the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.network.drive_graph import Vehicle
from stopline.network.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.documents.yaml import KeyPath, YamlDocument
    from stopline.errors import FaultList
    from stopline.forces.side import Side
    from stopline.network.point_snapper import PointSnapper
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.schema import ScenarioForm


@dataclass(frozen=True, slots=True)
class ScenarioPart:
    """A scenario while it is read: the checked form, its file, the network, the faults so far.

    `units_stand` says where the position of each unit is written, by its id.
    """

    document: YamlDocument
    form: ScenarioForm
    network: RoadNetwork
    sides: Mapping[str, Side]
    faults: FaultList
    points: PointSnapper
    doubts: Findings = field(default_factory=Findings)
    vehicle: Vehicle = field(default_factory=Vehicle)
    units_stand: dict[str, str] = field(default_factory=dict)

    def fault(self, keys: KeyPath, seen: object, expected: str) -> None:
        """Note a fault at a key of the file."""
        self.faults.add(self.document.where(keys), seen, expected)

    def has_section(self, number: int, keys: KeyPath) -> bool:
        """Whether the network has this section; a fault is noted if not."""
        if number < self.network.sections:
            return True
        self.fault(keys, number, f"a section number below {self.network.sections}")
        return False

    def has_junction(self, number: int, keys: KeyPath) -> bool:
        """Whether the network has this junction; a fault is noted if not."""
        if number < self.network.junctions:
            return True
        self.fault(keys, number, f"a junction number below {self.network.junctions}")
        return False
