"""A claim with its answer and all that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stopline.rendering.time_text import Clock
from stopline.sealing.claim.writing import claim_document

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from stopline.network.drive_graph import Vehicle
    from stopline.network.read_settings import ReadSettings
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.closings_csv import Closed
    from stopline.sealing.claim.answer import ClaimAnswer, Target
    from stopline.sealing.plan_file.schema import PlanFile
    from stopline.sealing.problem import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim with its answer and all that it rests on.

    Attributes:
        says_could: what was claimed; None if it was only asked.
        target: X.
        by_utc_s: T.
        answer: the answer, seconds after the plan's "now".
        plan: the plan that names roads, vehicle and sightings.
        network: the roads.
        vehicle: how it drives.
        sources: where it was seen.
        closed: what was closed, and when.
        zone: of the plan's times.
        settings: how the network was read.
        sentence: the answer.
        files: what was written.
    """

    says_could: bool | None
    target: Target
    by_utc_s: float
    answer: ClaimAnswer
    plan: PlanFile
    network: RoadNetwork
    vehicle: Vehicle
    sources: tuple[Source, ...]
    closed: tuple[Closed, ...]
    zone: tzinfo
    settings: ReadSettings
    sentence: str
    files: tuple[Path, ...] = ()

    @property
    def clock(self) -> Clock:
        """Writes times after "now" in the incident's zone."""
        return Clock(self.plan.now_utc_s, self.zone)

    @property
    def holds(self) -> bool:
        """Whether what was claimed is so; asked only, whether it could not."""
        return self.answer.could == bool(self.says_could)

    def document(self) -> dict[str, Any]:
        """The content of claim.json."""
        word = {True: "It could have entered", False: "It could not have entered", None: "Asked:"}
        by = self.clock.exact(self.by_utc_s - self.plan.now_utc_s)
        return claim_document(
            network=self.network,
            vehicle=self.vehicle,
            sources=self.sources,
            target=self.target,
            closings=[one.closing for one in self.closed],
            by_s=self.by_utc_s - self.plan.now_utc_s,
            answer=self.answer,
            now_utc_s=self.plan.now_utc_s,
            claim=f"{word[self.says_could]} {self.target.name} by {by}",
            sentence=self.sentence,
            names={_place(one): one.name for one in self.closed},
            by={_place(one): one.by for one in self.closed},
            lineage={"plan": self.plan.now, "verdict": self.plan.verdict},
            read_settings=self.settings,
            zone=self.zone,
        )


def _place(closed: Closed) -> tuple[str, int]:
    return closed.closing.kind, closed.closing.index
