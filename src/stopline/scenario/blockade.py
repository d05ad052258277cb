"""A scenario of its own kind: places to close as early as possible, without a vehicle.

The file is a scenario with `kind: blockade`: a map, exits to close, units; no sighting, no vehicle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import ValidationError

from stopline.documents.validation import note_faults
from stopline.documents.yaml import read_yaml
from stopline.errors import FaultList
from stopline.network.findings import Findings
from stopline.network.point_snapper import PointSnapper
from stopline.scenario.context import ScenarioPart
from stopline.scenario.exits import exits_of
from stopline.scenario.fields import DEFAULT
from stopline.scenario.file_ids import names_ids
from stopline.scenario.loader import (
    check_places,
    check_territories,
    rules_of,
    vehicle_of,
    with_ids_numbered,
)
from stopline.scenario.network import open_scenario_network, read_settings
from stopline.scenario.schema import ScenarioForm
from stopline.scenario.sides import sides_of
from stopline.scenario.units import snap_units, units_of
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import SealingProblem, SiteList, Source

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from stopline.network.findings import Finding
    from stopline.network.read_settings import ReadSettings
    from stopline.sealing.problem import Exit

KIND: Final = "blockade"
_OF_A_VEHICLE: Final = ("sightings", "vehicle", "belief", "orders", "sites")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockadeCase:
    """A blockade that was read and found sound.

    Attributes:
        name: what people call it.
        problem: roads, places to close (as sites and as exits, in the same order), and units.
        zone: the zone in which times are told.
        places: longitude and latitude of the named places.
        settings: how the network was read.
    """

    name: str
    problem: SealingProblem
    zone: tzinfo
    places: dict[str, tuple[float, float]]
    settings: ReadSettings

    @property
    def closing(self) -> tuple[Exit, ...]:
        """The places to close."""
        return self.problem.exits

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """What is guessed or doubtful of positions and exits."""
        return self.problem.doubts


def is_blockade(path: Path) -> bool:
    """Whether a file calls itself a blockade; false for one that is told of elsewhere."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 20)
    except OSError:
        return False
    return any(
        line.split(b"#")[0].replace(b" ", b"").strip() == f"kind:{KIND}".encode()
        for line in head.splitlines()
        if not line.startswith((b" ", b"\t"))
    )


def load_blockade(path: Path) -> BlockadeCase:
    """Read a blockade with all files that it names.

    Raises:
        BadInput: with all faults that can be found in one go.
    """
    document = read_yaml(path)
    faults = FaultList()
    content: Any = document.content
    if isinstance(content, dict):
        for key in _OF_A_VEHICLE:
            if key in content:
                seen = "a key of scenarios with a vehicle"
                faults.add(document.where((key,)), seen, "none: a blockade has no vehicle")
                content.pop(key)
        content.pop("kind", None)
    faults.raise_if_any()
    if names_ids(content):
        document = with_ids_numbered(document, path, faults, None)
        content = document.content
    try:
        form = ScenarioForm.model_validate(_filled(content))
    except ValidationError as error:
        note_faults(error, ScenarioForm, document, faults)
        faults.raise_if_any()
        raise
    settings = read_settings(form.network, path.parent)
    network = open_scenario_network(document, form.network, settings)
    part = ScenarioPart(
        document=document, form=form, network=network, sides=sides_of(form, network, path.parent),
        faults=faults, points=PointSnapper(network), doubts=Findings(), vehicle=vehicle_of(form),
    )  # fmt: skip
    check_territories(part)
    check_places(part)
    units = units_of(part)
    rules = rules_of(form)
    snapped = snap_units(part, units, rules)
    closing = tuple(one for _, one in exits_of(part, ()))
    faults.raise_if_any()
    zone = ZoneInfo(form.zone) if form.zone else form.now.tzinfo
    assert zone is not None, "the form asks for a zone"  # noqa: S101
    problem = SealingProblem(
        network=network,
        vehicle=part.vehicle,
        sources=(Source(name="nobody", time_s=0.0, junction=0),),
        exits=closing,
        sites=_sites(part, closing),
        units=units,
        unit_places=tuple((point.section, point.fraction) for point in snapped),
        rules=rules,
        now_utc_s=form.now.timestamp(),
        zone=zone,
        doubts=part.doubts.all(),
    )
    places = {name: (place.lon, place.lat) for name, place in form.places.items()}
    return BlockadeCase(
        name=form.name or path.stem, problem=problem, zone=zone, places=places, settings=settings
    )


def _filled(content: object) -> object:
    """The content with a sighting that nobody made: the form of scenarios asks for one."""
    if not isinstance(content, dict):
        return content
    return {**content, "sightings": [{"at": content.get("now"), "junction": 0}]}


def _sites(part: ScenarioPart, closing: tuple[Exit, ...]) -> SiteList:
    """Each place to close as a site, with the set-up time of its road; one unit closes it."""
    setup = part.form.rules.setup_s
    network = part.network

    def setup_s(one: Exit) -> float:
        road = network.class_of(one.index) if one.kind is SiteKind.SECTION else DEFAULT
        return float(setup.get(road, setup[DEFAULT]))

    return SiteList(
        is_junction=np.array([one.kind is SiteKind.JUNCTION for one in closing], dtype=bool),
        index=np.array([one.index for one in closing], dtype=np.int32),
        need=np.ones(len(closing), dtype=np.int32),
        setup_s=np.array([setup_s(one) for one in closing]),
        disturbance=np.ones(len(closing)),
    )
